package bolt

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"
	"io/fs"
	"os"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// State is one of the two moments that a file holds: as it was after the last
// commit, or after the one before it, whose pages nobody writes to until the
// next.
type State struct{ meta meta }

// States gives the moments whose first page can still be read, newest first.
func States(path string) ([]State, error) {
	f, err := os.Open(path) // #nosec G304 -- the caller's own store
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.ErrNoStore
	case err != nil:
		return nil, fault.Pathless("open the damaged file", err)
	}
	defer func() { _ = f.Close() }()
	var all []State
	for at := range twoPages(f) {
		if m, ok := readMeta(f, at); ok {
			all = append(all, State{m})
		}
	}
	if len(all) == 2 && all[1].meta.txid > all[0].meta.txid {
		all[0], all[1] = all[1], all[0]
	}
	if len(all) == 0 {
		return nil, fault.Damaged("first pages")
	}
	return all, nil
}

// twoPages gives where the first pages are. Without the first one nothing says
// how large a page is: then every size is tried.
func twoPages(f io.ReaderAt) func(func(int64) bool) {
	return func(yield func(int64) bool) {
		if m, ok := readMeta(f, 0); ok {
			_ = yield(0) && yield(m.pageSize)
			return
		}
		for size := int64(minPage); size <= maxPage; size *= 2 {
			if m, ok := readMeta(f, size); ok && m.pageSize == size {
				yield(size)
				return
			}
		}
	}
}

// CopyTo writes a new file that holds this moment only: of both first pages the
// newer says it, and the older says the same.
func (s State) CopyTo(path, to string) error {
	if err := copyWhole(path, to); err != nil {
		return fault.Pathless("copy the damaged file", err)
	}
	out, err := os.OpenFile(to, os.O_WRONLY, 0) // #nosec G304 -- beside the caller's own store
	if err != nil {
		return fault.Pathless("write the copy", err)
	}
	before := s.meta
	before.txid--
	for _, m := range []meta{s.meta, before} {
		if _, e := out.WriteAt(m.page(), int64(m.txid%2)*m.pageSize); e != nil { // #nosec G115 -- 0 or 1
			err = errors.Join(err, e)
		}
	}
	return fault.Pathless("write the copy", errors.Join(err, out.Sync(), out.Close()))
}

func copyWhole(path, to string) error {
	in, err := os.Open(path) // #nosec G304 -- the caller's own store
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- beside it
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// page is the way back from parseMeta.
func (m meta) page() []byte {
	const metaFlag = 0x04
	little := binary.LittleEndian
	b := little.AppendUint64(nil, m.txid%2) // its own number
	b = little.AppendUint16(b, metaFlag)
	b = append(b, make([]byte, pageHeader-len(b))...)
	b = little.AppendUint32(b, metaMagic)
	b = little.AppendUint32(b, metaVersion)
	b = little.AppendUint32(b, uint32(m.pageSize)) // #nosec G115 -- at most 64 kB
	b = little.AppendUint32(b, 0)                  // flags
	b = little.AppendUint64(b, m.root)
	b = little.AppendUint64(b, 0) // sequence of the bucket of buckets: never used
	b = little.AppendUint64(b, m.freelist)
	b = little.AppendUint64(b, m.pages)
	b = little.AppendUint64(b, m.txid)
	sum := fnv.New64a()
	sum.Write(b[pageHeader:])
	return little.AppendUint64(b, sum.Sum64())
}
