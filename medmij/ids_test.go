package medmij

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Numbers that can be guessed are for tests, and for the mock when it is told
// to give the same ones in every run.
func TestSEC_04_OnlyUnguessableNumbers(t *testing.T) {
	allowed := map[string]bool{
		"medmij/mock/network.go": true, "medmij/mock/fault.go": true, "medmij/mock/fault_check.go": true,
		"store/internal/crash/disk.go": true, // a disk for tests that loses power
	}
	scanned := 0
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != ".":
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"), allowed[path]:
			return nil
		}
		scanned++
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", filepath.FromSlash(path)), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			if strings.HasPrefix(i.Path.Value, `"math/rand`) {
				t.Errorf("%s imports %s", path, i.Path.Value)
			}
		}
		return nil
	})
	if err != nil || scanned < 100 {
		t.Errorf("%d files were looked at: %v", scanned, err)
	}
}

func TestSEC_04_SecretsAndIDsAreNeverAlike(t *testing.T) {
	seen := map[string]bool{}
	for range 10_000 {
		for _, made := range []string{newUUID(), newSecret()} {
			if seen[made] {
				t.Fatal("made twice")
			}
			seen[made] = true
		}
	}
	if !uuid4.MatchString(newUUID()) || len(newSecret()) != 43 {
		t.Error("another form")
	}
}
