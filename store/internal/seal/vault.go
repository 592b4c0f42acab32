package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// The compartments that every store has. A source cannot have such a name.
const (
	Tokens   = "\x00tokens"
	Settings = "\x00settings"
	Receipts = "\x00receipts"
	Logs     = "\x00log"
	listOf   = "\x00list:"
)

// ListOf is the compartment that lists what is in the one of a source.
func ListOf(source string) string { return listOf + source }

// SourceOf is the way back from [ListOf].
func SourceOf(compartment string) (source string, ok bool) {
	return strings.CutPrefix(compartment, listOf)
}

func internal(compartment string) bool { return compartment != "" && compartment[0] == 0 }

// ErrReopen means that a commit failed half way and the store must be opened
// again before it is written to.
var ErrReopen = errors.New("the last write failed: open the store again")

var errUnchanged = errors.New("nothing changed")

// Vault is the sealed store over a [KV]. It is safe for concurrent use; writers
// wait for each other.
type Vault struct {
	kv      KV
	storeID [16]byte
	keys    *keys.Table
	pack    *packer

	maxSeals uint64 // see the constant; lower in a test

	write sync.Mutex
	stale atomic.Bool // the file may hold another commit than head
	by    []byte      // guarded by write: see SignAs
	now   func() time.Time
	head  atomic.Pointer[Head] // never modified once stored
}

// Create writes an empty vault: header, key table, head and the compartments
// that every store has.
func Create(kv KV, h keys.Header, vaultKey []byte) error {
	v, err := newVault(kv, h, vaultKey)
	if err != nil {
		return err
	}
	defer v.Close()
	header, err := h.Marshal()
	if err != nil {
		return fmt.Errorf("write header: %w", err)
	}
	return kv.Update(func(tx KVTx) error {
		if names, err := tx.Names(); err != nil || len(names) > 0 {
			return errors.Join(err, fault.ErrExists)
		}
		for _, name := range [][]byte{bucketHeader, bucketKeys, bucketHead} {
			b, err := tx.Create(name)
			if err == nil && string(name) == string(bucketHeader) {
				err = b.Put(keyHeader, header)
			}
			if err != nil {
				return fmt.Errorf("new store: %w", err)
			}
		}
		for _, id := range keys.Fixed() {
			if err := v.newKey(tx, id); err != nil {
				return err
			}
		}
		sum := sha256.Sum256(header)
		head := &Head{Commit: 1, Header: sum[:], LogTip: v.chainStart()}
		for _, name := range []string{Tokens, Settings, Receipts, Logs} {
			c, err := v.newCompartment(tx, name)
			if err != nil {
				return err
			}
			head.Compartments = append(head.Compartments, c)
		}
		return v.writeHead(tx, head)
	})
}

// Open reads key table and head. It takes over vaultKey.
func Open(kv KV, h keys.Header, vaultKey []byte) (*Vault, error) {
	v, err := newVault(kv, h, vaultKey)
	if err != nil {
		return nil, err
	}
	if err := kv.View(v.load); err != nil {
		v.Close()
		return nil, err
	}
	return v, nil
}

func newVault(kv KV, h keys.Header, vaultKey []byte) (*Vault, error) {
	p, err := sharedPacker()
	if err != nil {
		return nil, err
	}
	return &Vault{kv: kv, storeID: h.StoreID, keys: keys.NewTable(h.StoreID, h.Epoch(), vaultKey), pack: p, maxSeals: maxSeals}, nil
}

// load opens the keys and the head, and sees that every compartment is there.
func (v *Vault) load(tx KVTx) error {
	table, err := bucket(tx, bucketKeys, "key table")
	if err != nil {
		return err
	}
	err = table.ForEach(func(id, wrapped []byte) error { return v.keys.Unwrap(string(id), wrapped) })
	if err != nil {
		return err
	}
	for _, id := range keys.Fixed() {
		if v.keys.Key(id) == nil {
			return fault.Damaged("key table")
		}
	}
	head, err := v.readHead(tx)
	if err != nil {
		return err
	}
	for _, c := range head.Compartments {
		if v.keys.AEAD(string(c.Key)) == nil {
			return fault.Damaged("key table")
		}
		if _, err := bucket(tx, c.Bucket, "compartment"); err != nil {
			return err
		}
	}
	v.head.Store(head)
	return nil
}

// Head is the summary after the last commit. It must not be modified.
func (v *Vault) Head() *Head { return v.head.Load() }

// View runs fn on one moment of the store.
func (v *Vault) View(fn func(*Tx) error) error {
	// Loaded first: a head may be older than the records beside it, which only
	// ever grow, but never newer.
	head := v.head.Load()
	return v.kv.View(func(kv KVTx) error {
		// With a head of another commit, what is sound would look damaged.
		if v.stale.Load() && !holds(kv, head) {
			return ErrReopen
		}
		return fn(&Tx{v: v, kv: kv, head: head})
	})
}

// Pause runs fn while nobody writes.
func (v *Vault) Pause(fn func() error) error {
	v.write.Lock()
	defer v.write.Unlock()
	return fn()
}

// Update runs fn and commits what it wrote, with a new head, all or nothing.
// When fn wrote nothing the file is not touched.
func (v *Vault) Update(fn func(*Tx) error) error {
	v.write.Lock()
	defer v.write.Unlock()
	if v.stale.Load() {
		return ErrReopen
	}
	head := v.head.Load().clone()
	head.Commit++
	if v.by != nil {
		head.mark(v.by, v.now())
	}
	var tx *Tx
	err := v.kv.Update(func(kv KVTx) error {
		if value, err := get(kv, bucketHead, keyHead, "head"); err != nil || !bytes.Equal(value, head.raw) {
			return errors.Join(err, ErrReopen)
		}
		tx = &Tx{v: v, kv: kv, head: head}
		if err := fn(tx); err != nil {
			return err
		}
		if !tx.dirty {
			return errUnchanged
		}
		return v.writeHead(kv, head)
	})
	switch {
	case errors.Is(err, errUnchanged):
		return nil
	case err != nil:
		v.stale.Store(!v.onFile())
		return err
	}
	v.head.Store(head)
	for _, id := range tx.dropped {
		v.keys.Drop(id)
	}
	return nil
}

// onFile tells whether the file still holds the commit this vault knows. After
// a failed fsync nobody knows which of the two it holds.
func (v *Vault) onFile() bool {
	err := v.kv.View(func(kv KVTx) error {
		if !holds(kv, v.head.Load()) {
			return ErrReopen
		}
		return nil
	})
	return err == nil
}

func holds(kv KVTx, head *Head) bool {
	value, err := get(kv, bucketHead, keyHead, "head")
	return err == nil && bytes.Equal(value, head.raw)
}

// Close zeroes the keys. Nothing may run on the vault any more.
func (v *Vault) Close() {
	v.keys.Zero()
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}
