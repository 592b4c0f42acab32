package medmij

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/google/go-cmp/cmp"
)

const (
	aPatient = `{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","meta":{"profile":["http://fhir.nl/fhir/StructureDefinition/nl-core-patient"]}},
		"request":{"method":"POST","url":"Patient"}}`
	aWeight = `{"fullUrl":"urn:uuid:2","resource":{"resourceType":"Observation","meta":{"profile":["http://nictiz.nl/fhir/StructureDefinition/zib-BodyWeight"]},
		"code":{"coding":[{"system":"http://loinc.org","code":"29463-7","display":"Body weight"}]},
		"subject":{"reference":"urn:uuid:1","display":"A. Voorbeeld"}},"request":{"method":"POST","url":"Observation"}}`
)

func bundleOf(kind string, entries ...string) string {
	return `{"resourceType":"Bundle","type":"` + kind + `","entry":[` + strings.Join(entries, ",") + `]}`
}

func toSend() []byte { return []byte(bundleOf("batch", aPatient, aWeight)) }

func shareGrant(service string) *Grant {
	g := grantFor(service)
	g.Purpose, g.RefreshToken = Share, ""
	return g
}

func answerOf(kind, entries string) http.HandlerFunc {
	return always(200, `{"resourceType":"Bundle","type":"`+kind+`-response","entry":`+entries+`}`)
}

