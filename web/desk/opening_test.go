package desk

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// Each thing that keeps a vault shut has its own code on the page, and an older
// copy opens once for whoever asked for that.
func TestWhatKeepsAVaultShut(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{
		Path: filepath.Join(dir, "vault.bundel"), Store: store.Config{KDF: cheap, State: filepath.Join(dir, "state"), Wait: 1},
	}
	d := must(New(cfg))
	must(d.Create(t.Context(), []byte(passphrase)))
	open := func(d *Desk) string {
		err := d.Pages(t.Context()).Unlock(t.Context(), []byte(passphrase))
		var p *web.Problem
		if errors.As(err, &p) {
			return p.Code
		}
		if err != nil {
			return err.Error()
		}
		return ""
	}
	if got := open(must(New(cfg))); got != "in-use" {
		t.Errorf("open in another program: %q", got)
	}
	_ = d.Close()
	older := must(os.ReadFile(cfg.Path))
	if err := d.Open(store.Passphrase([]byte(passphrase))); err != nil {
		t.Fatal(err)
	}
	if err := must(d.Vault()).Append(t.Context(), []byte("later")); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	putBack := func() { _ = os.WriteFile(cfg.Path, older, 0o600) }
	putBack()
	if got := open(d); got != "rolled-back" {
		t.Errorf("an older copy: %q", got)
	}
	cfg.Store.AcceptOlder = true
	d = must(New(cfg))
	if got := open(d); got != "" {
		t.Errorf("accepted: %q", got)
	}
	_ = d.Close()
	putBack()
	if got := open(d); got != "rolled-back" {
		t.Errorf("accepted for ever: %q", got)
	}
	_ = os.Chmod(cfg.Path, 0o644)
	if got := open(d); got != "exposed" {
		t.Errorf("open to others: %q", got)
	}
	_ = os.Chmod(cfg.Path, 0o600)
	_ = os.Truncate(cfg.Path, 5000)
	if got := open(d); got != "damaged" {
		t.Errorf("cut: %q", got)
	}
	if got := openError(&store.NewerError{Need: 9}).(*web.Problem).Code; got != "newer" {
		t.Errorf("newer: %q", got)
	}
}
