package aggregator

import (
	"slices"
	"time"
)

// Transitions are the moments after AsOf at which a medicine may move to
// another section if nothing new is collected, in order, each once: a course
// begins or ends, is no longer recent, or a report of use grows old. Between
// two of them no section of a medicine changes (merge.md P7, 10). Whoever
// keeps an overview makes it anew at the first.
func (o *Overview) Transitions() []time.Time {
	return slices.Clone(o.transitions)
}

// transitions gathers the moments of all lines.
func (m *merger) transitions() []time.Time {
	var all []time.Time
	for _, l := range m.lines {
		for _, t := range l.moments {
			if t.After(m.AsOf) && t.Before(forever) {
				all = append(all, t.In(m.AsOf.Location()))
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}
