package medmij

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// login goes through a whole login with the given token endpoint.
func login(t *testing.T, s *setup, services ...string) (*Grant, Login, error) {
	t.Helper()
	l, q := begin(t, s, connection("48", "49"), Collect, services...)
	g, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"code-canary"}, "state": {q.Get("state")}})
	return g, l, err
}

// tokenRequest is the request for tokens of a login, and its form.
func tokenRequest(t *testing.T) (sentRequest, url.Values, Login, *Grant) {
	t.Helper()
	s := newSetup(t, tokenServer(goodAnswer))
	g, l, err := login(t, s)
	if err != nil {
		t.Fatal(err)
	}
	sent := s.net.requests()
	if len(sent) != 1 {
		t.Fatalf("%d requests, want 1", len(sent))
	}
	form, err := url.ParseQuery(sent[0].body)
	if err != nil {
		t.Fatal(err)
	}
	return sent[0], form, l, g
}

func TestTOK_01_AFormIsPosted(t *testing.T) {
	r, _, _, g := tokenRequest(t)
	if r.Method != http.MethodPost || r.URL.String() != "https://"+apiHost+"/token" || r.header("Content-Type") != "application/x-www-form-urlencoded" {
		t.Errorf("%s %s %s", r.Method, r.URL, r.header("Content-Type"))
	}
	if r.header("Accept") != "application/json" {
		t.Errorf("Accept is %q", r.header("Accept"))
	}
	if g.AccessToken != "access-canary-2" || g.RefreshToken != "refresh-canary-2" || g.Source() != "medmij:huisarts-delinde@medmij" {
		t.Error("the grant is not what was given")
	}
}

func TestTOK_02_ExactlyTheFourParameters(t *testing.T) {
	_, form, _, _ := tokenRequest(t)
	want := url.Values{
		"grant_type": {"authorization_code"}, "code": {"code-canary"},
		"client_id": {"pgo.example.nl"}, "redirect_uri": {"https://pgo.example.nl/oauth/callback"},
	}
	if diff := cmp.Diff(want, form); diff != "" {
		t.Error(diff)
	}
}

func TestTOK_03_TheRedirectURIIsThatOfTheAuthorization(t *testing.T) {
	s := newSetup(t, tokenServer(goodAnswer))
	l, q := begin(t, s, connection("49"), Collect)
	// Another address by the time of the callback, as after a restart on another port.
	s.cfg.RedirectURI = "https://pgo.example.nl/elsewhere"
	if _, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"c"}, "state": {q.Get("state")}}); err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(s.net.requests()[0].body)
	if err != nil || form.Get("redirect_uri") != q.Get("redirect_uri") {
		t.Errorf("%q, want %q", form.Get("redirect_uri"), q.Get("redirect_uri"))
	}
}

func TestTOK_04_TheClientIDIsThatOfTheAuthorization(t *testing.T) {
	s := newSetup(t, tokenServer(goodAnswer))
	_, q := begin(t, s, connection("49"), Collect)
	_, form, _, _ := tokenRequest(t)
	if form.Get("client_id") != q.Get("client_id") {
		t.Errorf("%q, want %q", form.Get("client_id"), q.Get("client_id"))
	}
}

func TestTOK_05_CodeOfferedAtMostOnce(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"reset": func(http.ResponseWriter, *http.Request) { panic("reset") },
		"503":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"429":   func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "1"); w.WriteHeader(429) },
		"401":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
		"hang":     func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"bad JSON": tokenServer("{"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSetup(t, handler)
				start := time.Now()
				_, _, err := login(t, s)
				var e *Error
				if !errors.As(err, &e) {
					t.Errorf("got %v", err)
				}
				if n := len(s.net.requests()); n != 1 {
					t.Errorf("the code was offered %d times", n)
				}
				if time.Since(start) > 16*time.Second {
					t.Errorf("took %v", time.Since(start))
				}
			})
		})
	}
}

func TestTOK_06_NoSecretAndNoBasicAuthorization(t *testing.T) {
	r, form, _, _ := tokenRequest(t)
	if r.header("Authorization") != "" || form.Has("client_secret") || r.URL.User != nil || r.URL.RawQuery != "" {
		t.Error("the request has a secret")
	}
}

