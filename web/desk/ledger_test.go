package desk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
)

const somebody = "medmij:gp@medmij"

// sharing is a desk with own measurements and a result that is closed.
func sharing(t *testing.T) (*Desk, *clock) {
	t.Helper()
	d, now := moving(t)
	take(t, d, "ziekenhuis", newResult)
	take(t, d, "apotheek", medicine)
	for kind, value := range map[string]string{"weight": "81.4", "bloodpressure": "128/82"} {
		if _, err := d.Add(t.Context(), aggregator.OwnEntry{Kind: kind, Value: value}); err != nil {
			t.Fatal(err)
		}
	}
	return d, now
}

func acts(t *testing.T, d *Desk) []share.Act {
	t.Helper()
	var all []share.Act
	for _, l := range must(d.Ledger(t.Context())) {
		all = append(all, l.Act)
	}
	return all
}

// TestEveryWayOutHasItsLine, and after the person took it back no way gives
// anything.
func TestEveryWayOutHasItsLine(t *testing.T) {
	d, now := sharing(t)
	if err := d.Share(t.Context(), "vital", somebody, false); err != nil {
		t.Fatal(err)
	}
	o := must(d.Preview(t.Context(), somebody, "nl"))
	e := must(d.ExtractFor(t.Context(), somebody, "csv", "nl"))
	if len(o.Items) != 2 || len(e.Overview.Items) != 2 {
		t.Fatalf("%d in the preview, %d leave", len(o.Items), len(e.Overview.Items))
	}
	now.pass(time.Minute)
	if err := d.Share(t.Context(), "vital", somebody, true); err != nil {
		t.Fatal(err)
	}
	if o := must(d.Preview(t.Context(), somebody, "nl")); len(o.Items) != 0 {
		t.Errorf("%d lines after it was taken back", len(o.Items))
	}
	if _, err := d.Extract(t.Context(), somebody, "nl"); !errors.Is(err, ErrNothingShared) {
		t.Errorf("a summary after it was taken back: %v", err)
	}
	if ready := must(d.Ready(t.Context(), somebody)); len(ready) != 0 {
		t.Errorf("%d ready to send after it was taken back", len(ready))
	}
	want := []share.Act{share.ActPermit, share.ActPreview, share.ActExport, share.ActRevoke, share.ActPreview}
	if diff := cmp.Diff(want, acts(t, d)); diff != "" {
		t.Error(diff)
	}
	ledger := must(d.Ledger(t.Context()))
	if l := ledger[2]; l.How != "csv" || l.To != somebody || len(l.Pins) != 2 || strings.Contains(fmt.Sprint(l), "81.4") {
		t.Errorf("%+v", l)
	}
	if left := ledger.Left(); len(left) != 2 {
		t.Errorf("%d records left", len(left))
	}
	if own := must(d.Extract(t.Context(), "", "nl")); len(own.Overview.Items) < 3 || len(acts(t, d)) != len(want) {
		t.Error("the person's own copy is short, or is taken for sharing")
	}
}

// TestWithoutItsLineNothingLeaves: a ledger that cannot be written holds
// everything back.
func TestWithoutItsLineNothingLeaves(t *testing.T) {
	d, _ := sharing(t)
	if err := d.Share(t.Context(), "vital", somebody, false); err != nil {
		t.Fatal(err)
	}
	s := must(d.Vault())
	if err := s.Keep(t.Context(), store.Setting, lineName(1), []byte(`{"n":1}`)); err != nil {
		t.Fatal(err)
	}
	if o, err := d.Preview(t.Context(), somebody, "nl"); !errors.Is(err, share.ErrLedger) || o != nil {
		t.Errorf("preview: %v", err)
	}
	if e, err := d.ExtractFor(t.Context(), somebody, "ips", "nl"); !errors.Is(err, share.ErrLedger) || e.Overview != nil {
		t.Errorf("export: %v", err)
	}
	if err := d.Share(t.Context(), "medication", somebody, false); !errors.Is(err, share.ErrLedger) {
		t.Errorf("choice: %v", err)
	}
	if p := must(d.Policy(t.Context())); len(p.Choices) != 1 {
		t.Errorf("%d choices are stored, of which one has no line", len(p.Choices))
	}
	var broken *share.BrokenError
	if _, err := d.Ledger(t.Context()); !errors.As(err, &broken) || broken.Line != 1 {
		t.Errorf("the ledger: %v", err)
	}
}

