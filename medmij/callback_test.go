package medmij

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// attempt is a callback that is tried on a login that began well.
type attempt struct {
	name   string
	change func(url.Values)
	handle string // empty: the right one
	code   string // of the error
}

// attempts proves of each callback that it is an error of that code, with the
// trace, and that nothing was sent.
func attempts(t *testing.T, all ...attempt) {
	t.Helper()
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			s := newSetup(t, tokenServer(goodAnswer))
			l, q := begin(t, s, connection("49"), Collect)
			callback := url.Values{"code": {"code-canary"}, "state": {q.Get("state")}}
			c.change(callback)
			handle := l.Handle
			if c.handle != "" {
				handle = c.handle
			}
			g, err := s.Finish(t.Context(), l, handle, callback)
			var e *Error
			if !errors.As(err, &e) || e.Code != c.code || g != nil {
				t.Errorf("got %v, want %s", err, c.code)
			}
			if e != nil && e.Trace != l.CorrelationID {
				t.Error("the error lacks the correlation id")
			}
			if n := len(s.net.requests()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
			if said := fmt.Sprint(err) + s.log.String(); strings.Contains(said, "canary") || strings.Contains(said, q.Get("state")) {
				t.Error("a secret or the provider's words are in the error or the log")
			}
		})
	}
}

func failing(oauthError string) func(url.Values) {
	return func(v url.Values) {
		v.Del("code")
		v.Set("error", oauthError)
		v.Set("error_description", "<script>canary</script>")
	}
}

func TestCBK_01_TheStateMustBeThatOfTheSession(t *testing.T) {
	attempts(
		t,
		attempt{"wrong", func(v url.Values) { v.Set("state", "other") }, "", CodeLogin},
		attempt{"empty", func(v url.Values) { v.Set("state", "") }, "", CodeLogin},
		attempt{"cut", func(v url.Values) { v.Set("state", v.Get("state")[:42]) }, "", CodeLogin},
		attempt{"with an error", func(v url.Values) { failing("access_denied")(v); v.Set("state", "other") }, "", CodeLogin},
	)
}

func TestCBK_02_MissingOrDoubledParameters(t *testing.T) {
	attempts(
		t,
		attempt{"no state", func(v url.Values) { v.Del("state") }, "", CodeLogin},
		attempt{"two states", func(v url.Values) { v.Add("state", v.Get("state")) }, "", CodeLogin},
		attempt{"two codes", func(v url.Values) { v.Add("code", "other") }, "", CodeLogin},
		attempt{"no code", func(v url.Values) { v.Del("code") }, "", CodeLogin},
		attempt{"an empty code", func(v url.Values) { v.Set("code", "") }, "", CodeLogin},
		attempt{"two errors", func(v url.Values) { failing("access_denied")(v); v.Add("error", "x") }, "", CodeLogin},
		attempt{"code and error", func(v url.Values) { v.Set("error", "access_denied") }, "", CodeLogin},
		attempt{"nothing", func(v url.Values) { clear(v) }, "", CodeLogin},
	)
}

func TestCBK_03_AStateWorksOnce(t *testing.T) {
	for name, first := range map[string]func(url.Values){
		"after a code":    func(url.Values) {},
		"after a refusal": failing("access_denied"),
	} {
		t.Run(name, func(t *testing.T) {
			s := newSetup(t, tokenServer(goodAnswer))
			l, q := begin(t, s, connection("49"), Collect)
			callback := url.Values{"code": {"c"}, "state": {q.Get("state")}}
			answer := url.Values{"code": {"c"}, "state": {q.Get("state")}}
			first(answer)
			_, _ = s.Finish(t.Context(), l, l.Handle, answer)
			before := len(s.net.requests())
			if _, err := s.Finish(t.Context(), l, l.Handle, callback); codeOf(err) != CodeLogin || len(s.net.requests()) != before {
				t.Errorf("a second callback: %v", err)
			}
		})
	}
	t.Run("twenty at once", func(t *testing.T) {
		s := newSetup(t, tokenServer(goodAnswer))
		l, q := begin(t, s, connection("49"), Collect)
		var finished atomic.Int32
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"c"}, "state": {q.Get("state")}}); err == nil {
					finished.Add(1)
				} else if codeOf(err) != CodeLogin {
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		if finished.Load() != 1 || len(s.net.requests()) != 1 {
			t.Errorf("finished %d times with %d requests", finished.Load(), len(s.net.requests()))
		}
	})
	t.Run("a wrong one first", func(t *testing.T) {
		s := newSetup(t, tokenServer(goodAnswer))
		l, q := begin(t, s, connection("49"), Collect)
		callback := url.Values{"code": {"c"}, "state": {q.Get("state")}}
		if _, err := s.Finish(t.Context(), l, "other", callback); codeOf(err) != CodeLogin {
			t.Fatal("another browser finished")
		}
		if _, err := s.Finish(t.Context(), l, l.Handle, callback); err != nil {
			t.Errorf("a stranger ended the login: %v", err)
		}
	})
}

