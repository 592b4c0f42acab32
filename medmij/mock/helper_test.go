package mock_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

func start(t *testing.T, cfg mock.Config) *mock.Network {
	t.Helper()
	if cfg.Seed == 0 {
		cfg.Seed = 7
	}
	return mock.Start(t, cfg)
}

// full is the whole topology without Fred's many measurements, which take time
// to load.
func full() mock.Config {
	cfg := mock.Full()
	cfg.Providers[0].Bundles = nil
	return cfg
}

// app is a client of the network: the smallest app there can be.
type app struct {
	*testing.T
	net   *mock.Network
	http  *http.Client
	token string
}

func newApp(t *testing.T, n *mock.Network) *app {
	t.Helper()
	c, err := n.HTTPClient()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return &app{T: t, net: n, http: c, token: n.Personas[0].Token}
}

// zal finds the addresses of a service in the list of providers, as an app does.
func (a *app) zal(provider, service string) (authorize, token, base string) {
	a.Helper()
	s := a.listed(provider, service)
	return s.Authorization, s.Token, s.Roles[0].Base
}

func (a *app) listed(provider, service string) medmij.ListedService {
	a.Helper()
	_, body := a.get(a.net.ListsURL+"MedMij_Zorgaanbiederslijst.xml?api=2", nil)
	list, err := medmij.ReadZAL(bytes.NewReader(body), true)
	if err != nil {
		a.Fatal(err)
	}
	for _, p := range list.Providers {
		for _, version := range p.Versions {
			for _, s := range version.Services {
				if p.Name == provider+"@medmij" && s.ID == service {
					return s
				}
			}
		}
	}
	a.Fatalf("%s with service %s is not on the list", provider, service)
	return medmij.ListedService{}
}

func (a *app) get(address string, header http.Header) (*http.Response, []byte) {
	a.Helper()
	return a.do(http.MethodGet, address, "", header)
}

func (a *app) do(method, address, body string, header http.Header) (*http.Response, []byte) {
	a.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		a.Fatal(err)
	}
	if header != nil {
		req.Header = header.Clone()
	}
	trace(req.Header)
	res, err := a.http.Do(req)
	if err != nil {
		a.Fatalf("%s %s: %v", method, address, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		a.Fatalf("%s %s: %v", method, address, err)
	}
	return res, raw
}

// trace adds the two tracing ids, unless a test gives its own.
func trace(h http.Header) {
	for name, id := range map[string]string{
		"MedMij-Request-ID": "5f1c1d8e-0a1b-4a59-8bd0-6a2d4c1c9a02", "X-Correlation-ID": "0c9d3f6a-2c1d-4c3e-8a55-3a8f4b9f2e77",
	} {
		if h.Get(name) == "" {
			h.Set(name, id)
		}
	}
}

func (a *app) form(address string, values url.Values) (int, map[string]any) {
	a.Helper()
	res, raw := a.do(http.MethodPost, address, values.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	var body map[string]any
	if err := json.Unmarshal(raw, &body); err != nil {
		a.Fatalf("answer of %s is no JSON: %v", address, err)
	}
	return res.StatusCode, body
}

// fhir asks a FHIR server with the token of the app.
func (a *app) fhir(base, path string) (*http.Response, []byte) {
	a.Helper()
	path = strings.NewReplacer("|", "%7C", "#", "%23").Replace(path)
	return a.get(base+"/"+path, http.Header{"Authorization": {"Bearer " + a.token}})
}

// answer is a search result, read by the reader that the app itself uses.
type answer struct {
	*fhir.BundleReader
	entries []fhir.Entry
}

func (a *app) search(base, path string) answer {
	a.Helper()
	res, raw := a.fhir(base, path)
	if res.StatusCode != http.StatusOK {
		a.Fatalf("search %s: status %d: %s", path, res.StatusCode, raw)
	}
	found := answer{BundleReader: fhir.ReadBundle(strings.NewReader(string(raw)), fhir.STU3)}
	for e, err := range found.Entries() {
		if err != nil {
			a.Fatalf("search %s: %v", path, err)
		}
		found.entries = append(found.entries, e)
	}
	return found
}

// ids gives type/id of the entries with a search mode, in order.
func (s answer) ids(mode string) []string {
	var ids []string
	for _, e := range s.entries {
		if e.Mode == mode {
			ids = append(ids, e.Resource.Ref.String())
		}
	}
	return ids
}

const (
	callback = "http://127.0.0.1:41234/oauth/callback"
	state    = "state-0123456789abcdefghijklmnop"
)

// authorizeURL is a good authorization request; changes override parameters,
// an empty value takes one away.
func (a *app) authorizeURL(scope string, changes ...string) string {
	a.Helper()
	return a.authorizeAt("huisarts-delinde", "49", scope, changes...)
}

// authorizeAt is one at the platform of a service.
func (a *app) authorizeAt(provider, service, scope string, changes ...string) string {
	a.Helper()
	address, _, _ := a.zal(provider, service)
	q := url.Values{
		"response_type": {"code"}, "client_id": {a.net.ClientID}, "redirect_uri": {callback}, "scope": {scope}, "state": {state},
		"MedMij-Request-ID": {"7d0b4b0e-4a3b-4b52-9f6c-7a0e5c6c1d11"}, "X-Correlation-ID": {"0c9d3f6a-2c1d-4c3e-8a55-3a8f4b9f2e77"},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if q.Del(changes[i]); changes[i+1] != "" {
			q.Set(changes[i], changes[i+1])
		}
	}
	return address + "?" + q.Encode()
}

// login walks the pages and gives what came back to the app.
func (a *app) login(address string, v mock.Visitor) url.Values {
	a.Helper()
	to, err := a.net.Visit(context.Background(), address, v)
	if err != nil {
		a.Fatal(err)
	}
	if back := to.Scheme + "://" + to.Host + to.Path; back != callback {
		a.Fatalf("sent back to %s", back)
	}
	return to.Query()
}

// granted logs in for a service and gives the answer of its token endpoint; the
// app uses the token from then on.
func (a *app) granted(provider, service, scope string, v mock.Visitor, changes ...string) map[string]any {
	a.Helper()
	back := a.login(a.authorizeAt(provider, service, scope, changes...), v)
	if back.Get("error") != "" {
		a.Fatalf("%s: sent back with %s", scope, back.Get("error"))
	}
	_, token, _ := a.zal(provider, service)
	status, answer := a.form(token, tokenForm(back.Get("code")))
	if status != http.StatusOK {
		a.Fatalf("%s: token answer %d %v", scope, status, answer["error"])
	}
	a.token, _ = answer["access_token"].(string)
	return answer
}

func tokenForm(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {mock.DefaultClient}, "redirect_uri": {callback}}
}
