package medmij

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
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

// one is the only value of a parameter.
func one(t *testing.T, q url.Values, name string) string {
	t.Helper()
	if len(q[name]) != 1 {
		t.Errorf("%s is there %d times", name, len(q[name]))
	}
	return q.Get(name)
}

func TestAUT_01_ResponseTypeIsCode(t *testing.T) {
	s := newSetup(t, tokenServer(goodAnswer))
	l, q := begin(t, s, connection("49"), Collect)
	if got := one(t, q, "response_type"); got != "code" {
		t.Errorf("response_type is %q", got)
	}
	if !strings.HasPrefix(l.URL, "https://"+loginHost+"/authorize?") {
		t.Error("the browser is sent elsewhere")
	}
	if len(q) != 7 {
		t.Errorf("%d parameters, want 7", len(q))
	}
	if len(s.net.requests()) != 0 {
		t.Error("Begin contacted somebody")
	}
}

func TestAUT_02_ClientIDIsTheHostOnTheList(t *testing.T) {
	s := newSetup(t, nil)
	_, q := begin(t, s, connection("49"), Collect)
	if got := one(t, q, "client_id"); got != "pgo.example.nl" {
		t.Errorf("client_id is %q", got)
	}
}

func TestAUT_03_RedirectURIIsOursAndEncoded(t *testing.T) {
	s := newSetup(t, nil)
	l, q := begin(t, s, connection("49"), Collect)
	u, err := url.Parse(one(t, q, "redirect_uri"))
	if err != nil || u.Scheme != "https" || u.Host != q.Get("client_id") || u.Fragment != "" || u.RawQuery != "" {
		t.Errorf("redirect_uri is %v", u)
	}
	if !strings.Contains(l.URL, "redirect_uri=https%3A%2F%2Fpgo.example.nl%2Foauth%2Fcallback&") {
		t.Error("redirect_uri is not percent-encoded")
	}
}

func TestAUT_04_TheScopeIsTheProvider(t *testing.T) {
	for name, want := range map[string]string{
		"huisarts-delinde@medmij": "huisarts-delinde", "Kliniek-Zon&Zee@medmij": "kliniek-zon&zee", "tandarts.noord2": "tandarts.noord2",
	} {
		s := newSetup(t, nil)
		conn := connection("48", "49")
		conn.Provider = name
		l, q := begin(t, s, conn, Collect)
		if got := one(t, q, "scope"); got != want || strings.Contains(l.URL, "medmij%40") {
			t.Errorf("the scope is %q", got)
		}
		if strings.Contains(want, "&") && !strings.Contains(l.URL, "scope=kliniek-zon%26zee&") {
			t.Error("the name is not encoded")
		}
	}
}

func TestAUT_05_TheScopeOfSharingNamesTheService(t *testing.T) {
	s := newSetup(t, nil)
	_, q := begin(t, s, connection("49", "53"), Share, "53")
	if got := one(t, q, "scope"); got != "huisarts-delinde~53" {
		t.Errorf("the scope is %q", got)
	}
}

func TestAUT_06_OlderDialectsNameTheirServices(t *testing.T) {
	for _, c := range []struct {
		version  string
		services []string
		want     string // empty: refused
	}{
		{"1.5.0", nil, "huisarts-delinde~48 huisarts-delinde~49"},
		{"1.6", []string{"49"}, "huisarts-delinde~49"},
		{"1.4.0", []string{"49"}, "huisarts-delinde~49"},
		{"1.2", []string{"48"}, "huisarts-delinde~48"},
		{"1.4.0", nil, ""}, // two services, where one is the rule
		{"1.3", []string{"48", "49"}, ""},
	} {
		s := newSetup(t, nil)
		conn := connection("48", "49")
		conn.Dialect = dialectOf(c.version)
		l, err := s.Begin(t.Context(), conn, Collect, c.services...)
		if (err == nil) != (c.want != "") || l.Scope != c.want {
			t.Errorf("%s %v: scope %q, %v", c.version, c.services, l.Scope, err)
		}
	}
}

func TestAUT_07_StateIsUnguessableAndNeverRepeats(t *testing.T) {
	s := newSetup(t, nil)
	seen := map[string]bool{}
	for range 1000 {
		_, q := begin(t, s, connection("49"), Collect)
		state := one(t, q, "state")
		if raw, err := base64.RawURLEncoding.DecodeString(state); err != nil || len(raw) != 32 {
			t.Fatalf("a state of %d bytes: %v", len(raw), err)
		}
		if seen[state] {
			t.Fatal("a state is repeated")
		}
		seen[state] = true
	}
}

func TestAUT_08_StateIsShortAndSafeInAnAddress(t *testing.T) {
	s := newSetup(t, nil)
	l, q := begin(t, s, connection("49"), Collect)
	state := one(t, q, "state")
	if len(state) > 128 || url.QueryEscape(state) != state || !strings.Contains(l.URL, "state="+state) {
		t.Errorf("a state of %d characters", len(state))
	}
}

func TestAUT_09_RequestIDIsAUUIDForThisRequest(t *testing.T) {
	s := newSetup(t, nil)
	seen := map[string]bool{}
	for range 100 {
		_, q := begin(t, s, connection("49"), Collect)
		if id := one(t, q, "MedMij-Request-ID"); !uuid4.MatchString(id) || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[q.Get("MedMij-Request-ID")] = true
	}
}

