package mock

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
)

// Gateway is a server on the way from apps without a certificate to the
// network: it holds the client certificate, checks the Whitelist and carries
// requests (medmij-protocol.md 6.2 and 6.3). It listens on loopback by plain
// http, keeps no health data, and is safe for concurrent use. Its requests are
// among those of [Network.Requests], as "gateway:" and a part of the path.
type Gateway struct {
	URL string // what an app is given
	// Credential is what an app has to show to a bundel/1 gateway.
	Credential string

	n        *Network
	callback string // redirect address at providers
	lists    *medmij.Lists
	direct   *medmij.Direct
	seal     sealer

	mu       sync.Mutex // guards what follows
	logins   map[string]gatewayLogin
	handoffs map[string]handoff
}

var errDialect = errors.New("mock: unknown dialect of a gateway")

// gatewaySearch is how many providers an answer to a search has at most.
const gatewaySearch = 20

// Gateway starts a gateway of a dialect, medmij.GatewayMGO or GatewayBundel1,
// in front of the network. It ends with the network.
func (n *Network) Gateway(dialect string) (*Gateway, error) {
	g := &Gateway{n: n, Credential: n.secret(), logins: map[string]gatewayLogin{}, handoffs: map[string]handoff{}}
	if err := g.connect(); err != nil {
		return nil, err
	}
	var handler http.Handler
	switch dialect {
	case medmij.GatewayMGO:
		handler = mgoFace{g}.handler()
	case medmij.GatewayBundel1:
		handler = bundelFace{g}.handler()
	default:
		return nil, errDialect
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	g.URL, g.callback = "http://localhost:"+port, "http://127.0.0.1:"+port+"/oauth/callback"
	s := &http.Server{Handler: g.observe(handler), ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet()}
	n.servers = append(n.servers, s)
	go func() {
		if err := s.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			n.cfg.Log.Error("mock gateway ended", "error", err)
		}
	}()
	return g, nil
}

// connect reads the lists as any app with a certificate does. What the gateway
// reaches it reaches by package medmij, which checks the Whitelist each time.
func (g *Gateway) connect() error {
	pair, err := tls.X509KeyPair(g.n.ClientCert, g.n.ClientKey)
	if err != nil {
		return fmt.Errorf("client certificate: %w", err)
	}
	identity := medmij.TLS{Certificate: &pair, Roots: x509.NewCertPool()}
	identity.Roots.AppendCertsFromPEM(g.n.CA)
	g.lists = medmij.NewLists(medmij.ListsConfig{
		URL: g.n.ListsURL, AddressBook: g.n.AddressBookURL, TLS: identity, Dev: true, Now: g.n.cfg.Now, Log: g.n.cfg.Log,
	})
	if err := g.lists.Refresh(context.Background()); err != nil {
		return fmt.Errorf("lists of the gateway: %w", err)
	}
	if g.seal, err = newSealer(g.n.random); err != nil {
		return err
	}
	g.direct, err = medmij.NewDirect(medmij.DirectConfig{TLS: identity, Directory: g.lists.Directory, Dev: true})
	return err
}

// Refresh reads the lists again.
func (g *Gateway) Refresh(ctx context.Context) error { return g.lists.Refresh(ctx) }

// Visit walks the pages like [Network.Visit] and opens the gateway's callback
// as the browser does. It gives the address of the app that the gateway sends
// the browser to.
func (g *Gateway) Visit(ctx context.Context, authorize string, v Visitor) (*url.URL, error) {
	back, err := g.n.Visit(ctx, authorize, v)
	if err != nil {
		return nil, err
	}
	client, err := g.n.HTTPClient()
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	to, _, err := step(ctx, client, back.String(), nil)
	if err != nil {
		return nil, err
	}
	if to == nil {
		return nil, errVisit
	}
	return to, nil
}

// observe records and puts faults in between, as for the other listeners, and
// hides what is secret in the names of the gateway's own.
func (g *Gateway) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		endpoint := gatewayEndpoint(r.URL.Path)
		n, begun := g.n, g.n.cfg.Now()
		e := n.log.begin(gatewayScrub(r), endpoint, n.Now())
		seen := &statusWriter{ResponseWriter: w}
		defer func() {
			took, location := n.cfg.Now().Sub(begun).Round(time.Millisecond).String(), ""
			if u, err := url.Parse(w.Header().Get("Location")); err == nil && u.Host != "" {
				u.RawQuery = scrubGatewayQuery(u.RawQuery)
				location = scrubLocation(u.String())
			}
			n.log.note(e, func(e *Exchange) { e.Status, e.Took, e.Location = seen.status, took, location })
		}()
		handler := next
		if n.cfg.Intercept != nil {
			handler = n.cfg.Intercept(endpoint, handler)
		}
		n.withFaults(endpoint, e, r, handler).ServeHTTP(seen, r)
	})
}

func gatewayEndpoint(path string) string {
	for _, part := range strings.Split(path, "/") {
		if part != "" && part != "v1" {
			return "gateway:" + part
		}
	}
	return "gateway"
}

// gatewayScrub is the request as the recorder may see it.
func gatewayScrub(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	r.URL.RawQuery = scrubGatewayQuery(r.URL.RawQuery)
	for _, name := range []string{mgoToken, headerGatewayCredential} {
		if value := r.Header.Get(name); value != "" {
			r.Header.Set(name, hashed(value))
		}
	}
	return r
}

func scrubGatewayQuery(raw string) string {
	parts := strings.Split(raw, "&")
	for i, part := range parts {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "handoff_code", "access_code", "refresh_code":
			parts[i] = name + "=" + hashed(value)
		}
	}
	return strings.Join(parts, "&")
}
