package aggregator

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// isSupply: only hand-overs, and instructions that belong to a hand-over
// (merge.md 2.8).
func (t *treatment) isSupply() bool {
	found := false
	for _, r := range t.records {
		switch med := r.lead.val; {
		case med.void():
		case isHandover(med):
			found = true
		case med.role == roleTA && (med.treatment == "" || med.converted()):
		default:
			return false
		}
	}
	return found
}

func isHandover(med *medication) bool { return med.role == roleMVE || med.role == rolePlainDispense }

// joinSupply makes supply sequences: hand-overs of one product, with one dose,
// by one pharmacy, each soon after what was handed over before ran out.
func (m *merger) joinSupply(ts []*treatment) []*treatment {
	byKey := map[string][]*treatment{}
	var out []*treatment
	for _, t := range ts {
		if key := t.supplyKey(); t.isSupply() && key != "" {
			byKey[key] = append(byKey[key], t)
		} else {
			out = append(out, t)
		}
	}
	for _, key := range sortedKeys(byKey) {
		out = append(out, m.sequences(byKey[key])...)
	}
	return out
}

func (t *treatment) supplyKey() string {
	p := t.product()
	strict := p.strict()
	if strict == "" && p.gpk != "" {
		strict = "gpk:" + p.gpk
	}
	if strict == "" {
		return ""
	}
	return strings.Join(t.providers(), " ") + "|" + strict + "|" + t.dose()
}

// sequences joins what follows closely. Hand-overs without a date belong to
// the last sequence.
func (m *merger) sequences(ts []*treatment) []*treatment {
	slices.SortFunc(ts, func(a, b *treatment) int {
		x, y := m.window(a), m.window(b)
		if x.start.IsZero() != y.start.IsZero() {
			return boolCompare(x.start.IsZero(), y.start.IsZero())
		}
		return cmp.Or(x.start.Compare(y.start), strings.Compare(a.key(), b.key()))
	})
	out := ts[:1:1]
	end := m.window(ts[0]).end
	for _, t := range ts[1:] {
		w := m.window(t)
		if !w.start.IsZero() && w.start.Sub(end) > m.Limits.DispenseGrace || m.anyApart(out[len(out)-1].entries(), t.entries()) {
			out = append(out, t)
		} else {
			out[len(out)-1].absorb(t)
		}
		if w.end.After(end) {
			end = w.end
		}
	}
	return out
}

// absorb takes the records of another treatment.
func (t *treatment) absorb(other *treatment) {
	t.records = append(t.records, other.records...)
	slices.SortFunc(t.records, func(a, b *medRecord) int { return compareEntries(a.members[0].entry, b.members[0].entry) })
	merged := &bundle{links: map[*medRecord][]*medRecord{}, dangling: map[*medRecord]bool{}, segs: map[*medRecord]*segment{}, parts: []*treatment{t}}
	for _, b := range [...]*bundle{t.bundle, other.bundle} {
		for r, to := range b.links {
			merged.links[r] = to
		}
		for r, s := range b.segs {
			merged.segs[r] = s
		}
	}
	t.bundle = merged
}

// window is the stretch that the hand-overs of a treatment cover; where nobody
// says how long, that in which it counts as in use.
func (m *merger) window(t *treatment) span {
	var all span
	for _, r := range t.records {
		med := r.lead.val
		if !isHandover(med) || med.handed.IsZero() {
			continue
		}
		start, end := med.handed.Low(), t.supplyEnd(r)
		if end.IsZero() {
			end = monthsPass(med.handed.High(), m.Limits.DispenseUnknown).Add(-time.Second)
		}
		if all.start.IsZero() || start.Before(all.start) {
			all.start = start
		}
		if end.After(all.end) {
			all.end = end
		}
	}
	return all
}

