package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// Decide implements [web.Decider].
func (p *Pages) Decide(ctx context.Context, d web.Decision) (int, error) {
	made, err := p.decide(ctx, d)
	if errors.Is(err, aggregator.ErrNoItem) || errors.Is(err, aggregator.ErrGated) {
		return 0, web.ErrNotFound
	}
	return made.Seq, pageError(err)
}

func (p *Pages) decide(ctx context.Context, d web.Decision) (aggregator.Decision, error) {
	switch d.Op {
	case aggregator.OpJoin:
		return p.desk.Join(ctx, d.Item, d.Other)
	case aggregator.OpSeparate:
		return p.desk.Separate(ctx, d.Item, fmt.Sprint(d.Item, "#", d.Part))
	case aggregator.OpConfirm:
		return p.desk.ConfirmSame(ctx, d.Item)
	case aggregator.OpDismiss:
		return p.desk.Dismiss(ctx, d.Item, d.Code)
	case aggregator.OpUndo:
		return p.desk.Undo(ctx, d.Seq)
	}
	return aggregator.Decision{}, ErrNotFound
}

// Changes implements [web.Changer].
func (p *Pages) Changes(ctx context.Context, since time.Time, lang string) ([]aggregator.Change, error) {
	_, changes, err := p.desk.Changes(ctx, since, lang)
	return changes, pageError(err)
}

// LastVisit implements [web.Changer].
func (p *Pages) LastVisit() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// visit is the document (store.Setting) that holds when the pages were last open.
const visit = "pages/visit"

// arrive remembers the visit before this one, and keeps this one for the next.
// Without it the changes are told since another moment: no reason to stay shut.
func (p *Pages) arrive(ctx context.Context) {
	var last time.Time
	if err := p.desk.load(ctx, store.Setting, visit, &last); err != nil && !errors.Is(err, ErrNotFound) {
		p.desk.cfg.Log.Warn("the moment of the last visit could not be read")
	}
	p.mu.Lock()
	p.last = last
	p.mu.Unlock()
	p.leave(ctx)
	p.desk.noteOpened(ctx)
}

// leave keeps this moment as the last at which the person looked.
func (p *Pages) leave(ctx context.Context) {
	if err := p.desk.keep(ctx, store.Setting, visit, p.desk.Now()); err != nil && !errors.Is(err, ErrClosed) {
		p.desk.cfg.Log.Warn("the moment of this visit could not be kept")
	}
}
