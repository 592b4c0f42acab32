package seal

import (
	"bytes"
	"crypto/hpke"
	"encoding/binary"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

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
