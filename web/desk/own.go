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
