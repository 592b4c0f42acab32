package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/bolt"
)

// Reverted says which moment of a damaged file was found whole.
type Reverted struct {
	Commit  uint64    // the last one in it
	Written time.Time // zero when the file does not say
	// Newest means that the file says of no later moment. When it is false one
	// transaction is lost, or may be: the page that would tell is broken.
	Newest bool
}

// Revert writes a damaged file to a new one, as it was after its last commit or,
// when that is not whole, after the one before. It is for a broken first page
// and for a last write that did not reach the disk: then no more than that write
// is lost, and all the rest is proved ([Store.Verify] at Quick). For other damage
// there is [Salvage]. What was forgotten in the lost transaction is back.
//
// The damaged file is not changed, and nothing else may have it open. The anchor
// is neither asked nor moved: opening the new file in the place of the old one
// tells what it lacks (*RolledBackError).
//
// Errors: ErrNoStore, ErrExists, ErrWrongKey, and *DamagedError when neither
// moment is whole.
func Revert(ctx context.Context, path string, key Key, to string, cfg Config) (Reverted, error) {
	r, err := revert(ctx, path, key, to, cfg.withDefaults())
	if err != nil {
		return Reverted{}, fmt.Errorf("revert: %w", err)
	}
	return r, nil
}

func revert(ctx context.Context, path string, key Key, to string, cfg Config) (r Reverted, err error) {
	if _, err := os.Lstat(to); err == nil {
		return r, ErrExists
	}
	states, err := bolt.States(path)
	if err != nil {
		return r, err
	}
	cfg.State, cfg.Anchor = "", nil
	draft := bolt.Draft(to)
	defer func() { _ = os.Remove(draft) }()
	for i, state := range states {
		_ = os.Remove(draft)
		if err := state.CopyTo(path, draft); err != nil {
			return r, err
		}
		r, err = prove(ctx, draft, key, cfg)
		if err == nil {
			r.Newest = i == 0 && len(states) == 2
			return r, bolt.Name(draft, to)
		}
		if !errors.Is(err, ErrDamaged) {
			return r, err
		}
	}
	return r, err
}

// prove opens a file and looks at all that is in it.
func prove(ctx context.Context, path string, key Key, cfg Config) (r Reverted, err error) {
	s, err := Open(path, key, cfg)
	if err != nil {
		return r, err
	}
	head := s.vault.Head()
	r.Commit = head.Commit
	if head.At != 0 {
		r.Written = moment(head.At)
	}
	_, err = s.Verify(ctx, Quick)
	return r, errors.Join(err, s.Close())
}
