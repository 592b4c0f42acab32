package keys

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

var cheap = KDF{Time: 1, Memory: 64, Threads: 1}

func maker(id [16]byte) Maker {
	return Maker{StoreID: id, Epoch: 1, VaultKey: make([]byte, Size), KDF: cheap}
}

func TestCalibrate(t *testing.T) {
	perMiB := func(d time.Duration) func(KDF) time.Duration {
		return func(k KDF) time.Duration { return time.Duration(k.Memory>>10) * d }
	}
	for name, c := range map[string]struct {
		measure func(KDF) time.Duration
		want    uint32 // MiB
	}{
		"a slow machine stays at the floor":   {perMiB(time.Second), 64},
		"0.24 s for 64 MiB goes to 256":       {perMiB(3750 * time.Microsecond), 256},
		"0.3 s for 64 MiB goes to 128":        {perMiB(4700 * time.Microsecond), 128},
		"a very fast machine stops at 1 GiB":  {perMiB(time.Nanosecond), 1024},
		"a clock that stands still stops too": {func(KDF) time.Duration { return 0 }, 1024},
	} {
		got := Calibrate(c.measure)
		if got.Memory>>10 != c.want || got.Time != 3 || got.Threads != 4 || !got.acceptable() {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if Measure(cheap) <= 0 {
		t.Error("measured nothing")
	}
}

func TestCostLimits(t *testing.T) {
	for _, k := range []KDF{
		{},
		{Time: 17, Memory: 64, Threads: 1},
		{Time: 1, Memory: 2<<20 + 1, Threads: 1},
		{Time: 1, Memory: 1024, Threads: 17},
		{Time: 1, Memory: 7, Threads: 1},
		{Time: 1, Memory: 64},
	} {
		if k.acceptable() {
			t.Errorf("%+v is acceptable", k)
		}
	}
}

func TestRecoveryCode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "secret")
		code := FormatRecovery(secret)
		if len(code) != 41 || strings.ContainsAny(code[:40], "ILOU") {
			t.Fatalf("code %s", code)
		}
		sloppy := strings.NewReplacer("0", "o", "1", "l", "-", " ").Replace(strings.ToLower(code))
		for _, c := range []string{code, sloppy} {
			if got, ok := ParseRecovery(c); !ok || !bytes.Equal(got, secret) {
				t.Fatalf("%q: %x %v", c, got, ok)
			}
		}
		// Any one character typed wrong is noticed.
		at := rapid.IntRange(0, 39).Draw(t, "at")
		other := rapid.SampledFrom([]byte(alphabet)).Draw(t, "other")
		if code[at] == '-' || code[at] == other {
			return
		}
		if _, ok := ParseRecovery(code[:at] + string(other) + code[at+1:]); ok {
			t.Fatal("a typing error went unnoticed")
		}
	})
	for _, bad := range []string{"", "0", strings.Repeat("U", 33), strings.Repeat("é", 33)} {
		if _, ok := ParseRecovery(bad); ok {
			t.Errorf("%q is a code", bad)
		}
	}
}

func TestHeader(t *testing.T) {
	h, vaultKey, secret, err := NewHeader([]byte("a passphrase"), cheap)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := h.Marshal()
	if err != nil || len(raw) > MaxHeader {
		t.Fatal(len(raw), err)
	}
	got, err := ParseHeader(raw)
	if err != nil {
		t.Fatal(err)
	}
	for kind, secret := range map[SlotKind][]byte{SlotPassphrase: []byte("a passphrase"), SlotRecovery: secret} {
		if key, err := got.Unlock(kind, secret); err != nil || !bytes.Equal(key, vaultKey) {
			t.Errorf("slot %d: %v", kind, err)
		}
	}
	if _, err := got.Unlock(SlotRecovery, []byte("a passphrase")); !errors.Is(err, fault.ErrWrongKey) {
		t.Errorf("wrong secret: %v", err)
	}
	if _, _, _, err := NewHeader(nil, KDF{}); err == nil {
		t.Error("no cost is accepted")
	}
}

// No flipped bit makes a header of today look like one of tomorrow.
func TestEveryFlipOfTheHeader(t *testing.T) {
	h, _, _, err := NewHeader([]byte("a passphrase"), cheap)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := h.Marshal()
	damaged := 0
	for i := range 8 * len(raw) {
		raw[i/8] ^= 1 << (i % 8)
		if _, err := ParseHeader(raw); errors.Is(err, fault.ErrDamaged) {
			damaged++
		} else if err != nil {
			t.Errorf("bit %d: %v", i, err)
		}
		raw[i/8] ^= 1 << (i % 8)
	}
	if damaged < 7*len(raw) {
		t.Errorf("only %d of %d flips are damage", damaged, 8*len(raw))
	}
}

