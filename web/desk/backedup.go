package desk

import (
	"context"
	"errors"
	"time"

	"github.com/bundel-pgo/bundel/store"
)

// backedUp is the document (store.Setting) that holds when the last backup was made.
const backedUp = "backup/last"

// BackedUp notes that a backup was made just now: on the pages, or in a folder. It
// writes to the vault, which then has more in it than the backup.
func (d *Desk) BackedUp(ctx context.Context) error {
	return d.keep(ctx, store.Setting, backedUp, d.Now())
}

// LastBackup is when [Desk.BackedUp] was called last; zero when it never was. A
// vault that was put back knows of no backup after the one it came from.
func (d *Desk) LastBackup(ctx context.Context) (last time.Time, err error) {
	err = d.load(ctx, store.Setting, backedUp, &last)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return last, err
}
