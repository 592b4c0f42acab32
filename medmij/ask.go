package medmij

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// Ask is a part of a data service to collect. Only Service is required: the
// zero value of the rest is everything the row of the table asks by default.
//
// A filter goes to the queries whose row has a parameter for it. The queries
// that cannot carry every filter of the Ask are left out; it is an error when
// none is left. A value replaces the one that the table has for the parameter.
type Ask struct {
	Service string
	// Query is the Path of one query of the row, from Queries or More; empty
	// is every one of Queries that can carry the filters.
	Query string

	Period Period
	Latest bool // the newest of each code only ($lastn)
	// Codes, Identifiers and Treatments are tokens, "system|code" or
	// "system|value". A resource that has any one of them counts.
	Codes, Identifiers, Treatments []string
	Status                         []string
	// IDs are the resources to ask the queries with an Each for; empty is all
	// that came.
	IDs []string
	// Include adds resources that those found refer to, by the name of the
	// search parameter ("subject").
	Include []string
	Bare    bool // without the includes of the table

	// Reads are resources to read by type and id. An Ask with Reads and no
	// Query asks no queries.
	Reads []fhir.Ref

	// Done are results of an earlier collection, which this one does not ask
	// for again: they are given as they are, so that its receipt is whole. See
	// [Client.Retry].
	Done []fhir.QueryResult
}

// Period is a range of days in the Dutch calendar. A zero bound is open; the
// zero Period leaves the query as the table has it.
type Period struct {
	From, To time.Time
	Outside  bool // the bounds themselves do not count
	All      bool // no bounds at all, not even those of the table
}

func (p Period) isZero() bool { return p == Period{} }

// values are the bounds as FHIR writes them.
func (p Period) values() []string {
	var values []string
	from, to := "ge", "le"
	if p.Outside {
		from, to = "gt", "lt"
	}
	if !p.From.IsZero() {
		values = append(values, from+dateOf("today", p.From))
	}
	if !p.To.IsZero() {
		values = append(values, to+dateOf("today", p.To))
	}
	return values
}

// Ask is [Client.Fetch] for parts of the services that were granted: one source
// for each service that an Ask names, in the order of the table. Without asks
// there are no sources. The error says which Ask cannot be sent, and then
// nothing is.
func (c *Client) Ask(ctx context.Context, g *Grant, asks ...Ask) ([]fhir.Source, error) {
	portions := map[string]*portion{}
	for _, a := range asks {
		service, ok := c.serviceByID(a.Service)
		_, offered := g.Offer(a.Service)
		switch {
		case !ok || service.Direction != Collect:
			return nil, fmt.Errorf("medmij: ask: service %q gives no data", a.Service)
		case !offered || !g.Has(a.Service):
			return nil, fmt.Errorf("medmij: ask service %s: %w", a.Service, ErrNotGranted)
		}
		queries, err := a.queries(service)
		if err != nil {
			return nil, fmt.Errorf("medmij: ask service %s: %w", a.Service, err)
		}
		if portions[a.Service] == nil {
			portions[a.Service] = &portion{service: service}
		}
		portions[a.Service].add(a, queries)
	}
	var ordered []portion
	for _, service := range c.services() {
		if p := portions[service.ID]; p != nil {
			ordered = append(ordered, *p)
		}
	}
	return c.sources(ctx, g, ordered), nil
}

// portion is what to collect of one service.
type portion struct {
	service Service
	queries []asked
	reads   []fhir.Ref
	done    []fhir.QueryResult
}

func (p *portion) add(a Ask, queries []asked) {
	for _, q := range queries {
		if !slices.ContainsFunc(p.queries, func(known asked) bool { return known.name() == q.name() }) {
			p.queries = append(p.queries, q)
		}
	}
	p.reads = append(p.reads, a.Reads...)
	p.done = append(p.done, a.Done...)
}

var includeName = regexp.MustCompile(`^[a-z][a-z-]{0,39}(:[A-Z][A-Za-z]{0,39})?$`)

// check refuses what may not or cannot be in an address.
func (a Ask) check() error {
	for _, values := range [][]string{a.Codes, a.Identifiers, a.Treatments, a.Status} {
		for _, v := range values {
			if v == "" || len(v) > 500 || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				return errors.New("a filter has an empty or impossible value")
			}
			if isBSN(v) {
				return errors.New("a filter holds a citizen service number")
			}
		}
	}
	for _, name := range a.Include {
		if !includeName.MatchString(name) {
			return errors.New("an include is not the name of a search parameter")
		}
	}
	for _, id := range a.IDs {
		if !goodID.MatchString(id) {
			return errors.New("an id is not one that FHIR allows")
		}
	}
	for _, ref := range a.Reads {
		if !goodType.MatchString(ref.Type) || !goodID.MatchString(ref.ID) {
			return errors.New("a read is not of a type and id that FHIR allows")
		}
	}
	return nil
}

// isBSN tells whether a token is a citizen service number: by its system, or,
// without a system, by its digits.
func isBSN(token string) bool {
	masked, n := fhir.MaskText(token)
	return fhir.HasBSN([]byte(`"`+strings.ReplaceAll(token, `"`, "")+`"`)) || n > 0 && strings.Trim(masked, "*|") == ""
}

// queries are those of the row that this asks, with its filters in them.
func (a Ask) queries(s Service) ([]asked, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	rows := s.Queries
	if a.Query != "" {
		all := slices.Concat(s.Queries, s.More)
		i := slices.IndexFunc(all, func(q Query) bool { return q.Path == a.Query })
		if i < 0 {
			return nil, errors.New("the table has no such query")
		}
		rows = all[i : i+1]
	}
	if a.Query == "" && len(a.Reads) > 0 {
		return nil, nil
	}
	var queries []asked
	for _, q := range rows {
		if narrowed, ok := a.narrow(q); ok {
			queries = append(queries, narrowed)
		}
	}
	if len(queries) == 0 {
		return nil, errors.New("no query of it can be narrowed in this way")
	}
	return withSources(s, queries), nil
}

// withSources adds the queries that give the resources which others are asked
// for one by one.
func withSources(s Service, queries []asked) []asked {
	for _, q := range queries {
		if q.row.Each == "" || len(q.ids) > 0 {
			continue
		}
		for _, source := range s.Queries {
			known := slices.ContainsFunc(queries, func(q asked) bool { return q.row.Type() == source.Type() && q.row.Each == "" })
			if source.Each == "" && source.Type() == q.row.Each && !known {
				queries = append(queries, askedOf(source))
			}
		}
	}
	return queries
}
