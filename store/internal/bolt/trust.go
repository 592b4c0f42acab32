package bolt

import (
	"bytes"
	"encoding/binary"
	"sort"
	"sync"
	"sync/atomic"
)

// trust is which pages were looked at. Reading looks at the pages on its way
// before bbolt follows them, so that opening a file takes the same time whatever
// its size; the first write looks at all of them, because it could land on a page
// that is in use and listed as free.
type trust struct {
	all     atomic.Bool
	mu      sync.Mutex
	meta    meta
	leaves  map[uint64]bool
	buckets map[uint64]bool // by root: every page of it
}

// begin looks at the bucket of buckets and the list of free pages.
func (f *File) begin() error {
	m, err := preflight(f.file, f.size)
	if err != nil {
		return err
	}
	f.trust.meta, f.trust.leaves, f.trust.buckets = m, map[uint64]bool{}, map[uint64]bool{}
	t := &tree{f: f.file, meta: m, seen: map[uint64]bool{}, shallow: true}
	if err := t.walk(m.root, bounds{top: true}, 0); err != nil {
		return err
	}
	return t.checkFree()
}

// trustAll looks at every page, once.
func (f *File) trustAll() error {
	if f.trust.all.Load() {
		return nil
	}
	if err := f.Check(true); err != nil {
		return err
	}
	f.trust.all.Store(true)
	return nil
}

// trustBucket looks at every page of a bucket. A root of 0 is a bucket within its
// leaf, which was looked at with it.
func (f *File) trustBucket(root uint64) error {
	if root == 0 || f.trust.all.Load() {
		return nil
	}
	f.trust.mu.Lock()
	defer f.trust.mu.Unlock()
	if f.trust.buckets[root] {
		return nil
	}
	t := &tree{f: f.file, meta: f.trust.meta, seen: map[uint64]bool{}}
	if err := t.walk(root, bounds{}, 0); err != nil {
		return err
	}
	f.trust.buckets[root] = true
	return nil
}

// trustPath looks at the pages on the way to a key.
func (f *File) trustPath(root uint64, key []byte) error {
	if root == 0 || f.trust.all.Load() {
		return nil
	}
	f.trust.mu.Lock()
	defer f.trust.mu.Unlock()
	if f.trust.buckets[root] {
		return nil
	}
	t := &tree{f: f.file, meta: f.trust.meta, seen: map[uint64]bool{}}
	return t.path(root, key, f.trust.leaves)
}

// path goes down to a key, or to a leaf that was looked at before. No page comes twice on the way, so it ends.
func (t *tree) path(id uint64, key []byte, leaves map[uint64]bool) error {
	b := bounds{}
	for !leaves[id] {
		page, err := t.read(id)
		if err != nil {
			return err
		}
		if binary.LittleEndian.Uint16(page[8:]) == leafPage {
			err = t.leaf(page, b, 0)
			leaves[id] = err == nil
			return err
		}
		if binary.LittleEndian.Uint16(page[8:]) != branchPage {
			return errTree
		}
		keys, elems, err := branchKeys(page, b)
		if err != nil {
			return err
		}
		// The last one that is not after the key, or the first.
		i := max(0, sort.Search(len(keys), func(i int) bool { return bytes.Compare(keys[i], key) > 0 })-1)
		b.low = keys[i]
		if i+1 < len(keys) {
			b.high = keys[i+1]
		}
		id = binary.LittleEndian.Uint64(elems[i][8:])
	}
	return nil
}
