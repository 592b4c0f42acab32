package keys

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"testing"
)

// Every page is wiped before the system gets it back, with every key that was
// ever on it.
func TestArenaIsWipedBeforeItGoes(t *testing.T) {
	table := NewTable([16]byte{1}, 1, random(Size))
	var gone [][]byte
	table.arena.wiped = func(mem []byte) { gone = append(gone, bytes.Clone(mem)) }
	perPage := os.Getpagesize() / Size
	for i := range perPage + 2 { // more than fits on one
		table.Make(string(rune('a' + i)))
	}
	table.Drop("a")
	r := table.Rotate()
	r.Done()
	for i, p := range table.arena.pages {
		if bytes.Equal(p.mem, make([]byte, len(p.mem))) {
			t.Fatalf("page %d holds no key: there is nothing to wipe", i)
		}
	}
	table.Zero()
	if len(gone) != 2 {
		t.Fatalf("%d pages let go of", len(gone))
	}
	for i, mem := range gone {
		if !bytes.Equal(mem, make([]byte, len(mem))) {
			t.Errorf("page %d went with keys on it", i)
		}
	}
}

// A key that is dropped is wiped at once, and its room used again.
func TestArenaRoomIsUsedAgain(t *testing.T) {
	var a arena
	defer a.close()
	k := a.keep(bytes.Repeat([]byte{7}, Size))
	a.drop(k)
	if *k != [Size]byte{} {
		t.Error("dropped and still there")
	}
	for range 10 * os.Getpagesize() / Size {
		a.drop(a.random())
	}
	if len(a.pages) != 1 {
		t.Errorf("%d pages for one key at a time", len(a.pages))
	}
	if runtime.GOOS == "linux" && a.exposed {
		t.Log("this system refuses to lock one page")
	}
}

// Where the system gives no memory, or refuses to lock it, keys are kept all the
// same, and it is told.
func TestArenaWithoutLocks(t *testing.T) {
	for name, system := range map[string]func(int) ([]byte, bool, error){
		"no memory": func(int) ([]byte, bool, error) { return nil, false, errors.ErrUnsupported },
		"no lock":   func(n int) ([]byte, bool, error) { mem, _, err := mapPage(n); return mem, false, err },
	} {
		wiped := 0
		a := arena{system: system, wiped: func(mem []byte) { wiped += len(mem) - bytes.Count(mem, []byte{7}) }}
		if k := a.keep(bytes.Repeat([]byte{7}, Size)); k[Size-1] != 7 || !a.exposed {
			t.Errorf("%s: %v, exposed %v", name, k, a.exposed)
		}
		if a.close(); wiped != os.Getpagesize() {
			t.Errorf("%s: not wiped", name)
		}
	}
}

// Replacing a key wipes the one before it; a table after many of them is small.
func TestTableKeepsOneKeyPerName(t *testing.T) {
	table := NewTable([16]byte{1}, 1, random(Size))
	defer table.Zero()
	for range 1000 {
		table.Make("one")
	}
	if len(table.arena.pages) != 1 {
		t.Errorf("%d pages", len(table.arena.pages))
	}
}

// The vault key that a table takes over is left nowhere else.
func TestTableTakesOverTheVaultKey(t *testing.T) {
	key := random(Size)
	table := NewTable([16]byte{1}, 1, key)
	defer table.Zero()
	if !bytes.Equal(key, make([]byte, Size)) {
		t.Error("the caller's copy is not wiped")
	}
	if bytes.Equal(table.vault[:], make([]byte, Size)) {
		t.Error("the table has none")
	}
}
