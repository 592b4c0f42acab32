package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestBackupName(t *testing.T) {
	at := time.Date(2026, 11, 22, 4, 47, 12, 9, time.FixedZone("CET", 3600))
	if got := BackupName(at); got != "bundel-2026-11-22T0347Z.bundel.age" {
		t.Error(got)
	}
	if got, ok := backupTime(BackupName(at)); !ok || !got.Equal(at.Truncate(time.Minute)) {
		t.Error(got, ok)
	}
	for _, name := range []string{
		"", "vault.bundel", "bundel-2026-11-22T0347Z.bundel", "bundel-2026-11-22T0347Z.bundel.age.old", "bundel-2026-11-31T0347Z.bundel.age",
		"bundel-2026-11-22T2447Z.bundel.age", "Bundel-2026-11-22T0347Z.bundel.age", "bundel-26-11-22T0347Z.bundel.age", "bundel-2026-11-22T0347+.bundel.age",
	} {
		if _, ok := backupTime(name); ok {
			t.Errorf("%q counts as a backup", name)
		}
	}
}

func TestExpired(t *testing.T) {
	start := time.Date(2026, 11, 22, 3, 47, 0, 0, time.UTC)
	every := func(n int, step time.Duration) (names []string) {
		for i := range n {
			names = append(names, BackupName(start.Add(-time.Duration(i)*step)))
		}
		return names
	}
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		names []string
		keep  Keep
		left  int
	}{
		"none":                      {nil, Keep{}, 0},
		"one, years old":            {every(1, day), Keep{}, 1},
		"a week of days":            {every(7, day), Keep{}, 7},
		"a day of hours":            {every(5, time.Hour), Keep{}, 2}, // one of them yesterday
		"two years of days":         {every(730, day), Keep{}, 7 + 3 + 11},
		"two years of months":       {every(24, 31*day), Keep{}, 12},
		"with a pause, still seven": {every(7, 400*day), Keep{}, 7},
		"the newest alone":          {every(30, day), Keep{Daily: 1}, 1},
		"weeks alone":               {every(30, day), Keep{Weekly: 2}, 2},
		"nothing asked to be kept":  {every(30, day), Keep{Daily: -1, Weekly: -1, Monthly: -1}, 1},
		"some twice":                {append(every(3, day), every(3, day)...), Keep{}, 6},
	} {
		if gone := Expired(c.names, c.keep); len(c.names)-len(gone) != c.left || !slices.IsSorted(gone) {
			t.Errorf("%s: %d of %d left, want %d", name, len(c.names)-len(gone), len(c.names), c.left)
		}
	}
}

// The laws: the newest stays, only what has such a name goes, a second look finds
// nothing more, and an order or a foreign name changes nothing.
func TestExpiredLaws(t *testing.T) {
	aName := rapid.Custom(func(t *rapid.T) string {
		if rapid.IntRange(0, 9).Draw(t, "foreign") == 0 {
			return rapid.SampledFrom([]string{"vault.bundel", "notes.txt", "bundel-2026-11-22T0347Z.bundel.age.old", ""}).Draw(t, "name")
		}
		minutes := rapid.IntRange(0, 3*365*24*60).Draw(t, "minutes")
		return BackupName(testStart.Add(time.Duration(minutes) * time.Minute))
	})
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(aName, 0, 80).Draw(t, "names")
		keep := Keep{rapid.IntRange(0, 9).Draw(t, "days"), rapid.IntRange(0, 6).Draw(t, "weeks"), rapid.IntRange(0, 14).Draw(t, "months")}
		gone := Expired(names, keep)
		var left, ours []string
		for _, name := range names {
			_, named := backupTime(name)
			if named {
				ours = append(ours, name)
			}
			switch {
			case !slices.Contains(gone, name):
				left = append(left, name)
			case !named:
				t.Fatalf("%q goes, which is no backup", name)
			}
		}
		if len(ours) > 0 && slices.Contains(gone, slices.Max(ours)) {
			t.Fatal("the newest goes")
		}
		for _, name := range gone {
			if !slices.Contains(names, name) {
				t.Fatalf("%q goes, which was not given", name)
			}
		}
		if again := Expired(left, keep); len(again) > 0 {
			t.Fatalf("a second look takes %v as well", again)
		}
		slices.Reverse(names)
		if diff := cmp.Diff(gone, Expired(names, keep)); diff != "" {
			t.Fatal("the order counts: ", diff)
		}
	})
}

// clockOf makes the clock of a store stand still where a test says.
func clockOf(s *Store) *time.Time {
	now := testStart
	s.cfg.Now = func() time.Time { return now }
	return &now
}

