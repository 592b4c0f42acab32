package aggregator

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
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
	ts := m.joinSupply(m.treatments(identify(all, sameMedication)))
	for _, t := range ts {
		m.settle(t)
		m.classify(t)
	}
	courses := m.courses(ts)
	m.groupCourses(courses)
	lines := make([]*line, len(courses))
	for i, c := range courses {
		lines[i] = c.line
	}
	return lines
}

// joinSupply puts the hand-overs of one product by one pharmacy together:
// each carries a number of its own.
func (m *merger) joinSupply(ts []*treatment) []*treatment {
	byKey := map[string]*treatment{}
	return slices.DeleteFunc(ts, func(t *treatment) bool {
		if !t.isSupply() {
			return false
		}
		key := t.supplyKey()
		if key == "" {
			return false
		}
		if first, ok := byKey[key]; ok && !m.anyApart(first.entries(), t.entries()) {
			first.records = append(first.records, t.records...)
			return true
		}
		byKey[key] = t
		return false
	})
}

func (t *treatment) entries() []*entry {
	var all []*entry
	for _, r := range t.records {
		all = append(all, entriesOf(r)...)
	}
	return all
}

func (t *treatment) supplyKey() string {
	lead := t.records[0].lead
	strict := lead.val.product.strict()
	if strict == "" {
		strict = "gpk:" + lead.val.product.gpk
	}
	if strict == "gpk:" {
		return ""
	}
	return lead.provider() + "|" + strict + "|" + t.dose()
}

// dose is the dose class of a treatment: that of the agreement in force, else
// of any record that has one.
func (t *treatment) dose() string {
	if t.now != nil && t.now.med().doseKey() != "" {
		return t.now.med().doseKey()
	}
	keys := map[string]bool{}
	for _, r := range t.records {
		if k := r.lead.val.doseKey(); k != "" {
			keys[k] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(keys)), "&")
}

// course is a line of medication in the making: one treatment, or several of
// different providers that are clearly the same.
type course struct {
	*line
	treatments []*treatment
	product    product
	dose       string
}

// slot tells who speaks through a treatment: at most one prescriber and one
// supplier may share a line (merge.md 2.7).
func (t *treatment) slot() string {
	switch {
	case t.lead(roleOwn) != nil:
		return "own"
	case t.lead(roleMA, rolePlainRequest, roleWDS) != nil:
		return "prescriber"
	case t.lead(roleTA, roleMVE, rolePlainDispense) != nil:
		return "supplier"
	case t.lead(roleMGB, rolePlainStatement) != nil:
		return "use"
	}
	return ""
}

// courses merges treatments that are clearly one, and leaves all others alone.
func (m *merger) courses(ts []*treatment) []*course {
	buckets := m.mergeBuckets(ts)
	var out []*course
	merged := map[*treatment]bool{}
	for _, key := range slices.Sorted(maps.Keys(buckets)) {
		for _, run := range overlapping(buckets[key]) {
			for _, part := range divide(m, run, (*treatment).entries) {
				if len(part) > 1 && m.mayShareLine(part) {
					out = append(out, m.newCourse(part))
					for _, t := range part {
						merged[t] = true
					}
				}
			}
		}
	}
	for _, t := range ts {
		if !merged[t] {
			out = append(out, m.newCourse([]*treatment{t}))
		}
	}
	return out
}

// mergeBuckets gathers treatments of equal product, route, dose and manner of
// use. One without a dose of its own joins the only dose its product has.
func (m *merger) mergeBuckets(ts []*treatment) map[string][]*treatment {
	doses, routes := map[string]map[string]bool{}, map[string]map[string]bool{}
	var fit []*treatment
	for _, t := range ts {
		if !m.mergeable(t) {
			continue
		}
		fit = append(fit, t)
		p := t.product()
		note(doses, p.strict(), t.dose())
		note(routes, p.strict(), p.route)
	}
	buckets := map[string][]*treatment{}
	for _, t := range fit {
		p := t.product()
		dose, ok := only(t.dose(), doses[p.strict()])
		route, same := only(p.route, routes[p.strict()])
		if !ok || !same {
			continue
		}
		key := strings.Join([]string{p.strict(), route, dose, yesNo(t.asNeeded())}, "|")
		buckets[key] = append(buckets[key], t)
	}
	return buckets
}