func TestAUT_10_CorrelationIDIsAUUIDForThisAuthorization(t *testing.T) {
	s := newSetup(t, nil)
	seen := map[string]bool{}
	for range 100 {
		l, q := begin(t, s, connection("49"), Collect)
		id := one(t, q, "X-Correlation-ID")
		if !uuid4.MatchString(id) || seen[id] || id == q.Get("MedMij-Request-ID") || id != l.CorrelationID {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
}

func TestAUT_11_OneNodeForAllLogins(t *testing.T) {
	s := newSetup(t, nil)
	nodes := map[string]bool{}
	for _, provider := range []string{"huisarts-delinde", "apotheek-dezon", "kliniek-zon&zee"} {
		for _, purpose := range []Direction{Collect, Share} {
			conn := connection("49", "53")
			conn.Provider = provider
			_, q := begin(t, s, conn, purpose)
			nodes[q.Get("client_id")+" "+q.Get("redirect_uri")] = true
		}
	}
	if len(nodes) != 1 {
		t.Errorf("several nodes: %v", nodes)
	}
}

func TestAUT_12_NothingBeginsByItself(t *testing.T) {
	s := newSetup(t, tokenServer(goodAnswer))
	found, err := smallDirectory().Find(t.Context(), "linde", 5)
	if err != nil || len(found) == 0 {
		t.Fatal("the provider is not found")
	}
	s.Fetch(t.Context(), grantFor("49")) // its pages are not read
	if len(s.net.requests()) != 0 || len(s.events) != 0 {
		t.Error("something began before the person chose a provider")
	}
	if _, err := s.Begin(t.Context(), found[0].Connections[0], Collect); err != nil || len(s.events) != 1 {
		t.Errorf("after the choice: %v", err)
	}
}

// elevenTest tells whether nine digits could be a citizen service number.
func elevenTest(digits string) bool {
	sum := 0
	for i, d := range digits {
		weight := 9 - i
		if i == 8 {
			weight = -1
		}
		sum += weight * int(d-'0')
	}
	return sum%11 == 0
}

func TestAUT_13_NothingOfAPersonIsInTheRequest(t *testing.T) {
	nine := regexp.MustCompile(`[0-9]{9}`)
	for range 200 {
		s := newSetup(t, nil)
		_, q := begin(t, s, connection("49"), Collect)
		for name, values := range q {
			if !slices.Contains([]string{
				"response_type", "client_id", "redirect_uri", "scope", "state", "MedMij-Request-ID", "X-Correlation-ID",
			}, name) {
				t.Errorf("a parameter %s", name)
			}
			// State and ids are random: digits in them are no number of a person.
			if name != "state" && !uuid4.MatchString(values[0]) && slices.ContainsFunc(nine.FindAllString(values[0], -1), elevenTest) {
				t.Errorf("%s has what could be a citizen service number", name)
			}
		}
	}
}

func TestAUT_21_RepresentationIsRefused(t *testing.T) {
	s := newSetup(t, tokenServer(`{"access_token":"a","token_type":"bearer","refresh_token":"b","scope":"48 49 onbehalfofchild"}`))
	for _, item := range []string{"onbehalfof", "onbehalfofchild", "subscribe~90/huisarts-delinde~48"} {
		if l, err := s.Begin(t.Context(), connection("48"), Collect, "48", item); !errors.Is(err, ErrNotSupported) || l.URL != "" {
			t.Errorf("%s: %v", item, err)
		}
	}
	if _, err := s.Begin(t.Context(), connection("48"), Direction("represent")); !errors.Is(err, ErrNotSupported) {
		t.Errorf("another purpose: %v", err)
	}
	// A token for somebody else may not end up with this person's.
	if g, _, err := login(t, s); !errors.Is(err, ErrNotSupported) || codeOf(err) != CodeBad || g != nil {
		t.Errorf("a token for another person: %v", err)
	}
}

func TestWhatCannotBeAskedOfAConnection(t *testing.T) {
	s := newSetup(t, nil)
	for _, c := range []struct {
		name     string
		purpose  Direction
		services []string
	}{
		{"a service that is not there", Collect, []string{"46"}},
		{"a share service to collect", Collect, []string{"53"}},
		{"a collect service to share with", Share, []string{"49"}},
		{"two services to share with", Share, []string{"53", "57"}},
		{"a service that nobody knows", Collect, []string{"12345"}},
	} {
		l, err := s.Begin(t.Context(), connection("48", "49", "53", "57", "12345"), c.purpose, c.services...)
		if err == nil || l.URL != "" || errors.Is(err, ErrNotSupported) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestPKCEIsAnOption(t *testing.T) {
	s := newSetup(t, tokenServer(goodAnswer))
	if _, q := begin(t, s, connection("49"), Collect); q.Has("code_challenge") {
		t.Error("a challenge is sent by itself")
	}
	s = newSetup(t, tokenServer(goodAnswer), func(c *Config) { c.PKCE = true })
	l, q := begin(t, s, connection("49"), Collect)
	if q.Get("code_challenge_method") != "S256" {
		t.Errorf("method %q", q.Get("code_challenge_method"))
	}
	stored, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var back Login // as after a restart: the verifier is not in the store
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Finish(t.Context(), back, l.Handle, url.Values{"code": {"c"}, "state": {q.Get("state")}}); err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(s.net.requests()[0].body)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	if base64.RawURLEncoding.EncodeToString(sum[:]) != q.Get("code_challenge") || strings.Contains(string(stored), form.Get("code_verifier")) {
		t.Error("the verifier does not fit, or is stored")
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
