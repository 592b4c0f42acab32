package storetest

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/store/internal/bolt"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

func inMemory(testing.TB) Place {
	kv := store.Memory()
	return func() (store.Backend, error) { return kv, nil }
}

func inFile(t testing.TB) Place {
	path := filepath.Join(t.TempDir(), "db")
	if err := bolt.Create(path, func(seal.KV) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return func() (store.Backend, error) { return bolt.Open(path, time.Second) }
}

func TestMemory(t *testing.T) { Run(t, inMemory) }

func TestFile(t *testing.T) {
	Run(t, func(t testing.TB) Place {
		return inFile(t)
	})
}

// broken are Backends with one fault each: some check must find it.
func broken() map[string]func(store.Backend) store.Backend {
	return map[string]func(store.Backend) store.Backend{
		"keeps what failed": func(kv store.Backend) store.Backend { return keepsFailed{kv} },
		"loses deletions": func(kv store.Backend) store.Backend {
			return wrapped{kv, func(b store.Bucket) store.Bucket { return noDelete{b} }}
		},
		"gives keys backwards": func(kv store.Backend) store.Backend {
			return wrapped{kv, func(b store.Bucket) store.Bucket { return backwards{b} }}
		},
		"cuts long values": func(kv store.Backend) store.Backend {
			return wrapped{kv, func(b store.Bucket) store.Bucket { return short{b} }}
		},
		"swallows ForEach's": func(kv store.Backend) store.Backend {
			return wrapped{kv, func(b store.Bucket) store.Bucket { return silent{b} }}
		},
		"loses all at its end":  func(store.Backend) store.Backend { return store.Memory() },
		"gives names backwards": func(kv store.Backend) store.Backend { return namesBackwards{kv} },
	}
}

func TestChecksFindFaults(t *testing.T) {
	for name, fault := range broken() {
		found := 0
		for _, c := range checks() {
			kv := store.Memory()
			if c.run(func() (store.Backend, error) { return fault(kv), nil }) != nil {
				found++
			}
		}
		if found == 0 {
			t.Errorf("a Backend that %s passes", name)
		}
	}
}

type keepsFailed struct{ store.Backend }

func (k keepsFailed) Update(fn func(store.BackendTx) error) (err error) {
	_ = k.Backend.Update(func(tx store.BackendTx) error { err = fn(tx); return nil })
	return err
}

type wrapped struct {
	store.Backend
	wrap func(store.Bucket) store.Bucket
}

func (w wrapped) View(fn func(store.BackendTx) error) error {
	return w.Backend.View(func(tx store.BackendTx) error { return fn(wrappedTx{tx, w.wrap}) })
}

func (w wrapped) Update(fn func(store.BackendTx) error) error {
	return w.Backend.Update(func(tx store.BackendTx) error { return fn(wrappedTx{tx, w.wrap}) })
}

type wrappedTx struct {
	store.BackendTx
	wrap func(store.Bucket) store.Bucket
}

func (w wrappedTx) Bucket(name []byte) (store.Bucket, error) {
	b, err := w.BackendTx.Bucket(name)
	if b == nil {
		return nil, err
	}
	return w.wrap(b), err
}

func (w wrappedTx) Create(name []byte) (store.Bucket, error) {
	b, err := w.BackendTx.Create(name)
	return w.wrap(b), err
}

type noDelete struct{ store.Bucket }

func (noDelete) Delete([]byte) error { return nil }

type backwards struct{ store.Bucket }

func (b backwards) ForEach(fn func(k, v []byte) error) error {
	var all [][2][]byte
	err := b.Bucket.ForEach(func(k, v []byte) error { all = append(all, [2][]byte{k, v}); return nil })
	for _, kv := range slices.Backward(all) {
		if err == nil {
			err = fn(kv[0], kv[1])
		}
	}
	return err
}

type short struct{ store.Bucket }

func (s short) Put(k, v []byte) error { return s.Bucket.Put(k, v[:min(len(v), 64<<10)]) }

type silent struct{ store.Bucket }

func (s silent) ForEach(fn func(k, v []byte) error) error {
	return s.Bucket.ForEach(func(k, v []byte) error { _ = fn(k, v); return nil })
}

type namesBackwards struct{ store.Backend }

func (n namesBackwards) View(fn func(store.BackendTx) error) error {
	return n.Backend.View(func(tx store.BackendTx) error { return fn(namesTx{tx}) })
}

type namesTx struct{ store.BackendTx }

func (n namesTx) Names() ([][]byte, error) {
	names, err := n.BackendTx.Names()
	slices.Reverse(names)
	return names, err
}
