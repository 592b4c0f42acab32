package store

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/store/internal/keys"
)

var wrongPhrase = []byte("nine noisy bicycles")

// guarded is a closed store with a state folder and a clock that a test sets.
type guarded struct {
	path string
	code RecoveryCode
	now  time.Time
	cfg  Config
}

func guard(t testing.TB) *guarded {
	t.Helper()
	g := &guarded{path: filepath.Join(t.TempDir(), "vault.bundel"), now: testStart}
	g.cfg = cheap()
	g.cfg.Now = func() time.Time { return g.now }
	g.cfg.State = filepath.Join(t.TempDir(), "state", "bundel") // not there yet
	s, code, err := Create(g.path, testPhrase, g.cfg)
	if err != nil {
		t.Fatal(err)
	}
	g.code = code
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return g
}

// try opens with a new Config, as the next start of the program would.
func (g *guarded) try(key Key) error {
	s, err := Open(g.path, key, g.cfg)
	if err == nil {
		err = s.Close()
	}
	return err
}

// TestPromise_WrongKeysCostTime walks through the waits: five tries, then 1, 5,
// 15 and 60 minutes, and 60 from there on.
func TestPromise_WrongKeysCostTime(t *testing.T) {
	g := guard(t)
	for left := 4; left > 0; left-- {
		var wrong *WrongKeyError
		if err := g.try(Passphrase(wrongPhrase)); !errors.As(err, &wrong) || !errors.Is(err, ErrWrongKey) || wrong.Left != left || wrong.Wait != 0 {
			t.Fatalf("%d left: %v", left, err)
		}
	}
	for _, minutes := range []time.Duration{1, 5, 15, 60, 60, 60} {
		var wrong *WrongKeyError
		if err := g.try(Passphrase(wrongPhrase)); !errors.As(err, &wrong) || wrong.Left != 0 || wrong.Wait != minutes*time.Minute {
			t.Fatalf("%d minutes: %v %+v", minutes, err, wrong)
		}
		g.now = g.now.Add(minutes*time.Minute - time.Second)
		var wait *WaitError
		for _, key := range []Key{Passphrase(testPhrase), Recovery(g.code.Reveal()), Passphrase(wrongPhrase)} {
			if err := g.try(key); !errors.As(err, &wait) || errors.Is(err, ErrWrongKey) || wait.Wait != time.Second || !wait.Until.Equal(g.now.Add(time.Second)) {
				t.Fatalf("within %d minutes: %v", minutes, err)
			}
		}
		g.now = g.now.Add(time.Second)
	}
	if err := g.try(Passphrase(testPhrase)); err != nil {
		t.Fatalf("it never locks out: %v", err)
	}
	var wrong *WrongKeyError
	if err := g.try(Passphrase(wrongPhrase)); !errors.As(err, &wrong) || wrong.Left != 4 {
		t.Errorf("the right key did not reset the count: %v", err)
	}
}

