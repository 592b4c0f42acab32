package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web/desk"
)

// TestWhichBackupsThePagesKnow: one in a folder, and not one in a single file,
// after which the vault is as it is in the file.
func TestWhichBackupsThePagesKnow(t *testing.T) {
	dir := t.TempDir()
	vault, secret := filepath.Join(dir, "vault.bundel"), filepath.Join(dir, "secret.txt")
	if err := os.WriteFile(secret, []byte("een lange wachtzin\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	run := func(args ...string) {
		t.Helper()
		m := &Main{
			Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Now: func() time.Time { return now }, KDF: cheap,
			Getenv: func(key string) string {
				return map[string]string{"BUNDEL_STORE": vault, "BUNDEL_PASSPHRASE_FILE": secret, "XDG_STATE_HOME": dir}[key]
			},
		}
		if code := m.Run(t.Context(), args); code != 0 {
			t.Fatalf("%v: %d", args, code)
		}
	}
	last := func() time.Time {
		t.Helper()
		d, err := desk.New(desk.Config{Path: vault, Store: store.Config{KDF: cheap}})
		if err == nil {
			err = d.Open(store.Passphrase([]byte("een lange wachtzin")))
		}
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = d.Close() }()
		at, err := d.LastBackup(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	run("init", "--recovery-file", filepath.Join(dir, "code.txt"))
	run("backup", filepath.Join(dir, "los.age"))
	if got := last(); !got.Equal(now) {
		t.Errorf("one in a file: %v", got)
	}
	run("backup", filepath.Join(dir, "kopieen")+string(filepath.Separator))
	if got := last(); !got.Equal(now) {
		t.Errorf("one in a folder: %v", got)
	}
}
