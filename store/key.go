package store

import (
	"fmt"
	"io"
	"log/slog"

	"golang.org/x/text/unicode/norm"

	"github.com/bundel-pgo/bundel/store/internal/keys"
)

const redacted = "[redacted]"

// Key opens a store. It is made by [Passphrase] or [Recovery], prints as
// "[redacted]" and may be used more than once.
type Key interface {
	unlock(keys.Header) ([]byte, error)
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

// normalise always copies, so that the copy can be wiped.
func normalise(p []byte) []byte {
	return norm.NFKC.Append(make([]byte, 0, 4*len(p)), p...)
}

func (passphrase) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, redacted) }
func (passphrase) LogValue() slog.Value       { return slog.StringValue(redacted) }

// Recovery is the code that Create gave, as typed: any case, with or without
// dashes and spaces, O for 0 and I or L for 1. A code with a typing error opens
// nothing and gives ErrWrongKey.
func Recovery(code string) Key { return recovery{code} }

type recovery struct{ code string }

func (r recovery) unlock(h keys.Header) ([]byte, error) {
	secret, ok := keys.ParseRecovery(r.code)
	if !ok {
		return nil, fmt.Errorf("%w: the recovery code has a typing error", ErrWrongKey)
	}
	defer clear(secret)
	return h.Unlock(keys.SlotRecovery, secret)
}

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
