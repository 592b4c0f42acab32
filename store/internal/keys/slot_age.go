package keys

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// ageAt is where the age file of a slot begins.
const ageAt = 1 + 1 + 4

// Age wraps the vault key for an age recipient: 246 bytes for X25519 and about
// 1.7 kB for a hybrid one. The age file authenticates itself; that it belongs to
// this store is told by the hash of the header in the sealed head.
func (m Maker) Age(to age.Recipient) (Slot, error) {
	var file bytes.Buffer
	w, err := age.Encrypt(&file, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(m.VaultKey); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	s := append(m.begin(SlotAge), file.Bytes()...)
	return append(s, s.selfHash(m.StoreID, len(s))...), nil
}

// openAge gives the vault key, or ErrWrongKey when no identity is meant.
func (s Slot) openAge(identities []age.Identity) ([]byte, error) {
	file := s[ageAt : len(s)-selfSize]
	if _, err := age.ExtractHeader(bytes.NewReader(file)); err != nil {
		return nil, fault.Damaged("key slot")
	}
	plain, err := age.Decrypt(bytes.NewReader(file), identities...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, fault.ErrWrongKey
	case err != nil: // of a plugin, say, whose key is not plugged in
		return nil, fmt.Errorf("open the key slot: %w", err)
	}
	key, err := io.ReadAll(io.LimitReader(plain, Size+1))
	if err != nil || len(key) != Size {
		clear(key)
		return nil, fault.Damaged("key slot")
	}
	return key, nil
}
