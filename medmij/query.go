package medmij

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// query runs one query to its end: every page, and a result on the last one.
func (r *run) query(ctx context.Context, q asked) {
	if result, ok := r.search(ctx, q, searching{name: q.name(), whole: true}); ok {
		r.note(q.row.Type(), result)
	}
}

// searching is one search under way.
type searching struct {
	*run
	name  string // of the pages
	whole bool   // the query is this one search: its result goes with the last page

	at       *url.URL
	pages    paging
	time     budget
	result   fhir.QueryResult
	warnings []string
	sum      counts
}

// search gives the pages of one search and says what came of it; false when
// the source ends, which says so itself.
func (r *run) search(ctx context.Context, q asked, s searching) (fhir.QueryResult, bool) {
	limits := r.s.c.cfg.Limits
	s.run, s.time, s.sum.total, s.result.Query = r, budget{limits.Query}, -1, s.name
	s.pages = paging{limit: limits.Pages, origin: r.offer.base(q.row.Role), places: r.s.c.places, table: q.table}
	at, err := s.pages.first(q.at(r.s.c.cfg.Now()))
	for err == nil {
		s.at = at
		at, err = s.step(ctx)
	}
	switch {
	case ctx.Err() != nil:
		return s.result, false
	case !errors.Is(err, errLast):
		s.conclude(err)
		if s.whole {
			r.give(ctx, fhir.Page{Query: s.name, Result: &s.result})
		}
	}
	return s.result, true
}

// errLast ends a search that has no further page.
var errLast = errors.New("that was the last page")

// step reads one page and gives it. It holds its place until the reader took
// the page.
func (s *searching) step(ctx context.Context) (next *url.URL, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	got, err := s.page(ctx)
	if err != nil {
		return nil, err
	}
	// What goes over the limit is not given at all: a page is stored whole.
	if err := s.count(len(got.resources)); err != nil {
		return nil, err
	}
	s.add(got)
	s.remember(got.resources)
	given := fhir.Page{Query: s.name, Resources: got.resources}
	if got.next == "" {
		s.conclude(nil)
		if s.whole {
			given.Result = &s.result
		}
		s.give(ctx, given)
		return nil, errLast
	}
	if !s.give(ctx, given) {
		return nil, context.Cause(ctx)
	}
	return s.pages.next(s.at, got.next)
}

func (s *searching) add(got page) {
	s.result.Pages++
	s.result.Resources += len(got.resources)
	s.sum.add(got.counts)
	if s.result.Pages == 1 && ignored(s.at, got.self) {
		s.warn(CodeUnfiltered)
	}
}

func (s *searching) warn(code string) {
	if !slices.Contains(s.warnings, code) {
		s.warnings = append(s.warnings, code)
	}
}

// conclude says what became of the query.
func (s *searching) conclude(err error) {
	if err == nil && s.sum.short() {
		err = errIncomplete
	}
	if err != nil {
		s.result.Outcome, s.result.Detail = outcomeOf(err)
		// Half an answer is no answer, whatever the provider calls it.
		if s.result.Pages > 0 {
			s.result.Outcome = fhir.Failed
		}
		if s.result.Outcome == fhir.Failed {
			s.s.c.warn("query failed", s.result.Detail, s.s.trace())
		}
		return
	}
	if s.sum.disagree() {
		s.warn(CodeTotal)
	}
	s.result.Outcome = fhir.OK
	if s.result.Resources == 0 {
		s.result.Outcome = fhir.Empty
	}
	s.result.Detail = strings.Join(s.warnings, " ")
}

// outcomeOf says what became of a query that ended early.
func outcomeOf(err error) (fhir.Outcome, string) {
	code := codeOf(err)
	switch code {
	case CodeForbidden:
		return fhir.NotGranted, code
	case CodeNotOffered:
		return fhir.NotOffered, code
	}
	return fhir.Failed, code
}

// page reads one page. A server that lacks the operation $lastn is asked once
// for everything instead. Nothing of that is left out here: which observation
// is the newest of its kind is known better when those of all queries are
// there, and what was fetched belongs to the person.
func (s *searching) page(ctx context.Context) (page, error) {
	got, err := s.read(ctx)
	if s.pages.seen == 1 && lacksOperation(err) && strings.HasSuffix(s.at.Path, lastn) {
		plain := *s.at
		plain.Path, plain.RawPath = strings.TrimSuffix(s.at.Path, lastn), ""
		s.at = &plain
		s.warn(CodeAll)
		got, err = s.read(ctx)
	}
	return got, err
}

// lacksOperation tells whether a server refused a query because of its form.
func lacksOperation(err error) bool {
	for _, status := range [...]int{400, 404, 405, 501} {
		if isStatus(err, status) {
			return true
		}
	}
	return err != nil && codeOf(err) == CodeNotOffered
}
