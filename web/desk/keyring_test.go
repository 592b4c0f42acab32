package desk

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/store/keyring"
)

// chain is a keyring in memory. before runs ahead of each call and may fail it.
type chain struct {
	items  map[string][]byte
	before func(call string) error
	calls  []string
}

func (c *chain) call(name string) error {
	c.calls = append(c.calls, name)
	if c.before != nil {
		return c.before(name)
	}
	return nil
}

func (c *chain) Get(_ context.Context, account string) ([]byte, error) {
	if err := c.call("get"); err != nil {
		return nil, err
	}
	if secret, ok := c.items[account]; ok {
		return bytes.Clone(secret), nil
	}
	return nil, keyring.ErrNone
}

func (c *chain) Set(_ context.Context, account string, secret []byte) error {
	if err := c.call("set"); err != nil {
		return err
	}
	c.items[account] = bytes.Clone(secret)
	return nil
}

func (c *chain) Delete(_ context.Context, account string) error {
	if err := c.call("delete"); err != nil {
		return err
	}
	if _, ok := c.items[account]; !ok {
		return keyring.ErrNone
	}
	delete(c.items, account)
	return nil
}

// fails makes one call fail as a keyring that is locked meanwhile.
func (c *chain) fails(call string) {
	c.before = func(name string) error {
		if name == call {
			return keyring.ErrUnavailable
		}
		return nil
	}
}

// ringed is an open desk with a keyring.
func ringed(t *testing.T) (*Desk, *chain) {
	t.Helper()
	c := &chain{items: map[string][]byte{}}
	d := must(New(Config{Path: filepath.Join(t.TempDir(), "vault.bundel"), Store: store.Config{KDF: cheap}, Keyring: c}))
	must(d.Create(t.Context(), []byte(passphrase)))
	t.Cleanup(func() { _ = d.Close() })
	return d, c
}

// devices is how many keys of computers the vault has.
func devices(t *testing.T, d *Desk) (n int) {
	t.Helper()
	for _, k := range must(must(d.Vault()).Keys()) {
		if k.Kind == store.KindDevice {
			n++
		}
	}
	return n
}

// opens closes the desk, opens it with the keyring, and leaves it open.
func opens(t *testing.T, d *Desk) error {
	t.Helper()
	_ = d.Close()
	err := d.UnlockWithKeyring(t.Context())
	if err != nil {
		if err := d.Open(store.Passphrase([]byte(passphrase))); err != nil {
			t.Fatal(err)
		}
	}
	return err
}

func TestKeyringFromAddToRemove(t *testing.T) {
	d, c := ringed(t)
	ctx := t.Context()
	state := func(want KeyringState) {
		t.Helper()
		if got, err := d.KeyringState(ctx); err != nil || got != want {
			t.Errorf("%s, want %s: %v", got, want, err)
		}
	}
	state(KeyringOff)
	for range 2 { // the second time there is nothing to do
		if err := d.AddToKeyring(ctx); err != nil || devices(t, d) != 1 || len(c.items) != 1 {
			t.Fatal(err)
		}
	}
	state(KeyringOn)
	if err := opens(t, d); err != nil {
		t.Fatal(err)
	}
	if err := d.UnlockWithKeyring(ctx); err != nil { // open already: another browser
		t.Error(err)
	}
	_ = d.Close()
	state(KeyringOn)
	if _, err := d.Vault(); !errors.Is(err, ErrClosed) {
		t.Errorf("asking for the state left it open: %v", err)
	}
	_ = opens(t, d)
	if n, err := d.RemoveFromKeyring(ctx, false); n != 1 || err != nil || devices(t, d) != 0 || len(c.items) != 0 {
		t.Errorf("removed %d: %v", n, err)
	}
	if n, err := d.RemoveFromKeyring(ctx, false); n != 0 || err != nil {
		t.Errorf("removed twice: %d %v", n, err)
	}
	state(KeyringOff)
}

