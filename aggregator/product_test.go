package aggregator

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// coded makes a statement of one product from system, code and display in turn.
func coded(codings ...string) *medStatement {
	p := product{}
	for c := range slices.Chunk(codings, 3) {
		at := fhir.Coding{System: c[0], Code: c[1], Display: c[2]}
		p.coded = append(p.coded, at)
		p.setCode(at)
		p.name = firstNonEmpty(p.name, c[2])
	}
	return &medStatement{val: &medication{product: p}}
}

// named is a product with an ATC code and names.
func named(atc string, names ...string) product {
	code := fhir.Coded{Coding: []fhir.Coding{{System: fhir.ATC, Code: atc}}}
	for _, name := range names {
		code.Coding = append(code.Coding, fhir.Coding{Display: name})
	}
	return newProduct(&clinical.Medication{}, code, &clinical.Product{})
}

func TestHighRiskByCodeAndByName(t *testing.T) {
	for _, c := range []struct {
		name string
		p    product
		want bool
	}{
		{"code", product{atc: "B01AA07"}, true},
		{"whole code only", product{atc: "L01BA04"}, false},
		{"name", named("", "METHOTREXAAT TABLET 2,5MG"), true},
		{"second name", named("", "X", "Sintrom tablet 1mg"), true},
		{"another code does not outweigh the name", named("C07AB02", "ACENOCOUMAROL"), true},
		{"not in the middle of a word", named("", "PARAMORFINEX"), false},
		{"neither", named("C07AB02", "METOPROLOL"), false},
	} {
		if got := c.p.highRisk(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	for _, r := range highRisk {
		if len(r.atc) == 0 || len(r.words) == 0 {
			t.Errorf("row %v is not whole", r)
		}
		for _, w := range r.words {
			if w != fold(w) || len(w) < 5 {
				t.Errorf("%q is not a folded word of five letters", w)
			}
		}
	}
}

func TestCrosswalkLearnsAndForgets(t *testing.T) {
	full := coded(fhir.HPK, "0201", "A", fhir.PRK, "11", "A", fhir.GPK, "1", "A")
	brand, generic := coded(fhir.HPK, "201", "A"), coded(fhir.GPK, "1", "A")
	against := coded(fhir.HPK, "201", "A", fhir.PRK, "12", "A")
	for _, c := range []struct {
		name string
		all  []*medStatement
		want product
	}{
		{"learned", []*medStatement{full, brand}, product{hpk: "201", prk: "11", gpk: "1"}},
		{"not downwards", []*medStatement{full, generic, brand}, product{hpk: "201", prk: "11", gpk: "1"}},
		{"contradicted", []*medStatement{full, against, brand}, product{hpk: "201", gpk: "1", doubtful: true}},
		{"contradicted in another order", []*medStatement{against, brand, full}, product{hpk: "201", gpk: "1", doubtful: true}},
		{"nothing to learn", []*medStatement{brand}, product{hpk: "201"}},
	} {
		got := brand.val.product
		learnCrosswalk(c.all).complete(&got)
		got.coded, got.name = nil, ""
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(product{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if got := generic.val.product; got.prk != "" {
		t.Error("a generic product got a prescribable one")
	}
}

func TestNamesThatDoNotFitTheirCode(t *testing.T) {
	metoprolol := coded(fhir.PRK, "1", "METOPROLOL 100MG TB MGA SUC")
	for _, c := range []struct {
		name string
		all  []*medStatement // the first is asked about
		want bool
	}{
		{"another code's name", []*medStatement{
			coded(fhir.PRK, "17", "ACETYLSALICYLZUUR TABLET 100MG"), coded(fhir.PRK, "17", "FENETICILLINE CAPSULE"), coded(fhir.PRK, "39", "ACETYLSALICYLZUUR 80MG"),
		}, true},
		{"twice the wrong name", []*medStatement{
			coded(fhir.PRK, "17", "ACETYLSALICYLZUUR TABLET 100MG"), coded(fhir.PRK, "17", "ACETYLSALICYLZUUR TABLET 100MG"),
			coded(fhir.PRK, "17", "FENETICILLINE CAPSULE"), coded(fhir.PRK, "39", "ACETYLSALICYLZUUR 80MG"),
		}, true},
		{"a brand name that is of no other code", []*medStatement{coded(fhir.PRK, "1", "SELOKEEN ZOC TABLET"), metoprolol, coded(fhir.PRK, "2", "METOPROLOL 50MG")}, false},
		{"brand and generic code", []*medStatement{coded(fhir.HPK, "201", "METOPROLOLSUCCINAAT MYLAN RET 95MG"), metoprolol}, false},
		{"a salt", []*medStatement{coded(fhir.PRK, "1", "METOPROLOLSUCCINAAT 95MG"), metoprolol, coded(fhir.PRK, "2", "METOPROLOLSUCCINAAT 47MG")}, false},
		{"the only name of its code", []*medStatement{coded(fhir.PRK, "17", "ACETYLSALICYLZUUR"), coded(fhir.PRK, "39", "ACETYLSALICYLZUUR 80MG")}, false},
		{"two codes of one system in one resource", []*medStatement{coded(fhir.PRK, "17", "X", fhir.PRK, "18", "X")}, true},
		{"made by the pharmacy", []*medStatement{coded(fhir.PRK, "90000001", "ZALF EUCERINE"), coded(fhir.PRK, "90000001", "CREME LANETTE"), coded(fhir.PRK, "90000002", "EUCERINE")}, false},
	} {
		all := make([]*medStatement, len(c.all))
		for i, s := range c.all {
			fresh := *s.val
			all[i] = &medStatement{val: &fresh}
		}
		markSuspects(all)
		if got := all[0].val.product.suspect; got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestSubstancesOfNames(t *testing.T) {
	for name, want := range map[string][]string{
		"LOSARTAN/HYDROCHLOORTHIAZIDE TABLET 50/12,5MG": {"losartan", "hydrochloorthiazide"},
		"METOPROLOL 50MG TABLET":                        {"metoprolol"},
		"INSULINE ASPART INJVLST":                       {"aspart"},
		"Ureum 10 % zalf":                               nil,
		"":                                              nil,
	} {
		if diff := cmp.Diff(want, product{name: name}.substances()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
	a, b := product{name: "METHOTREXAAT 2,5 MG"}, product{name: "methotrexaat tablet 2.5mg"}
	if otherStrength(a, b) || !otherStrength(a, product{name: "METHOTREXAAT 10MG"}) || !otherStrength(a, product{name: "METHOTREXAAT"}) {
		t.Error("strengths of names are not compared")
	}
	if len(properParts([]string{"a", "b", "c"})) != 6 || properParts([]string{"a"}) != nil || properParts(make([]string, maxParts+1)) != nil {
		t.Error("the parts of a combination are not all its proper subsets")
	}
}

// TestBrandBound: a prescriber who asks for this very brand gets no other on
// the line.
func TestBrandBound(t *testing.T) {
	bound := func(member string, value any) *Overview {
		gp := with(plain("a", "111").period("2025-12-01", "").object, member, value)
		return merged(t, at("gp", "49", fhir.R4, gp), at("ph", "35", fhir.R4, administration("b", "111").period("2025-12-01", "").object))
	}
	for name, o := range map[string]*Overview{
		"substitution": bound("substitution", object{"allowedBoolean": false}),
		"medical need": bound("extension", []any{object{"url": nictiz + "ext-MedicationAgreement.MedicationAgreementAdditionalInformation", "valueCodeableConcept": object{"text": "Medische noodzaak"}}}),
	} {
		if n := len(o.Subject("medication")); n != 2 {
			t.Errorf("%s: %d lines, want 2", name, n)
		}
	}
	if n := len(bound("substitution", object{"allowedBoolean": true}).Subject("medication")); n != 1 {
		t.Errorf("substitution allowed: %d lines, want 1", n)
	}
}
