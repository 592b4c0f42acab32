package bolt

import (
	"encoding/binary"
	"io"
)

// Leaves gives every value in every leaf page there is, whether anything points
// at the page or not: what is in use, what was deleted since, and what was never
// committed. It needs neither the first pages nor the branches. The slices are
// the caller's.
func Leaves(f io.ReaderAt, size int64, visit func(key, value []byte)) error {
	pageSize := guessPageSize(f, size)
	for id := int64(0); id*pageSize+pageHeader <= size; id++ {
		page, ok := readLeaf(f, id, pageSize, size)
		if !ok {
			continue
		}
		visitLeaf(page, 0, visit)
	}
	return nil
}

// guessPageSize takes the size with which the most pages say their own number.
func guessPageSize(f io.ReaderAt, size int64) int64 {
	best, most := int64(4096), 0
	for pageSize := int64(minPage); pageSize <= maxPage; pageSize *= 2 {
		n := 0
		for id := int64(2); id < 4096 && (id+1)*pageSize <= size; id++ {
			if _, ok := readLeaf(f, id, pageSize, size); ok {
				n++
			}
		}
		if n > most {
			best, most = pageSize, n
		}
	}
	return best
}

func readLeaf(f io.ReaderAt, id, pageSize, size int64) ([]byte, bool) {
	head := make([]byte, pageHeader)
	if _, err := f.ReadAt(head, id*pageSize); err != nil {
		return nil, false
	}
	n := 1 + int64(binary.LittleEndian.Uint32(head[12:]))
	if binary.LittleEndian.Uint64(head) != uint64(id) || // #nosec G115 -- not negative
		binary.LittleEndian.Uint16(head[8:]) != leafPage || n > size/pageSize-id {
		return nil, false
	}
	page := make([]byte, n*pageSize)
	_, err := f.ReadAt(page, id*pageSize)
	return page, err == nil
}

// visitLeaf goes into buckets that are small enough to be within their leaf.
func visitLeaf(page []byte, depth int, visit func(key, value []byte)) {
	elems, err := elements(page)
	if err != nil || depth > 1 {
		return
	}
	for _, e := range elems {
		u32 := binary.LittleEndian.Uint32
		ksize, vsize := uint64(u32(e[8:])), uint64(u32(e[12:]))
		both, err := span(e, uint64(u32(e[4:])), ksize+vsize)
		if err != nil || ksize == 0 {
			continue
		}
		key, value := both[:ksize:ksize], both[ksize:]
		switch {
		case u32(e)&bucketFlag == 0:
			visit(key, value)
		case len(value) > 2*16 && binary.LittleEndian.Uint64(value) == 0:
			visitLeaf(value[16:], depth+1, visit)
		}
	}
}
