package aggregator

import (
	"slices"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// TestNeverMerge is the second check by itself: the fitting pair passes, and
// each thing that must never share a line is caught when it is the only one.
func TestNeverMerge(t *testing.T) {
	fit := func() []guardFact {
		p := product{prk: "111", gpk: "5", atc: "C07AB02", route: "oral", ingredients: []string{"x|1"}}
		return []guardFact{
			{class: Current, dosed: true, records: []guardRecord{{product: p, role: roleMA, provider: "gp"}}},
			{class: Current, dosed: true, records: []guardRecord{{product: p, role: roleTA, provider: "ph"}}},
		}
	}
	second := func(f []guardFact) *guardRecord { return &f[1].records[0] }
	for _, c := range []struct {
		name   string
		change func([]guardFact)
		want   bool
	}{
		{"what fits", func([]guardFact) {}, false},
		{"another prescribable product", func(f []guardFact) { second(f).product.prk = "112" }, true},
		{"the prescribable product is not known", func(f []guardFact) { second(f).product.prk = "" }, false},
		{"another generic product", func(f []guardFact) { second(f).product.gpk = "6" }, true},
		{"another substance", func(f []guardFact) { second(f).product.atc = "C07AB07" }, true},
		{"another route", func(f []guardFact) { second(f).product.route = "eye" }, true},
		{"a combination", func(f []guardFact) { second(f).product.ingredients = []string{"x|1", "x|2"} }, true},
		{"a substance by name", func(f []guardFact) { second(f).product.ingredients = []string{"metoprolol"} }, false},
		{"as needed", func(f []guardFact) { f[1].needed = true }, true},
		{"as needed without a dose", func(f []guardFact) { f[1].needed, f[1].dosed = true, false }, false},
		{"stopped", func(f []guardFact) { f[1].class = Recent }, true},
		{"derived from a hand-over", func(f []guardFact) { f[1].class, f[1].inferred = Unclear, true }, false},
		{"collected after a stop", func(f []guardFact) { f[0].class, f[1].inferred = Recent, true }, true},
		{"two prescribers", func(f []guardFact) { second(f).role = rolePlainRequest }, true},
		{"two suppliers", func(f []guardFact) { f[0].records[0].role, second(f).role = roleMVE, rolePlainDispense }, true},
		{"one provider twice", func(f []guardFact) { second(f).provider = "gp" }, true},
		{"what the person added", func(f []guardFact) { second(f).role = roleOwn }, true},
		{"an order beside an administration", func(f []guardFact) { f[0].records[0].role, second(f).role = roleVV, roleMTD }, true},
		{"a doubt", func(f []guardFact) { second(f).doubt = true }, true},
		{"a name that does not fit", func(f []guardFact) { second(f).product.suspect = true }, true},
		{"made by the pharmacy", func(f []guardFact) { second(f).product.magistral = true }, true},
		{"no other brand allowed", func(f []guardFact) { second(f).product.brandBound = true }, true},
		{"high risk by the generic product alone", func(f []guardFact) {
			second(f).product = named("", "METHOTREXAAT")
		}, true},
	} {
		f := fit()
		c.change(f)
		if got := neverMerge(f); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		slices.Reverse(f)
		if got := neverMerge(f); got != c.want {
			t.Errorf("%s, the other way round: %v", c.name, got)
		}
	}
}

// TestGuardTakesALineApart: whatever rule put treatments together, a hit makes
// each a line of its own, with a conflict that tells.
func TestGuardTakesALineApart(t *testing.T) {
	s, err := Read(seq(slices.Concat(
		at("gp", "49", fhir.R4, plain("a", "111").period("2025-12-01", "").object),
		at("ph", "35", fhir.R4, administration("b", "222").period("2025-12-01", "").object),
	)))
	if err != nil {
		t.Fatal(err)
	}
	m := newMerger(s, Input{AsOf: caseT})
	var all []*medStatement
	for _, e := range m.entries {
		all = append(all, m.readMedication(e))
	}
	treatments := m.settled(identify(all, sameMedication))
	wrong := m.guarded(treatments, "same-PRK-same-dose")
	if len(treatments) != 2 || len(wrong) != 2 {
		t.Fatalf("%d treatments became %d lines", len(treatments), len(wrong))
	}
	for _, c := range wrong {
		if len(c.members) != 1 || len(c.Conflicts) != 1 || c.Conflicts[0].Code != "D-GUARD" || c.Conflicts[0].Text == "" {
			t.Errorf("line %+v", c.Item)
		}
	}
	// One treatment that holds two products is taken apart by record.
	both := &treatment{records: slices.Concat(treatments[0].records, treatments[1].records), bundle: treatments[0].bundle, now: treatments[0].now}
	if got := m.guarded([]*treatment{both}, ""); len(got) != 2 {
		t.Errorf("a treatment of two products became %d lines", len(got))
	}
}
