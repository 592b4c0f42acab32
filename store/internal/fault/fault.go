// Package fault holds the errors that every layer of the store can meet, so
// that the same value goes from the file to the caller unchanged.
package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// ErrWrongKey means that no key slot opens with the given key.
var ErrWrongKey = errors.New("wrong passphrase or recovery code")

// ErrNoStore means that there is no store file at the path.
var ErrNoStore = errors.New("no store here")

// ErrExists means that there is a file at the path already.
var ErrExists = errors.New("there is a file here already")

// ErrExposed means that other accounts of the computer may read or write the file.
var ErrExposed = errors.New("the store file is open to other accounts")

// ErrInUse matches every [*InUseError], ErrDamaged every [*DamagedError].
var (
	ErrInUse   = errors.New("the store is in use")
	ErrDamaged = errors.New("the store is damaged")
)

// DamagedError means that the file is not as it was written: by a fault of the
// disk or by somebody's hand. Where is a fixed word for the part ("head",
// "record", "key slot"), never content.
type DamagedError struct{ Where string }

func (e *DamagedError) Error() string { return "the store is damaged: " + e.Where }

// Is matches [ErrDamaged].
func (e *DamagedError) Is(target error) bool { return target == ErrDamaged }

// Damaged makes a [*DamagedError].
func Damaged(where string) error { return &DamagedError{Where: where} }

// InUseError means that another process has the store open. PID is its number,
// 0 when it is not known.
type InUseError struct {
	Waited time.Duration
	PID    int
}

func (e *InUseError) Error() string { return "the store is in use by another program" }

// Is matches [ErrInUse].
func (e *InUseError) Is(target error) bool { return target == ErrInUse }

// NewerError means that the store was written by a newer version of the
// program that says older ones must not touch it.
type NewerError struct{ Need, Have int }

func (e *NewerError) Error() string {
	return fmt.Sprintf("the store needs reader version %d, this is %d", e.Need, e.Have)
}

// ErrNotBackup means that what was given is no backup of a store.
var ErrNotBackup = errors.New("this is not a backup")

// Pathless wraps a system error without the path it names: a path holds the
// name of the person's account. A full disk becomes [ErrFull] as well.
func Pathless(did string, err error) error {
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pathErr):
		err = pathErr.Err
	case errors.As(err, &linkErr):
		err = linkErr.Err
	}
	if isFull(err) && !errors.Is(err, ErrFull) {
		return fmt.Errorf("%s: %w (%w)", did, ErrFull, err)
	}
	return fmt.Errorf("%s: %w", did, err)
}
