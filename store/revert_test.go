package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wrecked is a store of 6 commits with what it held after the 5th and the 6th.
type wrecked struct {
	machine
	path   string
	states map[uint64][]string
}

func newWrecked(t *testing.T) *wrecked {
	t.Helper()
	w := &wrecked{machine: newMachine(t), states: map[uint64][]string{}}
	w.path = createAt(t, w.machine)
	w.write(t, w.path, "entry", 4)
	for commit := uint64(5); commit <= 6; commit++ {
		all, err := dump(w.path)
		if err != nil {
			t.Fatal(err)
		}
		w.states[commit] = all
		if commit == 5 {
			w.write(t, w.path, "last", 1)
		}
	}
	return w
}

// newestPage tells which of the first pages is the newer.
func newestPage(raw []byte) int {
	txid := func(page int) uint64 { return binary.LittleEndian.Uint64(raw[page*pageBytes+16+48:]) }
	if txid(1) > txid(0) {
		return 1
	}
	return 0
}

// TestPromise_RevertLosesOneWrite breaks every byte of both first pages, and the
// pages that only the last write made.
func TestPromise_RevertLosesOneWrite(t *testing.T) {
	w := newWrecked(t)
	whole, _ := os.ReadFile(w.path)
	newest := newestPage(whole)
	root := int(binary.LittleEndian.Uint64(whole[newest*pageBytes+16+16:]))
	type damage struct{ at, n int }
	hits := map[damage]uint64{{root * pageBytes, 4}: 5, {root*pageBytes + 100, 2000}: 5, {len(whole), 0}: 6}
	for i := range 16 + 64 {
		hits[damage{newest*pageBytes + i, 1}], hits[damage{(1-newest)*pageBytes + i, 1}] = 5, 6
	}
	hits[damage{newest * pageBytes, pageBytes}], hits[damage{(1 - newest) * pageBytes, pageBytes}] = 5, 6
	for hit, want := range hits {
		bad := bytes.Clone(whole)
		for i := range hit.n {
			bad[hit.at+i] ^= 0x55
		}
		if hit.n == 1 && hit.at%pageBytes < 16 {
			want = 6 // its own number and sort: bbolt does not look at those, nor is anything lost
		}
		w.check(t, bad, want, hit.n == 0 || hit.at >= 2*pageBytes)
	}
}

// check reverts and opens the result in the place of the old file: the anchor
// tells what is lost.
func (w *wrecked) check(t *testing.T, bad []byte, want uint64, pages bool) {
	t.Helper()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	_ = os.WriteFile(from, bad, 0o600)
	r, err := Revert(context.Background(), from, Passphrase(testPhrase), to, w.config())
	if err != nil || r.Commit != want || r.Written.IsZero() {
		t.Fatalf("%+v %v, want commit %d", r, err, want)
	}
	if after, _ := os.ReadFile(from); !bytes.Equal(after, bad) {
		t.Error("the damaged file was changed")
	}
	if pages && r.Newest != (want == 6) {
		t.Errorf("%+v", r)
	}
	if got, err := dump(to); err != nil || !cmp.Equal(got, w.states[want]) {
		t.Errorf("%v %s", err, cmp.Diff(w.states[want], got))
	}
	codes, err := w.codes(t, to)
	if errors.Is(err, ErrRolledBack) != (want == 5) || len(codes) > 0 || (err != nil && want == 6) {
		t.Errorf("opened with commit %d: %v %v", want, codes, err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if len(left) > 0 {
		t.Errorf("left behind: %d files", len(left))
	}
}

func TestRevertRefuses(t *testing.T) {
	w := newWrecked(t)
	whole, _ := os.ReadFile(w.path)
	both := bytes.Clone(whole)
	both[20], both[pageBytes+20] = both[20]^1, both[pageBytes+20]^1
	for name, c := range map[string]struct {
		raw  []byte
		key  Key
		want error
	}{
		"both first pages broken": {both, Passphrase(testPhrase), ErrDamaged},
		"nothing left":            {nil, Passphrase(testPhrase), ErrDamaged},
		"cut in half":             {whole[:len(whole)/4], Passphrase(testPhrase), ErrDamaged},
		"another passphrase":      {whole, Passphrase([]byte("ten quiet bicycles")), ErrWrongKey},
	} {
		dir := t.TempDir()
		_ = os.WriteFile(filepath.Join(dir, "from"), c.raw, 0o600)
		_, err := Revert(context.Background(), filepath.Join(dir, "from"), c.key, filepath.Join(dir, "to"), cheap())
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if files, _ := os.ReadDir(dir); len(files) != 1 {
			t.Errorf("%s: %d files", name, len(files))
		}
	}
	if _, err := Revert(context.Background(), w.path, Passphrase(testPhrase), w.path, cheap()); !errors.Is(err, ErrExists) {
		t.Errorf("onto itself: %v", err)
	}
	if _, err := Revert(context.Background(), w.path+"none", Passphrase(testPhrase), w.path+"to", cheap()); !errors.Is(err, ErrNoStore) {
		t.Errorf("no file: %v", err)
	}
}
