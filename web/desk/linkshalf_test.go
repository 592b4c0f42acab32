package desk

import (
	"errors"
	"testing"

	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
)

// TestALinkThatStopsHalfwayIsFound: the vault has it before its relay does. What
// happened in between is in the list, and can be stopped.
func TestALinkThatStopsHalfwayIsFound(t *testing.T) {
	for _, tc := range []struct {
		name string
		lost bool // the relay cannot be reached any more
		want string
	}{
		{"the vault cannot be written", false, share.EndRevoked},
		{"and the relay cannot be reached", true, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newRelayed(t)
			b.placed = func() {
				all := must(b.links(t.Context()))
				if len(all) != 1 || !all[0].Making || all[0].Link.Owner == "" {
					t.Error("the relay has what the vault does not")
				}
				must(0, b.Close())
				b.down.Store(tc.lost)
			}
			if _, err := b.MakeLink(t.Context(), aWish); !errors.Is(err, ErrClosed) {
				t.Fatal("it says that it was made:", err)
			}
			must(0, b.Open(store.Passphrase([]byte(passphrase))))
			l := b.only()
			if l.End != tc.want || l.Unsure != tc.lost {
				t.Errorf("end %q, unsure %v", l.End, l.Unsure)
			}
			b.down.Store(false)
			if l = b.only(); l.Unsure != tc.lost {
				t.Error("nobody was told of this link, and it looks like any other")
			}
			must(0, b.StopLink(t.Context(), l.ID))
			if got := b.only(); got.End != share.EndRevoked || got.Unsure {
				t.Errorf("after the stop: end %q, unsure %v", got.End, got.Unsure)
			}
			b.expectActs(share.ActPublish, share.ActRevoke)
		})
	}
}

// TestTheLedgerIsReadOnceForAllLinks: what five links cost beside one is nothing
// like reading the ledger four times more.
func TestTheLedgerIsReadOnceForAllLinks(t *testing.T) {
	b := newRelayed(t)
	for range 300 {
		must(0, b.LogShare(t.Context(), share.Line{Act: share.ActPreview, To: "to:person:x", How: "screen"}))
	}
	must(b.MakeLink(t.Context(), aWish))
	cost := func() float64 {
		return testing.AllocsPerRun(3, func() { must(b.Links(t.Context())) })
	}
	ledger := testing.AllocsPerRun(3, func() { must(b.Ledger(t.Context())) })
	one := cost()
	for range 4 {
		must(b.MakeLink(t.Context(), aWish))
	}
	if five := cost(); five-one > 2*ledger {
		t.Errorf("a list of 5 links costs %.0f more than one of 1; the ledger costs %.0f", five-one, ledger)
	}
}
