package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// Forget takes a source out of the store as if it never was: its records, its
// data keys, its receipts, what it was seen to give, what waits in the inbox (which
// is received first, see [Store.Receive]) and the documents named
// (kind and name count), of which those that are not there are skipped. Then
// the file is made anew ([Store.Compact]), so that no byte of it and no wrapped
// key is left in it. The log keeps what it says; see [Store.ForgetLog].
//
// When it returns nil that is done and on the disk. After an error the source is
// there whole, or it is forgotten and the file not yet made anew: then opening
// the store again does that. It does not reach back-ups, snapshots of the file
// system or cells that a disk set aside. Close what writes to the source first:
// a Put of it ends with ErrForgotten.
func (s *Store) Forget(ctx context.Context, source string, documents ...Document) error {
	if err := s.forget(ctx, source, documents); err != nil {
		return fmt.Errorf("forget: %w", err)
	}
	return nil
}

func (s *Store) forget(ctx context.Context, source string, documents []Document) error {
	if !usableName(source) {
		return ErrBadName
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	idx, err := s.readyToWrite()
	if err != nil {
		return err
	}
	s.inbox.Lock()
	defer s.inbox.Unlock()
	if _, err := s.receive(ctx); err != nil { // what waits of the source goes with it
		return err
	}
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.exclusive(func(v *seal.Vault) error {
		return v.Update(func(tx *seal.Tx) error { return idx.takeOut(tx, source, documents) })
	}); err != nil {
		return err
	}
	idx.forget(source, documents)
	return s.compact()
}

// exclusive runs fn while no other transaction does: those that run have begun
// with what fn takes away.
func (s *Store) exclusive(fn func(*seal.Vault) error) error {
	s.life.Lock()
	defer s.life.Unlock()
	if s.closed {
		return ErrClosed
	}
	return fn(s.vault)
}

// takeOut is the transaction of Forget. It does not look whether there is
// anything: forgetting twice is no error, and makes the file anew once more.
func (idx *index) takeOut(tx *seal.Tx, source string, documents []Document) error {
	for _, compartment := range []string{source, seal.ListOf(source)} {
		if _, err := tx.Drop(compartment); err != nil {
			return err
		}
	}
	for _, o := range idx.sorted() {
		if o.Source != source {
			continue
		}
		for number := range idx.receiptsOf(o) {
			if _, err := tx.Delete(seal.Receipts, receiptName(o, number+1)); err != nil {
				return err
			}
		}
	}
	for _, d := range documents {
		compartment, n, err := document{d.Kind, d.Name}.at()
		if err != nil {
			return err
		}
		if _, err := tx.Delete(compartment, n); err != nil {
			return err
		}
	}
	tx.Owe(true)
	return nil
}

func (idx *index) forget(source string, documents []Document) {
	idx.mu.Lock()
	defer idx.mu.Unlock()
	for o := range idx.origins {
		if o.Source == source {
			delete(idx.origins, o)
		}
	}
	delete(idx.chunks, source)
	for _, d := range documents {
		delete(idx.documents, document{d.Kind, d.Name})
	}
}

// ForgetLog drops the oldest entries of the log, up to the first one that is not
// before the moment, and makes the file anew. It tells how many. The rest keeps
// its numbers and can be proved as before: the head keeps the number of the last
// entry dropped and the chain up to it.
func (s *Store) ForgetLog(ctx context.Context, before time.Time) (int, error) {
	dropped, err := s.forgetLog(ctx, before)
	if err != nil {
		return dropped, fmt.Errorf("forget the log: %w", err)
	}
	return dropped, nil
}

func (s *Store) forgetLog(ctx context.Context, before time.Time) (dropped int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if _, err := s.readyToWrite(); err != nil {
		return 0, err
	}
	s.write.Lock()
	defer s.write.Unlock()
	err = s.exclusive(func(v *seal.Vault) error {
		return v.Update(func(tx *seal.Tx) (err error) {
			if dropped, err = tx.DropLines(before); dropped > 0 {
				tx.Owe(true)
			}
			return err
		})
	})
	if err != nil || dropped == 0 {
		return dropped, err
	}
	return dropped, s.compact()
}

// Destroy ends the store: the file is overwritten, as far as that still means
// something on a disk of today, and removed. Whatever Backend it is on is empty
// afterwards. Everything later gives ErrClosed.
func (s *Store) Destroy() error {
	if !s.end() {
		return ErrClosed
	}
	s.build.Lock()
	defer s.build.Unlock()
	s.index = nil
	var err error
	if d, ok := s.kv.(destroyer); ok {
		err = d.Destroy()
	} else {
		err = errors.Join(s.kv.Update(dropAll), s.kv.Close())
	}
	if err = errors.Join(err, s.keeper.drop()); err != nil {
		return fmt.Errorf("destroy the store: %w", err)
	}
	return nil
}

func dropAll(tx BackendTx) error {
	names, err := tx.Names()
	for _, name := range names {
		err = errors.Join(err, tx.Drop(name))
	}
	return err
}
