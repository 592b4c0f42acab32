package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// The versions of today: of the file's layout, of what the records hold, and
// the oldest reader that may open what this one writes. Schema 1 had one record
// per resource; it can still be read, and becomes 2 with the first write. A store
// with an inbox asks for 3: an older reader takes bucket i for a stranger.
const (
	format      = 1
	schema      = 2
	reader      = 3
	readerPlain = 2
)

// maxSeals is how often one key may seal with random nonces: half of the 2^32 of
// NIST SP 800-38D. It holds for the data key of each compartment, and for the
// key of the head, which seals once in every transaction.
const maxSeals = 1 << 31

// ErrWorn means that a key has sealed as often as it may. Nothing more can be
// written with it; all can be read.
var ErrWorn = errors.New("a key has sealed as often as it may")

// Head is the sealed summary of a store, rewritten in every transaction.
type Head struct {
	Format       int            `json:"format"`
	Schema       int            `json:"schema"`
	MinReader    int            `json:"minReader"`
	Commit       uint64         `json:"commit"`
	Header       []byte         `json:"header"` // SHA-256 of the plain header
	Compartments []*Compartment `json:"compartments"`
	LogCount     uint64         `json:"logCount"`
	LogTip       []byte         `json:"logTip"`             // end of the chain over the log
	LogGone      uint64         `json:"logGone,omitempty"`  // number of the last line dropped
	LogBase      []byte         `json:"logBase,omitempty"`  // the chain up to and with it
	Owed         bool           `json:"owed,omitempty"`     // something was forgotten and the file not yet made anew
	At           int64          `json:"at,omitempty"`       // when it was written, in nanoseconds since 1970, where a writer says so
	Marks        []Mark         `json:"marks,omitempty"`    // by writer, oldest first
	Unmarked     uint64         `json:"unmarked,omitempty"` // newest commit of a mark that made way
	Slots        []SlotNote     `json:"slots,omitempty"`    // of those that were added later
	Inbox        *InboxState    `json:"inbox,omitempty"`
	raw          []byte         // as it is in the file
}

// Compartment holds the records of one source, or one sort of internal ones.
type Compartment struct {
	Name   string  `json:"name"`
	ID     []byte  `json:"id"`     // 16 random bytes, part of every record's name
	Bucket []byte  `json:"bucket"` // 8 random bytes
	Key    []byte  `json:"key"`    // of the data key in the key table
	Epoch  uint32  `json:"epoch"`  // of the data key
	Count  uint64  `json:"count"`
	Seals  uint64  `json:"seals"`
	Sum    SetHash `json:"sum"`
	// Listed means that every record in it is listed in another compartment, so
	// that nobody needs to open all of them to know what there is.
	Listed bool `json:"listed,omitempty"`
}

// find is a search in a handful: a person has few sources.
func (h *Head) find(name string) *Compartment {
	for _, c := range h.Compartments {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Older tells of a store that the next write makes one of a later schema.
func (h *Head) Older() bool { return h.Schema < schema }

// clone lets a transaction change the head and be undone.
func (h *Head) clone() *Head {
	g := *h
	g.Compartments = make([]*Compartment, len(h.Compartments))
	for i, c := range h.Compartments {
		d := *c
		g.Compartments[i] = &d
	}
	if h.Inbox != nil {
		state := *h.Inbox
		g.Inbox = &state
	}
	return &g
}

func (v *Vault) headAAD() []byte { return append([]byte("bundel.head.1"), v.storeID[:]...) }

// writeHead runs in the transaction whose writes it counts, so the two cannot
// come apart.
func (v *Vault) writeHead(kv KVTx, h *Head) error {
	if h.Commit > v.maxSeals {
		return ErrWorn
	}
	h.Format, h.Schema, h.MinReader = format, schema, readerPlain
	if h.Inbox != nil {
		h.MinReader = reader
	}
	plain, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	plain = envelope{commit: h.Commit, payload: plain}.encode()
	h.raw = v.keys.AEAD(keys.Head).Seal([]byte{recordVersion, algGCM}, nil, plain, v.headAAD())
	b, err := bucket(kv, bucketHead, "head")
	if err != nil {
		return err
	}
	return b.Put(keyHead, h.raw)
}

// readHead opens the head and checks what it says of itself.
func (v *Vault) readHead(kv KVTx) (*Head, error) {
	value, err := get(kv, bucketHead, keyHead, "head")
	if err != nil {
		return nil, err
	}
	return v.openHead(kv, value)
}

func (v *Vault) openHead(kv KVTx, value []byte) (*Head, error) {
	h, err := v.unsealHead(value)
	if err != nil {
		return nil, err
	}
	if h.MinReader > reader {
		return nil, &fault.NewerError{Need: h.MinReader, Have: reader}
	}
	header, err := ReadHeader(kv)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(header); !slices.Equal(sum[:], h.Header) {
		return nil, fault.Damaged("header")
	}
	return h, nil
}

func (v *Vault) unsealHead(value []byte) (*Head, error) {
	if len(value) < 2 || value[0] != recordVersion || value[1] != algGCM {
		return nil, fault.Damaged("head")
	}
	plain, err := v.keys.AEAD(keys.Head).Open(nil, nil, value[2:], v.headAAD())
	if err != nil {
		return nil, fault.Damaged("head")
	}
	env, err := decodeEnvelope(plain)
	if err != nil {
		return nil, fault.Damaged("head")
	}
	h := Head{raw: slices.Clone(value)}
	if err := json.Unmarshal(env.payload, &h); err != nil {
		return nil, fault.Damaged("head")
	}
	return &h, nil
}

// ReadHeader gives the plain header of a store.
func ReadHeader(kv KVTx) ([]byte, error) {
	b, err := get(kv, bucketHeader, keyHeader, "header")
	return slices.Clone(b), err
}

// bucket gives a bucket that must be there; where names it when it is not.
func bucket(kv KVTx, name []byte, where string) (Bucket, error) {
	b, err := kv.Bucket(name)
	if err == nil && b == nil {
		err = fault.Damaged(where)
	}
	return b, err
}

func get(kv KVTx, name, key []byte, where string) ([]byte, error) {
	b, err := bucket(kv, name, where)
	if err != nil {
		return nil, err
	}
	value, err := b.Get(key)
	if err == nil && value == nil {
		err = fault.Damaged(where)
	}
	return value, err
}

// newCompartment gives it a random place and a data key of its own.
func (v *Vault) newCompartment(kv KVTx, name string) (*Compartment, error) {
	c := &Compartment{Name: name, ID: random(16), Bucket: random(8), Epoch: 1, Listed: !internal(name)}
	c.Key = binary.BigEndian.AppendUint32(slices.Clone(c.Bucket), c.Epoch)
	if _, err := kv.Create(c.Bucket); err != nil {
		return nil, fmt.Errorf("new compartment: %w", err)
	}
	return c, v.newKey(kv, string(c.Key))
}

func (v *Vault) newKey(kv KVTx, id string) error {
	b, err := bucket(kv, bucketKeys, "key table")
	if err != nil {
		return err
	}
	return b.Put([]byte(id), v.keys.Make(id))
}