// A changed byte anywhere in a slot is damage, never a wrong passphrase.
func TestSlotTellsDamage(t *testing.T) {
	id := [16]byte{1, 2, 3}
	s := maker(id).Slot(SlotPassphrase, []byte("secret"))
	if err := s.check(id); err != nil || len(s) != slotSize {
		t.Fatal(len(s), err)
	}
	for i := range s {
		s[i] ^= 1
		if err := s.check(id); !errors.Is(err, fault.ErrDamaged) {
			t.Errorf("byte %d: %v", i, err)
		}
		s[i] ^= 1
	}
	if err := s.check([16]byte{}); !errors.Is(err, fault.ErrDamaged) {
		t.Errorf("slot of another store: %v", err)
	}
	for n := range s {
		if s[:n].check(id) == nil {
			t.Errorf("cut at %d", n)
		}
	}
}

// The commitment holds the wrapped key, so a slot cannot be made to open with
// a key of somebody's choice.
func TestSlotCommits(t *testing.T) {
	id := [16]byte{1}
	s := maker(id).Slot(SlotRecovery, []byte("secret"))
	s[headSize+20] ^= 1
	copy(s[len(s)-selfSize:], s.selfHash(id, len(s)-selfSize))
	if err := s.check(id); err != nil {
		t.Fatal(err)
	}
	if _, err := s.open(id, []byte("secret")); !errors.Is(err, fault.ErrWrongKey) {
		t.Errorf("%v", err)
	}
}

func TestUnknownSlotsAreCarried(t *testing.T) {
	h, _, secret, err := NewHeader([]byte("a passphrase"), cheap)
	if err != nil {
		t.Fatal(err)
	}
	later := Slot{slotVersion, 9, 'x', 'y'}
	later = append(later, later.selfHash(h.StoreID, len(later))...)
	h.Slots = append([]Slot{later}, h.Slots...)
	raw, _ := h.Marshal()
	got, err := ParseHeader(raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := got.Unlock(SlotRecovery, secret); err != nil {
		t.Error(err)
	}
}

func TestTable(t *testing.T) {
	a, b := NewTable([16]byte{1}, 1, random(Size)), NewTable([16]byte{2}, 1, random(Size))
	defer b.Zero()
	wrapped := a.Make("one")
	if len(wrapped) != 64 || binary.BigEndian.Uint32(wrapped) != 1 {
		t.Errorf("wrapped key of %d bytes", len(wrapped))
	}
	key := append([]byte(nil), a.Key("one")...)
	again := NewTable([16]byte{1}, 1, bytes.Clone(a.vault[:]))
	defer again.Zero()
	if err := again.Unwrap("one", wrapped); err != nil || !bytes.Equal(again.Key("one"), key) {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"under another name":  again.Unwrap("two", wrapped),
		"in another store":    b.Unwrap("one", wrapped),
		"cut":                 again.Unwrap("one", wrapped[:63]),
		"of another epoch":    again.Unwrap("one", append([]byte{9}, wrapped[1:]...)),
		"with a flipped byte": again.Unwrap("one", append(append([]byte(nil), wrapped[:63]...), wrapped[63]^1)),
	} {
		if !errors.Is(err, fault.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a.Zero()
	if a.Key("one") != nil || a.AEAD("one") != nil || a.vault != nil {
		t.Error("keys stay after Zero")
	}
	a.Zero() // twice is no error
}

func FuzzHeader(f *testing.F) {
	h, _, _, err := NewHeader([]byte("a passphrase"), cheap)
	if err != nil {
		f.Fatal(err)
	}
	raw, _ := h.Marshal()
	f.Add(raw)
	f.Add([]byte(`{"magic":"BUNDEL2\u0000"}`))
	f.Add([]byte(`{"magic":"BUNDEL1\u0000","storeID":"AAAAAAAAAAAAAAAAAAAAAA==","slots":[""]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := ParseHeader(raw)
		var newer *fault.NewerError
		if err != nil {
			if !errors.Is(err, fault.ErrDamaged) && !errors.As(err, &newer) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		for _, s := range h.Slots {
			if s.Known() && s.Kind().slow() && !s.kdf().acceptable() {
				t.Fatal("a cost without limits passed")
			}
		}
		if _, err := h.Unlock(SlotRecovery, make([]byte, recoveryBytes)); err == nil {
			t.Fatal("opened without the secret")
		}
	})
}
