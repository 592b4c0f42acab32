package medmij

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// badServer is a server that no request may reach.
type badServer struct {
	name   string
	cert   *tls.Certificate
	roots  *x509.CertPool
	change func(*tls.Config)
}

// refused proves of each server that a read and a code stop before it: an error
// of trust, nothing served, and no second try.
func refused(t *testing.T, servers ...badServer) {
	t.Helper()
	for _, c := range servers {
		t.Run(c.name, func(t *testing.T) {
			var served atomic.Int32
			port, connections := tlsServer(t, c.cert, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }), func(s *tls.Config) {
				if c.change != nil {
					c.change(s)
				}
			})
			d := direct(t, TLS{Roots: c.roots}, true, local, "localhost")
			if _, err := get(t, d, "https://"+local+":"+port+"/x"); !untrusted(err) {
				t.Errorf("a read: %v", err)
			}
			before := connections.Load()
			err := exchangeAt(t, d, "https://"+local+":"+port+"/token")
			if !untrusted(err) || connections.Load() != before+1 {
				t.Errorf("a code: %v after %d connections", err, connections.Load()-before)
			}
			if served.Load() != 0 {
				t.Error("a request was served")
			}
		})
	}
}

// exchangeAt goes through a login whose token endpoint is at the address.
func exchangeAt(t *testing.T, transport Transport, token string) error {
	t.Helper()
	s := newSetup(t, nil, func(c *Config) { c.Transport = transport })
	conn := connection("49")
	conn.Authorization, conn.Token = "https://localhost/authorize", token
	l, q := begin(t, s, conn, Collect)
	_, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"code-canary"}, "state": {q.Get("state")}})
	return err
}

func soon() time.Time { return time.Now().Add(time.Hour) }

func TestNET_01_OnlyTLSOfThisCentury(t *testing.T) {
	ca := newAuthority(t)
	refused(
		t,
		badServer{"TLS 1.1", ca.issue(t, local, soon()), ca.pool, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11 }},
		badServer{"TLS 1.0", ca.issue(t, local, soon()), ca.pool, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS10 }},
	)
	for part, change := range map[string]func(*Connection){
		"authorization": func(c *Connection) { c.Authorization = "http://" + loginHost + "/authorize" },
		"token":         func(c *Connection) { c.Token = "http://" + apiHost + "/token" },
	} {
		s := newSetup(t, nil, func(c *Config) { c.Transport = direct(t, TLS{}, false, loginHost, apiHost) })
		conn := connection("49")
		change(&conn)
		if l, err := s.Begin(t.Context(), conn, Collect); codeOf(err) != CodeTrust || l.URL != "" {
			t.Errorf("plain http for %s: %v", part, err)
		}
	}
	s := newSetup(t, nil, func(c *Config) { c.Transport = direct(t, TLS{}, false, loginHost, apiHost) })
	g := grantFor("46")
	g.Services[0].Roles[0].Base = "http://" + apiHost + "/fhir"
	if r := oneQuery(t, fetchOne(t, s, g)); r.Detail != CodeTrust {
		t.Errorf("plain http for a resource: %+v", r)
	}
}

func TestNET_03_OnlyTheConfiguredRoot(t *testing.T) {
	ca, foreign := newAuthority(t), newAuthority(t)
	refused(
		t,
		badServer{"a foreign authority", foreign.issue(t, local, soon()), ca.pool, nil},
		badServer{"no roots at all", ca.issue(t, local, soon()), nil, nil},
	)
}

func TestNET_04_HostNameAndDatesAreChecked(t *testing.T) {
	ca := newAuthority(t)
	refused(
		t,
		badServer{"another host", ca.issue(t, "other.medmij.localhost", soon()), ca.pool, nil},
		badServer{"a longer name", ca.issue(t, "x."+local, soon()), ca.pool, nil},
		badServer{"expired", ca.issue(t, local, time.Now().Add(-time.Hour)), ca.pool, nil},
	)
}

// hello asks a server once and gives what the client offered, and the version
// that came of it.
func hello(t *testing.T, change func(*tls.Config)) (offered tls.ClientHelloInfo, version uint16) {
	t.Helper()
	ca := newAuthority(t)
	port, _ := tlsServer(t, ca.issue(t, local, soon()), always(200, ""), func(c *tls.Config) {
		change(c)
		c.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			offered = *h
			return nil, nil
		}
	})
	resp, err := get(t, direct(t, TLS{Roots: ca.pool}, true, local), "https://"+local+":"+port)
	if err != nil {
		t.Fatal(err)
	}
	return offered, resp.TLS.Version
}

func TestNET_08_BothVersionsAreOfferedAndTheHighestUsed(t *testing.T) {
	for _, highest := range []uint16{tls.VersionTLS13, tls.VersionTLS12} {
		offered, got := hello(t, func(c *tls.Config) { c.MaxVersion = highest })
		if !slices.Equal(offered.SupportedVersions, []uint16{tls.VersionTLS13, tls.VersionTLS12}) {
			t.Errorf("offered %x", offered.SupportedVersions)
		}
		if got != highest {
			t.Errorf("spoke %x with a server of %x", got, highest)
		}
	}
}

