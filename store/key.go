package store

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"golang.org/x/text/unicode/norm"

	"github.com/bundel-pgo/bundel/store/internal/keys"
)

const redacted = "[redacted]"

// Key opens a store, or is what a new way into one is made for, or both. It
// prints as "[redacted]" and may be used more than once. [Passphrase],
// [Recovery], [Device], [PassphraseAndDevice], [Identity] and [Recipient] make
// one.
type Key interface {
	unlock(keys.Header) ([]byte, error)
	slot(keys.Maker) (keys.Slot, error)
}

// Passphrase is the key the person chose. It keeps p itself: wipe p when the
// store is open. Two spellings of one text (composed and decomposed accents,
// wide digits) are the same passphrase.
func Passphrase(p []byte) Key { return passphrase{p} }

type passphrase struct{ secret []byte }

func (p passphrase) unlock(h keys.Header) ([]byte, error) {
	secret := normalise(p.secret)
	defer clear(secret)
	return h.Unlock(keys.SlotPassphrase, secret)
}

func (p passphrase) slot(m keys.Maker) (keys.Slot, error) {
	secret := normalise(p.secret)
	defer clear(secret)
	if err := checkPassphrase(secret); err != nil {
		return nil, err
	}
	return m.Slot(keys.SlotPassphrase, secret), nil
}

// normalise always copies, so that the copy can be wiped.
func normalise(p []byte) []byte {
	return norm.NFKC.Append(make([]byte, 0, 4*len(p)), p...)
}

func (passphrase) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, redacted) }
func (passphrase) LogValue() slog.Value       { return slog.StringValue(redacted) }

// PassphraseOrRecovery is what somebody typed in a field that takes both: the
// recovery code when it reads as one and opens, else the passphrase. It counts as
// one try.
func PassphraseOrRecovery(typed []byte) Key { return either{passphrase{typed}} }

type either struct{ passphrase }

func (e either) unlock(h keys.Header) ([]byte, error) {
	vaultKey, err := recovery{string(e.secret)}.unlock(h)
	if errors.Is(err, ErrWrongKey) {
		vaultKey, err = e.passphrase.unlock(h)
	}
	return vaultKey, err
}

// Recovery is the code that Create gave, as typed: any case, with or without
// dashes and spaces, O for 0 and I or L for 1. A code with a typing error opens
// nothing and gives ErrWrongKey.
func Recovery(code string) Key { return recovery{code} }

type recovery struct{ code string }

// errTypo is no guess: anybody can compute the check character.
var errTypo = fmt.Errorf("%w: the recovery code has a typing error", ErrWrongKey)

func (r recovery) unlock(h keys.Header) ([]byte, error) {
	secret, ok := keys.ParseRecovery(r.code)
	if !ok {
		return nil, errTypo
	}
	defer clear(secret)
	return h.Unlock(keys.SlotRecovery, secret)
}

// A code is made by the store and never chosen.
func (recovery) slot(keys.Maker) (keys.Slot, error) { return nil, ErrKeyKind }

func (recovery) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, redacted) }
func (recovery) LogValue() slog.Value       { return slog.StringValue(redacted) }

// RecoveryCode is the second way into a store, for on paper.
type RecoveryCode struct{ code string }

// Reveal gives the code: eight groups of four characters and a check character.
func (c RecoveryCode) Reveal() string { return c.code }

// Format prints "[redacted]" for every verb.
func (RecoveryCode) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, redacted) }

// LogValue gives "[redacted]".
func (RecoveryCode) LogValue() slog.Value { return slog.StringValue(redacted) }
