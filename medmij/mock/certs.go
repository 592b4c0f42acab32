package mock

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// How a listener uses TLS.
type tlsMode int

const (
	tlsNone   tlsMode = iota
	tlsServer         // a server certificate
	tlsMutual         // and one of the client, mandatory
)

// certificateLife is how long certificates of the test authority are valid.
const certificateLife = 30 * 24 * time.Hour

// authority is the test certificate authority. Nothing outside a test should
// ever trust it, which its name says.
type authority struct {
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	pem    []byte
	now    time.Time
	server tls.Certificate

	mu     sync.Mutex
	others map[string]tls.Certificate // for faults, by their name and host
	other  *authority                 // that nobody trusts
}

// newAuthority makes the root and one server certificate for all hosts, also
// for the one that no client should ever visit: a client that does must be
// seen, not stopped by TLS.
func newAuthority(now time.Time) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("test authority: %w", err)
	}
	a := &authority{key: key, now: now}
	template := a.template("Test Private Root")
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("test authority: %w", err)
	}
	if a.cert, err = x509.ParseCertificate(raw); err != nil {
		return nil, fmt.Errorf("test authority: %w", err)
	}
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	certPEM, keyPEM, err := a.issue(x509.ExtKeyUsageServerAuth, serverHosts()...)
	if err != nil {
		return nil, err
	}
	a.server, err = tls.X509KeyPair(certPEM, keyPEM)
	return a, err
}

// template is what all certificates have in common.
func (a *authority) template(name string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		serial = big.NewInt(a.now.UnixNano())
	}
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"TEST ONLY"}},
		NotBefore: a.now.Add(-time.Hour), NotAfter: a.now.Add(certificateLife), KeyUsage: x509.KeyUsageDigitalSignature,
	}
}

// issue makes a certificate and its key, both PEM, for host names.
func (a *authority) issue(use x509.ExtKeyUsage, hosts ...string) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("test certificate: %w", err)
	}
	raw, err := a.sign(a.leaf(use, hosts...), &private.PublicKey)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("test certificate: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// leaf is a certificate for host names that is yet to be signed.
func (a *authority) leaf(use x509.ExtKeyUsage, hosts ...string) *x509.Certificate {
	template := a.template(hosts[0])
	template.DNSNames, template.ExtKeyUsage = hosts, []x509.ExtKeyUsage{use}
	if use == x509.ExtKeyUsageServerAuth {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	return template
}

func (a *authority) sign(template *x509.Certificate, key any) ([]byte, error) {
	raw, err := x509.CreateCertificate(rand.Reader, template, a.cert, key, a.key)
	if err != nil {
		return nil, fmt.Errorf("test certificate: %w", err)
	}
	return raw, nil
}

// wrap counts the connections of a listener and puts TLS on it. HTTP/2 is not
// offered: faults need to break one connection without touching other
// requests. Faults are looked up at each handshake.
func (n *Network) wrap(l net.Listener, a *authority, mode tlsMode) net.Listener {
	g := newGate(n, l)
	n.gates = append(n.gates, g)
	if mode == tlsNone {
		g.plain = true
		return g
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{a.server}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if mode == tlsMutual {
		cfg.ClientAuth, cfg.ClientCAs = tls.RequireAndVerifyClientCert, a.pool()
	}
	cfg.GetConfigForClient = a.configFor(cfg, n)
	return tls.NewListener(g, cfg)
}

// use makes a server show the certificate of a fault.
func (a *authority) use(cfg *tls.Config, how, host string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	cert, made := a.others[how+host]
	if !made {
		var err error
		if cert, err = a.bad(how, host); err != nil {
			return err
		}
		if a.others == nil {
			a.others = map[string]tls.Certificate{}
		}
		a.others[how+host] = cert
	}
	cfg.Certificates = []tls.Certificate{cert}
	return nil
}

// bad makes a certificate that has exactly one thing wrong with it, or none
// but its kind of key (rsa).
func (a *authority) bad(how, host string) (tls.Certificate, error) {
	use := x509.ExtKeyUsageServerAuth
	if how == "client-use" {
		use = x509.ExtKeyUsageClientAuth
	}
	template := a.leaf(use, host)
	switch how {
	case "expired":
		template.NotBefore, template.NotAfter = a.now.Add(-48*time.Hour), a.now.Add(-24*time.Hour)
	case "not-yet":
		template.NotBefore = a.now.Add(24 * time.Hour)
	case "wrong-host":
		template.DNSNames, template.IPAddresses = []string{"other.example.nl"}, nil
	}
	var key crypto.Signer
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if how == "rsa" {
		template.KeyUsage |= x509.KeyUsageKeyEncipherment
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("test certificate: %w", err)
	}
	signer := a
	switch how {
	case "self-signed":
		signer = &authority{cert: template}
		signer.key, _ = key.(*ecdsa.PrivateKey)
	case "foreign":
		if signer, err = a.foreign(); err != nil {
			return tls.Certificate{}, err
		}
	}
	raw, err := signer.sign(template, key.Public())
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, err
}

// foreign is for callers that hold mu.
func (a *authority) foreign() (*authority, error) {
	if a.other != nil {
		return a.other, nil
	}
	var err error
	a.other, err = newAuthority(a.now)
	return a.other, err
}

func (a *authority) foreignPool() (*x509.CertPool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	other, err := a.foreign()
	if err != nil {
		return nil, err
	}
	return other.pool(), nil
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// writeCertificates keeps them as bytes and as files: programs in other
// languages want files. Nobody else may read the key.
func (n *Network) writeCertificates(a *authority) error {
	var err error
	n.CA = a.pem
	if n.ClientCert, n.ClientKey, err = a.issue(x509.ExtKeyUsageClientAuth, n.ClientID); err != nil {
		return err
	}
	dir := n.cfg.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "medmij-mock-"); err != nil {
			return fmt.Errorf("folder for certificates: %w", err)
		}
		n.tempDir = dir
	}
	n.CAFile, n.ClientCertFile, n.ClientKeyFile = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "client.pem"), filepath.Join(dir, "client-key.pem")
	for name, content := range map[string][]byte{n.CAFile: n.CA, n.ClientCertFile: n.ClientCert, n.ClientKeyFile: n.ClientKey} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return fmt.Errorf("write certificate: %w", err)
		}
	}
	return nil
}

// quiet swallows what net/http logs: failed handshakes are part of many tests,
// and its lines hold addresses of clients.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