func note(m map[string]map[string]bool, key, value string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	if value != "" {
		m[key][value] = true
	}
}

// only gives the value itself, or the one that all others share when it is
// unknown.
func only(value string, known map[string]bool) (string, bool) {
	if value != "" || len(known) == 0 {
		return value, true
	}
	for v := range known {
		return v, len(known) == 1
	}
	return "", false
}

func yesNo(b bool) string {
	if b {
		return "prn"
	}
	return ""
}

func (t *treatment) product() product {
	p := t.now.med().product
	for _, r := range t.records {
		if p.strict() == "" {
			p = r.lead.val.product
		}
	}
	return p
}

func (t *treatment) asNeeded() bool { return t.now.med().dose.AsNeeded() }

// mergeable leaves out everything that carries a doubt of its own.
func (m *merger) mergeable(t *treatment) bool {
	if !t.product().mergeable() || t.slot() == "own" || t.slot() == "" || slices.Contains(t.conflicts, "C-PARALLEL") {
		return false
	}
	for _, r := range t.records {
		if med := r.lead.val; r.collision || med.odd || med.dose.UnitConflict() || med.dose.Cyclic() {
			return false
		}
	}
	return true
}

func (t *treatment) presence() span {
	all := span{forever, time.Time{}}
	for _, s := range t.spans {
		if s.start.Before(all.start) {
			all.start = s.start
		}
		if s.end.After(all.end) {
			all.end = s.end
		}
	}
	if len(t.spans) == 0 {
		return span{time.Time{}, forever}
	}
	return all
}

// overlapping cuts treatments into runs whose presence overlaps.
func overlapping(ts []*treatment) [][]*treatment {
	slices.SortFunc(ts, func(a, b *treatment) int {
		return cmp.Or(a.presence().start.Compare(b.presence().start), strings.Compare(a.records[0].key(), b.records[0].key()))
	})
	var runs [][]*treatment
	var end time.Time
	for _, t := range ts {
		p := t.presence()
		if len(runs) == 0 || p.start.After(end) {
			runs = append(runs, nil)
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], t)
		if p.end.After(end) {
			end = p.end
		}
	}
	return runs
}

// mayShareLine is the rule of merge.md 2.7 for a whole run; where it fails
// every member keeps its own line, since any pairing would be arbitrary.
func (m *merger) mayShareLine(run []*treatment) bool {
	slots, providers := map[string]int{}, map[string]bool{}
	start, end := time.Time{}, forever
	for _, t := range run {
		slots[t.slot()]++
		p := t.presence()
		if p.start.After(start) {
			start = p.start
		}
		if p.end.Before(end) {
			end = p.end
		}
		if who := t.records[0].lead.provider(); providers[who] {
			return false
		} else {
			providers[who] = true
		}
	}
	if slots["prescriber"] > 1 || slots["supplier"] > 1 || start.After(end) {
		return false
	}
	if slots["prescriber"]+slots["supplier"] == 0 && !sameStartDay(run) {
		return false
	}
	return sameClass(run)
}

func sameStartDay(run []*treatment) bool {
	day := ""
	for _, t := range run {
		d := t.presence().start.Format("2006-01-02")
		if day != "" && d != day {
			return false
		}
		day = d
	}
	return true
}

// sameClass: a course derived from hand-overs fits any, unless something was
// collected after another one stopped.
func sameClass(run []*treatment) bool {
	var class Section
	for _, t := range run {
		if t.inferred {
			continue
		}
		if class != "" && t.class != class {
			return false
		}
		class = t.class
	}
	if class == Current || class == "" {
		return true
	}
	return !slices.ContainsFunc(run, func(t *treatment) bool { return t.inferred && t.class == Current })
}

// neverMerge checks every finished line once more, by itself: it must not
// hold two different prescribable products, nor as-needed with scheduled use.
func neverMerge(ts []*treatment) bool {
	for i, a := range ts {
		for _, b := range ts[:i] {
			p, q := a.product(), b.product()
			if (p.prk != "" && q.prk != "" && p.prk != q.prk) || (a.asNeeded() != b.asNeeded() && a.dose() != "" && b.dose() != "") {
				return true
			}
		}
	}
	return false
}
