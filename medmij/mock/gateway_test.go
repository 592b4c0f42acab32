package mock_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

// reach is a client with what it takes to log in: at providers themselves or
// through a gateway.
type reach struct {
	*medmij.Client
	medmij.Finder
	gateway *mock.Gateway // nil: none
	medmij  *medmij.Gateway
	net     *mock.Network
	visit   func(context.Context, string, mock.Visitor) (*url.URL, error)

	mu     sync.Mutex
	events []medmij.Event
}

var gatewayDialects = []string{medmij.GatewayBundel1, medmij.GatewayMGO}

func (r *reach) config(transport medmij.Transport) medmij.Config {
	return medmij.Config{
		ClientID: r.net.ClientID, RedirectURI: callback, Transport: transport, Dev: true,
		Save: func(context.Context, *medmij.Grant) error { return nil },
		Chain: func(e medmij.Event) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.events = append(r.events, e)
		},
	}
}

func (r *reach) client(t *testing.T, transport medmij.Transport) {
	t.Helper()
	var err error
	if r.Client, err = medmij.New(r.config(transport)); err != nil {
		t.Fatal(err)
	}
}

func throughGateway(t *testing.T, n *mock.Network, dialect string) *reach {
	t.Helper()
	g, err := n.Gateway(dialect)
	if err != nil {
		t.Fatal(err)
	}
	through, err := medmij.NewGateway(medmij.GatewayConfig{URL: g.URL, Dialect: dialect, Credential: g.Credential, Dev: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(through.CloseIdle)
	r := &reach{Finder: through, gateway: g, medmij: through, net: n, visit: g.Visit}
	r.client(t, through)
	return r
}

func directly(t *testing.T, n *mock.Network) *reach {
	t.Helper()
	identity := medmij.TLS{Roots: x509.NewCertPool()}
	identity.Roots.AppendCertsFromPEM(n.CA)
	pair, err := tls.X509KeyPair(n.ClientCert, n.ClientKey)
	if err != nil {
		t.Fatal(err)
	}
	identity.Certificate = &pair
	lists := medmij.NewLists(medmij.ListsConfig{URL: n.ListsURL, AddressBook: n.AddressBookURL, TLS: identity, Dev: true})
	if err := lists.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	direct, err := medmij.NewDirect(medmij.DirectConfig{TLS: identity, Directory: lists.Directory, Dev: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(direct.CloseIdle)
	directory, err := lists.Directory()
	if err != nil {
		t.Fatal(err)
	}
	r := &reach{Finder: directory, net: n, visit: n.Visit}
	r.client(t, direct)
	return r
}

// connection finds the one connection of a provider that has the service.
func (r *reach) connection(t *testing.T, query, service string) medmij.Connection {
	t.Helper()
	found, err := r.Find(t.Context(), query, 3)
	if err != nil || len(found) == 0 {
		t.Fatalf("find %s: %d, %v", query, len(found), err)
	}
	for _, c := range found[0].Connections {
		if _, ok := c.Offer(service); ok {
			return c
		}
	}
	t.Fatalf("%s has no service %s", query, service)
	return medmij.Connection{}
}

// login goes all the way as the person would.
func (r *reach) login(t *testing.T, c medmij.Connection, purpose medmij.Direction, v mock.Visitor, services ...string) *medmij.Grant {
	t.Helper()
	l, err := r.Begin(t.Context(), c, purpose, services...)
	if err != nil {
		t.Fatal(err)
	}
	back, err := r.visit(t.Context(), l.URL, v)
	if err != nil {
		t.Fatal(err)
	}
	g, err := r.Finish(t.Context(), l, l.Handle, back.Query())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// gathered is what a grant gives, by service.
type gathered struct {
	Resources []string // reference, address and size
	Results   map[string]fhir.QueryResult
}

func (r *reach) fetch(t *testing.T, g *medmij.Grant) gathered {
	t.Helper()
	got := gathered{Results: map[string]fhir.QueryResult{}}
	for _, source := range r.Fetch(t.Context(), g) {
		for page, err := range source.Pages {
			if err != nil {
				t.Fatal(err)
			}
			for _, res := range page.Resources {
				got.Resources = append(got.Resources, fmt.Sprint(source.Origin.Service, " ", res.Ref, " ", res.FullURL, " ", len(res.Bytes())))
			}
			if page.Result == nil {
				continue
			}
			result := *page.Result
			if result.Trace != g.CorrelationID {
				t.Errorf("%s is of another chain", page.Query)
			}
			result.Trace = "" // of this login only
			got.Results[source.Origin.Service+" "+page.Query] = result
		}
	}
	slices.Sort(got.Resources)
	return got
}

var anna = mock.Visitor{Persona: "anna", Indefinite: true}

// What comes through a gateway is what comes from the provider itself: the same
// bytes, at the same addresses, page by page, documents too.
func TestGWY_07_BothDialectsGiveWhatTheProviderGives(t *testing.T) {
	n := start(t, mock.Config{})
	straight := directly(t, n)
	for _, provider := range []struct{ query, service string }{{"huisartsenpraktijk linde", "49"}, {"ziekenhuis noordzee", "51"}} {
		want := straight.fetch(t, straight.login(t, straight.connection(t, provider.query, provider.service), medmij.Collect, anna))
		if len(want.Resources) == 0 {
			t.Fatal("the provider gives nothing to compare with")
		}
		for _, dialect := range gatewayDialects {
			t.Run(dialect+" "+provider.query, func(t *testing.T) {
				r := throughGateway(t, n, dialect)
				got := r.fetch(t, r.login(t, r.connection(t, provider.query, provider.service), medmij.Collect, anna))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestThroughAGatewayGrantsAreRenewed(t *testing.T) {
	for _, dialect := range gatewayDialects {
		t.Run(dialect, func(t *testing.T) {
			n := start(t, mock.Config{})
			r := throughGateway(t, n, dialect)
			g := r.login(t, r.connection(t, "huisartsenpraktijk linde", "49"), medmij.Collect, anna)
			next, err := r.Refresh(t.Context(), g)
			if err != nil {
				t.Fatal(err)
			}
			if next.AccessToken == g.AccessToken || next.RefreshToken == g.RefreshToken || next.CorrelationID == g.CorrelationID {
				t.Error("the tokens or the chain are the old ones")
			}
			renewals := n.Requests("token")
			if last := renewals[len(renewals)-1]; last.Form.Get("grant_type") != "refresh_token" ||
				last.Header.Get("X-Correlation-ID") != next.CorrelationID {
				t.Error("REF-02: the provider saw another chain")
			}
			if got := r.fetch(t, next); len(got.Resources) == 0 {
				t.Error("the new token gives nothing")
			}
		})
	}
}

func TestSharingThroughAGateway(t *testing.T) {
	n := start(t, mock.Config{})
	t.Run(medmij.GatewayBundel1, func(t *testing.T) {
		r := throughGateway(t, n, medmij.GatewayBundel1)
		g := r.login(t, r.connection(t, "huisartsenpraktijk linde", "53"), medmij.Share, mock.Visitor{Persona: "anna"}, "53")
		results, err := r.Send(t.Context(), g, "53", []byte(batch(sentPatient, sentWeight)))
		if err != nil || len(results) != 2 || !results[0].OK || !results[1].OK {
			t.Errorf("%+v, %v", results, err)
		}
		if len(n.Received()) != 1 {
			t.Errorf("the provider received %d", len(n.Received()))
		}
	})
	// This gateway carries reads only, and the person hears so before logging in.
	t.Run(medmij.GatewayMGO, func(t *testing.T) {
		r := throughGateway(t, n, medmij.GatewayMGO)
		_, err := r.Begin(t.Context(), r.connection(t, "huisartsenpraktijk linde", "53"), medmij.Share, "53")
		if !errors.Is(err, medmij.ErrNotSupported) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAConnectionThroughAGatewayKeepsItsName(t *testing.T) {
	n := start(t, mock.Config{})
	for _, dialect := range gatewayDialects {
		r := throughGateway(t, n, dialect)
		a := r.connection(t, "ziekenhuis noordzee", "48")
		b := a
		b.Authorization, b.Token = a.Authorization+"2", a.Token+"2"
		if a.ID() != b.ID() || a.ID() == r.connection(t, "huisartsenpraktijk linde", "49").ID() {
			t.Errorf("%s: %s, %s", dialect, a.ID(), b.ID())
		}
		if len(a.Services) != 4 {
			t.Errorf("%s: %d services in one login, want 4", dialect, len(a.Services))
		}
	}
}

func TestSearchingThroughAGateway(t *testing.T) {
	n := start(t, mock.Config{})
	for _, dialect := range gatewayDialects {
		r := throughGateway(t, n, dialect)
		for query, want := range map[string]string{"apotheek": "apotheek-dezon@medmij", "huisartsenpraktijk Groningen": "huisarts-delinde@medmij"} {
			found, err := r.Find(t.Context(), query, 5)
			if err != nil || len(found) == 0 || found[0].Name != want || found[0].City != "Groningen" || found[0].Display == "" {
				t.Errorf("%s: %q: %+v, %v", dialect, query, found, err)
			}
		}
		if found, err := r.Find(t.Context(), "Groningen", 5); dialect == medmij.GatewayBundel1 && (err != nil || len(found) != 3) {
			t.Errorf("over several pages: %d, %v", len(found), err)
		}
		for query, limit := range map[string]int{"": 5, "  ": 5, "apotheek": 0, "qqqqqqq": 5} {
			if found, err := r.Find(t.Context(), query, limit); err != nil || len(found) != 0 {
				t.Errorf("%s: %q gives %d, %v", dialect, query, len(found), err)
			}
		}
	}
}

func TestAPersonWhoRefusesThroughAGateway(t *testing.T) {
	n := start(t, mock.Config{})
	r := throughGateway(t, n, medmij.GatewayBundel1)
	l, err := r.Begin(t.Context(), r.connection(t, "huisartsenpraktijk linde", "49"), medmij.Collect)
	if err != nil {
		t.Fatal(err)
	}
	back, err := r.visit(t.Context(), l.URL, mock.Visitor{Persona: "anna", Stop: "deny"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Finish(t.Context(), l, l.Handle, back.Query())
	var e *medmij.Error
	if !errors.As(err, &e) || e.Code != medmij.CodeCancel || e.Trace != back.Query().Get("correlation_id") {
		t.Errorf("got %v", err)
	}
	// The other gateway takes the word for a number: the person ends there.
	r = throughGateway(t, n, medmij.GatewayMGO)
	if l, err = r.Begin(t.Context(), r.connection(t, "huisartsenpraktijk linde", "49"), medmij.Collect); err != nil {
		t.Fatal(err)
	}
	if back, err := r.visit(t.Context(), l.URL, mock.Visitor{Persona: "anna", Stop: "deny"}); err == nil {
		t.Errorf("came back to %s", back.Host)
	}
}

// A login without lasting consent has no refresh token, which one gateway
// writes as a word.
func TestGWY_07_MissingValues(t *testing.T) {
	n := start(t, mock.Config{})
	for _, dialect := range gatewayDialects {
		r := throughGateway(t, n, dialect)
		g := r.login(t, r.connection(t, "huisartsenpraktijk linde", "49"), medmij.Collect, mock.Visitor{Persona: "anna"})
		if g.RefreshToken != "" || g.AccessToken == "" || !slices.Equal(g.Granted, []string{"49"}) || g.Renewable() {
			t.Errorf("%s: granted %v, renewable %v", dialect, g.Granted, g.Renewable())
		}
	}
}

func TestTheChainLogHasNoHandles(t *testing.T) {
	n := start(t, mock.Config{})
	for _, dialect := range gatewayDialects {
		r := throughGateway(t, n, dialect)
		c := r.connection(t, "huisartsenpraktijk linde", "49")
		g := r.login(t, c, medmij.Collect, anna)
		if g, err := r.Refresh(t.Context(), g); err == nil {
			r.fetch(t, g)
		}
		handle := c.Services[0].Roles[0].Base
		handle = handle[strings.LastIndexByte(handle, '/')+1:]
		kinds := map[string]bool{}
		for _, e := range r.events {
			kinds[e.Event.Type] = true
			if e.Request != nil && (strings.Contains(e.Request.URI, handle[:40]) || strings.Contains(e.Request.URI, "?") && strings.Contains(e.Request.URI, "token")) {
				t.Errorf("%s: %s tells too much", dialect, e.Event.Type)
			}
			if e.Event.TraceID == "" {
				t.Errorf("%s: %s has no trace", dialect, e.Event.Type)
			}
		}
		for _, want := range []string{"send_authorization_request", "receive_authorization_response", "send_token_request", "send_resource_request", "receive_resource_response"} {
			if !kinds[want] {
				t.Errorf("%s: no %s", dialect, want)
			}
		}
	}
}
