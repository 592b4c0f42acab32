package seal

import (
	"bytes"
	"crypto/hpke"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
)

var room = Room{Messages: 99, Bytes: 1 << 30}

// newInbox gives a vault with an inbox and a writer to it.
func newInbox(t *testing.T) (*mem, *Vault, *InboxWriter) {
	t.Helper()
	kv, v := newMem(t)
	var w *InboxWriter
	err := v.Update(func(tx *Tx) error {
		id, secret, err := tx.InboxSecret()
		if err != nil {
			return err
		}
		w, err = NewInboxWriter(id, secret)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return kv, v, w
}

// readAll opens every message that waits; a damaged one is "damaged".
func readAll(t *testing.T, v *Vault) (all []string) {
	t.Helper()
	err := v.View(func(tx *Tx) error {
		w, err := tx.Waiting()
		for _, m := range w.Messages {
			b, readErr := tx.ReadMessage(m)
			switch {
			case errors.Is(readErr, fault.ErrDamaged):
				b = []byte("damaged")
			case readErr != nil:
				return readErr
			}
			all = append(all, string(b))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestMessagesComeBackInOrder(t *testing.T) {
	kv, v, w := newInbox(t)
	large := hex.EncodeToString(random(700 << 10)) // three parts
	want := []string{"", "one", strings.Repeat("a", 3<<20), large, "last"}
	for _, m := range want {
		if err := w.Add(kv, []byte(m), room); err != nil {
			t.Fatal(err)
		}
	}
	if got := readAll(t, v); !slices.Equal(got, want) {
		t.Errorf("%d messages", len(got))
	}
	longest := 0
	for _, value := range kv.buckets["i"] {
		longest = max(longest, len(value))
	}
	if longest > 1<<20 {
		t.Errorf("a value of %d bytes", longest)
	}
	if err := w.Add(kv, make([]byte, maxMessage+1), room); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

// mac signs a value anew: what a holder of the inbox secret can do.
func (w *InboxWriter) mac(kv *mem, key, said []byte) {
	kv.buckets["i"][string(key)] = append(slices.Clone(said), inboxMAC(w.secret, w.storeID, key, said)...)
}

// A message is bound to its number, its parts to their places, and all of it to
// the key of this store: no holder of the inbox secret can make another of it.
func TestMessagesAreBound(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, kv *mem, w *InboxWriter, said func(number uint64, part uint32) []byte){
		"another number": func(_ *testing.T, kv *mem, w *InboxWriter, said func(uint64, uint32) []byte) {
			w.mac(kv, partKey(2, 0), said(1, 0))
		},
		"two parts swapped": func(_ *testing.T, kv *mem, w *InboxWriter, said func(uint64, uint32) []byte) {
			a, b := said(2, 1), said(2, 2)
			w.mac(kv, partKey(2, 1), append(slices.Clone(a[:2]), b[2:]...))
			w.mac(kv, partKey(2, 2), append(slices.Clone(b[:2]), a[2:]...))
		},
		"a part of another message": func(_ *testing.T, kv *mem, w *InboxWriter, said func(uint64, uint32) []byte) {
			w.mac(kv, partKey(2, 1), said(3, 1))
		},
		"the last part left out": func(_ *testing.T, kv *mem, w *InboxWriter, said func(uint64, uint32) []byte) {
			delete(kv.buckets["i"], string(partKey(2, 2)))
			b := slices.Clone(said(2, 1))
			b[1] = 1
			w.mac(kv, partKey(2, 1), b)
		},
		"the first part left out": func(_ *testing.T, kv *mem, _ *InboxWriter, _ func(uint64, uint32) []byte) {
			delete(kv.buckets["i"], string(partKey(2, 0)))
		},
		"the middle part left out": func(_ *testing.T, kv *mem, _ *InboxWriter, _ func(uint64, uint32) []byte) {
			delete(kv.buckets["i"], string(partKey(2, 1)))
		},
		"shorter than a key": func(_ *testing.T, kv *mem, w *InboxWriter, _ func(uint64, uint32) []byte) {
			w.mac(kv, partKey(2, 0), make([]byte, 100))
		},
		"another encapsulated key": func(_ *testing.T, kv *mem, w *InboxWriter, said func(uint64, uint32) []byte) {
			b := slices.Clone(said(2, 0))
			copy(b[2:], said(3, 0)[2:2+encapsulated()])
			w.mac(kv, partKey(2, 0), b)
		},
		"sealed to another key": func(t *testing.T, kv *mem, w *InboxWriter, _ func(uint64, uint32) []byte) {
			for part := range uint32(3) {
				delete(kv.buckets["i"], string(partKey(2, part)))
			}
			other, err := kem().GenerateKey()
			if err != nil {
				t.Fatal(err)
			}
			in := inbox{bucket: memBucket(kv.buckets["i"]), public: other.PublicKey(), last: 1}
			if err := w.write(in, envelope{payload: []byte("two")}.encode()); err != nil {
				t.Fatal(err)
			}
		},
		"no envelope in it": func(t *testing.T, kv *mem, w *InboxWriter, _ func(uint64, uint32) []byte) {
			for part := range uint32(3) {
				delete(kv.buckets["i"], string(partKey(2, part)))
			}
			in, err := w.look(memTx{kv.buckets})
			if err != nil {
				t.Fatal(err)
			}
			in.last = 1
			if err := w.write(in, []byte{0xff}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		kv, v, w := newInbox(t)
		for range 4 { // three parts each
			if err := w.Add(kv, random(1200<<10), room); err != nil {
				t.Fatal(err)
			}
		}
		before := readAll(t, v)
		change(t, kv, w, func(number uint64, part uint32) []byte {
			value := kv.buckets["i"][string(partKey(number, part))]
			return value[:len(value)-macSize]
		})
		got := readAll(t, v)
		if len(got) != 4 || got[1] != "damaged" || got[0] != before[0] || got[2] != before[2] || got[3] != before[3] {
			t.Errorf("%s is not noticed", name)
		}
	}
}

// The layout is final.
func TestInboxLayout(t *testing.T) {
	id := [16]byte{0xaa}
	if got := hex.EncodeToString(inboxInfo(id, 258)); got != hex.EncodeToString([]byte("bundel.inbox.1"))+"aa"+strings.Repeat("00", 15)+"0000000000000102" {
		t.Errorf("info %s", got)
	}
	if got := hex.EncodeToString(partKey(258, 3)); got != "000000000000010200000003" {
		t.Errorf("key %s", got)
	}
	if got := hex.EncodeToString(partBound(3, true)); got != "0000000301" {
		t.Errorf("bound data %s", got)
	}
	v := &Vault{storeID: id, keys: keys.NewTable(id, 1, make([]byte, keys.Size))}
	if _, err := v.inboxKeys(); !errors.Is(err, fault.ErrDamaged) {
		t.Error("keys without a seed:", err)
	}
	v.keys.Make(keys.Inbox)
	a, err := v.inboxKeys()
	if err != nil {
		t.Fatal(err)
	}
	b, err := v.inboxKeys()
	if err != nil || !bytes.Equal(a.secret, b.secret) || !bytes.Equal(a.private.PublicKey().Bytes(), b.private.PublicKey().Bytes()) {
		t.Error("one seed gives two keys", err)
	}
	if bytes.Equal(a.secret, v.keys.Key(keys.Inbox)) {
		t.Error("the secret is the seed")
	}
	enc, _, err := hpke.NewSender(a.private.PublicKey(), hpke.HKDFSHA256(), hpke.AES256GCM(), nil)
	if err != nil || len(enc) != encapsulated() || a.private.KEM().ID() != 0x647a {
		t.Errorf("%d bytes of encapsulated key, KEM %x: %v", len(enc), a.private.KEM().ID(), err)
	}
	if entry := publicEntry(a.secret, id, 1, a.private.PublicKey()); len(entry) != 1+8+1216+macSize {
		t.Errorf("%d bytes of public key entry", len(entry))
	}
}

// What a store asks of its reader: more only with an inbox.
func TestInboxAsksForANewerReader(t *testing.T) {
	_, v, _ := newInbox(t)
	if got := v.Head().MinReader; got != reader {
		t.Errorf("reader %d", got)
	}
	if err := v.Update(func(tx *Tx) error { return tx.DropInbox() }); err != nil {
		t.Fatal(err)
	}
	if h := v.Head(); h.MinReader != readerPlain || h.Inbox != nil || !h.Owed || v.keys.Key(keys.Inbox) != nil {
		t.Errorf("%+v", h)
	}
}

func TestEachDoesAllOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 100} {
		done := make([]int, n)
		Each(n, func(i int) { done[i]++ })
		if slices.ContainsFunc(done, func(times int) bool { return times != 1 }) {
			t.Errorf("%d: %v", n, done)
		}
	}
}
