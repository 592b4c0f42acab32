package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/bolt"
	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// Salvaged counts what a salvage found.
type Salvaged struct {
	Sources    []string // whose records were found, sorted
	Records    int      // versions of resources
	Documents  int
	Receipts   int
	LogEntries int
	// Closed counts values that look like records and that no key opens: damaged
	// ones, and remains of what was forgotten.
	Closed int
	// Blind means that no summary of the store was found. Then resources of more
	// than 256 kB are lost, and what was dropped just before may be here again.
	Blind bool
}

// Salvage reads a damaged file leaf by leaf, past everything that should point
// at them, and writes what the key still opens to a new file, which gets the
// same passphrase and recovery code. With an empty to it only counts. The damaged
// file is not changed, and nothing else may have it open.
//
// What was forgotten or dropped does not come back, but for documents that a
// program of schema 1 dropped, which left no tombstone. The new log holds the
// entries that are left, numbered anew and in a chain of its own. The new store
// has no inbox, and what waited in the old one is not in it. It takes memory for
// the whole file.
//
// Errors: ErrNoStore, ErrWrongKey, ErrExists, and *DamagedError when no key slot
// or key table is left.
func Salvage(ctx context.Context, path string, key Key, to string, cfg Config) (Salvaged, error) {
	w, header, vaultKey, err := salvage(path, key)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && to != "" {
		err = w.writeTo(ctx, to, header, vaultKey, cfg.withDefaults())
	}
	clear(vaultKey)
	if err != nil {
		return w.Salvaged, fmt.Errorf("salvage: %w", err)
	}
	return w.Salvaged, nil
}

func salvage(path string, key Key) (w wreck, header keys.Header, vaultKey []byte, err error) {
	values, err := readLeaves(path)
	if err != nil {
		return w, header, nil, err
	}
	headers := headersIn(values)
	worst := error(&DamagedError{Where: "header"})
	for _, h := range headers {
		vaultKey, err := key.unlock(h)
		if err != nil {
			worst = err
			continue
		}
		rescued, err := seal.Rescue(h, slices.Clone(vaultKey), values)
		if err != nil {
			return w, h, vaultKey, err
		}
		// A change of passphrase leaves the header of before until the file is made
		// anew. What it opened must not open the new file.
		if newest, there := headers[rescued.Header]; there && !sameHeader(newest, h) {
			clear(vaultKey)
			worst = ErrWrongKey
			continue
		}
		return sortWreck(rescued), h, vaultKey, nil
	}
	return w, header, nil, worst
}

func sameHeader(a, b keys.Header) bool {
	return slices.EqualFunc(a.Slots, b.Slots, func(s, t keys.Slot) bool { return slices.Equal(s, t) })
}

func readLeaves(path string) (values []seal.Value, err error) {
	f, err := os.Open(path) // #nosec G304 -- the caller's own store
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNoStore
	case err != nil:
		return nil, fault.Pathless("open the damaged file", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fault.Pathless("open the damaged file", err)
	}
	err = bolt.Leaves(f, info.Size(), func(k, v []byte) { values = append(values, seal.Value{Key: k, Value: v}) })
	return values, err
}

// headersIn gives every whole header that is left, by its hash.
func headersIn(values []seal.Value) map[[sha256.Size]byte]keys.Header {
	all := map[[sha256.Size]byte]keys.Header{}
	for _, v := range values {
		if !v.IsHeader() {
			continue
		}
		if h, err := keys.ParseHeader(v.Value); err == nil {
			all[sha256.Sum256(v.Value)] = h
		}
	}
	return all
}

// wreck is what was found, sorted.
type wreck struct {
	Salvaged
	chunks    map[fhir.Origin][]packedChunk
	alone     map[fhir.Origin][]write // of schema 1
	alike     map[fhir.Origin][]chunk // what goes with each of alone
	seen      map[fhir.Origin]map[uint64]seal.Entry
	receipts  map[fhir.Origin]map[uint64]seal.Entry
	documents map[document]seal.Entry
	lines     []seal.Line
}

