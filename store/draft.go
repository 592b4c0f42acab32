package store

import (
	"crypto/sha256"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

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

// regard is what can be told of a resource before anything is decided.
type regard struct {
	reason Reason // why it cannot be kept
	sum    [sha256.Size]byte
	isNew  bool // its bytes were looked at, for it is not what was there
}

// regards looks at all resources of a page, on all processors: hashing them and
// looking for a BSN takes longer than all that follows from it.
func (d *draft) regards(all []fhir.Resource) []regard {
	out := make([]regard, len(all))
	seal.Each(len(all), func(i int) {
		r, g := all[i], &out[i]
		if g.reason = unfit(r); g.reason != "" {
			return
		}
		g.sum = r.Sum()
		if h := d.holding.resources[r.Ref]; h.newest(g.sum) == nil {
			g.look(r)
		}
	})
	return out
}

func (g *regard) look(r fhir.Resource) {
	g.isNew = true
	if holdsBSN(r) {
		g.reason = HoldsBSN
	}
}

// newest gives the version of the newest snapshot with these bytes, nil when there
// is none.
func (h *held) newest(sum [sha256.Size]byte) *version {
	if h == nil {
		return nil
	}
	last := newest(h.versions)
	for i := range h.versions {
		if v := &h.versions[i]; v.fetched == last && v.sum == sum && !v.gone {
			return v
		}
	}
	return nil
}

// take decides what becomes of one resource; nothing is written yet. What is
// unchanged is told by its hash: the bytes were looked at when they were new.
func (d *draft) take(r fhir.Resource, g regard) {
	if g.reason == "" {
		h := d.changes[r.Ref]
		if h == nil {
			h = d.holding.resources[r.Ref]
		}
		if v := h.newest(g.sum); v != nil {
			d.same(r, h, v)
			return
		}
		if !g.isNew { // it was there until another of its id came before it in this page
			g.look(r)
		}
	}
	if g.reason != "" {
		d.refuse(g.reason)
		return
	}
	d.differs(r, g.sum)
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
	if len(d.writes) == 0 && d.with == nil {
		return nil
	}
	o := d.receipt.Origin
	var chunks []packedChunk
	err := d.s.update(func(tx *seal.Tx) error {
		if err := d.readAgain(tx); err != nil {
			return err
		}
		chunks = packChunks(d.writes, d.chunk)
		if err := addChunks(tx, o.Source, d.idx.nextChunk(o.Source), chunks); err != nil {
			return err
		}
		return d.also(tx)
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

// also does what goes along with a write.
func (p *intake) also(tx *seal.Tx) error {
	if p.with == nil {
		return nil
	}
	return p.with(tx)
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

func holdsBSN(r fhir.Resource) bool {
	return fhir.HasBSN(r.Bytes()) || fhir.HasBSN([]byte(r.FullURL))
}

// refuses tells why a resource that is new cannot be kept; empty when it can.
func refuses(r fhir.Resource) Reason {
	reason := unfit(r)
	if reason == "" && holdsBSN(r) {
		reason = HoldsBSN
	}
	return reason
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
