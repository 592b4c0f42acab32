package aggregator

import (
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// Transitions are the moments after AsOf at which an item may move to another
// section if nothing new is collected, in order, each once: a course begins or
// ends, is no longer recent, a report of use grows old, or an appointment is
// over. Between two of them no section changes (merge.md P7, 10). Whoever
// keeps an overview makes it anew at the first.
func (o *Overview) Transitions() []time.Time {
	return slices.Clone(o.transitions)
}

// transitions gathers the moments of all lines.
func (m *merger) transitions() []time.Time {
	var all []time.Time
	for _, l := range m.lines {
		for _, t := range append(l.overAt(), l.moments...) {
			if t.After(m.AsOf) && t.Before(forever) {
				all = append(all, t.In(m.AsOf.Location()))
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// overAt is when an appointment is over.
func (l *line) overAt() []time.Time {
	if l.Subject != "appointment" || l.Section != Planned {
		return nil
	}
	var all []time.Time
	for _, e := range l.members {
		if a, ok := first(e.read()).(*clinical.Appointment); ok {
			if end := firstDate(a.End, a.Start, wanted(a)); !end.IsZero() {
				all = append(all, end.High().Add(time.Nanosecond))
			}
		}
	}
	return all
}
