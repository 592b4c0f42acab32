package crash_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/store/internal/crash"
)

const inChild = "BUNDEL_CRASH_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(inChild); path != "" {
		run(path)
		return
	}
	os.Exit(m.Run())
}

// record runs the steps under strace.
func record(t *testing.T, path string) []crash.Call {
	t.Helper()
	tool, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not here: nothing can be recorded")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "log")
	// #nosec G204 -- this test itself
	cmd := exec.Command(tool, "-f", "-qq", "-xx", "-s", "8000000", "-e", "trace="+crash.Calls, "-o", log, exe)
	cmd.Env = append(os.Environ(), inChild+"="+path)
	if out, err := cmd.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "ptrace") {
			t.Skipf("strace may not trace here: %s", out)
		}
		t.Fatalf("%v: %s", err, out)
	}
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	calls, err := crash.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return calls
}

// states is how many outcomes are looked at: 5,000, or as many as BUNDEL_CRASH
// says.
func states(t *testing.T) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("BUNDEL_CRASH")); err == nil {
		return n
	}
	if testing.Short() {
		return 500
	}
	return 5000
}

// outcome is what one crash left, and how many steps were done by then.
type outcome struct {
	files map[string][]byte
	done  int
	where string
}

// scratch is memory where there is some: nothing here needs a disk.
func scratch(t *testing.T) string {
	t.Helper()
	if dir, err := os.MkdirTemp("/dev/shm", "bundel-crash-"); err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		return dir
	}
	return t.TempDir()
}

// TestPromise_PowerLossLosesNothing cuts the power at every call that the store
// makes, from the first creation on.
func TestPromise_PowerLossLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.bundel")
	calls := record(t, path)
	want, err := wanted(filepath.Join(t.TempDir(), "vault.bundel"))
	if err != nil {
		t.Fatal(err)
	}
	made, looked, failed := replay(t, filepath.Base(path), calls, states(t), want)
	t.Logf("%d calls, %d states, %d of them different and opened, %d failures", len(calls), made, looked, len(failed))
	for _, err := range failed[:min(10, len(failed))] {
		t.Error(err)
	}
	// The same with a disk that flushes nothing when it is asked: that must show.
	calls = slices.DeleteFunc(calls, func(c crash.Call) bool { return c.Name == "fsync" || c.Name == "fdatasync" })
	if _, _, failed := replay(t, filepath.Base(path), calls, 300, want); len(failed) == 0 {
		t.Error("a disk that lies passes too: this test finds nothing")
	}
}

// replay cuts the power and looks at what is left, two at a time.
func replay(t *testing.T, name string, calls []crash.Call, states int, want []moment) (made, looked int, failed []error) {
	t.Helper()
	work := make(chan outcome)
	var workers sync.WaitGroup
	var mu sync.Mutex
	for range 2 {
		dir := scratch(t)
		workers.Go(func() {
			for o := range work {
				if err := judge(dir, name, o, want); err != nil {
					mu.Lock()
					failed = append(failed, fmt.Errorf("%s, after %d steps: %w", o.where, o.done, err))
					mu.Unlock()
				}
			}
		})
	}
	made, looked = cut(calls, states, work)
	close(work)
	workers.Wait()
	if made < states {
		t.Errorf("only %d states", made)
	}
	return made, looked, failed
}

// cut makes outcomes after every call, as many rounds as it takes.
func cut(calls []crash.Call, states int, work chan<- outcome) (made, looked int) {
	random := rand.New(rand.NewPCG(11, 7)) // #nosec G404 -- a test that can be repeated
	seen := map[[32]byte]bool{}
	for round := 0; made < states; round++ {
		disk := crash.NewDisk()
		for i, call := range calls {
			disk.Do(call)
			for mode := range 4 {
				if made == states || (round > 0 && (mode < 2 || !disk.Unflushed())) {
					continue
				}
				made++
				o := outcome{disk.Crash(mode, random), len(disk.Said), fmt.Sprintf("call %d (%s), mode %d", i, call.Name, mode)}
				if key := crash.Key(o.files, fmt.Sprint(o.done)); !seen[key] {
					seen[key] = true
					looked++
					work <- o
				}
			}
		}
	}
	return made, looked
}

