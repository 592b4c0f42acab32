package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"

	"github.com/bundel-pgo/bundel/store/internal/keys"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// ChangePassphrase puts a new passphrase, or [PassphraseAndDevice], in the place
// of every slot with a passphrase, and makes the file anew, so that the old one
// opens nothing in it. The recovery code and the other keys stay. No record is
// rewritten.
//
// After an error the old passphrase holds, or the new one, never neither; when
// the file was not yet made anew, opening the store does that. Copies of the
// file, and backups, keep the old passphrase. Errors: ErrKeyKind,
// *WeakPassphraseError.
func (s *Store) ChangePassphrase(ctx context.Context, next Key) error {
	err := s.rekey(ctx, func(l *locks) error {
		l.drop(func(s keys.Slot) bool { return kindOf(s) == KindPassphrase || kindOf(s) == KindPassphraseAndDevice })
		return l.add(next)
	}, nil)
	if err != nil {
		return fmt.Errorf("change the passphrase: %w", err)
	}
	return nil
}

// NewRecoveryCode puts a new recovery code in the place of the old one, as
// [Store.ChangePassphrase] does with a passphrase. A code that comes with an
// error may hold already: keep both until the store was opened with one.
func (s *Store) NewRecoveryCode(ctx context.Context) (code RecoveryCode, err error) {
	err = s.rekey(ctx, func(l *locks) error {
		l.drop(func(s keys.Slot) bool { return kindOf(s) == KindRecovery })
		code = l.addRecovery()
		return nil
	}, nil)
	if err != nil {
		return code, fmt.Errorf("make a recovery code: %w", err)
	}
	return code, nil
}

// Rotated is what came of [Store.Rotate].
type Rotated struct {
	// Recovery is the new code. The old one opens nothing any more.
	Recovery RecoveryCode
	// Dropped are the slots whose secret was not given, or is not known: they can
	// be added again.
	Dropped []KeySlot
}

// Rotate gives the store a new vault key, for when the old one or a passphrase
// may be known to somebody: who has an old copy of the file, its passphrase or
// its recovery code cannot open this one with them. keep are the keys that are to
// open it, one with a passphrase among them. Native age recipients stay by
// themselves; all other slots are dropped. No record is rewritten: every key of
// the key table is wrapped anew, and the file is made anew.
//
// The data keys stay as they are: who opened the file before, and kept the keys
// of its key table, can read in a later copy what is stored under them. Only a
// new store ends that.
//
// After an error the store is as before or as after, never between. A code that
// comes with an error may hold already: keep both until the store was opened.
// Errors: ErrLastKey, ErrKeyKind, *WeakPassphraseError.
func (s *Store) Rotate(ctx context.Context, keep ...Key) (Rotated, error) {
	var r Rotated
	err := s.relock(ctx, func(v *seal.Vault, kdf KDF) error { return s.rotate(v, kdf, keep, &r) })
	if err != nil {
		return r, fmt.Errorf("rotate the vault key: %w", err)
	}
	return r, nil
}

func (s *Store) rotate(v *seal.Vault, kdf KDF, keep []Key, out *Rotated) error {
	old, err := s.locks(v, kdf)
	if err != nil {
		return err
	}
	next := v.Rotate()
	l := locks{header: keys.Header{StoreID: old.header.StoreID}, maker: next.Maker(kdf), now: old.now}
	dropped, err := l.remake(old, keep)
	if err == nil {
		code := l.addRecovery()
		err = l.enough()
		if err == nil {
			out.Recovery, out.Dropped = code, dropped
			err = v.Update(func(tx *seal.Tx) error { return errors.Join(tx.Rewrap(next), tx.SetHeader(l.header, l.notes)) })
		}
	}
	if err != nil {
		next.Undo()
		return err
	}
	next.Done()
	return nil
}

// remake makes the slots anew for another vault key, and tells which of the old
// ones have nothing like them among the new.
func (l *locks) remake(old locks, keep []Key) (dropped []KeySlot, err error) {
	made := map[KeyKind]int{KindRecovery: 1}
	for _, key := range keep {
		if err := l.add(key); err != nil {
			return nil, err
		}
		made[l.last().Kind]++
	}
	head := &seal.Head{Slots: old.notes}
	for _, slot := range old.header.Slots {
		was := keySlot(slot, head)
		again, err := l.addAgain(was.Recipient)
		switch {
		case err != nil:
			return nil, err
		case again:
		case made[was.Kind] > 0:
			made[was.Kind]--
		default:
			dropped = append(dropped, was)
		}
	}
	return dropped, nil
}

// addAgain makes the slot of an age recipient that is known, unless there is one.
func (l *locks) addAgain(recipient string) (bool, error) {
	if recipient == "" || slices.ContainsFunc(l.notes, func(n seal.SlotNote) bool { return n.Recipient == recipient }) {
		return recipient != "", nil
	}
	all, err := age.ParseRecipients(strings.NewReader(recipient))
	if err != nil || len(all) != 1 {
		return false, nil
	}
	return true, l.add(Recipient(all[0]))
}

// Recover opens a store with the recovery code, gives it a new passphrase, and
// rotates its vault key: the forgotten passphrase, which somebody may have found,
// and the code that was used open nothing any more. A code that comes with an
// error may hold already. Errors: those of [Open] and [Store.Rotate].
func Recover(ctx context.Context, path, code string, next Key, cfg Config) (*Store, Rotated, error) {
	s, err := Open(path, Recovery(code), cfg)
	if err != nil {
		return nil, Rotated{}, fmt.Errorf("recover: %w", err)
	}
	r, err := s.Rotate(ctx, next)
	if err != nil {
		return nil, r, fmt.Errorf("recover: %w", errors.Join(err, s.Close()))
	}
	return s, r, nil
}

// rekey changes the slots under the vault key of today. done runs after the
// change was made.
func (s *Store) rekey(ctx context.Context, alter func(*locks) error, done func(*locks)) error {
	return s.relock(ctx, func(v *seal.Vault, kdf KDF) error {
		l, err := s.locks(v, kdf)
		if err == nil {
			err = alter(&l)
		}
		if err == nil {
			err = l.enough()
		}
		if err == nil {
			err = v.Update(func(tx *seal.Tx) error { return tx.SetHeader(l.header, l.notes) })
		}
		if err == nil && done != nil {
			done(&l)
		}
		return err
	})
}

// relock runs do alone, and then makes the file anew. What do derives from a
// passphrase takes its time outside the transaction.
func (s *Store) relock(ctx context.Context, do func(*seal.Vault, KDF) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	kdf := s.cfg.KDF
	if kdf == (KDF{}) {
		kdf = keys.Calibrate(keys.Measure)
	}
	if _, err := s.readyToWrite(); err != nil {
		return err
	}
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.exclusive(func(v *seal.Vault) error { return do(v, kdf) }); err != nil {
		return err
	}
	return s.compact()
}

// locks reads the slots, proved by the head.
func (s *Store) locks(v *seal.Vault, kdf KDF) (l locks, err error) {
	err = v.View(func(tx *seal.Tx) (err error) {
		l.header, err = tx.Header()
		l.notes = tx.Head().Slots
		return err
	})
	l.maker, l.now = v.Maker(kdf), s.cfg.Now()
	return l, err
}
