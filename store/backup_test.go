package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// backedUp gives a backup of a store.
func backedUp(t testing.TB, s *Store) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := s.Backup(context.Background(), &out, testPhrase); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func openRich(t *testing.T) (*Store, string) {
	t.Helper()
	path := rich(t)
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, path
}

// restored makes a store of a backup, in a folder that holds nothing else.
func restored(t *testing.T, backup []byte, key Key, identities ...string) (string, Report) {
	t.Helper()
	to := filepath.Join(t.TempDir(), "new", "vault.bundel")
	r, err := Restore(context.Background(), bytes.NewReader(backup), key, to, cheap(), identities...)
	if err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(filepath.Dir(to)); len(files) != 1 {
		t.Errorf("beside it: %v", files)
	}
	if info, _ := os.Stat(to); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	return to, r
}

// TestPromise_BackupBringsBackAll compares everything in the two stores, after an
// even and after an odd number of commits: bbolt puts its first pages in another
// order then.
func TestPromise_BackupBringsBackAll(t *testing.T) {
	s, path := openRich(t)
	ctx := context.Background()
	for range 2 {
		if err := s.Append(ctx, []byte("one more")); err != nil {
			t.Fatal(err)
		}
		backup := backedUp(t, s)
		to, r := restored(t, backup, Passphrase(testPhrase))
		if r.Records != 1202+1 && r.Records == 0 || r.Level != Deep {
			t.Errorf("%+v", r)
		}
		if diff := cmp.Diff(everything(t, copied(t, path)), everything(t, to)); diff != "" {
			t.Errorf("%.2000s", diff)
		}
		if err := inspect(to); err != nil {
			t.Error(err)
		}
		if report, err := CheckBackup(ctx, bytes.NewReader(backup), Passphrase(testPhrase), cheap()); err != nil || report.Records != r.Records {
			t.Errorf("%+v %v", report, err)
		}
	}
}

// What is in memory or on a server comes back as a file.
func TestBackupOfAnyBackend(t *testing.T) {
	for name, place := range map[string]func() Backend{
		"memory":            Memory,
		"one without files": func() Backend { return struct{ Backend }{Memory()} },
	} {
		s, _, err := CreateOn(place(), testPhrase, cheap())
		if err != nil {
			t.Fatal(err)
		}
		put(t, s, clinic, resource("Basic", "a", "text"), resource("Binary", "large", noise(copyAtOnce+copyAtOnce/2)))
		if err := s.Keep(context.Background(), Token, "grant", []byte("secret")); err != nil {
			t.Fatal(err)
		}
		to, _ := restored(t, backedUp(t, s), Passphrase(testPhrase))
		got, err := dump(to)
		if err != nil || len(got) != 3 || !cmp.Equal(got[:2], lines(t, s)) {
			t.Errorf("%s: %d lines, %v", name, len(got), err)
		}
	}
}

// A copy made while others write holds one moment: each commit whole or not.
func TestBackupWhileWriting(t *testing.T) {
	s, _ := newStore(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		var err error
		for i := 0; ctx.Err() == nil && err == nil; i++ {
			_, err = s.Put(context.Background(), fhir.One(clinic, fhir.R4, "q",
				resource("Basic", fmt.Sprint("a", i), noise(900)), resource("Basic", fmt.Sprint("b", i), "x")))
		}
		done <- err
	}()
	last := -1
	for range 6 {
		to, r := restored(t, backedUp(t, s), Passphrase(testPhrase))
		if err := inspect(to); err != nil || r.Records%2 != 0 || r.Records < last {
			t.Errorf("%+v %v", r, err)
		}
		last = r.Records
	}
	cancel()
	if err := <-done; err != nil || last <= 0 {
		t.Errorf("%d records, %v", last, err)
	}
}

// The age tool opens a backup, and what is in it is the file itself.
func TestBackupOpensWithAge(t *testing.T) {
	s, path := openRich(t)
	id, err := age.NewScryptIdentity(string(testPhrase))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := age.Decrypt(bytes.NewReader(backedUp(t, s)), id)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "by.hand")
	raw, err := io.ReadAll(plain)
	if err != nil || os.WriteFile(to, raw, 0o600) != nil {
		t.Fatal(err)
	}
	want := everything(t, copied(t, path))
	if diff := cmp.Diff(want, everything(t, to)); diff != "" {
		t.Errorf("%.2000s", diff)
	}
	// A file that was taken out by hand can be given to Restore as well.
	again, _ := restored(t, raw, Passphrase(testPhrase))
	if diff := cmp.Diff(want, everything(t, again)); diff != "" {
		t.Errorf("%.2000s", diff)
	}
}

