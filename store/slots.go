package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/keys"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// KeyKind says what opens a [KeySlot].
type KeyKind string

// The kinds. An unknown one was made by a newer program; it is carried along.
const (
	KindPassphrase          KeyKind = "passphrase"
	KindRecovery            KeyKind = "recovery"
	KindDevice              KeyKind = "device"
	KindPassphraseAndDevice KeyKind = "passphrase+device"
	KindAge                 KeyKind = "age"
	KindUnknown             KeyKind = "unknown"
)

// KeySlot is one way into a store (security-store.md 1.5).
type KeySlot struct {
	ID   string // changes when the slot is made anew
	Kind KeyKind
	Made time.Time // zero for those of Create
	// Recipient is the age recipient of KindAge, where it is a native one.
	Recipient string
}

// Keys lists the ways into the store.
func (s *Store) Keys() ([]KeySlot, error) {
	_, all, err := s.slots()
	if err != nil {
		return nil, fmt.Errorf("list the keys: %w", err)
	}
	return all, nil
}

// slots gives the plain header, proved by the head, and what is known of each of
// its slots.
func (s *Store) slots() (h keys.Header, all []KeySlot, err error) {
	err = s.view(func(tx *seal.Tx) (err error) {
		h, err = tx.Header()
		for _, slot := range h.Slots {
			all = append(all, keySlot(slot, tx.Head()))
		}
		return err
	})
	return h, all, err
}

func keySlot(s keys.Slot, head *seal.Head) KeySlot {
	note, _ := head.Note(s)
	return KeySlot{ID: hex.EncodeToString(s.ID()), Kind: kindOf(s), Made: note.Made, Recipient: note.Recipient}
}

func kindOf(s keys.Slot) KeyKind {
	kinds := [...]KeyKind{KindUnknown, KindPassphrase, KindRecovery, KindDevice, KindPassphraseAndDevice, KindAge}
	if !s.Known() {
		return KindUnknown
	}
	return kinds[s.Kind()]
}

// KeyOf tells which slot key opens. Errors: those of [Store.Check].
func (s *Store) KeyOf(key Key) (KeySlot, error) {
	if err := s.Check(key); err != nil {
		return KeySlot{}, err
	}
	h, all, err := s.slots()
	if err != nil {
		return KeySlot{}, fmt.Errorf("check the key: %w", err)
	}
	for i, slot := range h.Slots {
		vaultKey, err := key.unlock(keys.Header{StoreID: h.StoreID, Slots: []keys.Slot{slot}})
		clear(vaultKey)
		if err == nil {
			return all[i], nil
		}
	}
	return KeySlot{}, fmt.Errorf("check the key: %w", ErrWrongKey) // taken away meanwhile
}

// AddKey makes another way into the store, for any [Key] but a [Recovery] and an
// [Identity]. Errors: ErrKeyKind, *WeakPassphraseError, ErrTooManyKeys.
func (s *Store) AddKey(ctx context.Context, key Key) (added KeySlot, err error) {
	err = s.rekey(ctx, func(l *locks) error { return l.add(key) }, func(l *locks) { added = l.last() })
	if err != nil {
		return added, fmt.Errorf("add a key: %w", err)
	}
	return added, nil
}

// RemoveKey takes a way into the store away, by its ID: the file is made anew,
// so that the key no longer opens anything in it. A store keeps at least one
// slot with a passphrase and one recovery slot. Errors: ErrLastKey, ErrNotFound.
//
// Whoever opened the store with that key may have kept the vault key: after a
// suspected leak use [Store.Rotate].
func (s *Store) RemoveKey(ctx context.Context, id string) error {
	err := s.rekey(ctx, func(l *locks) error {
		before := len(l.header.Slots)
		l.drop(func(slot keys.Slot) bool { return hex.EncodeToString(slot.ID()) == id })
		if len(l.header.Slots) == before {
			return ErrNotFound
		}
		return nil
	}, nil)
	if err != nil {
		return fmt.Errorf("remove a key: %w", err)
	}
	return nil
}

// locks are the slots of a store while they are changed.
type locks struct {
	header keys.Header
	notes  []seal.SlotNote
	maker  keys.Maker
	now    time.Time
}

func (l *locks) add(key Key) error {
	slot, err := key.slot(l.maker)
	if err != nil {
		return err
	}
	note := seal.SlotNote{Made: l.now}
	if r, ok := key.(recipient); ok {
		note.Recipient = r.text()
	}
	l.put(slot, note)
	return nil
}

// addRecovery gives the new code.
func (l *locks) addRecovery() RecoveryCode {
	secret := keys.NewRecovery()
	defer clear(secret)
	l.put(l.maker.Slot(keys.SlotRecovery, secret), seal.SlotNote{Made: l.now})
	return RecoveryCode{keys.FormatRecovery(secret)}
}

func (l *locks) put(slot keys.Slot, note seal.SlotNote) {
	note.ID = slot.ID()
	l.header.Slots = append(l.header.Slots, slot)
	l.notes = append(l.notes, note)
}

// drop takes slots away with what is known of them.
func (l *locks) drop(which func(keys.Slot) bool) {
	gone := map[string]bool{}
	l.header.Slots = slices.DeleteFunc(slices.Clone(l.header.Slots), func(s keys.Slot) bool {
		gone[string(s.ID())] = which(s)
		return which(s)
	})
	l.notes = slices.DeleteFunc(slices.Clone(l.notes), func(n seal.SlotNote) bool { return gone[string(n.ID)] })
}

// enough sees that the person can always get in, and that all has room.
func (l *locks) enough() error {
	has := func(some ...KeyKind) bool {
		return slices.ContainsFunc(l.header.Slots, func(s keys.Slot) bool { return slices.Contains(some, kindOf(s)) })
	}
	if !has(KindPassphrase, KindPassphraseAndDevice) || !has(KindRecovery) {
		return ErrLastKey
	}
	_, err := l.header.Marshal()
	return err
}

func (l *locks) last() KeySlot {
	return keySlot(l.header.Slots[len(l.header.Slots)-1], &seal.Head{Slots: l.notes})
}