func TestTOK_07_AnIDOfItsOwn(t *testing.T) {
	r, _, l, _ := tokenRequest(t)
	u, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	if id := r.header("MedMij-Request-ID"); !uuid4.MatchString(id) || id == u.Query().Get("MedMij-Request-ID") {
		t.Errorf("id %q", id)
	}
	if _, spelled := map[string][]string(r.Header)["MedMij-Request-ID"]; !spelled {
		t.Error("the header is not spelled as MedMij does")
	}
}

func TestTOK_08_TheChainOfTheAuthorization(t *testing.T) {
	r, _, l, g := tokenRequest(t)
	if r.header("X-Correlation-ID") != l.CorrelationID || g.CorrelationID != l.CorrelationID {
		t.Error("another correlation id")
	}
}

// given is a token answer and what comes of it: a grant, or an error's code.
type given struct {
	name, answer string
	life         time.Duration
	granted      string
	code         string
}

func answers(t *testing.T, all ...given) {
	t.Helper()
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			s := newSetup(t, tokenServer(c.answer))
			g, _, err := login(t, s)
			if c.code != "" {
				if codeOf(err) != c.code || g != nil {
					t.Errorf("got %v, want %s", err, c.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if life := time.Until(g.Expiry).Round(time.Second); life != c.life {
				t.Errorf("lives %v, want %v", life, c.life)
			}
			if got := strings.Join(g.Granted, " "); got != c.granted {
				t.Errorf("granted %q, want %q", got, c.granted)
			}
		})
	}
}

// with is a good answer with more in it.
func with(extra string) string { return `{"access_token":"a","token_type":"bearer"` + extra + `}` }

const quarter = 15 * time.Minute

func TestTOK_09_OnlyBearerTokens(t *testing.T) {
	for _, kind := range []string{"Bearer", "bearer", "BEARER", "bEaReR"} {
		answers(t, given{kind, `{"access_token":"a","token_type":"` + kind + `"}`, quarter, "48 49", ""})
	}
	for _, kind := range []string{"mac", "DPoP", "", "bearer token", "N_A"} {
		answers(t, given{"refused " + kind, `{"access_token":"a","token_type":"` + kind + `"}`, 0, "", CodeBad})
	}
	answers(t, given{"no type", `{"access_token":"a"}`, 0, "", CodeBad})
}

func TestTOK_10_NeitherRefreshTokenNorScope(t *testing.T) {
	answers(t, given{"nothing but the token", with(``), quarter, "48 49", ""})
	s := newSetup(t, tokenServer(with(``)))
	g, _, err := login(t, s)
	if err != nil || g.Renewable() || !g.ConsentEnd().IsZero() || g.LapsesSoon(time.Now()) {
		t.Errorf("a consent for one time: %v", err)
	}
}

func TestTOK_11_TheScopeSaysWhatIsGranted(t *testing.T) {
	answers(
		t,
		given{"by number", with(`,"scope":"48 49"`), quarter, "48 49", ""},
		given{"fewer, by number", with(`,"scope":"48"`), quarter, "48", ""},
		given{"by name", with(`,"scope":"huisarts-delinde~49 huisarts-delinde~48"`), quarter, "49 48", ""},
		given{"by name, with its ending", with(`,"scope":"Huisarts-Delinde@medmij~49"`), quarter, "49", ""},
		given{"twice", with(`,"scope":"48 huisarts-delinde~48"`), quarter, "48", ""},
		given{"more than asked", with(`,"scope":"48 51 99"`), quarter, "48", ""},
		given{"another provider", with(`,"scope":"apotheek-dezon~48"`), quarter, "", ""},
		given{"the scope that was asked", with(`,"scope":"huisarts-delinde"`), quarter, "48 49", ""},
		given{"absent", with(``), quarter, "48 49", ""},
		given{"empty", with(`,"scope":" "`), quarter, "48 49", ""},
		given{"nonsense", with(`,"scope":"x ~48 48~ -1"`), quarter, "", ""},
	)
	// Of what was not granted nothing is asked.
	s := newSetup(t, withData(tokenServer(with(`,"scope":"46"`))))
	l, q := begin(t, s, connection("46", "48", "49"), Collect)
	g, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"c"}, "state": {q.Get("state")}})
	if err != nil {
		t.Fatal(err)
	}
	fetchOne(t, s, g)
	if n := len(s.net.requests()); n != 2 {
		t.Errorf("%d requests, want the token and the one query of 46", n)
	}
}

