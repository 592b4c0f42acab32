package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"
)

// TestPromise_DamagedBackupIsNoticed cuts and changes a backup everywhere. Nothing
// is left but what was there.
func TestPromise_DamagedBackupIsNoticed(t *testing.T) {
	s, _ := newStore(t)
	put(t, s, clinic, resource("Basic", "a", noise(3000)))
	backup := backedUp(t, s)
	dir := t.TempDir()
	to := filepath.Join(dir, "vault.bundel")
	try := func(b []byte) error {
		_, err := Restore(context.Background(), bytes.NewReader(b), Passphrase(testPhrase), to, cheap())
		if files, _ := os.ReadDir(dir); len(files) != 0 {
			t.Fatalf("left behind: %v", files)
		}
		return err
	}
	counts := map[string]int{}
	for n := 0; n < len(backup); n += 1 + n/20 {
		err := try(backup[:n])
		if !errors.Is(err, ErrDamaged) && !(n < 80 && errors.Is(err, ErrNotBackup)) {
			t.Fatalf("cut at %d of %d: %v", n, len(backup), err)
		}
	}
	for at := 0; at < len(backup); at += 1 + at/20 {
		b := bytes.Clone(backup)
		b[at] ^= 4
		switch err := try(b); {
		case errors.Is(err, ErrDamaged):
			counts["damaged"]++
		case at < 250 && errors.Is(err, ErrWrongKey): // in the sealed key
			counts["wrong key"]++
		case at < len("age-encryption.org/v1\n") && errors.Is(err, ErrNotBackup):
			counts["not a backup"]++
		default:
			t.Fatalf("changed at %d of %d: %v", at, len(backup), err)
		}
	}
	if err := try(append(bytes.Clone(backup), 0)); !errors.Is(err, ErrDamaged) {
		t.Errorf("with a byte more: %v", err)
	}
	if len(counts) != 3 {
		t.Errorf("the changes reached too little: %v", counts)
	}
	t.Log(counts)
}

func TestRestoreRefuses(t *testing.T) {
	s, path := newStore(t)
	put(t, s, clinic, resource("Basic", "a", "text"))
	backup := backedUp(t, s)
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	_ = os.WriteFile(taken, []byte("something"), 0o600)
	var letter, costly bytes.Buffer
	id, _ := age.NewScryptRecipient(string(testPhrase))
	id.SetWorkFactor(4)
	w, _ := age.Encrypt(&letter, id)
	_, _ = io.WriteString(w, "a letter to somebody, sealed with the same passphrase as the vault is")
	_ = w.Close()
	costly.Write(bytes.Replace(letter.Bytes(), []byte(" 4\n"), []byte(" 29\n"), 1))
	raw, _ := os.ReadFile(path)
	broken := bytes.Clone(raw)
	for id := 2; id < len(broken)/4096; id++ {
		copy(broken[id*4096+300:], "a hole")
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	for name, c := range map[string]struct {
		ctx  context.Context
		from io.Reader
		key  Key
		to   string
		want error
	}{
		"another passphrase":         {from: bytes.NewReader(backup), key: Passphrase([]byte("ten quiet bicycles"))},
		"an empty passphrase":        {from: bytes.NewReader(backup), key: Passphrase(nil)},
		"a recovery code":            {from: bytes.NewReader(backup), key: Recovery("0000-0000")},
		"a file in the way":          {from: bytes.NewReader(backup), to: taken, want: ErrExists},
		"nothing":                    {from: strings.NewReader(""), want: ErrNotBackup},
		"some text":                  {from: strings.NewReader(strings.Repeat("some text ", 1000)), want: ErrNotBackup},
		"another file of age":        {from: &letter, want: ErrNotBackup},
		"one that costs too much":    {from: &costly, want: ErrDamaged},
		"a store that is damaged":    {from: bytes.NewReader(broken), want: ErrDamaged},
		"a store cut short":          {from: bytes.NewReader(raw[:9000]), want: ErrDamaged},
		"one that cannot be read":    {from: iotest.ErrReader(errStop), want: errStop},
		"one that fails on the way":  {from: io.MultiReader(bytes.NewReader(backup[:9000]), iotest.ErrReader(errStop)), want: errStop},
		"a folder that is a file":    {from: bytes.NewReader(backup), to: filepath.Join(taken, "vault"), want: errAny},
		"somebody who stops":         {ctx: stopped, from: bytes.NewReader(backup), want: context.Canceled},
		"a passphrase of that store": {from: bytes.NewReader(raw), key: Passphrase([]byte("ten quiet bicycles"))},
	} {
		if c.ctx == nil {
			c.ctx = context.Background()
		}
		if c.key == nil {
			c.key = Passphrase(testPhrase)
		}
		if c.to == "" {
			c.to = filepath.Join(dir, "vault")
		}
		if c.want == nil {
			c.want = ErrWrongKey
		}
		_, err := Restore(c.ctx, c.from, c.key, c.to, cheap())
		if err == nil || (c.want != errAny && !errors.Is(err, c.want)) || strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", name, err)
		}
		if files, _ := os.ReadDir(dir); len(files) != 1 {
			t.Fatalf("%s: left behind: %v", name, files)
		}
	}
}

var errStop = errors.New("the line was cut")
