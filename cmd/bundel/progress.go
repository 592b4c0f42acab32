package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/web"
)

// reporter shows how far collecting is: a bar per source on a terminal, a
// plain line per finished query elsewhere, nothing when it must be quiet.
type reporter struct {
	watch aggregator.Watch
	stop  func()
}

func (a *app) progress(grants []*medmij.Grant) reporter {
	switch {
	case a.quiet:
		return reporter{stop: func() {}}
	case a.Terminal:
		return a.bars(grants)
	}
	return a.lines(grants)
}

func (a *app) lines(grants []*medmij.Grant) reporter {
	names := map[string]string{}
	for _, g := range grants {
		names[g.Source()] = g.Display
	}
	var mu sync.Mutex
	return reporter{stop: func() {}, watch: func(o fhir.Origin, p fhir.Page) {
		if p.Result == nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(a.Stderr, a.progressLine(names[o.Source], o.Service, p.Query, p.Result))
	}}
}

// progressLine is one query that is done, in the words of the pages. With --json
// it is for who tests a provider: the data service and the query as in the table.
func (a *app) progressLine(name, service, query string, r *fhir.QueryResult) string {
	what := web.QueryName(query, a.lang)
	if a.json {
		what = service + " " + query
	}
	line := fmt.Sprintf("%s %s: %s", name, what, a.outcome(r.Outcome))
	if r.Outcome == fhir.OK {
		line += fmt.Sprintf(" (%d)", r.Resources)
	}
	if r.Detail != "" {
		line += " " + r.Detail
	}
	return line
}

func (a *app) bars(grants []*medmij.Grant) reporter {
	w := progress.NewWriter()
	w.SetOutputWriter(a.Stderr)
	w.SetAutoStop(false)
	w.SetUpdateFrequency(100 * time.Millisecond)
	w.Style().Visibility.Value = true
	trackers := map[string]*progress.Tracker{}
	for _, g := range grants {
		if trackers[g.Source()] == nil {
			trackers[g.Source()] = &progress.Tracker{Message: g.Display}
			w.AppendTracker(trackers[g.Source()])
		}
		trackers[g.Source()].Total += queriesOf(g)
	}
	go w.Render()
	watch := func(o fhir.Origin, p fhir.Page) {
		if t := trackers[o.Source]; t != nil && p.Result != nil {
			t.Increment(1)
		}
	}
	return reporter{watch: watch, stop: func() {
		for _, t := range trackers {
			t.MarkAsDone()
		}
		w.Stop()
	}}
}

// queriesOf counts the queries that a grant will be asked.
func queriesOf(g *medmij.Grant) int64 {
	n := 0
	for _, id := range g.Granted {
		if s, ok := medmij.ServiceByID(id); ok && s.Direction == medmij.Collect {
			n += len(s.Queries)
		}
	}
	return int64(n)
}
