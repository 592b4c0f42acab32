package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// Put stores what a source gives, page by page: a page is stored whole or not
// at all, and is on the disk before the next one is asked for. All records of
// one Put have the moment it began as Fetched.
//
// A resource makes a new version when its bytes differ from every version of
// the newest snapshot of its key, that is of the last Put that changed it. So a
// source that holds one id twice keeps both, equal bytes write nothing, and the
// newest snapshot always holds all the source gave under that id.
//
// What every query gave is kept with the receipt, so that what a later complete
// answer no longer gives can be told ([fhir.Record.Gone]); nothing is deleted.
//
// An error of the source ends it: what came before stands. A resource that
// cannot be kept is refused ([*RefusedError]) and the rest goes on. In both
// cases Put gives the receipt and the error. Several Puts may run at once; of
// one origin they should not, since their snapshots would mix. A Put whose
// source is forgotten meanwhile ends with ErrForgotten.
func (s *Store) Put(ctx context.Context, src fhir.Source) (fhir.Receipt, error) {
	if !usableName(src.Origin.Source) || len(src.Origin.Service) > maxName {
		return fhir.Receipt{}, ErrBadName
	}
	idx, err := s.readyToWrite()
	if err != nil {
		return fhir.Receipt{}, fmt.Errorf("put: %w", err)
	}
	p := &intake{s: s, idx: idx, marks: map[mark]bool{}, sight: map[string]*sight{}, refused: map[Reason]int{}}
	p.holding, p.began = idx.begin(src.Origin, s.cfg.Now().UnixNano())
	p.receipt = fhir.Receipt{Origin: src.Origin, Version: src.Version, Started: moment(p.began)}
	err = p.pages(ctx, src.Pages)
	err = errors.Join(err, p.refusals())
	p.receipt.Finished = moment(max(p.began, s.cfg.Now().UnixNano()))
	return p.receipt, errors.Join(err, p.keepReceipt())
}

func moment(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }

func usableName(name string) bool { return name != "" && name[0] != 0 && len(name) <= maxName }

// intake is one Put under way.
type intake struct {
	s       *Store
	idx     *index
	holding *holding
	began   int64
	receipt fhir.Receipt
	refused map[Reason]int
	// marks are the versions found equal in an older snapshot. When the resource
	// turns out to have changed they join the new snapshot.
	marks map[mark]bool
	sight map[string]*sight // by query
}

// mark names a version within an origin.
type mark struct {
	ordinal uint32
	number  int
}

// sight is what one query gave in this Put.
type sight struct {
	ordinals ordinals
	ended    bool // with all it had to give
	lacking  bool // something was refused
}

// pages asks for a page only when the one before it is on the disk.
func (p *intake) pages(ctx context.Context, pages iter.Seq2[fhir.Page, error]) error {
	if pages == nil {
		return nil
	}
	for page, err := range pages {
		if err != nil {
			p.receipt.Detail = "the source ended early"
			return fmt.Errorf("put: read the source: %w", err)
		}
		if err := ctx.Err(); err != nil {
			p.receipt.Detail = "stopped"
			return fmt.Errorf("put: %w", err)
		}
		if err := p.page(page); err != nil {
			p.receipt.Detail = "could not be stored"
			return fmt.Errorf("put: store a page: %w", err)
		}
		if page.Result != nil {
			p.receipt.Queries = append(p.receipt.Queries, *page.Result)
		}
	}
	return nil
}

// page compares and writes under one lock, so that two Puts cannot give the
// same number. The counts count only what was committed.
func (p *intake) page(page fhir.Page) error {
	p.s.write.Lock()
	defer p.s.write.Unlock()
	if !p.idx.still(p.receipt.Origin, p.holding) {
		return ErrForgotten
	}
	d := &draft{intake: p, changes: map[fhir.Ref]*held{}, ordinals: p.holding.ordinals}
	d.chunk = chunk{
		source: p.receipt.Origin.Source, service: p.receipt.Origin.Service,
		fetched: p.began, query: page.Query, trace: page.Trace,
	}
	d.sight = p.lookWith(page.Query)
	for _, r := range page.Resources {
		d.take(r)
	}
	if err := d.commit(); err != nil {
		return err
	}
	if page.Result != nil {
		q := p.lookWith(page.Result.Query)
		q.ended = page.Result.Outcome == fhir.OK || page.Result.Outcome == fhir.Empty
	}
	p.receipt.New += d.added
	p.receipt.Changed += d.changed
	p.receipt.Unchanged += d.unchanged
	p.receipt.Masked += d.masked
	return nil
}

func (p *intake) lookWith(query string) *sight {
	q := p.sight[query]
	if q == nil {
		q = &sight{}
		p.sight[query] = q
	}
	return q
}

// sightings is what goes with the receipt. What the person wrote is no answer to
// a question: an own entry never says that the others are gone.
func (p *intake) sightings() (all []sighting) {
	if p.receipt.Origin.IsSelf() {
		return nil
	}
	for _, query := range slices.Sorted(maps.Keys(p.sight)) {
		q := p.sight[query]
		if q.ended || len(q.ordinals.words) > 0 {
			all = append(all, sighting{query: query, complete: q.ended && !q.lacking, ordinals: &q.ordinals})
		}
	}
	return all
}

// refusals gives one error per reason and says it on the receipt.
func (p *intake) refusals() error {
	var all []error
	var words []string
	if p.receipt.Detail != "" {
		words = append(words, p.receipt.Detail)
	}
	for _, reason := range slices.Sorted(maps.Keys(p.refused)) {
		err := &RefusedError{Reason: reason, Count: p.refused[reason]}
		p.s.cfg.Log.Warn("resources refused", "reason", reason, "count", err.Count)
		all, words = append(all, err), append(words, err.Error())
	}
	p.receipt.Detail = strings.Join(words, "; ")
	return errors.Join(all...)
}

