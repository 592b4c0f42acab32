package mock

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// The files of an authority that is kept.
const (
	fileCA        = "ca.pem"
	fileCAKey     = "ca-key.pem"
	fileClient    = "client.pem"
	fileClientKey = "client-key.pem"
	fileConfig    = "mock.json"
)

var errAuthority = errors.New("the test authority in this folder cannot be used")

// authorityIn gives the authority that [Init] put in a folder, so that clients
// keep their trust between runs, or else a new one.
func authorityIn(dir string, now time.Time) (*authority, error) {
	if dir == "" {
		return newAuthority(now)
	}
	keyPEM, err := os.ReadFile(filepath.Join(dir, fileCAKey))
	if errors.Is(err, fs.ErrNotExist) {
		return newAuthority(now)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAuthority, err)
	}
	certPEM, err := os.ReadFile(filepath.Join(dir, fileCA))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAuthority, err)
	}
	return readAuthority(certPEM, keyPEM, now)
}

func readAuthority(certPEM, keyPEM []byte, now time.Time) (*authority, error) {
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, fmt.Errorf("%w: certificate and key do not fit", errAuthority)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA {
		return nil, fmt.Errorf("%w: it is no authority of this mock", errAuthority)
	}
	if now.After(pair.Leaf.NotAfter) {
		return nil, fmt.Errorf("%w: it is valid for %d days, and that is over", errAuthority, int(certificateLife.Hours()/24))
	}
	a := &authority{cert: pair.Leaf, key: key, pem: certPEM, now: now}
	serverCert, serverKey, err := a.issue(x509.ExtKeyUsageServerAuth, serverHosts()...)
	if err != nil {
		return nil, err
	}
	a.server, err = tls.X509KeyPair(serverCert, serverKey)
	return a, err
}

// keyPEM writes the key of the authority, which only [Init] keeps.
func (a *authority) keyPEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return nil, fmt.Errorf("test authority: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// ClientCertificate issues one more client certificate of the test authority,
// PEM with its key: for the tests of a server that must refuse another client.
func (n *Network) ClientCertificate(hosts ...string) (cert, key []byte, err error) {
	if len(hosts) == 0 {
		return nil, nil, fmt.Errorf("%w: a client certificate needs a host name", errConfig)
	}
	return n.pki.issue(x509.ExtKeyUsageClientAuth, hosts...)
}
