package desk

import (
	"errors"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/store"
)

// TestOrdinaryWaysKeepWhatWasRead: only what takes something out has all of it
// read anew, and a closed vault leaves nothing in memory.
func TestOrdinaryWaysKeepWhatWasRead(t *testing.T) {
	d, now := moving(t)
	take(t, d, "ziekenhuis", newResult)
	take(t, d, "huisarts", medicine)
	item := must(d.Overview(t.Context(), time.Time{}, "nl")).Subject("medication")[0].ID
	kept := func() *aggregator.Statements {
		t.Helper()
		if _, err := d.Overview(t.Context(), time.Time{}, "nl"); err != nil {
			t.Fatal(err)
		}
		return must(d.reading()).statements
	}
	for _, step := range []struct {
		name string
		do   func() error
		anew bool
	}{
		{"an own entry", func() error {
			_, err := d.Add(t.Context(), aggregator.OwnEntry{Kind: "note", Value: "Vraag"})
			return err
		}, false},
		{"a choice to share", func() error { return d.Share(t.Context(), "lab", "medmij:gp@medmij", false) }, false},
		{"a choice to see later", func() error { return d.SetGate(t.Context(), aggregator.GateRule{Wait: aggregator.WaitNot}) }, false},
		{"an answer", func() error {
			return d.Say(t.Context(), aggregator.OwnEntry{Kind: "medicine", State: aggregator.UseStopped}, "", item)
		}, false},
		{"files", func() error { take(t, d, "apotheek", medicine); return nil }, false},
		{"a minute", func() error { now.pass(time.Hour); d.changed(); return nil }, false},
		{"a source taken out", func() error { return d.Forget(t.Context(), "file:apotheek") }, true},
		{"another key", func() error {
			if err := d.Close(); err != nil || d.read != nil {
				t.Errorf("%v: closed, and still there: %v", err, d.read)
			}
			return d.Open(store.Passphrase([]byte(passphrase)))
		}, true},
	} {
		before := kept()
		if err := step.do(); err != nil {
			t.Fatal(step.name, err)
		}
		if after := kept(); (after != before) != step.anew {
			t.Errorf("%s: all is read anew %v, want %v", step.name, after != before, step.anew)
		}
	}
	if err := d.ForgetAll(t.Context()); err != nil || d.read != nil {
		t.Errorf("%v: erased, and still there: %v", err, d.read)
	}
	if _, err := d.reading(); !errors.Is(err, ErrClosed) {
		t.Errorf("there is a reading of an erased vault: %v", err)
	}
}

// TestTheLastVisitIsToldByTheRulesOfNow: what the person chose since not to see is
// closed on both sides of what changed, though nothing of then is another.
func TestTheLastVisitIsToldByTheRulesOfNow(t *testing.T) {
	d, now := moving(t)
	take(t, d, "ziekenhuis", newResult)
	if err := d.SetGate(t.Context(), aggregator.GateRule{Wait: aggregator.WaitNot}); err != nil {
		t.Fatal(err)
	}
	now.pass(time.Hour)
	since := now.Now()
	for _, wait := range []aggregator.Wait{aggregator.WaitNot, aggregator.WaitNever, aggregator.WaitNot} {
		now.pass(time.Hour)
		if err := d.SetGate(t.Context(), aggregator.GateRule{Wait: wait}); err != nil {
			t.Fatal(err)
		}
		past, err := d.pastOf(t.Context(), since, "nl")
		if err != nil {
			t.Fatal(err)
		}
		then := past.before.View(d.viewer()).Items
		if len(then) != 1 || (then[0].Section == aggregator.Gated) != (wait == aggregator.WaitNever) {
			t.Errorf("with %q: %+v", wait, then)
		}
	}
}
