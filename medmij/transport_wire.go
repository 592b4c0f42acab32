package medmij

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
)

// wire sends requests over TLS with the settings of this package. It decides
// nothing about who may be reached.
type wire struct {
	kept *http.Transport // reads: connections are kept for the next one
	once *http.Transport // everything else: a connection for one request
}

func newWire(t TLS, limits Limits, dev bool, ports map[string]string) *wire {
	w := &wire{kept: httpTransport(t, limits, dev, ports), once: httpTransport(t, limits, dev, ports)}
	w.kept.ForceAttemptHTTP2 = true
	// On a connection that was never used before, net/http has no reason to
	// send a request again. HTTP/2 would have one, so it is off here.
	w.once.DisableKeepAlives = true
	w.once.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	return w
}

// RoundTrip implements [http.RoundTripper].
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	// A GET does no harm twice; net/http repeats one on a connection that was
	// closed while idle.
	if req.Method == http.MethodGet {
		resp, err := w.kept.RoundTrip(req)
		return resp, unlessHTTP(err)
	}
	return w.single(req)
}

// single sends a request once at most. An error wraps ErrNotSent when not a
// byte of it left.
func (w *wire) single(req *http.Request) (*http.Response, error) {
	var connected atomic.Bool
	traced := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		// From here on bytes may leave; there is no later moment that is sure.
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	resp, err := w.once.RoundTrip(req.WithContext(traced))
	if err != nil && !connected.Load() {
		return nil, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	return resp, unlessHTTP(err)
}

// unlessHTTP tells an answer that is no HTTP, or has too much in its headers,
// from a connection that failed. net/http has no types for these, and its
// texts quote what the server said.
func unlessHTTP(err error) error {
	if err == nil {
		return nil
	}
	for _, sign := range [...]string{"malformed HTTP", "malformed MIME header", "response headers exceeded"} {
		if strings.Contains(err.Error(), sign) {
			return fmt.Errorf("%w: it is no HTTP that we take", errBad)
		}
	}
	return err
}

// httpTransport has the settings of security-store.md 4 and C5 to C7. Proxy is
// not set: settings of the machine do not redirect health data.
func httpTransport(t TLS, limits Limits, dev bool, ports map[string]string) *http.Transport {
	return &http.Transport{
		DialContext:            guardedDial(limits.Connect, dev, ports),
		TLSClientConfig:        t.config(dev),
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
func (t TLS) config(dev bool) *tls.Config {
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
		VerifyConnection: func(state tls.ConnectionState) error {
			if err := t.verify(state, dev); err != nil {
				return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
			}
			return nil
		},
	}
	if t.Certificate != nil {
		c.Certificates = []tls.Certificate{*t.Certificate}
	}
	if t.Renegotiate {
		c.Renegotiation = tls.RenegotiateOnceAsClient
	}
	return c
}

// testOrganization is in the name of authorities that are made for tests, whose
// keys protect nothing (security-store.md M2).
const testOrganization = "TEST ONLY"

// verify comes after the usual checks of chain, name and dates.
func (t TLS) verify(state tls.ConnectionState, dev bool) error {
	for _, chain := range state.VerifiedChains {
		root := chain[len(chain)-1]
		if !dev && slices.Contains(root.Subject.Organization, testOrganization) {
			return errors.New("the authority is one for tests")
		}
	}
	if t.Revoked == nil {
		return nil
	}
	return t.Revoked(state)
}
