package mock

import (
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// span is a period without absent ends.
type span struct{ low, high time.Time }

var (
	longAgo   = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	farFuture = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

// dateOperand takes the prefix off: ge2026-01-01. No prefix means eq.
func dateOperand(value string) (op string, asked fhir.Date) {
	op = "eq"
	if len(value) > 2 && value[0] >= 'a' && value[0] <= 'z' {
		op, value = value[:2], value[2:]
	}
	return op, fhir.ParseDate(value)
}

// dateOps are the comparisons of FHIR between what a resource says and what is
// asked.
var dateOps = map[string]func(have, asked span) bool{
	"eq": func(h, a span) bool { return !h.low.Before(a.low) && !h.high.After(a.high) },
	"ne": func(h, a span) bool { return h.low.Before(a.low) || h.high.After(a.high) },
	"ge": func(h, a span) bool { return !h.high.Before(a.low) },
	"gt": func(h, a span) bool { return h.high.After(a.high) },
	"le": func(h, a span) bool { return !h.low.After(a.high) },
	"lt": func(h, a span) bool { return h.low.Before(a.low) },
	"sa": func(h, a span) bool { return h.low.After(a.high) },
	"eb": func(h, a span) bool { return h.high.Before(a.low) },
	"ap": func(h, a span) bool { return !h.high.Before(a.low) && !h.low.After(a.high) },
}

// spans gives the periods a resource speaks of; a resource without any is never
// found by date.
func (p *param) spans(r *record) []span {
	var found []span
	for _, path := range p.paths {
		prefix, choice := strings.CutSuffix(path, "[x]")
		if choice {
			if typ, v := r.node.Choice(prefix); v.Exists() && (typ == "Period" || typ == "DateTime" || typ == "Date" || typ == "Instant") {
				found = appendSpan(found, v, r.node)
			}
			continue
		}
		for _, n := range at(r.node, path) {
			found = appendSpan(found, n, r.node)
		}
	}
	return found
}

func appendSpan(spans []span, n, resource fhir.Node) []span {
	if !n.IsObject() {
		d := fhir.ParseDate(n.Text())
		if d.IsZero() {
			return spans
		}
		return append(spans, span{d.Low(), d.High()})
	}
	period, s := n.Period(), span{longAgo, farFuture}
	if !period.Start.IsZero() {
		s.low = period.Start.Low()
	}
	switch {
	case !period.End.IsZero():
		s.high = period.End.High()
	case !period.Start.IsZero():
		s.high = endOf(s.low, resource)
	}
	return append(spans, s)
}

// endOf adds the duration that MedMij gives beside a period of use.
func endOf(start time.Time, resource fhir.Node) time.Time {
	for _, url := range []string{durationSTU3, durationR4} {
		q := resource.Ext(url).Value().Quantity()
		value, ok := q.Rat()
		if !ok {
			continue
		}
		n := int(value.Num().Int64() / value.Denom().Int64())
		switch q.Code {
		case "d":
			return start.AddDate(0, 0, n).Add(-time.Second)
		case "wk":
			return start.AddDate(0, 0, 7*n).Add(-time.Second)
		case "mo":
			return start.AddDate(0, n, 0).Add(-time.Second)
		}
	}
	return farFuture
}
