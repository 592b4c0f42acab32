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
	layer := t.ma
	if len(layer) == 0 {
		layer = t.ta
	}
	switch {
	case t.isSupply():
		m.classifySupply(t)
	case len(layer) > 0:
		m.classifyAgreements(t, layer)
	case t.lead(rolePlainRequest, rolePlainStatement) != nil:
		m.classifyPlain(t, t.lead(rolePlainRequest, rolePlainStatement))
	case t.lead(roleMGB, roleOwn) != nil:
		m.classifyUse(t, t.newest(roleMGB, roleOwn))
	case len(t.spans) > 0: // only a stop of something we do not have
		m.endedAt(t, t.spans[0].end, "stopped")
	default:
		m.classifyOrder(t)
	}
	if t.now == nil && len(t.records) > 0 {
		t.now = newSegment(t.records[0])
	}
}

// lead is the first record in one of the roles.
func (t *treatment) lead(roles ...string) *medRecord {
	for _, r := range t.records {
		if slices.Contains(roles, r.lead.val.role) {
			return r
		}
	}
	return nil
}

// newest is the record in one of the roles that was stated last.
func (t *treatment) newest(roles ...string) *medRecord {
	var found *medRecord
	for _, r := range t.records {
		if slices.Contains(roles, r.lead.val.role) && (found == nil || r.lead.val.registered.After(found.lead.val.registered)) {
			found = r
		}
	}
	return found
}

func (m *merger) classifyAgreements(t *treatment, layer []*segment) {
	var current, last, first *segment
	for _, s := range layer {
		if s.void != "" {
			continue
		}
		t.spans = append(t.spans, span{s.start, s.end})
		switch {
		case s.at(m.AsOf):
			current = s
		case s.start.After(m.AsOf):
			if first == nil || s.start.Before(first.start) {
				first = s
			}
		case last == nil || s.end.After(last.end):
			last = s
		}
	}
	t.now, t.next = current, first
	switch {
	case current != nil:
		t.class = Current
	case last != nil && last.how == stopTemporary:
		t.class, t.ended, t.now = Paused, "paused", last
	case first != nil:
		t.class, t.now, t.next = Planned, first, nil
	case last != nil:
		t.now = last
		m.endedAt(t, last.end, endWord(last.how))
	default:
		t.class, t.ended, t.now = Cancelled, "cancelled", layer[len(layer)-1]
	}
}

func endWord(how string) string {
	if how == stopDefinitive {
		return "stopped"
	}
	return "over"
}

func (m *merger) endedAt(t *treatment, end time.Time, why string) {
	t.class, t.ended = Past, why
	if !end.Before(addMonths(m.AsOf, -m.Limits.RecentStop)) {
		t.class = Recent
	}
	if t.now != nil && t.now.end.Equal(forever) {
		t.now.end = end
	}
}

// classifyPlain judges FHIR without the Dutch medication process: the period
// when it decides, else the status.
func (m *merger) classifyPlain(t *treatment, r *medRecord) {
	s := newSegment(r)
	med := s.med()
	t.now = s
	t.spans = []span{{s.start, s.end}}
	ended := s.end.Before(m.AsOf)
	switch {
	case med.notTaken:
		t.class, t.ended = Past, "not-taken"
	case ended && med.status == "active" && med.registered.After(s.end):
		t.class = Current
		t.conflict("C-STATUS", true)
	case ended:
		m.endedAt(t, s.end, "over")
	case s.start.After(m.AsOf) && med.status != "cancelled":
		t.class = Planned
	default:
		m.classifyStatus(t, s)
	}
}

func (m *merger) classifyStatus(t *treatment, s *segment) {
	switch s.med().status {
	case "active":
		t.class = Current
	case "on-hold":
		t.class, t.ended = Paused, "paused"
	case "intended", "draft":
		t.class = Planned
	case "completed", "stopped", "cancelled":
		t.conflict("C-STATUS", s.end.Equal(forever))
		m.endedAt(t, s.rec.lead.Updated, "stopped")
	default:
		t.class = Past
		if !s.med().registered.Before(addMonths(m.AsOf, -m.Limits.UseOnlyFresh)) {
			t.class = Unclear
		}
	}
}

