package medmij

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// tokenServer gives the token answer and counts.
func tokenServer(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, answer)
	}
}

const goodAnswer = `{"access_token":"access-canary-2","token_type":"Bearer","expires_in":900,"refresh_token":"refresh-canary-2","scope":"49"}`

func begin(t *testing.T, s *setup, c Connection, purpose Direction, services ...string) (Login, url.Values) {
	t.Helper()
	l, err := s.Begin(t.Context(), c, purpose, services...)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	return l, u.Query()
}

var uuid4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestAUT_01_TheAuthorizationRequest(t *testing.T) {
	s := newSetup(t, tokenServer(goodAnswer))
	l, q := begin(t, s, connection("49"), Collect)
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "pgo.example.nl", "scope": "huisarts-delinde",
		"redirect_uri": "https://pgo.example.nl/oauth/callback", "X-Correlation-ID": l.CorrelationID,
	} {
		if got := q[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !strings.HasPrefix(l.URL, "https://"+loginHost+"/authorize?") || !strings.Contains(l.URL, "redirect_uri=https%3A%2F%2Fpgo") {
		t.Error("the address is not built as it should be")
	}
	if !uuid4.MatchString(q.Get("MedMij-Request-ID")) || !uuid4.MatchString(l.CorrelationID) || q.Get("MedMij-Request-ID") == l.CorrelationID {
		t.Error("the ids are not two different UUIDs")
	}
	if len(q) != 7 {
		t.Errorf("%d parameters, want 7", len(q))
	}
	if len(s.net.requests()) != 0 {
		t.Error("Begin contacted somebody")
	}
}

func TestAUT_07_StateAndIDsNeverRepeat(t *testing.T) {
	s := newSetup(t, tokenServer(goodAnswer))
	seen := map[string]bool{}
	for range 1000 {
		l, q := begin(t, s, connection("49"), Collect)
		for _, secret := range []string{q.Get("state"), l.Handle, q.Get("MedMij-Request-ID"), l.CorrelationID} {
			if seen[secret] || len(secret) < 22 || len(secret) > 128 {
				t.Fatal("a secret is repeated, too short or too long")
			}
			seen[secret] = true
		}
	}
}

func TestScopeFollowsTheDialect(t *testing.T) {
	s := newSetup(t, tokenServer(goodAnswer))
	for _, c := range []struct {
		name     string
		dialect  Dialect
		purpose  Direction
		services []string
		want     string // empty: refused
	}{
		{"AUT-04 collect in 2.x", Dialect2, Collect, nil, "kliniek-zon&zee"},
		{"AUT-05 share in 2.x", Dialect2, Share, []string{"53"}, "kliniek-zon&zee~53"},
		{"AUT-06 collect in 1.5", Dialect15, Collect, nil, "kliniek-zon&zee~48 kliniek-zon&zee~49"},
		{"one of them in 1.5", Dialect15, Collect, []string{"49"}, "kliniek-zon&zee~49"},
		{"one in 1.4", Dialect12, Collect, []string{"49"}, "kliniek-zon&zee~49"},
		{"two in 1.4", Dialect12, Collect, nil, ""},
		{"a service that is not there", Dialect2, Collect, []string{"46"}, ""},
		{"a share service to collect", Dialect2, Collect, []string{"53"}, ""},
		{"a collect service to share with", Dialect2, Share, []string{"49"}, ""},
	} {
		conn := connection("48", "49", "53", "12345")
		conn.Provider, conn.Dialect = "kliniek-zon&zee@medmij", c.dialect
		l, err := s.Begin(t.Context(), conn, c.purpose, c.services...)
		if (err == nil) != (c.want != "") || l.Scope != c.want {
			t.Errorf("%s: scope %q, %v", c.name, l.Scope, err)
		}
		if c.want != "" && !strings.Contains(l.URL, "scope=kliniek-zon%26zee") {
			t.Errorf("%s: the scope is not encoded", c.name)
		}
	}
}

func TestNET_06_TheWhitelistIsCheckedBeforeTheBrowserLeaves(t *testing.T) {
	for _, host := range []string{loginHost, apiHost} {
		s := newSetup(t, tokenServer(goodAnswer))
		delete(s.net.hosts, host)
		l, err := s.Begin(t.Context(), connection("49"), Collect)
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeTrust || !errors.Is(err, ErrNotAllowed) || l.URL != "" {
			t.Errorf("without %s: %v", host, err)
		}
	}
}

func TestALoginIsStoredWithoutItsSecrets(t *testing.T) {
	s := newSetup(t, tokenServer(goodAnswer))
	l, q := begin(t, s, connection("49"), Collect)
	raw, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %s", l, l, l, l) + string(raw)
	if strings.Contains(printed, q.Get("state")) || strings.Contains(printed, l.Handle) {
		t.Error("a secret of the login is stored or printed")
	}
	var back Login
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if !back.Matches(q.Get("state")) || back.Matches("other") || back.Matches("") {
		t.Error("a stored login does not know its state")
	}
	if _, err := s.Finish(t.Context(), back, l.Handle, url.Values{"code": {"c"}, "state": {q.Get("state")}}); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}

func TestCBK_CallbacksThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(v url.Values)
		handle string
		code   string
	}{
		{"CBK-01 wrong state", func(v url.Values) { v.Set("state", "other") }, "", CodeLogin},
		{"CBK-02 no state", func(v url.Values) { v.Del("state") }, "", CodeLogin},
		{"CBK-02 two states", func(v url.Values) { v.Add("state", v.Get("state")) }, "", CodeLogin},
		{"CBK-02 two codes", func(v url.Values) { v.Add("code", "other") }, "", CodeLogin},
		{"CBK-02 no code", func(v url.Values) { v.Del("code") }, "", CodeLogin},
		{"CBK-04 another browser", func(url.Values) {}, "other", CodeLogin},
		{"code and error", func(v url.Values) { v.Set("error", "access_denied") }, "", CodeLogin},
		{"another issuer", func(v url.Values) { v.Set("iss", "https://evil.example.nl") }, "", CodeLogin},
		{"CBK-06 denied", failing("access_denied"), "", CodeCancel},
		{"our mistake", failing("invalid_scope"), "", CodeClient},
		{"their trouble", failing("temporarily_unavailable"), "", CodeUnavailable},
		{"CBK-07 an unknown error", failing("401"), "", CodeUnavailable},
		{"denied, in another browser", failing("access_denied"), "other", CodeLogin},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSetup(t, tokenServer(goodAnswer))
			l, q := begin(t, s, connection("49"), Collect)
			callback := url.Values{"code": {"code-canary"}, "state": {q.Get("state")}, "expires_in": {"900"}}
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
				t.Error("CBK-11: the error lacks the correlation id")
			}
			if n := len(s.net.requests()); n != 0 {
				t.Errorf("%d requests were sent", n)
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

func TestCBK_05_ALoginExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, tokenServer(goodAnswer))
		l, q := begin(t, s, connection("49"), Collect)
		time.Sleep(31 * time.Minute)
		_, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"c"}, "state": {q.Get("state")}})
		if codeOf(err) != CodeLogin || len(s.net.requests()) != 0 {
			t.Errorf("got %v", err)
		}
	})
}

