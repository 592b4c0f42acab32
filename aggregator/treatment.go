package aggregator

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// forever stands for an end that nobody gave.
var forever = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// treatment is a set of building blocks that speak about one course of one
// medicine (merge.md 2.5).
type treatment struct {
	records   []*medRecord
	ma, ta    []*segment
	wds       []*segment
	conflicts []string
	class     Section
	ended     string   // why it is no longer current
	now       *segment // the agreement in force, or the one that was last
	next      *segment // a different one that follows
	spans     []span   // when it was in use, as far as known
	inferred  bool
	handovers int
}

type span struct{ start, end time.Time }

// segment is the stretch of time one agreement speaks about.
type segment struct {
	rec   *medRecord
	start time.Time
	end   time.Time
	how   string // temporary, definitive, changed: how it ended early
	void  string // why it does not count at all
}

func (s *segment) med() *medication { return s.rec.lead.val }

func (s *segment) at(t time.Time) bool {
	return s.void == "" && !s.start.After(t) && !s.end.Before(t)
}

func newSegment(r *medRecord) *segment {
	med := r.lead.val
	s := &segment{rec: r, start: med.start, end: med.end}
	if s.end.IsZero() || med.badPeriod {
		s.end = forever
	}
	return s
}

// treatments unites records by treatment id and by the relations between
// them (merge.md 2.5). They come in the order of their smallest record.
func (m *merger) treatments(records []*medRecord) []*treatment {
	sets := newSets(len(records))
	first := map[string]int{}
	owner := map[*entry]int{}
	for i, r := range records {
		for _, s := range r.members {
			owner[s.entry] = i
			if k := treatmentKey(s); k != "" {
				if j, ok := first[k]; ok {
					sets.join(i, j)
				} else {
					first[k] = i
				}
			}
		}
	}
	for i, r := range records {
		for _, j := range m.related(r, owner) {
			if mayRelate(r, records[j]) {
				sets.join(i, j)
			}
		}
	}
	var out []*treatment
	for _, members := range sets.groups() {
		together := make([]*medRecord, len(members))
		for i, at := range members {
			together[i] = records[at]
		}
		for _, part := range divide(m, together, entriesOf) {
			out = append(out, &treatment{records: part})
		}
	}
	return out
}

// treatmentKey: converted dispenses carry their own number in the place of a
// treatment; it ties the two halves of one dispense together and no more.
func treatmentKey(s *medStatement) string {
	if s.val.treatment != "" {
		return s.val.treatment
	}
	id := anyExt(s.node, "zib-Medication-MedicationTreatment").Value().Ident()
	if !id.IsZero() && strings.HasSuffix(id.System, convertedDispense) {
		return "dispense|" + s.provider() + "|" + id.Key()
	}
	return ""
}

// related gives the records that r points at, as far as they are here.
func (m *merger) related(r *medRecord, owner map[*entry]int) []int {
	var out []int
	for _, s := range r.members {
		for _, ref := range s.val.prior {
			if e := m.book.follow(s.entry, ref); e != nil {
				if i, ok := owner[e]; ok {
					out = append(out, i)
				}
			}
		}
	}
	return out
}

// mayRelate: a relation joins treatments only when the product does not
// contradict it, or when one is merely the order or hand-over of the other.
func mayRelate(a, b *medRecord) bool {
	x, y := a.lead.val, b.lead.val
	return !x.product.differs(y.product) || x.role == roleVV || x.role == roleMVE
}

// settle works out what is valid when (merge.md 2.6).
func (m *merger) settle(t *treatment) {
	var stops []*segment
	for _, r := range t.records {
		s := newSegment(r)
		switch med := s.med(); {
		case med.stop != "":
			stops = append(stops, s)
		case med.noPeriod && med.role != roleWDS && (med.role == roleMA || med.role == roleTA):
			t.conflict("C-DATE", med.badPeriod)
		case med.role == roleMA:
			t.ma = append(t.ma, s)
		case med.role == roleTA:
			t.ta = append(t.ta, s)
		case med.role == roleWDS:
			t.wds = append(t.wds, s)
		}
	}
	slices.SortFunc(stops, compareSegments)
	for _, layer := range [...]struct {
		role string
		segs []*segment
	}{{roleMA, t.ma}, {roleTA, t.ta}, {roleWDS, t.wds}} {
		slices.SortFunc(layer.segs, compareSegments)
		streams := m.streams(layer.segs)
		m.applyStops(t, layer.role, layer.segs, streams, stops)
		m.cutAtNext(t, layer.segs, streams)
	}
	m.alignLayers(t, stops)
}

func (t *treatment) conflict(code string, when bool) {
	if when && !slices.Contains(t.conflicts, code) {
		t.conflicts = append(t.conflicts, code)
	}
}

// compareSegments orders by start, registration and key: a total order that
// does not depend on arrival.
func compareSegments(a, b *segment) int {
	return cmp.Or(
		a.start.Compare(b.start),
		a.med().registered.Compare(b.med().registered),
		compareEntries(a.rec.lead.entry, b.rec.lead.entry),
	)
}

// streams numbers the segments of a layer: those of one stream succeed each
// other, those of different streams never overrule each other.
func (m *merger) streams(segs []*segment) []int {
	sets := newSets(len(segs))
	for i, a := range segs {
		for j, b := range segs[:i] {
			if m.pointsAt(a, b) || m.pointsAt(b, a) || sameStream(a, b) {
				sets.join(i, j)
			}
		}
	}
	out := make([]int, len(segs))
	for i := range segs {
		out[i] = sets.find(i)
	}
	return out
}