func TestDEL_04_EveryEntryHasItsResult(t *testing.T) {
	ok := EntryResult{OK: true, Known: true, Status: "201"}
	no := EntryResult{Known: true, Status: "422"}
	unsure := EntryResult{Status: "201"}
	why := []fhir.Issue{{Severity: "error", Code: "invalid", Diagnostics: "no"}}
	const outcome = `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":"no"}]}`
	for _, c := range []struct {
		name, kind, answer string
		want               []EntryResult
	}{
		{
			"all well", "batch", `[{"response":{"status":"201 Created","location":"Patient/1"}},{"response":{"status":"200"}}]`,
			[]EntryResult{{OK: true, Known: true, Status: "201 Created", Location: "Patient/1"}, {OK: true, Known: true, Status: "200"}},
		},
		{"F25 neither location nor resource", "batch", `[{"response":{"status":"201"}},{"response":{"status":"201"}}]`, []EntryResult{ok, ok}},
		{"F24 one refused", "batch", `[{"response":{"status":"201"}},{"response":{"status":"422"}}]`, []EntryResult{ok, no}},
		{"F24 one missing", "batch", `[{"response":{"status":"201"}}]`, []EntryResult{ok, {}}},
		{"one too many", "batch", `[{"response":{"status":"201"}},{"response":{"status":"201"}},{"response":{"status":"201"}}]`, []EntryResult{ok, ok}},
		{"no status", "batch", `[{"response":{"status":"201"}},{}]`, []EntryResult{ok, {}}},
		{
			"why it was refused", "batch", `[{"response":{"status":"422","outcome":` + outcome + `}},{"response":{"status":"201"}}]`,
			[]EntryResult{{Known: true, Status: "422", Issues: why}, ok},
		},
		{
			"an outcome as the resource of an entry", "batch", `[{"resource":` + outcome + `,"response":{"status":"422"}},{"response":{"status":"201"}}]`,
			[]EntryResult{{Known: true, Status: "422", Issues: why}, ok},
		},
		{
			"a remark about the whole", "transaction", `[{"response":{"status":"201"}},{"response":{"status":"201"}},{"resource":` + outcome + `}]`,
			[]EntryResult{ok, ok, {Issues: why}},
		},
		{"a status that only starts like one", "batch", `[{"response":{"status":"2010"}},{"response":{"status":"201"}}]`, []EntryResult{{Known: true, Status: "2010"}, ok}},
		{"a transaction", "transaction", `[{"response":{"status":"201"}},{"response":{"status":"201"}}]`, []EntryResult{ok, ok}},
		{"a transaction that says both", "transaction", `[{"response":{"status":"201"}},{"response":{"status":"422"}}]`, []EntryResult{unsure, no}},
		{"half a transaction", "transaction", `[{"response":{"status":"201"}}]`, []EntryResult{unsure, {}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			service := map[string]string{"batch": "53", "transaction": "57"}[c.kind]
			s := newSetup(t, answerOf(c.kind, c.answer))
			got, err := s.Send(t.Context(), shareGrant(service), service, []byte(bundleOf(c.kind, aPatient, aWeight)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDEL_01_MeasurementsAsBatchTheRestAsTransaction(t *testing.T) {
	for service, kind := range map[string]string{"53": "batch", "55": "transaction", "57": "transaction", "60": "transaction", corrections: "transaction"} {
		s := newSetup(t, answerOf(kind, `[]`), func(c *Config) { c.Services = []Service{CorrectionRequests(corrections)} })
		for _, wrong := range []string{"batch", "transaction", "collection", "searchset"} {
			if wrong == kind {
				continue
			}
			if _, err := s.Send(t.Context(), shareGrant(service), service, []byte(bundleOf(wrong, aPatient))); err == nil || len(s.net.requests()) > 0 {
				t.Errorf("%s takes a %s", service, wrong)
			}
		}
		sent := []byte(bundleOf(kind, aPatient, aWeight))
		if _, err := s.Send(t.Context(), shareGrant(service), service, sent); err != nil {
			t.Fatal(err)
		}
		mime := "application/fhir+json; fhirVersion=3.0"
		if service == corrections {
			mime = "application/fhir+json; fhirVersion=4.0"
		}
		r := s.net.requests()[0]
		for name, want := range map[string]string{
			"Content-Type": mime, "Accept": mime, "Prefer": "return=representation",
			"Authorization": "Bearer access-canary-1", "X-Correlation-ID": shareGrant(service).CorrelationID,
		} {
			if got := r.header(name); got != want {
				t.Errorf("%s: %s is %q", service, name, got)
			}
		}
		if r.Method != http.MethodPost || r.URL.String() != apiBase || r.body != string(sent) || !uuid4.MatchString(r.header("MedMij-Request-ID")) {
			t.Errorf("%s: the request is not the Bundle at the base", service)
		}
	}
}

func TestDEL_02_OnePatientAndEntriesInTheirForm(t *testing.T) {
	post := func(fullURL, id, url string) string {
		return fmt.Sprintf(`{"fullUrl":%q,"resource":{"resourceType":"Flag","id":%q,"meta":{"profile":["p"]}},"request":{"method":"POST","url":%q}}`, fullURL, id, url)
	}
	put := func(fullURL, id, url string) string {
		return strings.Replace(post(fullURL, id, url), "POST", "PUT", 1)
	}
	for _, c := range []struct {
		name, service string
		entries       []string
		good          bool
	}{
		{"one Patient and an item", "57", []string{aPatient, aWeight}, true},
		{"no Patient", "57", []string{aWeight}, false},
		{"two Patients", "57", []string{aPatient, aPatient, aWeight}, false},
		{"nothing", "57", nil, false},
		{"answers without a Patient", "60", []string{put("https://x.example.nl/fhir/Flag/t1", "t1", "Flag/t1"), post("urn:uuid:3", "", "Flag")}, true},
		{"two Patients with answers", "60", []string{aPatient, aPatient}, false},
		{"a new resource without a fullUrl", "60", []string{post("", "", "Flag")}, true},
		{"a new resource with an id", "60", []string{post("urn:uuid:3", "x", "Flag")}, false},
		{"a new resource with an address", "60", []string{post("https://x.example.nl/Flag/1", "", "Flag")}, false},
		{"a new resource at another type", "60", []string{post("urn:uuid:3", "", "Patient")}, false},
		{"a url that names the person", "60", []string{post("urn:uuid:3", "", "Flag?patient=1")}, false},
		{"an update without an id", "60", []string{put("urn:uuid:3", "", "Flag/")}, false},
		{"an update of another id", "60", []string{put("https://x.example.nl/Flag/t1", "t1", "Flag/t2")}, false},
		{"an update without a fullUrl", "60", []string{put("", "t1", "Flag/t1")}, false},
		{"a delete", "60", []string{strings.Replace(post("urn:uuid:3", "", "Flag"), "POST", "DELETE", 1)}, false},
		{"no resource", "60", []string{`{"request":{"method":"POST","url":"Flag"}}`}, false},
	} {
		s := newSetup(t, answerOf("transaction", `[]`))
		_, err := s.Send(t.Context(), shareGrant(c.service), c.service, []byte(bundleOf("transaction", c.entries...)))
		if (err == nil) != c.good || (len(s.net.requests()) > 0) != c.good {
			t.Errorf("%s: %v after %d requests", c.name, err, len(s.net.requests()))
		}
	}
}

func TestDEL_03_WhatIsSentFollowsTheRules(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
	}{
		{"no profile", `"meta":{"profile":["http://nictiz.nl/fhir/StructureDefinition/zib-BodyWeight"]},`, ``},
		{"a coding without system", `"system":"http://loinc.org",`, ``},
		{"a coding without code", `"code":"29463-7",`, ``},
		{"a value set as system", `http://loinc.org`, `urn:oid:2.16.840.1.113883.2.4.3.11.60.40.2.12.4.1`},
		{"a concept without words", `,"display":"Body weight"`, ``},
		{"a reference without display", `,"display":"A. Voorbeeld"`, ``},
		{"an identifier without value", `"code":{`, `"identifier":[{"system":"urn:oid:1.2"}],"code":{`},
		{"an identifier without system", `"code":{`, `"identifier":[{"value":"1"}],"code":{`},
		{"a citizen service number", `"code":{`, `"identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999900006"}],"code":{`},
	} {
		broken := strings.Replace(string(toSend()), c.from, c.to, 1)
		s := newSetup(t, answerOf("batch", `[]`))
		_, err := s.Send(t.Context(), shareGrant("53"), "53", []byte(broken))
		if broken == string(toSend()) || err == nil || len(s.net.requests()) > 0 {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && strings.Contains(err.Error(), "29463") {
			t.Errorf("%s: the error holds content: %v", c.name, err)
		}
	}
	for name, code := range map[string]string{
		"words instead of a display": `{"coding":[{"system":"http://loinc.org","code":"29463-7"}],"text":"Gewicht"}`,
		"words only":                 `{"text":"Gewicht"}`,
		"a concept that is absent":   `{"coding":[{"system":"http://loinc.org","code":"29463-7"}],"extension":[{"url":"x"}]}`,
		"an identifier with a type":  `{"text":"x"},"identifier":[{"type":{"text":"t"},"value":"1"}]`,
	} {
		whole := strings.Replace(string(toSend()), `{"coding":[{"system":"http://loinc.org","code":"29463-7","display":"Body weight"}]}`, code, 1)
		s := newSetup(t, answerOf("batch", `[]`))
		if _, err := s.Send(t.Context(), shareGrant("53"), "53", []byte(whole)); err != nil || whole == string(toSend()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDEL_05_NothingIsSentTwice(t *testing.T) {
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		unknown bool
		code    string
	}{
		{"503", always(503, ""), true, CodeUnavailable},
		{"500", always(500, ""), true, CodeUnavailable},
		{"not readable", always(200, "<html>"), true, CodeBad},
		{"another Bundle", always(200, bundle("")), true, CodeBad},
		{"accepted, and no more said", always(202, ""), true, CodeBad},
		{"no content", always(204, ""), true, CodeBad},
		{"F08 refused", always(422, ""), false, "P-422"},
		{"401", always(401, ""), false, CodeExpired},
		{"busy", always(429, ""), false, CodeBusy},
		{"a redirect that repeats", always(307, ""), false, CodeTrust},
		{"a redirect to the outcome", always(303, ""), true, CodeTrust},
		{"a redirect that may be either", always(302, ""), true, CodeTrust},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newSetup(t, c.handler)
			_, err := s.Send(t.Context(), shareGrant("53"), "53", toSend())
			if errors.Is(err, ErrUnknownOutcome) != c.unknown || codeOf(err) != c.code {
				t.Errorf("%s: %v", c.name, err)
			}
			if n := len(s.net.requests()); n != 1 {
				t.Errorf("%s: sent %d times", c.name, n)
			}
		})
	}
}

// stage is where a server breaks off: it counts the requests it could have
// taken.
type stage struct {
	name    string
	raw     func(net.Conn) // before TLS; nil lets the handshake happen
	handler http.HandlerFunc
	unknown bool
}

func (s stage) serve(t *testing.T, ca *authority) (port string, arrived *atomic.Int32) {
	t.Helper()
	arrived = new(atomic.Int32)
	if s.raw == nil {
		port, _ = tlsServer(t, ca.issue(t, local, farAway()), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			arrived.Add(1)
			s.handler(w, r)
		}))
		return port, arrived
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.raw(conn)
		}
	}()
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	return port, arrived
}

// DEL-05: where a connection breaks decides what can be said, and nothing is
// repeated anywhere.
func TestDEL_05_AServerThatBreaksOffAtEveryStage(t *testing.T) {
	hijack := func(write string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprint(conn, write)
		}
	}
	for _, c := range []stage{
		{name: "before the handshake", raw: func(conn net.Conn) { conn.Close() }},
		{name: "during the handshake", raw: func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 100))
			conn.Close()
		}},
		{name: "instead of the body", handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, unknown: true},
		{name: "after the body", handler: hijack(""), unknown: true},
		{name: "in the status line", handler: hijack("HTTP/1.1 2"), unknown: true},
		{name: "in the headers", handler: hijack("HTTP/1.1 200 OK\r\nContent-Ty"), unknown: true},
		{name: "in the answer", handler: hijack("HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 500\r\n\r\n{\"resourceType\":"), unknown: true},
		{name: "with garbage", handler: hijack("hello\r\n"), unknown: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ca := newAuthority(t)
			port, arrived := c.serve(t, ca)
			s := newSetup(t, nil, func(cfg *Config) { cfg.Transport = direct(t, TLS{Roots: ca.pool}, true, local) })
			g := shareGrant("53")
			g.Services[0].Roles[0].Base = fmt.Sprintf("https://%s:%s/fhir", local, port)
			_, err := s.Send(t.Context(), g, "53", toSend())
			if err == nil || errors.Is(err, ErrUnknownOutcome) != c.unknown {
				t.Errorf("the error is %v", err)
			}
			want := int32(0)
			if c.unknown {
				want = 1
			}
			if n := arrived.Load(); n != want {
				t.Errorf("%d requests arrived, want %d", n, want)
			}
			// What did not leave may be tried again with the same consent.
			_, err = s.Send(t.Context(), g, "53", toSend())
			if errors.Is(err, ErrConsentEnded) != c.unknown {
				t.Errorf("the second time: %v", err)
			}
		})
	}
}

