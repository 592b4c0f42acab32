// Package mem keeps the bytes of a store in memory: for tests, and for a store
// that may not leave a trace.
package mem

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/bundel-pgo/bundel/store/internal/seal"
)

var (
	errTaken = errors.New("there is a bucket of that name already")
	errNone  = errors.New("there is no such bucket")
	errView  = errors.New("a view cannot write")
)

// state is one moment. It is never modified once others can see it.
type state map[string]map[string][]byte

// KV is a [seal.KV] in memory. A commit costs as much as the buckets it wrote
// to hold. The zero value is empty and ready.
type KV struct {
	write sync.Mutex
	now   atomic.Pointer[state]
}

// View runs fn on the moment it begins.
func (kv *KV) View(fn func(seal.KVTx) error) error { return fn(&tx{buckets: kv.moment()}) }

// Update runs fn on a copy, which takes the place of the moment before it.
func (kv *KV) Update(fn func(seal.KVTx) error) error {
	kv.write.Lock()
	defer kv.write.Unlock()
	t := &tx{buckets: maps.Clone(kv.moment()), own: map[string]bool{}}
	if err := fn(t); err != nil {
		return err
	}
	kv.now.Store(&t.buckets)
	return nil
}

// Close keeps everything, so that the store can be opened again.
func (*KV) Close() error { return nil }

func (kv *KV) moment() state {
	if s := kv.now.Load(); s != nil {
		return *s
	}
	return state{}
}

// tx shares the buckets of the moment before it until it writes to them.
type tx struct {
	buckets state
	own     map[string]bool // already copied; nil in a view
}

func (t *tx) Bucket(name []byte) (seal.Bucket, error) {
	if _, ok := t.buckets[string(name)]; !ok {
		return nil, nil
	}
	return bucket{t, string(name)}, nil
}

func (t *tx) Create(name []byte) (seal.Bucket, error) {
	if t.own == nil {
		return nil, errView
	}
	if _, ok := t.buckets[string(name)]; ok {
		return nil, errTaken
	}
	t.buckets[string(name)], t.own[string(name)] = map[string][]byte{}, true
	return bucket{t, string(name)}, nil
}

func (t *tx) Drop(name []byte) error {
	if t.own == nil {
		return errView
	}
	if _, ok := t.buckets[string(name)]; !ok {
		return errNone
	}
	delete(t.buckets, string(name))
	return nil
}

func (t *tx) Names() (names [][]byte, err error) {
	for _, name := range slices.Sorted(maps.Keys(t.buckets)) {
		names = append(names, []byte(name))
	}
	return names, nil
}

type bucket struct {
	tx   *tx
	name string
}

// mine gives the values to write to.
func (b bucket) mine() (map[string][]byte, error) {
	if b.tx.own == nil {
		return nil, errView
	}
	if !b.tx.own[b.name] {
		b.tx.buckets[b.name], b.tx.own[b.name] = maps.Clone(b.tx.buckets[b.name]), true
	}
	return b.tx.buckets[b.name], nil
}

func (b bucket) Get(key []byte) ([]byte, error) { return b.tx.buckets[b.name][string(key)], nil }

func (b bucket) Put(key, value []byte) error {
	values, err := b.mine()
	if err == nil {
		values[string(key)] = bytes.Clone(value)
	}
	return err
}

func (b bucket) Delete(key []byte) error {
	values, err := b.mine()
	if err == nil {
		delete(values, string(key))
	}
	return err
}

func (b bucket) ForEach(fn func(key, value []byte) error) error {
	values := b.tx.buckets[b.name]
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if err := fn([]byte(key), values[key]); err != nil {
			return err
		}
	}
	return nil
}
