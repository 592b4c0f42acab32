package desk

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// TestThePagesWait: the pages and the command line share one count, which
// outlives the program.
func TestThePagesWait(t *testing.T) {
	now := clockAt(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	cfg := Config{
		Path: filepath.Join(t.TempDir(), "vault.bundel"), Now: now.Now,
		Store: store.Config{KDF: cheap, State: t.TempDir()},
	}
	start := func() (*Desk, *Pages) {
		d, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		return d, d.Pages(t.Context())
	}
	d, p := start()
	code, err := p.Create(t.Context(), []byte(passphrase))
	if err != nil {
		t.Fatal(err)
	}
	unlock := func(secret string) (wrong web.WrongSecret) {
		t.Helper()
		var got *web.WrongSecret
		if err := p.Unlock(t.Context(), []byte(secret)); err != nil && !errors.As(err, &got) {
			t.Fatal(err)
		}
		if got != nil {
			wrong = *got
		}
		return wrong
	}
	for i, want := range []web.WrongSecret{{Left: 4}, {Left: 3}, {Left: 2}} {
		if got := unlock("een verkeerde wachtzin"); got != want {
			t.Errorf("try %d: %+v", i, got)
		}
	}
	_ = d.Close()
	d, p = start() // the program again
	if err := d.Open(store.Passphrase([]byte("een verkeerde wachtzin"))); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("the command line: %v", err)
	}
	if got := unlock("een verkeerde wachtzin"); got != (web.WrongSecret{Wait: time.Minute}) {
		t.Errorf("the fifth: %+v", got)
	}
	now.pass(18 * time.Second)
	for _, secret := range []string{passphrase, code} {
		if got := unlock(secret); got != (web.WrongSecret{Wait: 42 * time.Second}) {
			t.Errorf("while it waits: %+v", got)
		}
	}
	now.pass(42 * time.Second)
	if got := unlock(code); got != (web.WrongSecret{}) || p.State() != web.Open {
		t.Errorf("the code after the wait: %+v", got)
	}
}

func TestWeakPassphrasesHaveWords(t *testing.T) {
	d, err := New(Config{Path: filepath.Join(t.TempDir(), "vault.bundel"), Store: store.Config{KDF: cheap}})
	if err != nil {
		t.Fatal(err)
	}
	for phrase, reason := range map[string]string{
		"kort": "short", "010120201234": "digits", "fietsbelfietsbel": "repeated", "qwertyuiop123": "walk", "wachtwoord123": "common",
	} {
		var weak *web.WeakSecret
		if _, err := d.Pages(t.Context()).Create(t.Context(), []byte(phrase)); !errors.As(err, &weak) || weak.Reason != reason {
			t.Errorf("%s: %v", reason, err)
		}
	}
	if p := d.Pages(t.Context()); p.State() != web.NoVault {
		t.Error("a vault was made")
	}
}

// TestRecover leaves the desk open, with a passphrase that is not the old one.
func TestRecover(t *testing.T) {
	d, err := New(Config{Path: filepath.Join(t.TempDir(), "vault.bundel"), Store: store.Config{KDF: cheap}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	code, err := d.Create(t.Context(), []byte(passphrase))
	if err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	if _, err := d.Recover(t.Context(), "no code", store.Passphrase([]byte("zeven stille fietsen"))); !errors.Is(err, store.ErrWrongKey) {
		t.Error(err)
	}
	r, err := d.Recover(t.Context(), code.Reveal(), store.Passphrase([]byte("zeven stille fietsen")))
	if err != nil || r.Recovery.Reveal() == code.Reveal() {
		t.Fatal(err)
	}
	for phrase, want := range map[string]error{passphrase: store.ErrWrongKey, "zeven stille fietsen": nil} {
		if err := d.Unlock(store.Passphrase([]byte(phrase))); !errors.Is(err, want) {
			t.Errorf("%s: %v", phrase, err)
		}
	}
}
