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
	SlotDevice     SlotKind = 3 // 32 random bytes that are kept elsewhere
	SlotBoth       SlotKind = 4 // a passphrase and the bytes of a device, see Both
	SlotAge        SlotKind = 5 // an age file, see Maker.Age
)

// slow tells a kind with a passphrase, which can be guessed.
func (k SlotKind) slow() bool { return k == SlotPassphrase || k == SlotBoth }

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
// passphrase. A slot of kind [SlotAge] is
//
//	version | kind | vault key epoch | age file of the vault key | self hash 8
type Slot []byte

// Maker makes slots for one vault key. It must be used before the memory of
// VaultKey goes.
type Maker struct {
	StoreID  [16]byte
	Epoch    uint32 // of the vault key
	VaultKey []byte
	KDF      KDF // for the kinds with a passphrase
}

// Slot wraps the vault key under a secret, of every kind but [SlotAge].
func (m Maker) Slot(kind SlotKind, secret []byte) Slot {
	kdf := m.KDF
	if !kind.slow() {
		kdf = KDF{}
	}
	s := m.begin(kind)
	s = binary.BigEndian.AppendUint32(s, kdf.Time)
	s = binary.BigEndian.AppendUint32(s, kdf.Memory)
	s = append(s, kdf.Threads)
	s = append(s, random(saltSize)...)
	ikm := s.derive(secret)
	defer clear(ikm)
	s = newGCM(expand(ikm, "bundel/1 slot kek")).Seal(s, nil, m.VaultKey, s.bound(m.StoreID, headSize))
	s = append(s, s.commitment(m.StoreID, ikm)...)
	return append(s, s.selfHash(m.StoreID, len(s))...)
}

func (m Maker) begin(kind SlotKind) Slot {
	s := append(make(Slot, 0, slotSize), slotVersion, byte(kind))
	return binary.BigEndian.AppendUint32(s, m.Epoch)
}

// Both is the secret of [SlotBoth]. The bytes of the device come first and are
// always as many, so no two pairs give the same.
func Both(device, passphrase []byte) []byte {
	return append(append(make([]byte, 0, len(device)+len(passphrase)), device...), passphrase...)
}

// Kind is what opens the slot.
func (s Slot) Kind() SlotKind { return SlotKind(s[1]) }

// ID tells a slot from all others: it ends with a hash of itself.
func (s Slot) ID() []byte { return s[len(s)-selfSize:] }

// epoch is of the vault key it leads to. The slot must have passed check.
func (s Slot) epoch() uint32 { return binary.BigEndian.Uint32(s[2:]) }

// check tells a slot that was damaged, without any key.
func (s Slot) check(storeID [16]byte) error {
	if len(s) < 2+selfSize {
		return fault.Damaged("key slot")
	}
	end := len(s) - selfSize
	if string(s[end:]) != string(s.selfHash(storeID, end)) {
		return fault.Damaged("key slot")
	}
	if !s.Known() || s.sound() {
		return nil
	}
	return fault.Damaged("key slot")
}

// sound looks at the form of a slot of a known kind.
func (s Slot) sound() bool {
	if s.Kind() == SlotAge {
		return len(s) > ageAt+selfSize
	}
	return len(s) == slotSize && (!s.Kind().slow() || s.kdf().acceptable())
}

// Known tells whether this program knows the kind.
func (s Slot) Known() bool {
	return s[0] == slotVersion && s.Kind() >= SlotPassphrase && s.Kind() <= SlotAge
}

// open gives the vault key, or ErrWrongKey. The slot must have passed check and
// is not of kind SlotAge.
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

// derive is slow for a passphrase, on purpose. What is random already needs no
// slow function.
func (s Slot) derive(secret []byte) []byte {
	salt := s[headSize-saltSize : headSize]
	switch s.Kind() {
	case SlotPassphrase:
		return s.kdf().derive(secret, salt)
	case SlotBoth:
		device := min(Size, len(secret))
		slow := s.kdf().derive(secret[device:], salt)
		defer clear(slow)
		joined := Both(secret[:device], slow)
		defer clear(joined)
		return extract(joined, salt)
	}
	return extract(secret, salt)
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
