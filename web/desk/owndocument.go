package desk

import (
	"context"

	"github.com/bundel-pgo/bundel/aggregator"
)

// AddDocument stores a file of the person. Errors are those of
// [aggregator.NewOwnDocument]; then nothing is stored.
func (d *Desk) AddDocument(ctx context.Context, doc aggregator.OwnDocument) error {
	resources, err := aggregator.NewOwnDocument(doc, d.Now())
	if err != nil {
		return err
	}
	return d.putOwn(ctx, resources...)
}
