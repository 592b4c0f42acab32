package medmij

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/bundel-pgo/bundel/fhir"
)

// later tells whether a query waits for the resources it is asked for.
func (q asked) later() bool { return q.row.Each != "" && len(q.ids) == 0 }

// note keeps what a query came to, for the queries that depend on it: the
// worst per type.
func (r *run) note(kind string, result fhir.QueryResult) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.results[kind]; !ok || rank(result.Outcome) > rank(known.Outcome) {
		r.results[kind] = result
	}
}

// rank orders outcomes: of several, the highest is the outcome of them all.
// What failed must not be hidden by what did not.
func rank(o fhir.Outcome) int {
	return slices.Index([]fhir.Outcome{fhir.Empty, fhir.OK, fhir.NotOffered, fhir.NotGranted, fhir.Failed}, o)
}

// each asks a query once for every resource of its type, as one query with one
// result.
func (r *run) each(ctx context.Context, q asked) {
	name, total := q.name(), r.basis(q.row.Each)
	total.Query = name
	whole := true
	var mu sync.Mutex
	var searches sync.WaitGroup
	for _, id := range r.ids(q.row.Each) {
		searches.Go(func() {
			result, ok := r.search(ctx, q.of(id), searching{name: name})
			mu.Lock()
			defer mu.Unlock()
			total, whole = sumOf(total, result), whole && ok
		})
	}
	searches.Wait()
	if !whole || ctx.Err() != nil {
		return // the source ends, and nobody knows what there is
	}
	// Half an answer is no answer, whatever the provider calls it.
	if total.Resources > 0 && rank(total.Outcome) > rank(fhir.OK) {
		total.Outcome = fhir.Failed
	}
	r.give(ctx, fhir.Page{Query: name, Result: &total})
}

// basis is what can be said of such a query before it is asked. Without
// resources to ask it for there is nothing to find; but when it is not known
// which there are, the query failed with the one that should tell.
func (r *run) basis(kind string) fhir.QueryResult {
	r.mu.Lock()
	defer r.mu.Unlock()
	result := fhir.QueryResult{Outcome: fhir.Empty}
	if known := r.results[kind]; rank(known.Outcome) > rank(fhir.OK) {
		result.Outcome, result.Detail = known.Outcome, known.Detail
	}
	return result
}

func (r *run) ids(kind string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := slices.Clone(r.found[kind])
	slices.Sort(ids)
	return slices.Compact(ids)
}

// sumOf adds two results of one query.
func sumOf(a, b fhir.QueryResult) fhir.QueryResult {
	a.Resources += b.Resources
	a.Pages += b.Pages
	switch {
	case rank(b.Outcome) > rank(a.Outcome):
		a.Outcome, a.Detail = b.Outcome, b.Detail
	case b.Outcome == a.Outcome:
		a.Detail = cmp.Or(a.Detail, b.Detail)
	}
	return a
}