func TestUsedLoginsAreForgottenWhenTheyExpire(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := newSetup(t, tokenServer(goodAnswer), func(c *Config) { c.Now = func() time.Time { return now } })
	for range 5 {
		if _, _, err := login(t, s); err != nil {
			t.Fatal(err)
		}
		now = now.Add(20 * time.Minute)
	}
	if len(s.spent) != 2 {
		t.Errorf("%d used logins are remembered, want the 2 of the last half hour", len(s.spent))
	}
}

func TestCBK_04_AnotherBrowserIsRefused(t *testing.T) {
	s := newSetup(t, nil)
	other, _ := begin(t, s, connection("49"), Collect)
	attempts(
		t,
		attempt{"a made-up handle", func(url.Values) {}, "other", CodeLogin},
		attempt{"the handle of another login", func(url.Values) {}, other.Handle, CodeLogin},
		attempt{"the stored hash", func(url.Values) {}, other.HandleHash, CodeLogin},
		attempt{"denied, in another browser", failing("access_denied"), "other", CodeLogin},
	)
}

func TestCBK_05_ALoginExpires(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		good  bool
	}{{29 * time.Minute, true}, {30 * time.Minute, false}, {61 * time.Minute, false}} {
		synctest.Test(t, func(t *testing.T) {
			s := newSetup(t, tokenServer(goodAnswer))
			l, q := begin(t, s, connection("49"), Collect)
			time.Sleep(c.after)
			_, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"c"}, "state": {q.Get("state")}})
			if (err == nil) != c.good || !c.good && (codeOf(err) != CodeLogin || len(s.net.requests()) != 0) {
				t.Errorf("after %v: %v", c.after, err)
			}
		})
	}
}

func TestCBK_06_ARefusalIsNeutral(t *testing.T) {
	attempts(t, attempt{"denied", failing("access_denied"), "", CodeCancel})
}

func TestCBK_07_UnknownErrors(t *testing.T) {
	attempts(
		t,
		attempt{"a number", failing("401"), "", CodeUnavailable},
		attempt{"a word", failing("canary"), "", CodeUnavailable},
		attempt{"a long one", failing(strings.Repeat("canary", 1000)), "", CodeUnavailable},
		attempt{"their trouble", failing("temporarily_unavailable"), "", CodeUnavailable},
		attempt{"more of it", failing("server_error"), "", CodeUnavailable},
		attempt{"our mistake", failing("invalid_scope"), "", CodeClient},
		attempt{"who we are", failing("unauthorized_client"), "", CodeClient},
	)
}

func TestCBK_08_TheProvidersWordsGoNowhere(t *testing.T) {
	s := newSetup(t, nil)
	l, q := begin(t, s, connection("49"), Collect)
	callback := url.Values{"state": {q.Get("state")}}
	failing("<script>canary</script>")(callback)
	_, err := s.Finish(t.Context(), l, l.Handle, callback)
	said := fmt.Sprintf("%v %+v %#v", err, err, err) + s.log.String()
	for _, e := range s.events {
		if e.Error != nil {
			said += e.Error.Code + e.Error.Description
		}
	}
	if err == nil || strings.Contains(said, "canary") || strings.Contains(said, "<") {
		t.Error("what the provider wrote comes out")
	}
}

