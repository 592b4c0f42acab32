package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// The sealed inbox (security-store.md 1.5) is bucket i. Whoever holds the inbox
// secret adds messages to it without any key of the store, and cannot read one
// back. In it lie
//
//	"key"                        version | number received 8 | public key | MAC
//	number 8 | part 4            version | last 1 | sealed part | MAC; the sealed
//	                             part of part 0 begins with the encapsulated key
//
// A message is sealed by HPKE (RFC 9180) in base mode to the key of the store:
// MLKEM768X25519, HKDF-SHA256, AES-256-GCM. The MAC is HMAC-SHA256 with the
// inbox secret, over the store, the place and the value: crypto/hpke has no mode
// that says who sealed. The layout is final.
const (
	inboxVersion = 1
	inboxSecret  = 32
	partSize     = 512 << 10
	messageKey   = 8 + 4
	macSize      = sha256.Size
	maxMessage   = 64 << 20 // of what is in it, before it is compressed
)

var (
	bucketInbox = []byte("i")
	keyPublic   = []byte("key")
)

// InboxState is what the head says of the inbox; there is none without it.
type InboxState struct {
	Received uint64 `json:"received"` // number of the last message that was taken out
}

// Room is how much may wait.
type Room struct {
	Messages int
	Bytes    int64 // as they lie there
}

// The errors of a writer.
var (
	ErrInboxFull = errors.New("the inbox is full")
	ErrNoInbox   = errors.New("the store has no inbox: unlock it and ask for its inbox key")
	ErrInboxKey  = errors.New("the inbox key does not fit: it is of another store, or the inbox was made anew or tampered with; unlock the store and ask for its inbox key")
)

// FullError means that a message does not fit beside those that wait. Messages
// and Bytes are what waits already.
type FullError struct {
	Messages int
	Bytes    int64
}

func (e *FullError) Error() string {
	return fmt.Sprintf("the inbox is full, with %d pages of %d kB: unlock the store to receive them", e.Messages, e.Bytes>>10)
}

// Is matches [ErrInboxFull].
func (*FullError) Is(target error) bool { return target == ErrInboxFull }

func kem() hpke.KEM { return hpke.MLKEM768X25519() }

// inboxInfo binds a message to the store and to its number.
func inboxInfo(storeID [16]byte, number uint64) []byte {
	b := append([]byte("bundel.inbox.1"), storeID[:]...)
	return binary.BigEndian.AppendUint64(b, number)
}

// partBound binds a part to its place in the message.
func partBound(part uint32, last bool) []byte {
	return append(binary.BigEndian.AppendUint32(nil, part), lastByte(last))
}

func partKey(number uint64, part uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, number), part)
}

// inboxMAC is over one value in its place. Keys have two lengths, so no two
// places give the same bytes.
func inboxMAC(secret []byte, storeID [16]byte, key, value []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("bundel.inbox.mac.1"))
	mac.Write(storeID[:])
	mac.Write([]byte{byte(len(key))})
	mac.Write(key)
	mac.Write(value)
	return mac.Sum(nil)
}

// authentic gives a value without its MAC, when the MAC is right.
func authentic(secret []byte, storeID [16]byte, key, value []byte) ([]byte, bool) {
	if len(value) < 2+macSize || value[0] != inboxVersion {
		return nil, false
	}
	said := value[:len(value)-macSize]
	return said, hmac.Equal(value[len(said):], inboxMAC(secret, storeID, key, said))
}

// publicEntry is what tells a writer where to seal to, and from which number on.
func publicEntry(secret []byte, storeID [16]byte, received uint64, public hpke.PublicKey) []byte {
	b := binary.BigEndian.AppendUint64([]byte{inboxVersion}, received)
	b = append(b, public.Bytes()...)
	return append(b, inboxMAC(secret, storeID, keyPublic, b)...)
}

// inboxKeys are the keys of the inbox: one in the key table gives both, and
// neither gives the other.
type inboxKeys struct {
	private hpke.PrivateKey
	secret  []byte
}

func (v *Vault) inboxKeys() (k inboxKeys, err error) {
	seed := v.keys.Key(keys.Inbox)
	if seed == nil {
		return k, fault.Damaged("key table")
	}
	if k.secret, err = hkdf.Expand(sha256.New, seed, "bundel/1 inbox mac", inboxSecret); err != nil {
		return k, fmt.Errorf("inbox keys: %w", err)
	}
	ikm, err := hkdf.Expand(sha256.New, seed, "bundel/1 inbox kem", keys.Size)
	if err != nil {
		return k, fmt.Errorf("inbox keys: %w", err)
	}
	defer clear(ikm)
	if k.private, err = kem().DeriveKeyPair(ikm); err != nil {
		return k, fmt.Errorf("inbox keys: %w", err)
	}
	return k, nil
}

// HasInbox tells whether there is an inbox.
func (tx *Tx) HasInbox() bool { return tx.head.Inbox != nil }

// InboxSecret makes the inbox when there is none, and gives what a writer must
// hold: the identity of the store and the secret.
func (tx *Tx) InboxSecret() (storeID [16]byte, secret []byte, err error) {
	if !tx.HasInbox() {
		if err := tx.v.newKey(tx.kv, keys.Inbox); err != nil {
			return storeID, nil, err
		}
		tx.head.Inbox = &InboxState{}
		if err := tx.writePublic(); err != nil {
			return storeID, nil, err
		}
	}
	k, err := tx.v.inboxKeys()
	return tx.v.storeID, k.secret, err
}

// DropInbox takes the inbox away with its keys and all that waits. The old bytes
// stay in the file until it is made anew, which the head then owes.
func (tx *Tx) DropInbox() error {
	if !tx.HasInbox() {
		return nil
	}
	table, err := bucket(tx.kv, bucketKeys, "key table")
	if err != nil {
		return err
	}
	if err := table.Delete([]byte(keys.Inbox)); err != nil {
		return err
	}
	if b, err := tx.kv.Bucket(bucketInbox); err != nil || b != nil {
		if err == nil {
			err = tx.kv.Drop(bucketInbox)
		}
		if err != nil {
			return err
		}
	}
	tx.head.Inbox = nil
	tx.dropped = append(tx.dropped, keys.Inbox)
	tx.Owe(true)
	return nil
}

// writePublic writes the entry for writers, and makes the bucket when somebody
// took it away.
func (tx *Tx) writePublic() error {
	k, err := tx.v.inboxKeys()
	if err != nil {
		return err
	}
	b, err := tx.kv.Bucket(bucketInbox)
	if err == nil && b == nil {
		b, err = tx.kv.Create(bucketInbox)
	}
	if err != nil {
		return err
	}
	tx.dirty = true
	return b.Put(keyPublic, publicEntry(k.secret, tx.v.storeID, tx.head.Inbox.Received, k.private.PublicKey()))
}
