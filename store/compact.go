package store

import (
	"context"
	"fmt"

	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// Compact makes the file anew: with what is in use, packed close, and without
// the sealed remains of what was dropped or replaced. It takes about as long as
// writing the file, and for that time room for a second one. Everything else
// waits. A crash leaves the file as it was before or as it is after.
func (s *Store) Compact(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		_, err = s.readyToWrite()
	}
	if err == nil {
		s.write.Lock()
		defer s.write.Unlock()
		err = s.bury()
	}
	if err == nil {
		err = s.compact()
	}
	if err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	return nil
}

// bury takes the tombstones away: in the new file is nothing that a salvage
// could bring back.
func (s *Store) bury() error {
	idx, err := s.ready()
	if err != nil {
		return err
	}
	idx.mu.Lock()
	defer idx.mu.Unlock()
	err = s.update(func(tx *seal.Tx) error {
		for d, there := range idx.documents {
			compartment, n, err := d.at()
			if err == nil && !there {
				_, err = tx.Delete(compartment, n)
			}
			if err != nil {
				return err
			}
		}
		tx.Owe(true) // without the tombstones the old remains must go
		return nil
	})
	if err != nil {
		return err
	}
	for d, there := range idx.documents {
		if !there {
			delete(idx.documents, d)
		}
	}
	return nil
}

// compact makes the file anew, and says in the head that nothing is owed. Who
// calls it is the only writer.
func (s *Store) compact() error {
	return s.exclusive(func(v *seal.Vault) error {
		if c, ok := s.kv.(Compacter); ok {
			if err := c.Compact(); err != nil {
				return err
			}
		}
		defer s.settle()
		if !v.Head().Owed {
			return nil
		}
		return v.Update(func(tx *seal.Tx) error { tx.Owe(false); return nil })
	})
}