// A person who did not choose it never sees a question of their keyring.
func TestTheKeyringIsNotAskedForNothing(t *testing.T) {
	d, c := ringed(t)
	if err := opens(t, d); !errors.Is(err, keyring.ErrNone) {
		t.Error(err)
	}
	if _, err := d.Rotate(t.Context(), store.Passphrase([]byte(passphrase))); err != nil {
		t.Error(err)
	}
	if err := d.ForgetAll(t.Context()); err != nil {
		t.Error(err)
	}
	if len(c.calls) != 0 {
		t.Errorf("asked: %v", c.calls)
	}
}

// The item holds 32 bytes and its name tells nothing.
func TestWhatTheKeyringKeeps(t *testing.T) {
	d, c := ringed(t)
	if err := d.AddToKeyring(t.Context()); err != nil {
		t.Fatal(err)
	}
	for account, secret := range c.items {
		if len(secret) != store.DeviceSecretSize || len(account) != 16 || strings.Trim(account, "0123456789abcdef") != "" {
			t.Errorf("%q: %d bytes", account, len(secret))
		}
		raw := must(os.ReadFile(d.cfg.Path))
		if bytes.Contains(raw, secret) || bytes.Contains(raw, []byte(account)) {
			t.Error("it is in the file as well")
		}
	}
}

// Whatever fails while a key is added: the vault has no key that the keyring lacks,
// and the keyring has what it had.
func TestAddingIsWholeOrNothing(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*Desk, *chain)
		want    error
	}{
		"locked":       {func(_ *Desk, c *chain) { c.fails("get") }, keyring.ErrUnavailable},
		"not kept":     {func(_ *Desk, c *chain) { c.fails("set") }, keyring.ErrUnavailable},
		"vault closes": {func(d *Desk, c *chain) { c.before = closing(d, "set") }, store.ErrClosed},
		"vault closes, an old item": {func(d *Desk, c *chain) {
			label, _ := d.label()
			c.items[label.Name] = []byte("old")
			c.before = closing(d, "set")
		}, store.ErrClosed},
	} {
		d, ring := ringed(t)
		c.prepare(d, ring)
		had := len(ring.items)
		if err := d.AddToKeyring(t.Context()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		ring.before = nil
		if err := opens(t, d); !errors.Is(err, keyring.ErrNone) || devices(t, d) != 0 || len(ring.items) != had {
			t.Errorf("%s: opens with %v, %d keys, %d items", name, err, devices(t, d), len(ring.items))
		}
		for _, secret := range ring.items {
			if string(secret) != "old" {
				t.Errorf("%s: the old item is gone", name)
			}
		}
	}
}

// closing closes the vault behind the desk's back at a call.
func closing(d *Desk, at string) func(string) error {
	return func(call string) error {
		if call == at {
			_ = must(d.Vault()).Close()
		}
		return nil
	}
}

// A crash between the keyring and the vault leaves bytes that open nothing; adding
// again puts it right.
func TestAddingAfterACrash(t *testing.T) {
	d, c := ringed(t)
	label := must(d.label())
	c.items[label.Name] = store.NewDeviceSecret()
	if got, err := d.KeyringState(t.Context()); got != KeyringStale || err != nil {
		t.Errorf("%s %v", got, err)
	}
	if err := d.AddToKeyring(t.Context()); err != nil || devices(t, d) != 1 {
		t.Error(err)
	}
	if err := opens(t, d); err != nil {
		t.Error(err)
	}
}

