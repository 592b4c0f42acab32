package medmij

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// scripted is a gateway that answers as a test says, and what it was asked.
type scripted struct {
	*Client
	gateway *Gateway
	mu      sync.Mutex
	asked   []*http.Request
}

func newScripted(t *testing.T, dialect string, handler http.HandlerFunc, change ...func(*Config)) *scripted {
	t.Helper()
	s := &scripted{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Clone(context.Background()))
		s.mu.Unlock()
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	address := "http://localhost:" + strings.TrimPrefix(server.URL, "http://127.0.0.1:")
	var err error
	if s.gateway, err = NewGateway(GatewayConfig{URL: address, Dialect: dialect, Dev: true, Credential: "credential-canary"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.gateway.CloseIdle)
	cfg := Config{
		RedirectURI: "http://127.0.0.1:9/cb", Transport: s.gateway, Limits: Limits{Tries: 1},
		Save: func(context.Context, *Grant) error { return nil },
	}
	for _, f := range change {
		f(&cfg)
	}
	if s.Client, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return s
}

// connection is one that this gateway could have found.
func (s *scripted) connection(services ...string) Connection {
	f := found{Provider: Provider{Name: "kliniek-zon&zee"}, versions: []InterfaceVersion{{ID: "2"}}}
	for _, id := range services {
		f.versions[0].Services = append(f.versions[0].Services, ListedService{
			ID: id, Authorization: "auth.handle", Token: "token.handle", Roles: []Role{{Code: "R", Base: "target.handle~" + id + "~kliniek-zon&zee"}},
		})
	}
	return s.gateway.provider(f).Connections[0]
}

func (s *scripted) grant(services ...string) *Grant {
	g := grantFor(services...)
	g.Connection = s.connection(services...)
	return g
}

func TestTroubleAtAGatewayHasTheCodesOfTroubleAtAProvider(t *testing.T) {
	problem := func(status int, kind string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"type":"https://gateway.example.nl/problems/%s"}`, kind)
		}
	}
	plain := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	for _, c := range []struct {
		dialect, name string
		handler       http.HandlerFunc
		code          string
		is            error
	}{
		{GatewayBundel1, "whitelist", problem(403, "whitelist"), CodeTrust, ErrNotAllowed},
		{GatewayBundel1, "TLS at the provider", problem(502, "upstream-tls"), CodeTrust, nil},
		{GatewayBundel1, "timeout", problem(504, "upstream-timeout"), CodeTimeout, nil},
		{GatewayBundel1, "provider not there", problem(502, "upstream-unreachable"), CodeUnavailable, nil},
		{GatewayBundel1, "old handle", problem(400, "capability"), CodeClient, nil},
		{GatewayBundel1, "credential", problem(401, "credential"), CodeGateway, ErrGateway},
		{GatewayBundel1, "of its own", problem(500, "oops"), CodeGateway, ErrGateway},
		{GatewayBundel1, "a page of a server before it", plain(502, "<html>"), CodeGateway, ErrGateway},
		{GatewayMGO, "whitelist", plain(403, `{"detail":"Request blocked due to whitelist error"}`), CodeTrust, ErrNotAllowed},
		{GatewayMGO, "old handle", plain(400, `{"message":"Failed to parse JWE endpoint","context":{"field":"x"}}`), CodeClient, nil},
		{GatewayMGO, "state", plain(400, `{"status_code":400,"detail":"x"}`), CodeClient, nil},
		{GatewayMGO, "validation", plain(422, `{"detail":[{"loc":["x"]}]}`), CodeClient, nil},
		{GatewayMGO, "open circuit", plain(502, "Bad Gateway"), CodeUnavailable, nil},
		{GatewayMGO, "timeout", plain(504, `{"detail":"Gateway timeout"}`), CodeTimeout, nil},
		{GatewayMGO, "of its own", plain(500, `{"detail":"Internal Server Error"}`), CodeGateway, ErrGateway},
	} {
		t.Run(c.dialect+" "+c.name, func(t *testing.T) {
			s := newScripted(t, c.dialect, c.handler)
			if r := oneQuery(t, collect(t, s.Fetch(t.Context(), s.grant("46"))[0])); r.Outcome != fhir.Failed || r.Detail != c.code {
				t.Errorf("fetch: %+v", r)
			}
			_, err := s.Refresh(t.Context(), s.grant("46"))
			if codeOf(err) != c.code || c.is != nil && !errors.Is(err, c.is) || errors.Is(err, ErrConsentEnded) {
				t.Errorf("refresh: %v", err)
			}
			if _, err = s.Begin(t.Context(), s.connection("46"), Collect); codeOf(err) != c.code {
				t.Errorf("begin: %v", err)
			}
		})
	}
}

func TestAProvidersErrorsPassAGateway(t *testing.T) {
	for status, want := range map[int]string{
		400: "P-400", 401: CodeExpired, 403: CodeForbidden, 404: CodeNotOffered, 500: CodeUnavailable, 503: CodeUnavailable, 302: CodeTrust,
	} {
		for dialect, mark := range map[string]string{GatewayBundel1: headerUpstreamStatus, GatewayMGO: mgoForward} {
			s := newScripted(t, dialect, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set(mark, "x")
				w.Header().Set("Location", "https://evil.example.nl/")
				serveFHIR(w, status, "{}")
			})
			g := s.grant("46")
			g.RefreshToken = ""
			if r := oneQuery(t, collect(t, s.Fetch(t.Context(), g)[0])); r.Detail != want || len(s.asked) != 1 {
				t.Errorf("%s: %d: %+v after %d requests", dialect, status, r, len(s.asked))
			}
		}
	}
}

func TestAGatewayThatIsNotThere(t *testing.T) {
	s := newScripted(t, GatewayBundel1, nil)
	conn := s.connection("46")
	other, err := NewGateway(GatewayConfig{URL: "http://localhost:1", Dialect: GatewayBundel1, Dev: true})
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{RedirectURI: "http://127.0.0.1:9/cb", Transport: other, Save: func(context.Context, *Grant) error { return nil }, Limits: Limits{Tries: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Begin(t.Context(), conn, Collect); codeOf(err) != CodeTrust || !errors.Is(err, ErrNotAllowed) {
		t.Errorf("a connection of another gateway: %v", err)
	}
	if _, err := c.Find(t, "linde"); codeOf(err) != CodeGateway || !errors.Is(err, ErrNotSent) {
		t.Errorf("nobody there: %v", err)
	}
}

// Find is for tests of a client whose transport finds.
func (c *Client) Find(t *testing.T, query string) ([]Provider, error) {
	t.Helper()
	return c.cfg.Transport.(Finder).Find(t.Context(), query, 5)
}

func TestAnEndedConsentThroughAGateway(t *testing.T) {
	s := newScripted(t, GatewayBundel1, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(400)
		fmt.Fprint(w, `{"type":"/problems/oauth","error":"invalid_grant"}`)
	})
	g, err := s.Refresh(t.Context(), s.grant("46"))
	if !errors.Is(err, ErrConsentEnded) || g.State != GrantConsentEnded || g.RefreshToken != "" {
		t.Errorf("%v", err)
	}
}

func TestWhatGoesToTheMinistrysGateway(t *testing.T) {
	s := newScripted(t, GatewayMGO, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(mgoForward, "https://api.dva.example.nl/x"+r.URL.Path)
		serveFHIR(w, 200, bundle(""))
	})
	g := s.grant("46")
	collect(t, s.Fetch(t.Context(), g)[0])
	r := s.asked[0]
	for name, want := range map[string]string{
		mgoTarget: "target.handle", mgoService: "46", mgoProvider: "kliniek-zon&zee", mgoToken: "access-canary-1",
		"Authorization": "", "X-Correlation-Id": g.CorrelationID, "Accept": "application/fhir+json; fhirVersion=3.0",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if r.RequestURI != "/fhir/Observation?category=http://snomed.info/sct%7C49581000146104" {
		t.Errorf("asked %s", r.RequestURI)
	}
	if base := s.gateway.upstream("target.handle~46~kliniek-zon&zee"); base.String() != "https://api.dva.example.nl/x/fhir" {
		t.Errorf("learned %v", base)
	}
}

func TestTheMinistrysLoginIsMended(t *testing.T) {
	trace := newUUID()
	var body string
	s := newScripted(t, GatewayMGO, func(w http.ResponseWriter, r *http.Request) {
		raw := make([]byte, 4096)
		n, _ := r.Body.Read(raw)
		body = string(raw[:n])
		fmt.Fprintf(w, `{"url_to_request":"https://login.example.nl/authorize?state=x==&X-Correlation-ID=%s&scope=kliniek-zon&zee&client_id=a"}`, trace)
	})
	l, err := s.Begin(t.Context(), s.connection("46"), Collect)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(l.URL, "&scope=kliniek-zon%26zee&client_id=a") || l.CorrelationID != trace {
		t.Errorf("the address is %s", l.URL)
	}
	if !strings.Contains(body, `"authorization_server_url":"auth.handle"`) || !strings.Contains(body, `"token_endpoint_url":"token.handle"`) {
		t.Error("the handles are not what was found")
	}
	if l.Expires.Sub(l.Created) != mgoLogin {
		t.Errorf("the login lasts %v", l.Expires.Sub(l.Created))
	}
}

func TestPagesThatAGatewayMayNotSendABrowserTo(t *testing.T) {
	for _, page := range []string{
		"", "javascript:alert(1)", "http://login.example.nl/authorize", "https://user@login.example.nl/", "https:///x",
		"https://login.example.nl/" + strings.Repeat("x", maxToken),
	} {
		for _, dialect := range []string{GatewayMGO, GatewayBundel1} {
			s := newScripted(t, dialect, func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"url_to_request":%q,"authorization_url":%q,"expires_in":"60"}`, page, page)
			})
			if l, err := s.Begin(t.Context(), s.connection("46"), Collect); codeOf(err) != CodeTrust || l.URL != "" {
				t.Errorf("%s: %.40s: %v", dialect, page, err)
			}
		}
	}
}

