package desk

import (
	"context"
	"errors"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/web"
)

// Add implements [web.Writer].
func (p *Pages) Add(ctx context.Context, e web.Entry) (string, error) { return p.Change(ctx, "", e) }

// refusal gives the error that the pages have words for.
func refusal(kind string, err error) error {
	for _, row := range [...]struct {
		err    error
		reason string
	}{
		{aggregator.ErrImpossible, web.RefuseRange},
		{aggregator.ErrFuture, web.RefuseFuture},
		{aggregator.ErrBirth, web.RefuseBirth},
		{aggregator.ErrNumber, web.RefuseNumber},
		{aggregator.ErrEmpty, web.RefuseEmpty},
	} {
		if errors.Is(err, row.err) {
			refused := &web.Refused{Reason: row.reason}
			refused.Low, refused.High = aggregator.Limits(kind)
			return refused
		}
	}
	return pageError(err)
}

// Wait implements [web.Chooser].
func (p *Pages) Wait(ctx context.Context, items []string, r aggregator.GateRule) error {
	err := p.desk.WaitAll(ctx, items, r)
	if errors.Is(err, aggregator.ErrNoItem) {
		return web.ErrNotFound
	}
	return pageError(err)
}

// SetGate implements [web.Chooser].
func (p *Pages) SetGate(ctx context.Context, r aggregator.GateRule) error {
	return pageError(p.desk.SetGate(ctx, r))
}
