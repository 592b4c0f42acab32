package desk

import (
	"context"
	"fmt"
	"sync"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/store"
)

// reading is what was read of a vault while it is open. It is kept so that a page
// after something was stored, at another moment or in another language, does not
// read a whole life again. It holds all that is in the vault: who closes the
// vault lets go of it.
type reading struct {
	vault *store.Store

	mu         sync.Mutex             // one at a time: Statements are not safe for more
	statements *aggregator.Statements // nil: nothing is read yet
	mark       store.Mark             // up to where
}

// with gives do all that is stored now. do keeps nothing of it but overviews.
func (r *reading) with(ctx context.Context, do func(*aggregator.Statements) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	statements := r.statements
	r.statements = nil // what fails halfway, or panics, is read anew
	if statements == nil {
		r.mark = store.Mark{}
	}
	news, err := r.vault.Since(ctx, r.mark)
	if err != nil {
		return err
	}
	if news.Whole {
		statements, err = aggregator.Read(news.Records)
	} else {
		err = statements.Add(news.Records)
	}
	if err != nil {
		return fmt.Errorf("read the vault: %w", err)
	}
	err = do(statements)
	r.statements, r.mark = statements, news.Mark
	return err
}
