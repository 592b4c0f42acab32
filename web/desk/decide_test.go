package desk

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// moving is a desk without MedMij whose clock the test sets.
func moving(t *testing.T) (*Desk, *clock) {
	t.Helper()
	now := clockAt(time.Date(2026, 6, 1, 12, 0, 0, 0, fhir.Amsterdam()))
	d, err := New(Config{Path: filepath.Join(t.TempDir(), "vault.bundel"), Store: store.Config{KDF: cheap}, Now: now.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Create(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d, now
}

func take(t *testing.T, d *Desk, source, content string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "in.json")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if done, err := d.Import(t.Context(), Import{Paths: []string{file}, Name: source, Version: fhir.R4}); err != nil || len(done.Failures) > 0 {
		t.Fatal(err, done.Failures)
	}
}

const (
	newResult = `{"resourceType":"Observation","id":"1","status":"final","category":[{"coding":[{"code":"laboratory"}]}],"effectiveDateTime":"2026-05-30","code":{"coding":[{"system":"http://loinc.org","code":"14682-9","display":"Kreatinine"}]},"valueQuantity":{"value":85,"unit":"umol/L","code":"umol/L","system":"http://unitsofmeasure.org"}}`
	medicine  = `{"resourceType":"MedicationRequest","id":"m","status":"active","authoredOn":"2026-05-01","medicationCodeableConcept":{"text":"Ibuprofen 400 mg"}}`
)

// TestEveryReaderSeesTheView: commands, pages, search, sharing and the past.
func TestEveryReaderSeesTheView(t *testing.T) {
	d, now := moving(t)
	take(t, d, "ziekenhuis", newResult)
	const gp = "medmij:gp@medmij"
	later := must(d.ChoiceFor(t.Context(), "lab", share.Recipient{ID: gp}, false))
	later.Permit, later.Later = true, true
	if err := d.Choose(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	pages := d.Pages(t.Context())
	closed := func(o *aggregator.Overview, err error) bool {
		t.Helper()
		if err != nil || len(o.Items) != 1 {
			t.Fatal(err, o)
		}
		return o.Items[0].Section == aggregator.Gated
	}
	check := func(want bool) {
		t.Helper()
		if got := closed(d.Overview(t.Context(), time.Time{}, "nl")); got != want {
			t.Errorf("command: closed %v", got)
		}
		if got := closed(pages.Overview(t.Context(), "nl")); got != want {
			t.Errorf("pages: closed %v", got)
		}
		if got := closed(d.OverviewAt(t.Context(), time.Time{}, now.Now().Add(time.Minute), "nl")); got != want {
			t.Errorf("the past: closed %v", got)
		}
		hits, err := d.Find(t.Context(), "kreatinine", "nl", 5)
		if err != nil || (len(hits) == 0) != want {
			t.Errorf("search: %d hits, %v", len(hits), err)
		}
		shared, err := pages.Preview(t.Context(), gp, "nl")
		if err != nil || (len(shared.Items) == 0) != want {
			t.Errorf("sharing: %d items, %v", len(shared.Items), err)
		}
	}
	check(true)
	o, err := pages.Overview(t.Context(), "nl")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pages.Raw(t.Context(), o.Items[0].Parts[0]); !errors.Is(err, web.ErrNotFound) {
		t.Errorf("the record behind a closed result: %v", err)
	}
	item := o.Items[0].ID
	if err := d.Wait(t.Context(), item, aggregator.GateRule{Wait: aggregator.WaitNot}); err != nil {
		t.Fatal(err)
	}
	check(false)
	now.pass(time.Hour)
	if err := d.Wait(t.Context(), item, aggregator.GateRule{Wait: aggregator.WaitNever}); err != nil {
		t.Fatal(err)
	}
	check(true)
}

// TestAResultOpensByItself when its days are over, without anything stored.
func TestAResultOpensByItself(t *testing.T) {
	d, now := moving(t)
	take(t, d, "ziekenhuis", newResult)
	if err := d.SetGate(t.Context(), aggregator.GateRule{Kind: aggregator.KindLab, Wait: aggregator.WaitDays, Days: 7}); err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int]aggregator.Section{6: aggregator.Gated, 8: aggregator.Found} {
		start := now.Now()
		now.set(start.AddDate(0, 0, days))
		// The moment it speaks about stays the same: only looking is later.
		o, err := d.Overview(t.Context(), start, "nl")
		if err != nil || o.Items[0].Section != want {
			t.Errorf("after %d days: %v, %v", days, o.Items[0].Section, err)
		}
		now.set(start)
	}
}

// TestDecisionsThroughTheDesk: each is stored, counts at once, and the changes
// since before it are told.
func TestDecisionsThroughTheDesk(t *testing.T) {
	d, now := moving(t)
	take(t, d, "huisarts", medicine)
	if _, err := d.Add(t.Context(), aggregator.OwnEntry{Kind: "medicine", Value: "Ibuprofen 400 mg", At: now.Now()}); err != nil {
		t.Fatal(err)
	}
	items := func() []aggregator.Item {
		t.Helper()
		o, err := d.Overview(t.Context(), time.Time{}, "nl")
		if err != nil {
			t.Fatal(err)
		}
		return o.Subject("medication")
	}
	now.pass(time.Hour)
	before := now.Now()
	now.pass(time.Hour)
	apart := items()
	if len(apart) != 2 {
		t.Fatalf("%d items", len(apart))
	}
	if made, err := d.Join(t.Context(), apart[0].ID, apart[1].ID); err != nil || made.Seq != 1 {
		t.Fatal(made.Seq, err)
	}
	joined := items()
	if len(joined) != 1 {
		t.Fatalf("%d items", len(joined))
	}
	_, changes, err := d.Changes(t.Context(), before, "nl")
	if err != nil || len(changes) != 1 || changes[0].Kind != aggregator.ChangedJoined {
		t.Errorf("%+v, %v", changes, err)
	}
	if _, err := d.ConfirmSame(t.Context(), joined[0].ID); err != nil {
		t.Error(err)
	}
	if _, err := d.Separate(t.Context(), joined[0].ID, joined[0].ID+"#2"); err != nil || len(items()) != 2 {
		t.Error(err)
	}
	if made, err := d.Undo(t.Context(), 3); err != nil || made.Seq != 4 || len(items()) != 1 {
		t.Error(made.Seq, err)
	}
	if _, err := d.Dismiss(t.Context(), joined[0].ID, "C-NONE"); !errors.Is(err, aggregator.ErrNoConflict) {
		t.Error(err)
	}
	if _, err := d.Accept(t.Context(), "medmij:x@medmij"); !errors.Is(err, aggregator.ErrNoStranger) {
		t.Error(err)
	}
}

// TestChangesNeedACollection, when no moment is given.
func TestChangesNeedACollection(t *testing.T) {
	d, now := moving(t)
	if _, _, err := d.Changes(t.Context(), time.Time{}, "nl"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	take(t, d, "huisarts", medicine)
	now.pass(time.Hour)
	since, changes, err := d.Changes(t.Context(), time.Time{}, "nl")
	if err != nil || !since.Before(now.Now()) || len(changes) != 1 || changes[0].Kind != aggregator.ChangedNew {
		t.Errorf("%v %+v %v", since, changes, err)
	}
}

// TestAClosedVaultDecidesNothing gives the error of a closed vault everywhere.
func TestAClosedVaultDecidesNothing(t *testing.T) {
	d, _ := moving(t)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	_, join := d.Join(t.Context(), "a", "b")
	_, find := d.Find(t.Context(), "x", "nl", 1)
	_, _, changes := d.Changes(t.Context(), time.Time{}, "nl")
	_, past := d.OverviewAt(t.Context(), time.Time{}, time.Now(), "nl")
	for name, err := range map[string]error{"join": join, "find": find, "changes": changes, "past": past, "gate": d.SetGate(t.Context(), aggregator.GateRule{})} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
