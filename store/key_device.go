package store

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"

	"filippo.io/age"

	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// DeviceSecretSize is how many bytes a device keeps.
const DeviceSecretSize = keys.Size

// NewDeviceSecret makes the random bytes of a [Device], to be kept where only
// this account on this computer can reach them: the keyring of the system, say.
func NewDeviceSecret() []byte {
	secret := make([]byte, DeviceSecretSize)
	_, _ = rand.Read(secret) // never fails: it ends the program instead
	return secret
}

// Device is a key that a computer keeps: [DeviceSecretSize] random bytes. Who
// has them opens the store without any passphrase. Nobody guesses them, so a wrong
// one is not counted (Config.State), and no wait is for them. It keeps secret itself.
func Device(secret []byte) Key { return device{secret} }

type device struct{ secret []byte }

func (d device) unlock(h keys.Header) ([]byte, error) { return h.Unlock(keys.SlotDevice, d.secret) }

func (d device) slot(m keys.Maker) (keys.Slot, error) {
	if len(d.secret) != DeviceSecretSize {
		return nil, fmt.Errorf("%w: a device keeps %d bytes", ErrKeyKind, DeviceSecretSize)
	}
	return m.Slot(keys.SlotDevice, d.secret), nil
}

func (device) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, redacted) }
func (device) LogValue() slog.Value       { return slog.StringValue(redacted) }

// PassphraseAndDevice needs both: who takes the file cannot begin to guess the
// passphrase. Without the device the recovery code is the only way in. It keeps
// p and secret themselves.
func PassphraseAndDevice(p, secret []byte) Key { return both{passphrase{p}, secret} }

type both struct {
	passphrase
	device []byte
}

func (b both) unlock(h keys.Header) ([]byte, error) {
	secret := b.joined()
	defer clear(secret)
	return h.Unlock(keys.SlotBoth, secret)
}

func (b both) slot(m keys.Maker) (keys.Slot, error) {
	if len(b.device) != DeviceSecretSize {
		return nil, fmt.Errorf("%w: a device keeps %d bytes", ErrKeyKind, DeviceSecretSize)
	}
	secret := b.joined()
	defer clear(secret)
	if err := checkPassphrase(secret[DeviceSecretSize:]); err != nil {
		return nil, err
	}
	return m.Slot(keys.SlotBoth, secret), nil
}

func (b both) joined() []byte {
	typed := normalise(b.secret)
	defer clear(typed)
	return keys.Both(b.device, typed)
}

// Identity opens what was made for a [Recipient]: native age keys, X25519 or
// hybrid, and plugins for hardware. It only opens.
func Identity(identities ...age.Identity) Key { return identity{identities} }

type identity struct{ all []age.Identity }

func (i identity) unlock(h keys.Header) ([]byte, error) { return h.UnlockAge(i.all) }
func (identity) slot(keys.Maker) (keys.Slot, error)     { return nil, ErrKeyKind }
func (identity) Format(w fmt.State, _ rune)             { _, _ = io.WriteString(w, redacted) }
func (identity) LogValue() slog.Value                   { return slog.StringValue(redacted) }

// Recipient is what an [Identity] is needed for: it makes a way into the store
// and opens nothing itself. [Store.Rotate] makes that way again for native
// recipients, X25519 and hybrid; the sealed part of the file keeps who they are.
func Recipient(to age.Recipient) Key { return recipient{to} }

type recipient struct{ to age.Recipient }

func (recipient) unlock(keys.Header) ([]byte, error) { return nil, ErrKeyKind }

func (r recipient) slot(m keys.Maker) (keys.Slot, error) {
	s, err := m.Age(r.to)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyKind, err)
	}
	return s, nil
}

// text is the recipient when it can be read back from that, else empty.
func (r recipient) text() string {
	switch to := r.to.(type) {
	case *age.X25519Recipient:
		return to.String()
	case *age.HybridRecipient:
		return to.String()
	}
	return ""
}

func (recipient) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, redacted) }
func (recipient) LogValue() slog.Value       { return slog.StringValue(redacted) }
