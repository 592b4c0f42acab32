package store

import (
	"context"
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
// source is forgotten meanwhile ends with ErrForgotten. What waits in the inbox is
// received first ([Store.Receive]).
func (s *Store) Put(ctx context.Context, src fhir.Source) (fhir.Receipt, error) {
	if !usableOrigin(src.Origin) {
		return fhir.Receipt{}, ErrBadName
	}
	idx, err := s.readyToWrite()
	if err == nil {
		_, err = s.Receive(ctx)
	}
	if err != nil {
		return fhir.Receipt{}, fmt.Errorf("put: %w", err)
	}
	p := s.intake(idx, src.Origin, src.Version, after(s.cfg.Now().UnixNano()))
	err = p.pages(ctx, src.Pages)
	err = errors.Join(err, p.refusals())
	p.receipt.Finished = moment(max(p.began, s.cfg.Now().UnixNano()))
	err = errors.Join(err, p.keepReceipt())
	if p.receipt.New+p.receipt.Changed > 0 {
		s.secure()
	}
	return p.receipt, err
}

func moment(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }

func usableOrigin(o fhir.Origin) bool { return usableName(o.Source) && len(o.Service) <= maxName }

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
	// partly means that a part of what the source gave is not here.
	partly bool
	// with is done in the same transaction as what is written next.
	with func(*seal.Tx) error
}

// intake begins one at the moment that when gives, of the holding's newest.
func (s *Store) intake(idx *index, o fhir.Origin, v fhir.Version, when func(newest int64) int64) *intake {
	p := &intake{s: s, idx: idx, marks: map[mark]bool{}, sight: map[string]*sight{}, refused: map[Reason]int{}}
	p.holding, p.began = idx.begin(o, when)
	p.receipt = fhir.Receipt{Origin: o, Version: v, Started: moment(p.began)}
	return p
}

// after is a moment, or just after the newest of the same origin, so that no two
// Puts of one origin share a moment.
func after(now int64) func(int64) int64 {
	return func(newest int64) int64 { return max(now, newest+1) }
}

// What a receipt says of a collection that is not whole.
const (
	detailEarly   = "the source ended early"
	detailStopped = "stopped"
	detailPartly  = "received in parts"
)

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
			p.receipt.Detail = detailEarly
			return fmt.Errorf("put: read the source: %w", err)
		}
		if err := ctx.Err(); err != nil {
			p.receipt.Detail = detailStopped
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
	before, regards := slices.Clone(d.sight.ordinals.words), d.regards(page.Resources)
	for i, r := range page.Resources {
		d.take(r, regards[i])
	}
	if err := d.commit(); err != nil {
		// The receipt must not say that it saw what was not stored: a later reading
		// would take that for damage.
		d.sight.ordinals.words, d.sight.lacking = before, true
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
			all = append(all, sighting{query: query, complete: q.ended && !q.lacking && !p.partly, ordinals: &q.ordinals})
		}
	}
	return all
}

func sortedReasons(all map[Reason]int) []Reason { return slices.Sorted(maps.Keys(all)) }

// refusals gives one error per reason and says it on the receipt.
func (p *intake) refusals() error {
	var all []error
	var words []string
	if p.receipt.Detail != "" {
		words = append(words, p.receipt.Detail)
	}
	for _, reason := range sortedReasons(p.refused) {
		err := &RefusedError{Reason: reason, Count: p.refused[reason]}
		p.s.cfg.Log.Warn("resources refused", "reason", reason, "count", err.Count)
		all, words = append(all, err), append(words, err.Error())
	}
	p.receipt.Detail = strings.Join(words, "; ")
	return errors.Join(all...)
}
