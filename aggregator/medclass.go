package aggregator

import (
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// classify says where a treatment stands at the moment of the overview
// (merge.md 2.9). Building blocks of the medication process are never judged
// by their FHIR status: it is "unknown" on most of them.
func (m *merger) classify(t *treatment) {
	t.asOf = m.AsOf
	plain := t.newest(rolePlainRequest, rolePlainStatement)
	switch {
	case t.allVoid():
		t.class = History
	case t.isSupply():
		m.classifySupply(t)
	case len(t.layers[roleMA]) > 0:
		m.classifyAgreements(t, t.layers[roleMA])
	case len(t.layers[roleTA]) > 0:
		m.classifyAgreements(t, t.layers[roleTA])
		t.conflict("C-STOP", t.class == Current && slices.ContainsFunc(t.orphans, func(s *segment) bool { return s.med().role == roleMA }))
	case t.undated:
		t.class = Unclear
	case plain != nil:
		m.classifyPlain(t, plain)
	case t.newest(roleMGB, roleOwn) != nil:
		m.classifyUse(t)
	case len(t.orphans) > 0: // only a stop of something we do not have
		m.classifyAgreements(t, nil)
	default:
		m.classifyOrder(t)
	}
	if t.now == nil {
		t.now = newSegment(t.spokesman())
	}
	t.atBounds()
}

// atBounds notes where any agreement begins and ends. One that does not decide
// the class may change the dose, and with it what may stand on the line.
func (t *treatment) atBounds() {
	for _, layer := range t.layers {
		for _, s := range layer {
			if t.at(s.start); s.end.Before(forever) {
				t.at(s.end.Add(time.Second))
			}
		}
	}
}

// spokesman speaks for a treatment that no agreement speaks for.
func (t *treatment) spokesman() *medRecord {
	for _, r := range t.records {
		if !r.lead.val.void() {
			return r
		}
	}
	return t.records[0]
}

func (t *treatment) allVoid() bool {
	return !slices.ContainsFunc(t.records, func(r *medRecord) bool { return !r.lead.val.void() })
}

// has tells whether a record that stands plays one of the roles.
func (t *treatment) has(roles ...string) bool { return t.newest(roles...) != nil }

// newest is the record in one of the roles that was stated last.
func (t *treatment) newest(roles ...string) *medRecord {
	var found *medRecord
	for _, r := range t.records {
		med := r.lead.val
		if slices.Contains(roles, med.role) && !med.void() && (found == nil || med.registered.After(found.lead.val.registered)) {
			found = r
		}
	}
	return found
}

// at notes moments at which the class may change.
func (t *treatment) at(moments ...time.Time) { t.moments = append(t.moments, moments...) }

// lasts notes the moments at which a stretch of use begins, ends, and is no
// longer recent.
func (m *merger) lasts(t *treatment, s *segment) {
	t.spans = append(t.spans, span{s.start, s.end})
	t.at(s.start, monthsBefore(s.start, m.Limits.PlannedAhead))
	if !s.end.Equal(forever) {
		t.at(s.end.Add(time.Second), monthsPass(s.end, m.Limits.RecentStop), monthsPass(s.end, m.Limits.PausedStale))
	}
}

func (m *merger) classifyAgreements(t *treatment, layer []*segment) {
	var current, last, first *segment
	for _, s := range slices.Concat(t.orphans, layer) {
		if s.void != "" {
			continue
		}
		m.lasts(t, s)
		switch {
		case s.at(m.AsOf):
			current = s // an agreement rather than a stop that is still to come
		case s.start.After(m.AsOf):
			if first == nil || s.start.Before(first.start) {
				first = s
			}
		case last == nil || s.end.After(last.end) || (s.end.Equal(last.end) && s.how == stopDefinitive):
			last = s
		}
	}
	t.now, t.next = current, first
	switch {
	case current != nil:
		t.class = Current
	case last != nil && last.how == stopTemporary:
		t.class, t.ended, t.now = Paused, "paused", last
		t.note("pausedSince", fhir.DateOf(last.end).Words(m.Lang))
		if last.end.Before(monthsBefore(m.AsOf, m.Limits.PausedStale)) {
			t.note("stillSo")
		}
	case first != nil:
		t.now, t.next = first, nil
		m.planned(t)
	case last != nil:
		t.now = last
		m.endedAt(t, last.end, endWord(last.how))
	default:
		all := slices.Concat(t.orphans, layer)
		t.class, t.ended, t.now = Cancelled, "cancelled", all[len(all)-1]
	}
}

// planned: what begins soon, and what begins later, which is not left out.
func (m *merger) planned(t *treatment) {
	t.class = Planned
	if m.AsOf.Before(monthsBefore(t.now.start, m.Limits.PlannedAhead)) {
		t.class = Later
	}
}

func endWord(how string) string {
	if how == stopDefinitive || how == "unknown" {
		return "stopped"
	}
	return "over"
}

func (m *merger) endedAt(t *treatment, end time.Time, why string) {
	t.class, t.ended = Past, why
	if !end.IsZero() && !end.Before(monthsBefore(m.AsOf, m.Limits.RecentStop)) {
		t.class = Recent
	}
	if !end.IsZero() {
		t.at(end.Add(time.Second), monthsPass(end, m.Limits.RecentStop))
	}
	if t.now != nil && t.now.end.After(end) && !end.IsZero() {
		t.now.end = end
	}
}

// stated makes the segment of a statement that speaks for its treatment.
func (m *merger) stated(t *treatment, r *medRecord) *segment {
	s := newSegment(r)
	t.now = s
	if s.med().period.unknown {
		t.conflict("C-DATE", s.med().period.bad)
	} else {
		m.lasts(t, s)
	}
	return s
}

// classifyPlain judges FHIR without the Dutch medication process: the period
// where it decides, else the status.
func (m *merger) classifyPlain(t *treatment, r *medRecord) {
	s := m.stated(t, r)
	med := s.med()
	ended := s.end.Before(m.AsOf)
	status := med.Status.Code
	switch {
	case med.notTaken():
		t.class, t.ended = Past, "not-taken"
	case status == "active" && !s.end.Equal(forever) && med.registered.After(s.end):
		t.class = Current
		t.conflict("C-STATUS", true)
	case ended:
		m.endedAt(t, s.end, endedWord(med))
	case s.start.After(m.AsOf) && !isOver(status):
		m.planned(t)
	default:
		m.classifyStatus(t, s)
	}
}

// endedWord: a period that ended says only that; a status may say that it was
// stopped.
func endedWord(med *medication) string {
	if med.Status.Code == "stopped" || med.isStop() {
		return "stopped"
	}
	return "over"
}

func isOver(status string) bool {
	return status == "completed" || status == "stopped" || status == "cancelled"
}

func (m *merger) classifyStatus(t *treatment, s *segment) {
	med := s.med()
	switch status := med.Status.Code; {
	case status == "active":
		t.class = Current
	case status == "on-hold":
		t.class, t.ended = Paused, "paused"
	case status == "intended" || status == "draft":
		m.planned(t)
	case isOver(status):
		m.overWithoutEnd(t, s)
	case !med.period.derived && !med.Use.End.IsZero():
		t.class = Current // the period says so
	default:
		t.class = Past
		if m.isFresh(t, med.registered, m.Limits.UseOnlyFresh) {
			t.class = Unclear
		}
	}
}

// overWithoutEnd: it is over, and the period does not say since when. The
// moment of the last change stands in, marked as a contradiction.
func (m *merger) overWithoutEnd(t *treatment, s *segment) {
	t.conflict("C-STATUS", true)
	end := s.rec.lead.Updated
	if end.IsZero() || end.After(m.AsOf) {
		t.class, t.ended = Past, "stopped"
		t.note("dateUnknown")
		t.at(end)
		return
	}
	m.endedAt(t, end, "stopped")
}

// isFresh tells whether a moment lies at most n months back.
func (m *merger) isFresh(t *treatment, moment time.Time, n int) bool {
	if moment.IsZero() {
		return false
	}
	t.at(monthsPass(moment, n))
	return !moment.Before(monthsBefore(m.AsOf, n))
}

// classifyOrder judges a treatment of which only an order to the pharmacy, or
// an administration, is known.
func (m *merger) classifyOrder(t *treatment) {
	t.class = Unclear
	r := t.newest(roleVV, roleMTD)
	switch {
	case r == nil:
	case !r.lead.val.registered.IsZero() && !m.isFresh(t, r.lead.val.registered, m.Limits.DispenseUnknown):
		t.class = Past
	case r.lead.val.role == roleVV:
		t.note("ordered")
	}
}
