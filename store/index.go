package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// resourceKey is the logical key of a resource without its version number.
type resourceKey struct {
	fhir.Origin
	fhir.Ref
}

// version is what the index knows of one stored version.
type version struct {
	number  int
	fetched int64 // nanoseconds since 1970; the same for all of one Put
	sum     [sha256.Size]byte
	gone    bool
	size    int
	at      *place
	pos     int // in its chunk
}

// place is where versions are, shared by all of one chunk. Chunk 0 is a record
// of its own, as schema 1 wrote them.
type place struct {
	chunk uint64
	query string
}

// held is what the index knows of one resource.
type held struct {
	ordinal  uint32 // within its origin, from 1; it never changes
	versions []version
}

// holding is what the index knows of one origin. Only writers change it, with
// the index locked; whoever holds Store.write may read it without.
type holding struct {
	resources map[fhir.Ref]*held
	ordinals  uint32               // the last given out
	receipts  int                  // number of the last
	latest    int64                // newest moment of any Put
	sets      map[uint64]*ordinals // what was seen; nil until read
	lastSet   uint64
	looks     map[string][]era // by query, oldest first
	looked    []int64          // moments of all looks, in the order in which they came
}

// index is what is in the store, in memory: about 200 bytes per version. It is
// made from the lists in the store and kept up to date by every writer.
type index struct {
	mu        sync.RWMutex
	origins   map[fhir.Origin]*holding
	chunks    map[string]uint64 // by source: number of the last
	documents map[document]bool // false: a tombstone
	damage    []*DamagedError
}

func newIndex() *index {
	return &index{origins: map[fhir.Origin]*holding{}, chunks: map[string]uint64{}, documents: map[document]bool{}}
}

// of gives the holding of an origin, made when it is not there.
func (idx *index) of(o fhir.Origin) *holding {
	h := idx.origins[o]
	if h == nil {
		h = &holding{resources: map[fhir.Ref]*held{}, sets: map[uint64]*ordinals{}, looks: map[string][]era{}}
		idx.origins[o] = h
	}
	return h
}

// ready gives the index and builds it the first time. Every writer calls it
// before it writes, so nothing changes while it is built.
func (s *Store) ready() (*index, error) {
	s.build.Lock()
	defer s.build.Unlock()
	if s.index != nil {
		return s.index, nil
	}
	b := builder{index: newIndex(), receipts: map[fhir.Origin]map[int][]byte{}}
	damage, err := s.scan(true, b.note)
	if err != nil {
		return nil, err
	}
	b.damage = append(b.damage, damage...)
	b.finish()
	if len(b.damage) > 0 {
		s.cfg.Log.Error("store damaged", "where", b.damage[0].Where, "faults", len(b.damage))
	}
	s.index = b.index
	return s.index, nil
}

// readyToWrite also refuses a damaged store: a write could land on the name of
// a record that cannot be read.
func (s *Store) readyToWrite() (*index, error) {
	idx, err := s.ready()
	if err != nil {
		return nil, err
	}
	return idx, idx.firstDamage()
}

func (s *Store) scan(lists bool, visit func(string, seal.Entry)) ([]*DamagedError, error) {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	return s.vault.Scan(lists, visit)
}

// firstDamage stands for all of it: one is enough to stop a writer and to end a
// sequence. Verify names every one.
func (idx *index) firstDamage() error {
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	if len(idx.damage) > 0 {
		return idx.damage[0]
	}
	return nil
}

// hurt remembers damage that was met later.
func (idx *index) hurt(err *DamagedError) {
	idx.mu.Lock()
	defer idx.mu.Unlock()
	idx.damage = append(idx.damage, err)
}

// builder makes an index.
type builder struct {
	*index
	receipts map[fhir.Origin]map[int][]byte // what each says was seen
}

// note takes up one record.
func (b *builder) note(compartment string, e seal.Entry) {
	ok := true
	switch e.Name.Kind {
	case seal.Resource:
		ok = b.noteResource(compartment, e)
	case seal.Index:
		ok = b.noteIndex(compartment, e)
	case seal.Receipt:
		ok = b.noteReceipt(e)
	case seal.Token, seal.Setting:
		var d document
		if d, ok = documentOf(e.Name); ok {
			b.documents[d] = !e.Gone
		}
	}
	if !ok {
		b.damage = append(b.damage, &DamagedError{Where: "record"})
	}
}

// recordMeta is kept beside the bytes of a resource in schema 1.
type recordMeta struct {
	Version fhir.Version `json:"v"`
	Fetched int64        `json:"f"`
	Sum     []byte       `json:"s,omitempty"`
	Masked  int          `json:"m,omitempty"`
	FullURL string       `json:"u,omitempty"`
	Query   string       `json:"q,omitempty"`
	Trace   string       `json:"t,omitempty"`
}

// noteResource also sees that the record is in the compartment of its source:
// only a fault of this package could put it elsewhere.
func (b *builder) noteResource(compartment string, e seal.Entry) bool {
	k, number, ok := parseResourceName(e.Name)
	var m recordMeta
	if !ok || k.Source != compartment || json.Unmarshal(e.Meta, &m) != nil {
		return false
	}
	v := version{number: number, fetched: m.Fetched, gone: e.Gone, size: len(e.Body), at: &place{query: m.Query}}
	copy(v.sum[:], m.Sum)
	b.of(k.Origin).add(k.Ref, 0, v)
	return true
}

