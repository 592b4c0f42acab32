package medmij

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// declaredCodes are the values of all constants of the package named Code...
func declaredCodes(t *testing.T) map[string]string {
	t.Helper()
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Names) != len(spec.Values) {
				return true
			}
			for i, id := range spec.Names {
				value, ok := spec.Values[i].(*ast.BasicLit)
				if text, err := strconv.Unquote(valueOf(value)); ok && err == nil && strings.HasPrefix(id.Name, "Code") {
					codes[text] = id.Name
				}
			}
			return true
		})
	}
	return codes
}

func valueOf(lit *ast.BasicLit) string {
	if lit == nil {
		return ""
	}
	return lit.Value
}

func TestEveryCodeHasItsWords(t *testing.T) {
	codes := declaredCodes(t)
	if len(codes) < 25 {
		t.Fatalf("only %d codes found", len(codes))
	}
	nexts := []Next{NextRetry, NextLogin, NextProvider, NextMaker, NextSelf}
	for _, f := range Failures() {
		if codes[f.Code] == "" {
			t.Errorf("%q is in the table twice or is no constant", f.Code)
		}
		delete(codes, f.Code)
		if f.When == "" || !slices.Contains(nexts, f.Next) {
			t.Errorf("%s: when %q, next %q", f.Code, f.When, f.Next)
		}
		for _, w := range []Words{f.Dutch, f.English} {
			if w.What == "" || w.Step == "" || w.anyone == "" {
				t.Errorf("%s lacks words: %+v", f.Code, w)
			}
		}
		if f.Dutch.What == f.English.What || f.Dutch.Step == f.English.Step || f.Dutch.anyone == f.English.anyone {
			t.Errorf("%s is not in two languages", f.Code)
		}
		if strings.Contains(f.Dutch.What, placeholder) != strings.Contains(f.English.What, placeholder) {
			t.Errorf("%s names the provider in one language only", f.Code)
		}
	}
	for code, name := range codes {
		t.Errorf("%s (%q) has no words", name, code)
	}
}

