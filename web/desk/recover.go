package desk

import (
	"context"
	"fmt"

	"github.com/bundel-pgo/bundel/store"
)

// Recover opens the vault with the recovery code and gives it a new passphrase,
// vault key and recovery code, see [store.Recover].
func (d *Desk) Recover(ctx context.Context, code string, next store.Key) (store.Rotated, error) {
	s, r, err := store.Recover(ctx, d.cfg.Path, code, next, d.cfg.Store)
	if err != nil {
		return r, fmt.Errorf("open the vault: %w", err)
	}
	d.setVault(s)
	return r, nil
}