func TestDEL_05_AHostThatIsNotAllowedGetsNothing(t *testing.T) {
	s := newSetup(t, answerOf("batch", `[]`))
	g := shareGrant("53")
	g.Services[0].Roles[0].Base = "https://evil.example.nl/fhir"
	_, err := s.Send(t.Context(), g, "53", toSend())
	if !errors.Is(err, ErrNotAllowed) || errors.Is(err, ErrUnknownOutcome) || codeOf(err) != CodeTrust || len(s.net.requests()) != 0 {
		t.Errorf("%v", err)
	}
}

func TestDEL_05_NobodyThereIsNothingSent(t *testing.T) {
	s := newSetup(t, nil, func(c *Config) { c.Transport = direct(t, TLS{Roots: newAuthority(t).pool}, true, local) })
	g := shareGrant("53")
	g.Services[0].Roles[0].Base = "https://" + local + ":1/fhir"
	if _, err := s.Send(t.Context(), g, "53", toSend()); err == nil || errors.Is(err, ErrUnknownOutcome) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestDEL_05_AProviderThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		start := time.Now()
		_, err := s.Send(t.Context(), shareGrant("53"), "53", toSend())
		if codeOf(err) != CodeTimeout || !errors.Is(err, ErrUnknownOutcome) || len(s.net.requests()) != 1 {
			t.Errorf("%v after %d requests", err, len(s.net.requests()))
		}
		if took := time.Since(start); took != 65*time.Second {
			t.Errorf("given up after %v", took)
		}
	})
}

