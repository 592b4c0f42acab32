package medmij

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// fakeNet is a Transport that hands requests to a handler in this process. It
// remembers what went out and allows the hosts it was told.
type fakeNet struct {
	handler http.Handler
	hosts   map[string]bool

	mu   sync.Mutex
	sent []sentRequest
}

type sentRequest struct {
	*http.Request
	body string
}

func (f *fakeNet) Allowed(u *url.URL) error {
	if u.Scheme != "https" {
		return ErrAddress
	}
	if !f.hosts[u.Hostname()] {
		return ErrNotAllowed
	}
	return nil
}

func (f *fakeNet) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := f.Allowed(req.URL); err != nil {
		return nil, err
	}
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	f.mu.Lock()
	f.sent = append(f.sent, sentRequest{req.Clone(context.Background()), string(body)})
	f.mu.Unlock()
	rec := httptest.NewRecorder()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("connection reset")
				return
			}
			done <- nil
		}()
		f.handler.ServeHTTP(rec, req)
	}()
	select {
	case err := <-done:
		if err != nil {
			return nil, err
		}
		return rec.Result(), nil
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

func (f *fakeNet) requests() []sentRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]sentRequest(nil), f.sent...)
}

// header finds a header without looking at case, as a server does.
func (r sentRequest) header(name string) string {
	for k, v := range r.Header {
		if strings.EqualFold(k, name) {
			return v[0]
		}
	}
	return ""
}

const (
	apiHost   = "api.dva.example.nl"
	loginHost = "inlog.dva.example.nl"
	apiBase   = "https://" + apiHost + "/fhir"
)

// setup is a client, its network and what it logged.
type setup struct {
	*Client
	net    *fakeNet
	saved  []*Grant
	events []Event
	log    bytes.Buffer
	mu     sync.Mutex
}

func newSetup(t *testing.T, handler http.Handler, change ...func(*Config)) *setup {
	t.Helper()
	s := &setup{net: &fakeNet{handler: handler, hosts: map[string]bool{apiHost: true, loginHost: true}}}
	cfg := Config{
		ClientID: "pgo.example.nl", RedirectURI: "https://pgo.example.nl/oauth/callback", Transport: s.net,
		Save: func(_ context.Context, g *Grant) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.saved = append(s.saved, g)
			return nil
		},
		Chain: func(e Event) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.events = append(s.events, e)
		},
		Log: slog.New(slog.NewJSONHandler(&s.log, nil)),
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.Client = c
	return s
}

func connection(services ...string) Connection {
	c := Connection{
		Provider: "huisarts-delinde@medmij", Display: "Huisartsenpraktijk De Linde", Kind: "gp", Dialect: Dialect2,
		Authorization: "https://" + loginHost + "/authorize", Token: "https://" + apiHost + "/token",
	}
	for _, id := range services {
		c.Services = append(c.Services, Offer{ID: id, Roles: []Role{{Code: "MM-2.0-XXB-FHIR", Base: apiBase}}})
	}
	return c
}

func grantFor(services ...string) *Grant {
	return &Grant{
		Connection: connection(services...), Purpose: Collect, Granted: services, State: GrantActive,
		AccessToken: "access-canary-1", RefreshToken: "refresh-canary-1",
		CorrelationID: "0c9d3f6a-2c1d-4c3e-8a55-3a8f4b9f2e77", Consented: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

// collected is everything a source gave.
type collected struct {
	ids     []string
	results map[string]fhir.QueryResult
	err     error
}

func collect(t *testing.T, source fhir.Source) collected {
	t.Helper()
	got := collected{results: map[string]fhir.QueryResult{}}
	for page, err := range source.Pages {
		if err != nil {
			got.err = err
			break
		}
		for _, r := range page.Resources {
			got.ids = append(got.ids, r.String())
		}
		if page.Result == nil {
			continue
		}
		if _, twice := got.results[page.Query]; twice {
			t.Errorf("query %s has two results", page.Query)
		}
		result := *page.Result
		if result.Trace == "" || result.Trace != page.Trace {
			t.Errorf("query %s does not say its correlation id", page.Query)
		}
		result.Trace = "" // the same in every test
		got.results[page.Query] = result
	}
	return got
}

func fetchOne(t *testing.T, s *setup, g *Grant) collected {
	t.Helper()
	sources := s.Fetch(t.Context(), g)
	if len(sources) != 1 {
		t.Fatalf("%d sources, want 1", len(sources))
	}
	return collect(t, sources[0])
}

// serveFHIR answers with a status and a body as FHIR STU3.
func serveFHIR(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/fhir+json; fhirVersion=3.0; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

func bundle(next string, resources ...string) string {
	b := map[string]any{"resourceType": "Bundle", "type": "searchset", "link": []any{}}
	if next != "" {
		b["link"] = []any{map[string]string{"relation": "next", "url": next}}
	}
	var entries []any
	for _, r := range resources {
		entries = append(entries, map[string]any{"resource": json.RawMessage(r), "search": map[string]string{"mode": "match"}})
	}
	b["entry"] = entries
	raw, _ := json.Marshal(b)
	return string(raw)
}

func resource(kind, id string) string { return fmt.Sprintf(`{"resourceType":%q,"id":%q}`, kind, id) }

// always answers every request in the same way.
func always(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { serveFHIR(w, status, body) }
}

func oneQuery(t *testing.T, got collected) fhir.QueryResult {
	t.Helper()
	if len(got.results) != 1 {
		t.Fatalf("%d results, want 1: %+v", len(got.results), got.results)
	}
	for _, r := range got.results {
		return r
	}
	panic("unreachable")
}

// pause is how a handler takes its time, unless the client goes away.
func pause(r *http.Request, d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	}
}
