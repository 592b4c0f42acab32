package medmij

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Transport carries requests to providers. It is the seam between an app that
// holds its own certificate ([Direct]) and one that goes through a gateway.
// Implementations are safe for concurrent use.
type Transport interface {
	// Allowed tells whether the address may be contacted or shown to the
	// person's browser now: https, and its host on the Whitelist. The error is
	// ErrAddress, ErrNotAllowed, ErrStale or ErrNoLists.
	Allowed(*url.URL) error
	// RoundTrip sends one request to a provider. It checks Allowed first,
	// follows no redirects, keeps no cookies, repeats nothing but what was not
	// sent, and leaves the body compressed when the provider compresses it.
	// An error that wraps ErrNotSent promises that not a byte of the request
	// left: only then is a code or a refresh token offered again.
	RoundTrip(*http.Request) (*http.Response, error)
}

// TLS is how an app proves who it is and whom it trusts.
type TLS struct {
	// Certificate is shown to providers; nil shows none.
	Certificate *tls.Certificate
	// Roots are the only authorities trusted; nil trusts nobody. The system's
	// roots are never used: the back channel of MedMij has a root of its own.
	// A [Gateway] differs; see [GatewayConfig].
	Roots *x509.CertPool
	// Renegotiate lets old servers ask for the certificate late, once.
	Renegotiate bool
	// Revoked is asked about every connection, after the certificate of the
	// other side was found good; an error ends the connection. Go looks up no
	// revocation by itself. nil asks nobody. It is called from several
	// goroutines at once.
	Revoked func(tls.ConnectionState) error
}

// DirectConfig configures [NewDirect]. Directory is required.
type DirectConfig struct {
	TLS TLS
	// Directory gives the lists in force, asked at every request; see
	// [Lists.Directory].
	Directory func() (*Directory, error)
	Limits    Limits
	// Dev allows plain http and loopback addresses for hosts named localhost
	// or *.localhost, which are then dialled at 127.0.0.1. Such hosts need to
	// be on the Whitelist all the same.
	Dev bool
	// DevPorts has, for "host:port" of such hosts, the port to dial instead:
	// lists in their official form have no ports, and tests cannot listen on
	// 443. Without Dev it does nothing.
	DevPorts map[string]string
}

// Direct is the [Transport] of an app that holds a certificate itself.
type Direct struct {
	cfg  DirectConfig
	wire *wire
}

// NewDirect makes a Direct transport. It fails without a Directory.
func NewDirect(cfg DirectConfig) (*Direct, error) {
	if cfg.Directory == nil {
		return nil, errors.New("medmij: a transport needs a Directory")
	}
	cfg.Limits = cfg.Limits.withDefaults()
	return &Direct{cfg: cfg, wire: newWire(cfg.TLS, cfg.Limits, cfg.Dev, cfg.DevPorts)}, nil
}

// Allowed implements [Transport].
func (d *Direct) Allowed(u *url.URL) error {
	local := d.cfg.Dev && isLoopbackName(u.Hostname())
	if u.User != nil || u.Scheme != "https" && !(local && u.Scheme == "http") {
		return fmt.Errorf("%w: not https", ErrAddress)
	}
	lists, err := d.cfg.Directory()
	if err != nil {
		return err
	}
	if !lists.Allowed(u.Hostname()) {
		return ErrNotAllowed
	}
	return nil
}

// RoundTrip implements [Transport].
func (d *Direct) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := d.Allowed(req.URL); err != nil {
		return nil, err
	}
	return d.wire.RoundTrip(req)
}

// CloseIdle closes the connections that are kept open.
func (d *Direct) CloseIdle() { d.wire.kept.CloseIdleConnections() }
