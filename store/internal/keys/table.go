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

// Table holds the open keys of a store, in locked memory where the system gives
// it. It is safe for concurrent use. Its memory is no business of the garbage
// collector: [Table.Zero] must be called.
type Table struct {
	mu      sync.RWMutex
	storeID [16]byte
	epoch   uint32 // of the vault key
	arena   arena
	vault   *[Size]byte // nil after Zero
	keys    map[string]*[Size]byte
	aeads   map[string]cipher.AEAD
}

// NewTable makes an empty table for the vault key of an epoch. It takes over
// vaultKey and wipes it: the key is in the table only, until [Table.Zero].
func NewTable(storeID [16]byte, epoch uint32, vaultKey []byte) *Table {
	t := &Table{
		storeID: storeID, epoch: epoch,
		keys: map[string]*[Size]byte{}, aeads: map[string]cipher.AEAD{},
	}
	t.vault = t.arena.keep(vaultKey)
	clear(vaultKey)
	return t
}

// Make adds a new random key and gives its wrapped form for the file: the epoch
// of the vault key in 4 bytes and 60 bytes of sealed key.
func (t *Table) Make(id string) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.set(id, t.arena.random())
	return t.wrap(id, t.epoch, t.vault)
}

// wrap seals a key of the table under a vault key.
func (t *Table) wrap(id string, epoch uint32, vault *[Size]byte) []byte {
	wrapped := binary.BigEndian.AppendUint32(nil, epoch)
	return newGCM(vault[:]).Seal(wrapped, nil, t.keys[id][:], t.bound(id, epoch))
}

// Unwrap adds a key from its wrapped form.
func (t *Table) Unwrap(id string, wrapped []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(wrapped) != epochSize+wrapSize || binary.BigEndian.Uint32(wrapped) != t.epoch {
		return fault.Damaged("key table")
	}
	key, err := newGCM(t.vault[:]).Open(nil, nil, wrapped[epochSize:], t.bound(id, t.epoch))
	if err != nil {
		return fault.Damaged("key table")
	}
	defer clear(key)
	t.set(id, t.arena.keep(key))
	return nil
}

func (t *Table) set(id string, key *[Size]byte) {
	if old := t.keys[id]; old != nil {
		t.arena.drop(old)
	}
	t.keys[id] = key
	t.aeads[id] = newGCM(key[:])
}

// bound ties a wrapped key to this store, this vault key and its own name, so
// that wrapped keys cannot be exchanged.
func (t *Table) bound(id string, epoch uint32) []byte {
	b := append([]byte("bundel.key.1"), t.storeID[:]...)
	b = binary.BigEndian.AppendUint32(b, epoch)
	return append(b, id...)
}

// Key is the key itself, nil when there is none. It must not be kept: after
// [Table.Zero] touching it ends the program.
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

// Maker makes slots for the vault key. It must not outlive the table.
func (t *Table) Maker(kdf KDF) Maker {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return Maker{StoreID: t.storeID, Epoch: t.epoch, VaultKey: t.vault[:], KDF: kdf}
}

// Exposed tells that the system refused to lock some of the memory: keys may
// reach swap.
func (t *Table) Exposed() bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.arena.exposed
}

// Drop wipes one key and lets go of it; the fixed ones stay.
func (t *Table) Drop(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if k := t.keys[id]; k != nil {
		t.arena.drop(k)
	}
	delete(t.keys, id)
	delete(t.aeads, id)
}

// Zero wipes the keys. The expanded form inside the ciphers cannot be wiped; it
// is let go of.
func (t *Table) Zero() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.arena.close()
	t.vault, t.keys, t.aeads = nil, nil, nil
}
