package desk_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

// TestEveryFaultOfTheCatalogue runs the whole app (lists, login, token,
// queries, vault, overview, sending) against every fault of conformance.md
// section 4, in every way in which the mock serves it, over real connections.
func TestEveryFaultOfTheCatalogue(t *testing.T) {
	home := newHome(t)
	catalogue := mock.Catalogue()
	ways := 0
	var unmet atomic.Int32
	var rows errgroup.Group
	rows.SetLimit(rowsAtOnce)
	for _, e := range catalogue {
		ways += len(e.Cases)
		rows.Go(func() error {
			t.Run(e.ID, func(t *testing.T) {
				for _, c := range e.Cases {
					if !t.Run(c.Name, func(t *testing.T) { runCase(t, home, e.ID, c) }) {
						unmet.Add(1)
					}
				}
			})
			return nil
		})
	}
	_ = rows.Wait() // they fail by themselves
	t.Logf("%d faults, served in %d ways; %d ways are not met", len(catalogue), ways, unmet.Load())
	if len(catalogue) != 109 {
		t.Errorf("%d faults, want 109", len(catalogue))
	}
}

// rowsAtOnce is more than there are processors: a case mostly waits, for the
// disk and for what is slow on purpose.
const rowsAtOnce = 8

// runCase prepares, sets the fault, does what the case says and judges it.
func runCase(t *testing.T, home *home, id string, c mock.FaultCase) {
	t.Helper()
	b := home.bench(t, c)
	b.prepare(c)
	b.mark()
	if err := b.net.SetFaults(c.Faults...); err != nil {
		t.Fatal(err)
	}
	b.setUp(c)
	got := b.do(c)
	b.checkAnswer(c, got)
	b.checkRequests(c)
	b.checkStored(c)
	if more := furtherChecks()[id]; more != nil {
		more(b, c, got)
	}
}

// result is what the app made of a case.
type result struct {
	code     string // of a login or a sending that failed; empty: it worked
	text     string // of the error
	receipts []fhir.Receipt
	items    string
}

// judged are the results of the queries that a case is about.
func (r result) judged(c mock.FaultCase) []fhir.QueryResult {
	var found []fhir.QueryResult
	for _, receipt := range r.receipts {
		for _, q := range receipt.Queries {
			if typeOf(q.Query) == queryOf(c) {
				found = append(found, q)
			}
		}
	}
	return found
}

func typeOf(query string) string {
	end := strings.IndexAny(query, "?/")
	if end < 0 {
		return query
	}
	return query[:end]
}

func queryOf(c mock.FaultCase) string {
	if c.Query == "" {
		return "AllergyIntolerance"
	}
	return c.Query
}

func serviceOf(c mock.FaultCase) string {
	if c.Service == "" {
		return "58"
	}
	return c.Service
}

// checkAnswer judges the outcome and the code, and that there are words for it.
func (b *faultBench) checkAnswer(c mock.FaultCase, got result) {
	b.Helper()
	want := c.Expect
	if want.Outcome == "" {
		if got.code != want.Code {
			b.Errorf("code %q (%s), want %q", got.code, got.text, want.Code)
		}
	} else {
		b.checkQueries(c, got)
	}
	if want.Items != "" && got.items != want.Items {
		b.Errorf("what was sent is %q, want %q", got.items, want.Items)
	}
	b.checkWords(c)
}

func (b *faultBench) checkQueries(c mock.FaultCase, got result) {
	b.Helper()
	if got.code != "" {
		b.Errorf("it ended with %q (%s) before it collected", got.code, got.text)
		return
	}
	judged := got.judged(c)
	if len(judged) == 0 {
		b.Errorf("nothing was asked of %s", queryOf(c))
	}
	good := func(o fhir.Outcome) bool { return o == fhir.OK || o == fhir.Empty }
	met := slices.ContainsFunc(judged, func(q fhir.QueryResult) bool { return q.Outcome == c.Expect.Outcome && q.Detail == c.Expect.Code })
	if c.Expect.Outcome == fhir.OK && c.Expect.Code == "" {
		met = met && !slices.ContainsFunc(judged, func(q fhir.QueryResult) bool { return !good(q.Outcome) })
	}
	if !met {
		b.Errorf("outcomes %v, want %s %q", judged, c.Expect.Outcome, c.Expect.Code)
	}
	for _, receipt := range got.receipts {
		for _, q := range receipt.Queries {
			if b.onlyAt(c) && typeOf(q.Query) != queryOf(c) && q.Outcome == fhir.Failed {
				b.Errorf("%s failed with it: %s", typeOf(q.Query), q.Detail)
			}
		}
	}
}

// onlyAt tells whether nothing but one endpoint goes wrong.
func (b *faultBench) onlyAt(c mock.FaultCase) bool {
	return len(c.Faults) > 0 && strings.Contains(c.Faults[0].On, "/")
}

// checkRequests counts what came to the providers after the fault was set.
func (b *faultBench) checkRequests(c mock.FaultCase) {
	b.Helper()
	if c.Expect.At != "" {
		n := b.seen(c.Expect.At)
		if n < c.Expect.Min || c.Expect.Max >= 0 && n > c.Expect.Max {
			b.Errorf("%d requests at %s, want %d to %d", n, c.Expect.At, c.Expect.Min, c.Expect.Max)
		}
	}
	for _, quiet := range c.Expect.Quiet {
		if n := b.seen(quiet); n != 0 {
			b.Errorf("%d requests at %s, want none", n, quiet)
		}
	}
	b.checkTries()
}

// checkTries proves that every try has a number of its own (G6), and finds what
// net/http repeats without saying so.
func (b *faultBench) checkTries() {
	b.Helper()
	seen := map[string]bool{}
	for _, e := range b.since("resource", "token") {
		id := headerOf(e, "MedMij-Request-ID")
		if id == "" {
			b.Errorf("a request at %s has no number", e.Endpoint)
		}
		if seen[id] && e.Method != "GET" {
			b.Errorf("a %s at %s was repeated silently", e.Method, e.Endpoint)
		} else if seen[id] {
			b.Logf("net/http repeated a GET at %s", e.Endpoint)
		}
		seen[id] = true
	}
}

func headerOf(e mock.Exchange, name string) string {
	for key, values := range e.Header {
		if strings.EqualFold(key, name) {
			return values[0]
		}
	}
	return ""
}

// checkStored proves that nothing of before is gone, and looks at what is new.
func (b *faultBench) checkStored(c mock.FaultCase) {
	b.Helper()
	after := b.records()
	for key, sum := range b.home.records {
		if after[key] != sum {
			b.Errorf("%s is not as it was", key)
		}
	}
	for key := range after {
		if _, old := b.home.records[key]; !old && !key.origin.IsSelf() {
			b.fresh = append(b.fresh, key)
		}
	}
	switch c.Expect.Stored {
	case mock.Nothing:
		if len(b.fresh) > 0 {
			b.Errorf("stored %v, want nothing", b.fresh)
		}
	case mock.Changed:
		if len(b.fresh) == 0 {
			b.Errorf("nothing was stored")
		}
	case mock.Apart:
		b.checkApart()
	}
}

// checkApart: kept, and not shown with what is the person's own.
func (b *faultBench) checkApart() {
	b.Helper()
	if len(b.fresh) == 0 {
		b.Errorf("nothing was stored")
	}
	for _, item := range b.overview().Items {
		for _, p := range item.Parts {
			if p.Hidden == "" && slices.ContainsFunc(b.fresh, func(k recordKey) bool { return k.is(p) }) {
				b.Errorf("%s is shown in %q", p.Type, item.Title)
			}
		}
	}
}
