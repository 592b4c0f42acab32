package store

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// readAtOnce is how many log entries or receipts are read in one transaction: a
// long one keeps bbolt from using its free pages.
const readAtOnce = 16

// How many bytes of resources are read in one transaction: few at first, so that
// the first record comes soon, then more, because neighbours in the order of
// names are not neighbours in the file.
const (
	readFirst = 64 << 10
	readMost  = 16 << 20
)

// Records gives every version of every resource, removed ones too, sorted by
// source, service, type, id and number, as of the call. The caller may write to
// the store meanwhile. When something is damaged, everything intact comes first
// and then one *DamagedError.
func (s *Store) Records(ctx context.Context) iter.Seq2[fhir.Record, error] {
	return s.RecordsAt(ctx, time.Unix(0, math.MaxInt64))
}

// RecordsAt gives what was stored by a moment, as [Store.Records] gives what is
// stored now: the versions of all collections that began by then, with LastSeen
// and Gone as they were known then.
func (s *Store) RecordsAt(ctx context.Context, at time.Time) iter.Seq2[fhir.Record, error] {
	return s.recordsOf(ctx, func(fhir.Origin) bool { return true }, at)
}

// RecordsOf gives the records of one source, as [Store.Records] gives those of
// all: the others are not read. It is how a page reads what the person added in
// a vault that is large.
func (s *Store) RecordsOf(ctx context.Context, source string) iter.Seq2[fhir.Record, error] {
	return s.recordsOf(ctx, func(o fhir.Origin) bool { return o.Source == source }, time.Unix(0, math.MaxInt64))
}

func (s *Store) recordsOf(ctx context.Context, wanted func(fhir.Origin) bool, at time.Time) iter.Seq2[fhir.Record, error] {
	return s.records(ctx, func(idx *index) ([]stored, error) {
		var all []stored
		for _, o := range idx.sorted() {
			if !wanted(o) {
				continue
			}
			if err := s.readSets(idx, o); err != nil {
				return nil, err
			}
			all = idx.appendAll(all, o, nanos(at))
		}
		return all, nil
	})
}

