package store

import (
	"bytes"
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
// An error of the source ends it: what came before stands. A resource that
// cannot be kept is refused ([*RefusedError]) and the rest goes on. In both
// cases Put gives the receipt and the error. Several Puts may run at once; of
// one origin they should not, since their snapshots would mix.
func (s *Store) Put(ctx context.Context, src fhir.Source) (fhir.Receipt, error) {
	if !usableName(src.Origin.Source) || len(src.Origin.Service) > maxName {
		return fhir.Receipt{}, ErrBadName
	}
	idx, err := s.readyToWrite()
	if err != nil {
		return fhir.Receipt{}, fmt.Errorf("put: %w", err)
	}
	p := &intake{s: s, idx: idx, began: idx.begin(src.Origin, s.cfg.Now().UnixNano()), seen: map[resourceKey][]int{}}
	p.refused = map[Reason]int{}
	p.receipt = fhir.Receipt{Origin: src.Origin, Version: src.Version, Started: moment(p.began)}
	err = p.pages(ctx, src.Pages)
	err = errors.Join(err, p.refusals())
	p.receipt.Finished = moment(max(p.began, s.cfg.Now().UnixNano()))
	return p.receipt, errors.Join(err, s.keepReceipt(p.receipt))
}

func moment(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }

func usableName(name string) bool { return name != "" && name[0] != 0 && len(name) <= maxName }

// intake is one Put under way.
type intake struct {
	s       *Store
	idx     *index
	began   int64
	receipt fhir.Receipt
	refused map[Reason]int
	// seen are the versions found equal in an older snapshot. When the key turns
	// out to have changed they join the new snapshot.
	seen map[resourceKey][]int
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
	d := &draft{intake: p, query: page.Query, trace: page.Trace, versions: map[resourceKey][]version{}}
	for _, r := range page.Resources {
		d.take(r)
	}
	if len(d.writes) > 0 {
		if err := p.s.update(d.write); err != nil {
			return err
		}
		p.idx.set(d.versions)
	}
	p.receipt.New += d.added
	p.receipt.Changed += d.changed
	p.receipt.Unchanged += d.unchanged
	p.receipt.Masked += d.masked
	return nil
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
	query, trace                      string                    // of the page
	versions                          map[resourceKey][]version // as they will be
	writes                            []write
	added, changed, unchanged, masked int
}

// write is one version to store: a resource, or again what an older version holds.
type write struct {
	key      resourceKey
	number   int
	resource fhir.Resource
	again    int
}

// take decides what becomes of one resource; nothing is written yet.
func (d *draft) take(r fhir.Resource) {
	if reason := refuse(r); reason != "" {
		d.refused[reason]++
		return
	}
	d.masked += r.Masked
	k := resourceKey{d.receipt.Origin, r.Ref}
	if _, ok := d.versions[k]; !ok {
		d.versions[k] = d.idx.versions(k)
	}
	sum := r.Sum()
	for _, v := range newest(d.versions[k]) {
		if v.sum == sum && !v.gone {
			d.unchanged++
			d.remember(k, v)
			return
		}
	}
	if slices.ContainsFunc(d.versions[k], func(v version) bool { return v.fetched < d.began }) {
		d.changed++
	} else {
		d.added++
	}
	d.repeat(k)
	d.add(k, version{fetched: d.began, sum: sum}, write{resource: r})
}

// remember skips what this very Put wrote: it is in the new snapshot already.
func (d *draft) remember(k resourceKey, v version) {
	if v.fetched != d.began && !slices.Contains(d.seen[k], v.number) {
		d.seen[k] = append(d.seen[k], v.number)
	}
}

// repeat writes what this Put saw unchanged under the same key once more, so
// that the new snapshot is whole.
func (d *draft) repeat(k resourceKey) {
	for _, number := range d.seen[k] {
		i := slices.IndexFunc(d.versions[k], func(v version) bool { return v.number == number })
		d.add(k, version{fetched: d.began, sum: d.versions[k][i].sum}, write{again: number})
	}
	delete(d.seen, k)
}

func (d *draft) add(k resourceKey, v version, w write) {
	v.number = nextNumber(d.versions[k])
	d.versions[k] = append(d.versions[k], v)
	w.key, w.number = k, v.number
	d.writes = append(d.writes, w)
}

func nextNumber(versions []version) int {
	if len(versions) == 0 {
		return 1
	}
	return versions[len(versions)-1].number + 1
}

// write is the transaction of one page. It only adds: no version is ever
// written over.
func (d *draft) write(tx *seal.Tx) error {
	for _, w := range d.writes {
		r := w.resource
		if w.again > 0 {
			old, err := readRecord(tx, stored{w.key, w.again})
			if err != nil {
				return err
			}
			r = old.Resource
		}
		sum := r.Sum()
		err := addRecord(tx, stored{w.key, w.number}, r.Bytes(), false, recordMeta{
			Version: r.Version, Fetched: d.began, Sum: sum[:], Masked: r.Masked, FullURL: r.FullURL,
			Query: d.query, Trace: d.trace,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// refuse tells why a resource cannot be kept; empty when it can.
func refuse(r fhir.Resource) Reason {
	raw := r.Bytes()
	switch {
	case len(raw) == 0:
		return NoBytes
	case len(raw) > seal.MaxBody, len(r.FullURL) > maxName, len(r.Type) > maxName, len(r.ID) > maxName:
		return TooLarge
	case fhir.HasBSN([]byte(r.FullURL)):
		return HoldsBSN
	}
	// It is read back with Parse, which must then give the same resource. Parse
	// masks what fhir.HasBSN finds; one look at the bytes is enough for both.
	again := fhir.Parse(raw, r.Version)
	if again.Masked > 0 {
		return HoldsBSN
	}
	if again.Ref != r.Ref || again.Flaw != r.Flaw || !bytes.Equal(again.Bytes(), raw) {
		return Altered
	}
	return ""
}
