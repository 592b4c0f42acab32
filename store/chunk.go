package store

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// Resources are stored in chunks: those of one page one after the other, as one
// sealed value (docs/adr/0009-sealed-chunks.md). The chunk says what is in it;
// a list in another compartment says the same in short, for the index.
const (
	chunkMany = 32
	chunkFull = 36 << 10 // bytes of resources and of what is said of them
	listFull  = 64 << 10
)

// item is one version of a resource in a chunk.
type item struct {
	ref     fhir.Ref
	version fhir.Version
	ordinal uint32 // of the resource within its origin, from 1
	number  int
	size    int
	gone    bool
	sum     [sha256.Size]byte // in the list only
	masked  int               // these in the chunk only
	fullURL string
}

// chunk is a chunk without the bytes of its resources.
type chunk struct {
	source  string // in the chunk only
	service string
	number  uint64 // within the source, from 1
	fetched int64  // nanoseconds since 1970; the same for all of one Put
	query   string
	trace   string // in the chunk only
	items   []item
}

func chunkName(service string, number uint64) seal.Name {
	return seal.Name{Kind: seal.Many, Parts: []string{service, seal.Number(number)}, Order: number}
}

// listName is of the list that begins with a chunk.
func listName(service string, first uint64) seal.Name {
	return seal.Name{Kind: seal.Index, Parts: []string{wordChunks, service, seal.Number(first)}, Order: first}
}

// The words in the names of index records; they are final.
const (
	wordChunks = "chunks"
	wordSeen   = "seen"
)

// appendChunk writes what is said of a chunk, for the list or for the chunk
// itself; the layout is final.
func appendChunk(b []byte, c chunk, list bool) []byte {
	if !list {
		b = appendText(b, c.source)
	}
	b = binary.AppendUvarint(b, c.number)
	b = binary.AppendVarint(b, c.fetched)
	b = appendText(b, c.query)
	if !list {
		b = appendText(b, c.trace)
	}
	b = binary.AppendUvarint(b, uint64(len(c.items)))
	for _, it := range c.items {
		b = appendItem(b, it, list)
	}
	return b
}

