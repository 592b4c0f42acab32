package medmij

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// authority is a certificate authority for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t testing.TB, organization ...string) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Private Root", Organization: organization}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(raw); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	return a
}

func (a *authority) issue(t testing.TB, host string, until time.Time) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{host},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// tlsServer serves with a certificate and counts the connections it saw.
func tlsServer(t testing.TB, cert *tls.Certificate, handler http.Handler, change ...func(*tls.Config)) (port string, connections *atomic.Int32) {
	t.Helper()
	connections = new(atomic.Int32)
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.TLS = &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS10}
	for _, f := range change {
		f(server.TLS)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, connections
}

func direct(t testing.TB, identity TLS, dev bool, hosts ...string) *Direct {
	t.Helper()
	whitelist := &Whitelist{}
	for _, h := range hosts {
		whitelist.Nodes = append(whitelist.Nodes, Node{h})
	}
	directory := NewDirectory(whitelist, nil, nil, nil, nil)
	d, err := NewDirect(DirectConfig{TLS: identity, Dev: dev, Directory: func() (*Directory, error) { return directory, nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.CloseIdle)
	return d
}

func get(t *testing.T, d *Direct, address string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := d.RoundTrip(req)
	if err == nil {
		resp.Body.Close()
	}
	return resp, err
}

const local = "api.dva.medmij.localhost"

func TestNET_05_WhitelistBeforeContact(t *testing.T) {
	ca := newAuthority(t)
	port, seen := tlsServer(t, ca.issue(t, local, time.Now().Add(time.Hour)), always(200, "{}"))
	d := direct(t, TLS{Roots: ca.pool}, true, "other.medmij.localhost")
	if _, err := get(t, d, "https://"+local+":"+port+"/x"); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("got %v", err)
	}
	s := newSetup(t, nil, func(c *Config) { c.Transport = d })
	g := grantFor("46")
	g.Token, g.Services[0].Roles[0].Base = "https://"+local+":"+port+"/token", "https://"+local+":"+port+"/fhir"
	if r := oneQuery(t, fetchOne(t, s, g)); r.Detail != CodeTrust {
		t.Errorf("a query: %+v", r)
	}
	if _, err := s.Refresh(t.Context(), g); codeOf(err) != CodeTrust || !errors.Is(err, ErrNotAllowed) {
		t.Errorf("a refresh: %v", err)
	}
	if _, err := s.Begin(t.Context(), g.Connection, Collect); codeOf(err) != CodeTrust {
		t.Errorf("a login: %v", err)
	}
	if seen.Load() != 0 {
		t.Error("the server was contacted")
	}
	for _, problem := range []error{ErrStale, ErrNoLists} {
		d.cfg.Directory = func() (*Directory, error) { return nil, problem }
		if _, err := get(t, d, "https://"+local+":"+port+"/x"); !errors.Is(err, problem) || seen.Load() != 0 {
			t.Errorf("got %v", err)
		}
	}
}

func TestNET_02_TheClientCertificateIsShown(t *testing.T) {
	ca := newAuthority(t)
	var names []string
	var mu sync.Mutex
	port, _ := tlsServer(t, ca.issue(t, local, time.Now().Add(time.Hour)), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		names = append(names, r.TLS.PeerCertificates[0].DNSNames[0])
		w.Header().Set("Set-Cookie", "a=b")
		fmt.Fprint(w, r.Header.Get("Cookie"))
	}), func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, ca.pool })
	address := "https://" + local + ":" + port + "/x"
	d := direct(t, TLS{Roots: ca.pool, Certificate: ca.issue(t, "pgo.example.nl", time.Now().Add(time.Hour))}, true, local)
	for range 2 {
		resp, err := get(t, d, address)
		if err != nil || resp.StatusCode != 200 {
			t.Fatal(err)
		}
	}
	s := newSetup(t, nil, func(c *Config) { c.Transport = d })
	g := grantFor("49")
	g.Token = address
	_, _ = s.Refresh(t.Context(), g) // what this server answers are no tokens
	if !slices.Equal(names, []string{"pgo.example.nl", "pgo.example.nl", "pgo.example.nl"}) {
		t.Errorf("shown: %v", names)
	}
	if _, err := get(t, direct(t, TLS{Roots: ca.pool}, true, local), address); codeOf(err) == "" || err == nil {
		t.Errorf("T07 without a certificate: %v", err)
	}
}