func TestCBK_09_OtherParametersAreIgnored(t *testing.T) {
	s := newSetup(t, tokenServer(goodAnswer))
	l, q := begin(t, s, connection("49"), Collect)
	g, err := s.Finish(t.Context(), l, l.Handle, url.Values{
		"code": {"c"}, "state": {q.Get("state")}, "expires_in": {"900", "1"}, "token_type": {"mac"}, "access_token": {"theirs"},
		"iss": {"https://" + loginHost}, "session_state": {"x"},
	})
	if err != nil || g.AccessToken != "access-canary-2" {
		t.Errorf("%v", err)
	}
	attempts(t, attempt{"another issuer", func(v url.Values) { v.Set("iss", "https://evil.example.nl") }, "", CodeLogin})
}

func TestCBK_11_EveryErrorHasItsTrace(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"the exchange fails": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"a bad answer":       tokenServer("{}"),
	} {
		s := newSetup(t, handler)
		_, l, err := login(t, s)
		var e *Error
		if !errors.As(err, &e) || e.Trace != l.CorrelationID || !strings.Contains(s.log.String(), l.CorrelationID) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Those before the exchange are looked at by attempts.
	attempts(t, attempt{"refused", failing("access_denied"), "", CodeCancel})
}

// A token request goes out only when state, handle, expiry and the one code
// are all right, whatever else a callback has.
func TestLawOfFinish(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		s := newSetup(t, tokenServer(goodAnswer), func(c *Config) { c.Now = func() time.Time { return now } })
		l, q := begin(t, s, connection("49"), Collect)
		pick := func(name, right string) []string {
			other := rapid.SampledFrom([]string{"", "x", right + "x", l.StateHash, l.HandleHash})
			switch rapid.SampledFrom([]string{"right", "right", "right", "other", "none", "two"}).Draw(rt, name) {
			case "right":
				return []string{right}
			case "other":
				return []string{other.Draw(rt, name+" value")}
			case "two":
				return []string{right, right}
			}
			return nil
		}
		callback := url.Values{"state": pick("state", q.Get("state")), "code": pick("code", "the-code")}
		if rapid.IntRange(0, 4).Draw(rt, "error") == 0 {
			callback.Set("error", "access_denied")
		}
		handle := l.Handle
		if rapid.IntRange(0, 4).Draw(rt, "browser") == 0 {
			handle = rapid.SampledFrom([]string{"", "x", l.HandleHash}).Draw(rt, "handle")
		}
		later := time.Duration(rapid.IntRange(-5, 40).Draw(rt, "minutes")) * time.Minute
		now = now.Add(later)
		_, err := s.Finish(t.Context(), l, handle, callback)
		right := len(callback["state"]) == 1 && callback.Get("state") == q.Get("state") && handle == l.Handle &&
			later < 30*time.Minute && later >= -time.Minute &&
			len(callback["code"]) == 1 && callback.Get("code") != "" && !callback.Has("error")
		if sent := len(s.net.requests()); (sent == 1) != right || sent > 1 || (err == nil) != right {
			rt.Fatalf("%d requests, %v, where the callback is right: %v", sent, err, right)
		}
	})
}

func FuzzCallback(f *testing.F) {
	f.Add("code=a&state=b")
	f.Add("error=access_denied&state=b&error_description=%3Cb%3E")
	f.Add("state=b&state=b&code=a")
	s := newSetup(new(testing.T), tokenServer(goodAnswer))
	l, err := s.Begin(f.Context(), connection("49"), Collect)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		callback, _ := url.ParseQuery(query)
		// Nobody can guess the state, so no callback may lead to a request.
		if _, err := s.Finish(t.Context(), l, l.Handle, callback); codeOf(err) != CodeLogin {
			t.Errorf("%q: %v", query, err)
		}
		if len(s.net.requests()) != 0 {
			t.Fatalf("%q led to a request", query)
		}
	})
}
