package bolt

import (
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// copyAtOnce is how many bytes of values one transaction of a copy holds.
const copyAtOnce = 4 << 20

// draftOf is the one name a copy under way can have, so that what a crash left
// behind is found again.
func draftOf(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".draft")
}

// Compact writes everything that is in use to a new file, which then takes the
// place of this one: what was deleted is in no file any more. A crash leaves one
// of the two, whole. No transaction may run. The snapshot goes first: it holds what
// this takes away.
//
// The lock goes along: the new file is locked before it gets the name, and
// whoever waited for the old one sees that it lost it (see open).
func (f *File) Compact() error {
	if f.broken.Load() {
		return fault.Damaged("page")
	}
	if err := f.trustAll(); err != nil {
		return err
	}
	if err := f.dropSnapshot(); err != nil {
		return err
	}
	draft := draftOf(f.path)
	if err := os.Remove(draft); err != nil && !os.IsNotExist(err) {
		return fault.Pathless("clear the way for the new file", err)
	}
	next := &File{path: f.path}
	err := next.open(draft, time.Second, os.O_CREATE|os.O_EXCL)
	if err == nil {
		err = f.moveTo(next, draft)
	}
	if err != nil {
		_ = next.Close()
		_ = os.Remove(draft)
		return err
	}
	old := &File{db: f.db, file: f.file} // without a name: it has none any more
	f.db, f.file = next.db, next.file    // every page of it was written just now: trusted
	return old.Close()
}

// moveTo fills the new file, brings it to the disk and gives it the name.
func (f *File) moveTo(next *File, draft string) error {
	if err := f.guard(func() error { return f.copyTo(next.db) }); err != nil {
		return fault.Pathless("write the new file", err)
	}
	if err := next.db.Sync(); err != nil {
		return fault.Pathless("write the new file", err)
	}
	if err := replace(draft, f.path, f, next); err != nil {
		return fault.Pathless("name the new file", err)
	}
	return syncFolder(filepath.Dir(f.path))
}

func (f *File) copyTo(to *bbolt.DB) error {
	to.NoSync, to.NoGrowSync, to.AllocSize = true, true, growLeast // it is synced once, at the end
	defer func() { to.NoSync, to.NoGrowSync = false, false }()
	return f.db.View(func(from *bbolt.Tx) error {
		return from.ForEach(func(name []byte, b *bbolt.Bucket) error { return copyBucket(to, name, b) })
	})
}

// copyBucket goes in the order of the keys, so pages can be filled up.
func copyBucket(to *bbolt.DB, name []byte, from *bbolt.Bucket) error {
	err := to.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket(name); return err })
	c := from.Cursor()
	k, v := c.First()
	for k != nil && err == nil {
		err = to.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket(name)
			b.FillPercent = 0.95
			for size := 0; k != nil && size < copyAtOnce; k, v = c.Next() {
				if err := b.Put(k, v); err != nil {
					return err
				}
				size += len(k) + len(v)
			}
			return nil
		})
	}
	return err
}
