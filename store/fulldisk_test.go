//go:build linux || darwin

package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// limitFiles lets no file grow beyond so many bytes, as a full disk would; 0 is
// without end. What is there stays.
func limitFiles(n int64) error {
	var all syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &all); err != nil {
		return err
	}
	all.Cur = all.Max
	if n > 0 {
		all.Cur = uint64(n)
	}
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &all)
}

// fullJobs are what is done without room, on a store that holds content. Each says
// what files it makes beside the store.
func fullJobs() map[string]func(context.Context, *Store, string) error {
	return map[string]func(context.Context, *Store, string) error{
		"put": func(ctx context.Context, s *Store, _ string) error {
			_, err := s.Put(ctx, fhir.One(clinic, fhir.R4, "q", resource("Binary", "new", noise(300_000))))
			return err
		},
		"compact": func(ctx context.Context, s *Store, _ string) error { return s.Compact(ctx) },
		"forget":  func(ctx context.Context, s *Store, _ string) error { return s.Forget(ctx, "medmij:other@medmij") },
		"snapshot": func(_ context.Context, s *Store, _ string) error {
			return s.kv.(snapshotter).Snapshot(testStart, 0)
		},
		"back up": func(ctx context.Context, s *Store, dir string) error {
			_, err := s.BackupFile(ctx, filepath.Join(dir, "x.age"), testPhrase)
			return err
		},
		"restore": func(ctx context.Context, s *Store, dir string) error {
			var out bytes.Buffer
			if err := s.Backup(ctx, &out, testPhrase); err != nil {
				return err
			}
			_, err := Restore(ctx, &out, Passphrase(testPhrase), filepath.Join(dir, "x.bundel"), cheap())
			return err
		},
		"create": func(_ context.Context, _ *Store, dir string) error {
			s, _, err := Create(filepath.Join(dir, "x.bundel"), testPhrase, cheap())
			if err == nil {
				err = s.Close()
			}
			return err
		},
	}
}

// childFull does one job with every room there can be, and says what came of it.
func childFull() {
	signal.Ignore(syscall.SIGXFSZ)
	path, name := os.Getenv("BUNDEL_STORE_PATH"), os.Getenv("BUNDEL_JOB")
	original, err := os.ReadFile(path)
	fail(err)
	want, err := dump(path)
	fail(err)
	job := fullJobs()[name]
	for room := int64(1); ; room += 16 << 10 {
		dir, err := os.MkdirTemp("", "full")
		fail(err)
		at := filepath.Join(dir, "vault.bundel")
		fail(os.WriteFile(at, original, 0o600))
		s, err := Open(at, Passphrase(testPhrase), cheap())
		fail(err)
		fail(limitFiles(room))
		err = job(context.Background(), s, dir)
		fail(limitFiles(0))
		problem := checkAfterFull(s, at, err, want)
		fmt.Println(problem)
		fail(os.RemoveAll(dir))
		if err == nil || room > 8<<20 {
			break
		}
	}
	fmt.Println("done")
}

// checkAfterFull tells what is wrong, or whether the job was refused or done.
func checkAfterFull(s *Store, path string, err error, want []string) string {
	ctx := context.Background()
	if err != nil && !errors.Is(err, ErrFull) {
		return fmt.Sprint("WRONG error: ", err)
	}
	if err != nil {
		entries, _ := os.ReadDir(filepath.Dir(path))
		for _, e := range entries {
			if e.Name() != "vault.bundel" && e.Name() != ".vault.bundel.pid" {
				return "WRONG: left " + e.Name()
			}
		}
	}
	// The same store goes on, or asks to be opened again.
	if err := s.Append(ctx, []byte("after")); err != nil && !errors.Is(err, ErrReopen) {
		return fmt.Sprint("WRONG afterwards: ", err)
	}
	if err := s.Close(); err != nil {
		return fmt.Sprint("WRONG at the end: ", err)
	}
	if err := inspect(path); err != nil {
		return fmt.Sprint("WRONG: ", err)
	}
	got, dumpErr := dump(path)
	if dumpErr != nil {
		return fmt.Sprint("WRONG: ", dumpErr)
	}
	for _, l := range want {
		if !contains(got, l) && !strings.Contains(l, "medmij:other") {
			return "WRONG: something is gone"
		}
	}
	if err != nil {
		return "refused"
	}
	return "done it"
}

// TestPromise_FullDiskLosesNothing does everything that writes with every room
// there can be. A limit on the size of files stands for the disk.
func TestPromise_FullDiskLosesNothing(t *testing.T) {
	s, path := newStore(t)
	for i := range 30 {
		put(t, s, clinic, resource("Basic", fmt.Sprint(i), noise(4000)))
	}
	put(t, s, fhir.Origin{Source: "medmij:other@medmij"}, resource("Basic", "x", noise(100_000)))
	_ = s.Close()
	for name := range fullJobs() {
		c := start(t, "full", copied(t, path), "BUNDEL_JOB="+name)
		counts := map[string]int{}
		last := ""
		for c.out.Scan() {
			last = c.out.Text()
			counts[last]++
			if strings.HasPrefix(last, "WRONG") {
				t.Errorf("%s: %s", name, last)
			}
		}
		if err := c.cmd.Wait(); err != nil || last != "done" {
			t.Fatalf("%s: the child ended early (%v): %.2000s", name, err, c.err)
		}
		if counts["done it"] != 1 || (counts["refused"] < 3 && name != "create") {
			t.Errorf("%s: %v", name, counts)
		}
		t.Log(name, counts)
	}
}

// A writer that fails at any byte ends a backup with its error, and what it has is
// seen to be cut.
func TestBackupToAWriterThatFails(t *testing.T) {
	s, _ := newStore(t)
	put(t, s, clinic, resource("Basic", "a", noise(3000)))
	size := len(backedUp(t, s))
	for n := 0; n < size; n += 1 + n/7 {
		for name, w := range map[string]*limited{"fails": {left: n, err: errStop}, "is full": {left: n, err: &os.PathError{Op: "write", Path: "/home/somebody", Err: syscall.ENOSPC}}, "is short": {left: n}} {
			err := s.Backup(context.Background(), w, testPhrase)
			want := map[string]error{"fails": errStop, "is full": ErrFull, "is short": io.ErrShortWrite}[name]
			if !errors.Is(err, want) || strings.Contains(err.Error(), "somebody") {
				t.Fatalf("%s at %d: %v", name, n, err)
			}
			if _, err := CheckBackup(context.Background(), &w.took, Passphrase(testPhrase), cheap()); err == nil {
				t.Fatalf("%s at %d: what there is passes as a backup", name, n)
			}
		}
	}
}

// limited takes so many bytes and no more.
type limited struct {
	took bytes.Buffer
	left int
	err  error
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	l.took.Write(p[:n])
	if n < len(p) {
		return n, l.err
	}
	return n, nil
}
