package aggregator

import (
	"cmp"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// forever stands for an end that nobody gave.
var forever = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// How a segment came to its end, beside the kinds of stop: a change is no stop.
const (
	stopTemporary  = string(clinical.StopTemporary)
	stopDefinitive = string(clinical.StopDefinitive)
	stopCancelled  = string(clinical.StopCancelled)
	changed        = "changed"
	overtaken      = "replaced" // void: registered anew with the same start
)

// segment is the stretch of time one agreement speaks about.
type segment struct {
	rec   *medRecord
	start time.Time
	end   time.Time
	how   string // how it ended before its own end
	void  string // why it does not count at all
}

func (s *segment) med() *medication { return s.rec.lead.val }

func (s *segment) at(t time.Time) bool {
	return s.void == "" && !s.start.After(t) && !s.end.Before(t)
}

func newSegment(r *medRecord) *segment {
	p := r.lead.val.period
	s := &segment{rec: r, start: p.start, end: p.end}
	if p.bad {
		s.start, s.end = time.Time{}, time.Time{} // neither can be relied on
	}
	if s.end.IsZero() {
		s.end = forever
	}
	return s
}

// settle works out what is valid when in every treatment of a bundle
// (merge.md 2.6): A stops, B successors, C one layer under the other.
func (b *bundle) settle() {
	for _, t := range b.parts {
		stops := b.layOut(t)
		for _, role := range [...]string{roleMA, roleTA, roleWDS} {
			b.applyStops(t, role, stops)
		}
	}
	for _, t := range b.parts {
		for _, role := range [...]string{roleMA, roleTA, roleWDS} {
			for _, stream := range b.streams(t.layers[role]) {
				b.cutAtNext(t, stream)
			}
		}
	}
	for _, t := range b.parts {
		b.alignLayers(t)
	}
}

// layOut puts the agreements of a treatment in their layers and gives the
// stops, all in order.
func (b *bundle) layOut(t *treatment) (stops []*segment) {
	for _, r := range t.records {
		med := r.lead.val
		if med.void() || (med.role != roleMA && med.role != roleTA && med.role != roleWDS) {
			continue
		}
		s := newSegment(r)
		b.segs[r] = s
		switch {
		case med.isStop():
			stops = append(stops, s)
		case med.period.unknown:
			t.conflict("C-DATE", med.period.bad)
			t.undated = true
		default:
			t.layers[med.role] = append(t.layers[med.role], s)
		}
	}
	for _, layer := range t.layers {
		slices.SortFunc(layer, compareSegments)
	}
	slices.SortFunc(stops, func(x, y *segment) int {
		return cmp.Or(x.med().registered.Compare(y.med().registered), boolCompare(x.isDefinitive(), y.isDefinitive()), compareSegments(x, y))
	})
	return stops
}

func (s *segment) isDefinitive() bool { return s.med().Stop == clinical.StopDefinitive }

// compareSegments orders by start, registration and key: a total order that
// does not depend on arrival.
func compareSegments(a, b *segment) int {
	return cmp.Or(
		a.start.Compare(b.start),
		a.med().registered.Compare(b.med().registered),
		compareEntries(a.rec.lead.entry, b.rec.lead.entry),
	)
}

// pointsAt tells whether a names b as what it follows or is based on.
func (b *bundle) pointsAt(x, y *segment) bool { return slices.Contains(b.links[x.rec], y.rec) }

// applyStops is phase A: what was stopped or cancelled. It never depends on
// the order of equal times.
func (b *bundle) applyStops(t *treatment, role string, stops []*segment) {
	for _, stop := range stops {
		if stop.med().role != role {
			continue
		}
		targets, guessed := b.stopTargets(stop, t.layers[role])
		if len(targets) == 0 {
			b.orphanStop(t, stop, t.layers[role])
			continue
		}
		t.conflict("C-STOP-AMBIGUOUS", guessed && len(targets) > 1)
		for _, target := range targets {
			target.stopBy(stop)
		}
	}
}

// stopTargets: what the stop points at; for the pharmacy's what carries out
// the same agreement; else, since a STU3 stop points at nothing, what began at
// the same moment and was there already.
func (b *bundle) stopTargets(stop *segment, layer []*segment) (targets []*segment, guessed bool) {
	for _, s := range layer {
		if b.pointsAt(stop, s) {
			targets = append(targets, s)
		}
	}
	if len(targets) > 0 {
		return targets, false
	}
	agreements := b.agreementsOf(stop)
	for _, s := range layer {
		if s.start.Equal(stop.start) && slices.ContainsFunc(b.links[s.rec], func(r *medRecord) bool { return slices.Contains(agreements, r) }) {
			targets = append(targets, s)
		}
	}
	if len(targets) > 0 && stop.med().role == roleTA {
		return targets, false
	}
	targets = nil
	for _, s := range layer {
		if s.start.Equal(stop.start) && !s.med().registered.After(stop.med().registered) {
			targets = append(targets, s)
		}
	}
	return targets, true
}

// agreementsOf are the medication agreements a stop points at, and those that
// these in turn follow.
func (b *bundle) agreementsOf(stop *segment) []*medRecord {
	var all []*medRecord
	for _, r := range b.links[stop.rec] {
		if r.lead.val.role == roleMA {
			all = append(all, r)
			all = append(all, b.links[r]...)
		}
	}
	return all
}

// stopEnd is when a stop makes an end: its own end, else when it was said.
func (s *segment) stopEnd() time.Time {
	if s.end.Equal(forever) {
		return s.med().registered
	}
	return s.end
}

func (s *segment) stopBy(stop *segment) {
	end := stop.stopEnd()
	kind := string(stop.med().Stop)
	if kind == stopCancelled || end.Before(s.start) || (stop.start.Equal(end) && s.start.After(stop.med().registered)) {
		s.void = stopCancelled
		return
	}
	if end.Before(s.end) {
		s.end = end
	}
	s.how = kind
}

// orphanStop: something was stopped that we do not have. An agreement that
// runs on is shown beside it, never ended by it.
func (b *bundle) orphanStop(t *treatment, stop *segment, layer []*segment) {
	stop.end, stop.how = stop.stopEnd(), string(stop.med().Stop)
	if stop.end.Before(stop.start) {
		stop.start = stop.end
	}
	if stop.how == stopCancelled {
		stop.void = stopCancelled
	}
	for _, s := range layer {
		t.conflict("C-STOP", s.void == "" && s.end.After(stop.end) && s.med().registered.Before(stop.med().registered))
	}
	t.orphans = append(t.orphans, stop)
}

// streams parts the agreements of a layer that never overrule each other: a
// treatment id that is the same for everyone says nothing across providers.
func (b *bundle) streams(layer []*segment) [][]*segment {
	sets := joinByKey(len(layer), func(i int) []string {
		med := layer[i].med()
		keys := []string{"specific"}
		if med.generic {
			keys[0] = med.treatment
		}
		if med.role == roleTA { // a box at fixed times and one for when needed go together
			keys[0] += yesNo(med.Dosage.AsNeeded())
		}
		// One that points at another is in the stream of what it points at.
		keys = append(keys, layer[i].rec.key())
		for _, r := range b.links[layer[i].rec] {
			if r.lead.val.role == med.role {
				keys = append(keys, r.key())
			}
		}
		return keys
	})
	var out [][]*segment
	for _, members := range sets.groups() {
		var stream []*segment
		for _, i := range members {
			stream = append(stream, layer[i])
		}
		out = append(out, stream)
	}
	return out
}

// cutAtNext is phase B: at most one agreement of a stream is valid at any
// moment. The stream is sorted by start and registration.
func (b *bundle) cutAtNext(t *treatment, stream []*segment) {
	live := slices.DeleteFunc(slices.Clone(stream), func(s *segment) bool { return s.void != "" })
	for i := 0; i+1 < len(live); i++ {
		s, next := live[i], live[i+1]
		switch gap := next.start.Sub(s.end); {
		case s.start.Equal(next.start):
			s.void = overtaken
		case gap <= 0:
			retro := next.med().registered.Before(s.med().registered) && !next.start.After(s.med().registered)
			t.conflict("C-RETRO", retro)
			s.end, s.how = next.start.Add(-time.Second), changed
		case gap <= 24*time.Hour && s.how == stopDefinitive:
			s.how = changed // a successor the next day: no gap, no stop
		}
	}
	for _, s := range live {
		if s.how == stopDefinitive && slices.ContainsFunc(live, func(n *segment) bool { return n != s && b.follows(n, s) }) {
			s.how = changed
		}
	}
}

// follows tells whether n succeeds s: it points at s, or at a stop of s.
func (b *bundle) follows(n, s *segment) bool {
	if b.pointsAt(n, s) {
		return n.void == ""
	}
	return n.void == "" && slices.ContainsFunc(b.links[n.rec], func(r *medRecord) bool {
		return r.lead.val.isStop() && slices.Contains(b.links[r], s.rec)
	})
}

// alignLayers is phase C: what carries out an agreement ends with it, and
// never outlives a newer one.
func (b *bundle) alignLayers(t *treatment) {
	for _, s := range slices.Concat(t.layers[roleTA], t.layers[roleWDS]) {
		related := false
		for _, r := range b.links[s.rec] {
			if ma := b.segs[r]; ma != nil && r.lead.val.role == roleMA && !r.lead.val.isStop() {
				related = true
				t.conflict("C-STOP", s.begunAfterStop(ma))
				s.endWith(ma)
			}
		}
		if !related {
			s.supersede(t)
		}
	}
}

// begunAfterStop: the pharmacy noted it after the prescriber had stopped what
// it carries out.
func (s *segment) begunAfterStop(ma *segment) bool {
	stopped := ma.void == "" && (ma.how == stopDefinitive || ma.how == stopTemporary)
	return stopped && s.start.After(ma.end) && s.med().registered.After(ma.end)
}

func (s *segment) endWith(ma *segment) {
	if ma.void != "" {
		s.void = ma.void
	}
	if ma.end.Before(s.start) {
		s.void = overtaken // it was over before this began
	}
	if ma.end.Before(s.end) {
		s.end, s.how = ma.end, ma.how
	}
}

// supersede: without a relation, what the pharmacy noted before a newer
// agreement began ends there, and a stop with the same start ends it.
func (s *segment) supersede(t *treatment) {
	for _, ma := range t.layers[roleMA] {
		if ma.void == "" && ma.med().registered.After(s.med().registered) && ma.start.After(s.start) && !ma.start.After(s.end) {
			s.end, s.how = ma.start.Add(-time.Second), changed
		}
	}
	for _, stop := range t.orphans {
		if stop.med().role == roleMA && stop.start.Equal(s.start) && stop.end.Before(s.end) {
			s.end, s.how = stop.end, string(stop.med().Stop)
		}
	}
}
