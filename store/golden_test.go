package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// golden is what a store of an earlier format must give.
type golden struct {
	Passphrase, Recovery string
	Dump                 []string
}

func goldens(t *testing.T) map[string]golden {
	t.Helper()
	all := map[string]golden{}
	paths, _ := filepath.Glob("testdata/stores/*.json")
	for _, path := range paths {
		var g golden
		raw, err := os.ReadFile(path)
		if err != nil || json.Unmarshal(raw, &g) != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all[strings.TrimSuffix(path, ".json")+".store"] = g
	}
	return all
}

func short(all []string) []string {
	for i, l := range all {
		head, _, _ := strings.Cut(l, "{")
		all[i] = fmt.Sprintf("%s %x", head, sha256.Sum256([]byte(l)))
	}
	return all
}

// copied gives a copy of a file that may be changed.
func copied(t testing.TB, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy.bundel")
	if err := os.WriteFile(to, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestPromise_OldStoresCanBeRead(t *testing.T) {
	for path, want := range goldens(t) {
		path := copied(t, path)
		got, err := dump(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Dump, short(got)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		s, err := Open(path, Recovery(want.Recovery), cheap())
		if err != nil {
			t.Fatal(err)
		}
		checkWriteToOld(t, s, path)
	}
}

// What is written to an old store goes beside what is there, also after it was
// made anew.
func checkWriteToOld(t *testing.T, s *Store, path string) {
	t.Helper()
	ctx := context.Background()
	before := lines(t, s)
	x := resource("Observation", "x", "third")
	if r := put(t, s, clinic, x, resource("Observation", "twice", "c"), resource("Basic", "new", "")); r.Changed != 1 || r.New != 1 || r.Unchanged != 1 {
		t.Errorf("%+v", r)
	}
	put(t, s, clinic, resource("Observation", "twice", "c"))
	if err := s.Compact(ctx); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s, path)
	if r, err := s.Verify(ctx, Deep); err != nil || r.Records != len(before)+2 {
		t.Errorf("%+v %v", r, err)
	}
	for r, err := range s.History(ctx, clinic, x.Ref) {
		if err != nil || (r.Number == 3) == r.Gone.IsZero() {
			t.Errorf("version %d is gone since %v: %v", r.Number, r.Gone, err)
		}
	}
	after := lines(t, s)
	for _, old := range before {
		if !contains(after, old) {
			t.Errorf("no longer there: %.100s", old)
		}
	}
	if err := s.Forget(ctx, "medmij:gp@medmij"); err != nil {
		t.Error(err)
	}
	if left := lines(t, reopen(t, s, path)); len(left) == 0 || strings.Contains(strings.Join(left, ""), "medmij:gp@medmij") {
		t.Errorf("%d left", len(left))
	}
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

// An old store knows no anchor: it is new here once.
func TestOldStoresGetAnAnchor(t *testing.T) {
	for path := range goldens(t) {
		m, path := newMachine(t), copied(t, path)
		for _, want := range [][]WarningCode{{AnchorNew}, nil} {
			if codes, err := m.codes(t, path); err != nil || !cmp.Equal(codes, want) {
				t.Errorf("%v %v", codes, err)
			}
		}
		copyFile(t, path, path+".old")
		m.write(t, path, "more", 1)
		copyFile(t, path+".old", path)
		if _, err := m.codes(t, path); !errors.Is(err, ErrRolledBack) {
			t.Errorf("an older copy: %v", err)
		}
	}
}
