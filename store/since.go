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
)

// Mark is how far somebody has read the records of one open store. The zero Mark
// is before all of them. It keeps the store's own list of what it holds, so let
// go of it when the store is closed.
type Mark struct{ origins map[fhir.Origin]reached }

// reached is how far one origin was read.
type reached struct {
	holding *holding // forgetting its source ends it
	chunk   uint64   // the last of its source
	looks   int
}

// News is what came since a mark.
type News struct {
	// Records are all versions of each resource of which a version came, or of
	// which it may be told otherwise when it was last seen or since when it is
	// gone, in the order of [Store.Records]. They are read when they are asked for.
	Records iter.Seq2[fhir.Record, error]
	// Whole tells that Records are all there are: nothing was read before, or
	// something that was read is not there any more.
	Whole bool
	// From is the moment of the oldest collection that anything came of; zero when
	// nothing came.
	From time.Time
	Mark Mark // where the next reading begins
}

// Since gives the news since a mark. Who took in all records up to the mark and
// takes in these, each version in the place of the one that it had, has what
// [Store.Records] gives. Damage is told as by that.
func (s *Store) Since(ctx context.Context, m Mark) (News, error) {
	idx, err := s.ready()
	if err != nil {
		return News{}, fmt.Errorf("read what came: %w", err)
	}
	l := lister{from: m, to: Mark{map[fhir.Origin]reached{}}, oldest: math.MaxInt64}
	for _, o := range idx.sorted() {
		if err := s.readSets(idx, o); err != nil {
			return News{}, fmt.Errorf("read what came: %w", err)
		}
		idx.list(&l, o)
	}
	if l.lacks() {
		return s.Since(ctx, Mark{})
	}
	n := News{
		Records: s.records(ctx, func(*index) ([]stored, error) { return l.all, nil }),
		Whole:   len(m.origins) == 0, Mark: l.to,
	}
	if l.oldest != math.MaxInt64 {
		n.From = moment(l.oldest)
	}
	return n, nil
}

// lister lists what came since a mark.
type lister struct {
	from, to Mark
	all      []stored
	oldest   int64
}

// lacks tells whether something that was read is not there any more.
func (l *lister) lacks() bool {
	for o, r := range l.from.origins {
		if l.to.origins[o].holding != r.holding {
			return true
		}
	}
	return false
}

// list lists what came of one origin. Its place and what is listed belong
// together, so both are taken under one lock.
func (idx *index) list(l *lister, o fhir.Origin) {
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	h := idx.origins[o]
	if h == nil { // forgotten meanwhile
		return
	}
	old, now := l.from.origins[o], reached{h, idx.chunks[o.Source], len(h.looked)}
	l.to.origins[o] = now
	if old == now {
		return
	}
	for _, at := range h.looked[min(old.looks, len(h.looked)):] {
		l.oldest = min(l.oldest, at)
	}
	for _, ref := range slices.SortedFunc(maps.Keys(h.resources), compareRefs) {
		first, came := h.resources[ref].since(old)
		if l.oldest = min(l.oldest, first); came || old.looks != now.looks {
			l.all = h.append(l.all, resourceKey{o, ref}, math.MaxInt64)
		}
	}
}

// since tells whether a version came after a place in the origin, and the oldest
// moment of one that did.
func (r *held) since(old reached) (first int64, came bool) {
	first = math.MaxInt64
	for _, v := range r.versions {
		if old.holding == nil || v.at.chunk > old.chunk {
			first, came = min(first, v.fetched), true
		}
	}
	return first, came
}
