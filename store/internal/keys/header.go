package keys

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"filippo.io/age"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// MaxHeader is the largest header that is read, in bytes.
const MaxHeader = 16 << 10

const (
	magicFamily = "BUNDEL"
	magic       = magicFamily + "1\x00"
)

// Header is the part of the file that is not sealed: what is needed to make the
// keys. It is authenticated by the commitment of each slot, and as a whole by
// its hash in the sealed head.
type Header struct {
	StoreID [16]byte
	Slots   []Slot
}

type headerJSON struct {
	Magic   string `json:"magic"`
	StoreID []byte `json:"storeID"`
	KDF     string `json:"kdf"`
	Slots   []Slot `json:"slots"`
}

// NewHeader makes the header of a new store: its identity, and a vault key
// under a passphrase and under a new recovery secret of 20 bytes.
func NewHeader(passphrase []byte, kdf KDF) (h Header, vaultKey, recovery []byte, err error) {
	if !kdf.acceptable() {
		return h, nil, nil, errors.New("the cost of the passphrase is out of range")
	}
	copy(h.StoreID[:], random(len(h.StoreID)))
	vaultKey, recovery = random(Size), NewRecovery()
	m := Maker{StoreID: h.StoreID, Epoch: 1, VaultKey: vaultKey, KDF: kdf}
	h.Slots = []Slot{m.Slot(SlotPassphrase, passphrase), m.Slot(SlotRecovery, recovery)}
	return h, vaultKey, recovery, nil
}

// NewRecovery makes the secret of a recovery code, see [FormatRecovery].
func NewRecovery() []byte { return random(recoveryBytes) }

// ErrFull means that a header would be longer than [MaxHeader].
var ErrFull = errors.New("there is no room for another key")

// Marshal gives the bytes that [ParseHeader] reads, or [ErrFull].
func (h Header) Marshal() ([]byte, error) {
	raw, err := json.Marshal(headerJSON{Magic: magic, StoreID: h.StoreID[:], KDF: "argon2id", Slots: h.Slots})
	if err == nil && len(raw) > MaxHeader {
		return nil, ErrFull
	}
	return raw, err
}

// Epoch is how often the vault key was made: 1, and one more with every
// rotation. All slots of a known kind lead to the same one.
func (h Header) Epoch() uint32 {
	for _, s := range h.Slots {
		if s.Known() {
			return s.epoch()
		}
	}
	return 0
}

// ParseHeader reads a header and checks everything that needs no key. Errors
// are *fault.DamagedError and *fault.NewerError.
func ParseHeader(raw []byte) (Header, error) {
	var h Header
	var j headerJSON
	if len(raw) > MaxHeader {
		return h, fault.Damaged("header")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&j); err != nil || dec.More() {
		return h, fault.Damaged("header")
	}
	err := h.take(j)
	switch {
	case j.Magic == magic:
		return h, err
	case err == nil:
		// The slots are of this format and whole: only the magic was hit. A later
		// format gives its slots another self hash.
		return Header{}, fault.Damaged("header")
	}
	return Header{}, otherMagic(j.Magic)
}

// take fills the header from its JSON form and checks every slot.
func (h *Header) take(j headerJSON) error {
	if len(j.StoreID) != len(h.StoreID) || len(j.Slots) == 0 {
		return fault.Damaged("header")
	}
	copy(h.StoreID[:], j.StoreID)
	h.Slots = j.Slots
	for _, s := range h.Slots {
		if err := s.check(h.StoreID); err != nil {
			return err
		}
		if s.Known() && s.epoch() != h.Epoch() {
			return fault.Damaged("key slot")
		}
	}
	return nil
}

// otherMagic tells a later format from a damaged header.
func otherMagic(m string) error {
	digit, found := strings.CutPrefix(strings.TrimSuffix(m, "\x00"), magicFamily)
	if found && len(digit) == 1 && digit[0] > '1' && digit[0] <= '9' {
		return &fault.NewerError{Need: int(digit[0] - '0'), Have: 1}
	}
	return fault.Damaged("header")
}

// Unlock gives the vault key from the first slot of the kind that secret opens,
// or fault.ErrWrongKey.
func (h Header) Unlock(kind SlotKind, secret []byte) ([]byte, error) {
	return h.first(kind, func(s Slot) ([]byte, error) { return s.open(h.StoreID, secret) })
}

// UnlockAge does that with age identities.
func (h Header) UnlockAge(identities []age.Identity) ([]byte, error) {
	return h.first(SlotAge, func(s Slot) ([]byte, error) { return s.openAge(identities) })
}

func (h Header) first(kind SlotKind, open func(Slot) ([]byte, error)) ([]byte, error) {
	for _, s := range h.Slots {
		if !s.Known() || s.Kind() != kind {
			continue
		}
		key, err := open(s)
		if !errors.Is(err, fault.ErrWrongKey) {
			return key, err
		}
	}
	return nil, fault.ErrWrongKey
}