func sameStream(a, b *segment) bool {
	x, y := a.med(), b.med()
	if x.dose.AsNeeded() != y.dose.AsNeeded() {
		return false
	}
	if x.generic && a.rec.lead.provider() != b.rec.lead.provider() {
		return false
	}
	p, q := x.product.strict(), y.product.strict()
	return p == "" || q == "" || p == q || (x.product.prk != "" && x.product.prk == y.product.prk)
}

// pointsAt tells whether a names b as what it follows or is based on.
func (m *merger) pointsAt(a, b *segment) bool {
	for _, s := range a.rec.members {
		for _, ref := range s.val.prior {
			target := m.book.follow(s.entry, ref)
			if target != nil && slices.ContainsFunc(b.rec.members, func(o *medStatement) bool { return o.entry == target }) {
				return true
			}
		}
	}
	return false
}

// applyStops is phase A: what was stopped or cancelled. It never depends on
// the order of equal times.
func (m *merger) applyStops(t *treatment, role string, segs []*segment, streams []int, stops []*segment) {
	for _, stop := range stops {
		if stop.med().role != role {
			continue
		}
		targets := m.stopTargets(stop, segs)
		if len(targets) == 0 {
			m.orphanStop(t, stop, segs, streams)
			continue
		}
		t.conflict("C-STOP-AMBIGUOUS", len(targets) > 1)
		for _, target := range targets {
			target.stopBy(stop)
		}
	}
}

// stopTargets: what the stop points at; a STU3 stop points at nothing, so the
// agreement with the same start that it cannot precede.
func (m *merger) stopTargets(stop *segment, segs []*segment) []*segment {
	var pointed, sameStart []*segment
	for _, s := range segs {
		if m.pointsAt(stop, s) {
			pointed = append(pointed, s)
		}
		if s.start.Equal(stop.start) && !s.med().registered.After(stop.med().registered) && sameStream(s, stop) {
			sameStart = append(sameStart, s)
		}
	}
	if len(pointed) > 0 {
		return pointed
	}
	return sameStart
}

func (s *segment) stopBy(stop *segment) {
	end := stop.end
	if end.Equal(forever) {
		end = stop.med().registered
	}
	kind := stop.med().stop
	if kind == stopCancelled || (stop.start.Equal(end) && s.start.After(stop.med().registered)) {
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
func (m *merger) orphanStop(t *treatment, stop *segment, segs []*segment, streams []int) {
	end := stop.end
	if end.Equal(forever) {
		end = stop.med().registered
	}
	for _, s := range segs {
		runsOn := s.void == "" && s.end.After(end) && s.med().registered.Before(stop.med().registered)
		t.conflict("C-STOP", runsOn && sameStream(s, stop))
	}
	t.spans = append(t.spans, span{stop.start, end})
}

// cutAtNext is phase B: at most one agreement of a stream is valid at any
// moment.
func (m *merger) cutAtNext(t *treatment, segs []*segment, streams []int) {
	byStream := map[int][]*segment{}
	for i, s := range segs {
		if s.void == "" {
			byStream[streams[i]] = append(byStream[streams[i]], s)
		}
	}
	live := 0
	for _, stream := range byStream {
		cutStream(t, stream)
		live++
	}
	t.conflict("C-PARALLEL", live > 1 && m.bothRun(byStream))
	for _, s := range segs {
		if s.how == stopDefinitive && slices.ContainsFunc(segs, func(n *segment) bool { return n.void == "" && n != s && m.pointsAt(n, s) }) {
			s.how = "changed" // a change is not a stop
		}
	}
}

// cutStream works on segments that are sorted by start and registration.
func cutStream(t *treatment, stream []*segment) {
	for i := 0; i+1 < len(stream); i++ {
		s, next := stream[i], stream[i+1]
		if s.start.Equal(next.start) {
			s.void = "replaced"
			continue
		}
		if s.end.After(next.start.Add(-time.Second)) {
			t.conflict("C-RETRO", next.med().registered.Before(s.med().registered))
			s.end = next.start.Add(-time.Second)
			s.how = "changed"
		} else if next.start.Sub(s.end) <= 24*time.Hour && s.how == stopDefinitive {
			s.how = "changed" // a successor the next day: no gap, no stop
		}
	}
}

func (m *merger) bothRun(byStream map[int][]*segment) bool {
	running := 0
	for _, stream := range byStream {
		if slices.ContainsFunc(stream, func(s *segment) bool { return s.at(m.AsOf) }) {
			running++
		}
	}
	return running > 1
}

// alignLayers is phase C: an administration agreement ends with the
// medication agreement it carries out, and never outlives a newer one.
func (m *merger) alignLayers(t *treatment, stops []*segment) {
	for _, s := range slices.Concat(t.ta, t.wds) {
		related := false
		for _, ma := range t.ma {
			if !m.pointsAt(s, ma) {
				continue
			}
			related = true
			if ma.void != "" && ma.void != "replaced" {
				s.void = ma.void
			}
			s.endWith(ma)
		}
		if !related {
			s.supersede(t.ma, stops)
		}
	}
}

func (s *segment) endWith(ma *segment) {
	if ma.end.Before(s.end) {
		s.end, s.how = ma.end, ma.how
	}
}

func (s *segment) supersede(agreements, stops []*segment) {
	for _, ma := range agreements {
		if ma.void == "" && ma.med().registered.After(s.med().registered) && ma.start.Before(s.end) && ma.start.After(s.start) {
			s.end, s.how = ma.start.Add(-time.Second), "changed"
		}
	}
	for _, stop := range stops {
		if stop.med().role == roleMA && stop.start.Equal(s.start) && stop.end.Before(s.end) {
			s.end, s.how = stop.end, stop.med().stop
		}
	}
}
