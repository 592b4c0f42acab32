package keys

import (
	"bytes"
	"errors"
	"testing"

	"filippo.io/age"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// Each kind opens with its own secret, and with that of no other.
func TestEveryKindOfSlot(t *testing.T) {
	id := [16]byte{4}
	m := Maker{StoreID: id, Epoch: 7, VaultKey: random(Size), KDF: cheap}
	device, phrase := random(Size), []byte("nine quiet bicycles")
	secrets := map[SlotKind][]byte{
		SlotPassphrase: phrase, SlotRecovery: NewRecovery(), SlotDevice: device, SlotBoth: Both(device, phrase),
	}
	h := Header{StoreID: id}
	for kind, secret := range secrets {
		s := m.Slot(kind, secret)
		if err := s.check(id); err != nil || len(s) != slotSize || s.epoch() != 7 {
			t.Fatalf("kind %d: %v", kind, err)
		}
		h.Slots = append(h.Slots, s)
	}
	for kind := range secrets {
		for of, secret := range secrets {
			key, err := h.Unlock(kind, secret)
			if want := bytes.Equal(key, m.VaultKey); want != (kind == of) || (err == nil) != (kind == of) {
				t.Errorf("kind %d with the secret of %d: %v", kind, of, err)
			}
		}
	}
	for name, secret := range map[string][]byte{
		"another device":      Both(random(Size), phrase),
		"another passphrase":  Both(device, []byte("nine quiet bicycle")),
		"nothing":             nil,
		"the device alone":    device,
		"less than a device":  device[:20],
		"the passphrase only": phrase,
	} {
		if _, err := h.Unlock(SlotBoth, secret); !errors.Is(err, fault.ErrWrongKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if h.Epoch() != 7 {
		t.Errorf("epoch %d", h.Epoch())
	}
}

// Only a passphrase costs time.
func TestOnlyPassphrasesAreSlow(t *testing.T) {
	for kind, slow := range map[SlotKind]bool{SlotPassphrase: true, SlotBoth: true, SlotRecovery: false, SlotDevice: false} {
		if got := maker([16]byte{}).Slot(kind, random(Size)).kdf() != (KDF{}); got != slow {
			t.Errorf("kind %d has a cost: %v", kind, got)
		}
	}
}

func TestAgeSlots(t *testing.T) {
	x, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	pq, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	m := maker([16]byte{9})
	m.VaultKey = random(Size)
	h := Header{StoreID: m.StoreID}
	for _, to := range []age.Recipient{x.Recipient(), pq.Recipient()} {
		s, err := m.Age(to)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d bytes for %T", len(s), to)
		h.Slots = append(h.Slots, s)
	}
	raw, err := h.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if h, err = ParseHeader(raw); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		with []age.Identity
		want bool
	}{
		"x25519":            {[]age.Identity{x}, true},
		"hybrid":            {[]age.Identity{pq}, true},
		"one of two":        {[]age.Identity{other, pq}, true},
		"somebody else":     {[]age.Identity{other}, false},
		"a broken hardware": {[]age.Identity{unplugged{}}, false},
	} {
		key, err := h.UnlockAge(c.with)
		if bytes.Equal(key, m.VaultKey) != c.want || (err == nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.UnlockAge([]age.Identity{other}); !errors.Is(err, fault.ErrWrongKey) {
		t.Errorf("somebody else: %v", err)
	}
	if _, err := h.UnlockAge([]age.Identity{unplugged{}}); !errors.Is(err, errUnplugged) {
		t.Errorf("what the plugin says is lost: %v", err)
	}
}

var errUnplugged = errors.New("not plugged in")

type unplugged struct{}

func (unplugged) Unwrap([]*age.Stanza) ([]byte, error) { return nil, errUnplugged }

// A slot that somebody else made of an age file of theirs is damage.
func TestAgeSlotOfSomethingElse(t *testing.T) {
	x, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"short": random(31), "long": random(33), "nothing": nil} {
		m := maker([16]byte{})
		m.VaultKey = content
		s, err := m.Age(x.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.openAge([]age.Identity{x}); !errors.Is(err, fault.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := maker([16]byte{}).begin(SlotAge)
	s = append(s, "not an age file"...)
	s = append(s, s.selfHash([16]byte{}, len(s))...)
	if _, err := s.openAge([]age.Identity{x}); !errors.Is(err, fault.ErrDamaged) {
		t.Errorf("no age file: %v", err)
	}
}

// Slots that lead to two vault keys cannot be of one store.
func TestOneEpochPerHeader(t *testing.T) {
	a, b := maker([16]byte{}), maker([16]byte{})
	b.Epoch = 2
	h := Header{Slots: []Slot{a.Slot(SlotDevice, random(Size)), b.Slot(SlotRecovery, NewRecovery())}}
	raw, err := h.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseHeader(raw); !errors.Is(err, fault.ErrDamaged) {
		t.Error(err)
	}
}

func TestHeaderHasAnEnd(t *testing.T) {
	h, m := Header{}, maker([16]byte{})
	var err error
	for err == nil && len(h.Slots) < 200 {
		h.Slots = append(h.Slots, m.Slot(SlotDevice, random(Size)))
		_, err = h.Marshal()
	}
	if !errors.Is(err, ErrFull) || len(h.Slots) < 50 {
		t.Errorf("%d slots: %v", len(h.Slots), err)
	}
}

// After a rotation every key is the same, under another vault key, and nothing
// that was wrapped before opens with it.
func TestRotation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := random(Size)
		table := NewTable([16]byte{1}, 1, bytes.Clone(first))
		defer table.Zero()
		ids := rapid.SliceOfNDistinct(rapid.StringN(1, 12, 12), 1, 20, rapid.ID).Draw(t, "ids")
		before, old := map[string][]byte{}, map[string][]byte{}
		for _, id := range ids {
			old[id] = table.Make(id)
			before[id] = bytes.Clone(table.Key(id))
		}
		r := table.Rotate()
		vault := bytes.Clone(r.Maker(cheap).VaultKey)
		wrapped := map[string][]byte{}
		for _, id := range ids {
			w, err := r.Wrap(id)
			if err != nil {
				t.Fatal(err)
			}
			wrapped[id] = w
		}
		if _, err := r.Wrap("\x00none"); !errors.Is(err, fault.ErrDamaged) {
			t.Fatalf("a key that is not there: %v", err)
		}
		if rapid.Bool().Draw(t, "undone") {
			r.Undo()
			if m := table.Maker(cheap); m.Epoch != 1 || !bytes.Equal(m.VaultKey, first) {
				t.Fatal("undone and changed")
			}
			return
		}
		r.Done()
		if m := table.Maker(cheap); m.Epoch != 2 || !bytes.Equal(m.VaultKey, vault) {
			t.Fatal("not in use")
		}
		again := NewTable([16]byte{1}, 2, vault)
		defer again.Zero()
		for _, id := range ids {
			if err := again.Unwrap(id, old[id]); !errors.Is(err, fault.ErrDamaged) {
				t.Fatalf("the old form: %v", err)
			}
			if err := again.Unwrap(id, wrapped[id]); err != nil || !bytes.Equal(again.Key(id), before[id]) {
				t.Fatalf("the new form: %v", err)
			}
		}
	})
}
