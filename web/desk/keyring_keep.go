package desk

import (
	"context"
	"errors"

	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/store/keyring"
)

// AddToKeyring makes a key for this computer and keeps it in the keyring. Where
// that was done before it does nothing. The vault must be open; ask for the
// passphrase first, so that the person still knows it. Errors:
// keyring.ErrUnavailable, and those of [store.Store.AddKey].
func (d *Desk) AddToKeyring(ctx context.Context) error {
	s, label, err := d.labelled()
	if err != nil {
		return err
	}
	_, err = d.ownSlot(ctx, s, label)
	if errors.Is(err, keyring.ErrNone) || errors.Is(err, store.ErrWrongKey) {
		return d.renew(ctx, s, label, func(key store.Key) error {
			_, err := s.AddKey(ctx, key)
			return err
		})
	}
	return err
}

// RemoveFromKeyring takes the key of this computer away, or the keys of all
// computers (one may be lost), and what the keyring keeps. It tells how many keys
// that were. The keys go first: after a crash the keyring keeps bytes that open
// nothing, and never the vault a key that nobody can find.
func (d *Desk) RemoveFromKeyring(ctx context.Context, all bool) (removed int, err error) {
	s, label, err := d.labelled()
	if err != nil {
		return 0, err
	}
	own, err := d.ownSlot(ctx, s, label)
	if err != nil && !errors.Is(err, keyring.ErrNone) && !errors.Is(err, store.ErrWrongKey) && !all {
		return 0, err
	}
	slots, err := s.Keys()
	if err != nil {
		return 0, err
	}
	for _, slot := range slots {
		if slot.Kind != store.KindDevice || slot.ID != own.ID && !all {
			continue
		}
		if err := s.RemoveKey(ctx, slot.ID); err != nil {
			return removed, err
		}
		removed++
	}
	err = d.cfg.Keyring.Delete(ctx, label.Name)
	if errors.Is(err, keyring.ErrNone) || all && errors.Is(err, keyring.ErrUnavailable) {
		err = nil
	}
	return removed, err
}

// Rotate is [store.Store.Rotate] with a new passphrase. Where the keyring opens the
// vault it goes on doing so, with new bytes: the old ones may be known to somebody
// as well. Without its help the rotation goes on without it.
func (d *Desk) Rotate(ctx context.Context, next store.Key) (r store.Rotated, err error) {
	s, label, err := d.labelled()
	if err != nil {
		return r, err
	}
	if !label.Has(store.KindDevice) {
		return s.Rotate(ctx, next)
	}
	begun := false
	if _, err = d.ownSlot(ctx, s, label); err == nil {
		err = d.renew(ctx, s, label, func(key store.Key) (err error) {
			begun = true
			r, err = s.Rotate(ctx, next, key)
			return err
		})
	}
	if begun {
		return r, err
	}
	return s.Rotate(ctx, next)
}

// renew puts new bytes in the keyring, and then use makes the vault open with
// them. When it does not the keyring is as before. This order: a crash between the
// two leaves bytes that open nothing, and no key in the vault that nobody can find.
func (d *Desk) renew(ctx context.Context, s *store.Store, label store.Label, use func(store.Key) error) error {
	old, err := d.secretOf(ctx, label)
	if err != nil && !errors.Is(err, keyring.ErrNone) {
		return err
	}
	defer clear(old)
	secret := store.NewDeviceSecret()
	defer clear(secret)
	if err := d.cfg.Keyring.Set(ctx, label.Name, secret); err != nil {
		return err
	}
	err = use(store.Device(secret))
	if err == nil || s.Check(store.Device(secret)) == nil { // after an error it may hold already
		return err
	}
	return errors.Join(err, d.putBack(context.WithoutCancel(ctx), label, old))
}

func (d *Desk) putBack(ctx context.Context, label store.Label, old []byte) error {
	ctx, cancel := context.WithTimeout(ctx, keyringPatience)
	defer cancel()
	if old != nil {
		return d.cfg.Keyring.Set(ctx, label.Name, old)
	}
	return d.cfg.Keyring.Delete(ctx, label.Name)
}

// dropFromKeyring is for a vault that is no more: what is kept opens nothing.
func (d *Desk) dropFromKeyring(ctx context.Context, label store.Label) {
	if !label.Has(store.KindDevice) {
		return
	}
	if err := d.putBack(ctx, label, nil); err != nil && !errors.Is(err, keyring.ErrNone) {
		d.cfg.Log.Warn("the keyring still has an item of the vault, which opens nothing", "error", err)
	}
}

// ownSlot is the one that the keyring opens. Errors: those of the keyring, and
// store.ErrWrongKey.
func (d *Desk) ownSlot(ctx context.Context, s *store.Store, label store.Label) (store.KeySlot, error) {
	secret, err := d.secretOf(ctx, label)
	if err != nil {
		return store.KeySlot{}, err
	}
	defer clear(secret)
	return s.KeyOf(store.Device(secret))
}

// labelled is the open vault with its label.
func (d *Desk) labelled() (*store.Store, store.Label, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, store.Label{}, err
	}
	label, err := s.Label()
	return s, label, err
}