func TestTOK_12_TokensAreOpaque(t *testing.T) {
	long := strings.Repeat("eyJhbGciOi.", 744) // 8184 bytes
	answers(
		t,
		given{"as long as allowed", `{"access_token":"` + long + `","token_type":"bearer","refresh_token":"` + long + `"}`, quarter, "48 49", ""},
		given{"every visible character", `{"access_token":"!#$%&'()*+,-./0:;<=>?@[]^_{|}~\"\\","token_type":"bearer"}`, quarter, "48 49", ""},
		given{"no token", `{"token_type":"bearer"}`, 0, "", CodeBad},
		given{"an empty one", `{"access_token":"","token_type":"bearer"}`, 0, "", CodeBad},
		given{"a line break", `{"access_token":"a\r\nX: y","token_type":"bearer"}`, 0, "", CodeBad},
		given{"a line break in the other", with(`,"refresh_token":"a\nb"`), 0, "", CodeBad},
		given{"a space", `{"access_token":"a b","token_type":"bearer"}`, 0, "", CodeBad},
		given{"no ASCII", `{"access_token":"é","token_type":"bearer"}`, 0, "", CodeBad},
		given{"too long", `{"access_token":"` + strings.Repeat("a", maxToken+1) + `","token_type":"bearer"}`, 0, "", CodeBad},
		given{"too long, the other", with(`,"refresh_token":"` + strings.Repeat("a", maxToken+1) + `"`), 0, "", CodeBad},
		given{"a number", `{"access_token":5,"token_type":"bearer"}`, 0, "", CodeBad},
	)
}

func TestTOK_13_TheCodeIsExchangedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var offered time.Time
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			offered = time.Now()
			tokenServer(goodAnswer)(w, r)
		}))
		l, q := begin(t, s, connection("49"), Collect)
		time.Sleep(10 * time.Minute) // the person logs in
		back := time.Now()
		if _, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"c"}, "state": {q.Get("state")}}); err != nil {
			t.Fatal(err)
		}
		if wait := offered.Sub(back); wait > 10*time.Second {
			t.Errorf("the code waited %v", wait)
		}
	})
}

func TestLifetimesOfTokens(t *testing.T) {
	answers(
		t,
		given{"a number", with(`,"expires_in":600`), 10 * time.Minute, "48 49", ""},
		given{"a number as text", with(`,"expires_in":"300"`), 5 * time.Minute, "48 49", ""},
		given{"a fraction", with(`,"expires_in":600.25`), 10 * time.Minute, "48 49", ""},
		given{"with an exponent", with(`,"expires_in":9e2`), quarter, "48 49", ""},
		given{"absent", with(``), quarter, "48 49", ""},
		given{"null", with(`,"expires_in":null`), quarter, "48 49", ""},
		given{"zero", with(`,"expires_in":0`), quarter, "48 49", ""},
		given{"negative", with(`,"expires_in":-5`), quarter, "48 49", ""},
		given{"a word", with(`,"expires_in":"soon"`), quarter, "48 49", ""},
		given{"a list", with(`,"expires_in":[1]`), quarter, "48 49", ""},
		given{"a year", with(`,"expires_in":31536000`), 24 * time.Hour, "48 49", ""},
		given{"more than fits", with(`,"expires_in":99999999999999999999999`), 24 * time.Hour, "48 49", ""},
		given{"far more than fits", with(`,"expires_in":1e999`), 24 * time.Hour, "48 49", ""},
		given{"more members", with(`,"x":{"y":[1]},"id_token":"z"`), quarter, "48 49", ""},
		given{"not JSON", `<html>`, 0, "", CodeBad},
		given{"a list of answers", `[` + with(``) + `]`, 0, "", CodeBad},
		given{"an error with 200", `{"error":"invalid_grant"}`, 0, "", CodeLogin},
	)
}

