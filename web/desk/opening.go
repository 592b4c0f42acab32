package desk

import (
	"errors"

	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// openError gives the errors of opening a vault the codes that the pages have
// words for.
func openError(err error) error {
	var newer *store.NewerError
	if errors.As(err, &newer) {
		return &web.Problem{Code: "newer", Err: err}
	}
	for _, known := range [...]struct {
		err  error
		code string
	}{
		{store.ErrRolledBack, "rolled-back"},
		{store.ErrDamaged, "damaged"},
		{store.ErrInUse, "in-use"},
		{store.ErrExposed, "exposed"},
	} {
		if errors.Is(err, known.err) {
			return &web.Problem{Code: known.code, Err: err}
		}
	}
	return pageError(err)
}