func TestBackupFolder(t *testing.T) {
	s, _ := newStore(t)
	other, _ := newStore(t)
	put(t, s, clinic, resource("Basic", "a", "text"))
	ctx, dir := context.Background(), filepath.Join(t.TempDir(), "new")
	now, theirs := clockOf(s), clockOf(other)
	*theirs = now.Add(-time.Hour)
	notOurs, err := other.BackupFolder(ctx, dir, testPhrase, Keep{})
	if err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, BackupName(now.Add(-2*time.Hour)))
	_ = os.WriteFile(foreign, []byte("somebody put this here"), 0o600)
	var made []string
	for range 4 {
		b, err := s.BackupFolder(ctx, dir, testPhrase, Keep{Daily: 2})
		if err != nil || b.Report.Records != 1 || b.Name != BackupName(*now) {
			t.Fatalf("%+v %v", b, err)
		}
		made = append(made, b.Name)
		if want := max(0, len(made)-2); want > 0 && !cmp.Equal(b.Dropped, made[want-1:want]) {
			t.Errorf("%d made, dropped %v", len(made), b.Dropped)
		}
		*now = now.Add(24 * time.Hour)
	}
	want := append([]string{notOurs.Name, filepath.Base(foreign)}, made[2:]...)
	slices.Sort(want)
	if diff := cmp.Diff(want, filesIn(t, dir)); diff != "" {
		t.Error(diff)
	}
	// A clock that goes back cannot make the new one go.
	*now = now.Add(-60 * 24 * time.Hour)
	if b, err := s.BackupFolder(ctx, dir, testPhrase, Keep{Daily: 1}); err != nil || !slices.Contains(filesIn(t, dir), b.Name) {
		t.Errorf("%+v %v", b, err)
	}
	before := filesIn(t, dir)
	if _, err := s.BackupFolder(ctx, dir, testPhrase, Keep{}); !errors.Is(err, ErrExists) {
		t.Errorf("twice in a minute: %v", err)
	}
	*now = now.Add(90 * 24 * time.Hour)
	if _, err := s.BackupFolder(ctx, dir, []byte("nine quiet tricycles"), Keep{Daily: 1}); !errors.Is(err, ErrWrongKey) {
		t.Errorf("with a typing error: %v", err)
	}
	if diff := cmp.Diff(before, filesIn(t, dir)); diff != "" {
		t.Errorf("a backup that failed made others go: %s", diff)
	}
}

func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A store that was restored knows only the backups of before: the later ones stay.
func TestRestoredStoreDropsNothingItDoesNotKnow(t *testing.T) {
	s, _ := newStore(t)
	ctx, dir := context.Background(), t.TempDir()
	now := clockOf(s)
	for range 3 {
		if _, err := s.BackupFolder(ctx, dir, testPhrase, Keep{}); err != nil {
			t.Fatal(err)
		}
		*now = now.Add(24 * time.Hour)
	}
	raw, _ := os.ReadFile(filepath.Join(dir, BackupName(now.Add(-2*24*time.Hour))))
	path, _ := restored(t, raw, Passphrase(testPhrase))
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	later := clockOf(s)
	*later = *now
	b, err := s.BackupFolder(ctx, dir, testPhrase, Keep{Daily: 1})
	if err != nil || len(b.Dropped) != 1 || len(filesIn(t, dir)) != 3 {
		t.Errorf("%+v %v, %v", b, err, filesIn(t, dir))
	}
}

// The list of backups stays small enough for a document, whatever is made.
func TestListOfBackupsIsBounded(t *testing.T) {
	s, _ := newStore(t)
	known := map[string]string{}
	for i := range backupsMost + 50 {
		known[fmt.Sprintf("%024x", i)] = BackupName(testStart.Add(time.Duration(i) * time.Hour))
	}
	if err := s.keepBackups(context.Background(), known); err != nil {
		t.Fatal(err)
	}
	got, err := s.backups(context.Background())
	if err != nil || len(got) != backupsMost || got[fmt.Sprintf("%024x", 50)] == "" || got[fmt.Sprintf("%024x", 49)] != "" {
		t.Errorf("%d, %v", len(got), err)
	}
}

// A backup that cannot be verified never gets a name, and no older one goes.
func TestBackupFileIsVerified(t *testing.T) {
	s, path := newStore(t)
	for i := range 50 {
		put(t, s, clinic, resource("Basic", fmt.Sprint(i), noise(2000)))
	}
	dir := t.TempDir()
	to := filepath.Join(dir, "one.age")
	if r, err := s.BackupFile(context.Background(), to, testPhrase); err != nil || r.Records != 50 {
		t.Fatalf("%+v %v", r, err)
	}
	if _, err := s.BackupFile(context.Background(), to, testPhrase); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
	if info, _ := os.Stat(to); info.Mode().Perm() != 0o600 {
		t.Error(info.Mode())
	}
	raw, _ := os.ReadFile(path)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(8); at < int64(len(raw)/4096); at++ { // all but the first few pages
		_, _ = f.WriteAt(bytes.Repeat([]byte{7}, 100), at*4096+200)
	}
	_ = f.Close()
	if _, err := s.BackupFile(context.Background(), filepath.Join(dir, "two.age"), testPhrase); !errors.Is(err, ErrDamaged) {
		t.Errorf("of a store that is damaged: %v", err)
	}
	if _, err := s.BackupFile(context.Background(), filepath.Join(dir, "none", "x.age"), testPhrase); err == nil {
		t.Error("in a folder that is not there")
	}
	if diff := cmp.Diff([]string{"one.age"}, filesIn(t, dir)); diff != "" {
		t.Error(diff)
	}
}
