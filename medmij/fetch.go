package medmij

import (
	"context"
	"fmt"
	"sync"

	"github.com/bundel-pgo/bundel/fhir"
)

// Fetch gives one source per granted service that the table can collect, in
// the order of the table. Nothing is asked until the pages of a source are
// read; each can be read once, several at the same time.
//
// Pages come in the order in which they arrive. Every query ends with one page
// that carries its result, named by its path in the table; what the answers
// refer to follows as queries named "Binary", "Medication" and so on. A
// failure of one query is in its result and ends no other. The sequence itself
// ends with an error only when ctx ends or the service takes too long; what
// came before it stands, and [Client.Retry] tells what is missing.
//
// The Detail of a result that is [fhir.OK] or [fhir.Empty] may hold warnings,
// such as [CodeUnfiltered].
func (c *Client) Fetch(ctx context.Context, g *Grant) []fhir.Source {
	var portions []portion
	for _, service := range c.services() {
		if _, ok := g.Offer(service.ID); !ok || service.Direction != Collect || !g.Has(service.ID) {
			continue
		}
		p := portion{service: service}
		for _, q := range service.Queries {
			p.queries = append(p.queries, askedOf(q))
		}
		portions = append(portions, p)
	}
	return c.sources(ctx, g, portions)
}

// sources makes the sources of one grant. They share its token.
func (c *Client) sources(ctx context.Context, g *Grant, portions []portion) []fhir.Source {
	s := &session{c: c, grant: c.newest(g)}
	var sources []fhir.Source
	for _, p := range portions {
		offer, _ := g.Offer(p.service.ID)
		r := &run{portion: p, s: s, offer: offer}
		sources = append(sources, fhir.Source{
			Origin: g.Origin(p.service.ID), Version: p.service.Version,
			Pages: func(yield func(fhir.Page, error) bool) { r.pages(ctx, yield) },
		})
	}
	return sources
}

// run is the collection of one service.
type run struct {
	portion
	s     *session
	offer Offer
	out   chan fhir.Page
	room  chan struct{} // pages asked for and not yet taken by the reader
	inc   map[string][]inclusion

	mu        sync.Mutex
	resources int
	have      map[fhir.Ref]bool
	found     map[string][]string         // ids that the provider gave, by type, for the queries with an Each
	results   map[string]fhir.QueryResult // of the queries asked first, by type: the worst
	refs      references
}

// pages starts the queries and hands over what they give. When the reader
// stops, they are cancelled, and pages returns when the last one is gone.
func (r *run) pages(ctx context.Context, yield func(fhir.Page, error) bool) {
	ctx, cancel := context.WithTimeout(ctx, r.s.c.cfg.Limits.Service)
	defer cancel()
	r.start()
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

func (r *run) start() {
	r.out = make(chan fhir.Page)
	// A few pages more than are on their way: enough to keep the provider busy
	// while one is stored, and not all pages of all queries in memory.
	r.room = make(chan struct{}, 2*r.s.c.cfg.Limits.PerHost)
	r.have, r.found, r.results = map[fhir.Ref]bool{}, map[string][]string{}, map[string]fhir.QueryResult{}
	r.refs = newReferences()
	r.inc = inclusions(r.queries)
}

// all runs the queries, then those asked for each resource of a type, then
// what they all refer to. All queries begin at once: which page goes next is
// decided by who waits longest for a request to the host.
func (r *run) all(ctx context.Context) {
	for _, done := range r.done {
		r.hand(ctx, fhir.Page{Query: done.Query, Result: &done, Trace: done.Trace})
	}
	r.together(func(q asked) bool { return !q.later() }, func(q asked) { r.query(ctx, q) })
	r.together(asked.later, func(q asked) { r.each(ctx, q) })
	r.follow(ctx)
}

// together runs those of the queries that pass, all at once.
func (r *run) together(pass func(asked) bool, do func(asked)) {
	var queries sync.WaitGroup
	for _, q := range r.queries {
		if pass(q) {
			queries.Go(func() { do(q) })
		}
	}
	queries.Wait()
}

// give hands a page of this collection to the reader; false when there is none
// any more.
func (r *run) give(ctx context.Context, p fhir.Page) bool {
	p.Trace = r.s.trace()
	if p.Result != nil {
		p.Result.Trace = p.Trace
	}
	return r.hand(ctx, p)
}

func (r *run) hand(ctx context.Context, p fhir.Page) bool {
	select {
	case r.out <- p:
		return true
	case <-ctx.Done():
		return false
	}
}

// enter waits for room to hold a page; leave makes it free again.
func (r *run) enter(ctx context.Context) error {
	select {
	case r.room <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (r *run) leave() { <-r.room }

// count keeps a service within its number of resources.
func (r *run) count(n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.resources += n; r.resources > r.s.c.cfg.Limits.Resources {
		return errIncomplete
	}
	return nil
}