// supplyEnd takes the days supplied, else the length of the instruction that
// came with it; zero when nobody knows.
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
		if ta.role == roleTA && !ta.period.end.IsZero() && !ta.period.bad && (len(t.records) == 2 || slices.ContainsFunc(treatmentKeys(other), func(k string) bool { return slices.Contains(treatmentKeys(r), k) })) {
			return med.handed.Low().Add(ta.period.end.Sub(ta.period.start))
		}
	}
	return time.Time{}
}

// classifySupply derives from hand-overs. Nobody says that it was stopped, so
// neither do we.
func (m *merger) classifySupply(t *treatment) {
	t.inferred = true
	last := t.lastHandover(m.AsOf)
	t.now = newSegment(last)
	if dosed := t.newest(roleTA); dosed != nil {
		t.now = newSegment(dosed)
	}
	whole := m.window(t)
	t.spans = []span{{whole.start, whole.end.Add(m.Limits.DispenseGrace)}}
	med := last.lead.val
	switch {
	case isOver(med.Status.Code) && med.handed.IsZero(), med.Status.Code == "declined":
		t.class, t.ended = Cancelled, "cancelled" // never handed over
	case med.handed.IsZero():
		t.class, t.spans = Unclear, nil
	case med.handed.Low().After(m.AsOf):
		t.class = Planned
	case slices.ContainsFunc(t.records, func(r *medRecord) bool { return m.stillLasts(t, r) }):
		t.class = Current
	case m.isFresh(t, med.handed.High(), m.Limits.DispensePast):
		t.class = Unclear
		t.note("collectedBefore")
	default:
		t.class, t.ended = Past, "supply"
	}
	m.supplyMoments(t)
}

// stillLasts tells whether what was handed over is still in use by its days,
// with some grace, or is fresh enough where nobody says how long it lasts.
func (m *merger) stillLasts(t *treatment, r *medRecord) bool {
	med := r.lead.val
	if !isHandover(med) || med.void() || med.handed.IsZero() || med.handed.Low().After(m.AsOf) {
		return false
	}
	if end := t.supplyEnd(r); !end.IsZero() {
		return !m.AsOf.After(end.Add(m.Limits.DispenseGrace))
	}
	return m.isFresh(t, med.handed.High(), m.Limits.DispenseUnknown)
}

// supplyMoments notes when any of the hand-overs may come to decide, or ceases
// to.
func (m *merger) supplyMoments(t *treatment) {
	for _, r := range t.records {
		med := r.lead.val
		if !isHandover(med) || med.handed.IsZero() {
			continue
		}
		t.at(med.handed.Low(), t.supplyEnd(r).Add(m.Limits.DispenseGrace+time.Second),
			monthsPass(med.handed.High(), m.Limits.DispenseUnknown), monthsPass(med.handed.High(), m.Limits.DispensePast))
	}
}

// lastHandover is the newest hand-over until a moment; the first one after it
// when there is none.
func (t *treatment) lastHandover(until time.Time) *medRecord {
	var last *medRecord
	for _, r := range t.records {
		med := r.lead.val
		if !isHandover(med) || med.void() {
			continue
		}
		if last == nil || betterHandover(med.handed, last.lead.val.handed, until) {
			last = r
		}
	}
	return last
}

func betterHandover(a, b fhir.Date, until time.Time) bool {
	if late := a.Low().After(until); late != b.Low().After(until) {
		return !late
	} else if late {
		return a.Compare(b) < 0
	}
	return a.Compare(b) > 0
}

// handovers counts the hand-overs of a line and gives the last.
func (c *course) handovers() (n int, last *medRecord) {
	for _, t := range c.treatments {
		for _, r := range t.records {
			med := r.lead.val
			if !isHandover(med) || med.void() || med.handed.IsZero() {
				continue
			}
			n++
			if last == nil || med.handed.Compare(last.lead.val.handed) > 0 {
				last = r
			}
		}
	}
	return n, last
}

// handedWords is when something was handed over, "about" when only the moment
// of the request is known.
func (m *merger) handedWords(med *medication) string {
	if med.handedAbout {
		return m.texts.say("about", med.handed.Words(m.Lang))
	}
	return med.handed.Words(m.Lang)
}