func TestNET_09_OnlyGoodSuitesAreOffered(t *testing.T) {
	good := []uint16{
		tls.TLS_AES_128_GCM_SHA256, tls.TLS_AES_256_GCM_SHA384, tls.TLS_CHACHA20_POLY1305_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
		tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
	offered, _ := hello(t, func(*tls.Config) {})
	if len(offered.CipherSuites) == 0 {
		t.Error("no suites were seen")
	}
	for _, suite := range offered.CipherSuites {
		if !slices.Contains(good, suite) {
			t.Errorf("offered %s", tls.CipherSuiteName(suite))
		}
	}
	ca := newAuthority(t)
	refused(t, badServer{"CBC", ca.issue(t, local, soon()), ca.pool, func(c *tls.Config) {
		c.MaxVersion = tls.VersionTLS12
		c.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
	}})
}

func TestNET_10_RedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var elsewhere atomic.Int32
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				elsewhere.Add(1)
				return
			}
			w.Header().Set("Location", "https://"+apiHost+"/elsewhere")
			w.WriteHeader(status)
		}))
		g := grantFor("46")
		if r := oneQuery(t, fetchOne(t, s, g)); r.Detail != CodeTrust {
			t.Errorf("%d for a query: %+v", status, r)
		}
		if _, err := s.Refresh(t.Context(), g); codeOf(err) != CodeTrust || !errors.Is(err, ErrRedirect) {
			t.Errorf("%d for a refresh: %v", status, err)
		}
		if _, _, err := login(t, s); codeOf(err) != CodeTrust || !errors.Is(err, ErrRedirect) {
			t.Errorf("%d for a code: %v", status, err)
		}
		if elsewhere.Load() != 0 || len(s.net.requests()) != 3 {
			t.Errorf("%d was followed", status)
		}
	}
	ca := newAuthority(t)
	port, _ := tlsServer(t, ca.issue(t, local, soon()), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	d := direct(t, TLS{Roots: ca.pool}, true, local)
	if resp, err := get(t, d, "https://"+local+":"+port+"/x"); err != nil || resp.StatusCode != http.StatusFound {
		t.Errorf("a redirect was followed: %v", err)
	}
}

func TestNET_11_NoCookiesAndNoReferer(t *testing.T) {
	var asked []http.Header
	ca := newAuthority(t)
	port, _ := tlsServer(t, ca.issue(t, local, soon()), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Clone())
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "x", Path: "/"})
		if r.URL.Path == "/token" {
			tokenServer(goodAnswer)(w, r)
			return
		}
		serveFHIR(w, 200, bundle(""))
	}))
	s := newSetup(t, nil, func(c *Config) { c.Transport = direct(t, TLS{Roots: ca.pool}, true, local) })
	g := grantFor("46")
	g.Token, g.Services[0].Roles[0].Base = "https://"+local+":"+port+"/token", "https://"+local+":"+port+"/fhir"
	for range 2 {
		next, err := s.Refresh(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		g = next
		fetchOne(t, s, g)
	}
	if len(asked) != 4 {
		t.Fatalf("%d requests", len(asked))
	}
	for _, h := range asked {
		if h.Get("Cookie") != "" || h.Get("Referer") != "" {
			t.Error("a cookie or a referer was sent")
		}
	}
}

func TestHeadersOfAnAnswerAreBounded(t *testing.T) {
	ca := newAuthority(t)
	port, _ := tlsServer(t, ca.issue(t, local, soon()), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 200<<10))
	}))
	if _, err := get(t, direct(t, TLS{Roots: ca.pool}, true, local), "https://"+local+":"+port); err == nil {
		t.Error("200 kB of headers were taken")
	}
}

// M2: keys of a test authority protect nothing.
func TestATestAuthorityIsTrustedInDevOnly(t *testing.T) {
	ca := newAuthority(t, "TEST ONLY")
	state := tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{{}, ca.cert}}}
	for _, dev := range []bool{false, true} {
		if err := (TLS{Roots: ca.pool}).config(dev).VerifyConnection(state); (err == nil) != dev {
			t.Errorf("dev %v: %v", dev, err)
		} else if err != nil && codeOf(err) != CodeTrust {
			t.Errorf("%v is not an error of trust", err)
		}
	}
	state.VerifiedChains = [][]*x509.Certificate{{{}, newAuthority(t, "Staat der Nederlanden").cert}}
	if err := (TLS{}).config(false).VerifyConnection(state); err != nil {
		t.Errorf("another authority: %v", err)
	}
}

func TestRevokedCertificatesAreRefused(t *testing.T) {
	ca := newAuthority(t)
	good, withdrawn := ca.issue(t, local, soon()), errors.New("withdrawn")
	port, _ := tlsServer(t, good, always(200, ""))
	var asked atomic.Int32
	for _, answer := range []error{nil, withdrawn} {
		d := direct(t, TLS{Roots: ca.pool, Revoked: func(s tls.ConnectionState) error {
			asked.Add(1)
			if len(s.VerifiedChains) == 0 || s.ServerName != local {
				return errors.New("asked before the certificate was found good")
			}
			return answer
		}}, true, local)
		_, err := get(t, d, "https://"+local+":"+port)
		if !errors.Is(err, answer) || answer != nil && codeOf(err) != CodeTrust {
			t.Errorf("%v: %v", answer, err)
		}
	}
	if asked.Load() != 2 {
		t.Errorf("asked %d times", asked.Load())
	}
}

func TestRenegotiationIsAnOption(t *testing.T) {
	if c := (TLS{}).config(false); c.Renegotiation != tls.RenegotiateNever {
		t.Error("renegotiation is on by itself")
	}
	if c := (TLS{Renegotiate: true}).config(false); c.Renegotiation != tls.RenegotiateOnceAsClient {
		t.Error("renegotiation cannot be switched on")
	}
}
