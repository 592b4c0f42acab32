package store

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// readAtOnce is how many records are read in one transaction: a long one keeps
// bbolt from using its free pages.
const readAtOnce = 16

// Records gives every version of every resource, removed ones too, sorted by
// source, service, type, id and number, as of the call. The caller may write to
// the store meanwhile. When something is damaged, everything intact comes first
// and then one *DamagedError.
func (s *Store) Records(ctx context.Context) iter.Seq2[fhir.Record, error] {
	return s.records(ctx, (*index).all)
}

// History gives every version of one resource, oldest first; nothing when there
// is none. Damage is told as by [Store.Records].
func (s *Store) History(ctx context.Context, origin fhir.Origin, ref fhir.Ref) iter.Seq2[fhir.Record, error] {
	k := resourceKey{origin, ref}
	return s.records(ctx, func(idx *index) []stored { return versionsOf(k, idx.versions(k)) })
}

func (s *Store) records(ctx context.Context, which func(*index) []stored) iter.Seq2[fhir.Record, error] {
	return func(yield func(fhir.Record, error) bool) {
		idx, err := s.ready()
		if err != nil {
			yield(fhir.Record{}, fmt.Errorf("read records: %w", err))
			return
		}
		for some := range slices.Chunk(which(idx), readAtOnce) {
			if !s.giveSome(ctx, some, yield) {
				return
			}
		}
		if err := idx.firstDamage(); err != nil {
			yield(fhir.Record{}, fmt.Errorf("read records: %w", err))
		}
	}
}

// giveSome reads first and yields after, so that the caller's code never runs
// inside a transaction. It tells whether to go on.
func (s *Store) giveSome(ctx context.Context, some []stored, yield func(fhir.Record, error) bool) bool {
	records := make([]fhir.Record, 0, len(some))
	err := ctx.Err()
	if err == nil {
		err = s.view(func(tx *seal.Tx) error {
			for _, w := range some {
				r, err := readRecord(tx, w)
				if err != nil {
					return err
				}
				records = append(records, r)
			}
			return nil
		})
	}
	for _, r := range records {
		if !yield(r, nil) {
			return false
		}
	}
	if err != nil {
		yield(fhir.Record{}, fmt.Errorf("read records: %w", err))
	}
	return err == nil
}

// readRecord makes the record anew from its bytes and checks that it is the one
// its name says: a change in how resources are parsed must not pass unnoticed.
func readRecord(tx *seal.Tx, w stored) (fhir.Record, error) {
	e, found, err := tx.Get(w.key.Source, resourceName(w.key, w.number))
	if err != nil {
		return fhir.Record{}, err
	}
	var m recordMeta
	if !found || json.Unmarshal(e.Meta, &m) != nil {
		return fhir.Record{}, &DamagedError{Where: "record"}
	}
	r := fhir.Record{
		Resource: fhir.Resource{Ref: w.key.Ref, Version: m.Version},
		Origin:   w.key.Origin, Number: w.number, Fetched: moment(m.Fetched), Deleted: e.Gone,
	}
	if e.Gone {
		return r, nil
	}
	r.Resource = fhir.Parse(e.Body, m.Version)
	sum := r.Sum()
	if r.Ref != w.key.Ref || !slices.Equal(sum[:], m.Sum) {
		return fhir.Record{}, &DamagedError{Where: "record"}
	}
	r.FullURL, r.Masked, r.Query, r.Trace = m.FullURL, m.Masked, m.Query, m.Trace
	return r, nil
}

func addRecord(tx *seal.Tx, w stored, body []byte, gone bool, m recordMeta) error {
	meta, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return tx.Add(w.key.Source, seal.Entry{Name: resourceName(w.key, w.number), Meta: meta, Body: body, Gone: gone})
}

// Remove marks an own entry as removed with a version that has no content; its
// history stays. Errors: ErrNotOwn for any source but fhir.Self, ErrNotFound
// when there is none or it is removed already.
func (s *Store) Remove(ctx context.Context, origin fhir.Origin, ref fhir.Ref) error {
	if !origin.IsSelf() {
		return ErrNotOwn
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	idx, err := s.readyToWrite()
	if err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	s.write.Lock()
	defer s.write.Unlock()
	k := resourceKey{origin, ref}
	versions := idx.versions(k)
	if len(versions) == 0 || versions[len(versions)-1].gone {
		return ErrNotFound
	}
	v := version{number: nextNumber(versions), fetched: idx.begin(origin, s.cfg.Now().UnixNano()), gone: true}
	err = s.update(func(tx *seal.Tx) error {
		last, err := readRecord(tx, stored{k, v.number - 1})
		if err != nil {
			return err
		}
		return addRecord(tx, stored{k, v.number}, nil, true, recordMeta{Version: last.Version, Fetched: v.fetched})
	})
	if err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	idx.set(map[resourceKey][]version{k: append(versions, v)})
	return nil
}
