package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"go.etcd.io/bbolt"

	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// TestPromise_EveryKeyOpensItsOwnSlot adds each kind, opens with it, and takes
// it away again.
func TestPromise_EveryKeyOpensItsOwnSlot(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	device := NewDeviceSecret()
	for kind, c := range map[KeyKind]struct{ lock, key Key }{
		KindPassphrase:          {Passphrase(nextPhrase), Passphrase(nextPhrase)},
		KindDevice:              {Device(device), Device(device)},
		KindPassphraseAndDevice: {PassphraseAndDevice(nextPhrase, device), PassphraseAndDevice(nextPhrase, device)},
		KindAge:                 {Recipient(id.Recipient()), Identity(id)},
	} {
		path, _, content := lockedUp(t)
		ctx := context.Background()
		s := reopened(t, path, Passphrase(testPhrase))
		added, err := s.AddKey(ctx, c.lock)
		if err != nil || added.Kind != kind || added.Made.IsZero() || len(added.ID) != 16 {
			t.Fatalf("%s: %+v %v", kind, added, err)
		}
		_ = s.Close()
		slots, _ := keyRemains(t, path)
		s = reopened(t, path, c.key)
		whole(t, s, content)
		all, err := s.Keys()
		if err != nil || len(all) != 3 || all[2] != added {
			t.Errorf("%s: %+v %v", kind, all, err)
		}
		if found, err := s.KeyOf(c.key); err != nil || found != added {
			t.Errorf("%s opens %+v %v", kind, found, err)
		}
		if want := id.Recipient().String(); kind == KindAge && added.Recipient != want {
			t.Errorf("recipient %q", added.Recipient)
		}
		if err := s.RemoveKey(ctx, added.ID); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		whole(t, s, content)
		if _, err := s.KeyOf(c.key); !errors.Is(err, ErrWrongKey) {
			t.Errorf("%s still opens a slot: %v", kind, err)
		}
		_ = s.Close()
		checkErased(t, filepath.Dir(path), [][]byte{slots[kind]})
		checkOpens(t, path, map[string]error{"removed": ErrWrongKey},
			map[string]Key{"removed": c.key, "the passphrase": Passphrase(testPhrase)})
	}
}

// Who an age slot is for is not readable in the file.
func TestRecipientsAreSealed(t *testing.T) {
	path, _, _ := lockedUp(t)
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	s := reopened(t, path, Passphrase(testPhrase))
	if _, err := s.AddKey(context.Background(), Recipient(id.Recipient())); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	checkErased(t, filepath.Dir(path), [][]byte{[]byte(id.Recipient().String())})
}

// TestPromise_AWayInAlwaysStays: neither the last passphrase nor the recovery
// code can be taken away.
func TestPromise_AWayInAlwaysStays(t *testing.T) {
	path, _, content := lockedUp(t)
	ctx := context.Background()
	s := reopened(t, path, Passphrase(testPhrase))
	if _, err := s.AddKey(ctx, Device(NewDeviceSecret())); err != nil {
		t.Fatal(err)
	}
	byKind := func(kind KeyKind) string {
		all, err := s.Keys()
		if err != nil {
			t.Fatal(err)
		}
		return all[slices.IndexFunc(all, func(k KeySlot) bool { return k.Kind == kind })].ID
	}
	for kind, want := range map[KeyKind]error{KindPassphrase: ErrLastKey, KindRecovery: ErrLastKey} {
		if err := s.RemoveKey(ctx, byKind(kind)); !errors.Is(err, want) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if err := s.RemoveKey(ctx, "0000000000000000"); !errors.Is(err, ErrNotFound) {
		t.Errorf("none: %v", err)
	}
	// With a second one the first can go.
	first := byKind(KindPassphrase)
	if _, err := s.AddKey(ctx, PassphraseAndDevice(nextPhrase, NewDeviceSecret())); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveKey(ctx, first); err != nil {
		t.Error(err)
	}
	if err := s.RemoveKey(ctx, byKind(KindPassphraseAndDevice)); !errors.Is(err, ErrLastKey) {
		t.Errorf("the last one: %v", err)
	}
	whole(t, s, content)
}

func TestKeysHaveAnEnd(t *testing.T) {
	s, _ := newStore(t)
	ctx := context.Background()
	pq, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if _, err = s.AddKey(ctx, Recipient(pq.Recipient())); err != nil {
			t.Logf("%d of the longest kind", i)
			break
		}
	}
	if !errors.Is(err, ErrTooManyKeys) {
		t.Error(err)
	}
	if err := s.Check(Identity(pq)); err != nil {
		t.Errorf("those that fit: %v", err)
	}
	if err := s.ChangePassphrase(ctx, Passphrase(nextPhrase)); err != nil {
		t.Errorf("in the place of another: %v", err)
	}
}

