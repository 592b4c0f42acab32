package bolt

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"go.etcd.io/bbolt"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// Create makes a new file with what fill writes, or nothing at all: bbolt
// cannot open a file whose first write was cut off, so the file gets its name
// only when it is whole and on the disk. It never overwrites.
func Create(path string, fill func(seal.KV) error) error {
	if _, err := os.Lstat(path); err == nil {
		return fault.ErrExists
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fault.Pathless("make the folder", err)
	}
	draft, err := os.CreateTemp(folder, ".bundel-*.tmp") // mode 0600
	if err != nil {
		return fault.Pathless("make the store file", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_ = draft.Close()
	if err := write(draft.Name(), fill); err != nil {
		return err
	}
	if err := place(draft.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

// write fills the draft and brings it to the disk before it gets its name.
func write(path string, fill func(seal.KV) error) error {
	db, err := bbolt.Open(path, 0o600, options(time.Second))
	if err != nil {
		return fault.Pathless("make the store file", err)
	}
	f := &File{db: db}
	f.trust.all.Store(true) // it is new
	if err := fill(f); err != nil {
		_ = f.Close()
		return err
	}
	if err := db.Sync(); err != nil {
		_ = f.Close()
		return fault.Pathless("make the store file", err)
	}
	return f.Close()
}

// place gives the draft its name. A link fails when the name is taken, where a
// rename would overwrite.
func place(draft, path string) error {
	err := os.Link(draft, path)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return fault.ErrExists
	}
	// File systems without links, such as exFAT.
	if _, err := os.Lstat(path); err == nil {
		return fault.ErrExists
	}
	return fault.Pathless("name the store file", os.Rename(draft, path))
}

// Name gives a whole file its name, and makes that survive a power cut. It never
// overwrites.
func Name(draft, path string) error {
	if err := place(draft, path); err != nil {
		return err
	}
	_ = os.Remove(draft)
	return syncFolder(filepath.Dir(path))
}

// Draft is a name beside path for a file that is not whole yet.
func Draft(path string) string { return draftOf(path) }

// syncFolder makes the new name itself survive a power cut.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" { // has no such thing
		return nil
	}
	d, err := os.Open(folder) // #nosec G304 -- the folder of the caller's own store
	if err != nil {
		return fault.Pathless("sync the folder", err)
	}
	defer func() { _ = d.Close() }()
	return fault.Pathless("sync the folder", d.Sync())
}
