package desk

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

// input is what Merge needs beside the records that were stored by a moment, zero
// for now.
func (d *Desk) input(ctx context.Context, by, asOf time.Time, lang string) (aggregator.Input, error) {
	in := aggregator.Input{AsOf: asOf, Lang: lang}
	s, err := d.Vault()
	if err != nil {
		return in, err
	}
	if in.Providers, err = d.Providers(ctx); err != nil {
		return in, err
	}
	if in.Receipts, err = receiptsBy(ctx, s, by); err != nil {
		return in, fmt.Errorf("read the receipts: %w", err)
	}
	in.Sent, err = sentRecords(ctx, s)
	return in, err
}

// merge makes the overview of a moment of all that is stored now, with
// everything in it, also what the person may not see.
func (d *Desk) merge(ctx context.Context, asOf time.Time, lang string) (*aggregator.Overview, error) {
	read, err := d.reading()
	if err != nil {
		return nil, err
	}
	in, err := d.input(ctx, time.Time{}, asOf, lang)
	if err != nil {
		return nil, err
	}
	var o *aggregator.Overview
	err = read.with(ctx, func(s *aggregator.Statements) error {
		o, err = s.Merge(in)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make the overview: %w", err)
	}
	return o, nil
}

// mergeThen is merge of what was stored by a moment. When results open is a
// matter of today: a choice not to see something holds for looking back as well.
func (d *Desk) mergeThen(ctx context.Context, in aggregator.Input, by time.Time) (*aggregator.Overview, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	statements, err := aggregator.Read(s.RecordsAt(ctx, by))
	if err == nil {
		err = statements.Add(d.gateRecords(ctx))
	}
	if err != nil {
		return nil, fmt.Errorf("read the vault: %w", err)
	}
	o, err := statements.Merge(in)
	if err != nil {
		return nil, fmt.Errorf("make the overview: %w", err)
	}
	return o, nil
}

// gateRecords are the rules of the person about when to see results, as they are
// now.
func (d *Desk) gateRecords(ctx context.Context) iter.Seq2[fhir.Record, error] {
	return func(yield func(fhir.Record, error) bool) {
		for r, err := range d.ownRecords(ctx) {
			if (err != nil || aggregator.IsGateRule(r)) && !yield(r, err) {
				return
			}
		}
	}
}

// receiptsBy gives the newest receipt of each data service as it was then.
func receiptsBy(ctx context.Context, s *store.Store, by time.Time) ([]fhir.Receipt, error) {
	newest, err := s.Receipts(ctx)
	if err != nil || by.IsZero() {
		return newest, err
	}
	var then []fhir.Receipt
	for _, r := range newest {
		all, err := s.ReceiptHistory(ctx, r.Origin)
		if err != nil {
			return nil, err
		}
		for _, old := range slices.Backward(all) {
			if !old.Started.After(by) {
				then = append(then, old)
				break
			}
		}
	}
	return then, nil
}

// OverviewAt is the overview of what was stored by a moment: the record as it
// was on 1 March. A zero asOf is that moment. What is closed now is closed
// there as well.
func (d *Desk) OverviewAt(ctx context.Context, asOf, knownAt time.Time, lang string) (*aggregator.Overview, error) {
	if knownAt.IsZero() {
		return d.Overview(ctx, asOf, lang)
	}
	if asOf.IsZero() {
		asOf = knownAt
	}
	return d.viewAt(ctx, asOf, knownAt, lang)
}

func (d *Desk) viewAt(ctx context.Context, asOf, knownAt time.Time, lang string) (*aggregator.Overview, error) {
	in, err := d.input(ctx, knownAt, asOf, lang)
	if err != nil {
		return nil, err
	}
	o, err := d.mergeThen(ctx, in, knownAt)
	if err != nil {
		return nil, err
	}
	return o.View(d.viewer()), nil
}

// Changes tells what changed since a moment; zero is just before the last
// collection. It is ErrNotFound when nothing was ever collected. The caller
// does not change the list.
func (d *Desk) Changes(ctx context.Context, since time.Time, lang string) (from time.Time, changes []aggregator.Change, err error) {
	if since.IsZero() {
		if since, err = d.beforeLast(ctx); err != nil {
			return since, nil, err
		}
	}
	after, err := d.overview(ctx, time.Time{}, lang)
	if err != nil {
		return since, nil, err
	}
	past, err := d.pastOf(ctx, since, lang)
	if err != nil {
		return since, nil, err
	}
	if past.told == after.key && past.changes != nil {
		return since, past.changes, nil
	}
	who := d.viewer()
	past.told, past.changes = after.key, aggregator.Changes(past.before.View(who), past.same.View(who), after.view)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.past.same == past.same {
		d.past = past
	}
	return since, past.changes, nil
}

// beforeLast is just before the last collection began.
func (d *Desk) beforeLast(ctx context.Context) (time.Time, error) {
	s, err := d.Vault()
	if err != nil {
		return time.Time{}, err
	}
	receipts, err := s.Receipts(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the receipts: %w", err)
	}
	var last time.Time
	for _, r := range receipts {
		if !r.Origin.IsSelf() && r.Started.After(last) {
			last = r.Started
		}
	}
	if last.IsZero() {
		return last, ErrNotFound
	}
	return last.Add(-time.Nanosecond), nil
}

// Find looks in what the person may see, best first, at most limit items.
func (d *Desk) Find(ctx context.Context, query, lang string, limit int) ([]aggregator.Hit, error) {
	c, err := d.overview(ctx, time.Time{}, lang)
	if err != nil {
		return nil, err
	}
	return c.index().Search(query, limit), nil
}
