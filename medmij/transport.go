package medmij

import (
	"cmp"
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
	RoundTrip(*http.Request) (*http.Response, error)
}

// TLS is how an app proves who it is and whom it trusts.
type TLS struct {
	// Certificate is shown to providers; nil shows none.
	Certificate *tls.Certificate
	// Roots are the only authorities trusted; nil trusts nobody. The system's
	// roots are never used: the back channel of MedMij has a root of its own.
	Roots *x509.CertPool
	// Renegotiate lets old servers ask for the certificate late, once.
	Renegotiate bool
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
	kept http.RoundTripper // reads: connections are kept for the next one
	once http.RoundTripper // everything else: a connection for one request
}

// NewDirect makes a Direct transport. It fails without a Directory.
func NewDirect(cfg DirectConfig) (*Direct, error) {
	if cfg.Directory == nil {
		return nil, errors.New("medmij: a transport needs a Directory")
	}
	cfg.Limits = cfg.Limits.withDefaults()
	kept := httpTransport(cfg.TLS, cfg.Limits, cfg.Dev, cfg.DevPorts)
	kept.ForceAttemptHTTP2 = true
	// On a connection that was never used before, net/http has no reason to
	// send a request again. HTTP/2 would have one, so it is off here.
	once := httpTransport(cfg.TLS, cfg.Limits, cfg.Dev, cfg.DevPorts)
	once.DisableKeepAlives = true
	once.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	return &Direct{cfg: cfg, kept: kept, once: once}, nil
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
	// A GET does no harm twice; net/http repeats one on a connection that was
	// closed while idle.
	if req.Method == http.MethodGet {
		return d.kept.RoundTrip(req)
	}
	return d.once.RoundTrip(req)
}

// CloseIdle closes the connections that are kept open.
func (d *Direct) CloseIdle() {
	if t, ok := d.kept.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}

// httpTransport has the settings of security-store.md 4 and C5 to C7. Proxy is
// not set: settings of the machine do not redirect health data.
func httpTransport(t TLS, limits Limits, dev bool, ports map[string]string) *http.Transport {
	return &http.Transport{
		DialContext:            guardedDial(limits.Connect, dev, ports),
		TLSClientConfig:        t.config(),
		TLSHandshakeTimeout:    limits.Handshake,
		ResponseHeaderTimeout:  limits.PageCall,
		MaxResponseHeaderBytes: limits.Headers,
		MaxConnsPerHost:        limits.PerHost * 2,
		MaxIdleConnsPerHost:    limits.PerHost,
		IdleConnTimeout:        limits.Idle,
		DisableCompression:     true, // answers are unpacked under a limit of our own
	}
}

// config holds the "good" choices of the NCSC guidelines that MedMij demands
// (core.tls.300 and further). Go picks the highest common version and does
// no False Start.
func (t TLS) config() *tls.Config {
	c := &tls.Config{
		MinVersion: tls.VersionTLS12,
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		},
		CurvePreferences: []tls.CurveID{
			tls.X25519MLKEM768, tls.SecP256r1MLKEM768, tls.SecP384r1MLKEM1024,
			tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521,
		},
		RootCAs: cmp.Or(t.Roots, x509.NewCertPool()),
	}
	if t.Certificate != nil {
		c.Certificates = []tls.Certificate{*t.Certificate}
	}
	if t.Renegotiate {
		c.Renegotiation = tls.RenegotiateOnceAsClient
	}
	return c
}
