package aggregator

import (
	"slices"
	"strings"
)

// guarded makes the line of treatments that share it, unless the second check
// finds that they must not: then each stands alone, and D-GUARD tells that a
// rule of ours would have been wrong.
func (m *merger) guarded(ts []*treatment, rule string) []*course {
	single := len(ts) == 1 && len(ts[0].records) == 1 // shares its line with nothing
	if single || !neverMerge(factsOf(ts)) {
		return []*course{m.newCourse(ts, rule)}
	}
	var alone []*treatment
	for _, t := range ts {
		if !neverMerge(factsOf([]*treatment{t})) {
			alone = append(alone, t)
			continue
		}
		for _, r := range t.records {
			alone = append(alone, m.settled([]*medRecord{r})...)
		}
	}
	var out []*course
	for _, t := range alone {
		t.conflict("D-GUARD", true)
		out = append(out, m.newCourse([]*treatment{t}, ""))
	}
	return out
}

// guardFact is what the second check knows of one treatment on a line. It is
// read from the records anew, so that a mistake in the rules of merging is not
// repeated here.
type guardFact struct {
	records                 []guardRecord
	class                   Section
	inferred, needed, dosed bool
}

// guardRecord is what the second check knows of one record.
type guardRecord struct {
	product  product
	role     string
	provider string
	doubt    bool // a unit, an identity or a modifier that is not to be trusted
}

func factsOf(ts []*treatment) []guardFact {
	var facts []guardFact
	for _, t := range ts {
		dose := t.now.med().Dosage
		f := guardFact{class: t.class, inferred: t.inferred, needed: dose.AsNeeded(), dosed: !dose.IsZero()}
		for _, r := range t.records {
			med := r.lead.val
			f.records = append(f.records, guardRecord{
				product: med.product, role: med.role, provider: r.lead.provider(),
				doubt: r.collision || med.odd() || med.Dosage.UnitConflict(),
			})
		}
		facts = append(facts, f)
	}
	return facts
}

// neverMerge tells whether a line holds a pair that must never share one
// (merge.md 2.7), whatever rule brought it there.
func neverMerge(facts []guardFact) bool {
	var all []guardRecord
	for _, f := range facts {
		all = append(all, f.records...)
	}
	if different(all, prescribable) || ownBeside(all) {
		return true
	}
	return len(facts) > 1 && (doubtful(all) || twoVoices(facts) || atOdds(facts) || onlyOrderAndUse(facts))
}

func prescribable(p product) string { return p.prk }

// different tells whether two values that are both known are not the same.
func different(all []guardRecord, value func(product) string) bool {
	known := ""
	for _, r := range all {
		v := value(r.product)
		if v != "" && known != "" && v != known {
			return true
		}
		known = firstNonEmpty(known, v)
	}
	return false
}

// ownBeside: what the person added joins nothing by itself.
func ownBeside(all []guardRecord) bool {
	own := 0
	for _, r := range all {
		if r.role == roleOwn {
			own++
		}
	}
	return own > 0 && len(all) > 1
}

// doubtful: across treatments, products and records must be beyond doubt, and
// nothing known of them may differ.
func doubtful(all []guardRecord) bool {
	generic := func(p product) string {
		if p.prk == "" {
			return "" // a generic product beside the prescribable one it belongs to
		}
		return p.gpk
	}
	substance := func(p product) string { return p.atc }
	route := func(p product) string { return p.route }
	if different(all, generic) || different(all, substance) || different(all, route) || otherIngredients(all) {
		return true
	}
	return slices.ContainsFunc(all, func(r guardRecord) bool {
		p := r.product
		return r.doubt || p.magistral || p.suspect || p.brandBound || (p.highRisk() && p.strict() == "")
	})
}

func otherIngredients(all []guardRecord) bool {
	var known []string
	for _, r := range all {
		set := r.product.ingredients
		if len(set) > 0 && len(known) > 0 && !slices.Equal(set, known) && sameSort(set, known) {
			return true
		}
		if len(known) == 0 {
			known = set
		}
	}
	return false
}

// sameSort: sets of codes say nothing about sets of names.
func sameSort(a, b []string) bool {
	return len(a) != len(b) || strings.Contains(a[0], "|") == strings.Contains(b[0], "|")
}

// twoVoices: two prescribers, two suppliers, or one provider twice.
func twoVoices(facts []guardFact) bool {
	agreed, supplied := 0, 0
	providers := map[string]bool{}
	for _, f := range facts {
		a, s := false, false
		mine := map[string]bool{}
		for _, r := range f.records {
			a = a || r.role == roleMA || r.role == roleWDS || r.role == rolePlainRequest
			s = s || r.role == roleTA || r.role == roleMVE || r.role == rolePlainDispense
			mine[r.provider] = true
		}
		for p := range mine {
			if providers[p] {
				return true
			}
			providers[p] = true
		}
		agreed += count(a)
		supplied += count(s)
	}
	return agreed > 1 || supplied > 1
}

// atOdds: one is stopped and the other is not, or one is as needed and the
// other at fixed times.
func atOdds(facts []guardFact) bool {
	for i, x := range facts {
		for _, y := range facts[:i] {
			if x.dosed && y.dosed && x.needed != y.needed {
				return true
			}
			if x.class != y.class && !x.inferred && !y.inferred {
				return true
			}
			if (x.inferred && x.class == Current && isEnded(y.class)) || (y.inferred && y.class == Current && isEnded(x.class)) {
				return true
			}
		}
	}
	return false
}

func isEnded(s Section) bool { return s == Recent || s == Past || s == Paused || s == Cancelled }

// onlyOrderAndUse: an order to the pharmacy beside an administration says
// nothing about what was agreed.
func onlyOrderAndUse(facts []guardFact) bool {
	for _, f := range facts {
		for _, r := range f.records {
			if r.role != roleVV && r.role != roleMTD {
				return false
			}
		}
	}
	return true
}
