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

func (a resourceKey) compare(b resourceKey) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Service, b.Service),
		cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
}

// version is what the index knows of one stored version.
type version struct {
	number  int
	fetched int64 // nanoseconds since 1970; the same for all of one Put
	sum     [sha256.Size]byte
	gone    bool
}

// recordMeta is kept beside the bytes of a resource.
type recordMeta struct {
	Version fhir.Version `json:"v"`
	Fetched int64        `json:"f"`
	Sum     []byte       `json:"s,omitempty"`
	Masked  int          `json:"m,omitempty"`
	FullURL string       `json:"u,omitempty"`
	Query   string       `json:"q,omitempty"`
	Trace   string       `json:"t,omitempty"`
}

// index is what is in the store, in memory: about 200 bytes per version. It is
// made by one pass over all records and kept up to date by every writer.
type index struct {
	mu        sync.RWMutex
	resources map[resourceKey][]version // by number
	receipts  map[fhir.Origin]int       // number of the newest
	documents map[document]bool
	latest    map[fhir.Origin]int64 // newest moment of any Put
	damage    []*DamagedError
}

// ready gives the index and builds it the first time. Every writer calls it
// before it writes, so nothing changes while it is built.
func (s *Store) ready() (*index, error) {
	s.build.Lock()
	defer s.build.Unlock()
	if s.index != nil {
		return s.index, nil
	}
	idx := &index{
		resources: map[resourceKey][]version{}, receipts: map[fhir.Origin]int{},
		documents: map[document]bool{}, latest: map[fhir.Origin]int64{},
	}
	damage, err := s.scan(idx.note)
	if err != nil {
		return nil, err
	}
	idx.damage = append(idx.damage, damage...)
	for _, versions := range idx.resources {
		slices.SortFunc(versions, func(a, b version) int { return a.number - b.number })
	}
	if len(idx.damage) > 0 {
		s.cfg.Log.Error("store damaged", "where", idx.damage[0].Where, "faults", len(idx.damage))
	}
	s.index = idx
	return idx, nil
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

func (s *Store) scan(visit func(string, seal.Entry)) ([]*DamagedError, error) {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	return s.vault.Scan(visit)
}

// firstDamage stands for all of it: one is enough to stop a writer and to end a
// sequence. Verify names every one.
func (idx *index) firstDamage() error {
	if len(idx.damage) > 0 {
		return idx.damage[0]
	}
	return nil
}

// note takes up one record; only the build calls it.
func (idx *index) note(compartment string, e seal.Entry) {
	ok := true
	switch e.Name.Kind {
	case seal.Resource:
		ok = idx.noteResource(compartment, e)
	case seal.Receipt:
		ok = idx.noteReceipt(e)
	case seal.Token, seal.Setting:
		var d document
		if d, ok = documentOf(e.Name); ok {
			idx.documents[d] = true
		}
	}
	if !ok {
		idx.damage = append(idx.damage, &DamagedError{Where: "record"})
	}
}

// noteResource also sees that the record is in the compartment of its source:
// only a fault of this package could put it elsewhere.
func (idx *index) noteResource(compartment string, e seal.Entry) bool {
	k, number, ok := parseResourceName(e.Name)
	var m recordMeta
	if !ok || k.Source != compartment || json.Unmarshal(e.Meta, &m) != nil {
		return false
	}
	v := version{number: number, fetched: m.Fetched, gone: e.Gone}
	copy(v.sum[:], m.Sum)
	idx.resources[k] = append(idx.resources[k], v)
	idx.latest[k.Origin] = max(idx.latest[k.Origin], m.Fetched)
	return true
}

func (idx *index) noteReceipt(e seal.Entry) bool {
	if len(e.Name.Parts) != 3 {
		return false
	}
	number, ok := seal.ParseNumber(e.Name.Parts[2])
	o := fhir.Origin{Source: e.Name.Parts[0], Service: e.Name.Parts[1]}
	idx.receipts[o] = max(idx.receipts[o], int(number)) // #nosec G115 -- counted up from 1
	return ok
}

// resourceName is final: it decides where a version is in the file.
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

// begin gives the moment of a Put: now, or just after the newest of the same
// origin, so that no two Puts of one origin share a moment.
func (idx *index) begin(o fhir.Origin, now int64) int64 {
	idx.mu.Lock()
	defer idx.mu.Unlock()
	now = max(now, idx.latest[o]+1)
	idx.latest[o] = now
	return now
}

// versions gives a copy: a writer may add to the original meanwhile.
func (idx *index) versions(k resourceKey) []version {
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	return slices.Clone(idx.resources[k])
}

// set takes up what a transaction wrote, after its commit and not before.
func (idx *index) set(changed map[resourceKey][]version) {
	idx.mu.Lock()
	defer idx.mu.Unlock()
	maps.Copy(idx.resources, changed)
}

// stored names one stored version.
type stored struct {
	key    resourceKey
	number int
}

// all gives every version in order.
func (idx *index) all() []stored {
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	var all []stored
	for _, k := range slices.SortedFunc(maps.Keys(idx.resources), resourceKey.compare) {
		all = append(all, versionsOf(k, idx.resources[k])...)
	}
	return all
}

func versionsOf(k resourceKey, versions []version) []stored {
	all := make([]stored, len(versions))
	for i, v := range versions {
		all[i] = stored{k, v.number}
	}
	return all
}

// newest gives the versions of the newest snapshot.
func newest(versions []version) []version {
	var last int64
	for _, v := range versions {
		last = max(last, v.fetched)
	}
	return slices.DeleteFunc(slices.Clone(versions), func(v version) bool { return v.fetched != last })
}
