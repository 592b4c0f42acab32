package web

import "context"

// Identifier keeps what the person says of records that wait because their
// Patient differs (aggregator.Overview.Strangers). Nothing of them is in the
// overview before.
type Identifier interface {
	// Identify says of the Patients of a source that wait: this is me, or not.
	// It gives the number of the decision, which can be taken back with Decide,
	// or ErrNotFound when nothing of the source waits.
	Identify(ctx context.Context, source string, me bool) (seq int, err error)

	// DropStranger erases everything of a source of which records wait: they and
	// whatever else it gave, and the connection. It is ErrNotFound, with nothing
	// erased, when nothing of the source waits any more.
	DropStranger(ctx context.Context, source string) error
}
