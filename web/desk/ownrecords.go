package desk

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"sync"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// ownKept are the records of the person, until something is stored.
type ownKept struct {
	generation int
	all        []fhir.Record

	// What is read in them, when it is first asked for. A choice to share all
	// results of a life names tens of thousands of records.
	choices func() ([]share.Choice, error)
	places  func() map[ownName]int
	entries func() [][]Own
}

// ownName names one version of a record of the person.
type ownName struct {
	fhir.Ref
	number int
}

func newOwnKept(generation int, all []fhir.Record) ownKept {
	return ownKept{
		generation: generation, all: all,
		choices: sync.OnceValues(func() ([]share.Choice, error) {
			choices, err := share.Choices(given(all))
			return share.Policy{Choices: choices}.Indexed().Choices, err
		}),
		entries: sync.OnceValue(func() [][]Own { return entriesIn(all) }),
		places: sync.OnceValue(func() map[ownName]int {
			places := make(map[ownName]int, len(all))
			for i, r := range all {
				places[ownName{r.Ref, r.Number}] = i
			}
			return places
		}),
	}
}

// given gives records that were read already.
func given(all []fhir.Record) iter.Seq2[fhir.Record, error] {
	return func(yield func(fhir.Record, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// ownRecords gives the records of the person in the order of the store. Pages ask
// for them again and again, and somebody may have weighed themselves for years:
// they are read once.
func (d *Desk) ownRecords(ctx context.Context) iter.Seq2[fhir.Record, error] {
	kept, err := d.readOwn(ctx)
	if err != nil {
		return func(yield func(fhir.Record, error) bool) { yield(fhir.Record{}, err) }
	}
	return given(kept.all)
}

// ownRecord is the record of the person behind a part, as the part names it.
func (d *Desk) ownRecord(ctx context.Context, p aggregator.Part) (fhir.Record, error) {
	kept, err := d.readOwn(ctx)
	if err != nil {
		return fhir.Record{}, err
	}
	number, err := strconv.Atoi(p.Version)
	i, ok := kept.places()[ownName{fhir.Ref{Type: p.Type, ID: p.ID}, number}]
	if err != nil || !ok || kept.all[i].Origin.Service != p.Service {
		return fhir.Record{}, ErrNotFound
	}
	return kept.all[i], nil
}

// Policy is all sharing choices in force.
func (d *Desk) Policy(ctx context.Context) (share.Policy, error) {
	kept, err := d.readOwn(ctx)
	if err != nil {
		return share.Policy{}, err
	}
	choices, err := kept.choices()
	return share.Policy{Choices: slices.Clone(choices), At: d.Now()}, err
}

func (d *Desk) readOwn(ctx context.Context) (ownKept, error) {
	s, err := d.Vault()
	if err != nil {
		return ownKept{}, err
	}
	d.mu.Lock()
	kept, generation := d.own, d.cache.generation
	d.mu.Unlock()
	if kept.all != nil && kept.generation == generation {
		return kept, nil
	}
	all := []fhir.Record{}
	for r, err := range s.RecordsOf(ctx, fhir.Self) {
		if err != nil {
			return ownKept{}, err
		}
		all = append(all, r)
	}
	kept = newOwnKept(generation, slices.Clip(all))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.vault == s {
		d.own = kept
	}
	return kept, nil
}
