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

func TestTOK_01_TheTokenRequest(t *testing.T) {
	s := newSetup(t, tokenServer(goodAnswer))
	g, l, err := login(t, s)
	if err != nil {
		t.Fatal(err)
	}
	sent := s.net.requests()
	if len(sent) != 1 {
		t.Fatalf("%d requests, want 1", len(sent))
	}
	r := sent[0]
	body, err := url.ParseQuery(r.body)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"grant_type": {"authorization_code"}, "code": {"code-canary"},
		"client_id": {"pgo.example.nl"}, "redirect_uri": {"https://pgo.example.nl/oauth/callback"},
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("TOK-02: %s", diff)
	}
	if r.Method != http.MethodPost || r.URL.String() != "https://"+apiHost+"/token" ||
		r.header("Content-Type") != "application/x-www-form-urlencoded" || r.header("Authorization") != "" {
		t.Error("TOK-01 or TOK-06: method, address, type or authorization")
	}
	if !uuid4.MatchString(r.header("MedMij-Request-ID")) || r.header("X-Correlation-ID") != l.CorrelationID {
		t.Error("TOK-07 or TOK-08: the ids")
	}
	if _, spelled := map[string][]string(r.Header)["MedMij-Request-ID"]; !spelled {
		t.Error("the header is not spelled as MedMij does")
	}
	if g.AccessToken != "access-canary-2" || g.RefreshToken != "refresh-canary-2" || g.Source() != "medmij:huisarts-delinde@medmij" {
		t.Error("the grant is not what was given")
	}
}

func TestTOK_05_CodeOfferedAtMostOnce(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"reset": func(http.ResponseWriter, *http.Request) { panic("reset") },
		"503":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
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

func TestTokenAnswers(t *testing.T) {
	with := func(extra string) string { return `{"access_token":"a","token_type":"bearer"` + extra + `}` }
	for _, c := range []struct {
		name, answer string
		life         time.Duration
		granted      string
		code         string
	}{
		{"TOK-09 bearer in small letters", with(`,"expires_in":600`), 10 * time.Minute, "48 49", ""},
		{"TOK-10 nothing but the token", with(``), 15 * time.Minute, "48 49", ""},
		{"a number as text", with(`,"expires_in":"300"`), 5 * time.Minute, "48 49", ""},
		{"zero", with(`,"expires_in":0`), 15 * time.Minute, "48 49", ""},
		{"negative", with(`,"expires_in":-5`), 15 * time.Minute, "48 49", ""},
		{"a year", with(`,"expires_in":31536000`), 24 * time.Hour, "48 49", ""},
		{"TOK-11 fewer, by number", with(`,"scope":"48"`), 15 * time.Minute, "48", ""},
		{"TOK-11 by name", with(`,"scope":"huisarts-delinde~49 huisarts-delinde~48"`), 15 * time.Minute, "49 48", ""},
		{"more than asked", with(`,"scope":"48 51 99"`), 15 * time.Minute, "48", ""},
		{"another provider", with(`,"scope":"apotheek-dezon~48"`), 15 * time.Minute, "", ""},
		{"the scope that was asked", with(`,"scope":"huisarts-delinde"`), 15 * time.Minute, "48 49", ""},
		{"an empty scope", with(`,"scope":" "`), 15 * time.Minute, "48 49", ""},
		{"more members", with(`,"x":{"y":[1]}`), 15 * time.Minute, "48 49", ""},
		{"TOK-09 mac", `{"access_token":"a","token_type":"mac"}`, 0, "", CodeBad},
		{"no type", `{"access_token":"a"}`, 0, "", CodeBad},
		{"no token", `{"token_type":"bearer"}`, 0, "", CodeBad},
		{"TOK-12 a line break", `{"access_token":"a\r\nX: y","token_type":"bearer"}`, 0, "", CodeBad},
		{"too long", `{"access_token":"` + strings.Repeat("a", 9<<10) + `","token_type":"bearer"}`, 0, "", CodeBad},
		{"not JSON", `<html>`, 0, "", CodeBad},
		{"an error with 200", `{"error":"invalid_grant"}`, 0, "", CodeLogin},
	} {
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

func TestTOK_20_ErrorAnswers(t *testing.T) {
	for _, c := range []struct {
		name, kind, body string
		status           int
		code             string
	}{
		{"invalid_grant", "application/json", `{"error":"invalid_grant","error_description":"canary"}`, 400, CodeLogin},
		{"invalid_client", "application/json", `{"error":"invalid_client"}`, 401, CodeClient},
		{"a page", "text/html", "<html>canary</html>", 400, CodeUnavailable},
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

func TestConsentEndsSixMonthsAfterTheLastSuccess(t *testing.T) {
	g := grantFor("49")
	if got := g.ConsentEnd().Format(time.DateOnly); got != "2026-07-01" {
		t.Errorf("after consent: %s", got)
	}
	g.LastSuccess = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if got := g.ConsentEnd().Format(time.DateOnly); got != "2026-09-01" {
		t.Errorf("after success: %s", got)
	}
	g.RefreshToken = ""
	if !g.ConsentEnd().IsZero() {
		t.Error("a consent for one time has an end")
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
