package medmij

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// The dialects of gateways.
const (
	GatewayMGO     = "mgo"      // the ministry's (medmij-protocol.md 6.2)
	GatewayBundel1 = "bundel/1" // our own (6.3)
)

// GatewayConfig configures [NewGateway]. URL and Dialect are required.
type GatewayConfig struct {
	// URL is the address of the gateway: https, or with Dev plain http on a
	// host named localhost or *.localhost.
	URL     string
	Dialect string // GatewayMGO or GatewayBundel1
	// SearchURL is where an mgo gateway looks up providers, when that is at
	// another address than URL.
	SearchURL string
	// Credential is what the gateway gave this app to know it by, sent as it is
	// in X-Gateway-Authorization; empty sends none. Only bundel/1 has it.
	Credential string
	// TLS of the connection to the gateway. Roots nil are the system's here: a
	// gateway is a public server.
	TLS      TLS
	Limits   Limits
	Dev      bool
	DevPorts map[string]string // see [DirectConfig]
}

// Gateway is the [Transport] of an app without a certificate of its own: a
// registered app's server on the way holds that, and checks the Whitelist. It
// is a [Finder] too. It is safe for concurrent use.
//
// The addresses in the connections it finds hold handles that the gateway gave
// and only it can read; they work with a Gateway of the same URL only.
type Gateway struct {
	cfg     GatewayConfig
	base    *url.URL // of the addresses made up here; no slash at the end
	search  *url.URL
	wire    *wire
	dialect dialect

	mu    sync.Mutex
	bases map[string]*url.URL // the provider's own address, by target
}

// dialect is what gateways differ in.
type dialect interface {
	find(ctx context.Context, query string, limit int) ([]Provider, error)
	issuer(*Client) issuer
	// outgoing makes of a request for a place what the gateway takes.
	outgoing(req *http.Request, p place) (*http.Request, error)
	// upstream is the provider's base address behind a place as the answer
	// tells it; ok is false when the answer is the gateway's own and not the
	// provider's.
	upstream(resp *http.Response, p place) (base string, ok bool)
	// problem is the error in an answer of the gateway itself.
	problem(resp *http.Response) error
}

// NewGateway makes a Gateway transport, or says which setting is wrong.
// Nothing is sent.
func NewGateway(cfg GatewayConfig) (*Gateway, error) {
	g := &Gateway{cfg: cfg, bases: map[string]*url.URL{}}
	var err error
	if g.base, err = gatewayURL(cfg.URL, cfg.Dev); err != nil {
		return nil, err
	}
	g.search = g.base
	if cfg.SearchURL != "" {
		if g.search, err = gatewayURL(cfg.SearchURL, cfg.Dev); err != nil {
			return nil, err
		}
	}
	switch cfg.Dialect {
	case GatewayMGO:
		g.dialect = mgo{g}
	case GatewayBundel1:
		g.base.Path += "/v1"
		g.dialect = bundel1{g}
	default:
		return nil, errors.New("medmij: unknown dialect of a gateway")
	}
	if cfg.TLS.Roots == nil {
		if cfg.TLS.Roots, err = x509.SystemCertPool(); err != nil {
			return nil, fmt.Errorf("medmij: roots of the system: %w", err)
		}
	}
	g.cfg.Limits = cfg.Limits.withDefaults()
	g.wire = newWire(cfg.TLS, g.cfg.Limits, cfg.Dev, cfg.DevPorts)
	return g, nil
}

func gatewayURL(address string, dev bool) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && !(dev && u.Scheme == "http" && isLoopbackName(u.Hostname())) {
		return nil, errors.New("medmij: the address of a gateway must be https, without user, query or fragment")
	}
	return u, nil
}

// Find implements [Finder]: the gateway searches.
func (g *Gateway) Find(ctx context.Context, query string, limit int) ([]Provider, error) {
	if strings.TrimSpace(query) == "" || limit <= 0 {
		return nil, nil
	}
	return g.dialect.find(ctx, query, limit)
}

// Allowed implements [Transport]: only the gateway itself is contacted. Whom
// that contacts is for it to check.
func (g *Gateway) Allowed(u *url.URL) error {
	switch {
	case u.User != nil || u.Scheme != g.base.Scheme && u.Scheme != g.search.Scheme:
		return ErrAddress
	case sameOrigin(g.base, u), sameOrigin(g.search, u):
		return nil
	}
	return ErrNotAllowed
}

