package desk

import (
	"context"
	"slices"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/web"
)

// AddLogin implements [web.Planner].
func (p *Pages) AddLogin(ctx context.Context, source string) error {
	return pageError(p.desk.WishLogin(ctx, source))
}

// DropLogin implements [web.Planner].
func (p *Pages) DropLogin(ctx context.Context, source string) error {
	return pageError(p.desk.Unchoose(ctx, source))
}

// Plan implements [web.Planner].
func (p *Pages) Plan(ctx context.Context) ([]web.PlannedLogin, error) {
	steps, err := p.desk.Plan(ctx)
	if err != nil {
		return nil, pageError(err)
	}
	var plan []web.PlannedLogin
	for _, s := range steps {
		l := web.PlannedLogin{Source: s.Source, Name: s.Connection.Display, Host: s.Host(), Done: s.Done}
		for _, id := range s.Services {
			l.Services = append(l.Services, p.desk.ServiceName(id))
		}
		plan = append(plan, l)
	}
	return plan, nil
}

// BeginPlanned implements [web.Planner].
func (p *Pages) BeginPlanned(ctx context.Context, n int, source string) (address, binding string, err error) {
	started, err := p.desk.BeginStep(ctx, n, source)
	return started.Address, started.Handle, sourceError(err, source)
}

// Links implements [web.Linker].
func (p *Pages) Links(ctx context.Context) ([]web.Link, error) {
	grants, err := p.desk.Grants(ctx)
	if err != nil {
		return nil, pageError(err)
	}
	var links []web.Link
	for _, g := range grants {
		l := web.Link{Source: g.Source(), Name: g.Display, Consent: consentOf(medmij.Known{Listed: true, Grant: g}.State(p.desk.Now()))}
		if l.Consent == web.ConsentLasting {
			l.Ends = g.ConsentEnd()
		}
		i := slices.IndexFunc(links, func(o web.Link) bool { return o.Source == l.Source })
		switch {
		case i < 0:
			links = append(links, l)
		case sooner(l, links[i]):
			links[i] = l
		}
	}
	return links, nil
}

// sooner tells which of two consents at one source needs the person first: one
// that ended, then the lasting one that ends first.
func sooner(a, b web.Link) bool {
	rank := map[web.Consent]int{web.ConsentEnded: 0, web.ConsentLasting: 1, web.ConsentOnce: 2}
	if a.Consent != b.Consent {
		return rank[a.Consent] < rank[b.Consent]
	}
	return a.Ends.Before(b.Ends)
}

// Disconnect implements [web.Linker].
func (p *Pages) Disconnect(ctx context.Context, source string) error {
	p.Stop(source)
	return pageError(p.desk.Disconnect(ctx, source))
}

// Forget implements [web.Linker].
func (p *Pages) Forget(ctx context.Context, source string) error {
	p.Stop(source)
	p.forgetSent(source)
	if err := p.desk.Forget(ctx, source); err != nil {
		return pageError(err)
	}
	p.jobs.forget(source)
	return nil
}

// forgetSent drops what became of the last message, when it went to the source.
func (p *Pages) forgetSent(source string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.parcel.Recipient == source {
		p.sent, p.parcel = nil, web.Parcel{}
	}
}