// judge opens what is left and looks whether all is there that was done.
func judge(dir, name string, o outcome, want []moment) error {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	hidden, _ := filepath.Glob(filepath.Join(dir, ".*"))
	for _, f := range append(files, hidden...) {
		_ = os.Remove(f)
	}
	for path, b := range o.files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), b, 0o600); err != nil {
			return err
		}
	}
	path := filepath.Join(dir, name)
	if _, statErr := os.Stat(path); statErr != nil && o.done == 0 {
		return err // the creation was not done: no store at all is fine
	}
	before, after := want[o.done], want[min(o.done+1, len(want)-1)]
	s, err := openOne(path, before.phrase, after.phrase)
	if err != nil { // an anchor that runs ahead of the store too
		return err
	}
	defer func() { _ = s.Close() }()
	for _, n := range s.Notices() {
		if n.Code != store.AnchorNew { // its name may be lost, its content not
			return fmt.Errorf("noticed %s", n.Code)
		}
	}
	if _, err := s.Verify(context.Background(), store.Quick); err != nil {
		return err
	}
	got, err := content(s)
	if err != nil {
		return err
	}
	if err := whole(dir, name, got, phrases[before.phrase:after.phrase+1]); err != nil {
		return err
	}
	return between(got, before.content, after.content)
}

// openOne opens with one of two passphrases: a change is made or it is not. Of
// all phrases exactly one may open the store. They are tried without a state
// folder: the brake on wrong keys would stop the next one.
func openOne(path string, before, after int) (*store.Store, error) {
	var opened []int
	cfg := (&session{path: path}).config()
	open := func(i int, state string) (*store.Store, error) {
		cfg.State = state
		return store.Open(path, (&session{phrase: i}).key(), cfg)
	}
	for i := range phrases {
		s, err := open(i, "")
		switch {
		case err == nil:
			opened = append(opened, i)
			err = s.Close()
		case errors.Is(err, store.ErrWrongKey):
			err = nil
		}
		if err != nil {
			return nil, err
		}
	}
	if len(opened) != 1 || opened[0] < before || opened[0] > after {
		return nil, fmt.Errorf("passphrases %v open it, want %d or %d", opened, before, after)
	}
	return open(opened[0], filepath.Dir(path))
}

// whole looks at the copies that have a name: each is a whole store, and the
// snapshot holds nothing that is not in the store, and opens with a passphrase
// that may hold now.
func whole(dir, name string, now map[string]bool, holds [][]byte) error {
	ctx := context.Background()
	if raw, err := os.ReadFile(filepath.Join(dir, "copy.age")); err == nil {
		if _, err := store.CheckBackup(ctx, bytes.NewReader(raw), store.Passphrase(phrases[0]), (&session{path: name}).config()); err != nil {
			return fmt.Errorf("the backup: %w", err)
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, name+".1"))
	if err != nil {
		return nil
	}
	path := filepath.Join(dir, "snapshot")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return err
	}
	s, err := store.Open(path, store.Passphrase(holds[0]), store.Config{})
	if errors.Is(err, store.ErrWrongKey) {
		s, err = store.Open(path, store.Passphrase(holds[len(holds)-1]), store.Config{})
	}
	if err != nil {
		return fmt.Errorf("the snapshot: %w", err)
	}
	defer func() { _ = s.Close() }()
	old, err := content(s)
	for l := range old {
		if strings.HasPrefix(l, "log ") && !now[l] {
			return fmt.Errorf("the snapshot holds what was forgotten: %.80s", l)
		}
	}
	return err
}

// between holds when got has all that both have, and nothing that neither has.
// Receipts are only compared when they are in both: their counts are new.
func between(got, before, after map[string]bool) error {
	for l := range got {
		if !before[l] && !after[l] {
			return fmt.Errorf("there is something that nobody put there: %.80s", l)
		}
	}
	for l := range before {
		if after[l] && !got[l] {
			return fmt.Errorf("something that was done is not there: %.80s", l)
		}
	}
	return nil
}
