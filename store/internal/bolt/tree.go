package bolt

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

const (
	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10
	element      = 16
	bucketFlag   = 0x01
	maxDepth     = 32
)

var errTree = fault.Damaged("page")

// tree walks all pages that can be reached, the way bbolt would, but believes
// nothing it reads: every page once, every key inside its page and in order,
// no free page in use. What passes can be handed to bbolt.
type tree struct {
	f    io.ReaderAt
	meta meta
	seen map[uint64]bool
	// shallow stays in the bucket of buckets.
	shallow bool
}

func checkTree(f io.ReaderAt, m meta) error {
	t := &tree{f: f, meta: m, seen: map[uint64]bool{}}
	if err := t.walk(m.root, bounds{top: true}, 0); err != nil {
		return err
	}
	return t.checkFree()
}

// bounds are what a page above says of the keys in a page below.
type bounds struct {
	low, high []byte // high is nil for "no end"
	top       bool   // the page belongs to the bucket of buckets
}

// read gives a whole page with its overflow, each page once.
func (t *tree) read(id uint64) ([]byte, error) {
	head := make([]byte, pageHeader)
	if id < 2 || id >= t.meta.pages {
		return nil, errTree
	}
	if _, err := t.f.ReadAt(head, int64(id)*t.meta.pageSize); err != nil {
		return nil, errTree
	}
	n := 1 + uint64(binary.LittleEndian.Uint32(head[12:]))
	if binary.LittleEndian.Uint64(head) != id || id+n > t.meta.pages {
		return nil, errTree
	}
	for p := id; p < id+n; p++ {
		if t.seen[p] {
			return nil, errTree
		}
		t.seen[p] = true
	}
	page := make([]byte, int64(n)*t.meta.pageSize)
	if _, err := t.f.ReadAt(page, int64(id)*t.meta.pageSize); err != nil {
		return nil, errTree
	}
	return page, nil
}

// walk goes no deeper than any real tree: a loop is caught by seen, and this
// bounds the stack in any case.
func (t *tree) walk(id uint64, b bounds, depth int) error {
	if depth > maxDepth {
		return errTree
	}
	page, err := t.read(id)
	if err != nil {
		return err
	}
	switch binary.LittleEndian.Uint16(page[8:]) {
	case branchPage:
		return t.branch(page, b, depth)
	case leafPage:
		return t.leaf(page, b, depth)
	}
	return errTree
}

// elements gives the fixed parts of a page's elements.
func elements(page []byte) ([][]byte, error) {
	n := int(binary.LittleEndian.Uint16(page[10:]))
	if pageHeader+n*element > len(page) {
		return nil, errTree
	}
	all := make([][]byte, n)
	for i := range all {
		all[i] = page[pageHeader+i*element:]
	}
	return all, nil
}

// span cuts n bytes at pos, both as an element says them.
func span(elem []byte, pos, n uint64) ([]byte, error) {
	if pos < element || pos > uint64(len(elem)) || n > uint64(len(elem))-pos {
		return nil, errTree
	}
	return elem[pos : pos+n], nil
}

// next checks that key follows the one before it and is within the bounds.
func (b bounds) next(before, key []byte, first bool) error {
	if !first && bytes.Compare(before, key) >= 0 {
		return errTree
	}
	if bytes.Compare(key, b.low) < 0 || (b.high != nil && bytes.Compare(key, b.high) >= 0) {
		return errTree
	}
	return nil
}

// branch checks its keys before it follows any of its pointers.
func (t *tree) branch(page []byte, b bounds, depth int) error {
	all, elems, err := branchKeys(page, b)
	if err != nil {
		return err
	}
	for i, e := range elems {
		below := bounds{low: all[i], high: b.high, top: b.top}
		if i+1 < len(all) {
			below.high = all[i+1]
		}
		if err := t.walk(binary.LittleEndian.Uint64(e[8:]), below, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// branchKeys gives the keys of a branch page, in order and within its bounds.
func branchKeys(page []byte, b bounds) (all, elems [][]byte, err error) {
	elems, err = elements(page)
	if err != nil || len(elems) == 0 {
		return nil, nil, errTree
	}
	all = make([][]byte, len(elems))
	for i, e := range elems {
		u32 := binary.LittleEndian.Uint32
		if all[i], err = span(e, uint64(u32(e)), uint64(u32(e[4:]))); err != nil {
			return nil, nil, err
		}
		if err := b.next(all[max(0, i-1)], all[i], i == 0); err != nil {
			return nil, nil, err
		}
	}
	return all, elems, nil
}

// leaf also keeps buckets where they belong: there are none within a bucket, and
// nothing else at the top.
func (t *tree) leaf(page []byte, b bounds, depth int) error {
	elems, err := elements(page)
	if err != nil {
		return err
	}
	var before []byte
	for i, e := range elems {
		u32 := binary.LittleEndian.Uint32
		flags, pos, ksize, vsize := u32(e), uint64(u32(e[4:])), uint64(u32(e[8:])), uint64(u32(e[12:]))
		both, err := span(e, pos, ksize+vsize)
		if err != nil || ksize == 0 {
			return errTree
		}
		key, value := both[:ksize], both[ksize:]
		if err := b.next(before, key, i == 0); err != nil {
			return err
		}
		before = key
		// Buckets are in the bucket of buckets, and nothing else is.
		if flags&^bucketFlag != 0 || b.top != (flags == bucketFlag) {
			return errTree
		}
		if b.top {
			if err := t.bucket(value, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// bucket follows a bucket to its pages, or into itself when it is small.
func (t *tree) bucket(value []byte, depth int) error {
	const head = 16 // root page, sequence
	if len(value) < head {
		return errTree
	}
	if root := binary.LittleEndian.Uint64(value); root != 0 {
		if t.shallow {
			return nil
		}
		return t.walk(root, bounds{}, depth+1)
	}
	page := value[head:]
	if len(page) < pageHeader || binary.LittleEndian.Uint16(page[8:]) != leafPage {
		return errTree
	}
	return t.leaf(page, bounds{}, depth+1)
}

// checkFree reads the list of free pages: writing to one that is in use would
// lose what is on it.
func (t *tree) checkFree() error {
	page, err := t.read(t.meta.freelist)
	if err != nil || binary.LittleEndian.Uint16(page[8:]) != freelistPage {
		return fault.Damaged("list of free pages")
	}
	ids := page[pageHeader:]
	n := uint64(binary.LittleEndian.Uint16(page[10:]))
	if n == 0xFFFF { // too many for the header: the first entry is the count
		n, ids = binary.LittleEndian.Uint64(ids), ids[8:]
	}
	if n > uint64(len(ids))/8 {
		return fault.Damaged("list of free pages")
	}
	for i := range n {
		id := binary.LittleEndian.Uint64(ids[8*i:])
		if id < 2 || id >= t.meta.pages || t.seen[id] {
			return fault.Damaged("list of free pages")
		}
		t.seen[id] = true
	}
	return nil
}
