package desk

import (
	"context"
	"errors"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
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

// Shares implements [web.Sharer].
func (p *Pages) Shares(ctx context.Context) (web.Shares, error) {
	var out web.Shares
	providers, err := p.desk.Providers(ctx)
	if err != nil {
		return out, pageError(err)
	}
	grants, err := p.desk.Grants(ctx)
	if err != nil {
		return out, pageError(err)
	}
	seen := map[string]bool{}
	for _, g := range grants {
		source := g.Source()
		if seen[source] {
			continue
		}
		seen[source] = true
		ready, err := p.desk.Ready(ctx, source)
		if err != nil {
			return out, pageError(err)
		}
		out.Recipients = append(out.Recipients, web.Recipient{
			Source: source, Name: providers[source].Name, Kind: providers[source].Kind,
			CanSend: p.desk.CanReceive(ctx, share.KindMeasurements, source), Ready: len(ready),
		})
	}
	out.Rules, err = p.rules(ctx)
	return out, err
}

// rules gives the choices in force as the pages know them. A choice about
// records that are gone stays in the vault and out of sight.
func (p *Pages) rules(ctx context.Context) ([]web.Rule, error) {
	policy, err := p.desk.Policy(ctx)
	if err != nil {
		return nil, pageError(err)
	}
	o, err := p.Overview(ctx, "")
	if err != nil {
		return nil, err
	}
	var rules []web.Rule
	for _, c := range policy.Choices {
		rule := web.Rule{Subject: c.Subject, Recipient: c.Recipient, Permit: c.Permit}
		if c.Subject == "" {
			item, ok := ItemOf(o, c)
			if !ok {
				continue
			}
			rule.Item = item.ID
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// SetShares implements [web.Sharer]: what is not among the rules is revoked,
// what changed is written anew, the rest is left alone.
func (p *Pages) SetShares(ctx context.Context, rules []web.Rule) error {
	policy, err := p.desk.Policy(ctx)
	if err != nil {
		return pageError(err)
	}
	o, err := p.Overview(ctx, "")
	if err != nil {
		return err
	}
	var changes []share.Choice
	keep := map[web.Rule]bool{}
	for _, c := range policy.Choices {
		rule, ok := ruleOf(o, c)
		switch {
		case !ok:
		case contains(rules, rule):
			keep[rule] = true
		default:
			c.Revoked, c.Since = true, p.desk.Now()
			changes = append(changes, c)
		}
	}
	for _, rule := range rules {
		if keep[rule] {
			continue
		}
		c, err := p.desk.ChoiceFor(ctx, rule.Subject+rule.Item, share.Recipient{ID: rule.Recipient}, false)
		if err != nil {
			return pageError(err)
		}
		c.Permit = rule.Permit
		changes = append(changes, c)
	}
	return pageError(p.desk.Choose(ctx, changes...))
}

func ruleOf(o *aggregator.Overview, c share.Choice) (web.Rule, bool) {
	rule := web.Rule{Subject: c.Subject, Recipient: c.Recipient, Permit: c.Permit}
	if c.Subject != "" {
		return rule, true
	}
	item, ok := ItemOf(o, c)
	rule.Item = item.ID
	return rule, ok
}

func contains(rules []web.Rule, r web.Rule) bool {
	for _, rule := range rules {
		if rule == r {
			return true
		}
	}
	return false
}

// Preview implements [web.Sharer].
func (p *Pages) Preview(ctx context.Context, recipient, lang string) (*aggregator.Overview, error) {
	o, err := p.desk.Preview(ctx, recipient, lang)
	return o, pageError(err)
}
