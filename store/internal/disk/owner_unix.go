//go:build unix

package disk

import (
	"os"
	"path/filepath"
	"syscall"
)

// OthersMayChange tells whether other accounts may put files in the folder, or
// take away one above it. A group of one's own, with the number of the account,
// is nobody else.
func OthersMayChange(folder string) bool {
	whole, err := filepath.Abs(folder)
	if err != nil {
		return false
	}
	for at := whole; ; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && othersWrite(info) && (at == whole || info.Mode()&os.ModeSticky == 0) {
			return true
		}
		if filepath.Dir(at) == at {
			return false
		}
	}
}

func othersWrite(info os.FileInfo) bool {
	const group, others = 0o020, 0o002
	mode := info.Mode().Perm()
	s, ok := info.Sys().(*syscall.Stat_t)
	return mode&others != 0 || (mode&group != 0 && (!ok || s.Uid != s.Gid))
}

// OfAnother tells whether the file belongs to another account than the one that
// runs this program.
func OfAnother(path string) bool {
	info, err := os.Lstat(path)
	if err != nil {
		return false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int64(s.Uid) != int64(os.Geteuid())
}
