package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web"
)

// Shares implements [web.Sharer]. What ended by its time is noted first: who is not
// among the recipients any more is in the ledger.
func (p *Pages) Shares(ctx context.Context) (web.Shares, error) {
	var out web.Shares
	if err := p.desk.noteEnded(ctx); err != nil {
		return out, pageError(err)
	}
	o, err := p.desk.overview(ctx, time.Time{}, "")
	if err != nil {
		return out, pageError(err)
	}
	if out.Recipients, err = p.connectedRecipients(ctx); err != nil {
		return out, pageError(err)
	}
	for i, c := range o.choices {
		chosen := web.Chosen{Choice: c}
		if at := o.chosen()[i]; at >= 0 {
			chosen.Item = o.all.Items[at].ID
		}
		out.Chosen = append(out.Chosen, chosen)
		if !slices.ContainsFunc(out.Recipients, func(r web.Recipient) bool { return r.Source == c.Recipient }) {
			out.Recipients = append(out.Recipients, web.Recipient{Source: c.Recipient, Name: c.Name, Role: c.Role})
		}
	}
	return out, nil
}

// connectedRecipients are the providers the person has a grant at.
func (p *Pages) connectedRecipients(ctx context.Context) ([]web.Recipient, error) {
	providers, err := p.desk.Providers(ctx)
	if err != nil {
		return nil, err
	}
	grants, err := p.desk.Grants(ctx)
	if err != nil {
		return nil, err
	}
	var all []web.Recipient
	for _, g := range grants {
		source := g.Source()
		if slices.ContainsFunc(all, func(r web.Recipient) bool { return r.Source == source }) {
			continue
		}
		ready, err := p.desk.Ready(ctx, source)
		if err != nil {
			return nil, err
		}
		all = append(all, web.Recipient{
			Source: source, Name: providers[source].Name, Kind: providers[source].Kind,
			CanSend: p.desk.CanReceive(ctx, share.KindMeasurements, source), Ready: len(ready),
		})
	}
	return all, nil
}

// Called implements [web.Sharer].
func (p *Pages) Called(ctx context.Context, recipients ...string) ([]string, error) {
	var names []string
	for _, id := range recipients {
		if id == fhir.Self {
			continue
		}
		to, err := p.desk.recipient(ctx, share.Recipient{ID: id})
		if err != nil {
			return nil, pageError(err)
		}
		names = append(names, cmp.Or(to.Name, id))
	}
	return names, nil
}

// Would implements [web.Sharer].
func (p *Pages) Would(ctx context.Context, wishes ...web.Wish) ([]web.Foreseen, error) {
	wishes = named(wishes)
	choices, err := p.desk.wished(ctx, wishes)
	if err != nil {
		return nil, pageError(err)
	}
	effects, err := p.desk.Would(ctx, choices...)
	if err != nil {
		return nil, pageError(err)
	}
	var all []web.Foreseen
	for _, w := range wishes {
		if slices.ContainsFunc(all, func(f web.Foreseen) bool { return f.Recipient.ID == w.To.ID }) {
			continue
		}
		f := web.Foreseen{Effect: share.Effect{Recipient: w.To}}
		for _, e := range effects {
			if e.Recipient.ID == w.To.ID {
				f.Effect = e
			}
		}
		if f.Misses, err = p.desk.Consequences(ctx, w.To.ID, choices...); err != nil {
			return nil, pageError(err)
		}
		all = append(all, f)
	}
	return all, nil
}

// Choose implements [web.Sharer].
func (p *Pages) Choose(ctx context.Context, wishes ...web.Wish) error {
	choices, err := p.desk.wished(ctx, named(wishes))
	if err != nil {
		return pageError(err)
	}
	return pageError(p.desk.Choose(ctx, choices...))
}

// StopSharing implements [web.Sharer]. Refusals stay: they share nothing, and
// the person may come to share the subject again.
func (p *Pages) StopSharing(ctx context.Context, recipient, choice string) error {
	policy, err := p.desk.Policy(ctx)
	if err != nil {
		return pageError(err)
	}
	o, err := p.desk.overview(ctx, time.Time{}, "")
	if err != nil {
		return pageError(err)
	}
	var stopped []share.Choice
	for _, c := range policy.Choices {
		if c.Recipient != recipient || !c.Permit || choice != "" && c.ID() != choice {
			continue
		}
		end := c
		end.Revoked, end.Since = true, p.desk.Now()
		if item, ok := ItemOf(o.all, c); ok && choice != "" {
			// A choice for its subject may share the item as well.
			ended, _, err := wish{o, policy, p.desk.Now()}.item(web.Wish{To: c.To(), Item: item.ID})
			if err != nil {
				return pageError(err)
			}
			end = ended
		}
		stopped = append(stopped, end)
	}
	if len(stopped) == 0 {
		return web.ErrNotFound
	}
	return pageError(p.desk.Choose(ctx, stopped...))
}

// Asks implements [web.Sharer].
func (p *Pages) Asks(ctx context.Context) ([]share.Ask, error) {
	all, err := p.desk.Asks(ctx)
	return all, pageError(err)
}

// Misses implements [web.Sharer].
func (p *Pages) Misses(ctx context.Context, recipient string) ([]share.Consequence, error) {
	all, err := p.desk.Consequences(ctx, recipient)
	return all, pageError(err)
}

// Preview implements [web.Sharer].
func (p *Pages) Preview(ctx context.Context, recipient, lang string) (*aggregator.Overview, error) {
	o, err := p.desk.Preview(ctx, recipient, lang)
	return o, pageError(err)
}

// Show implements [web.Sharer].
func (p *Pages) Show(ctx context.Context, recipient, lang string, until time.Time) (*aggregator.Overview, error) {
	o, err := p.desk.Show(ctx, recipient, lang, until)
	return o, pageError(err)
}

// Paper implements [web.Sharer].
func (p *Pages) Paper(ctx context.Context, recipient, lang string) (*aggregator.Overview, error) {
	o, err := p.desk.Paper(ctx, recipient, lang)
	return o, pageError(err)
}

// Ledger implements [web.Sharer].
func (p *Pages) Ledger(ctx context.Context) (share.Ledger, error) {
	all, err := p.desk.Ledger(ctx)
	return all, pageError(err)
}