// RoundTrip implements [Transport]. What the gateway says of its own accord
// becomes the error that the same trouble gives with [Direct]; trouble of the
// gateway itself is [ErrGateway].
func (g *Gateway) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := g.Allowed(req.URL); err != nil {
		return nil, err
	}
	at, ok := g.parse(req.URL)
	if !ok || at.part == partConnection {
		// Codes and refresh tokens go here, in one dialect by GET.
		return g.send(req, g.wire.single)
	}
	out, err := g.dialect.outgoing(req, at)
	if err != nil {
		return nil, err
	}
	resp, err := g.send(out, g.wire.RoundTrip)
	if err != nil {
		return nil, err
	}
	base, fromProvider := g.dialect.upstream(resp, at)
	if !fromProvider {
		defer resp.Body.Close()
		return nil, g.dialect.problem(resp)
	}
	if at.part == partFHIR && base != "" {
		g.learn(at.target, base)
	}
	return resp, nil
}

// send tells a gateway that cannot be reached from a provider that cannot. A
// timeout may be of either.
func (g *Gateway) send(req *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	if g.cfg.Credential != "" && sameOrigin(g.base, req.URL) {
		req = req.Clone(req.Context())
		req.Header.Set("X-Gateway-Authorization", g.cfg.Credential)
	}
	resp, err := send(req)
	var timeout net.Error
	if err == nil || untrusted(err) || isTimeout(err) || errors.As(err, &timeout) && timeout.Timeout() {
		return resp, err
	}
	return nil, fmt.Errorf("%w: %w", ErrGateway, err)
}

// CloseIdle closes the connections that are kept open.
func (g *Gateway) CloseIdle() { g.wire.kept.CloseIdleConnections() }

// ask sends JSON to the gateway and reads JSON; in nil sends a GET. Another
// status than 200 or 201 is the error that the dialect sees in it.
func (g *Gateway) ask(
	ctx context.Context, send func(*http.Request) (*http.Response, error), address string, in, out any,
) error {
	ctx, cancel := context.WithTimeout(ctx, g.cfg.Limits.TokenCall)
	defer cancel()
	req, err := jsonRequest(ctx, address, in)
	if err != nil {
		return err
	}
	resp, err := send(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return ErrRedirect
	case resp.StatusCode > 201:
		return g.dialect.problem(resp)
	}
	return readJSON(resp.Body, g.cfg.Limits.Answer, out)
}

func jsonRequest(ctx context.Context, address string, in any) (*http.Request, error) {
	method, body := http.MethodGet, []byte(nil)
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return nil, errors.New("the request cannot be written")
		}
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, ErrAddress
	}
	if in != nil {
		req.Header.Set("Content-Type", jsonType)
	}
	req.Header.Set("Accept", jsonType)
	return req, nil
}

// readJSON reads one JSON value of at most limit bytes. What stands in it is
// not repeated in the error.
func readJSON(from io.Reader, limit int64, into any) error {
	raw, err := io.ReadAll(io.LimitReader(from, limit+1))
	switch {
	case err != nil:
		return fmt.Errorf("read the answer: %w", err)
	case int64(len(raw)) > limit:
		return errTooLarge
	case json.Unmarshal(raw, into) != nil:
		return errBad
	}
	return nil
}

// mostProblem bounds the text of an error, in bytes.
const mostProblem = 64 << 10

// Errors that a gateway tells of its way to the provider, as the same trouble
// looks without a gateway.
var (
	errUpstreamTimeout = fmt.Errorf("the gateway got no answer in time: %w", context.DeadlineExceeded)
	errUpstreamTLS     = &tls.CertificateVerificationError{Err: errors.New("so the gateway says")}
	errUpstream        = errors.New("the gateway cannot reach the provider")
)

// refusedRequest is an answer that says that the request was not right: an old
// handle, or something this gateway does not take. Nothing was sent on. Its
// status is not the provider's, so it is in no error that is looked at for one.
func refusedRequest(status int) error {
	return &Error{Code: CodeClient, Op: "ask the gateway", Err: fmt.Errorf("refused with status %d", status)}
}

// gatewayFailure is trouble of the gateway itself. Asking again can help only
// when it is not about the request.
func gatewayFailure(status int) error {
	err := fmt.Errorf("%w: status %d", ErrGateway, status)
	if status < 500 {
		return &Error{Code: CodeGateway, Op: "ask the gateway", Err: err}
	}
	return err
}

// checkPage looks at the address that a gateway wants the browser to go to.
func (g *Gateway) checkPage(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxToken || u.Host == "" || u.User != nil ||
		u.Scheme != "https" && !(g.cfg.Dev && u.Scheme == "http" && isLoopbackName(u.Hostname())) {
		return nil, ErrAddress
	}
	return u, nil
}

func beginFailed(l *Login, err error) error {
	return &Error{Code: codeOf(err), Op: "begin login", Trace: l.CorrelationID, Err: err}
}

// issuer is the one of a client over this gateway.
func (g *Gateway) issuer(c *Client) issuer { return g.dialect.issuer(c) }