func TestRotateKeepsTheKeyring(t *testing.T) {
	next := store.Passphrase([]byte(passphrase))
	for name, c := range map[string]struct {
		fail    string
		want    error // of opening with the keyring
		dropped int
	}{
		"as it should":      {"", nil, 0},
		"the ring is shut":  {"get", keyring.ErrNone, 1},
		"the ring is stiff": {"set", keyring.ErrNone, 1},
	} {
		d, ring := ringed(t)
		if err := d.AddToKeyring(t.Context()); err != nil {
			t.Fatal(err)
		}
		label := must(d.label())
		old := bytes.Clone(ring.items[label.Name])
		ring.fails(c.fail)
		r, err := d.Rotate(t.Context(), next)
		if err != nil || r.Recovery.Reveal() == "" || len(r.Dropped) != c.dropped {
			t.Errorf("%s: %+v %v", name, r.Dropped, err)
		}
		ring.before = nil
		if err := opens(t, d); !errors.Is(err, c.want) {
			t.Errorf("%s: opens with %v", name, err)
		}
		if err := must(d.Vault()).Check(store.Device(old)); !errors.Is(err, store.ErrWrongKey) {
			t.Errorf("%s: the old bytes still open it: %v", name, err)
		}
	}
	d, ring := ringed(t)
	_ = d.AddToKeyring(t.Context())
	if _, err := d.Rotate(t.Context(), store.Passphrase([]byte("kort"))); !errors.Is(err, store.ErrWeakPassphrase) {
		t.Error(err)
	}
	if err := opens(t, d); err != nil || len(ring.items) != 1 {
		t.Errorf("after a refused one: %v", err)
	}
}

// A lost computer: its keyring is not here, its key goes all the same.
func TestRemoveAll(t *testing.T) {
	d, here := ringed(t)
	lost := &chain{items: map[string][]byte{}}
	for _, ring := range []*chain{lost, here} {
		d.cfg.Keyring = ring
		if err := d.AddToKeyring(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := d.RemoveFromKeyring(t.Context(), false); n != 1 || err != nil || devices(t, d) != 1 {
		t.Errorf("only of this one: %d %v", n, err)
	}
	here.fails("get")
	if _, err := d.RemoveFromKeyring(t.Context(), false); !errors.Is(err, keyring.ErrUnavailable) {
		t.Errorf("locked: %v", err)
	}
	if n, err := d.RemoveFromKeyring(t.Context(), true); n != 1 || err != nil || devices(t, d) != 0 {
		t.Errorf("all: %d %v", n, err)
	}
	d.cfg.Keyring = lost
	if got, err := d.KeyringState(t.Context()); got != KeyringStale || err != nil {
		t.Errorf("the lost one: %s %v", got, err)
	}
}

func TestForgetAllTakesTheItem(t *testing.T) {
	d, c := ringed(t)
	if err := errors.Join(d.AddToKeyring(t.Context()), d.ForgetAll(t.Context())); err != nil || len(c.items) != 0 {
		t.Errorf("%d items: %v", len(c.items), err)
	}
	d, c = ringed(t)
	_ = d.AddToKeyring(t.Context())
	c.fails("delete")
	if err := d.ForgetAll(t.Context()); err != nil {
		t.Errorf("the vault is gone all the same: %v", err)
	}
}

// Without a keyring, or a vault, each says so.
func TestNoKeyringNoVault(t *testing.T) {
	d := must(New(Config{Path: filepath.Join(t.TempDir(), "vault.bundel"), Store: store.Config{KDF: cheap}}))
	ctx := t.Context()
	_, remove := d.RemoveFromKeyring(ctx, false)
	_, rotate := d.Rotate(ctx, store.Passphrase([]byte(passphrase)))
	for _, err := range []error{d.AddToKeyring(ctx), remove, rotate} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	}
	_, state := d.KeyringState(ctx)
	for _, err := range []error{d.UnlockWithKeyring(ctx), state} {
		if !errors.Is(err, store.ErrNoStore) {
			t.Errorf("no vault: %v", err)
		}
	}
	must(d.Create(ctx, []byte(passphrase)))
	defer func() { _ = d.Close() }()
	if err := d.AddToKeyring(ctx); !errors.Is(err, keyring.ErrUnavailable) {
		t.Errorf("no keyring: %v", err)
	}
	if got, err := d.KeyringState(ctx); got != KeyringUnavailable || err != nil {
		t.Errorf("%s %v", got, err)
	}
}
