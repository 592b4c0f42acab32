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
		if key := doseKey(t.instruction().med().Dosage); key != "" {
			return key
		}
	}
	keys := map[string]bool{}
	for _, r := range t.records {
		if k := doseKey(r.lead.val.Dosage); k != "" && !r.lead.val.void() {
			keys[k] = true
		}
	}
	return strings.Join(sortedKeys(keys), "&")
}

// product is that of the record that speaks, else of the first that has one,
// with the codes that the others add.
func (t *treatment) product() product {
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
		p.names = append(slices.Clip(p.names), q.names...)
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
			if len(run) < 2 || !mayShareLine(run) {
				continue
			}
			out = append(out, m.guarded(run, buckets[key].rule)...)
			for _, t := range run {
				merged[t] = true
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

// bucket holds treatments of equal product, route, dose and manner of use.
type bucket struct {
	members []*treatment
	rule    string
}

// mergeBuckets gathers treatments that may be one line. One without a dose or
// route of its own joins the only one that its product has.
func (m *merger) mergeBuckets(ts []*treatment) map[string]*bucket {
	classes := productClasses(ts)
	doses, routes := map[string]map[string]bool{}, map[string]map[string]bool{}
	var fit []*treatment
	for _, t := range ts {
		if class := classes[t]; class != "" && t.mergeable() {
			fit = append(fit, t)
			addTo(doses, class, t.dose())
			addTo(routes, class, t.product().route)
		}
	}
	buckets := map[string]*bucket{}
	for _, t := range fit {
		class := classes[t]
		dose, ok := only(t.dose(), doses[class])
		route, same := only(t.product().route, routes[class])
		if !ok || !same {
			continue
		}
		key := strings.Join([]string{class, route, dose, yesNo(t.asNeeded() && dose != "")}, "|")
		if buckets[key] == nil {
			buckets[key] = &bucket{rule: mergeRule(class)}
		}
		b := buckets[key]
		b.members = append(b.members, t)
		if classes[t] != t.product().strict() {
			b.rule = "same-GPK-same-dose"
		}
	}
	return buckets
}

func mergeRule(class string) string {
	switch level, _, _ := strings.Cut(class, ":"); level {
	case "prk":
		return "same-PRK-same-dose"
	case "hpk":
		return "same-HPK-same-dose"
	case "zi":
		return "same-package-same-dose"
	}
	return "same-GPK-same-dose"
}

// productClasses gives the product class on which each treatment may merge:
// its finest code. One that is known by its generic product alone takes the
// only prescribable product of it that is here, unless it is of high risk.
func productClasses(ts []*treatment) map[*treatment]string {
	of := map[string]map[string]bool{} // PRK by GPK
	for _, t := range ts {
		if p := t.product(); p.prk != "" {
			addTo(of, p.gpk, "prk:"+p.prk)
		}
	}
	classes := map[*treatment]string{}
	for _, t := range ts {
		p := t.product()
		class := p.strict()
		if class == "" && p.gpk != "" && !p.highRisk() {
			if prks := sortedKeys(of[p.gpk]); len(prks) == 1 {
				class = prks[0]
			} else if len(prks) == 0 {
				class = "gpk:" + p.gpk
			}
		}
		classes[t] = class
	}
	return classes
}

func addTo(m map[string]map[string]bool, key, value string) {
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
	return sortedKeys(known)[0], len(known) == 1
}

func yesNo(b bool) string {
	if b {
		return "prn"
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

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

// presence is the whole stretch in which a treatment was there; without any
// known period it was always there.
func (t *treatment) presence() span {
	if len(t.spans) == 0 {
		return span{time.Time{}, forever}
	}
	all := span{forever, time.Time{}}
	for _, s := range t.spans {
		all.start = earlier(all.start, s.start)
		if s.end.After(all.end) {
			all.end = s.end
		}
	}
	return all
}

// overlapping cuts treatments into runs whose presence overlaps.
func overlapping(ts []*treatment) [][]*treatment {
	slices.SortFunc(ts, func(a, b *treatment) int {
		return cmp.Or(a.presence().start.Compare(b.presence().start), strings.Compare(a.key(), b.key()))
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
func mayShareLine(run []*treatment) bool {
	prescribers, suppliers := 0, 0
	providers := map[string]bool{}
	shared := span{time.Time{}, forever}
	for _, t := range run {
		s := t.slots()
		prescribers += count(s.prescriber)
		suppliers += count(s.supplier)
		p := t.presence()
		shared.end = earlier(shared.end, p.end)
		if p.start.After(shared.start) {
			shared.start = p.start
		}
		for _, who := range t.providers() {
			if providers[who] {
				return false
			}
			providers[who] = true
		}
	}
	switch {
	case prescribers > 1 || suppliers > 1 || shared.start.After(shared.end):
		return false
	case prescribers+suppliers == 0 && !sameStartDay(run):
		return false
	}
	return sameClass(run)
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func sameStartDay(run []*treatment) bool {
	day := ""
	for _, t := range run {
		start := t.presence().start
		if start.IsZero() {
			continue // unknown fits any
		}
		d := start.In(t.now.start.Location()).Format(time.DateOnly)
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