// classifyUse judges a treatment that only somebody's report of use speaks of.
func (m *merger) classifyUse(t *treatment, r *medRecord) {
	s := newSegment(r)
	med := s.med()
	t.now = s
	t.spans = []span{{s.start, s.end}}
	switch {
	case med.notTaken:
		t.class, t.ended = Past, "not-taken"
	case s.end.Before(m.AsOf):
		m.endedAt(t, s.end, "over")
	case med.status == "stopped" || med.status == "completed" || med.status == "cancelled":
		m.endedAt(t, med.registered, "stopped")
	case med.status == "on-hold":
		t.class, t.ended = Paused, "paused"
	case s.start.After(m.AsOf):
		t.class = Planned
	case med.role == roleOwn || !med.registered.Before(addMonths(m.AsOf, -m.Limits.UseOnlyFresh)):
		t.class = Current
	default:
		t.class = Unclear
	}
}

// classifyOrder judges a treatment of which only an order to the pharmacy is known.
func (m *merger) classifyOrder(t *treatment) {
	t.class = Unclear
	if r := t.lead(roleVV, roleMTD); r != nil && !r.lead.val.registered.IsZero() &&
		r.lead.val.registered.Before(addMonths(m.AsOf, -m.Limits.DispenseUnknown)) {
		t.class = Past
	}
}

// isSupply: only hand-overs, and instructions that belong to a hand-over.
func (t *treatment) isSupply() bool {
	found := false
	for _, r := range t.records {
		switch med := r.lead.val; {
		case med.role == roleMVE || med.role == rolePlainDispense:
			found = true
		case med.role == roleTA && med.treatment == "":
		default:
			return false
		}
	}
	return found
}

// window is how long a hand-over lasts; zero end when nobody knows.
type window struct {
	handed fhir.Date
	end    time.Time
}

// classifySupply derives from hand-overs (merge.md 2.8). Nobody says that it
// was stopped, so neither do we.
func (m *merger) classifySupply(t *treatment) {
	t.inferred = true
	var last window
	for _, r := range t.records {
		med := r.lead.val
		if med.role == roleTA {
			continue
		}
		t.handovers++
		if med.handed.Compare(last.handed) >= 0 {
			last = window{med.handed, t.supplyEnd(r)}
			t.now = newSegment(r)
		}
	}
	if dosed := t.newest(roleTA); dosed != nil {
		t.now = newSegment(dosed)
	}
	t.spans = []span{{last.handed.Low(), firstTime(last.end, addMonths(last.handed.High(), m.Limits.DispenseUnknown)).Add(m.Limits.DispenseGrace)}}
	switch handed := last.handed.High(); {
	case last.handed.IsZero():
		t.class = Unclear
	case !last.end.IsZero() && !m.AsOf.After(last.end.Add(m.Limits.DispenseGrace)):
		t.class = Current
	case last.end.IsZero() && !handed.Before(addMonths(m.AsOf, -m.Limits.DispenseUnknown)):
		t.class = Current
	case !handed.Before(addMonths(m.AsOf, -m.Limits.DispensePast)):
		t.class = Unclear
	default:
		t.class, t.ended = Past, "supply"
	}
}

// supplyEnd takes the days supplied, else the length of the instruction that
// came with it.
func (t *treatment) supplyEnd(r *medRecord) time.Time {
	med := r.lead.val
	if med.handed.IsZero() {
		return time.Time{}
	}
	if med.days > 0 {
		return med.handed.Low().AddDate(0, 0, med.days).Add(-time.Second)
	}
	for _, other := range t.records {
		ta := other.lead.val
		if ta.role == roleTA && !ta.end.IsZero() && treatmentKey(other.lead) == treatmentKey(r.lead) {
			return med.handed.Low().Add(ta.end.Sub(ta.start))
		}
	}
	return time.Time{}
}

func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