// A device's bytes are no guess: a wrong one costs nothing, and the right one opens
// while the passphrase has to wait, which it does not end.
func TestADeviceDoesNotWait(t *testing.T) {
	g := guard(t)
	secret := NewDeviceSecret()
	s, err := Open(g.path, Passphrase(testPhrase), g.cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddKey(context.Background(), Device(secret)); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	var counted *WrongKeyError
	for range 2 * freeTries {
		if err := g.try(Device(NewDeviceSecret())); !errors.Is(err, ErrWrongKey) || errors.As(err, &counted) {
			t.Fatal(err)
		}
	}
	for left := freeTries - 1; left >= 0; left-- {
		if err := g.try(Passphrase(wrongPhrase)); !errors.As(err, &counted) || counted.Left != left {
			t.Fatalf("%d left: %v", left, err)
		}
	}
	var wait *WaitError
	for range 2 {
		if err := g.try(Device(secret)); err != nil {
			t.Error(err)
		}
		if err := g.try(Passphrase(testPhrase)); !errors.As(err, &wait) {
			t.Errorf("the wait was ended: %v", err)
		}
	}
}

// A wait is told before anything is spent: the key is not looked at.
func TestWaitSpendsNothing(t *testing.T) {
	g := guard(t)
	looked := 0
	unlock := g.cfg.withDefaults().braked(func(keys.Header) ([]byte, error) { looked++; return nil, ErrWrongKey })
	for range 20 {
		_, err := unlock(keys.Header{})
		if err == nil {
			t.Fatal("opened")
		}
	}
	if looked != freeTries {
		t.Errorf("looked at %d keys", looked)
	}
}

// The count is of the store: a copy elsewhere shares it, another store does not,
// and so do an open one and the recovery code.
func TestTheCountIsOfTheStore(t *testing.T) {
	g := guard(t)
	copied := &guarded{path: copied(t, g.path), cfg: g.cfg}
	other := guard(t)
	other.cfg.State = g.cfg.State
	s, err := Open(g.path, Passphrase(testPhrase), g.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for i, try := range []func() error{
		func() error { return copied.try(Passphrase(wrongPhrase)) },
		func() error { return s.Check(Passphrase(wrongPhrase)) },
		func() error { return copied.try(Recovery(keys.FormatRecovery(make([]byte, 20)))) },
		func() error { return s.Check(PassphraseOrRecovery(wrongPhrase)) }, // counts once
		func() error { return copied.try(PassphraseAndDevice(wrongPhrase, make([]byte, DeviceSecretSize))) },
	} {
		var wrong *WrongKeyError
		if err := try(); !errors.As(err, &wrong) || wrong.Left != freeTries-1-i {
			t.Errorf("try %d: %v %+v", i, err, wrong)
		}
	}
	var wait *WaitError
	for name, err := range map[string]error{"open": s.Check(Passphrase(testPhrase)), "the copy": copied.try(Passphrase(testPhrase))} {
		if !errors.As(err, &wait) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := other.try(Passphrase(testPhrase)); err != nil {
		t.Errorf("another store: %v", err)
	}
}

// What is no guess does not count.
func TestNoGuessDoesNotCount(t *testing.T) {
	g := guard(t)
	broken := &guarded{path: copied(t, g.path), cfg: g.cfg}
	forge(t, broken.path)
	for range 10 {
		if err := g.try(Recovery(mistyped(g.code))); !errors.Is(err, ErrWrongKey) {
			t.Fatal(err)
		}
		if err := broken.try(Passphrase(testPhrase)); !errors.Is(err, ErrDamaged) {
			t.Fatal(err)
		}
	}
	var wrong *WrongKeyError
	if err := g.try(Passphrase(wrongPhrase)); !errors.As(err, &wrong) || wrong.Left != 4 {
		t.Errorf("%v", err)
	}
}

// Whatever the clock does: from any moment the wait is over within an hour by
// that clock, and a clock that is set back never ends it.
func TestTheBrakeAndTheClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &guarded{now: testStart}
		dir, err := os.MkdirTemp("", "brake")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		g.cfg = Config{State: dir, Now: func() time.Time { return g.now }}.withDefaults()
		right := false
		unlock := g.cfg.braked(func(keys.Header) ([]byte, error) {
			if right {
				return nil, nil
			}
			return nil, ErrWrongKey
		})
		var wait *WaitError
		for range rapid.IntRange(freeTries, 12).Draw(t, "wrong") {
			if _, err := unlock(keys.Header{}); errors.As(err, &wait) {
				g.now = wait.Until
				_, _ = unlock(keys.Header{})
			}
		}
		right = true
		for range rapid.IntRange(1, 5).Draw(t, "changes") {
			g.now = g.now.Add(-time.Duration(rapid.Int64Range(1, 1e7).Draw(t, "seconds back")) * time.Second)
			if _, err := unlock(keys.Header{}); !errors.As(err, &wait) || wait.Wait > time.Hour || wait.Wait <= 0 {
				t.Fatalf("set back: %v", err)
			}
		}
		g.now = wait.Until
		if _, err := unlock(keys.Header{}); err != nil {
			t.Fatalf("after the wait: %v", err)
		}
	})
}

// While tries cost nothing there is no wait, whatever the clock does: a typing
// error made while it was years ahead keeps nobody out.
func TestNoWaitWhileTriesAreFree(t *testing.T) {
	for wrong := range freeTries {
		g := guard(t)
		for range wrong {
			if err := g.try(Passphrase(wrongPhrase)); !errors.Is(err, ErrWrongKey) {
				t.Fatal(err)
			}
		}
		g.now = g.now.AddDate(-10, 0, 0)
		if err := g.try(Passphrase(testPhrase)); err != nil {
			t.Errorf("set back after %d: %v", wrong, err)
		}
	}
}

// Many at once, each with an opening of its own: none slips past the count.
func TestManyTriesAtOnce(t *testing.T) {
	g := guard(t)
	g.cfg.Wait = time.Minute
	s, err := Open(g.path, Passphrase(testPhrase), g.cfg)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	wrong, wait := 0, 0
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			err := s.Check(Passphrase(wrongPhrase))
			mu.Lock()
			defer mu.Unlock()
			var w *WaitError
			switch {
			case errors.Is(err, ErrWrongKey):
				wrong++
			case errors.As(err, &w):
				wait++
			}
		})
	}
	all.Wait()
	if wrong != freeTries || wait != 15 {
		t.Errorf("%d tried, %d refused", wrong, wait)
	}
	_ = s.Close()
}

