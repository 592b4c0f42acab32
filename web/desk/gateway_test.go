package desk

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/store"
)

// TestTheMainJobThroughAGateway: a personal app has no certificate and no lists
// of its own. Searching, logging in, collecting and reading are the same.
func TestTheMainJobThroughAGateway(t *testing.T) {
	for _, dialect := range []string{medmij.GatewayMGO, medmij.GatewayBundel1} {
		t.Run(dialect, func(t *testing.T) {
			n := mock.Start(t, mock.Config{})
			gateway, err := n.Gateway(dialect)
			if err != nil {
				t.Fatal(err)
			}
			d, err := New(Config{
				Path: filepath.Join(t.TempDir(), "vault.bundel"), Store: store.Config{KDF: cheap},
				MedMij: &MedMij{
					Redirect: "http://127.0.0.1:1/oauth/callback", Dev: true,
					Gateway: &medmij.GatewayConfig{URL: gateway.URL, Dialect: dialect, Credential: gateway.Credential},
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Create(t.Context(), []byte(passphrase)); err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			found, err := d.Search(t.Context(), "apotheek", 5)
			if err != nil || len(found) == 0 {
				t.Fatal(err, len(found))
			}
			p, err := d.FindProvider(t.Context(), "medmij:"+found[0].Name)
			if err != nil {
				t.Fatal(err)
			}
			started, err := d.Begin(t.Context(), collecting(p)[0])
			if err != nil {
				t.Fatal(err)
			}
			back, err := gateway.Visit(t.Context(), started.Address, anna)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Finish(t.Context(), started.Handle, back.Query()); err != nil {
				t.Fatal(err)
			}
			receipts, err := d.Collect(t.Context(), nil, must(d.Grants(t.Context()))...)
			if err != nil || len(receipts) != 1 || receipts[0].Outcome() != fhir.Complete {
				t.Fatal(err, receipts)
			}
			o := must(d.Overview(t.Context(), time.Time{}, "nl"))
			if len(o.Subject("medication")) == 0 || o.Sources[0].Source != "medmij:apotheek-dezon@medmij" {
				t.Errorf("%d medicines from %+v", len(o.Subject("medication")), o.Sources)
			}
		})
	}
}