func appendItem(b []byte, it item, list bool) []byte {
	b = append(appendText(appendText(b, it.ref.Type), it.ref.ID), byte(it.version))
	b = binary.AppendUvarint(b, uint64(it.ordinal))
	b = binary.AppendUvarint(b, uint64(it.number)) // #nosec G115 -- counted up from 1
	b = binary.AppendUvarint(b, uint64(it.size))   // #nosec G115 -- a length
	b = append(b, flag(it.gone))
	if list {
		return append(b, it.sum[:]...)
	}
	b = binary.AppendUvarint(b, uint64(it.masked)) // #nosec G115 -- a count
	return appendText(b, it.fullURL)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func flag(on bool) byte {
	if on {
		return 1
	}
	return 0
}

// wire reads what appendChunk and its like wrote. After the first fault it
// gives zeros and bad is set.
type wire struct {
	b   []byte
	bad bool
}

func (w *wire) take(n uint64) []byte {
	if w.bad || n > uint64(len(w.b)) {
		w.bad = true
		return nil
	}
	out := w.b[:n]
	w.b = w.b[n:]
	return out
}

// number reads one of at most most.
func (w *wire) number(most uint64) uint64 {
	v, n := binary.Uvarint(w.b)
	if n <= 0 || v > most {
		w.bad = true
		return 0
	}
	w.take(uint64(n)) // #nosec G115 -- positive
	return v
}

func (w *wire) moment() int64 {
	v, n := binary.Varint(w.b)
	if n <= 0 {
		w.bad = true
		return 0
	}
	w.take(uint64(n)) // #nosec G115 -- positive
	return v
}

func (w *wire) text() string { return string(w.take(w.number(uint64(len(w.b))))) }

func (w *wire) flag() bool {
	b := w.take(1)
	return len(b) == 1 && b[0] == 1
}

// chunk reads one; service comes from the name.
func (w *wire) chunk(service string, list bool) chunk {
	c := chunk{service: service}
	if !list {
		c.source = w.text()
	}
	c.number = w.number(1 << 62)
	c.fetched, c.query = w.moment(), w.text()
	if !list {
		c.trace = w.text()
	}
	n := w.number(chunkMany)
	for range n {
		if w.bad {
			break
		}
		c.items = append(c.items, w.item(list))
	}
	return c
}

func (w *wire) item(list bool) item {
	it := item{ref: fhir.Ref{Type: w.text(), ID: w.text()}}
	if v := w.take(1); len(v) == 1 {
		it.version = fhir.Version(v[0])
	}
	it.ordinal = uint32(w.number(1<<32 - 1)) // #nosec G115 -- bounded
	it.number = int(w.number(1<<31 - 1))     // #nosec G115 -- bounded
	it.size = int(w.number(seal.MaxBody))    // #nosec G115 -- bounded
	it.gone = w.flag()
	if list {
		copy(it.sum[:], w.take(sha256.Size))
		return it
	}
	it.masked = int(w.number(1<<31 - 1)) // #nosec G115 -- bounded
	it.fullURL = w.text()
	return it
}

// packChunks puts versions into chunks in the order given. Only a resource that
// is larger than a chunk may be makes it larger.
func packChunks(all []write, like chunk) []packedChunk {
	var out []packedChunk
	size := chunkFull
	for _, w := range all {
		more := len(w.body) + len(w.ref.Type) + len(w.ref.ID) + len(w.fullURL) + 20
		if last := len(out) - 1; last < 0 || size+more > chunkFull || len(out[last].items) == chunkMany {
			out, size = append(out, packedChunk{chunk: like, body: make([]byte, 0, max(chunkFull, len(w.body)))}), 0
		}
		c := &out[len(out)-1]
		c.items, c.body = append(c.items, w.item), append(c.body, w.body...)
		size += more
	}
	return out
}

// packedChunk is a chunk with the bytes of its resources.
type packedChunk struct {
	chunk
	body []byte
}

// addChunks writes chunks, numbered from first, and the lists of them.
func addChunks(tx *seal.Tx, source string, first uint64, all []packedChunk) error {
	for i := range all {
		all[i].number = first + uint64(i) // #nosec G115 -- an index
	}
	return putChunks(tx, source, all)
}

// putChunks writes chunks that have their numbers, and the lists of them.
func putChunks(tx *seal.Tx, source string, all []packedChunk) error {
	entries := make([]seal.Addition, 0, len(all)+1)
	for _, c := range all {
		e := seal.Entry{Name: chunkName(c.service, c.number), Meta: appendChunk(nil, c.chunk, false), Body: c.body}
		entries = append(entries, seal.Addition{Compartment: source, Entry: e})
	}
	return tx.AddAll(append(entries, lists(source, all)...))
}

// lists are the lists of chunks that are there.
func lists(source string, all []packedChunk) (entries []seal.Addition) {
	var list []byte
	from := 0
	for i, c := range all {
		list = appendChunk(list, c.chunk, true)
		if len(list) < listFull && i+1 < len(all) {
			continue
		}
		e := seal.Entry{Name: listName(c.service, all[from].number), Body: list}
		entries = append(entries, seal.Addition{Compartment: seal.ListOf(source), Entry: e})
		list, from = nil, i+1
	}
	return entries
}

// readChunk gives a chunk with its bytes.
func readChunk(tx *seal.Tx, o fhir.Origin, number uint64) (packedChunk, error) {
	e, found, err := tx.Get(o.Source, chunkName(o.Service, number))
	if err != nil {
		return packedChunk{}, err
	}
	c, ok := parseChunk(o.Service, e)
	if !found || !ok || c.number != number {
		return packedChunk{}, &DamagedError{Where: "record"}
	}
	return c, nil
}

// parseChunk sees that the sizes add up.
func parseChunk(service string, e seal.Entry) (packedChunk, bool) {
	w := wire{b: e.Meta}
	c := packedChunk{chunk: w.chunk(service, false), body: e.Body}
	total := 0
	for _, it := range c.items {
		total += it.size
	}
	return c, !w.bad && len(w.b) == 0 && total == len(e.Body)
}

// at gives the bytes of one item.
func (c packedChunk) at(pos int) []byte {
	start := 0
	for _, it := range c.items[:pos] {
		start += it.size
	}
	end := start + c.items[pos].size
	return c.body[start:end:end]
}
