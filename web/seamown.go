package web

import (
	"context"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
)

// Own is one version of something the person added.
type Own struct {
	Entry          // as it was typed; Confirmed has no meaning here
	ID      string // of the entry: all its versions have this one
	Stored  time.Time
	Removed bool // the person took it away then; the entry is the one before it
}

// Keeper keeps what the person added: they can change it, take it away and
// bring it back. What a provider wrote is never touched.
type Keeper interface {
	// Own gives everything the person added in its newest version, also what
	// they removed, the newest first.
	Own(ctx context.Context) ([]Own, error)

	// OwnHistory gives every version of one entry, oldest first, or ErrNotFound.
	OwnHistory(ctx context.Context, id string) ([]Own, error)

	// Change stores a new version of an entry; it asks and refuses as
	// [Writer] does. The kind stays what it was, else it is ErrNotFound.
	Change(ctx context.Context, id string, e Entry) (question string, err error)

	// Remove takes an entry away, Restore brings it back as it was. They are
	// ErrNotFound for what is not there, or is as they would make it.
	Remove(ctx context.Context, id string) error
	Restore(ctx context.Context, id string) error

	// Targets are the target values in force, at most one for each test and unit.
	Targets(ctx context.Context) ([]aggregator.Target, error)

	// SetTarget stores a target in place of the one before it; one that cannot
	// be is a *Refused.
	SetTarget(ctx context.Context, t aggregator.Target) error

	// DropTarget takes away the target with this id, or is ErrNotFound.
	DropTarget(ctx context.Context, id string) error
}
