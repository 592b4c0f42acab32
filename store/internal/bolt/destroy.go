package bolt

import (
	"errors"
	"io/fs"
	"os"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// Destroy ends the use of the file, overwrites it and the snapshot beside it,
// and removes both. The lock is held until they are gone.
func (f *File) Destroy() error {
	if err := shred(snapshotOf(f.path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := f.dropSnapshot(); err != nil { // what a crash left of one
		return err
	}
	if err := shred(f.path); err != nil {
		return err
	}
	return f.Close()
}

// shred overwrites a file, as far as that still means something on a disk of
// today, and removes it.
func shred(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0) // #nosec G304 -- the caller's own store
	if err != nil {
		return fault.Pathless("overwrite the store", err)
	}
	if err := overwrite(file); err != nil {
		_ = file.Close()
		return fault.Pathless("overwrite the store", err)
	}
	_ = file.Close()
	return fault.Pathless("remove the store", os.Remove(path))
}

func overwrite(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	zeros := make([]byte, 1<<20)
	for at, size := int64(0), info.Size(); at < size; at += int64(len(zeros)) {
		if _, err := file.WriteAt(zeros[:min(int64(len(zeros)), size-at)], at); err != nil {
			return err
		}
	}
	return file.Sync()
}