func TestBackupToKeys(t *testing.T) {
	s, path := newStore(t)
	put(t, s, clinic, resource("Basic", "a", "text"))
	first, _ := age.GenerateX25519Identity()
	second, _ := age.GenerateX25519Identity()
	later, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for name, c := range map[string]struct {
		public  []string
		private string
	}{
		"one key":      {[]string{first.Recipient().String()}, first.String()},
		"one of two":   {[]string{first.Recipient().String(), second.Recipient().String()}, second.String()},
		"post-quantum": {[]string{later.Recipient().String()}, later.String()},
	} {
		var out bytes.Buffer
		if err := s.BackupTo(ctx, &out, c.public...); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		to, _ := restored(t, out.Bytes(), Passphrase(testPhrase), c.private)
		if got, err := dump(to); err != nil || len(got) != 2 {
			t.Errorf("%s: %v %v", name, got, err)
		}
		_, err := CheckBackup(ctx, &out, Passphrase(testPhrase), cheap())
		if !errors.Is(err, ErrWrongKey) {
			t.Errorf("%s: without the private key: %v", name, err)
		}
	}
	for _, bad := range [][]string{nil, {"age1nothing"}, {first.String()}, {first.Recipient().String(), later.Recipient().String()}} {
		var out bytes.Buffer
		if err := s.BackupTo(ctx, &out, bad...); err == nil || out.Len() > 0 || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%v: %v, %d bytes", len(bad), err, out.Len())
		}
	}
	withTheTool(t, s, first, path)
}

// withTheTool opens a backup with the age program, where there is one.
func withTheTool(t *testing.T, s *Store, id *age.X25519Identity, path string) {
	t.Helper()
	tool, err := exec.LookPath("age")
	if err != nil {
		t.Log("no age tool here: its Go module was used alone")
		return
	}
	dir := t.TempDir()
	var out bytes.Buffer
	if err := s.BackupTo(context.Background(), &out, id.Recipient().String()); err != nil {
		t.Fatal(err)
	}
	backup, key, to := filepath.Join(dir, "b.age"), filepath.Join(dir, "key"), filepath.Join(dir, "vault")
	_ = os.WriteFile(backup, out.Bytes(), 0o600)
	_ = os.WriteFile(key, []byte(id.String()+"\n"), 0o600)
	// #nosec G204 -- a tool of this machine, on files of this test
	if said, err := exec.Command(tool, "-d", "-i", key, "-o", to, backup).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	_ = os.Chmod(to, 0o600)
	want, _ := dump(copied(t, path))
	if got, err := dump(to); err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v %v", got, err)
	}
}

func TestBackupRefuses(t *testing.T) {
	s, _ := newStore(t)
	ctx := context.Background()
	stopped, stop := context.WithCancel(ctx)
	stop()
	for name, c := range map[string]struct {
		ctx    context.Context
		phrase string
		want   error
	}{
		"a typing error": {ctx, "nine quiet bicycle", ErrWrongKey},
		"none":           {ctx, "", ErrWrongKey},
		"who stopped":    {stopped, string(testPhrase), context.Canceled},
	} {
		var out bytes.Buffer
		if err := s.Backup(c.ctx, &out, []byte(c.phrase)); !errors.Is(err, c.want) || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, out.Len())
		}
	}
	_ = s.Close()
	if err := s.Backup(ctx, io.Discard, testPhrase); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if err := s.BackupTo(ctx, io.Discard, "age1nothing"); err == nil {
		t.Error("no key at all")
	}
}

// A passphrase in another spelling is the same one, here as for the store.
func TestBackupPassphraseSpelling(t *testing.T) {
	phrase := []byte("vijf caf\u00e9s aan zee")
	s, _, err := CreateOn(Memory(), phrase, cheap())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := s.Backup(context.Background(), &out, []byte("vijf cafe\u0301s aan zee")); err != nil {
		t.Fatal(err)
	}
	for _, spelling := range []string{string(phrase), "vijf cafe\u0301s aan zee"} {
		if _, err := CheckBackup(context.Background(), bytes.NewReader(out.Bytes()), Passphrase([]byte(spelling)), cheap()); err != nil {
			t.Error(err)
		}
	}
}

// What was forgotten and still lies in the file is not copied.
func TestBackupLeavesOutWhatIsOwed(t *testing.T) {
	s, path := newStore(t)
	for i := range 20 {
		put(t, s, clinic, resource("Basic", fmt.Sprint(i), noise(500)))
	}
	_ = s.Close()
	marks := pieces(t, path, map[string]bool{})
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	file := s.kv
	s.kv = struct{ Backend }{file} // one that cannot be made anew
	if err := s.Forget(context.Background(), clinic.Source); err != nil {
		t.Fatal(err)
	}
	s.kv = file
	// As if the file could not be made anew.
	if err := s.vault.Update(func(tx *seal.Tx) error { tx.Owe(true); return nil }); err != nil {
		t.Fatal(err)
	}
	id, _ := age.NewScryptIdentity(string(testPhrase))
	plain, err := age.Decrypt(bytes.NewReader(backedUp(t, s)), id)
	if err != nil {
		t.Fatal(err)
	}
	copied, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(path)
	there := 0
	for _, m := range marks {
		if len(m) < 400 || len(m) > 700 {
			continue
		}
		if bytes.Contains(raw, m) {
			there++
		}
		if bytes.Contains(copied, m) {
			t.Error("what was forgotten is in the backup")
		}
	}
	if there == 0 {
		t.Error("nothing of it is in the file either: this test finds nothing")
	}
}
