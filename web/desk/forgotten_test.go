package desk

import (
	"errors"
	"sync"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/store"
)

const forgottenGP = "medmij:huisarts-delinde@medmij"

// leftOf counts what is in the vault of a source: records, documents, receipts.
func (b *bench) leftOf(t *testing.T, source string) (n int) {
	t.Helper()
	for _, r := range b.records(t) {
		if r.Origin.Source == source {
			n++
		}
	}
	documents, err := b.documentsOf(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range must(must(b.Vault()).Receipts(t.Context())) {
		if r.Origin.Source == source {
			n++
		}
	}
	return n + len(documents)
}

func (b *bench) grantOf(t *testing.T, source string) *medmij.Grant {
	t.Helper()
	for _, g := range must(b.Grants(t.Context())) {
		if g.Source() == source {
			return g
		}
	}
	return nil
}

// A provider that is forgotten while it is being collected stays forgotten, and
// the others come in.
func TestForgetWhileCollecting(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{"huisarts-delinde", "apotheek-dezon"} {
		if _, err := b.connect(t, name, anna); err != nil {
			t.Fatal(err)
		}
	}
	old := must(b.Grants(t.Context()))
	var once sync.Once
	receipts, err := b.Collect(t.Context(), func(o fhir.Origin, _ fhir.Page) {
		if o.Source == forgottenGP {
			once.Do(func() {
				if err := b.Forget(t.Context(), forgottenGP); err != nil {
					t.Error(err)
				}
			})
		}
	}, old...)
	if err != nil {
		t.Fatal(err)
	}
	others := 0
	for _, r := range receipts {
		if r.Origin.Source != forgottenGP && r.Outcome() == fhir.Complete {
			others++
		}
	}
	if n := b.leftOf(t, forgottenGP); n != 0 || others == 0 {
		t.Errorf("%d things are back, %d other services", n, others)
	}
	// Who still has the old grant collects nothing with it.
	if _, err := b.Collect(t.Context(), nil, old...); err != nil {
		t.Fatal(err)
	}
	if n := b.leftOf(t, forgottenGP); n != 0 {
		t.Errorf("%d things are back by the old grant", n)
	}
}

// What comes late for a grant that was forgotten is not stored, also when the
// person has logged in anew meanwhile.
func TestLateRenewalBringsNothingBack(t *testing.T) {
	b := newBench(t)
	if _, err := b.connect(t, "huisarts-delinde", anna); err != nil {
		t.Fatal(err)
	}
	client, err := b.connector()
	if err != nil {
		t.Fatal(err)
	}
	old := b.grantOf(t, forgottenGP)
	if err := b.Forget(t.Context(), forgottenGP); err != nil {
		t.Fatal(err)
	}
	late := func() {
		t.Helper()
		if _, err := client.Refresh(t.Context(), old); !errors.Is(err, store.ErrForgotten) {
			t.Errorf("a renewal: %v", err)
		}
		if _, err := client.Succeeded(t.Context(), old); !errors.Is(err, store.ErrForgotten) {
			t.Errorf("a note of success: %v", err)
		}
		failed := []fhir.Receipt{{
			Origin:  old.Origin(old.Granted[0]),
			Queries: []fhir.QueryResult{{Query: "q", Outcome: fhir.Failed, Detail: "P-503"}},
		}}
		if err := b.asked(t.Context(), old, failed); err != nil {
			t.Errorf("a note of failure: %v", err)
		}
	}
	late()
	if n := b.leftOf(t, forgottenGP); n != 0 {
		t.Errorf("%d things are back", n)
	}
	if _, err := b.connect(t, "huisarts-delinde", anna); err != nil {
		t.Fatal(err)
	}
	anew := b.grantOf(t, forgottenGP)
	late()
	if now := b.grantOf(t, forgottenGP); now == nil || now.AccessToken != anew.AccessToken || now.Generation != anew.Generation || !now.Consented.Equal(anew.Consented) {
		t.Error("the new consent was written over")
	}
	if _, err := client.Succeeded(t.Context(), anew); err != nil {
		t.Error("the new one:", err)
	}
}

// A token that was handed over is known by itself.
func TestHandedOverTokenIsNotMistaken(t *testing.T) {
	b := newBench(t)
	p, err := b.FindProvider(t.Context(), "huisarts-delinde")
	if err != nil {
		t.Fatal(err)
	}
	conn := collecting(p)[0]
	first := must(b.ConnectToken(t.Context(), conn, "token-one"))
	if err := b.renewGrant(t.Context(), first); err != nil {
		t.Error(err)
	}
	_ = must(b.ConnectToken(t.Context(), conn, "token-two"))
	if err := b.renewGrant(t.Context(), first); !errors.Is(err, store.ErrForgotten) {
		t.Error(err)
	}
	if g := b.grantOf(t, first.Source()); g == nil || g.AccessToken != "token-two" {
		t.Error("the token that came later was written over")
	}
}
