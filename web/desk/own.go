package desk

import (
	"context"

	"github.com/bundel-pgo/bundel/aggregator"
)

// Add stores what the person adds, or gives the question that comes first
// (one of aggregator's Ask codes); then nothing is stored.
func (d *Desk) Add(ctx context.Context, e aggregator.OwnEntry) (question string, err error) {
	r, question, err := aggregator.NewOwn(e, d.Now())
	if err != nil || question != "" {
		return question, err
	}
	return "", d.putOwn(ctx, r)
}

// AddDocument stores a file of the person. Errors are those of
// [aggregator.NewOwnDocument]; then nothing is stored.
func (d *Desk) AddDocument(ctx context.Context, doc aggregator.OwnDocument) error {
	resources, err := aggregator.NewOwnDocument(doc, d.Now())
	if err != nil {
		return err
	}
	return d.putOwn(ctx, resources...)
}
