package medmij

import (
	"context"
	"fmt"
	"sync"

	"github.com/bundel-pgo/bundel/fhir"
	"golang.org/x/sync/errgroup"
)

// Fetch gives one source per granted service that the table can collect, in
// the order of the table. Nothing is asked until the pages of a source are
// read; each can be read once, several at the same time.
//
// Pages come in the order in which they arrive. Every query ends with one page
// that carries its result, named by its path in the table; what the answers
// refer to follows as queries named "Binary", "Medication" and so on. A
// failure of one query is in its result and ends no other. The sequence itself
// ends with an error only when ctx ends or the service takes too long.
func (c *Client) Fetch(ctx context.Context, g *Grant) []fhir.Source {
	s := &session{c: c, grant: c.newest(g)}
	var sources []fhir.Source
	for _, service := range Services() {
		offer, ok := g.Offer(service.ID)
		if !ok || service.Direction != Collect || !g.Has(service.ID) {
			continue
		}
		r := &run{s: s, service: service, offer: offer}
		sources = append(sources, fhir.Source{
			Origin: g.Origin(service.ID), Version: service.Version,
			Pages: func(yield func(fhir.Page, error) bool) { r.pages(ctx, yield) },
		})
	}
	return sources
}

// run is the collection of one service.
type run struct {
	s       *session
	service Service
	offer   Offer
	out     chan fhir.Page

	mu        sync.Mutex
	resources int
	have      map[fhir.Ref]bool
	wanted    map[string][]string // addresses to follow, by resource type
}

// pages starts the queries and hands over what they give. When the reader
// stops, they are cancelled, and pages returns when the last one is gone.
func (r *run) pages(ctx context.Context, yield func(fhir.Page, error) bool) {
	ctx, cancel := context.WithTimeout(ctx, r.s.c.cfg.Limits.Service)
	defer cancel()
	r.out = make(chan fhir.Page)
	r.have, r.wanted = map[fhir.Ref]bool{}, map[string][]string{}
	go func() {
		defer close(r.out)
		r.all(ctx)
	}()
	// Also when the reader panics: whoever waits to hand over a page is let go.
	defer func() {
		cancel()
		for range r.out { //nolint:revive // emptied until it is closed
		}
	}()
	for p := range r.out {
		if !yield(p, nil) {
			return
		}
	}
	if err := context.Cause(ctx); err != nil {
		yield(fhir.Page{}, fmt.Errorf("collect service %s: %w", r.service.ID, err))
	}
}

// all runs the queries, then what they refer to, some at a time.
func (r *run) all(ctx context.Context) {
	var queries errgroup.Group
	queries.SetLimit(r.s.c.cfg.Limits.PerHost)
	for _, q := range r.service.Queries {
		queries.Go(func() error {
			r.query(ctx, q)
			return nil
		})
	}
	_ = queries.Wait() // they report in their results
	for _, kind := range r.service.Follow {
		r.follow(ctx, kind)
	}
}

// give hands a page to the reader; false when there is none any more.
func (r *run) give(ctx context.Context, p fhir.Page) bool {
	p.Trace = r.s.trace()
	if p.Result != nil {
		p.Result.Trace = p.Trace
	}
	select {
	case r.out <- p:
		return true
	case <-ctx.Done():
		return false
	}
}

// count keeps a service within its number of resources.
func (r *run) count(n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.resources += n; r.resources > r.s.c.cfg.Limits.Resources {
		return errIncomplete
	}
	return nil
}
