package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/store/keyring"
)

// Keyring keeps a few secret bytes of the vault outside it, where only the person
// who is logged in can reach them; [keyring.System] is that of the operating
// system. Its errors are those of package keyring.
type Keyring interface {
	Get(ctx context.Context, account string) ([]byte, error)
	Set(ctx context.Context, account string, secret []byte) error
	Delete(ctx context.Context, account string) error
}

// keyringPatience is how long the keyring may take: the system may be asking the
// person to unlock it first.
const keyringPatience = time.Minute

// KeyringState says whether the keyring opens the vault.
type KeyringState string

// The states.
const (
	KeyringOff         KeyringState = "off"         // it keeps nothing for this vault
	KeyringOn          KeyringState = "on"          // it opens the vault
	KeyringStale       KeyringState = "stale"       // what it keeps opens the vault no more
	KeyringUnavailable KeyringState = "unavailable" // there is none, or it stayed locked
)

// noKeyring is what a Desk has that was given none.
type noKeyring struct{}

func (noKeyring) Get(context.Context, string) ([]byte, error) { return nil, keyring.ErrUnavailable }
func (noKeyring) Set(context.Context, string, []byte) error   { return keyring.ErrUnavailable }
func (noKeyring) Delete(context.Context, string) error        { return keyring.ErrUnavailable }

// UnlockWithKeyring is [Desk.Unlock] with what the keyring keeps. Where no device
// opens the vault the keyring is not asked: the system could put a question to
// somebody who never chose this.
//
// It shows that this program runs as the person, not who asks it to: a page may
// offer it only to a browser that has shown something else, such as the token of
// the start page (security-store.md B5).
//
// Errors: keyring.ErrNone, keyring.ErrUnavailable; store.ErrWrongKey when the slot
// was removed or the vault key rotated; those of [store.Open].
func (d *Desk) UnlockWithKeyring(ctx context.Context) error {
	label, err := d.label()
	if err != nil {
		return err
	}
	if !label.Has(store.KindDevice) {
		return keyring.ErrNone
	}
	secret, err := d.secretOf(ctx, label)
	if err != nil {
		return err
	}
	defer clear(secret)
	return d.Unlock(store.Device(secret))
}

// KeyringState looks whether the keyring opens the vault, by opening it; it is
// closed again unless it was open.
func (d *Desk) KeyringState(ctx context.Context) (KeyringState, error) {
	label, err := d.label()
	if err != nil {
		return "", err
	}
	secret, err := d.secretOf(ctx, label)
	switch {
	case errors.Is(err, keyring.ErrNone):
		return KeyringOff, nil
	case errors.Is(err, keyring.ErrUnavailable):
		return KeyringUnavailable, nil
	case err != nil:
		return "", err
	}
	defer clear(secret)
	_, err = d.Vault()
	wasOpen := err == nil
	err = d.Unlock(store.Device(secret))
	switch {
	case errors.Is(err, store.ErrWrongKey):
		return KeyringStale, nil
	case err == nil && !wasOpen:
		err = d.Close()
	}
	return KeyringOn, err
}

func (d *Desk) secretOf(ctx context.Context, label store.Label) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, keyringPatience)
	defer cancel()
	return d.cfg.Keyring.Get(ctx, label.Name)
}

// label is that of the vault, open or not.
func (d *Desk) label() (store.Label, error) {
	s, err := d.Vault()
	if err == nil {
		return s.Label()
	}
	label, err := store.ReadLabel(d.cfg.Path, d.cfg.Store)
	if err != nil {
		return label, fmt.Errorf("open the vault: %w", err)
	}
	return label, nil
}
