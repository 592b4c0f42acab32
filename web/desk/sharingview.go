package desk

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
)

// ErrNothingShared: the recipient may see nothing now, so nothing is written,
// not even a summary that says nothing but whose it is.
var ErrNothingShared = errors.New("nothing is shared with this recipient")

// permitted is the overview as the person may see it, and what decides who else
// may: the choices, with what is closed for the person in full. That never
// reaches a page; it leaves only by a choice that says so.
func (d *Desk) permitted(ctx context.Context, lang string) (*aggregator.Overview, share.Policy, error) {
	o, err := d.overview(ctx, time.Time{}, lang)
	if err != nil {
		return nil, share.Policy{}, err
	}
	policy, err := d.Policy(ctx)
	return o.view, policy.WithClosed(o.view, o.all), err
}

// recipient fills in what is known of one by its ID: as it is among the choices,
// or as the provider is called.
func (d *Desk) recipient(ctx context.Context, to share.Recipient) (share.Recipient, error) {
	policy, err := d.Policy(ctx)
	if err != nil {
		return to, err
	}
	for _, c := range policy.Choices {
		if c.Recipient == to.ID {
			to.Name, to.Role = cmp.Or(to.Name, c.Name), cmp.Or(to.Role, c.Role)
		}
	}
	if to.Name != "" {
		return to, nil
	}
	providers, err := d.Providers(ctx)
	to.Name = providers[to.ID].Name
	return to, err
}

// Preview is the overview exactly as the recipient may see it, but for what is
// shared unseen: that stays closed here. The ledger has a line of it.
func (d *Desk) Preview(ctx context.Context, recipient, lang string) (*aggregator.Overview, error) {
	if err := d.noteEnded(ctx); err != nil {
		return nil, err
	}
	view, policy, err := d.permitted(ctx, lang)
	if err != nil {
		return nil, err
	}
	if err := d.logFor(ctx, share.ActPreview, "screen", recipient, policy.For(view, recipient)); err != nil {
		return nil, err
	}
	return policy.Preview(view, recipient), nil
}

// logFor notes that what is in an overview leaves, or was looked at.
func (d *Desk) logFor(ctx context.Context, act share.Act, how, recipient string, o *aggregator.Overview) error {
	to, err := d.recipient(ctx, share.Recipient{ID: recipient})
	if err != nil {
		return err
	}
	l := share.Line{Act: act, How: how, To: to.ID, Name: to.Name, Role: to.Role}
	for _, item := range o.Items {
		l.Pins = append(l.Pins, share.PinsOf(item)...)
	}
	return d.LogShare(ctx, l)
}

// Would tells what storing these choices would add and take away, per recipient.
// Nothing is stored.
func (d *Desk) Would(ctx context.Context, choices ...share.Choice) ([]share.Effect, error) {
	view, before, err := d.permitted(ctx, "")
	if err != nil {
		return nil, err
	}
	return share.Would(view, before, with(before, choices, d.Now())), nil
}

// Consequences tells what the recipient would miss if these choices were stored,
// as far as it may matter; with none, what they miss now.
func (d *Desk) Consequences(ctx context.Context, recipient string, choices ...share.Choice) ([]share.Consequence, error) {
	view, policy, err := d.permitted(ctx, "")
	if err != nil {
		return nil, err
	}
	return with(policy, choices, d.Now()).Consequences(view, recipient), nil
}

// Asks gives the items that were shared and of which something new is not. The
// caller does not change the list.
func (d *Desk) Asks(ctx context.Context) ([]share.Ask, error) {
	o, err := d.overview(ctx, time.Time{}, "")
	if err != nil {
		return nil, err
	}
	return o.asks(), nil
}

// with is the policy as Choose would make it.
func with(p share.Policy, choices []share.Choice, at time.Time) share.Policy {
	changed := replacing(p, choices, at)
	ids := map[string]bool{}
	for _, c := range changed {
		ids[c.ID()] = true
	}
	out := p
	out.Choices = nil
	for _, c := range p.Choices {
		if !ids[c.ID()] {
			out.Choices = append(out.Choices, c)
		}
	}
	out.Choices = append(out.Choices, changed...)
	return out
}