func TestAddressesThatAreNeverContacted(t *testing.T) {
	for _, dev := range []bool{false, true} {
		d := direct(t, TLS{}, dev, "api.dva.example.nl", "localhost", "10.0.0.1")
		for address, want := range map[string]error{
			"http://api.dva.example.nl/x":       ErrAddress,
			"ftp://api.dva.example.nl/x":        ErrAddress,
			"https://user@api.dva.example.nl/x": ErrAddress,
			"https://10.0.0.1/x":                ErrNotAllowed,
			"https://evil.example.nl/x":         ErrNotAllowed,
			"https://x.api.dva.example.nl/x":    ErrNotAllowed,
			"https:///x":                        ErrNotAllowed,
		} {
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Allowed(u); !errors.Is(err, want) {
				t.Errorf("%s: %v", address, err)
			}
		}
		u := &url.URL{Scheme: "http", Host: "localhost:8080"}
		if err := d.Allowed(u); (err == nil) != dev {
			t.Errorf("localhost with dev %v: %v", dev, err)
		}
	}
}

// C5: the address after the name was resolved counts.
func TestPrivateAddressesAreNotDialled(t *testing.T) {
	refused := refusedPrefixes()
	for address, ok := range map[string]bool{
		"1.1.1.1:443": true, "[2606:4700::1111]:443": true, "100.63.255.255:443": true,
		"127.0.0.1:443": false, "10.1.2.3:443": false, "172.16.0.1:443": false, "192.168.1.1:443": false, "100.64.0.1:443": false,
		"169.254.169.254:80": false, "0.0.0.0:443": false, "224.0.0.1:443": false, "255.255.255.255:1": false, "198.18.0.1:443": false,
		"[::1]:443": false, "[::]:443": false, "[fe80::1]:443": false, "[fe80::1%eth0]:443": false, "[fc00::1]:443": false,
		"[64:ff9b::7f00:1]:443": false, "[::ffff:127.0.0.1]:443": false, "[::ffff:10.0.0.1]:443": false, "[2002:7f00:1::]:443": false,
		"[2001:db8::1]:443": false, "[ff02::1]:443": false, "nonsense": false,
	} {
		if err := publicAddress(refused, address); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, dev := range []bool{false, true} {
		conn, err := guardedDial(time.Second, dev, nil)(t.Context(), "tcp", listener.Addr().String())
		if !errors.Is(err, ErrAddress) {
			t.Errorf("dev %v: 127.0.0.1 was dialled: %v", dev, err)
			conn.Close()
		}
	}
}

// A whole login and fetch over real TLS.
func TestFromLoginToResourcesOverTLS(t *testing.T) {
	ca := newAuthority(t)
	port, _ := tlsServer(t, ca.issue(t, local, time.Now().Add(time.Hour)), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			body, _ := io.ReadAll(r.Body)
			if r.Header.Get("Connection") == "close" == r.Close && !strings.Contains(string(body), "code=code") {
				w.WriteHeader(400)
				return
			}
			tokenServer(goodAnswer)(w, r)
		case r.Header.Get("Authorization") != "Bearer access-canary-2":
			w.WriteHeader(401)
		case strings.HasSuffix(r.URL.Path, "/Encounter"):
			w.WriteHeader(404)
		default:
			serveFHIR(w, 200, bundle("", resource("Condition", "c")))
		}
	}), func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, ca.pool })
	transport := direct(t, TLS{Roots: ca.pool, Certificate: ca.issue(t, "pgo.medmij.localhost", time.Now().Add(time.Hour))}, true, local, "localhost")
	client, err := New(Config{
		ClientID: "pgo.medmij.localhost", RedirectURI: "http://127.0.0.1:9/oauth/callback", Transport: transport, Dev: true,
		Save: func(context.Context, *Grant) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	conn := connection("49")
	conn.Authorization, conn.Token = "http://localhost:1/authorize", "https://"+local+":"+port+"/token"
	conn.Services[0].Roles[0].Base = "https://" + local + ":" + port + "/49/fhir"
	l, err := client.Begin(t.Context(), conn, Collect)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	g, err := client.Finish(t.Context(), l, l.Handle, url.Values{"code": {"code"}, "state": {u.Query().Get("state")}})
	if err != nil {
		t.Fatal(err)
	}
	got := collect(t, client.Fetch(t.Context(), g)[0])
	if len(got.results) != 7 || len(got.ids) != 6 || got.results["Encounter"].Detail != CodeNotOffered || got.err != nil {
		t.Errorf("%d resources, %+v, %v", len(got.ids), got.results, got.err)
	}
}

func TestNewDirectNeedsADirectory(t *testing.T) {
	if _, err := NewDirect(DirectConfig{}); err == nil {
		t.Error("a transport without lists was made")
	}
}
