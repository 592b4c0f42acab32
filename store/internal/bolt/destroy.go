package bolt

import (
	"os"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// Destroy ends the use of the file, overwrites it and removes it. The lock is
// held until it is gone.
func (f *File) Destroy() error {
	size, err := f.size()
	if err != nil {
		return err
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY, 0)
	if err != nil {
		return fault.Pathless("overwrite the store", err)
	}
	zeros := make([]byte, 1<<20)
	for at := int64(0); at < size; at += int64(len(zeros)) {
		if _, err := file.WriteAt(zeros[:min(int64(len(zeros)), size-at)], at); err != nil {
			_ = file.Close()
			return fault.Pathless("overwrite the store", err)
		}
	}
	if err := file.Sync(); err != nil {
		_ = file.Close()
		return fault.Pathless("overwrite the store", err)
	}
	_ = file.Close()
	if err := os.Remove(f.path); err != nil {
		return fault.Pathless("remove the store", err)
	}
	return f.Close()
}
