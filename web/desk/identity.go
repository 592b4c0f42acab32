package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/web"
)

// Deny says of a source whose records wait in quarantine: this is not me.
func (d *Desk) Deny(ctx context.Context, source string) (aggregator.Decision, error) {
	return decide(ctx, d, func(w *aggregator.Decider) (aggregator.Decision, error) { return w.Deny(source) })
}

// Identify implements [web.Identifier].
func (p *Pages) Identify(ctx context.Context, source string, me bool) (int, error) {
	say := p.desk.Deny
	if me {
		say = p.desk.Accept
	}
	made, err := say(ctx, source)
	if errors.Is(err, aggregator.ErrNoStranger) {
		return 0, web.ErrNotFound
	}
	return made.Seq, pageError(err)
}

// DropStranger implements [web.Identifier].
func (p *Pages) DropStranger(ctx context.Context, source string) error {
	o, err := p.desk.Overview(ctx, time.Time{}, "")
	if err != nil {
		return pageError(err)
	}
	if !slices.ContainsFunc(o.Strangers, func(s aggregator.Stranger) bool { return s.Source == source }) {
		return web.ErrNotFound
	}
	p.Stop(source)
	return pageError(p.desk.Forget(ctx, source))
}