func TestTOK_20_ErrorAnswers(t *testing.T) {
	for _, c := range []struct {
		name, kind, body string
		status           int
		code             string
	}{
		{"invalid_grant", "application/json", `{"error":"invalid_grant","error_description":"canary"}`, 400, CodeLogin},
		{"invalid_client", "application/json", `{"error":"invalid_client"}`, 401, CodeClient},
		{"a page", "text/html", "<html>canary</html>", 400, CodeUnavailable},
		{"text", "text/plain", "canary", 401, CodeUnavailable},
		{"a form with 400", "application/x-www-form-urlencoded", "error=invalid_grant", 400, CodeUnavailable},
		{"no type with 200", "", goodAnswer, 200, CodeBad},
		{"too large", "application/json", `{"x":"` + strings.Repeat("x", 300<<10) + `"}`, 200, CodeBad},
		{"a page with 200", "text/html", "<html>canary</html>", 200, CodeBad},
		{"a form", "application/x-www-form-urlencoded", "access_token=a&token_type=bearer", 200, CodeBad},
		{"busy", "application/json", `{}`, 503, CodeUnavailable},
		{"an unknown error", "application/json", `{"error":"canary"}`, 400, CodeUnavailable},
		{"a redirect", "text/html", "", 302, CodeTrust},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			}))
			_, _, err := login(t, s)
			if codeOf(err) != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
			if strings.Contains(fmt.Sprint(err), "canary") || strings.Contains(s.log.String(), "canary") {
				t.Error("the provider's words are in the error or the log")
			}
		})
	}
}

func TestOnlyChosenServicesAreGranted(t *testing.T) {
	s := newSetup(t, tokenServer(`{"access_token":"a","token_type":"bearer","scope":"48 49"}`))
	g, _, err := login(t, s, "49")
	if err != nil || !g.Has("49") || g.Has("48") {
		t.Errorf("granted %v, %v", g.Granted, err)
	}
}

func TestAGrantKeepsItsSecrets(t *testing.T) {
	g := grantFor("49")
	if s := fmt.Sprintf("%v %+v %#v %s", g, g, g, g) + g.LogValue().String(); strings.Contains(s, "canary") || strings.Contains(s, "linde") {
		t.Error("a grant prints its content")
	}
	raw, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	var back Grant
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(g, &back) {
		t.Error("a grant does not come back from the vault as it was")
	}
	if back.consent() != g.consent() || back.ID() != g.ID() {
		t.Error("a grant from the vault is another consent")
	}
}

func TestFixedToken(t *testing.T) {
	g, err := FixedToken(connection("48", "49"), "token")
	if err != nil || !g.usable(time.Now()) || len(g.Granted) != 2 || g.Renewable() {
		t.Errorf("%v %v", g.Granted, err)
	}
	for _, bad := range []string{"", "a b", "a\nb", "ü"} {
		if _, err := FixedToken(connection("48"), bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestDEL_06_ATokenRequestCannotBeSentTwice(t *testing.T) {
	var calls atomic.Int32
	s := newSetup(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	call := &tokenCall{c: s.Client, uri: connection("49").Token}
	for range 3 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+apiHost+"/token", nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := call.RoundTrip(req); err == nil {
			resp.Body.Close()
		}
	}
	if calls.Load() != 1 {
		t.Errorf("sent %d times", calls.Load())
	}
}

func FuzzTokenAnswer(f *testing.F) {
	f.Add(goodAnswer, "application/json", 200)
	f.Add(`{"error":"invalid_grant"}`, "application/json; charset=utf-8", 400)
	f.Add("access_token=a", "text/plain", 200)
	f.Add(`{"access_token":"a\u0000","token_type":"bearer","expires_in":1e9}`, "application/json", 200)
	f.Fuzz(func(t *testing.T, answer, kind string, status int) {
		if status < 200 || status > 599 {
			return
		}
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			fmt.Fprint(w, answer)
		}))
		g, _, err := login(t, s)
		if (g == nil) == (err == nil) {
			t.Fatal("neither a grant nor an error")
		}
		if g == nil {
			return
		}
		if !goodToken(g.AccessToken) || g.Expiry.After(time.Now().Add(longestLife)) || len(g.Granted) > 2 {
			t.Fatal("a grant that cannot be")
		}
	})
}