func TestDEL_06_AConsentToShareIsGoodForOneTime(t *testing.T) {
	s := newSetup(t, answerOf("batch", `[]`))
	first, second := shareGrant("53"), shareGrant("53")
	second.AccessToken = "access-canary-2"
	for i, step := range []struct {
		g    *Grant
		good bool
	}{{first, true}, {first, false}, {second, true}, {second, false}} {
		_, err := s.Send(t.Context(), step.g, "53", toSend())
		if (err == nil) != step.good || !step.good && !errors.Is(err, ErrConsentEnded) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if n := len(s.net.requests()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
	fixed := shareGrant("53")
	fixed.Consented = time.Time{}
	for range 2 {
		if _, err := s.Send(t.Context(), fixed, "53", toSend()); err != nil {
			t.Errorf("a fixed token: %v", err)
		}
	}
}

func TestSendStopsWhenAsked(t *testing.T) {
	s := newSetup(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Send(ctx, shareGrant("53"), "53", toSend()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestWhatIsNotSent(t *testing.T) {
	collectGrant, ended := shareGrant("53"), shareGrant("53")
	collectGrant.Purpose = Collect
	ended.AccessToken = ""
	for name, send := range map[string]struct {
		g             *Grant
		service, body string
	}{
		"a grant to collect with": {collectGrant, "53", string(toSend())},
		"a token that ended":      {ended, "53", string(toSend())},
		"another service":         {shareGrant("53"), "57", string(toSend())},
		"a collect service":       {shareGrant("53"), "49", string(toSend())},
		"no Bundle":               {shareGrant("53"), "53", "{}"},
		"no JSON":                 {shareGrant("53"), "53", "<Bundle/>"},
	} {
		s := newSetup(t, always(200, "{}"))
		if _, err := s.Send(t.Context(), send.g, send.service, []byte(send.body)); err == nil || len(s.net.requests()) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
