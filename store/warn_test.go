package store

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWarnings(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("rights of folders are not known here")
	}
	for name, c := range map[string]struct {
		folder string
		mode   os.FileMode
		want   []Warning
	}{
		"a folder of one's own":       {"data", 0o700, nil},
		"one that others may read":    {"data", 0o755, nil},
		"one that others may change":  {"data", 0o777, []Warning{{OpenFolder}}},
		"one that is copied":          {"Dropbox", 0o700, []Warning{{SyncFolder}}},
		"one below it":                {"Nextcloud/care", 0o700, []Warning{{SyncFolder}}},
		"one that is copied and open": {"OneDrive", 0o777, []Warning{{SyncFolder}, {OpenFolder}}},
	} {
		folder := filepath.Join(t.TempDir(), filepath.FromSlash(c.folder))
		path := filepath.Join(folder, "vault.bundel")
		before := Warnings(path)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		_ = os.Chmod(folder, c.mode)
		if diff := cmp.Diff(c.want, Warnings(path)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if c.mode == 0o700 && !cmp.Equal(before, c.want) {
			t.Errorf("%s, before it was made: %v", name, before)
		}
	}
}

// What Create makes is for the person alone, and a link in place of the file is
// not followed.
func TestPlaceOfTheFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("rights of files are not known here")
	}
	folder := filepath.Join(t.TempDir(), "a", "b")
	path := filepath.Join(folder, "vault.bundel")
	s, _, err := Create(path, testPhrase, cheap())
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	for at, want := range map[string]os.FileMode{path: 0o600, folder: 0o700, filepath.Dir(folder): 0o700} {
		if info, err := os.Stat(at); err != nil || info.Mode().Perm() != want {
			t.Errorf("%v %v, want %v", info.Mode(), err, want)
		}
	}
	if err := os.Symlink(path, path+".link"); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{path + ".link", folder} {
		if _, err := Open(at, Passphrase(testPhrase), cheap()); err == nil {
			t.Errorf("%s was opened", filepath.Base(at))
		}
	}
}
