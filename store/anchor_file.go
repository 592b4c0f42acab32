package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// anchorFile is an anchor in a folder.
type anchorFile string

// folderAnchor has a name that tells one store from another and nothing else.
func folderAnchor(folder string, storeID [16]byte) anchorFile {
	return anchorFile(filepath.Join(folder, nameFor("bundel.state.1", storeID)+".anchor"))
}

func (f anchorFile) Load() ([]byte, error) {
	sealed, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return sealed, fault.Pathless("read the anchor", err)
}

// Save brings the bytes to the disk before they get the name. That the name
// itself is flushed is not waited for: an older anchor is no false alarm.
func (f anchorFile) Save(sealed []byte) error {
	if len(sealed) == 0 {
		err := os.Remove(string(f))
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return fault.Pathless("remove the anchor", err)
	}
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o700); err != nil {
		return fault.Pathless("make the folder of the anchor", err)
	}
	draft := string(f) + ".tmp" // one name, so that what a crash left is used again
	if err := writeSynced(draft, sealed); err != nil {
		return fault.Pathless("write the anchor", err)
	}
	return fault.Pathless("name the anchor", os.Rename(draft, string(f)))
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // #nosec G304 -- in the caller's own folder
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}
