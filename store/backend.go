package store

import (
	"github.com/bundel-pgo/bundel/store/internal/keys"
	"github.com/bundel-pgo/bundel/store/internal/mem"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// Backend keeps the bytes of one store: buckets of values that change all
// together or not at all. It sees random names, 16-byte keys and sealed values,
// and what it changes, loses or puts back is noticed. A bbolt file is one (see
// [Open]), memory is one ([Memory]), and others can be written in other modules;
// package storetest says what they must do and checks it.
//
// Whoever keeps stores for many people gives each a Backend of its own: a handle
// on a tenant's part of a database, or a file. An open store has no goroutine of
// its own; one that rests holds its keys and no more than 32 kB (a test
// measures it) until it is first read, and then its index.
type Backend = seal.KV

// BackendTx is one transaction of a [Backend].
type BackendTx = seal.KVTx

// Bucket is one bucket in a transaction of a [Backend].
type Bucket = seal.Bucket

// Compacter is a [Backend] where deleted bytes stay until it is made anew.
// [Store.Forget] and [Store.Compact] call it; no transaction runs meanwhile.
type Compacter interface{ Compact() error }

// checker is a Backend that can look at itself: the first pages, and all pages.
type checker interface{ Check(pages bool) error }

// destroyer is a Backend that can end itself.
type destroyer interface{ Destroy() error }

// Memory gives an empty Backend in memory. It can be opened again after it was
// closed, as long as the program runs.
func Memory() Backend { return &mem.KV{} }

// CreateOn is [Create] on a Backend that is still empty, else it gives
// ErrExists. The store closes the Backend when it is closed; after an error the
// Backend is the caller's.
func CreateOn(kv Backend, passphrase []byte, cfg Config) (*Store, RecoveryCode, error) {
	return create(passphrase, cfg, func(h keys.Header, vaultKey []byte, cfg Config) (*Store, error) {
		if err := seal.Create(kv, h, append([]byte(nil), vaultKey...)); err != nil {
			return nil, err
		}
		return openOn(kv, cfg, func(keys.Header) ([]byte, error) { return vaultKey, nil })
	})
}

// OpenOn is [Open] on a Backend. The store closes it when it is closed; after an
// error it is the caller's. Where another program writes to the same place, a
// write gives ErrReopen and changes nothing.
func OpenOn(kv Backend, key Key, cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	return openOn(kv, cfg, cfg.unlocker(key))
}