// TestTheLedgerIsCheckedEachTime: that it was read before hides no change in it,
// and who was given it cannot change what others get.
func TestTheLedgerIsCheckedEachTime(t *testing.T) {
	d, _ := sharing(t)
	for _, stop := range []bool{false, true} {
		if err := d.Share(t.Context(), "vital", somebody, stop); err != nil {
			t.Fatal(err)
		}
		must(d.Ledger(t.Context()))[0].Name = "somebody else"
		if all := must(d.Ledger(t.Context())); all[0].Name == "somebody else" {
			t.Error("who read it changed it")
		}
	}
	s := must(d.Vault())
	was := must(s.Load(t.Context(), store.Setting, lineName(1)))
	if err := s.Keep(t.Context(), store.Setting, lineName(1), []byte(strings.Replace(string(was), "vital", "vitam", 1))); err != nil {
		t.Fatal(err)
	}
	var broken *share.BrokenError
	if _, err := d.Ledger(t.Context()); !errors.As(err, &broken) {
		t.Errorf("a changed line passes: %v", err)
	}
	if err := s.Keep(t.Context(), store.Setting, lineName(1), was); err != nil {
		t.Fatal(err)
	}
	if all, err := d.Ledger(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("%v, %v", all, err)
	}
}

// TestTwoAtOnceComeAfterEachOther, and the lines are there when the vault is
// opened again and its providers are forgotten.
func TestTwoAtOnceComeAfterEachOther(t *testing.T) {
	d, _ := sharing(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				if err := d.LogShare(t.Context(), share.Line{Act: share.ActOpen, To: somebody, Reader: "Dr. Jansen"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := d.Forget(t.Context(), "file:ziekenhuis"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Open(store.Passphrase([]byte(passphrase))); err != nil {
		t.Fatal(err)
	}
	if got := must(d.Ledger(t.Context())); len(got) != 40 || got[39].Number != 40 {
		t.Errorf("%d lines", len(got))
	}
	if err := must(d.Vault()).Drop(t.Context(), store.Setting, lineName(7)); err != nil {
		t.Fatal(err)
	}
	var broken *share.BrokenError
	if _, err := d.Ledger(t.Context()); !errors.As(err, &broken) || broken.Line != 7 {
		t.Errorf("without line 7: %v", err)
	}
}

// TestALargeShareTakesMoreLines.
func TestALargeShareTakesMoreLines(t *testing.T) {
	d, _ := moving(t)
	l := share.Line{Act: share.ActExport, To: somebody}
	for range 5 * share.MaxLinePins / 2 {
		l.Pins = append(l.Pins, share.Pin{Source: "file:x", Type: "Observation", ID: strings.Repeat("a", 64)})
	}
	if err := d.LogShare(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if got := must(d.Ledger(t.Context())); len(got) != 3 || got[2].Parts != 3 {
		t.Errorf("%d lines", len(got))
	}
}

// TestAChoiceEndsOnce: its end has one line, whatever is done after it.
func TestAChoiceEndsOnce(t *testing.T) {
	d, now := sharing(t)
	c := must(d.ChoiceFor(t.Context(), "vital", share.Recipient{ID: somebody, Name: "Huisarts"}, false))
	c.Permit, c.Until = true, now.Now().Add(time.Hour)
	if err := d.Choose(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	now.pass(2 * time.Hour)
	for range 2 {
		if o := must(d.Preview(t.Context(), somebody, "nl")); len(o.Items) != 0 {
			t.Error("it ended and is shared")
		}
	}
	if diff := cmp.Diff([]share.Act{share.ActPermit, share.ActExpire, share.ActPreview, share.ActPreview}, acts(t, d)); diff != "" {
		t.Error(diff)
	}
	if l := must(d.Ledger(t.Context()))[1]; l.Name != "Huisarts" || l.Until != "2026-06-01T11:00:00Z" {
		t.Errorf("%+v", l)
	}
}

// TestUnseenLeavesAndStaysClosed goes the whole way: the person says it, the
// recipient gets the result, and no page shows it.
func TestUnseenLeavesAndStaysClosed(t *testing.T) {
	d, _ := sharing(t)
	plain := must(d.ChoiceFor(t.Context(), "lab", share.Recipient{ID: somebody}, false))
	if len(plain.Pins) != 0 {
		t.Error("what is closed is pinned without the word")
	}
	c := must(d.ChoiceFor(t.Context(), "lab", share.Recipient{ID: somebody}, true))
	c.Permit = true
	would := must(d.Would(t.Context(), c))
	if len(would) != 1 || len(would[0].Added) != 1 || len(acts(t, d)) != 0 {
		t.Fatalf("would change %+v", would)
	}
	if miss := must(d.Consequences(t.Context(), somebody, c)); len(miss) != 1 || miss[0].Code != share.SharesUnseen {
		t.Errorf("the person is told %+v", miss)
	}
	if err := d.Choose(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	e := must(d.ExtractFor(t.Context(), somebody, "file", "nl"))
	var table strings.Builder
	if err := e.CSV(&table); err != nil || !strings.Contains(table.String(), "Kreatinine") {
		t.Errorf("the recipient does not get it: %s, %v", &table, err)
	}
	for _, how := range []string{"csv", "ips", "print"} { // these lie open on the person's own computer
		if _, err := d.ExtractFor(t.Context(), somebody, how, "nl"); !errors.Is(err, ErrNothingShared) {
			t.Errorf("%s: the person would see it: %v", how, err)
		}
	}
	shown := must(d.Preview(t.Context(), somebody, "nl"))
	if len(shown.Items) != 1 || shown.Items[0].Section != aggregator.Gated || shown.Items[0].Title == "Kreatinine" {
		t.Errorf("the preview shows %+v", shown.Items)
	}
	if item := must(d.Overview(t.Context(), time.Time{}, "nl")).Subject("lab")[0]; item.Section != aggregator.Gated {
		t.Error("sharing opened it for the person")
	}
	for _, l := range must(d.Ledger(t.Context())) {
		if len(l.Pins) != 1 {
			t.Errorf("%s names %d records", l.Act, len(l.Pins))
		}
	}
}

// TestARefusedItemCanBeSharedAgain, also when it has another record by then.
func TestARefusedItemCanBeSharedAgain(t *testing.T) {
	d, _ := sharing(t)
	weight := must(d.Overview(t.Context(), time.Time{}, "nl")).Subject("vital")[0]
	old := share.Choice{Recipient: somebody, Since: d.Now(), Pins: append(share.PinsOf(weight), share.Pin{Source: "self", Type: "Observation", ID: "gone"})}
	if err := d.Choose(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if err := d.Share(t.Context(), weight.ID, somebody, false); err != nil {
		t.Fatal(err)
	}
	if o := must(d.Preview(t.Context(), somebody, "nl")); len(o.Items) != 1 {
		t.Errorf("%d shared after a change of mind", len(o.Items))
	}
	if asks := must(d.Asks(t.Context())); len(asks) != 0 {
		t.Errorf("asks %+v", asks)
	}
	if got := acts(t, d); !slices.Equal(got[:3], []share.Act{share.ActDeny, share.ActPermit, share.ActRevoke}) {
		t.Errorf("%v", got)
	}
}

// TestAMessageHasItsLines: before it goes, and with what became of it.
func TestAMessageHasItsLines(t *testing.T) {
	b := newBench(t)
	if _, err := b.Add(t.Context(), aggregator.OwnEntry{Kind: "weight", Value: "81.4"}); err != nil {
		t.Fatal(err)
	}
	const gp = "medmij:huisarts-delinde@medmij"
	if err := b.Share(t.Context(), "vital", gp, false); err != nil {
		t.Fatal(err)
	}
	b.send(t, gp)
	lines := must(b.Ledger(t.Context()))
	if len(lines) != 3 || lines[1].Act != share.ActSend || lines[2].Act != share.ActDeliver {
		t.Fatalf("%+v", lines)
	}
	if got := lines[2].Outcomes; len(got) != 1 || got[0].Code != share.Sent || got[0].Pin != lines[1].Pins[0] {
		t.Errorf("%+v", got)
	}
	if left := lines.Left(); len(left) != 1 || left[0].Recipient != gp || left[0].How != "medmij" {
		t.Errorf("%+v", left)
	}
}
