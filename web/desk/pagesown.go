package desk

import (
	"context"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/web"
)

// Own implements [web.Keeper].
func (p *Pages) Own(ctx context.Context) ([]web.Own, error) {
	all, err := p.desk.Own(ctx)
	return ownPages(all), pageError(err)
}

// OwnHistory implements [web.Keeper].
func (p *Pages) OwnHistory(ctx context.Context, id string) ([]web.Own, error) {
	all, err := p.desk.OwnHistory(ctx, id)
	return ownPages(all), pageError(err)
}

func ownPages(all []Own) []web.Own {
	var out []web.Own
	for _, o := range all {
		out = append(out, web.Own{ID: o.ID, Stored: o.Stored, Removed: o.Removed, Entry: web.Entry{
			Kind: web.Kind(o.Kind), Value: o.Value, Timing: o.Timing, Detail: o.Detail, Note: o.Note, At: o.At,
		}})
	}
	return out
}

// Change implements [web.Keeper].
func (p *Pages) Change(ctx context.Context, id string, e web.Entry) (string, error) {
	question, err := p.desk.Add(ctx, aggregator.OwnEntry{
		Kind: string(e.Kind), Value: e.Value, Timing: e.Timing, Detail: e.Detail, Note: e.Note, At: e.At, Confirmed: e.Confirmed, ID: id,
	})
	return question, refusal(string(e.Kind), err)
}

// Remove implements [web.Keeper].
func (p *Pages) Remove(ctx context.Context, id string) error {
	return pageError(p.desk.Remove(ctx, id))
}

// Restore implements [web.Keeper].
func (p *Pages) Restore(ctx context.Context, id string) error {
	return pageError(p.desk.Restore(ctx, id))
}

// Targets implements [web.Keeper].
func (p *Pages) Targets(ctx context.Context) ([]aggregator.Target, error) {
	all, err := p.desk.Targets(ctx)
	return all, pageError(err)
}

// SetTarget implements [web.Keeper].
func (p *Pages) SetTarget(ctx context.Context, t aggregator.Target) error {
	return refusal("", p.desk.SetTarget(ctx, t))
}

// DropTarget implements [web.Keeper].
func (p *Pages) DropTarget(ctx context.Context, id string) error {
	return pageError(p.desk.DropTarget(ctx, id))
}