// A program that is ended while it tries a key has used up the try.
func TestAnEndedTryCounts(t *testing.T) {
	g := guard(t)
	cfg := g.cfg.withDefaults()
	ended := cfg.braked(func(keys.Header) ([]byte, error) { panic("as if killed") })
	for range freeTries {
		func() {
			defer func() { _ = recover() }()
			_, _ = ended(keys.Header{})
		}()
	}
	var wait *WaitError
	if _, err := ended(keys.Header{}); !errors.As(err, &wait) {
		t.Error(err)
	}
}

// The brake is never what keeps somebody out, and says when it cannot count.
func TestTheBrakeFailsOpen(t *testing.T) {
	for name, spoil := range map[string]func(g *guarded, file string) error{
		"no folder can be made": func(g *guarded, _ string) error {
			return errors.Join(os.RemoveAll(g.cfg.State), os.WriteFile(g.cfg.State, nil, 0o600))
		},
		"the count is nonsense": func(_ *guarded, file string) error { return os.WriteFile(file, []byte("{"), 0o600) },
		"the count is below nothing": func(_ *guarded, file string) error {
			return os.WriteFile(file, []byte(`{"wrong":-9223372036854775808}`), 0o600)
		},
	} {
		g := guard(t)
		var log bytes.Buffer
		g.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
		for range freeTries {
			_ = g.try(Passphrase(wrongPhrase))
		}
		files, err := filepath.Glob(filepath.Join(g.cfg.State, "tries-*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%s: %v %v", name, files, err)
		}
		if err := spoil(g, files[0]); err != nil {
			t.Fatal(err)
		}
		if err := g.try(Passphrase(testPhrase)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(log.String(), g.cfg.State) {
			t.Errorf("%s: a path in the log: %s", name, &log)
		}
		if name == "no folder can be made" && !strings.Contains(log.String(), "not counted") {
			t.Errorf("nobody is told: %s", &log)
		}
	}
}

// A forged count holds nobody up for more than an hour.
func TestForgedCount(t *testing.T) {
	g := guard(t)
	_ = g.try(Passphrase(wrongPhrase))
	files, _ := filepath.Glob(filepath.Join(g.cfg.State, "tries-*"))
	if err := os.WriteFile(files[0], []byte(`{"wrong":2000000000,"at":"9999-01-01T00:00:00Z"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var wait *WaitError
	if err := g.try(Passphrase(testPhrase)); !errors.As(err, &wait) || wait.Wait != time.Hour {
		t.Fatal(err)
	}
	g.now = g.now.Add(time.Hour)
	if err := g.try(Passphrase(testPhrase)); err != nil {
		t.Error(err)
	}
}

// The folder tells nothing but that there were wrong keys, and nothing of that is
// left in it after the right one. What else is there is the anchor.
func TestTheStateFolderTellsLittle(t *testing.T) {
	g := guard(t)
	counts := func() []string {
		files, _ := filepath.Glob(filepath.Join(g.cfg.State, "tries-*"))
		return files
	}
	if files := counts(); len(files) != 0 {
		t.Errorf("made before it is needed: %v", files)
	}
	_ = g.try(Passphrase(wrongPhrase))
	files, err := os.ReadDir(g.cfg.State)
	if err != nil || len(files) != 2 || len(counts()) != 1 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		info, _ := f.Info()
		raw, _ := os.ReadFile(filepath.Join(g.cfg.State, f.Name()))
		if info.Mode().Perm() != 0o600 || strings.Contains(f.Name()+string(raw), "vault") {
			t.Errorf("%s %v: %s", f.Name(), info.Mode(), raw)
		}
	}
	if err := g.try(Passphrase(testPhrase)); err != nil {
		t.Fatal(err)
	}
	if files := counts(); len(files) != 0 {
		t.Errorf("left: %v", files)
	}
}

// A new passphrase and a rotation change nothing about the count: the identity
// stays.
func TestTheCountOutlivesARotation(t *testing.T) {
	g := guard(t)
	s, err := Open(g.path, Passphrase(testPhrase), g.cfg)
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Check(Passphrase(wrongPhrase))
	if _, err := s.Rotate(context.Background(), Passphrase(nextPhrase)); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	var wrong *WrongKeyError
	if err := g.try(Passphrase(testPhrase)); !errors.As(err, &wrong) || wrong.Left != 3 {
		t.Errorf("%v", err)
	}
}