func TestNewSaysWhichSettingIsWrong(t *testing.T) {
	net := &fakeNet{}
	for _, c := range []struct {
		name string
		cfg  Config
		ok   bool
	}{
		{"complete", Config{ClientID: "pgo.example.nl", RedirectURI: "https://pgo.example.nl/cb", Transport: net}, true},
		{"no transport", Config{ClientID: "pgo.example.nl", RedirectURI: "https://pgo.example.nl/cb"}, false},
		{"no host name", Config{ClientID: "pgo", RedirectURI: "https://pgo/cb", Transport: net}, false},
		{"another host", Config{ClientID: "pgo.example.nl", RedirectURI: "https://app.example.nl/cb", Transport: net}, false},
		{"a fragment", Config{ClientID: "pgo.example.nl", RedirectURI: "https://pgo.example.nl/cb#x", Transport: net}, false},
		{"a query", Config{ClientID: "pgo.example.nl", RedirectURI: "https://pgo.example.nl/cb?", Transport: net}, false},
		{"http", Config{ClientID: "pgo.example.nl", RedirectURI: "http://pgo.example.nl/cb", Transport: net}, false},
		{"loopback", Config{ClientID: "pgo.example.nl", RedirectURI: "http://127.0.0.1:99/cb", Transport: net}, false},
		{"loopback in dev", Config{ClientID: "pgo.example.nl", RedirectURI: "http://127.0.0.1:99/cb", Transport: net, Dev: true}, true},
		{"http elsewhere in dev", Config{ClientID: "pgo.example.nl", RedirectURI: "http://pgo.example.nl/cb", Transport: net, Dev: true}, false},
	} {
		if _, err := New(c.cfg); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
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