// nanos bounds a moment to what the store can hold.
func nanos(at time.Time) int64 {
	switch {
	case at.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	case at.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return at.UnixNano()
}

// History gives every version of one resource, oldest first; nothing when there
// is none. Damage is told as by [Store.Records].
func (s *Store) History(ctx context.Context, origin fhir.Origin, ref fhir.Ref) iter.Seq2[fhir.Record, error] {
	return s.records(ctx, func(idx *index) ([]stored, error) {
		if err := s.readSets(idx, origin); err != nil {
			return nil, err
		}
		idx.mu.RLock()
		defer idx.mu.RUnlock()
		if h := idx.origins[origin]; h != nil && h.resources[ref] != nil {
			return h.append(nil, resourceKey{origin, ref}, math.MaxInt64), nil
		}
		return nil, nil
	})
}

// stored is one stored version and what is known of its resource.
type stored struct {
	key resourceKey
	version
	lastSeen, goneSince int64
}

// sorted gives the origins in order.
func (idx *index) sorted() []fhir.Origin {
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	return slices.SortedFunc(maps.Keys(idx.origins), compareOrigins)
}

func (idx *index) appendAll(all []stored, o fhir.Origin, until int64) []stored {
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	h := idx.origins[o]
	if h == nil { // forgotten meanwhile
		return all
	}
	for _, ref := range slices.SortedFunc(maps.Keys(h.resources), compareRefs) {
		all = h.append(all, resourceKey{o, ref}, until)
	}
	return all
}

// append gives the versions of one resource by a moment.
func (h *holding) append(all []stored, k resourceKey, until int64) []stored {
	r, first := h.resources[k.Ref], len(all)
	for _, v := range r.versions {
		if v.fetched <= until {
			all = append(all, stored{key: k, version: v})
		}
	}
	if first == len(all) {
		return all
	}
	last, gone := h.seen(r, until)
	for newest, i := all[len(all)-1].fetched, len(all)-1; i >= first && all[i].fetched == newest; i-- {
		all[i].lastSeen, all[i].goneSince = last, gone
	}
	return all
}

func (s *Store) records(ctx context.Context, which func(*index) ([]stored, error)) iter.Seq2[fhir.Record, error] {
	return func(yield func(fhir.Record, error) bool) {
		idx, err := s.ready()
		var all []stored
		if err == nil {
			all, err = which(idx)
		}
		budget := readFirst
		for len(all) > 0 && err == nil {
			n := within(all, budget)
			budget = min(2*budget, readMost)
			var more bool
			if more, err = s.giveSome(ctx, idx, all[:n], yield); !more {
				return
			}
			all = all[n:]
		}
		if err == nil {
			err = idx.firstDamage()
		}
		if err != nil {
			yield(fhir.Record{}, fmt.Errorf("read records: %w", err))
		}
	}
}

// within is how many of them hold about so many bytes, at least one.
func within(all []stored, budget int) int {
	for i, w := range all {
		if budget -= w.size; budget < 0 {
			return max(i, 1)
		}
	}
	return len(all)
}

// giveSome reads first and yields after, so that the caller's code never runs
// inside a transaction. It tells whether the caller wants more.
func (s *Store) giveSome(ctx context.Context, idx *index, some []stored, yield func(fhir.Record, error) bool) (bool, error) {
	if err := ctx.Err(); err != nil {
		return true, err
	}
	bodies, err := s.readSome(idx, some)
	if err != nil {
		return true, err
	}
	for i, w := range some {
		if bodies[i] == nil {
			continue // damaged, and remembered as such
		}
		r, ok := w.record(*bodies[i])
		if !ok {
			idx.hurt(&DamagedError{Where: "record"})
			continue
		}
		if !yield(r, nil) {
			return false, nil
		}
	}
	return true, nil
}

// record makes the record anew from its bytes and checks that it is the one its
// name says: a change in how resources are parsed must not pass unnoticed.
func (w stored) record(c content) (fhir.Record, bool) {
	r := fhir.Record{
		Resource: fhir.Resource{Ref: w.key.Ref, Version: c.version},
		Origin:   w.key.Origin, Number: w.number, Fetched: moment(w.fetched), Deleted: w.gone,
		LastSeen: momentOrZero(w.lastSeen), Gone: momentOrZero(w.goneSince),
	}
	if w.gone {
		return r, true
	}
	r.Resource = fhir.Parse(c.body, c.version)
	if r.Ref != w.key.Ref || r.Sum() != w.sum {
		return fhir.Record{}, false
	}
	r.FullURL, r.Masked, r.Query, r.Trace = c.fullURL, c.masked, w.at.query, c.trace
	return r, true
}

func momentOrZero(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return moment(nanos)
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
	h, began := idx.begin(origin, after(s.cfg.Now().UnixNano()))
	r := h.resources[ref]
	if r == nil || r.versions[len(r.versions)-1].gone {
		return ErrNotFound
	}
	if err := s.addTombstone(idx, h, resourceKey{origin, ref}, began); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	return nil
}

func (s *Store) addTombstone(idx *index, h *holding, k resourceKey, began int64) error {
	r := h.resources[k.Ref]
	last := r.versions[len(r.versions)-1]
	var chunks []packedChunk
	err := s.update(func(tx *seal.Tx) error {
		old, err := readOne(tx, stored{key: k, version: last})
		if err != nil {
			return err
		}
		like := chunk{source: k.Source, service: k.Service, fetched: began}
		gone := write{item: item{ref: k.Ref, version: old.Version, ordinal: r.ordinal, number: last.number + 1, gone: true}}
		chunks = packChunks([]write{gone}, like)
		return addChunks(tx, k.Source, idx.nextChunk(k.Source), chunks)
	})
	if err != nil {
		return err
	}
	idx.mu.Lock()
	defer idx.mu.Unlock()
	for _, c := range chunks {
		idx.take(k.Origin, c.chunk)
	}
	return nil
}
