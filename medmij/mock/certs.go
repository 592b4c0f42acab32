package mock

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
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
	template := a.template(hosts[0])
	template.DNSNames, template.ExtKeyUsage = hosts, []x509.ExtKeyUsage{use}
	if use == x509.ExtKeyUsageServerAuth {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.cert, &private.PublicKey, a.key)
	if err != nil {
		return nil, nil, fmt.Errorf("test certificate: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("test certificate: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// wrap puts TLS on a listener. HTTP/2 is not offered: faults need to break one
// connection without touching other requests.
func (n *Network) wrap(l net.Listener, a *authority, mode tlsMode) net.Listener {
	if mode == tlsNone {
		return l
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{a.server}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if mode == tlsMutual {
		cfg.ClientAuth, cfg.ClientCAs = tls.RequireAndVerifyClientCert, a.pool()
	}
	return tls.NewListener(l, cfg)
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
