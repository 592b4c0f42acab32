package desk

import (
	"context"
	"errors"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/web"
)

// said is an answer that is ready to be stored.
type said struct{ resource fhir.Resource }

// Resource gives it as the decisions of the person do.
func (s said) Resource() (fhir.Resource, error) { return s.resource, nil }

// Say stores what the person says about items, in place of what they said
// of them before. The error is one of [aggregator.NewOwn], or ErrNoItem or
// ErrGated of aggregator; then nothing was stored.
func (d *Desk) Say(ctx context.Context, e aggregator.OwnEntry, like string, items ...string) error {
	_, err := decide(ctx, d, func(w *aggregator.Decider) (said, error) {
		whole, err := w.Answer(e, like, items...)
		if err != nil {
			return said{}, err
		}
		r, _, err := aggregator.NewOwn(whole, d.Now())
		return said{r}, err
	})
	return err
}

// Say implements [web.Sayer].
func (p *Pages) Say(ctx context.Context, s web.Said) error {
	e := aggregator.OwnEntry{Kind: string(web.OwnMedicine), Detail: s.Text}
	switch s.Use {
	case web.UseStopped:
		e.State = aggregator.UseStopped
	case web.UseUnknown:
		e.State = aggregator.UseUnknown
	case web.UseNone:
		e.Kind, e.Value, e.Detail = string(web.OwnNote), s.Text, ""
	}
	err := p.desk.Say(ctx, e, s.Like, s.Items...)
	if errors.Is(err, aggregator.ErrNoItem) || errors.Is(err, aggregator.ErrGated) {
		return web.ErrNotFound
	}
	return refusal(e.Kind, err)
}
