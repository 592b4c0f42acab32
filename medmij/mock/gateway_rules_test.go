package mock_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

// ask sends a request to a gateway as an app that has its credential.
func (r *reach) ask(t *testing.T, method, path, body string, header ...string) (int, http.Header, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.gateway.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Gateway-Authorization", r.gateway.Credential)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client, err := r.net.HTTPClient()
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, raw
}

// problem checks that an answer is an error of the gateway itself, of a kind.
func problem(t *testing.T, header http.Header, raw []byte, kind string) {
	t.Helper()
	var p struct{ Type string }
	if header.Get("Content-Type") != "application/problem+json" || json.Unmarshal(raw, &p) != nil || !strings.HasSuffix(p.Type, "/"+kind) {
		t.Errorf("%s %s, want a problem of type %s", header.Get("Content-Type"), raw, kind)
	}
	if header.Get("X-Gateway-Upstream-Status") != "" {
		t.Error("an error of the gateway looks like one of the provider")
	}
}

// seenURLs notes every address that is asked or answered with, as it is.
type seenURLs struct {
	mu  sync.Mutex
	all []string
}

func (s *seenURLs) intercept(_ string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all = append(s.all, r.URL.String(), w.Header().Get("Location"), r.Referer())
	})
}

func TestGWY_01_NoTokensInAddresses(t *testing.T) {
	seen := &seenURLs{}
	n := start(t, mock.Config{Intercept: seen.intercept})
	r := throughGateway(t, n, medmij.GatewayBundel1)
	g := r.login(t, r.connection(t, "huisartsenpraktijk linde", "49"), medmij.Collect, anna)
	next, err := r.Refresh(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	r.fetch(t, next)
	if len(seen.all) < 30 {
		t.Fatalf("only %d addresses were seen", len(seen.all))
	}
	for _, address := range seen.all {
		for _, secret := range []string{g.AccessToken, g.RefreshToken, next.AccessToken, next.RefreshToken, r.gateway.Credential} {
			if strings.Contains(address, secret) {
				t.Fatalf("a secret is in the address of %s", strings.SplitN(address, "?", 2)[0])
			}
		}
	}
}

func authorization(connection, returnURL string) string {
	raw, _ := json.Marshal(map[string]any{
		"connection": connection, "scope_kind": "collect", "service_ids": []string{"49"}, "state": "s",
		"handoff_challenge": strings.Repeat("c", 43), "return_url": returnURL,
	})
	return string(raw)
}

// handles are the connection and the target of a service, as the gateway gave them.
func (r *reach) handles(t *testing.T, query, service string) (connection, target string) {
	t.Helper()
	c := r.connection(t, query, service)
	offer, _ := c.Offer(service)
	last := func(address string) string { return address[strings.LastIndexByte(address, '/')+1:] }
	return last(c.Authorization), last(offer.Roles[0].Base)
}

func TestGWY_02_BrowsersAreOnlySentToThisMachine(t *testing.T) {
	r := throughGateway(t, start(t, mock.Config{}), medmij.GatewayBundel1)
	connection, _ := r.handles(t, "huisartsenpraktijk linde", "49")
	for address, want := range map[string]int{
		"http://127.0.0.1:41234/oauth/callback": 201, "http://localhost:1/cb": 201, "http://[::1]:1/cb": 201,
		"https://evil.example.nl/cb": 400, "http://evil.example.nl/cb": 400, "http://127.0.0.1.evil.example.nl/cb": 400,
		"http://127.0.0.1@evil.example.nl/cb": 400, "http://user@127.0.0.1/cb": 400, "//evil.example.nl/cb": 400,
		"javascript:alert(1)": 400, "http://127.0.0.1/cb?to=https://evil.example.nl": 400, "http://127.0.0.1/cb#x": 400, "": 400,
	} {
		status, header, raw := r.ask(t, "POST", "/v1/authorizations", authorization(connection, address))
		if status != want {
			t.Errorf("%q: status %d, want %d", address, status, want)
		}
		if want == 400 {
			problem(t, header, raw, "request")
		}
	}
}

func TestGWY_03_AHandoffWorksOnceForWhoBeganIt(t *testing.T) {
	n := start(t, mock.Config{})
	r := throughGateway(t, n, medmij.GatewayBundel1)
	offer := func(code, verifier string) (int, http.Header, []byte) {
		return r.ask(t, "POST", "/v1/tokens", fmt.Sprintf(`{"grant":"handoff","handoff_code":%q,"handoff_verifier":%q}`, code, verifier))
	}
	begin := func() (medmij.Login, url.Values) {
		l, err := r.Begin(t.Context(), r.connection(t, "huisartsenpraktijk linde", "49"), medmij.Collect)
		if err != nil {
			t.Fatal(err)
		}
		back, err := r.visit(t.Context(), l.URL, anna)
		if err != nil {
			t.Fatal(err)
		}
		return l, back.Query()
	}
	t.Run("once", func(t *testing.T) {
		l, callback := begin()
		if _, err := r.Finish(t.Context(), l, l.Handle, callback); err != nil {
			t.Fatal(err)
		}
		_, header, raw := offer(callback.Get("handoff_code"), "whatever")
		problem(t, header, raw, "handoff")
		if _, err := r.Finish(t.Context(), l, l.Handle, callback); codeOf(err) != medmij.CodeLogin {
			t.Errorf("the second time: %v", err)
		}
	})
	t.Run("another verifier", func(t *testing.T) {
		l, callback := begin()
		_, header, raw := offer(callback.Get("handoff_code"), strings.Repeat("v", 43))
		problem(t, header, raw, "handoff")
		if _, err := r.Finish(t.Context(), l, l.Handle, callback); codeOf(err) != medmij.CodeLogin {
			t.Errorf("after a wrong offer: %v", err)
		}
	})
	t.Run("60 seconds", func(t *testing.T) {
		l, callback := begin()
		n.Advance(61 * time.Second)
		if _, err := r.Finish(t.Context(), l, l.Handle, callback); codeOf(err) != medmij.CodeLogin {
			t.Errorf("too late: %v", err)
		}
	})
}

func codeOf(err error) string {
	var e *medmij.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// withoutAPI takes the provider's host off the Whitelist from the moment that
// it is switched on.
type withoutAPI struct{ on atomic.Bool }

func (d *withoutAPI) intercept(endpoint string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if endpoint != "list:whitelist" || !d.on.Load() {
			next.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprint(w, strings.ReplaceAll(rec.Body.String(), ">api.dva.", ">gone.dva."))
	})
}

func TestGWY_04_OnlyListedHostsAndOwnHandles(t *testing.T) {
	drop := &withoutAPI{}
	n := start(t, mock.Config{Intercept: drop.intercept})
	r := throughGateway(t, n, medmij.GatewayBundel1)
	g := r.login(t, r.connection(t, "huisartsenpraktijk linde", "49"), medmij.Collect, anna)
	connection, target := r.handles(t, "huisartsenpraktijk linde", "49")
	_, other := r.handles(t, "ziekenhuis noordzee", "48")
	media := "/v1/media/" + target + "?url="
	for name, c := range map[string]struct{ path, kind string }{
		"forged":                 {"/v1/fhir/" + target[:len(target)-4] + "AAAA/AllergyIntolerance", "capability"},
		"nonsense":               {"/v1/fhir/abc/AllergyIntolerance", "capability"},
		"a connection as target": {"/v1/fhir/" + connection + "/AllergyIntolerance", "capability"},
		"an address":             {"/v1/fhir/" + url.PathEscape("https://evil.example.nl/fhir") + "/Patient", "capability"},
		"out of the base":        {"/v1/fhir/" + target + "/%2e%2e/%2e%2e/48/fhir/Patient", "whitelist"},
		"a document elsewhere":   {media + url.QueryEscape("https://evil.medmij.localhost/x"), "whitelist"},
		"a document by http":     {media + url.QueryEscape("http://api.dva.medmij.localhost/x"), "whitelist"},
	} {
		_, header, raw := r.ask(t, "GET", c.path, "", "Authorization", "Bearer "+g.AccessToken)
		t.Run(name, func(t *testing.T) { problem(t, header, raw, c.kind) })
	}
	if len(n.Requests("resource")) != 0 || len(n.Requests("evil")) != 0 {
		t.Error("something was sent on")
	}
	if status, _, _ := r.ask(t, "GET", "/v1/fhir/"+other+"/Patient", "", "Authorization", "Bearer "+g.AccessToken); status != 403 {
		t.Errorf("a token at another provider: %d", status)
	}
	drop.on.Store(true)
	before := len(n.Requests("resource"))
	if err := r.gateway.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for query, result := range r.fetch(t, g).Results {
		if result.Outcome != fhir.Failed || result.Detail != medmij.CodeTrust {
			t.Errorf("off the Whitelist: %s: %+v", query, result)
		}
	}
	if _, err := r.Refresh(t.Context(), g); codeOf(err) != medmij.CodeTrust || !errors.Is(err, medmij.ErrNotAllowed) {
		t.Errorf("renewing off the Whitelist: %v", err)
	}
	if after := len(n.Requests("resource")); after != before || len(n.Requests("token")) != 1 {
		t.Error("a host that is not on the Whitelist was contacted")
	}
}

func TestGWY_05_AnswersOfProvidersPassUnchanged(t *testing.T) {
	n := start(t, mock.Config{Seed: 3})
	r := throughGateway(t, n, medmij.GatewayBundel1)
	_, target := r.handles(t, "huisartsenpraktijk linde", "49")
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	for _, c := range []struct {
		name, path, token string
		fault             mock.Fault
	}{
		{"found", "/AllergyIntolerance", a.token, mock.Fault{}},
		{"with a query", "/Observation?code=http://loinc.org%7C29463-7", a.token, mock.Fault{}},
		{"an operation", "/Observation/$lastn?category=x", a.token, mock.Fault{}},
		{"not there", "/Condition/none", a.token, mock.Fault{}},
		{"not offered", "/Basic", a.token, mock.Fault{}},
		{"no token", "/AllergyIntolerance", "x", mock.Fault{}},
		{"busy", "/AllergyIntolerance", a.token, mock.Fault{Kind: "status", Status: 503, RetryAfter: "7"}},
		{"a redirect", "/AllergyIntolerance", a.token, mock.Fault{Kind: "status", Status: 307}},
		{"a page", "/AllergyIntolerance", a.token, mock.Fault{Kind: "html200"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.fault.Kind != "" {
				c.fault.On = "resource"
				if err := n.SetFaults(c.fault); err != nil {
					t.Fatal(err)
				}
				defer n.SetFaults()
			}
			header := http.Header{"Authorization": {"Bearer " + c.token}, "Accept": {"application/fhir+json; fhirVersion=3.0"}}
			want, wantBody := a.get(base+c.path, header)
			status, got, body := r.ask(t, "GET", "/v1/fhir/"+target+c.path, "",
				"Authorization", "Bearer "+c.token, "Accept", header.Get("Accept"))
			if status != want.StatusCode || !bytes.Equal(body, wantBody) {
				t.Errorf("status %d and %d bytes, want %d and %d", status, len(body), want.StatusCode, len(wantBody))
			}
			if got.Get("X-Gateway-Upstream-Status") != fmt.Sprint(want.StatusCode) || got.Get("X-Gateway-Upstream-Base") != base {
				t.Error("the answer does not say whose it is")
			}
			for _, name := range []string{"Content-Type", "Retry-After", "WWW-Authenticate"} {
				if got.Get(name) != want.Header.Get(name) {
					t.Errorf("%s is %q, want %q", name, got.Get(name), want.Header.Get(name))
				}
			}
		})
	}
}

func TestGWY_05_TroubleOnTheWayIsAProblem(t *testing.T) {
	n := start(t, mock.Config{})
	r := throughGateway(t, n, medmij.GatewayBundel1)
	_, target := r.handles(t, "huisartsenpraktijk linde", "49")
	if err := n.SetFaults(mock.Fault{On: "resource", Kind: "reset"}); err != nil {
		t.Fatal(err)
	}
	status, header, raw := r.ask(t, "GET", "/v1/fhir/"+target+"/Encounter", "", "Authorization", "Bearer x")
	if problem(t, header, raw, "upstream-unreachable"); status != http.StatusBadGateway {
		t.Errorf("status %d", status)
	}
	status, header, raw = r.ask(t, "GET", "/v1/meta", "", "X-Gateway-Authorization", "another")
	if problem(t, header, raw, "credential"); status != http.StatusUnauthorized {
		t.Errorf("without the credential: %d", status)
	}
	status, _, raw = r.ask(t, "GET", "/v1/meta", "")
	if status != 200 || !strings.Contains(string(raw), `"client_id":"`+mock.DefaultClient+`"`) {
		t.Errorf("meta: %d %s", status, raw)
	}
}

func TestGWY_06_AGatewayKeepsNothing(t *testing.T) {
	for _, dialect := range gatewayDialects {
		var log bytes.Buffer
		n := start(t, mock.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
		r := throughGateway(t, n, dialect)
		g := r.login(t, r.connection(t, "huisartsenpraktijk linde", "49"), medmij.Collect, anna)
		got := r.fetch(t, g)
		if len(got.Resources) == 0 {
			t.Fatal("nothing came")
		}
		recorded, err := json.Marshal(n.Requests("gateway"))
		if err != nil {
			t.Fatal(err)
		}
		if len(n.Requests("gateway:fhir")) == 0 {
			t.Error("the recorder saw no requests at the gateway")
		}
		kept := fmt.Sprintf("%+v", reflect.ValueOf(r.gateway).Elem()) + string(recorded) + log.String()
		for _, secret := range []string{g.AccessToken, g.RefreshToken, "searchset", "Anna", "1961-04-02", `"resourceType"`} {
			if strings.Contains(kept, secret) {
				t.Errorf("%s: something of a person is kept", dialect)
			}
		}
	}
}
