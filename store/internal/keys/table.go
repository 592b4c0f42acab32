package keys

import (
	"crypto/cipher"
	"encoding/binary"
	"sync"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// The fixed entries of the key table; the others are the data keys of
// compartments.
const (
	Name  = "name"  // hides the names of records
	Set   = "set"   // the set hash
	Head  = "head"  // seals the head
	Audit = "audit" // chains the log
	Token = "token" // data key of the compartment of tokens and logins
)

// Inbox gives the keys of the inbox; it is there only when there is an inbox.
const Inbox = "inbox"

// Fixed lists the fixed entries.
func Fixed() []string { return []string{Name, Set, Head, Audit, Token} }

const epochSize = 4

// Table holds the open keys of a store. It is safe for concurrent use.
type Table struct {
	mu      sync.RWMutex
	storeID [16]byte
	epoch   uint32 // of the vault key
	vault   []byte
	keys    map[string]*[Size]byte
	aeads   map[string]cipher.AEAD
}

// NewTable makes an empty table. It takes over vaultKey and zeroes it in [Table.Zero].
func NewTable(storeID [16]byte, vaultKey []byte) *Table {
	return &Table{
		storeID: storeID, epoch: 1, vault: vaultKey,
		keys: map[string]*[Size]byte{}, aeads: map[string]cipher.AEAD{},
	}
}

// Make adds a new random key and gives its wrapped form for the file: the epoch
// of the vault key in 4 bytes and 60 bytes of sealed key.
func (t *Table) Make(id string) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := random(Size)
	defer clear(key)
	t.set(id, key)
	wrapped := binary.BigEndian.AppendUint32(nil, t.epoch)
	return newGCM(t.vault).Seal(wrapped, nil, key, t.bound(id))
}

// Unwrap adds a key from its wrapped form.
func (t *Table) Unwrap(id string, wrapped []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(wrapped) != epochSize+wrapSize || binary.BigEndian.Uint32(wrapped) != t.epoch {
		return fault.Damaged("key table")
	}
	key, err := newGCM(t.vault).Open(nil, nil, wrapped[epochSize:], t.bound(id))
	if err != nil {
		return fault.Damaged("key table")
	}
	defer clear(key)
	t.set(id, key)
	return nil
}

func (t *Table) set(id string, key []byte) {
	t.keys[id] = (*[Size]byte)(append([]byte(nil), key...))
	t.aeads[id] = newGCM(key)
}

// bound ties a wrapped key to this store, this vault key and its own name, so
// that wrapped keys cannot be exchanged.
func (t *Table) bound(id string) []byte {
	b := append([]byte("bundel.key.1"), t.storeID[:]...)
	b = binary.BigEndian.AppendUint32(b, t.epoch)
	return append(b, id...)
}

// Key is the key itself, nil when there is none. It must not be kept.
func (t *Table) Key(id string) []byte {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if k := t.keys[id]; k != nil {
		return k[:]
	}
	return nil
}

// AEAD is AES-256-GCM with random nonces under the key, nil when there is none.
func (t *Table) AEAD(id string) cipher.AEAD {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.aeads[id]
}

// Zero wipes the keys. The expanded form inside the ciphers cannot be wiped; it
// is let go of.
func (t *Table) Zero() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.vault)
	for _, k := range t.keys {
		clear(k[:])
	}
	t.keys, t.aeads = nil, nil
}
