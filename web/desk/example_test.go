package desk_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web/desk"
)

// Example is the main job in one go: a provider, a login, a collection and an
// overview. The mock stands in for MedMij, and its Visit for the person in a
// browser.
func Example() {
	ctx := context.Background()
	net, err := mock.Serve(ctx, mock.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = net.Close() }()
	if err := collect(ctx, net); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Apotheek De Zon
	// service 35 complete
	// Hydrochloorthiazide tablet 12,5MG
	// Metoprololsuccinaat RET 50 tablet MGA 47,5MG
	// Simvastatine tablet FO 20MG
}

func collect(ctx context.Context, net *mock.Network) error {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	pair, err := tls.X509KeyPair(net.ClientCert, net.ClientKey)
	creds := medmij.TLS{Certificate: &pair, Roots: x509.NewCertPool()}
	creds.Roots.AppendCertsFromPEM(net.CA)

	d, err2 := desk.New(desk.Config{Path: filepath.Join(dir, "vault.bundel"), MedMij: &desk.MedMij{
		ClientID: net.ClientID, Redirect: "http://127.0.0.1:1/oauth/callback", TLS: creds, Dev: true,
		Lists: medmij.ListsConfig{URL: net.ListsURL, AddressBook: net.AddressBookURL, TLS: creds},
	}, Store: store.Config{KDF: store.KDF{Time: 1, Memory: 8 << 10, Threads: 1}}})
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	defer d.Close()
	if _, err := d.Create(ctx, []byte("a long enough passphrase")); err != nil {
		return err
	}
	if err := d.Refresh(ctx); err != nil {
		return err
	}
	provider, err := d.FindProvider(ctx, "apotheek-dezon")
	if err != nil {
		return err
	}
	login, err := d.Begin(ctx, provider.Connections[0])
	if err != nil {
		return err
	}
	answer, err := net.Visit(ctx, login.Address, mock.Visitor{Persona: "anna"})
	if err != nil {
		return err
	}
	done, err := d.Finish(ctx, login.Handle, answer.Query())
	if err != nil {
		return err
	}
	receipts, err := d.Collect(ctx, nil, done.Grant)
	if err != nil {
		return err
	}
	overview, err := d.Overview(ctx, time.Time{}, "en")
	if err != nil {
		return err
	}
	fmt.Println(provider.Display)
	for _, r := range receipts {
		fmt.Println("service", r.Origin.Service, r.Outcome())
	}
	for _, item := range overview.Subject("medication") {
		fmt.Println(item.Name())
	}
	return nil
}
