package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// SlotKind says what opens a slot.
type SlotKind byte

// The kinds of today. Slots of other kinds are carried along and skipped.
const (
	SlotPassphrase SlotKind = 1
	SlotRecovery   SlotKind = 2
)

const (
	slotVersion = 1
	saltSize    = 16
	headSize    = 1 + 1 + 4 + 4 + 4 + 1 + saltSize // version, kind, epoch, t, m, p, salt
	wrapSize    = 12 + Size + 16                   // nonce, key, tag
	commitSize  = sha256.Size
	selfSize    = 8
	slotSize    = headSize + wrapSize + commitSize + selfSize
)

// Slot is one way to the vault key, in its binary form:
//
//	version | kind | vault key epoch | t | m KiB | p | salt 16 | wrapped key 60 | commitment 32 | self hash 8
//
// The commitment makes it impossible to build one slot that opens with two
// passphrases. The self hash needs no key: it tells a damaged slot from a wrong
// passphrase.
type Slot []byte

// NewSlot wraps the vault key under a passphrase or a recovery secret. kdf
// counts for a passphrase only.
func NewSlot(kind SlotKind, storeID [16]byte, vaultKey, secret []byte, kdf KDF) Slot {
	if kind != SlotPassphrase {
		kdf = KDF{}
	}
	s := make(Slot, 0, slotSize)
	s = append(s, slotVersion, byte(kind))
	s = binary.BigEndian.AppendUint32(s, 1)
	s = binary.BigEndian.AppendUint32(s, kdf.Time)
	s = binary.BigEndian.AppendUint32(s, kdf.Memory)
	s = append(s, kdf.Threads)
	s = append(s, random(saltSize)...)
	ikm := s.derive(secret)
	defer clear(ikm)
	s = newGCM(expand(ikm, "bundel/1 slot kek")).Seal(s, nil, vaultKey, s.bound(storeID, headSize))
	s = append(s, s.commitment(storeID, ikm)...)
	return append(s, s.selfHash(storeID, len(s))...)
}

// Kind is what opens the slot.
func (s Slot) Kind() SlotKind { return SlotKind(s[1]) }

// check tells a slot that was damaged, without any key.
func (s Slot) check(storeID [16]byte) error {
	if len(s) < 2+selfSize {
		return fault.Damaged("key slot")
	}
	end := len(s) - selfSize
	if string(s[end:]) != string(s.selfHash(storeID, end)) {
		return fault.Damaged("key slot")
	}
	if !s.known() {
		return nil
	}
	if len(s) != slotSize || (s.Kind() == SlotPassphrase && !s.kdf().acceptable()) {
		return fault.Damaged("key slot")
	}
	return nil
}

func (s Slot) known() bool {
	return s[0] == slotVersion && (s.Kind() == SlotPassphrase || s.Kind() == SlotRecovery)
}

// open gives the vault key, or ErrWrongKey. The slot must have passed check.
func (s Slot) open(storeID [16]byte, secret []byte) ([]byte, error) {
	ikm := s.derive(secret)
	defer clear(ikm)
	wrapped := s[headSize : headSize+wrapSize]
	tag := s[headSize+wrapSize : headSize+wrapSize+commitSize]
	if !hmac.Equal(tag, s.commitment(storeID, ikm)) {
		return nil, fault.ErrWrongKey
	}
	key, err := newGCM(expand(ikm, "bundel/1 slot kek")).Open(nil, nil, wrapped, s.bound(storeID, headSize))
	if err != nil {
		return nil, fault.Damaged("key slot")
	}
	return key, nil
}

func (s Slot) kdf() KDF {
	return KDF{
		Time:    binary.BigEndian.Uint32(s[6:]),
		Memory:  binary.BigEndian.Uint32(s[10:]),
		Threads: s[14],
	}
}

// derive is slow for a passphrase, on purpose.
func (s Slot) derive(secret []byte) []byte {
	salt := s[headSize-saltSize : headSize]
	if s.Kind() == SlotRecovery {
		return deriveRecovery(secret, salt)
	}
	return s.kdf().derive(secret, salt)
}

// bound is what a part of the slot is tied to: this store, and the slot up to end.
func (s Slot) bound(storeID [16]byte, end int) []byte {
	return append(append([]byte("bundel.slot.1"), storeID[:]...), s[:end]...)
}

func (s Slot) commitment(storeID [16]byte, ikm []byte) []byte {
	mac := hmac.New(sha256.New, expand(ikm, "bundel/1 slot commit"))
	mac.Write(s.bound(storeID, headSize+wrapSize))
	return mac.Sum(nil)
}

// selfHash finds faults, not forgers: anybody can make one.
func (s Slot) selfHash(storeID [16]byte, end int) []byte {
	sum := sha256.Sum256(s.bound(storeID, end))
	return sum[:selfSize]
}

func newGCM(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("keys: key length is constant: " + err.Error())
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("keys: " + err.Error())
	}
	return aead
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}
