package seal

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// SlotNote is what the sealed head knows of a key slot. The header is readable
// by everybody, so who a slot is for is not in there.
type SlotNote struct {
	ID        []byte    `json:"id"`
	Made      time.Time `json:"made"`
	Recipient string    `json:"recipient,omitempty"` // of an age slot, when it can be read back
}

// Note is what is known of a slot.
func (h *Head) Note(s keys.Slot) (SlotNote, bool) {
	i := slices.IndexFunc(h.Slots, func(n SlotNote) bool { return bytes.Equal(n.ID, s.ID()) })
	if i < 0 {
		return SlotNote{}, false
	}
	return h.Slots[i], true
}

// Header is the plain header, proved by the hash in the head. ErrReopen means
// that another program changed both.
func (tx *Tx) Header() (keys.Header, error) {
	raw, err := ReadHeader(tx.kv)
	if err != nil {
		return keys.Header{}, err
	}
	if sum := sha256.Sum256(raw); bytes.Equal(sum[:], tx.head.Header) {
		return keys.ParseHeader(raw)
	}
	head, err := get(tx.kv, bucketHead, keyHead, "head")
	switch {
	case err != nil:
		return keys.Header{}, err
	case !bytes.Equal(head, tx.head.raw):
		return keys.Header{}, ErrReopen
	}
	return keys.Header{}, fault.Damaged("header")
}

// SetHeader puts another header in the place of the old one, with the notes of
// its slots. What opened the old one stays in the file until it is made anew,
// which the head then owes. Error: keys.ErrFull.
func (tx *Tx) SetHeader(h keys.Header, notes []SlotNote) error {
	raw, err := h.Marshal()
	if err != nil {
		return err
	}
	b, err := bucket(tx.kv, bucketHeader, "header")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	tx.head.Header, tx.head.Slots = sum[:], notes
	tx.Owe(true)
	return b.Put(keyHeader, raw)
}

// Rewrap wraps every key of the file under a new vault key. No record is
// touched.
func (tx *Tx) Rewrap(r *keys.Rotation) error {
	table, err := bucket(tx.kv, bucketKeys, "key table")
	if err != nil {
		return err
	}
	var ids [][]byte
	err = table.ForEach(func(id, _ []byte) error { ids = append(ids, bytes.Clone(id)); return nil })
	if err != nil {
		return err
	}
	for _, id := range ids {
		wrapped, err := r.Wrap(string(id))
		if err == nil {
			err = table.Put(id, wrapped)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Maker makes slots for the vault key of today, Rotate a vault key for tomorrow.
// Neither may outlive the vault.
func (v *Vault) Maker(kdf keys.KDF) keys.Maker { return v.keys.Maker(kdf) }

// Rotate makes a vault key that is not in use yet.
func (v *Vault) Rotate() *keys.Rotation { return v.keys.Rotate() }

// Exposed tells that some key may reach swap: the system refused to lock it.
func (v *Vault) Exposed() bool { return v.keys.Exposed() }