func (b *builder) noteIndex(compartment string, e seal.Entry) bool {
	source, ok := seal.SourceOf(compartment)
	if !ok || len(e.Name.Parts) != 3 {
		return false
	}
	o := fhir.Origin{Source: source, Service: e.Name.Parts[1]}
	h := b.of(o)
	number, ok := seal.ParseNumber(e.Name.Parts[2])
	switch e.Name.Parts[0] {
	case wordSeen:
		h.sets[number], h.lastSet = nil, max(h.lastSet, number)
		return ok
	case wordChunks:
		return ok && b.noteList(o, e.Body)
	}
	return false
}

func (b *builder) noteList(o fhir.Origin, list []byte) bool {
	w := wire{b: list}
	for len(w.b) > 0 && !w.bad {
		b.take(o, w.chunk(o.Service, true))
	}
	return !w.bad
}

// take takes up the versions in a chunk.
func (idx *index) take(o fhir.Origin, c chunk) {
	idx.chunks[o.Source] = max(idx.chunks[o.Source], c.number)
	h := idx.of(o)
	at := &place{chunk: c.number, query: c.query}
	for pos, it := range c.items {
		h.add(it.ref, it.ordinal, version{
			number: it.number, fetched: c.fetched, sum: it.sum, gone: it.gone, size: it.size, at: at, pos: pos,
		})
	}
}

func (h *holding) add(ref fhir.Ref, ordinal uint32, v version) {
	r := h.resources[ref]
	if r == nil {
		r = &held{}
		h.resources[ref] = r
	}
	r.ordinal = max(r.ordinal, ordinal)
	r.versions = append(r.versions, v)
	h.ordinals, h.latest = max(h.ordinals, ordinal), max(h.latest, v.fetched)
}

func (b *builder) noteReceipt(e seal.Entry) bool {
	if len(e.Name.Parts) != 3 {
		return false
	}
	number, ok := seal.ParseNumber(e.Name.Parts[2])
	o := fhir.Origin{Source: e.Name.Parts[0], Service: e.Name.Parts[1]}
	h := b.of(o)
	h.receipts = max(h.receipts, int(number)) // #nosec G115 -- counted up from 1
	if b.receipts[o] == nil {
		b.receipts[o] = map[int][]byte{}
	}
	b.receipts[o][int(number)] = slices.Clone(e.Meta) // #nosec G115 -- as above
	return ok
}

// finish puts in order what came in any order.
func (b *builder) finish() {
	for o, h := range b.origins {
		h.finish()
		for _, number := range slices.Sorted(maps.Keys(b.receipts[o])) {
			if !h.noteSeen(b.receipts[o][number]) {
				b.damage = append(b.damage, &DamagedError{Where: "record"})
			}
		}
	}
}

// finish sorts the versions, and numbers the resources of schema 1. They have no
// ordinals, but nothing writes more of them, so their order gives the same ones
// each time.
func (h *holding) finish() {
	var old []fhir.Ref
	for ref, r := range h.resources {
		slices.SortFunc(r.versions, func(a, b version) int { return a.number - b.number })
		if r.versions[0].at.chunk == 0 {
			old = append(old, ref)
		}
	}
	slices.SortFunc(old, compareRefs)
	for i, ref := range old {
		h.resources[ref].ordinal = uint32(i + 1) // #nosec G115 -- a count in memory
	}
	h.ordinals = max(h.ordinals, uint32(len(old))) // #nosec G115 -- a count in memory
}

func compareRefs(a, b fhir.Ref) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
}

func compareOrigins(a, b fhir.Origin) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Service, b.Service))
}

// resourceName is of a version that schema 1 wrote.
func resourceName(k resourceKey, number int) seal.Name {
	return seal.Name{Kind: seal.Resource, Parts: []string{
		k.Source, k.Service, k.Type, k.ID, seal.Number(uint64(number)), // #nosec G115 -- counted up from 1
	}}
}

func parseResourceName(n seal.Name) (k resourceKey, number int, ok bool) {
	if len(n.Parts) != 5 {
		return k, 0, false
	}
	k = resourceKey{fhir.Origin{Source: n.Parts[0], Service: n.Parts[1]}, fhir.Ref{Type: n.Parts[2], ID: n.Parts[3]}}
	u, ok := seal.ParseNumber(n.Parts[4])
	return k, int(u), ok && u > 0 && u < 1<<31 // #nosec G115 -- checked
}

// begin gives the holding of an origin and the moment of a Put, which when
// chooses, not before the newest of the same origin.
func (idx *index) begin(o fhir.Origin, when func(newest int64) int64) (*holding, int64) {
	idx.mu.Lock()
	defer idx.mu.Unlock()
	h := idx.of(o)
	h.latest = when(h.latest)
	return h, h.latest
}

// latest is the newest moment of any Put of an origin; 0 when there was none.
func (idx *index) latest(o fhir.Origin) int64 {
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	if h := idx.origins[o]; h != nil {
		return h.latest
	}
	return 0
}

// nextChunk is for the only writer.
func (idx *index) nextChunk(source string) uint64 {
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	return idx.chunks[source] + 1
}

// still tells whether a holding is in use: forgetting its source ends that.
func (idx *index) still(o fhir.Origin, h *holding) bool {
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	return idx.origins[o] == h
}

// newest gives the moment of the newest snapshot among versions.
func newest(versions []version) (last int64) {
	for _, v := range versions {
		last = max(last, v.fetched)
	}
	return last
}
