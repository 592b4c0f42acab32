package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"filippo.io/age"
	"go.etcd.io/bbolt"

	"github.com/bundel-pgo/bundel/store/internal/keys"
)

var nextPhrase = []byte("seven loud tricycles")

// keyRemains gives every slot and every wrapped key of a closed store, as they
// would be found in a file: slots are base64 in the header.
func keyRemains(t *testing.T, path string) (slots map[KeyKind][]byte, wrapped [][]byte) {
	t.Helper()
	slots = map[KeyKind][]byte{}
	edit(t, path, func(tx *bbolt.Tx) error {
		h, err := keys.ParseHeader(tx.Bucket([]byte("h")).Get([]byte("header")))
		for _, s := range h.Slots {
			text, _ := json.Marshal(s)
			slots[kindOf(s)] = bytes.Trim(text, `"`)
		}
		_, wrapped = pairs(tx.Bucket([]byte("k")))
		return err
	})
	return slots, wrapped
}

// sealedValues gives what is in the compartments of a closed store.
func sealedValues(t *testing.T, path string) (all [][]byte) {
	t.Helper()
	edit(t, path, func(tx *bbolt.Tx) error {
		for _, name := range compartments(tx) {
			_, values := pairs(tx.Bucket(name))
			all = append(all, values...)
		}
		return nil
	})
	return all
}

func opens(path string, key Key) error {
	s, err := Open(path, key, cheap())
	if err == nil {
		err = s.Close()
	}
	return err
}

func checkOpens(t *testing.T, path string, want map[string]error, with map[string]Key) {
	t.Helper()
	for name, key := range with {
		if err := opens(path, key); !errors.Is(err, want[name]) || (want[name] == nil) != (err == nil) {
			t.Errorf("%s: %v, want %v", name, err, want[name])
		}
	}
}

// lockedUp is a store with something in it, closed, and its recovery code.
func lockedUp(t *testing.T) (path string, code RecoveryCode, content []string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "vault.bundel")
	s, code, err := Create(path, testPhrase, cheap())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		put(t, s, clinic, resource("Basic", fmt.Sprint(i), noise(300)))
		put(t, s, own, resource("Basic", fmt.Sprint(i), noise(30)))
	}
	_ = s.Append(context.Background(), []byte("a line"))
	content = lines(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path, code, content
}

