package aggregator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// absence is that a source no longer gives a record.
type absence struct {
	source string
	since  time.Time
}

// goneSince is when the source stopped giving the entry, in a whole answer to
// the query that gave it before; zero while it does, and when the query only
// asks for a period and the entry lies before that (merge.md 1.5). What the
// person wrote is never gone.
func (e *entry) goneSince() time.Time {
	if e.Gone.IsZero() || e.Origin.IsSelf() {
		return time.Time{}
	}
	if from, ok := windowStart(e.Query, e.Gone); ok {
		if last := e.lastDay(); !last.IsZero() && last.Low().Before(from) {
			return time.Time{}
		}
	}
	return e.Gone
}

// windowStart is the first day that a query asks for, as of a moment: the part
// "ge{today-14m}" of its name; "d" are days, "m" months.
func windowStart(query string, at time.Time) (time.Time, bool) {
	_, rest, ok := strings.Cut(query, "=ge{today")
	shift, _, closed := strings.Cut(rest, "}")
	if !ok || !closed {
		return time.Time{}, false
	}
	y, mo, d := at.In(fhir.Amsterdam()).Date()
	start := time.Date(y, mo, d, 0, 0, 0, 0, fhir.Amsterdam())
	if shift == "" {
		return start, true
	}
	n, err := strconv.Atoi(shift[:len(shift)-1])
	switch {
	case err != nil:
		return time.Time{}, false
	case strings.HasSuffix(shift, "m"):
		return start.AddDate(0, n, 0), true
	}
	return start.AddDate(0, 0, n), true
}

// lastDay is the last day that the entry says it is about; zero when it has
// none, or no end.
func (e *entry) lastDay() fhir.Date {
	said, _ := e.read()
	switch v := said.(type) {
	case *clinical.Observation:
		return firstDate(v.Effective.End, v.Effective.Start, v.Issued)
	case *clinical.Appointment:
		return firstDate(v.End, v.Start)
	case *clinical.Medication:
		return v.Use.End
	}
	return fhir.Date{}
}

// absencesOf gives the sources that gave a record and no longer do, and
// whether none gives it any more. A source gives it as long as one of its data
// services does.
func absencesOf[T any](r *record[T]) (all []absence, gone bool) {
	if !slices.ContainsFunc(r.members, func(s *statement[T]) bool { return !s.Gone.IsZero() }) {
		return nil, false
	}
	since := map[string]time.Time{}
	present := map[string]bool{}
	for _, s := range r.members {
		at := s.entry.goneSince()
		if at.IsZero() {
			present[s.Origin.Source] = true
		} else if at.After(since[s.Origin.Source]) {
			since[s.Origin.Source] = at
		}
	}
	for source, at := range since {
		if !present[source] {
			all = append(all, absence{source, at})
		}
	}
	return all, len(present) == 0
}

// markGone tells on every line which sources no longer give what it says.
// Gone never means stopped and takes nothing away. Only medication that nobody
// gives any more has a section of its own; what was past stays there.
func (m *merger) markGone() {
	for _, l := range m.lines {
		m.tellGone(l)
		settled := l.Section == Past || l.Section == History || l.Section == Cancelled
		if l.Subject == "medication" && l.allGone && !settled {
			l.field("last-section", m.texts.section[l.Section], l.members[0])
			l.Section = Gone
		}
	}
}

func (m *merger) tellGone(l *line) {
	slices.SortFunc(l.gone, func(a, b absence) int {
		return cmp.Or(strings.Compare(a.source, b.source), b.since.Compare(a.since))
	})
	told := ""
	for _, a := range l.gone {
		if a.source != told {
			l.conflict("C-GONE", m.texts.goneText(m.providerName(a.source), fhir.DateOf(a.since)))
		}
		told = a.source
	}
}
