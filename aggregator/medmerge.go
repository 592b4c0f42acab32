package aggregator

import (
	"slices"
	"strings"
)

// medicationLines is the engine of the subject medication: statements to
// records, records to treatments, treatments to lines, lines to groups
// (merge.md 2).
func medicationLines(m *merger, entries []*entry) []*line {
	var all []*medStatement
	for _, e := range entries {
		all = append(all, m.readMedication(e))
	}
	walk := learnCrosswalk(all)
	for _, s := range all {
		walk.complete(&s.val.product)
	}
	markSuspects(all)
	courses := m.courses(m.settled(identify(all, sameMedication)))
	m.groupCourses(courses)
	lines := make([]*line, len(courses))
	for i, c := range courses {
		lines[i] = c.line
	}
	return lines
}

// settled makes treatments of records and says where each stands.
func (m *merger) settled(records []*medRecord) []*treatment {
	var ts []*treatment
	bundles := m.bundles(records)
	for _, b := range bundles {
		b.settle()
		ts = append(ts, b.parts...)
	}
	ts = m.joinSupply(ts)
	for _, t := range ts {
		m.classify(t)
		made := t.product()
		t.made = &made
	}
	for _, b := range bundles {
		m.besideEachOther(b)
	}
	return ts
}

// substituted marks a pharmacy's product that differs from what was agreed;
// it becomes C-PRODUCT on the line.
const substituted = "substituted"

// besideEachOther marks treatments that one id or relation puts together and
// that run at once: agreements that never overrule each other, or a pharmacy
// that gives something else than was agreed.
func (m *merger) besideEachOther(b *bundle) {
	for i, x := range b.parts {
		for _, y := range b.parts[:i] {
			p, q := x.product(), y.product()
			switch {
			case x.class != Current || y.class != Current:
			case !b.related(x, y):
				x.conflict("C-PARALLEL", true)
				y.conflict("C-PARALLEL", true)
			case p.prk != q.prk && (p.gpk == "" || p.gpk != q.gpk): // substitution at one GPK is normal
				x.conflict(substituted, true)
				y.conflict(substituted, true)
			}
		}
	}
}

func (b *bundle) related(x, y *treatment) bool {
	for _, pair := range [...][2]*treatment{{x, y}, {y, x}} {
		for _, r := range pair[0].records {
			if slices.ContainsFunc(b.links[r], func(to *medRecord) bool { return slices.Contains(pair[1].records, to) }) {
				return true
			}
		}
	}
	return false
}

// dose is the dose class of a treatment: that of the instruction in force,
// else of any record that has one.
func (t *treatment) dose() string {
	if t.now != nil {
		if key := t.instruction().med().dose; key != "" {
			return key
		}
	}
	keys := map[string]bool{}
	for _, r := range t.records {
		if k := r.lead.val.dose; k != "" && !r.lead.val.void() {
			keys[k] = true
		}
	}
	return strings.Join(sortedKeys(keys), "&")
}

// product is that of the record that speaks, else of the first that has one,
// with the codes that the others add.
func (t *treatment) product() product {
	if t.made != nil {
		return *t.made
	}
	p := t.spokesman().lead.val.product
	if t.now != nil {
		p = t.now.med().product
	}
	for _, r := range t.records {
		q := r.lead.val.product
		if p.strict() == "" && q.strict() != "" {
			p = q
		}
		p.brandBound = p.brandBound || q.brandBound
		p.magistral = p.magistral || q.magistral
		p.suspect = p.suspect || q.suspect
		p.risky = p.risky || q.risky
		if p.atc == "" {
			p.atc = q.atc
		}
	}
	return p
}

func (t *treatment) asNeeded() bool { return t.now.med().Dosage.AsNeeded() }

// slots tell who speaks through a treatment; at most one prescriber and one
// supplier may share a line (merge.md 2.7).
type slots struct{ prescriber, supplier, use, own bool }

func (t *treatment) slots() slots {
	s := slots{
		prescriber: t.has(roleMA, roleWDS, rolePlainRequest),
		supplier:   t.has(roleTA, roleMVE, rolePlainDispense),
		own:        t.has(roleOwn),
	}
	if uses := t.newest(roleMGB, rolePlainStatement); uses != nil && !s.prescriber && !s.supplier && !s.own {
		// What the person said through a provider is still what the person said.
		s.use = uses.lead.val.speaker != speakerPatient
	}
	return s
}

// courses merges treatments that are clearly one, and leaves all others alone.
func (m *merger) courses(ts []*treatment) []*course {
	buckets := m.mergeBuckets(ts)
	var out []*course
	merged := map[*treatment]bool{}
	for _, key := range sortedKeys(buckets) {
		for _, run := range overlapping(buckets[key].members) {
			for _, part := range divide(m, run, (*treatment).entries) {
				if len(part) < 2 || !mayShareLine(part) {
					continue
				}
				out = append(out, m.guarded(part, buckets[key].rule)...)
				for _, t := range part {
					merged[t] = true
				}
			}
		}
	}
	for _, t := range ts {
		if !merged[t] {
			out = append(out, m.guarded([]*treatment{t}, "")...)
		}
	}
	return out
}

// mergeable leaves out everything that carries a doubt of its own.
func (t *treatment) mergeable() bool {
	s, p := t.slots(), t.product()
	switch {
	case s.own || !(s.prescriber || s.supplier || s.use):
		return false
	case p.magistral || p.suspect || p.brandBound || t.class == History || t.class == Cancelled:
		return false
	}
	for _, code := range [...]string{"C-PARALLEL", substituted, "C-DATE", "C-STATUS"} {
		if slices.Contains(t.conflicts, code) {
			return false
		}
	}
	return !slices.ContainsFunc(t.records, func(r *medRecord) bool {
		med := r.lead.val
		return r.collision || med.odd() || med.Dosage.UnitConflict() || med.Dosage.Cyclic()
	})
}