func reopened(t *testing.T, path string, key Key) *Store {
	t.Helper()
	s, err := Open(path, key, cheap())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// whole looks whether all is there that was, and nothing is hurt.
func whole(t *testing.T, s *Store, content []string) {
	t.Helper()
	if r, err := s.Verify(context.Background(), Deep); err != nil || r.Records != len(content) || r.LogEntries != 1 {
		t.Errorf("%+v %v", r, err)
	}
	if got := lines(t, s); !slices.Equal(got, content) {
		t.Errorf("%d records, want %d", len(got), len(content))
	}
}

// TestPromise_OldPassphraseIsGone looks for the old slot in every file of the
// folder; the recovery code and every record stay.
func TestPromise_OldPassphraseIsGone(t *testing.T) {
	path, code, content := lockedUp(t)
	before, wrapped := keyRemains(t, path)
	s := reopened(t, path, Passphrase(testPhrase))
	if err := s.ChangePassphrase(context.Background(), Passphrase(nextPhrase)); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(Passphrase(testPhrase)); !errors.Is(err, ErrWrongKey) {
		t.Errorf("the old one, while it is open: %v", err)
	}
	whole(t, s, content)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	checkErased(t, filepath.Dir(path), [][]byte{before[KindPassphrase]})
	checkOpens(t, path, map[string]error{"the old passphrase": ErrWrongKey}, map[string]Key{
		"the old passphrase": Passphrase(testPhrase), "the new one": Passphrase(nextPhrase), "the code": Recovery(code.Reveal()),
	})
	after, still := keyRemains(t, path)
	if !bytes.Equal(before[KindRecovery], after[KindRecovery]) || !slices.EqualFunc(wrapped, still, bytes.Equal) {
		t.Error("more was changed than the passphrase")
	}
	whole(t, reopened(t, path, Passphrase(nextPhrase)), content)
}

// TestPromise_RotationLeavesNothingOld looks for every old slot and every old
// wrapped key, and sees that no record was sealed again.
func TestPromise_RotationLeavesNothingOld(t *testing.T) {
	path, code, content := lockedUp(t)
	sealed := sealedValues(t, path)
	old := Passphrase(testPhrase)
	for round := range 3 {
		slots, wrapped := keyRemains(t, path)
		s := reopened(t, path, old)
		next := fmt.Appendf(nil, "a new passphrase %d", round)
		r, err := s.Rotate(context.Background(), Passphrase(next))
		if err != nil || len(r.Dropped) != 0 {
			t.Fatalf("%+v %v", r.Dropped, err)
		}
		put(t, s, clinic, resource("Basic", "0", noise(100+round))) // its key table goes on
		put(t, s, clinic, resource("Basic", "new", noise(100+round)))
		content = lines(t, s)
		whole(t, s, content)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		checkErased(t, filepath.Dir(path), append(wrapped, slots[KindPassphrase], slots[KindRecovery]))
		checkOpens(t, path, map[string]error{"the old passphrase": ErrWrongKey, "the old code": ErrWrongKey}, map[string]Key{
			"the old passphrase": old, "the old code": Recovery(code.Reveal()),
			"the new passphrase": Passphrase(next), "the new code": Recovery(r.Recovery.Reveal()),
		})
		old, code = Passphrase(next), r.Recovery
	}
	now := sealedValues(t, path)
	for i, v := range sealed {
		if !slices.ContainsFunc(now, func(w []byte) bool { return bytes.Equal(v, w) }) {
			t.Errorf("record %d was sealed again", i)
		}
	}
	whole(t, reopened(t, path, old), content)
}

// mistyped is a code with another first character.
func mistyped(code RecoveryCode) string {
	if text := code.Reveal(); text[0] != 'X' {
		return "X" + text[1:]
	}
	return "Y" + code.Reveal()[1:]
}

func TestRecover(t *testing.T) {
	path, code, content := lockedUp(t)
	ctx := context.Background()
	for name, c := range map[string]struct {
		code, next string
		want       error
	}{
		"a wrong code":      {keys.FormatRecovery(make([]byte, 20)), string(nextPhrase), ErrWrongKey},
		"a typing error":    {mistyped(code), string(nextPhrase), ErrWrongKey},
		"a weak passphrase": {code.Reveal(), "wachtwoord123", ErrWeakPassphrase},
	} {
		if _, r, err := Recover(ctx, path, c.code, Passphrase([]byte(c.next)), cheap()); !errors.Is(err, c.want) || r.Recovery.Reveal() != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := opens(path, Passphrase(testPhrase)); err != nil {
		t.Fatalf("nothing was recovered, and: %v", err)
	}
	s, r, err := Recover(ctx, path, code.Reveal(), Passphrase(nextPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	whole(t, s, content)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	checkOpens(t, path, map[string]error{"the old passphrase": ErrWrongKey, "the code that was used": ErrWrongKey}, map[string]Key{
		"the old passphrase": Passphrase(testPhrase), "the code that was used": Recovery(code.Reveal()),
		"the new passphrase": Passphrase(nextPhrase), "the new code": Recovery(r.Recovery.Reveal()),
	})
}

func TestNewRecoveryCode(t *testing.T) {
	path, code, content := lockedUp(t)
	slots, _ := keyRemains(t, path)
	s := reopened(t, path, Passphrase(testPhrase))
	next, err := s.NewRecoveryCode(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	whole(t, s, content)
	_ = s.Close()
	checkErased(t, filepath.Dir(path), [][]byte{slots[KindRecovery]})
	checkOpens(t, path, map[string]error{"the old code": ErrWrongKey}, map[string]Key{
		"the old code": Recovery(code.Reveal()), "the new code": Recovery(next.Reveal()), "the passphrase": Passphrase(testPhrase),
	})
}

// What is refused changes nothing: not a byte of what opens the store.
func TestRefusedChangesNothing(t *testing.T) {
	path, _, content := lockedUp(t)
	slots, wrapped := keyRemains(t, path)
	s := reopened(t, path, Passphrase(testPhrase))
	ctx := context.Background()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	rotate := func(ctx context.Context, keep ...Key) error { _, err := s.Rotate(ctx, keep...); return err }
	for name, c := range map[string]struct{ got, want error }{
		"a weak one":                {s.ChangePassphrase(ctx, Passphrase([]byte("short"))), ErrWeakPassphrase},
		"a code for a passphrase":   {s.ChangePassphrase(ctx, Recovery("x")), ErrKeyKind},
		"a device for one":          {s.ChangePassphrase(ctx, Device(NewDeviceSecret())), ErrLastKey},
		"half a device":             {s.ChangePassphrase(ctx, PassphraseAndDevice(nextPhrase, []byte("half"))), ErrKeyKind},
		"weak beside a device":      {s.ChangePassphrase(ctx, PassphraseAndDevice([]byte("short"), NewDeviceSecret())), ErrWeakPassphrase},
		"rotated without a key":     {rotate(ctx), ErrLastKey},
		"rotated to a weak one":     {rotate(ctx, Passphrase([]byte("aaaaaaaaaaaaaaa"))), ErrWeakPassphrase},
		"rotated to a device alone": {rotate(ctx, Device(NewDeviceSecret())), ErrLastKey},
		"ended before it began":     {rotate(ended, Passphrase(nextPhrase)), context.Canceled},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v", name, c.got)
		}
	}
	whole(t, s, content)
	_ = s.Close()
	after, still := keyRemains(t, path)
	for kind, slot := range slots {
		if !bytes.Equal(after[kind], slot) {
			t.Errorf("the slot of %s changed", kind)
		}
	}
	if !slices.EqualFunc(wrapped, still, bytes.Equal) {
		t.Error("the key table changed")
	}
	if err := s.ChangePassphrase(ctx, Passphrase(nextPhrase)); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// A change that was cut off before the file was made anew is ended by the next
// opening.
func TestChangeIsEndedByOpening(t *testing.T) {
	path, _, content := lockedUp(t)
	slots, wrapped := keyRemains(t, path)
	s := reopened(t, path, Passphrase(testPhrase))
	s.kv = full{s.kv}
	r, err := s.Rotate(context.Background(), Passphrase(nextPhrase))
	if !errors.Is(err, errNoRoom) || r.Recovery.Reveal() == "" {
		t.Fatalf("the code must come with the error: %v", err)
	}
	_ = s.Close()
	s = reopened(t, path, Passphrase(nextPhrase))
	whole(t, s, content)
	checkErased(t, filepath.Dir(path), append(wrapped, slots[KindPassphrase], slots[KindRecovery]))
	if err := s.Check(Recovery(r.Recovery.Reveal())); err != nil {
		t.Errorf("the code that came with the error: %v", err)
	}
}

// An old header put back beside a new head is damage, and no way in for the old
// passphrase.
func TestOldHeaderPutBack(t *testing.T) {
	path, _, _ := lockedUp(t)
	header := func() (raw []byte) {
		edit(t, path, func(tx *bbolt.Tx) error { raw = bytes.Clone(tx.Bucket([]byte("h")).Get([]byte("header"))); return nil })
		return raw
	}
	old := header()
	s := reopened(t, path, Passphrase(testPhrase))
	if err := s.ChangePassphrase(context.Background(), Passphrase(nextPhrase)); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	edit(t, path, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("h")).Put([]byte("header"), old) })
	if err := opens(path, Passphrase(testPhrase)); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
}

// Keys of age stay through a rotation, without their secret; the device is
// dropped and named, unless it is given.
func TestRotateKeepsWhatItCan(t *testing.T) {
	path, _, content := lockedUp(t)
	ctx := context.Background()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	pq, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	hardware, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	device, second := NewDeviceSecret(), NewDeviceSecret()
	s := reopened(t, path, Passphrase(testPhrase))
	for _, key := range []Key{Recipient(id.Recipient()), Recipient(pq.Recipient()), Recipient(plugged{hardware.Recipient()}), Device(device), Device(second)} {
		if _, err := s.AddKey(ctx, key); err != nil {
			t.Fatal(err)
		}
	}
	r, err := s.Rotate(ctx, Passphrase(nextPhrase), Device(second))
	if err != nil {
		t.Fatal(err)
	}
	var dropped []KeyKind
	for _, d := range r.Dropped {
		dropped = append(dropped, d.Kind)
	}
	if !slices.Equal(dropped, []KeyKind{KindAge, KindDevice}) {
		t.Errorf("dropped %v", dropped)
	}
	whole(t, s, content)
	_ = s.Close()
	checkOpens(t, path, map[string]error{"the plugin": ErrWrongKey, "the first device": ErrWrongKey}, map[string]Key{
		"the plugin": Identity(hardware), "the first device": Device(device), "the second": Device(second),
		"x25519": Identity(id), "hybrid": Identity(pq), "the passphrase": Passphrase(nextPhrase),
	})
	s = reopened(t, path, Passphrase(nextPhrase))
	if r, err = s.Rotate(ctx, Passphrase(testPhrase), Recipient(id.Recipient())); err != nil || len(r.Dropped) != 1 {
		t.Errorf("%+v %v", r.Dropped, err)
	}
	if all, err := s.Keys(); err != nil || len(all) != 4 { // the recipient is not there twice
		t.Errorf("%+v %v", all, err)
	}
}

// plugged is a recipient that this package does not know: a plugin's.
type plugged struct{ age.Recipient }