func TestGWY_07_TokensInACallback(t *testing.T) {
	for _, c := range []struct {
		name, query string
		code        string
		refresh     string
	}{
		{"complete", "access_code=a&token_type=Bearer&expires_in=900&refresh_code=r&scope=46&correlation_id=TRACE", "", "r"},
		{"the words for nothing", "access_code=a&token_type=None&expires_in=None&refresh_code=None&scope=None&correlation_id=None", "", ""},
		{"nothing but the token", "access_code=a", "", ""},
		{"a plus that was not encoded", "access_code=a+b/c==&refresh_code=r+s", "", "r+s"},
		{"another chain", "access_code=a&correlation_id=0c9d3f6a-2c1d-4c3e-8a55-3a8f4b9f2e77", CodeLogin, ""},
		{"two tokens", "access_code=a&access_code=b", CodeLogin, ""},
		{"two refresh tokens", "access_code=a&refresh_code=b&refresh_code=c", CodeBad, ""},
		{"another type", "access_code=a&token_type=mac", CodeBad, ""},
		{"no token", "access_code=None", CodeBad, ""},
		{"a line break", "access_code=a%0d%0ab", CodeBad, ""},
		{"nothing", "", CodeLogin, ""},
		{"refused", "error=access_denied", CodeCancel, ""},
		{"another person's", "access_code=a&scope=onbehalfof", CodeBad, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScripted(t, GatewayMGO, func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, `{"url_to_request":"https://login.example.nl/authorize?state=x"}`)
			})
			l, err := s.Begin(t.Context(), s.connection("46"), Collect)
			if err != nil {
				t.Fatal(err)
			}
			// The state went to the gateway in a body; here it is put in by hand.
			const state = "state-of-the-test"
			l.StateHash = hashOf(state)
			callback, err := url.ParseQuery(strings.ReplaceAll(c.query, "TRACE", l.CorrelationID))
			if err != nil {
				t.Fatal(err)
			}
			callback.Set("state", state)
			g, err := s.Finish(t.Context(), l, l.Handle, callback)
			if c.code != "" {
				if codeOf(err) != c.code || g != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || g.RefreshToken != c.refresh || strings.Contains(g.AccessToken, " ") || !g.Has("46") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAddressesBehindAGateway(t *testing.T) {
	g, err := NewGateway(GatewayConfig{URL: "https://gateway.example.nl/", Dialect: GatewayBundel1})
	if err != nil {
		t.Fatal(err)
	}
	base := g.address(partFHIR, "t/1", "", "")
	from, err := under(base.String(), "Observation?x=1")
	if err != nil {
		t.Fatal(err)
	}
	const known = "https://api.dva.example.nl/a/fhir"
	media := func(address string) string {
		return "https://gateway.example.nl/v1/media/t%2F1?" + url.Values{"url": {address}}.Encode()
	}
	for _, c := range []struct {
		name, link string
		learned    bool
		want       string // empty: refused
	}{
		{"under the base", known + "/Observation?page=2", true, base.String() + "/Observation?page=2"},
		{"the base itself", known + "?_getpages=1", true, base.String() + "?_getpages=1"},
		{"with the port", "https://api.dva.example.nl:443/a/fhir/Patient", true, base.String() + "/Patient"},
		{"relative", "?page=2", true, base.String() + "/Observation?page=2"},
		{"relative to the folder", "Binary/1", true, base.String() + "/Binary/1"},
		{"from the root", "/pages/2", true, media("https://api.dva.example.nl/pages/2")},
		{"a longer name", known + "2/x", true, media(known + "2/x")},
		{"encoded", known + "/Binary/a%2Fb", true, base.String() + "/Binary/a%2Fb"},
		{"out of the base", known + "/../x", true, media("https://api.dva.example.nl/a/x")},
		{"out of the base, hidden", known + "/%2e%2e/x", true, ""},
		{"another host", "https://evil.example.nl/a/fhir/x", true, ""},
		{"by http", "http://api.dva.example.nl/a/fhir/x", true, ""},
		{"another port", "https://api.dva.example.nl:8443/a/fhir/x", true, ""},
		{"somebody in it", "https://user@api.dva.example.nl/a/fhir/x", true, ""},
		{"the gateway itself", "https://gateway.example.nl/v1/fhir/other/x", true, ""},
		{"not known yet", known + "/Binary/1", false, media(known + "/Binary/1")},
		{"not known yet, the gateway itself", "https://gateway.example.nl/v1/fhir/other/x", false, ""},
		{"not known yet, by http", "http://api.dva.example.nl/x", false, ""},
		{"not known yet, relative", "?page=2", false, ""},
	} {
		clear(g.bases)
		if c.learned {
			g.learn("t/1", known+"/")
		}
		link, err := url.Parse(c.link)
		if err != nil {
			t.Fatal(err)
		}
		got, err := g.resolve(from, link)
		if c.want == "" {
			if !errors.Is(err, ErrAddress) {
				t.Errorf("%s: %v, %v", c.name, got, err)
			}
			continue
		}
		if err != nil || got.String() != c.want {
			t.Errorf("%s: %v, %v\nwant %s", c.name, got, err, c.want)
			continue
		}
		if back := g.origin(got); link.IsAbs() && !strings.Contains(c.link, ":443") && back.String() != from.ResolveReference(link).String() {
			t.Errorf("%s: the provider would call it %s", c.name, back)
		}
	}
}

func TestWhatAGatewayCannotTeach(t *testing.T) {
	g, err := NewGateway(GatewayConfig{URL: "https://gateway.example.nl", Dialect: GatewayBundel1})
	if err != nil {
		t.Fatal(err)
	}
	for _, base := range []string{"", "x", "http://api.dva.example.nl/fhir", "https://gateway.example.nl/v1/tokens", "https://u@api.dva.example.nl", "://"} {
		if g.learn("t", base); g.upstream("t") != nil {
			t.Errorf("learned %q", base)
		}
	}
	at := g.address(partFHIR, "t", "Patient", "")
	if g.origin(at) != at {
		t.Error("the origin of an address is known before an answer came")
	}
}

func TestNewGatewaySaysWhichSettingIsWrong(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  GatewayConfig
		ok   bool
	}{
		{"complete", GatewayConfig{URL: "https://gateway.example.nl/", Dialect: GatewayBundel1}, true},
		{"the ministry's", GatewayConfig{URL: "https://gateway.example.nl/a", Dialect: GatewayMGO, SearchURL: "https://search.example.nl"}, true},
		{"no dialect", GatewayConfig{URL: "https://gateway.example.nl"}, false},
		{"no address", GatewayConfig{Dialect: GatewayMGO}, false},
		{"http", GatewayConfig{URL: "http://gateway.example.nl", Dialect: GatewayMGO}, false},
		{"http elsewhere in dev", GatewayConfig{URL: "http://gateway.example.nl", Dialect: GatewayMGO, Dev: true}, false},
		{"loopback", GatewayConfig{URL: "http://localhost:1", Dialect: GatewayMGO}, false},
		{"loopback in dev", GatewayConfig{URL: "http://localhost:1", Dialect: GatewayMGO, Dev: true}, true},
		{"a user", GatewayConfig{URL: "https://u:p@gateway.example.nl", Dialect: GatewayMGO}, false},
		{"a query", GatewayConfig{URL: "https://gateway.example.nl/?a=b", Dialect: GatewayMGO}, false},
		{"search by http", GatewayConfig{URL: "https://gateway.example.nl", Dialect: GatewayMGO, SearchURL: "http://search.example.nl"}, false},
	} {
		if _, err := NewGateway(c.cfg); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestOnlyTheGatewayIsContacted(t *testing.T) {
	g, err := NewGateway(GatewayConfig{URL: "https://gateway.example.nl/p", Dialect: GatewayMGO, SearchURL: "https://search.example.nl"})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]error{
		"https://gateway.example.nl/p/fhir/x": nil, "https://search.example.nl/x": nil, "https://GATEWAY.example.nl:443/": nil,
		"https://api.dva.example.nl/x": ErrNotAllowed, "https://gateway.example.nl.evil.nl/": ErrNotAllowed,
		"https://gateway.example.nl:8443/": ErrNotAllowed, "http://gateway.example.nl/": ErrAddress, "https://u@gateway.example.nl/": ErrAddress,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Allowed(u); !errors.Is(err, want) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAGatewayIsKnownByItsCertificate(t *testing.T) {
	ca, foreign := newAuthority(t), newAuthority(t)
	port, _ := tlsServer(t, ca.issue(t, local, soon()), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Gateway-Authorization") != "credential-canary" {
			t.Error("the credential is not shown")
		}
		fmt.Fprint(w, `{"providers":[{"name":"huisarts-delinde","display":"De Linde","city":"Groningen","type":"gp"}]}`)
	}))
	for _, c := range []struct {
		name string
		ca   *authority
		good bool
	}{{"its own", ca, true}, {"a foreign one", foreign, false}} {
		g, err := NewGateway(GatewayConfig{
			URL: "https://" + local + ":" + port, Dialect: GatewayBundel1, Credential: "credential-canary", TLS: TLS{Roots: c.ca.pool}, Dev: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer g.CloseIdle()
		found, err := g.Find(t.Context(), "linde", 5)
		if c.good && (err != nil || len(found) != 1 || found[0].Kind != "gp" || found[0].Name != "huisarts-delinde@medmij") {
			t.Errorf("%s: %+v, %v", c.name, found, err)
		}
		if !c.good && codeOf(err) != CodeTrust {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAGatewayThatRedirects(t *testing.T) {
	for _, dialect := range []string{GatewayMGO, GatewayBundel1} {
		s := newScripted(t, dialect, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		})
		if _, err := s.Begin(t.Context(), s.connection("46"), Collect); !errors.Is(err, ErrRedirect) || codeOf(err) != CodeTrust {
			t.Errorf("%s: begin: %v", dialect, err)
		}
		if _, err := s.Refresh(t.Context(), s.grant("46")); !errors.Is(err, ErrRedirect) {
			t.Errorf("%s: refresh: %v", dialect, err)
		}
		if r := oneQuery(t, collect(t, s.Fetch(t.Context(), s.grant("46"))[0])); r.Detail != CodeGateway {
			t.Errorf("%s: fetch: %+v", dialect, r)
		}
		if len(s.asked) != 3 {
			t.Errorf("%s: %d requests, want 3", dialect, len(s.asked))
		}
	}
}

// What a provider writes in a link leads to nowhere but its own target.
func FuzzGatewayLinks(f *testing.F) {
	f.Add("https://api.dva.example.nl/a/fhir/Observation?page=2", true)
	f.Add("/a/fhir/../../x", true)
	f.Add("//gateway.example.nl/v1/fhir/other/Patient", false)
	f.Add("?x=%2e%2e/", true)
	g, err := NewGateway(GatewayConfig{URL: "https://gateway.example.nl", Dialect: GatewayBundel1})
	if err != nil {
		f.Fatal(err)
	}
	g.learn("known", "https://api.dva.example.nl/a/fhir")
	f.Fuzz(func(t *testing.T, text string, known bool) {
		link, err := url.Parse(text)
		if err != nil {
			return
		}
		target := map[bool]string{true: "known", false: "unknown"}[known]
		to, err := g.resolve(g.address(partFHIR, target, "Observation", ""), link)
		if err != nil {
			return
		}
		again, err := url.Parse(to.String()) // as it goes over the line
		if err != nil {
			t.Fatalf("%q leads to what is no address", text)
		}
		p, ok := g.parse(again)
		if !ok || p.target != target || p.part == partConnection || strings.Contains("/"+p.rest+"/", "/../") {
			t.Fatalf("%q leads to %s", text, to)
		}
	})
}
