package seal

import (
	"bytes"
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

// Message is one that waits. Its number says when it came: it is the place, and
// no writer can choose it.
type Message struct {
	Number uint64
	keys   [][]byte
}

// Waiting is the inbox as it lies there.
type Waiting struct {
	Messages []Message // sorted by number
	Strange  [][]byte  // keys of values that nobody with the inbox secret wrote
	Changed  bool      // the public key is not the one this store wrote
}

// Waiting looks at the inbox without opening a message.
func (tx *Tx) Waiting() (w Waiting, err error) {
	k, err := tx.v.inboxKeys()
	if err != nil {
		return w, err
	}
	w.Changed = true
	b, err := tx.kv.Bucket(bucketInbox)
	if err != nil || b == nil {
		return w, err
	}
	public := publicEntry(k.secret, tx.v.storeID, tx.head.Inbox.Received, k.private.PublicKey())
	err = b.ForEach(func(key, value []byte) error {
		if bytes.Equal(key, keyPublic) {
			w.Changed = !bytes.Equal(value, public)
			return nil
		}
		w.take(k.secret, tx.v.storeID, bytes.Clone(key), value)
		return nil
	})
	return w, err
}

func (w *Waiting) take(secret []byte, storeID [16]byte, key, value []byte) {
	if _, ok := authentic(secret, storeID, key, value); !ok || len(key) != messageKey {
		w.Strange = append(w.Strange, key)
		return
	}
	number := binary.BigEndian.Uint64(key)
	if last := len(w.Messages) - 1; last < 0 || w.Messages[last].Number != number {
		w.Messages = append(w.Messages, Message{Number: number})
	}
	m := &w.Messages[len(w.Messages)-1]
	m.keys = append(m.keys, key)
}

// Received is the number of the last message that was taken out.
func (tx *Tx) Received() uint64 { return tx.head.Inbox.Received }

// ReadMessage opens a message that waits. What is not whole, or was sealed to
// another key, is damaged.
func (tx *Tx) ReadMessage(m Message) ([]byte, error) {
	k, err := tx.v.inboxKeys()
	if err != nil {
		return nil, err
	}
	b, err := bucket(tx.kv, bucketInbox, "inbox")
	if err != nil {
		return nil, err
	}
	var parts [][]byte
	for i, key := range m.keys {
		value, err := b.Get(key)
		if err != nil {
			return nil, err
		}
		said, ok := authentic(k.secret, tx.v.storeID, key, value)
		if !ok || !bytes.Equal(key, partKey(m.Number, uint32(i))) || (said[1] == 1) != (i == len(m.keys)-1) {
			return nil, fault.Damaged("inbox")
		}
		parts = append(parts, said[2:])
	}
	return tx.v.openMessage(k.private, m.Number, parts)
}

func (v *Vault) openMessage(private hpke.PrivateKey, number uint64, parts [][]byte) ([]byte, error) {
	size := encapsulated()
	if len(parts) == 0 || len(parts[0]) < size {
		return nil, fault.Damaged("inbox")
	}
	open, err := hpke.NewRecipient(parts[0][:size], private, hpke.HKDFSHA256(), hpke.AES256GCM(), inboxInfo(v.storeID, number))
	if err != nil {
		return nil, fault.Damaged("inbox")
	}
	parts[0] = parts[0][size:]
	var whole []byte
	for i, part := range parts {
		plain, err := open.Open(partBound(uint32(i), i == len(parts)-1), part)
		if err != nil {
			return nil, fault.Damaged("inbox")
		}
		whole = append(whole, plain...)
	}
	env, err := decodeEnvelope(whole)
	if err == nil {
		whole, err = v.pack.unsqueeze(env.flags, env.payload)
	}
	if err != nil {
		return nil, fault.Damaged("inbox")
	}
	return whole, nil
}

// encapsulated is the length of the encapsulated key of MLKEM768X25519: 1088
// bytes of ML-KEM-768 and 32 of X25519.
func encapsulated() int { return 1088 + 32 }

// TakeOut removes a message and says so in the head and to writers: it can come
// back neither from a copy nor under a number that was given out.
func (tx *Tx) TakeOut(m Message) error {
	if err := tx.Discard(m.keys); err != nil {
		return err
	}
	tx.head.Inbox.Received = max(tx.head.Inbox.Received, m.Number)
	return tx.writePublic()
}

// Discard removes values that are no message, and puts the public key right.
func (tx *Tx) Discard(strange [][]byte) error {
	b, err := tx.kv.Bucket(bucketInbox)
	for _, key := range strange {
		if err == nil && b != nil {
			err = b.Delete(key)
		}
	}
	if err != nil {
		return err
	}
	return tx.writePublic()
}

// ScanInbox counts the messages that wait and tells whether everything in the
// inbox was written by this store or by a holder of the inbox secret. What was
// taken away nobody can tell before it is received.
func (v *Vault) ScanInbox() (waiting int, damage []*fault.DamagedError, err error) {
	err = v.kv.View(func(kv KVTx) error {
		head, err := v.readHead(kv)
		if err != nil || head.Inbox == nil {
			return err
		}
		w, err := (&Tx{v: v, kv: kv, head: head}).Waiting()
		if w.Changed || len(w.Strange) > 0 {
			damage = append(damage, &fault.DamagedError{Where: "inbox"})
		}
		waiting = len(w.Messages)
		return err
	})
	return waiting, damage, err
}
