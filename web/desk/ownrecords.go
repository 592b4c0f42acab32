package desk

import (
	"context"
	"iter"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

// ownKept are the records of the person, until something is stored.
type ownKept struct {
	generation int
	all        []fhir.Record
}

// ownRecords gives the records of the person in the order of the store. Pages ask
// for them again and again, and somebody may have weighed themselves for years:
// they are read once.
func (d *Desk) ownRecords(ctx context.Context) iter.Seq2[fhir.Record, error] {
	return func(yield func(fhir.Record, error) bool) {
		all, err := d.readOwn(ctx)
		if err != nil {
			yield(fhir.Record{}, err)
			return
		}
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (d *Desk) readOwn(ctx context.Context) ([]fhir.Record, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	kept, generation := d.own, d.cache.generation
	d.mu.Unlock()
	if kept.all != nil && kept.generation == generation {
		return kept.all, nil
	}
	all := []fhir.Record{}
	for r, err := range s.RecordsOf(ctx, fhir.Self) {
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.vault == s {
		d.own = ownKept{generation, slices.Clip(all)}
	}
	return all, nil
}