// draft is one page before it is written.
type draft struct {
	*intake
	chunk    chunk // without items: what all of the page share
	sight    *sight
	changes  map[fhir.Ref]*held // as they will be
	ordinals uint32
	writes   []write
	repeats  []repeat

	added, changed, unchanged, masked int
}

// write is one version to store.
type write struct {
	item
	body []byte
}

// repeat says which older version a write is to hold again.
type repeat struct {
	write int
	ref   fhir.Ref
	old   version
}

// take decides what becomes of one resource; nothing is written yet. What is
// unchanged is told by its hash: the bytes were looked at when they were new.
func (d *draft) take(r fhir.Resource) {
	if reason := unfit(r); reason != "" {
		d.refuse(reason)
		return
	}
	h := d.changes[r.Ref]
	if h == nil {
		h = d.holding.resources[r.Ref]
	}
	sum := r.Sum()
	if h != nil {
		last := newest(h.versions)
		for i := range h.versions {
			if v := &h.versions[i]; v.fetched == last && v.sum == sum && !v.gone {
				d.same(r, h, v)
				return
			}
		}
	}
	if (mayHoldBSN(r.Bytes()) && fhir.HasBSN(r.Bytes())) || fhir.HasBSN([]byte(r.FullURL)) {
		d.refuse(HoldsBSN)
		return
	}
	d.differs(r, sum)
}

func (d *draft) refuse(reason Reason) {
	d.refused[reason]++
	d.sight.lacking = true
}

func (d *draft) same(r fhir.Resource, h *held, v *version) {
	d.masked += r.Masked
	d.unchanged++
	d.sight.ordinals.add(h.ordinal)
	if v.fetched < d.began {
		d.marks[mark{h.ordinal, v.number}] = true
	}
}

// differs adds a version, and before it what this Put saw unchanged under the
// same key, so that the new snapshot is whole.
func (d *draft) differs(r fhir.Resource, sum [sha256.Size]byte) {
	d.masked += r.Masked
	h := d.changing(r.Ref)
	d.sight.ordinals.add(h.ordinal)
	if slices.ContainsFunc(h.versions, func(v version) bool { return v.fetched < d.began }) {
		d.changed++
	} else {
		d.added++
	}
	for _, v := range slices.Clone(h.versions) {
		m := mark{h.ordinal, v.number}
		if d.marks[m] {
			delete(d.marks, m)
			d.repeats = append(d.repeats, repeat{len(d.writes), r.Ref, v})
			d.add(h, write{item: item{ref: r.Ref, sum: v.sum}})
		}
	}
	d.add(h, write{item{ref: r.Ref, version: r.Version, sum: sum, masked: r.Masked, fullURL: r.FullURL}, r.Bytes()})
}

// changing gives a copy of what is held of a resource, to be changed.
func (d *draft) changing(ref fhir.Ref) *held {
	if h := d.changes[ref]; h != nil {
		return h
	}
	h := &held{}
	if old := d.holding.resources[ref]; old != nil {
		h.ordinal, h.versions = old.ordinal, slices.Clone(old.versions)
	} else {
		d.ordinals++
		h.ordinal = d.ordinals
	}
	d.changes[ref] = h
	return h
}

func (d *draft) add(h *held, w write) {
	w.ordinal, w.number, w.size = h.ordinal, nextNumber(h.versions), len(w.body)
	h.versions = append(h.versions, version{number: w.number, fetched: d.began, sum: w.sum, gone: w.gone})
	d.writes = append(d.writes, w)
}

func nextNumber(versions []version) int {
	if len(versions) == 0 {
		return 1
	}
	return versions[len(versions)-1].number + 1
}

// commit is the transaction of one page. It only adds: no version is ever
// written over. The index follows after it and not before.
func (d *draft) commit() error {
	if len(d.writes) == 0 {
		return nil
	}
	o := d.receipt.Origin
	var chunks []packedChunk
	err := d.s.update(func(tx *seal.Tx) error {
		if err := d.readAgain(tx); err != nil {
			return err
		}
		chunks = packChunks(d.writes, d.chunk)
		return addChunks(tx, o.Source, d.idx.nextChunk(o.Source), chunks)
	})
	if err != nil {
		return err
	}
	d.idx.mu.Lock()
	defer d.idx.mu.Unlock()
	for _, c := range chunks {
		d.idx.take(o, c.chunk)
	}
	return nil
}

// readAgain fills in the writes that repeat an older version.
func (d *draft) readAgain(tx *seal.Tx) error {
	for _, again := range d.repeats {
		old, err := readOne(tx, stored{key: resourceKey{d.receipt.Origin, again.ref}, version: again.old})
		if err != nil {
			return err
		}
		w := &d.writes[again.write]
		w.body, w.version, w.masked, w.fullURL = old.Bytes(), old.Version, old.Masked, old.FullURL
		w.size = len(w.body)
	}
	return nil
}

// unfit tells why a resource cannot be kept, as far as it can be told without
// reading its bytes; empty when it can. It is read back with fhir.Parse, which
// must then give the same: an untouched resource is what Parse made of these
// bytes, and Parse of its own bytes changes nothing.
func unfit(r fhir.Resource) Reason {
	switch {
	case len(r.Bytes()) == 0:
		return NoBytes
	case len(r.Bytes()) > seal.MaxBody, len(r.FullURL) > maxName, len(r.Type) > maxName, len(r.ID) > maxName:
		return TooLarge
	case !r.Untouched():
		return Altered
	}
	return ""
}
