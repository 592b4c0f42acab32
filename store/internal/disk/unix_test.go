//go:build unix

package disk

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOthersMayChange(t *testing.T) {
	for _, c := range []struct {
		above, own os.FileMode
		want       bool
	}{
		{0o700, 0o700, false},
		{0o755, 0o755, false},
		{0o700, 0o777, true},
		{0o700, 0o702, true},
		{0o700, 0o777 | os.ModeSticky, true}, // they may put a file in it
		{0o777, 0o700, true},                 // they may put another folder in its place
		{0o777 | os.ModeSticky, 0o700, false},
		{0o755, 0o770, os.Getuid() != os.Getgid()},
	} {
		root := filepath.Join(t.TempDir(), "above")
		folder := filepath.Join(root, "own")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		_ = os.Chmod(folder, c.own)
		_ = os.Chmod(root, c.above)
		if OthersMayChange(folder) != c.want {
			t.Errorf("%v in %v: %v", c.own, c.above, !c.want)
		}
	}
}

func TestOfAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	_ = os.WriteFile(path, nil, 0o600)
	if OfAnother(path) || OfAnother(path+"none") {
		t.Error("its own file is of another")
	}
	if err := os.Chown(path, 12345, -1); err != nil {
		t.Skip("only the administrator may give files away")
	}
	if !OfAnother(path) {
		t.Error("a file that was given away is its own")
	}
}

func TestRemoteIsNotHere(t *testing.T) {
	if Remote("/proc/self") || Remote(filepath.Join(t.TempDir(), "none")) {
		t.Error("remote")
	}
}
