package bolt

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Beside an open store lies a small file with the number of the process, so
// that another one can say who is in the way. It is a courtesy: the lock is what
// counts, and a number that is not there or out of date harms nothing.

func (f *File) pidFile() string {
	return filepath.Join(filepath.Dir(f.path), "."+filepath.Base(f.path)+".pid")
}

func (f *File) sign() { _ = os.WriteFile(f.pidFile(), []byte(strconv.Itoa(os.Getpid())), 0o600) }

func (f *File) unsign() {
	if f.path != "" && f.signed() == os.Getpid() {
		_ = os.Remove(f.pidFile())
	}
}

// signed is who has the file, 0 when that is not known.
func (f *File) signed() int {
	raw, err := os.ReadFile(f.pidFile())
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil || pid < 1 {
		return 0
	}
	return pid
}
