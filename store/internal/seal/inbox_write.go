package seal

import (
	"bytes"
	"crypto/hpke"
	"encoding/binary"
	"slices"

	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// InboxWriter adds messages to the inbox of a store that it cannot open.
type InboxWriter struct {
	storeID [16]byte
	secret  []byte
	pack    *packer
}

// NewInboxWriter is for the store and the secret that [Tx.InboxSecret] gave.
func NewInboxWriter(storeID [16]byte, secret []byte) (*InboxWriter, error) {
	p, err := sharedPacker()
	if err != nil {
		return nil, err
	}
	return &InboxWriter{storeID: storeID, secret: slices.Clone(secret), pack: p}, nil
}

// Zero wipes the secret.
func (w *InboxWriter) Zero() { clear(w.secret) }

// Check sees that the place holds an inbox that the secret fits. Errors:
// [ErrNoInbox], and [ErrInboxKey] for another store, for an inbox that
// was made anew, and for one whose public key somebody changed.
func (w *InboxWriter) Check(kv KV) error {
	return kv.View(func(tx KVTx) error {
		_, err := w.look(tx)
		return err
	})
}

// inbox is what a writer sees of it.
type inbox struct {
	bucket   Bucket
	public   hpke.PublicKey
	last     uint64 // number of the last message, received or waiting
	messages int
	bytes    int64
}

func (w *InboxWriter) look(tx KVTx) (in inbox, err error) {
	raw, err := ReadHeader(tx)
	if err != nil {
		return in, err
	}
	switch h, err := keys.ParseHeader(raw); {
	case err != nil:
		return in, err
	case h.StoreID != w.storeID:
		return in, ErrInboxKey
	}
	if in.bucket, err = tx.Bucket(bucketInbox); err != nil {
		return in, err
	} else if in.bucket == nil {
		return in, ErrNoInbox
	}
	if err := w.readPublic(&in); err != nil {
		return in, err
	}
	return in, w.count(&in)
}

// readPublic seals to no key that the secret does not vouch for.
func (w *InboxWriter) readPublic(in *inbox) error {
	value, err := in.bucket.Get(keyPublic)
	if err != nil {
		return err
	}
	said, ok := authentic(w.secret, w.storeID, keyPublic, value)
	if !ok || len(said) < 1+8 {
		return ErrInboxKey
	}
	in.last = binary.BigEndian.Uint64(said[1:])
	if in.public, err = kem().NewPublicKey(said[1+8:]); err != nil {
		return ErrInboxKey
	}
	return nil
}

// count takes the last number from a value that a holder of the secret wrote:
// anybody can put one there with the highest number there is.
func (w *InboxWriter) count(in *inbox) error {
	type pair struct{ key, value []byte }
	var all []pair
	err := in.bucket.ForEach(func(key, value []byte) error {
		if bytes.Equal(key, keyPublic) {
			return nil
		}
		all = append(all, pair{key, value})
		in.bytes += int64(len(value))
		if len(key) == messageKey && binary.BigEndian.Uint32(key[8:]) == 0 {
			in.messages++
		}
		return nil
	})
	for _, p := range slices.Backward(all) {
		if _, ok := authentic(w.secret, w.storeID, p.key, p.value); ok && len(p.key) == messageKey {
			in.last = max(in.last, binary.BigEndian.Uint64(p.key))
			break
		}
	}
	return err
}

// Add seals one message and writes it, whole or not at all. Errors: *FullError,
// ErrTooLarge above 64 MB, and those of Check.
func (w *InboxWriter) Add(kv KV, message []byte, room Room) error {
	if len(message) > maxMessage {
		return ErrTooLarge
	}
	codec, payload := w.pack.squeeze(message)
	plain := envelope{flags: codec, payload: payload}.encode()
	return kv.Update(func(tx KVTx) error {
		in, err := w.look(tx)
		if err != nil {
			return err
		}
		if in.messages >= room.Messages || in.bytes+int64(len(plain)) > room.Bytes {
			return &FullError{Messages: in.messages, Bytes: in.bytes}
		}
		return w.write(in, plain)
	})
}

func (w *InboxWriter) write(in inbox, plain []byte) error {
	number := in.last + 1
	enc, sealer, err := hpke.NewSender(in.public, hpke.HKDFSHA256(), hpke.AES256GCM(), inboxInfo(w.storeID, number))
	if err != nil {
		return err
	}
	part := uint32(0)
	for some := range slices.Chunk(plain, partSize) {
		last := (int(part)+1)*partSize >= len(plain)
		sealed, err := sealer.Seal(partBound(part, last), some)
		if err != nil {
			return err
		}
		value := append([]byte{inboxVersion, lastByte(last)}, enc...)
		value = append(value, sealed...)
		key := partKey(number, part)
		if err := in.bucket.Put(key, append(value, inboxMAC(w.secret, w.storeID, key, value)...)); err != nil {
			return err
		}
		part, enc = part+1, nil
	}
	return nil
}
