package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// withSnapshots opens a store that keeps them; its clock stands still.
func withSnapshots(t *testing.T, path string, now *time.Time) *Store {
	t.Helper()
	cfg := cheap()
	cfg.Snapshots, cfg.Now = true, func() time.Time { return *now }
	s, err := Open(path, Passphrase(testPhrase), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestSnapshotIsTheStoreBeforeTheWrite goes through a month of writing: one copy,
// a week old at most when a write begins, whole, and as it was before that write.
func TestSnapshotIsTheStoreBeforeTheWrite(t *testing.T) {
	s, path := newStore(t)
	put(t, s, clinic, resource("Basic", "day0", "text"))
	_ = s.Close()
	now := testStart
	ctx := context.Background()
	want, made := 0, time.Time{}
	for day := range 30 {
		s := withSnapshots(t, path, &now)
		if first(s.Records(ctx)) != nil {
			t.Fatal("it cannot be read")
		}
		if _, err := os.Stat(path + ".1"); (err == nil) == made.IsZero() {
			t.Fatalf("day %d: reading made a snapshot, or lost it: %v", day, err)
		}
		if made.IsZero() || now.Sub(made) >= snapshotEvery {
			want, made = len(lines(t, s)), now
		}
		put(t, s, clinic, resource("Basic", fmt.Sprint("a", day), "text"))
		put(t, s, clinic, resource("Basic", fmt.Sprint("b", day), "text"))
		_ = s.Close()
		info, err := os.Stat(path + ".1")
		if err != nil || info.Mode().Perm() != 0o600 || !info.ModTime().Equal(made) {
			t.Fatalf("day %d: %v %v, want one of %v", day, info, err, made)
		}
		old, err := Open(copied(t, path+".1"), Passphrase(testPhrase), cheap())
		if err != nil {
			t.Fatal(err)
		}
		if r, err := old.Verify(ctx, Deep); err != nil || r.Records != want {
			t.Errorf("day %d: %+v %v, want %d", day, r, err, want)
		}
		_ = old.Close()
		now = now.Add(24 * time.Hour)
	}
	if diff := cmp.Diff([]string{"vault.bundel", "vault.bundel.1"}, filesIn(t, filepath.Dir(path))); diff != "" {
		t.Error(diff)
	}
}

// A clock that went back does not keep an old snapshot for ever.
func TestSnapshotOfTheFuture(t *testing.T) {
	s, path := newStore(t)
	_ = s.Close()
	now := testStart.Add(1000 * time.Hour)
	for range 2 {
		s := withSnapshots(t, path, &now)
		_ = s.Append(context.Background(), []byte("x"))
		_ = s.Close()
		if info, err := os.Stat(path + ".1"); err != nil || !info.ModTime().Equal(now) {
			t.Errorf("%v %v", info, err)
		}
		now = testStart
	}
}

func TestNoSnapshotUnlessAsked(t *testing.T) {
	s, path := newStore(t)
	put(t, s, clinic, resource("Basic", "a", "text"))
	_ = s.Append(context.Background(), []byte("x"))
	if _, err := os.Stat(path + ".1"); err == nil {
		t.Error("there is one")
	}
	now := testStart
	cfg := cheap()
	cfg.Snapshots, cfg.Now = true, func() time.Time { return now }
	m, _, err := CreateOn(Memory(), testPhrase, cfg)
	if err != nil || m.Append(context.Background(), []byte("x")) != nil {
		t.Error("a place without files cannot be written to", err)
	}
}

// Reading a store of an earlier schema changes nothing; the first write is after a
// snapshot of it, also when there is one of today.
func TestSnapshotBeforeMigration(t *testing.T) {
	for golden, want := range goldens(t) {
		path := copied(t, golden)
		before, _ := os.ReadFile(path)
		now := time.Now()
		_ = os.WriteFile(path+".1", []byte("one of today"), 0o600)
		open := func() *Store {
			cfg := cheap()
			cfg.Snapshots, cfg.Now = true, func() time.Time { return now }
			s, err := Open(path, Passphrase([]byte(want.Passphrase)), cfg)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		s := open()
		old := s.vault.Head().Older()
		if first(s.Records(context.Background())) != nil || s.Close() != nil {
			t.Fatal("it cannot be read")
		}
		if after, _ := os.ReadFile(path); !cmp.Equal(before, after) {
			t.Errorf("%s: reading changed it", golden)
		}
		s = open()
		if err := s.Append(context.Background(), []byte("x")); err != nil || s.vault.Head().Older() {
			t.Fatal(err)
		}
		_ = s.Close()
		raw, _ := os.ReadFile(path + ".1")
		if old == (string(raw) == "one of today") {
			t.Errorf("%s: of an earlier schema %v, and a snapshot of %d bytes", golden, old, len(raw))
		}
		if old {
			got, err := dump(path + ".1")
			if diff := cmp.Diff(want.Dump, short(got)); diff != "" || err != nil {
				t.Errorf("%s: %s %v", golden, diff, err)
			}
		}
	}
}

// TestPromise_SnapshotKeepsNothingForgotten looks for every byte of what is
// forgotten in every file beside the store, the snapshot too.
func TestPromise_SnapshotKeepsNothingForgotten(t *testing.T) {
	ctx := context.Background()
	for name, forget := range map[string]func(*Store) error{
		"forget":         func(s *Store) error { return s.Forget(ctx, clinic.Source) },
		"forget the log": func(s *Store) error { _, err := s.ForgetLog(ctx, forever); return err },
		"compact":        func(s *Store) error { return s.Compact(ctx) }, // as a change of passphrase does
		"destroy":        (*Store).Destroy,
	} {
		for _, on := range []bool{true, false} {
			s, path := newStore(t)
			_ = s.Close()
			before := map[string]bool{}
			pieces(t, path, before)
			now := testStart
			s = withSnapshots(t, path, &now)
			put(t, s, clinic, resource("Basic", "a", noise(2000)))
			_ = s.Append(ctx, []byte(noise(500)))
			_ = s.Close()
			marks := pieces(t, path, before)
			now = now.Add(8 * 24 * time.Hour)
			s = withSnapshots(t, path, &now)
			_ = s.Append(ctx, []byte("again"))
			if raw, _ := os.ReadFile(path + ".1"); !holdsAny(raw, marks) {
				t.Fatal("the snapshot holds nothing of it: this test finds nothing")
			}
			// What a crash left of a next one must go as well.
			_ = os.WriteFile(filepath.Join(filepath.Dir(path), ".vault.bundel.1.draft"), marks[0], 0o600)
			s.cfg.Snapshots = on
			if err := forget(s); err != nil {
				t.Fatal(name, err)
			}
			if _, err := os.Stat(path + ".1"); err == nil {
				t.Errorf("%s: there is a snapshot still", name)
			}
			if name == "forget" {
				checkErased(t, filepath.Dir(path), marksOf(marks, 1500))
			}
			if files := filesIn(t, filepath.Dir(path)); len(files) > 2 { // the store, and who has it open
				t.Errorf("%s: left: %v", name, files)
			}
			_ = s.Close()
		}
	}
}

// marksOf are those that are not rewritten all the time.
func marksOf(marks [][]byte, least int) (of [][]byte) {
	for _, m := range marks {
		if len(m) >= least {
			of = append(of, m)
		}
	}
	return of
}

func holdsAny(raw []byte, marks [][]byte) bool {
	for _, m := range marksOf(marks, 16) {
		if bytes.Contains(raw, m) {
			return true
		}
	}
	return false
}

// A forgetting that a crash cut off leaves no snapshot behind once it is opened,
// and none is made while it is owed.
func TestNoSnapshotOfWhatIsOwed(t *testing.T) {
	s, path := newStore(t)
	_ = s.Append(context.Background(), []byte("one"))
	if err := s.vault.Update(func(tx *seal.Tx) error { tx.Owe(true); return nil }); err != nil {
		t.Fatal(err)
	}
	s.cfg.Snapshots = true
	_ = s.Append(context.Background(), []byte("two"))
	if _, err := os.Stat(path + ".1"); err == nil {
		t.Error("a snapshot of a store that still holds what was forgotten")
	}
	_ = s.Close()
	_ = os.WriteFile(path+".1", []byte("older"), 0o600)
	now := testStart
	_ = withSnapshots(t, path, &now)
	if _, err := os.Stat(path + ".1"); err == nil {
		t.Error("opening ended the forgetting, and left the snapshot")
	}
}

// Where no snapshot can be made, writing goes on; and damage never takes the place
// of a good one.
func TestSnapshotThatFails(t *testing.T) {
	s, path := newStore(t)
	for i := range 40 {
		put(t, s, clinic, resource("Basic", fmt.Sprint(i), noise(2000)))
	}
	_ = s.Close()
	if err := os.MkdirAll(filepath.Join(path+".1", "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	now := testStart
	s = withSnapshots(t, path, &now)
	if err := s.Append(context.Background(), []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := s.Compact(context.Background()); err == nil {
		t.Error("what is in the way of a snapshot was not told")
	}
	_ = s.Close()
	refused := 0
	for id := 2; id < 40; id++ {
		bad := ruin(t, path, func(n int, page []byte) { wipeIf(page, n == id) })
		_ = os.WriteFile(bad+".1", []byte("good"), 0o600)
		s, err := Open(bad, Passphrase(testPhrase), cheap())
		if err != nil {
			continue // it was seen before
		}
		err = s.kv.(snapshotter).Snapshot(now, 0)
		raw, _ := os.ReadFile(bad + ".1")
		if (err == nil) == (string(raw) == "good") || (err != nil && !errors.Is(err, ErrDamaged)) {
			t.Errorf("page %d: %v, %d bytes", id, err, len(raw))
		}
		if err != nil {
			refused++
		}
		_ = s.Close()
	}
	if refused == 0 {
		t.Error("no damage got as far as a snapshot: this test finds nothing")
	}
}

// Verify tells of what only reading finds: a set that speaks of resources there
// are not.
func TestVerifyReadsTheSets(t *testing.T) {
	s, path := newStore(t)
	put(t, s, clinic, resource("Basic", "a", "text"))
	impossible := ordinals{}
	impossible.add(900)
	err := s.update(func(tx *seal.Tx) error {
		return tx.Replace(seal.ListOf(clinic.Source), seal.Entry{Name: setName(clinic.Service, 1), Body: impossible.encode()})
	})
	if err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s, path)
	if err := first(s.Records(context.Background())); !errors.Is(err, ErrDamaged) {
		t.Fatal("this test finds nothing:", err)
	}
	if r, err := s.Verify(context.Background(), Deep); !errors.Is(err, ErrDamaged) || len(r.Damage) != 1 {
		t.Errorf("%+v %v", r, err)
	}
}