// A slot of a later program is carried along by every change but a rotation,
// which says that it goes.
func TestSlotsOfLaterProgramsAreCarried(t *testing.T) {
	s, _ := newStore(t)
	ctx := context.Background()
	err := s.rekey(ctx, func(l *locks) error {
		later := keys.Slot("\x02\x09of later........")
		resum(l.header.StoreID, later)
		l.header.Slots = append(l.header.Slots, later)
		return nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	kinds := func() (out []string) {
		all, err := s.Keys()
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range all {
			out = append(out, string(k.Kind))
		}
		slices.Sort(out)
		return out
	}
	if err := s.ChangePassphrase(ctx, Passphrase(nextPhrase)); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(kinds(), " "); got != "passphrase recovery unknown" {
		t.Error(got)
	}
	r, err := s.Rotate(ctx, Passphrase(testPhrase))
	if err != nil || len(r.Dropped) != 1 || r.Dropped[0].Kind != KindUnknown {
		t.Errorf("%+v %v", r.Dropped, err)
	}
	if got := strings.Join(kinds(), " "); got != "passphrase recovery" {
		t.Error(got)
	}
}

// No key prints itself, however it is asked.
func TestKeysDoNotPrint(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("0123456789abcdef0123456789abcdef")
	for _, key := range []Key{
		Passphrase(secret), PassphraseOrRecovery(secret), Recovery(string(secret)), Device(secret),
		PassphraseAndDevice(secret, secret), Identity(id), Recipient(id.Recipient()),
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if got := fmt.Sprintf(verb, key); got != redacted {
				t.Errorf("%s of %T: %s", verb, key, got)
			}
		}
	}
}

// A recipient opens nothing, an identity locks nothing.
func TestKeysThatDoHalf(t *testing.T) {
	path, code, _ := lockedUp(t)
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if err := opens(path, Recipient(id.Recipient())); !errors.Is(err, ErrKeyKind) {
		t.Error(err)
	}
	s := reopened(t, path, PassphraseOrRecovery([]byte(code.Reveal())))
	for _, key := range []Key{Identity(id), Recovery(code.Reveal()), Device([]byte("short")), Recipient(broken{})} {
		if _, err := s.AddKey(context.Background(), key); !errors.Is(err, ErrKeyKind) {
			t.Errorf("%T: %v", key, err)
		}
	}
	if err := s.Check(PassphraseOrRecovery(testPhrase)); err != nil {
		t.Errorf("the passphrase in the same field: %v", err)
	}
}

type broken struct{}

func (broken) Wrap([]byte) ([]*age.Stanza, error) { return nil, errors.New("not plugged in") }

// Keys changed on a Backend that is no file.
func TestRotateOnABackend(t *testing.T) {
	kv := Memory()
	s, _, err := CreateOn(kv, testPhrase, cheap())
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, clinic, resource("Basic", "a", "x"))
	if _, err := s.Rotate(context.Background(), Passphrase(nextPhrase)); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if _, err := OpenOn(kv, Passphrase(testPhrase), cheap()); !errors.Is(err, ErrWrongKey) {
		t.Error(err)
	}
	s, err = OpenOn(kv, Passphrase(nextPhrase), cheap())
	if err != nil || len(lines(t, s)) != 1 {
		t.Fatal(err)
	}
	_ = s.Close()
}

// A slot that was changed by hand, with a self hash that fits, is damage.
func TestSlotOfAnotherEpochIsDamage(t *testing.T) {
	path, _, _ := lockedUp(t)
	edit(t, path, func(tx *bbolt.Tx) error {
		h, err := keys.ParseHeader(tx.Bucket([]byte("h")).Get([]byte("header")))
		if err != nil {
			return err
		}
		for _, s := range h.Slots {
			s[5]++
			resum(h.StoreID, s)
		}
		raw, err := h.Marshal()
		if err != nil {
			return err
		}
		return tx.Bucket([]byte("h")).Put([]byte("header"), raw)
	})
	if err := opens(path, Passphrase(testPhrase)); !errors.Is(err, ErrWrongKey) {
		t.Errorf("the slot is bound to its epoch: %v", err)
	}
}

// Somebody who can write the file while it is open cannot put in a header of
// their own and be let in; and a change by another program is no damage.
func TestCheckProvesTheHeader(t *testing.T) {
	kv, other := Memory(), Memory()
	s, _, err := CreateOn(kv, testPhrase, cheap())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	theirs, _, err := CreateOn(other, nextPhrase, cheap())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = theirs.Close() }()
	second, err := OpenOn(kv, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	if err := second.ChangePassphrase(context.Background(), Passphrase(nextPhrase)); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(Passphrase(nextPhrase)); !errors.Is(err, ErrReopen) {
		t.Errorf("changed by another program: %v", err)
	}
	header, err := readHeader(other)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := header.Marshal()
	if err == nil {
		err = kv.Update(func(tx BackendTx) error {
			b, err := tx.Bucket([]byte("h"))
			return errors.Join(err, b.Put([]byte("header"), raw))
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Check(Passphrase(nextPhrase)); !errors.Is(err, ErrDamaged) {
		t.Errorf("the header of somebody else: %v", err)
	}
	_ = second.Close()
}
