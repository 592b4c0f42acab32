package seal

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// Value is a value found somewhere in a damaged file, with its key.
type Value struct{ Key, Value []byte }

// Rescued is what can still be opened of a damaged store.
type Rescued struct {
	Entries []RescuedEntry
	Head    bool              // a head was found: only what it knows is here
	Header  [sha256.Size]byte // with Head: the hash of the header that goes with it
	Closed  int               // values that look like records, which no key opens
}

// RescuedEntry is one record. Compartment is empty when no head was found that
// says which one it was in; From tells records of two compartments apart.
type RescuedEntry struct {
	Compartment, From string
	Entry
}

// IsHeader tells whether a value is the plain header of a store, and IsRecord
// whether it could be a record.
func (v Value) IsHeader() bool {
	return string(v.Key) == string(keyHeader) && len(v.Value) > 0 && v.Value[0] == '{'
}

func (v Value) isHead() bool { return string(v.Key) == string(keyHead) }

func (v Value) isRecord() bool {
	return len(v.Key) == len(recordKey{}) && len(v.Value) > prefixSize+tagSize && v.Value[0] == recordVersion && v.Value[1] == algGCM
}

// rescue is a salvage under way. Its compartments are those of the newest head,
// or one for every data key that still opens.
type rescue struct {
	v     *Vault
	head  *Head
	spots []spot
	tx    *Tx
	best  map[rescueKey]RescuedEntry
	found map[string]bool // values that opened
}

type rescueKey struct {
	bucket string
	key    recordKey
}

// Rescue opens what it can. Of two values under one name the newer one counts,
// also when it is a tombstone. What the newest head does not know, because it
// was forgotten or never committed, is left out. It takes over vaultKey.
func Rescue(h keys.Header, vaultKey []byte, values []Value) (Rescued, error) {
	v, err := newVault(nil, h, vaultKey)
	if err != nil {
		return Rescued{}, err
	}
	defer v.Close()
	r := rescue{v: v, best: map[rescueKey]RescuedEntry{}, found: map[string]bool{}}
	r.findSpots(values)
	records := map[string]Value{}
	for _, value := range values {
		if value.isRecord() {
			records[string(value.Key)+string(value.Value)] = value
		}
	}
	inPieces := r.openAll(records)
	r.joinAll(inPieces, records)
	out := Rescued{Head: r.head != nil, Closed: len(records) - len(r.found)}
	if out.Head {
		copy(out.Header[:], r.head.Header)
	}
	for _, e := range r.best {
		if !e.Gone || e.Name.Kind == Many || e.Name.Kind == Resource {
			out.Entries = append(out.Entries, e)
		}
	}
	return out, nil
}

// findSpots unwraps the keys and finds the newest head.
func (r *rescue) findSpots(values []Value) {
	var opened [][]byte
	for _, value := range values {
		if r.v.keys.Unwrap(string(value.Key), value.Value) == nil {
			opened = append(opened, value.Key)
		}
	}
	for _, value := range values {
		if !value.isHead() || r.v.keys.AEAD(keys.Head) == nil {
			continue
		}
		if head, err := r.v.unsealHead(value.Value); err == nil && (r.head == nil || head.Commit > r.head.Commit) {
			r.head = head
		}
	}
	r.tx = &Tx{v: r.v, head: r.head}
	if r.head != nil {
		for _, c := range r.head.Compartments {
			r.spots = append(r.spots, spot{Compartment: c})
		}
		return
	}
	slices.SortFunc(opened, bytes.Compare)
	for _, id := range slices.CompactFunc(opened, bytes.Equal) {
		if len(id) == 12 {
			r.spots = append(r.spots, spot{Compartment: &Compartment{Bucket: id[:8], Key: id, Epoch: 1}})
		}
	}
}

// piece is a record whose body is in chunks.
type piece struct {
	id    string
	entry RescuedEntry
	spot  spot
	flags byte
	list  *list
	key   recordKey
}

func (r *rescue) openAll(records map[string]Value) (inPieces []piece) {
	for id, value := range records {
		for _, s := range r.spots {
			if r.v.keys.AEAD(string(s.Key)) == nil {
				continue
			}
			key := recordKey(value.Key)
			e, env, l, err := r.tx.open(s, key, value.Value)
			if err != nil {
				continue
			}
			r.found[id] = true
			entry := RescuedEntry{s.Name, string(s.Bucket), e}
			if l != nil {
				inPieces = append(inPieces, piece{id, entry, s, env.flags, l, key})
			} else {
				r.keep(entry, key)
			}
			break
		}
	}
	return inPieces
}

// keep takes the newer one of a name.
func (r *rescue) keep(e RescuedEntry, key recordKey) {
	at := rescueKey{e.From, key}
	if r.head != nil && (e.Commit > r.head.Commit || r.dropped(e.Entry)) {
		return
	}
	if old, ok := r.best[at]; !ok || e.Commit > old.Commit {
		r.best[at] = e
	}
}

// dropped tells a line of the log that was dropped on purpose.
func (r *rescue) dropped(e Entry) bool {
	if e.Name.Kind != Log || len(e.Name.Parts) != 1 {
		return false
	}
	number, ok := ParseNumber(e.Name.Parts[0])
	return ok && number <= r.head.LogGone
}

// joinAll puts the bodies together that are in chunks. Without a head nobody
// knows the names of the chunks.
func (r *rescue) joinAll(inPieces []piece, records map[string]Value) {
	all := loose{}
	for id, value := range records {
		all[string(value.Key)] = looseValue{id, value.Value}
	}
	for _, p := range inPieces {
		if r.head == nil {
			delete(r.found, p.id)
			continue
		}
		p.spot.bucket = all
		body, err := r.tx.readChunks(p.spot, p.entry.Name, p.flags, p.list)
		if err != nil {
			delete(r.found, p.id)
			continue
		}
		for i := range p.list.chunks() {
			key := r.tx.key(p.spot, p.entry.Name.chunk(i))
			r.found[all[string(key[:])].id] = true
		}
		p.entry.Body = body
		r.keep(p.entry, p.key)
	}
}

// loose is all values that were found, as one bucket.
type loose map[string]looseValue

type looseValue struct {
	id    string
	value []byte
}

func (b loose) Get(key []byte) ([]byte, error)            { return b[string(key)].value, nil }
func (loose) Put(_, _ []byte) error                       { return ErrTaken }
func (loose) Delete([]byte) error                         { return ErrTaken }
func (loose) ForEach(func(key, value []byte) error) error { return nil }

// LineOf reads an entry of the log without its chain.
func LineOf(e Entry) (Line, bool) {
	if e.Name.Kind != Log || len(e.Name.Parts) != 1 || len(e.Meta) != lineMeta {
		return Line{}, false
	}
	number, ok := ParseNumber(e.Name.Parts[0])
	return Line{Number: number, Time: lineTime(e.Meta), Text: e.Body}, ok
}
