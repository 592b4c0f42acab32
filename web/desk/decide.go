package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// rule is what the person can decide and store.
type rule interface{ Resource() (fhir.Resource, error) }

// decide makes a decision on what is stored now, and stores it.
func decide[R rule](ctx context.Context, d *Desk, make func(*aggregator.Decider) (R, error)) (R, error) {
	var made R
	err := decideAll(ctx, d, func(w *aggregator.Decider) ([]R, error) {
		var err error
		made, err = make(w)
		return []R{made}, err
	})
	return made, err
}

// decideAll makes decisions on what is stored now, and stores all or none.
func decideAll[R rule](ctx context.Context, d *Desk, make func(*aggregator.Decider) ([]R, error)) error {
	d.deciding.Lock()
	defer d.deciding.Unlock()
	now := d.Now()
	in, err := d.input(ctx, time.Time{}, now.Truncate(time.Minute), "")
	if err != nil {
		return err
	}
	read, err := d.reading()
	if err != nil {
		return err
	}
	var all []R
	err = read.with(ctx, func(s *aggregator.Statements) error {
		who, err := s.Decider(in, now, "")
		if err != nil {
			return fmt.Errorf("decide: %w", err)
		}
		all, err = make(who)
		return err
	})
	if err != nil {
		return err
	}
	var resources []fhir.Resource
	var lines []access
	for _, made := range all {
		r, err := made.Resource()
		if err != nil {
			return err
		}
		resources, lines = append(resources, r), append(lines, accessOf(made))
	}
	if err := d.note(ctx, lines...); err != nil {
		return err
	}
	return d.putOwn(ctx, resources...)
}

// Join puts two items on one line. Errors are those of [aggregator.Decider].
func (d *Desk) Join(ctx context.Context, a, b string) (aggregator.Decision, error) {
	return decide(ctx, d, func(w *aggregator.Decider) (aggregator.Decision, error) { return w.Join(a, b) })
}

// Separate keeps two items, or parts of one ("ITEM#2"), off one line.
func (d *Desk) Separate(ctx context.Context, a, b string) (aggregator.Decision, error) {
	return decide(ctx, d, func(w *aggregator.Decider) (aggregator.Decision, error) { return w.Separate(a, b) })
}

// ConfirmSame says that an item is one thing, as its parts are now.
func (d *Desk) ConfirmSame(ctx context.Context, item string) (aggregator.Decision, error) {
	return decide(ctx, d, func(w *aggregator.Decider) (aggregator.Decision, error) { return w.ConfirmSame(item) })
}

// Dismiss notes that the person saw a conflict of an item.
func (d *Desk) Dismiss(ctx context.Context, item, code string) (aggregator.Decision, error) {
	return decide(ctx, d, func(w *aggregator.Decider) (aggregator.Decision, error) { return w.Dismiss(item, code) })
}

// Undo takes back a decision, by its number.
func (d *Desk) Undo(ctx context.Context, seq int) (aggregator.Decision, error) {
	return decide(ctx, d, func(w *aggregator.Decider) (aggregator.Decision, error) { return w.Undo(seq) })
}

// Accept says of a source whose records wait in quarantine: this is me.
func (d *Desk) Accept(ctx context.Context, source string) (aggregator.Decision, error) {
	return decide(ctx, d, func(w *aggregator.Decider) (aggregator.Decision, error) { return w.Accept(source) })
}

// Wait says when one item may be seen; [aggregator.WaitNot] opens it. The rule
// that is stored is the record of that choice.
func (d *Desk) Wait(ctx context.Context, item string, r aggregator.GateRule) error {
	return d.WaitAll(ctx, []string{item}, r)
}

// WaitAll says the same of several items, each with a rule of its own: all of
// them or, when one is not there, none.
func (d *Desk) WaitAll(ctx context.Context, items []string, r aggregator.GateRule) error {
	return decideAll(ctx, d, func(w *aggregator.Decider) ([]aggregator.GateRule, error) {
		var all []aggregator.GateRule
		for _, item := range items {
			one, err := w.Wait(item, r)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		return all, nil
	})
}

// SetGate stores when results of a kind, of a source, or all may be seen: all of
// the rules or none.
func (d *Desk) SetGate(ctx context.Context, rules ...aggregator.GateRule) error {
	var all []fhir.Resource
	for _, r := range rules {
		r.At = d.Now()
		resource, err := r.Resource()
		if err != nil {
			return err
		}
		all = append(all, resource)
	}
	for _, r := range rules {
		if err := d.note(ctx, accessOf(r)); err != nil {
			return err
		}
	}
	return d.putOwn(ctx, all...)
}
