// Package bolt keeps the bytes of a store in a bbolt file. It looks at the file
// itself before bbolt may follow any pointer in it: bbolt ends or hangs the
// process on a damaged file (security-store.md 0.5).
package bolt

import (
	"encoding/binary"
	"hash/fnv"
	"io"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

const (
	metaMagic   = 0xED0CDAED
	metaVersion = 2
	pageHeader  = 16
	metaSize    = 64
	minPage     = 1 << 10
	maxPage     = 64 << 10
	noFreelist  = ^uint64(0)
)

// meta is what one of the two first pages says of the file.
type meta struct {
	pageSize int64
	root     uint64
	freelist uint64
	pages    uint64 // high-water mark: pages in use are below it
	txid     uint64
}

// parseMeta reads one meta page from its first 80 bytes. bbolt writes in the
// byte order of the machine; all machines it is built for are little-endian.
func parseMeta(page []byte) (m meta, ok bool) {
	if len(page) < pageHeader+metaSize {
		return m, false
	}
	b := page[pageHeader:]
	sum := fnv.New64a()
	sum.Write(b[:metaSize-8])
	if binary.LittleEndian.Uint32(b) != metaMagic || binary.LittleEndian.Uint32(b[4:]) != metaVersion ||
		binary.LittleEndian.Uint64(b[56:]) != sum.Sum64() {
		return m, false
	}
	m = meta{
		pageSize: int64(binary.LittleEndian.Uint32(b[8:])),
		root:     binary.LittleEndian.Uint64(b[16:]),
		freelist: binary.LittleEndian.Uint64(b[32:]),
		pages:    binary.LittleEndian.Uint64(b[40:]),
		txid:     binary.LittleEndian.Uint64(b[48:]),
	}
	return m, m.sane()
}

// sane refuses what bbolt would fall over: its checksum is no secret, so a page
// that has the right one may still be forged. No list of free pages is one of
// them; stores are never written that way.
func (m meta) sane() bool {
	return m.pageSize >= minPage && m.pageSize <= maxPage && m.pageSize&(m.pageSize-1) == 0 &&
		m.root >= 2 && m.root < m.pages && m.freelist >= 2 && m.freelist < m.pages &&
		m.pages < 1<<40
}

// preflight reads both meta pages and the size, and gives the newest meta.
//
// Both must be whole: with one of them broken, bbolt would go back one
// transaction without a word. A crash cannot break one, since bbolt writes it
// within one sector. It tries more than once because another program may be
// writing one at this moment.
func preflight(f io.ReaderAt, size func() (int64, error)) (m meta, err error) {
	for range 3 {
		if m, err = preflightOnce(f, size); err == nil {
			return m, nil
		}
	}
	return m, err
}

func preflightOnce(f io.ReaderAt, size func() (int64, error)) (meta, error) {
	a, ok := readMeta(f, 0)
	if !ok {
		return meta{}, fault.Damaged("first page")
	}
	b, ok := readMeta(f, a.pageSize)
	if !ok || b.pageSize != a.pageSize {
		return meta{}, fault.Damaged("second page")
	}
	if a.txid%2 != 0 || (a.txid+1 != b.txid && b.txid+1 != a.txid) {
		return meta{}, fault.Damaged("first pages")
	}
	// The size comes last: the file grows before a meta page says so.
	n, err := size()
	if err != nil {
		return meta{}, fault.Pathless("look at the store file", err)
	}
	newest := a
	if b.txid > a.txid {
		newest = b
	}
	if n < int64(newest.pages)*newest.pageSize {
		return meta{}, fault.Damaged("file size")
	}
	return newest, nil
}

func readMeta(f io.ReaderAt, at int64) (meta, bool) {
	var page [pageHeader + metaSize]byte
	if _, err := f.ReadAt(page[:], at); err != nil {
		return meta{}, false
	}
	return parseMeta(page[:])
}