func sortWreck(r seal.Rescued) wreck {
	w := wreck{
		chunks: map[fhir.Origin][]packedChunk{}, alone: map[fhir.Origin][]write{}, alike: map[fhir.Origin][]chunk{},
		seen: map[fhir.Origin]map[uint64]seal.Entry{}, receipts: map[fhir.Origin]map[uint64]seal.Entry{},
		documents: map[document]seal.Entry{},
	}
	w.Closed, w.Blind = r.Closed, !r.Head
	for _, e := range r.Entries {
		switch e.Name.Kind {
		case seal.Many:
			w.takeChunk(e)
		case seal.Resource:
			w.takeAlone(e)
		case seal.Index:
			w.takeSeen(e)
		case seal.Receipt:
			w.takeReceipt(e)
		case seal.Token, seal.Setting:
			if d, ok := documentOf(e.Name); ok {
				w.documents[d] = e.Entry
			}
		case seal.Log:
			if line, ok := seal.LineOf(e.Entry); ok {
				w.lines = append(w.lines, line)
			}
		}
	}
	slices.SortFunc(w.lines, func(a, b seal.Line) int { return cmp.Compare(a.Number, b.Number) })
	w.Documents, w.LogEntries = len(w.documents), len(w.lines)
	w.dropForgotten()
	return w
}

func (w *wreck) takeChunk(e seal.RescuedEntry) {
	if len(e.Name.Parts) != 2 {
		return
	}
	c, ok := parseChunk(e.Name.Parts[0], e.Entry)
	if !ok {
		return
	}
	for pos := range c.items {
		c.items[pos].sum = sha256.Sum256(c.at(pos))
		if c.items[pos].gone {
			c.items[pos].sum = [sha256.Size]byte{}
		}
	}
	o := fhir.Origin{Source: c.source, Service: c.service}
	w.chunks[o] = append(w.chunks[o], c)
	w.Records += len(c.items)
}

func (w *wreck) takeAlone(e seal.RescuedEntry) {
	k, number, ok := parseResourceName(e.Name)
	var m recordMeta
	if !ok || json.Unmarshal(e.Meta, &m) != nil {
		return
	}
	it := item{ref: k.Ref, version: m.Version, number: number, size: len(e.Body), gone: e.Gone, masked: m.Masked, fullURL: m.FullURL}
	copy(it.sum[:], m.Sum)
	w.alone[k.Origin] = append(w.alone[k.Origin], write{it, e.Body})
	w.alike[k.Origin] = append(w.alike[k.Origin], chunk{
		source: k.Source, service: k.Service, fetched: m.Fetched, query: m.Query, trace: m.Trace,
	})
	w.Records++
}

// takeSeen leaves out the lists of chunks: they are made anew.
func (w *wreck) takeSeen(e seal.RescuedEntry) {
	source, ok := seal.SourceOf(e.Compartment)
	if !ok || len(e.Name.Parts) != 3 || e.Name.Parts[0] != wordSeen {
		return
	}
	takeNumbered(w.seen, fhir.Origin{Source: source, Service: e.Name.Parts[1]}, e)
}

func (w *wreck) takeReceipt(e seal.RescuedEntry) {
	if len(e.Name.Parts) == 3 {
		takeNumbered(w.receipts, fhir.Origin{Source: e.Name.Parts[0], Service: e.Name.Parts[1]}, e)
	}
}

func takeNumbered(all map[fhir.Origin]map[uint64]seal.Entry, o fhir.Origin, e seal.RescuedEntry) {
	number, ok := seal.ParseNumber(e.Name.Parts[2])
	if !ok {
		return
	}
	if all[o] == nil {
		all[o] = map[uint64]seal.Entry{}
	}
	all[o][number] = e.Entry
}

// dropForgotten leaves out receipts of sources of which nothing is left: deleted
// with the source, they may still be on a free page. So a source that never gave
// anything loses its receipts here too.
func (w *wreck) dropForgotten() {
	sources := map[string]bool{}
	for o := range w.chunks {
		sources[o.Source] = true
	}
	for o := range w.alone {
		sources[o.Source] = true
	}
	maps.DeleteFunc(w.receipts, func(o fhir.Origin, _ map[uint64]seal.Entry) bool { return !sources[o.Source] })
	for _, all := range w.receipts {
		w.Receipts += len(all)
	}
	w.Sources = slices.Sorted(maps.Keys(sources))
}
