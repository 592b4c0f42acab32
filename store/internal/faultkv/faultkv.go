// Package faultkv is a place for a store that fails on request: at the n-th thing
// that is asked of it, and in one of the ways a disk or a server can. It is for
// tests.
package faultkv

import (
	"errors"
	"sync"

	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// Way is how it fails.
type Way int

// The ways to fail.
const (
	// Refuse does nothing and gives the error, once.
	Refuse Way = iota
	// Short writes a half of the value before it gives the error; for everything
	// but a Put it is Refuse.
	Short
	// Stay refuses this and every later change, as a disk that is full does.
	// Reading goes on.
	Stay
	// Unsure commits, and then gives the error, as a connection that breaks before
	// the answer does; for everything but the end of an Update it is Refuse.
	Unsure
)

// KV fails at its At-th operation, counted from 1; never with At 0. It is safe for
// concurrent use.
type KV struct {
	seal.KV
	Way Way
	Err error // what it gives

	mu      sync.Mutex
	at, ops int
	hit     bool
}

// FailAt begins to count anew.
func (k *KV) FailAt(n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at, k.ops, k.hit = n, 0, false
}

// Ops is how many operations there were, and Hit whether it failed yet.
func (k *KV) Ops() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ops
}

// Hit tells whether it has failed.
func (k *KV) Hit() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.hit
}

// fails counts one operation.
func (k *KV) fails(change bool) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ops++
	if k.at > 0 && k.ops == k.at || k.hit && k.Way == Stay && change {
		k.hit = true
		return true
	}
	return false
}

func (k *KV) step(change bool) error {
	if k.fails(change) {
		return k.Err
	}
	return nil
}

// View may fail as it begins and at each operation in it.
func (k *KV) View(fn func(seal.KVTx) error) error {
	if err := k.step(false); err != nil {
		return err
	}
	return k.KV.View(func(t seal.KVTx) error { return fn(tx{t, k}) })
}

// Update may fail as it begins, at each operation in it, and as it commits.
func (k *KV) Update(fn func(seal.KVTx) error) error {
	if err := k.step(true); err != nil {
		return err
	}
	unsure := false
	err := k.KV.Update(func(t seal.KVTx) error {
		if err := fn(tx{t, k}); err != nil {
			return err
		}
		if !k.fails(true) {
			return nil
		}
		if unsure = k.Way == Unsure; unsure {
			return nil
		}
		return k.Err
	})
	if unsure {
		return errors.Join(err, k.Err)
	}
	return err
}

// Compact counts as one operation.
func (k *KV) Compact() error {
	if err := k.step(true); err != nil {
		return err
	}
	if c, ok := k.KV.(interface{ Compact() error }); ok {
		return c.Compact()
	}
	return nil
}

type tx struct {
	seal.KVTx
	k *KV
}

func (t tx) Bucket(name []byte) (seal.Bucket, error) {
	if err := t.k.step(false); err != nil {
		return nil, err
	}
	b, err := t.KVTx.Bucket(name)
	if b == nil || err != nil {
		return nil, err
	}
	return bucket{b, t.k}, nil
}

func (t tx) Create(name []byte) (seal.Bucket, error) {
	if err := t.k.step(true); err != nil {
		return nil, err
	}
	b, err := t.KVTx.Create(name)
	return bucket{b, t.k}, err
}

func (t tx) Drop(name []byte) error {
	if err := t.k.step(true); err != nil {
		return err
	}
	return t.KVTx.Drop(name)
}

func (t tx) Names() ([][]byte, error) {
	if err := t.k.step(false); err != nil {
		return nil, err
	}
	return t.KVTx.Names()
}

type bucket struct {
	seal.Bucket
	k *KV
}

func (b bucket) Get(key []byte) ([]byte, error) {
	if err := b.k.step(false); err != nil {
		return nil, err
	}
	return b.Bucket.Get(key)
}

func (b bucket) Put(key, value []byte) error {
	if !b.k.fails(true) {
		return b.Bucket.Put(key, value)
	}
	if b.k.Way == Short && len(value) > 1 {
		return errors.Join(b.k.Err, b.Bucket.Put(key, value[:len(value)/2]))
	}
	return b.k.Err
}

func (b bucket) Delete(key []byte) error {
	if err := b.k.step(true); err != nil {
		return err
	}
	return b.Bucket.Delete(key)
}

func (b bucket) ForEach(fn func(key, value []byte) error) error {
	if err := b.k.step(false); err != nil {
		return err
	}
	return b.Bucket.ForEach(fn)
}
