package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/store/internal/keys"
)

func TestOpenWithEitherKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "vault.bundel")
	s, code, err := Create(path, testPhrase, cheap())
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, clinic, resource("Observation", "a", "one"))
	want := lines(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sloppy := strings.ToLower(strings.ReplaceAll(code.Reveal(), "-", " "))
	for name, key := range map[string]Key{
		"passphrase": Passphrase(testPhrase), "code": Recovery(code.Reveal()), "code as typed": Recovery(sloppy),
	} {
		s, err := Open(path, key, cheap())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, lines(t, s)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		_ = s.Close()
	}
	folder, _ := os.Stat(filepath.Dir(path))
	file, _ := os.Stat(path)
	if folder.Mode().Perm() != 0o700 || file.Mode().Perm() != 0o600 {
		t.Errorf("modes %v %v", folder.Mode(), file.Mode())
	}
}

func TestPassphraseSpelling(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v")
	composed, decomposed := []byte("caf\u00e9 aan de gracht"), []byte("cafe\u0301 aan de gracht")
	s, _, err := Create(path, composed, cheap())
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if string(composed) != "caf\u00e9 aan de gracht" {
		t.Error("Create wiped the caller's passphrase")
	}
	s, err = Open(path, Passphrase(decomposed), cheap())
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
}

func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.WriteFile(taken, []byte("letters"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path, phrase string
		want         error
	}{
		"a file that is there":      {taken, string(testPhrase), ErrExists},
		"eleven characters":         {filepath.Join(dir, "a"), "elf letters", ErrWeakPassphrase},
		"eleven of two bytes each":  {filepath.Join(dir, "a"), strings.Repeat("é", 11), ErrWeakPassphrase},
		"eleven that look like 22":  {filepath.Join(dir, "a"), strings.Repeat("e\u0301", 11), ErrWeakPassphrase},
		"nothing":                   {filepath.Join(dir, "a"), "", ErrWeakPassphrase},
		"a cost out of all reason":  {filepath.Join(dir, "b"), string(testPhrase), errAny},
		"a folder that is not made": {filepath.Join(taken, "x"), string(testPhrase), errAny},
	} {
		cfg := cheap()
		if strings.Contains(name, "cost") {
			cfg.KDF.Memory = 4 << 20
		}
		s, _, err := Create(c.path, []byte(c.phrase), cfg)
		if s != nil || err == nil || (c.want != errAny && !errors.Is(err, c.want)) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if b, _ := os.ReadFile(taken); string(b) != "letters" {
		t.Error("the file that was there changed")
	}
	if rest, _ := filepath.Glob(filepath.Join(dir, ".bundel-*")); len(rest) > 0 {
		t.Errorf("left behind: %v", rest)
	}
}

var errAny = errors.New("any error")

func TestOpenRefuses(t *testing.T) {
	s, path := newStore(t)
	_ = s.Close()
	dir := filepath.Dir(path)
	link, open, text := filepath.Join(dir, "link"), filepath.Join(dir, "open"), filepath.Join(dir, "text")
	if err := os.Symlink(path, link); err != nil {
		t.Skip("no links here")
	}
	raw, _ := os.ReadFile(path)
	_ = os.WriteFile(open, raw, 0o600)
	_ = os.Chmod(open, 0o640)
	_ = os.WriteFile(text, bytes.Repeat([]byte("some other file "), 1000), 0o600)
	for _, c := range []struct {
		path string
		want error
	}{
		{filepath.Join(dir, "none"), ErrNoStore},
		{link, ErrNoStore},
		{dir, ErrNoStore},
		{open, ErrExposed},
		{text, ErrDamaged},
	} {
		s, err := Open(c.path, Passphrase(testPhrase), cheap())
		if s != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", filepath.Base(c.path), err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), dir) {
			t.Errorf("the error tells the path: %v", err)
		}
	}
}

func TestPromise_OneOpener(t *testing.T) {
	s, path := newStore(t)
	_, err := Open(path, Passphrase(testPhrase), cheap())
	var inUse *InUseError
	if !errors.Is(err, ErrInUse) || !errors.As(err, &inUse) || inUse.Waited != time.Millisecond || inUse.PID != os.Getpid() {
		t.Fatalf("second opener: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	_ = s.Close()
}

func TestPromise_ClosedMeansClosed(t *testing.T) {
	s, _ := newStore(t)
	put(t, s, clinic, resource("Observation", "a", "one"))
	ctx := context.Background()
	_ = s.Keep(ctx, Setting, "language", []byte("nl"))
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	_, putErr := s.Put(ctx, one("x"))
	_, loadErr := s.Load(ctx, Setting, "language")
	_, receiptErr := s.Receipts(ctx)
	_, historyErr := s.ReceiptHistory(ctx, clinic)
	_, verifyErr := s.Verify(ctx, Quick)
	for name, err := range map[string]error{
		"Put": putErr, "Load": loadErr, "Receipts": receiptErr, "ReceiptHistory": historyErr, "Verify": verifyErr,
		"Keep": s.Keep(ctx, Token, "a", nil), "Drop": s.Drop(ctx, Setting, "language"),
		"Append": s.Append(ctx, nil), "Remove": s.Remove(ctx, own, resource("Basic", "a", "").Ref),
		"Records": first(s.Records(ctx)), "History": first(s.History(ctx, clinic, resource("Observation", "a", "").Ref)),
		"List": first(s.List(ctx, Setting)), "Log": first(s.Log(ctx)),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
}

func first[T any](seq func(func(T, error) bool)) (err error) {
	for _, err = range seq {
		break
	}
	return err
}

func TestPromise_SecretsDoNotPrint(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	secret := "very secret words"
	values := []any{
		Passphrase([]byte(secret)), Recovery(secret),
		RecoveryCode{secret},
		Document{Token, secret, []byte(secret)},
		LogEntry{1, testStart, []byte(secret)},
	}
	for _, v := range values {
		logger.Info("value", "v", v)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			out := fmt.Sprintf(verb, v)
			if strings.Contains(out, "secret") || strings.Contains(out, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s of %T: %s", verb, v, out)
			}
		}
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("log: %s", log.String())
	}
}

// The default cost is measured, and never below the floor.
func TestDefaultCost(t *testing.T) {
	got := keys.Calibrate(func(keys.KDF) time.Duration { return time.Second })
	if diff := cmp.Diff(KDF{Time: 3, Memory: 64 << 10, Threads: 4}, got); diff != "" {
		t.Error(diff)
	}
}
