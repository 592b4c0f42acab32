package bolt

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// CopyTo writes one moment of the file to w, as a whole file. Others read and
// write meanwhile; only a writer that needs a larger memory map waits.
func (f *File) CopyTo(w io.Writer) error {
	return f.guard(func() error {
		return f.db.View(func(tx *bbolt.Tx) error {
			o := &ordered{w: w, pageSize: f.db.Info().PageSize, swap: tx.ID()%2 != 0}
			_, err := tx.WriteTo(o)
			return err
		})
	})
}

// ordered puts the two first pages of a copy in the order that every file of
// bbolt has, and that preflight asks for: the even commit on the first page.
// bbolt writes the newest one first.
type ordered struct {
	w        io.Writer
	pageSize int
	swap     bool
	first    []byte
	done     bool
}

func (o *ordered) Write(p []byte) (int, error) {
	if o.done || !o.swap {
		return o.w.Write(p)
	}
	n := min(len(p), 2*o.pageSize-len(o.first))
	o.first = append(o.first, p[:n]...)
	if len(o.first) < 2*o.pageSize {
		return n, nil
	}
	o.done = true
	a, b := o.first[pageHeader:][:metaSize], o.first[o.pageSize+pageHeader:][:metaSize]
	for i := range a {
		a[i], b[i] = b[i], a[i]
	}
	if _, err := o.w.Write(o.first); err != nil {
		return 0, err
	}
	rest, err := o.w.Write(p[n:])
	return n + rest, err
}

// IsFile tells whether these could be the first bytes of a file of a store; it
// needs 80 of them.
func IsFile(head []byte) bool {
	_, ok := parseMeta(head)
	return ok
}

// snapshotOf is the one copy that may lie beside a file. The name is the store's:
// what else has it is replaced and removed.
func snapshotOf(path string) string { return path + ".1" }

// Snapshot keeps a copy of the file beside it, in the place of an older one,
// unless that one was made within the time. Every page is looked at first, so that
// damage never takes the place of a good copy. Nobody may write meanwhile.
func (f *File) Snapshot(now time.Time, within time.Duration) error {
	path := snapshotOf(f.path)
	if info, err := os.Lstat(path); err == nil {
		if age := now.Sub(info.ModTime()); age >= 0 && age < within {
			return nil
		}
	}
	if err := f.trustAll(); err != nil {
		return err
	}
	draft := draftOf(path)
	err := f.writeCopy(draft)
	if err == nil {
		err = os.Chtimes(draft, now, now) // by the store's clock
	}
	if err == nil {
		err = os.Rename(draft, path)
	}
	if err != nil {
		_ = os.Remove(draft)
		return fault.Pathless("make the snapshot", err)
	}
	return syncFolder(filepath.Dir(path))
}

// writeCopy makes a new file with all of this one, and brings it to the disk.
func (f *File) writeCopy(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- beside the caller's own store
	if err != nil {
		return err
	}
	err = f.CopyTo(to)
	if err == nil {
		err = to.Sync()
	}
	return errors.Join(err, to.Close())
}

// dropSnapshot removes the snapshot, and what a crash left of one. When it
// returns nil that is on the disk.
func (f *File) dropSnapshot() error {
	path, gone := snapshotOf(f.path), false
	for _, name := range []string{path, draftOf(path)} {
		switch err := os.Remove(name); {
		case err == nil:
			gone = true
		case !errors.Is(err, fs.ErrNotExist):
			return fault.Pathless("remove the snapshot", err)
		}
	}
	if !gone {
		return nil
	}
	return syncFolder(filepath.Dir(path))
}