// TestDutchFailuresArePlain checks what a program can of product.md 6.16.
func TestDutchFailuresArePlain(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)medicatie|consult\b|anamnese|resource|token|synchron|zorgaanbieder|niet aanwezig|helaas|oeps|succesvol|fout\b|error|server|certificaat|http|!|—`)
	sentences, words := 0, 0
	for _, f := range Failures() {
		text := f.Dutch.What + " " + f.Dutch.Step
		if found := forbidden.FindString(text); found != "" {
			t.Errorf("%s says %q", f.Code, found)
		}
		for _, sentence := range regexp.MustCompile(`[.?]( |$)`).Split(text, -1) {
			n := len(strings.Fields(sentence))
			if n > 22 {
				t.Errorf("%s has a sentence of %d words", f.Code, n)
			}
			if n > 0 {
				sentences, words = sentences+1, words+n
			}
		}
		for _, part := range []string{f.Dutch.What, f.Dutch.Step, f.English.What, f.English.Step} {
			if !strings.HasSuffix(part, ".") && !strings.HasSuffix(part, "?") {
				t.Errorf("%s: %q is not a sentence", f.Code, part)
			}
		}
	}
	if sentences == 0 || words/sentences > 15 {
		t.Errorf("%d words in %d sentences", words, sentences)
	}
}

func TestWordsNameTheProvider(t *testing.T) {
	for _, c := range []struct{ name, code, lang, provider, what, step string }{
		{"a name", CodeUnavailable, "nl", "De Linde", "De Linde reageert niet. Dat ligt niet aan u.", "Probeer het later opnieuw."},
		{"nobody at the beginning", CodeUnavailable, "nl", "", "Uw zorgverlener reageert niet. Dat ligt niet aan u.", "Probeer het later opnieuw."},
		{"nobody in the middle", CodeNotOffered, "en", "", "Your care provider does not offer this part.", "Is something missing? Ask your care provider."},
		{"a name that looks like our sign", CodeExpired, "en", "{provider}", "Your permission at {provider} has ended.", "Log in again."},
		{"another language is Dutch", CodeExpired, "fy", "De Linde", "Uw toestemming bij De Linde is verlopen.", "Log opnieuw in."},
		{"a status without words", "P-418", "nl", "De Linde", "Bij De Linde is iets niet gelukt. Uw bewaarde gegevens blijven staan.", "Probeer het later opnieuw."},
		{"no code", "", "en", "De Linde", "Something did not work at De Linde. Your saved records stay.", "Try again later."},
	} {
		w := Explain(c.code, c.lang).For(c.provider)
		if diff := cmp.Diff([]string{c.what, c.step}, []string{w.What, w.Step}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestASecondSentenceBeginsWithACapital(t *testing.T) {
	w := dutch("Het lukt niet. {provider} weet meer.", "Bel {provider}.").For("")
	if w.What != "Het lukt niet. Uw zorgverlener weet meer." || w.Step != "Bel uw zorgverlener." {
		t.Errorf("%+v", w)
	}
}

// TestUX_04_EveryErrorClassHasPlainWords goes through the tables of 3.5 and 4.3
// with a whole client: what happens, then what the person reads.
func TestUX_04_EveryErrorClassHasPlainWords(t *testing.T) {
	for _, c := range []struct {
		name  string
		error string // at the callback; empty: the state is wrong
		want  string
	}{
		{"stopped, refused or nothing there", "access_denied", "U hebt geen toestemming gegeven, of De Linde heeft geen gegevens voor u. U kunt opnieuw beginnen."},
		{"our request is wrong", "invalid_request", "Er ging iets mis tussen deze app en De Linde. Meld dit bij de maker van deze app."},
		{"our scope is wrong", "invalid_scope", "Er ging iets mis tussen deze app en De Linde."},
		{"we are not known", "unauthorized_client", "Er ging iets mis tussen deze app en De Linde."},
		{"another response type", "unsupported_response_type", "Er ging iets mis tussen deze app en De Linde."},
		{"their trouble", "server_error", "De Linde reageert niet. Dat ligt niet aan u. Probeer het later opnieuw."},
		{"their trouble for now", "temporarily_unavailable", "De Linde reageert niet. Dat ligt niet aan u. Probeer het later opnieuw."},
		{"an error nobody knows", "401", "De Linde reageert niet."},
		{"a login of somebody else", "", "Deze aanmelding is verlopen, of begon in een andere browser. Begin opnieuw."},
	} {
		s := newSetup(t, always(500, ""))
		l, q := begin(t, s, connection("54"), Collect)
		answer := url.Values{"error": {c.error}, "state": {q.Get("state")}}
		if c.error == "" {
			answer = url.Values{"code": {"x"}, "state": {"made up"}}
		}
		_, err := s.Finish(t.Context(), l, l.Handle, answer)
		mustRead(t, c.name, CodeOf(err), c.want)
	}
	for status, want := range map[int]string{
		302: "De verbinding met De Linde is niet te vertrouwen. Daarom zijn wij gestopt.",
		400: "Bij De Linde is iets niet gelukt. Uw bewaarde gegevens blijven staan.",
		401: "Uw toestemming bij De Linde is verlopen. Log opnieuw in.",
		403: "De Linde geeft geen toegang. Uw bewaarde gegevens blijven staan.",
		404: "De Linde biedt dit onderdeel niet aan.",
		406: "Bij De Linde is iets niet gelukt.",
		410: "De Linde biedt dit onderdeel niet aan.",
		415: "Bij De Linde is iets niet gelukt.",
		422: "De Linde nam dit niet aan. Het blijft bij u staan.",
		429: "Het is druk bij De Linde. Dat ligt niet aan u. Probeer het later opnieuw.",
		500: "De Linde reageert niet. Dat ligt niet aan u. Probeer het later opnieuw.",
		502: "De Linde reageert niet.",
		503: "De Linde reageert niet.",
		504: "De Linde reageert niet.",
	} {
		s := newSetup(t, always(status, ""), func(c *Config) { c.Limits.Tries = 1 })
		g := grantFor("54")
		g.RefreshToken = ""
		mustRead(t, fmt.Sprint("status ", status), oneQuery(t, fetchOne(t, s, g)).Detail, want)
	}
	s := newSetup(t, always(200, "<html>"))
	mustRead(t, "a page instead of a Bundle", oneQuery(t, fetchOne(t, s, grantFor("54"))).Detail, "De Linde stuurde iets dat wij niet konden lezen.")
	s = newSetup(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { pause(r, time.Hour) }), func(c *Config) { c.Limits.PageCall = time.Millisecond; c.Limits.Tries = 1 })
	mustRead(t, "silence", oneQuery(t, fetchOne(t, s, grantFor("54"))).Detail, "De Linde reageert niet op tijd.")
}

func mustRead(t *testing.T, name, code, want string) {
	t.Helper()
	w := Explain(code, "nl").For("De Linde")
	if got := w.What + " " + w.Step; !strings.HasPrefix(got, want) {
		t.Errorf("%s: %s reads %q, want %q", name, code, got, want)
	}
}

func TestNothingSaysWhichOfTheTwoItWas(t *testing.T) {
	for _, lang := range []string{"nl", "en"} {
		w := Explain(CodeCancel, lang).For("De Linde")
		refused, nothing := strings.Contains(w.What, "toestemming") || strings.Contains(w.What, "permission"), strings.Contains(w.What, "De Linde")
		if !refused || !nothing || FailureOf(CodeCancel).Next != NextLogin {
			t.Errorf("%s: %+v", lang, w)
		}
	}
}

func TestCodeOfAnError(t *testing.T) {
	busy := &Error{Code: CodeTimeout, Op: "send", Err: errors.Join(ErrUnknownOutcome, errTooSlow)}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"nothing", nil, ""},
		{"ours", &Error{Code: CodeCancel}, CodeCancel},
		{"ours, wrapped", fmt.Errorf("connect: %w", &Error{Code: "P-418"}), "P-418"},
		{"an unknown outcome is not to be tried again", busy, CodeUnknown},
		{"consent ended", ErrConsentEnded, CodeExpired},
		{"not granted", fmt.Errorf("medmij: send: %w", ErrNotGranted), CodeForbidden},
		{"no lists", ErrNoLists, CodeLists},
		{"old lists", fmt.Errorf("x: %w", ErrStale), CodeLists},
		{"not on the Whitelist", ErrNotAllowed, CodeTrust},
		{"time ran out", fmt.Errorf("collect: %w", context.DeadlineExceeded), CodeTimeout},
		{"an answer that cannot be read", errBad, CodeBad},
		{"a mistake in a program", errors.New("no such file"), CodeOther},
	} {
		if got := CodeOf(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestOldListsAreNotAMatterOfTrust: L06 of conformance.md 4.
func TestOldListsAreNotAMatterOfTrust(t *testing.T) {
	for _, problem := range []error{ErrStale, ErrNoLists} {
		d := direct(t, TLS{}, false, apiHost)
		d.cfg.Directory = func() (*Directory, error) { return nil, problem }
		s := newSetup(t, always(200, ""), func(c *Config) { c.Transport = d })
		_, err := s.Begin(t.Context(), connection("54"), Collect)
		if !errors.Is(err, problem) || CodeOf(err) != CodeLists {
			t.Errorf("begin: %v has code %s", err, CodeOf(err))
		}
		if r := oneQuery(t, fetchOne(t, s, grantFor("54"))); r.Detail != CodeLists {
			t.Errorf("fetch: %+v", r)
		}
	}
}

// TestWhoseCertificateItIs: T01, T07 and T08 of conformance.md 4, over real TLS.
func TestWhoseCertificateItIs(t *testing.T) {
	ca, foreign := newAuthority(t), newAuthority(t)
	hour := time.Now().Add(time.Hour)
	ours := ca.issue(t, "pgo.example.nl", hour)
	ask := func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, ca.pool }
	only12 := func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }
	for _, c := range []struct {
		name   string
		theirs *tls.Certificate
		ours   *tls.Certificate
		change []func(*tls.Config)
		want   string
	}{
		{"T01 their certificate ended", ca.issue(t, local, time.Now().Add(-time.Minute)), ours, nil, CodeClock},
		{"T03 of an authority we do not know", foreign.issue(t, local, hour), ours, nil, CodeTrust},
		{"T02 of another host", ca.issue(t, "other.medmij.localhost", hour), ours, nil, CodeTrust},
		{"T07 we have none", ca.issue(t, local, hour), nil, []func(*tls.Config){ask}, CodeConfig},
		// There the alert is the same as when no cipher fits.
		{"T07 we have none, TLS 1.2", ca.issue(t, local, hour), nil, []func(*tls.Config){ask, only12}, CodeTrust},
		{"T08 ours is of another authority", ca.issue(t, local, hour), foreign.issue(t, "pgo.example.nl", hour), []func(*tls.Config){ask}, CodeConfig},
		{"T08 ours ended", ca.issue(t, local, hour), ca.issue(t, "pgo.example.nl", time.Now().Add(-time.Minute)), []func(*tls.Config){ask}, CodeConfig},
	} {
		t.Run(c.name, func(t *testing.T) {
			port, _ := tlsServer(t, c.theirs, always(200, "{}"), c.change...)
			_, err := get(t, direct(t, TLS{Roots: ca.pool, Certificate: c.ours}, true, local), "https://"+local+":"+port+"/x")
			if err == nil || codeOf(err) != c.want || !untrusted(err) {
				t.Errorf("%v has code %s, want %s", err, codeOf(err), c.want)
			}
		})
	}
}

var update = flag.Bool("update", false, "write docs/ERRORS.md anew")

// errorsPage is docs/ERRORS.md.
func errorsPage() string {
	var b strings.Builder
	b.WriteString("# What goes wrong, in words\n\n" +
		"Made from `medmij.Failures()` by `make golden`; a test keeps it equal. `medmij.Explain` gives the words, `{provider}` is the name of the\n" +
		"provider, and *next* is the button that belongs to it. A code `P-` with another HTTP status reads as `" + CodeOther + "`.\n\n" +
		"| code | when | Nederlands | English | next |\n|---|---|---|---|---|\n")
	for _, f := range Failures() {
		fmt.Fprintf(&b, "| `%s` | %s | %s **%s** | %s **%s** | %s |\n", f.Code, f.When, f.Dutch.What, f.Dutch.Step, f.English.What, f.English.Step, f.Next)
	}
	return b.String()
}

func TestErrorsPageIsTheTable(t *testing.T) {
	const name = "../docs/ERRORS.md"
	if *update {
		if err := os.WriteFile(name, []byte(errorsPage()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(errorsPage(), string(got)); diff != "" {
		t.Errorf("docs/ERRORS.md is not the table; run make golden (-want +got):\n%s", diff)
	}
}
