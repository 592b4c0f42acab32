package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

// known reads what was stored by a moment, zero for now, and what Merge needs
// beside it. When results open is a matter of today: a choice not to see
// something holds for looking back as well.
func (d *Desk) known(ctx context.Context, by, asOf time.Time, lang string) (*aggregator.Statements, aggregator.Input, error) {
	in := aggregator.Input{AsOf: asOf, Lang: lang}
	s, err := d.Vault()
	if err != nil {
		return nil, in, err
	}
	if in.Providers, err = d.Providers(ctx); err != nil {
		return nil, in, err
	}
	if in.Receipts, err = receiptsBy(ctx, s, by); err != nil {
		return nil, in, fmt.Errorf("read the receipts: %w", err)
	}
	if in.Sent, err = sentRecords(ctx, s); err != nil {
		return nil, in, err
	}
	if by.IsZero() {
		statements, err := aggregator.Read(s.Records(ctx))
		return statements, in, err
	}
	statements, err := aggregator.Read(s.RecordsAt(ctx, by))
	if err == nil {
		err = statements.Add(func(yield func(fhir.Record, error) bool) {
			for r, err := range s.Records(ctx) {
				if (err != nil || aggregator.IsGateRule(r)) && !yield(r, err) {
					return
				}
			}
		})
	}
	return statements, in, err
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
	o, err := d.mergeAt(ctx, asOf, knownAt, lang)
	if err != nil {
		return nil, err
	}
	return o.View(d.viewer()), nil
}

// mergeAt is viewAt with everything in it, also what the person may not see.
func (d *Desk) mergeAt(ctx context.Context, asOf, knownAt time.Time, lang string) (*aggregator.Overview, error) {
	statements, in, err := d.known(ctx, knownAt, asOf, lang)
	if err != nil {
		return nil, err
	}
	o, err := statements.Merge(in)
	if err != nil {
		return nil, fmt.Errorf("make the overview: %w", err)
	}
	return o, nil
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
	then, err := d.pastOf(ctx, since, lang)
	if err != nil {
		return since, nil, err
	}
	if then.told == after.key && then.changes != nil {
		return since, then.changes, nil
	}
	who := d.viewer()
	then.told, then.changes = after.key, aggregator.Changes(then.before.View(who), then.same.View(who), after.view)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.past.same == then.same {
		d.past = then
	}
	return since, then.changes, nil
}

// past is what Changes compares with: what was known at a moment, and what is
// known now of that moment. It stays the same until something is stored; what
// changed since then, until a minute passes.
type past struct {
	generation   int
	since        time.Time
	lang         string
	before, same *aggregator.Overview

	told    cacheKey // of the overview that was compared with it
	changes []aggregator.Change
}

// pastOf gives the past of a moment, made anew when something was stored.
func (d *Desk) pastOf(ctx context.Context, since time.Time, lang string) (past, error) {
	d.mu.Lock()
	kept, generation, vault := d.past, d.cache.generation, d.vault
	d.mu.Unlock()
	if kept.before != nil && kept.generation == generation && kept.since.Equal(since) && kept.lang == lang {
		return kept, nil
	}
	made := past{generation: generation, since: since, lang: lang}
	var err error
	if made.before, err = d.mergeAt(ctx, since, since, lang); err != nil {
		return made, err
	}
	if made.same, err = d.mergeAt(ctx, since, time.Time{}, lang); err != nil {
		return made, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.vault == vault {
		d.past = made
	}
	return made, nil
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
	c, err := d.indexed(ctx, lang)
	if err != nil {
		return nil, err
	}
	return c.index.Search(query, limit), nil
}

// indexed is the overview of now with its index.
func (d *Desk) indexed(ctx context.Context, lang string) (made, error) {
	if lang == "" {
		lang = "nl"
	}
	c, err := d.overview(ctx, time.Time{}, lang)
	if err != nil {
		return c, err
	}
	if c.index == nil {
		c.index = aggregator.NewIndex(c.view)
		d.mu.Lock()
		if d.cache.made[lang].view == c.view {
			d.cache.made[lang] = c
		}
		d.mu.Unlock()
	}
	return c, nil
}
