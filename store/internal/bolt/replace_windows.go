package bolt

import (
	"os"
	"time"
)

// replace closes both files first: Windows renames no open file. Another
// program may get in between; then opening again says so.
func replace(draft, path string, old, next *File) error {
	if err := old.db.Close(); err != nil {
		return err
	}
	if err := next.db.Close(); err != nil {
		return err
	}
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	return next.open(path, time.Second, 0)
}
