package aggregator

import (
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// treatment is a set of building blocks that speak about one course of one
// medicine and may stand on one line (merge.md 2.5).
type treatment struct {
	records []*medRecord // sorted by key of their first member
	bundle  *bundle
	layers  map[string][]*segment // by role: MA, TA and WDS; sorted, without stops
	orphans []*segment            // stops of something that is not here
	undated bool                  // there is an agreement without a usable period

	conflicts []string
	notes     []note
	class     Section
	ended     string      // why it is no longer current
	now       *segment    // the agreement in force, or the one that was last
	next      *segment    // one that follows
	spans     []span      // when it was in use, as far as known
	inferred  bool        // from hand-overs alone
	moments   []time.Time // at which the class may change
	asOf      time.Time
	made      *product // once it is settled which record speaks; see product
}

// bundle is what ids and relations put together. It may hold several
// treatments: two products, or fixed times and as needed, never overrule each
// other.
type bundle struct {
	links    map[*medRecord][]*medRecord // what each points at
	dangling map[*medRecord]bool         // points at something that is not here
	segs     map[*medRecord]*segment
	parts    []*treatment
}

type span struct{ start, end time.Time }

// bundles unites records by treatment id and by the relations between them.
// They come in the order of their smallest record.
func (m *merger) bundles(records []*medRecord) []*bundle {
	index := map[*entry]int{}
	for i, r := range records {
		for _, s := range r.members {
			index[s.entry] = i
		}
	}
	sets := joinByKey(len(records), func(i int) []string { return treatmentKeys(records[i]) })
	links, dangling := make([][]int, len(records)), make([]bool, len(records))
	for i, r := range records {
		links[i], dangling[i] = m.pointed(r, index)
		for _, j := range links[i] {
			if mayRelate(r.lead.val, records[j].lead.val) {
				sets.join(i, j)
			}
		}
	}
	var out []*bundle
	for _, members := range sets.groups() {
		b := &bundle{links: map[*medRecord][]*medRecord{}, dangling: map[*medRecord]bool{}, segs: map[*medRecord]*segment{}}
		for _, i := range members {
			for _, j := range links[i] {
				b.links[records[i]] = append(b.links[records[i]], records[j])
			}
			if dangling[i] {
				b.dangling[records[i]] = true
			}
		}
		b.divide(members, records)
		m.takeApart(b)
		out = append(out, b)
	}
	return out
}

// takeApart follows the person where they keep records of one treatment off one
// line.
func (m *merger) takeApart(b *bundle) {
	if len(m.cuts) == 0 {
		return
	}
	var parts []*treatment
	for _, t := range b.parts {
		for _, records := range divide(m, t.records, entriesOf) {
			parts = append(parts, &treatment{records: records, bundle: b, layers: map[string][]*segment{}})
		}
	}
	b.parts = parts
}

// entries are the records of a treatment, copies too.
func (t *treatment) entries() []*entry {
	var all []*entry
	for _, r := range t.records {
		all = append(all, entriesOf(r)...)
	}
	return all
}

func treatmentKeys(r *medRecord) []string {
	var keys []string
	for _, s := range r.members {
		if s.val.treatment != "" {
			keys = append(keys, s.val.treatment)
		}
	}
	return keys
}

// pointed gives the records that r points at, and whether it points at one
// that is not here.
func (m *merger) pointed(r *medRecord, index map[*entry]int) (at []int, dangling bool) {
	for _, s := range r.members {
		for _, ref := range s.val.Relations {
			i, ok := m.target(s.entry, ref, index)
			switch {
			case !ok:
				dangling = dangling || ref.Ident.Value != "" || ref.Ref.ID != ""
			case !slices.Contains(at, i):
				at = append(at, i)
			}
		}
	}
	return at, dangling && len(at) == 0
}

// target resolves a reference to a record: copies of one record in several
// sources are one target.
func (m *merger) target(from *entry, ref fhir.Reference, index map[*entry]int) (int, bool) {
	if e := m.book.follow(from, ref); e != nil {
		i, ok := index[e]
		return i, ok
	}
	found := -1
	for _, e := range m.book.byIdent[identKey{ref.Ident.System, ref.Ident.Value}] {
		i, ok := index[e]
		if !ok || e == from || ref.Ident.IsZero() {
			continue
		}
		if found >= 0 && found != i {
			return 0, false // two records of one name: it could be either
		}
		found = i
	}
	return found, found >= 0
}

// mayRelate: a relation joins only where the products are equal at L3 or
// better, or where one has no code and nothing contradicts it; or when one is
// merely the order or hand-over of the other.
func mayRelate(a, b *medication) bool {
	p, q := a.product, b.product
	switch {
	case a.role == roleVV || a.role == roleMVE || b.role == roleVV || b.role == roleMVE:
		return true
	case p.same(q) || (p.gpk != "" && p.gpk == q.gpk):
		return true
	case p.prk != "" && q.prk != "":
		return false
	}
	return !p.differs(q) && (!p.isCoded() || !q.isCoded() || p.sameSubstance(q))
}

// divide makes treatments of the records of a bundle: one for each product and
// manner of use that stand on their own.
func (b *bundle) divide(members []int, records []*medRecord) {
	var all []*medRecord
	for _, i := range members {
		all = append(all, records[i])
	}
	if len(all) == 1 {
		b.parts = []*treatment{{records: all, bundle: b, layers: map[string][]*segment{}}}
		return
	}
	byProduct := b.byProduct(all)
	for _, key := range sortedKeys(byProduct) {
		for _, part := range b.byManner(byProduct[key]) {
			b.parts = append(b.parts, &treatment{records: part, bundle: b, layers: map[string][]*segment{}})
		}
	}
	slices.SortFunc(b.parts, func(x, y *treatment) int { return compareEntries(x.records[0].lead.entry, y.records[0].lead.entry) })
}

// byProduct puts each record with its prescribable product: two that are known
// to differ never share a treatment (merge.md S5). One of which the product is
// not known goes with what it is linked to, else with the only product that it
// can be, else it stands alone.
func (b *bundle) byProduct(all []*medRecord) map[string][]*medRecord {
	known := map[string]product{}
	for _, r := range all {
		if p := r.lead.val.product; p.prk != "" {
			known[p.prk] = p
		}
	}
	out := map[string][]*medRecord{}
	for _, r := range all {
		key := r.lead.val.product.prk
		if key == "" {
			key = b.onlyProduct(r, all, known)
		}
		out[key] = append(out[key], r)
	}
	return out
}

func (b *bundle) onlyProduct(r *medRecord, all []*medRecord, known map[string]product) string {
	p := r.lead.val.product
	if len(known) == 0 {
		return "" // nothing tells them apart but what follows from the id they share
	}
	linked, fit := map[string]bool{}, map[string]bool{}
	for prk, q := range known {
		if !p.differs(q) {
			fit[prk] = true
		}
	}
	for _, other := range all {
		if prk := other.lead.val.product.prk; fit[prk] && b.linked(r, other) {
			linked[prk] = true
		}
	}
	for _, set := range [...]map[string]bool{linked, fit} {
		if keys := sortedKeys(set); len(keys) == 1 {
			return keys[0]
		}
	}
	return "?" + p.gpk + "|" + p.atc
}

func (b *bundle) linked(x, y *medRecord) bool {
	return slices.Contains(b.links[x], y) || slices.Contains(b.links[y], x)
}

// byManner parts use as needed from use at fixed times, unless one of them
// follows from the other. What has no dose, and reports of use, go with what
// they are linked to.
func (b *bundle) byManner(all []*medRecord) [][]*medRecord {
	var fixed, needed, rest []*medRecord
	for _, r := range all {
		switch med := r.lead.val; {
		case med.role == roleMGB || med.role == roleOwn || med.Dosage.IsZero() || med.void():
			rest = append(rest, r)
		case med.Dosage.AsNeeded():
			needed = append(needed, r)
		default:
			fixed = append(fixed, r)
		}
	}
	if len(fixed) == 0 || len(needed) == 0 || b.crossed(fixed, needed) {
		return [][]*medRecord{all}
	}
	for _, r := range rest {
		med := r.lead.val
		toNeeded := slices.ContainsFunc(needed, func(n *medRecord) bool { return b.linked(r, n) })
		toFixed := slices.ContainsFunc(fixed, func(f *medRecord) bool { return b.linked(r, f) })
		if toNeeded || (!toFixed && med.Dosage.AsNeeded()) || (!toFixed && med.Dosage.IsZero() && sameStart(med, needed) && !sameStart(med, fixed)) {
			needed = append(needed, r)
		} else {
			fixed = append(fixed, r)
		}
	}
	for _, part := range [...][]*medRecord{fixed, needed} {
		slices.SortFunc(part, func(x, y *medRecord) int { return compareEntries(x.members[0].entry, y.members[0].entry) })
	}
	return [][]*medRecord{fixed, needed}
}

func (b *bundle) crossed(fixed, needed []*medRecord) bool {
	for _, r := range needed {
		if slices.ContainsFunc(b.links[r], func(t *medRecord) bool { return slices.Contains(fixed, t) }) {
			return true
		}
	}
	for _, r := range fixed {
		if slices.ContainsFunc(b.links[r], func(t *medRecord) bool { return slices.Contains(needed, t) }) {
			return true
		}
	}
	return false
}

func sameStart(med *medication, all []*medRecord) bool {
	return slices.ContainsFunc(all, func(r *medRecord) bool { return r.lead.val.period.start.Equal(med.period.start) })
}

// conflict notes a code once, when it holds.
func (t *treatment) conflict(code string, when bool) {
	if when && !slices.Contains(t.conflicts, code) {
		t.conflicts = append(t.conflicts, code)
	}
}

// key orders treatments.
func (t *treatment) key() string { return t.records[0].members[0].entry.key() }

// provider is the care provider that speaks in a treatment; those of several
// are joined by a space.
func (t *treatment) providers() []string {
	var all []string
	for _, r := range t.records {
		for _, s := range r.members {
			if !slices.Contains(all, s.provider()) {
				all = append(all, s.provider())
			}
		}
	}
	slices.SortFunc(all, strings.Compare)
	return all
}
