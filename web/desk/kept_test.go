package desk

import (
	"sync"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
)

// TestTheOverviewIsKept while nothing can have changed, for each language, and
// made once for all who ask for it at the same time.
func TestTheOverviewIsKept(t *testing.T) {
	d, now := moving(t)
	take(t, d, "huisarts", medicine)
	ask := func(lang string) *aggregator.Overview {
		t.Helper()
		o, err := d.Overview(t.Context(), time.Time{}, lang)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	var same [8]*aggregator.Overview
	var all sync.WaitGroup
	for i := range same {
		all.Go(func() { same[i], _ = d.Overview(t.Context(), time.Time{}, "nl") })
	}
	all.Wait()
	for _, o := range same {
		if o == nil || o != same[0] {
			t.Fatal("who waits gets another overview")
		}
	}
	now.pass(3 * time.Hour)
	if english := ask("en"); english == same[0] || ask("nl") != same[0] || ask("") != same[0] || ask("en") != english {
		t.Error("it was made again though nothing changed")
	}
	now.pass(-4 * time.Hour)
	if ask("nl") == same[0] {
		t.Error("it is from a later moment")
	}
	take(t, d, "apotheek", medicine)
	if ask("nl") == same[0] || len(ask("nl").Items) != 2 {
		t.Error("what was stored is not in it")
	}
}

// TestTheOverviewEndsInTime: at the moment that it tells itself, when something
// opens, and not before.
func TestTheOverviewEndsInTime(t *testing.T) {
	for name, tc := range map[string]struct {
		content string
		gate    *aggregator.GateRule
		after   time.Duration // from noon of 1 June
	}{
		"an appointment is over": {`{"resourceType":"Appointment","id":"a","status":"booked","start":"2026-06-01T14:00:00+02:00","end":"2026-06-01T14:30:00+02:00"}`, nil, 2*time.Hour + 30*time.Minute + time.Second},
		"a result opens":         {newResult, &aggregator.GateRule{Wait: aggregator.WaitDays, Days: 7}, 7 * 24 * time.Hour},
	} {
		d, now := moving(t)
		take(t, d, "huisarts", tc.content)
		if tc.gate != nil {
			if err := d.SetGate(t.Context(), *tc.gate); err != nil {
				t.Fatal(err)
			}
		}
		first, err := d.Overview(t.Context(), time.Time{}, "nl")
		if err != nil {
			t.Fatal(err)
		}
		now.pass(time.Hour)
		if o, _ := d.Overview(t.Context(), time.Time{}, "nl"); o != first {
			t.Errorf("%s: made again too early", name)
		}
		now.pass(tc.after)
		o, err := d.Overview(t.Context(), time.Time{}, "nl")
		if err != nil || o == first || o.Items[0].Section == first.Items[0].Section {
			t.Errorf("%s: %v, still %s", name, err, o.Items[0].Section)
		}
	}
}

// TestOwnRecordsAreReadOnce, and anew when something is stored.
func TestOwnRecordsAreReadOnce(t *testing.T) {
	d, _ := moving(t)
	take(t, d, "huisarts", medicine)
	count := func() (n int) {
		t.Helper()
		for r, err := range d.ownRecords(t.Context()) {
			if err != nil || !r.Origin.IsSelf() {
				t.Fatal(r.Type, err)
			}
			n++
		}
		return n
	}
	before := count()
	if _, err := d.Add(t.Context(), aggregator.OwnEntry{Kind: "note", Value: "Vraag"}); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != before+1 {
		t.Errorf("%d, then %d", before, got)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, err := range d.ownRecords(t.Context()) {
		if err == nil {
			t.Error("a closed vault gives what it held")
		}
	}
}
