package aggregator

import (
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

func TestAllergyCases(t *testing.T) {
	gp := func(r ...object) []fhir.Record { return at("gp", "49", fhir.R4, r...) }
	ho := func(r ...object) []fhir.Record { return at("ho", "48", fhir.R4, r...) }
	recorded := func(o object, day string) object { return with(o, "recordedDate", day) }
	for _, c := range []struct {
		id   string
		sets [][]fhir.Record
		want string
	}{
		{"ALG-01 leading zeros", [][]fhir.Record{
			gp(allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "active", "")), ho(allergyTo("b", fhir.SNK, "023167", "amoxicilline", "active", "")),
		}, "active gp/a+ho/b"},
		{"ALG-02 two code systems, by the map", [][]fhir.Record{
			gp(allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "active", "")), ho(allergyTo("b", fhir.SNOMED, "372687004", "amoxicilline", "active", "")),
		}, "active gp/a+ho/b"},
		{"ALG-03 a class stays beside its member", [][]fhir.Record{
			gp(allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "active", "")), ho(allergyTo("b", thesaurus122, "35", "PENICILLINES", "active", "")),
		}, "active gp/a [broader]\nactive ho/b [broader]"},
		{"ALG-04 equal numbers of two systems are no equality", [][]fhir.Record{
			gp(allergyTo("a", fhir.SNK, "40991", "FLUCLOXACILLINE", "active", "")), ho(allergyTo("b", fhir.SSK, "40991", "flucloxacilline oraal", "active", "")),
		}, "active gp/a [broader]\nactive ho/b [broader]"},
		{"ALG-05 active at one, refuted at another", [][]fhir.Record{
			gp(allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "active", "")), ho(allergyTo("b", fhir.SNK, "23167", "AMOXICILLINE", "", "refuted")),
		}, "active gp/a+ho/b C-ALG"},
		{"ALG-06 active at one, inactive and newer at another", [][]fhir.Record{
			gp(allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "active", "")), ho(recorded(allergyTo("b", fhir.SNK, "23167", "AMOXICILLINE", "inactive", ""), "2026-01-10")),
		}, "active gp/a+ho/b C-ALG"},
		{"ALG-08 refuted by all", [][]fhir.Record{gp(allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "", "refuted"))}, "refuted gp/a"},
		{"ALG-09 a mistake", [][]fhir.Record{gp(allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "", "entered-in-error"))}, "history gp/a"},
		{"ALG-10 a mistake at one takes nothing from another", [][]fhir.Record{
			gp(allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "active", "")), ho(allergyTo("b", fhir.SNK, "23167", "AMOXICILLINE", "", "entered-in-error")),
		}, "active gp/a+ho/b C-EIE"},
		{"ALG-12 none known, newer than an active one", [][]fhir.Record{
			gp(recorded(allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "active", ""), "2020-01-01")),
			ho(recorded(allergyTo("b", fhir.SNOMED, "716186003", "geen bekende allergie", "active", ""), "2025-01-01")),
		}, "active gp/a\nnone-known ho/b C-NKA"},
		{"ALG-12 none known, older than an active one", [][]fhir.Record{
			gp(recorded(allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "active", ""), "2020-01-01")),
			ho(recorded(allergyTo("b", fhir.SNOMED, "716186003", "geen bekende allergie", "active", ""), "2015-01-01")),
		}, "active gp/a\nnone-known ho/b"},
		{"ALG-16 substance and finding, by the map", [][]fhir.Record{
			gp(allergyTo("a", fhir.SNOMED, "762952008", "pinda", "active", "")), ho(allergyTo("b", fhir.SNOMED, "91935009", "pinda-allergie", "resolved", "")),
		}, "active gp/a+ho/b C-ALG"},
		{"ALG-18 bound to a brand", [][]fhir.Record{
			gp(with(allergyTo("a", fhir.HPK, "1112821", "PREDNISOLON TEVA", "active", ""), "note", []any{object{"text": "Geldt alleen voor dit merk"}})),
			ho(allergyTo("b", fhir.SNK, "4170", "PREDNISOLON", "active", "")),
		}, "active gp/a [broader]\nactive ho/b [broader]"},
		{"ALG-21 text alone groups by name", [][]fhir.Record{
			gp(object{"resourceType": "AllergyIntolerance", "id": "a", "code": object{"text": "Latex"}}),
			ho(object{"resourceType": "AllergyIntolerance", "id": "b", "code": object{"text": "latex"}}),
		}, "active gp/a [broader]\nactive ho/b [broader]"},
		{"ALG-25 without a status it counts", [][]fhir.Record{gp(allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "", ""))}, "active gp/a"},
	} {
		t.Run(c.id, func(t *testing.T) {
			if got := shape(merged(t, c.sets...), "allergy"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestAllergyUnitesReactionsAndKeepsTheGravest(t *testing.T) {
	a := with(allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "active", ""), "reaction", []any{object{"manifestation": []any{object{"text": "huiduitslag"}}}})
	a["criticality"] = "low"
	b := with(allergyTo("b", fhir.SNK, "23167", "AMOXICILLINE", "active", ""), "reaction", []any{object{"manifestation": []any{object{"text": "benauwd"}}}})
	b["criticality"] = "high"
	b["_criticality"] = object{"extension": []any{object{
		"url":                  nictiz + "ext-CodeSpecification",
		"valueCodeableConcept": concept(fhir.SNOMED, "6736007", "Matig"),
	}}}
	o := merged(t, at("gp", "49", fhir.R4, a), at("ho", "48", fhir.R4, b))
	v := o.Subject("allergy")[0].Value.(*Allergy)
	if !v.High || v.Severity != "Matig" || len(v.Reactions) != 2 {
		t.Errorf("got high %v, %q, %v", v.High, v.Severity, v.Reactions)
	}
}

// TestAddingASourceNeverHidesAnAllergy is S3: whatever another source says.
func TestAddingASourceNeverHidesAnAllergy(t *testing.T) {
	base := at("gp", "49", fhir.R4, allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "active", "confirmed"))
	for _, other := range []object{
		allergyTo("b", fhir.SNK, "23167", "AMOXICILLINE", "resolved", ""),
		allergyTo("b", fhir.SNK, "23167", "AMOXICILLINE", "", "refuted"),
		allergyTo("b", fhir.SNK, "23167", "AMOXICILLINE", "", "entered-in-error"),
		allergyTo("b", fhir.SNOMED, "716186003", "geen", "active", ""),
		allergyTo("b", fhir.SNOMED, "409137002", "geen medicijnallergie", "active", ""),
	} {
		o := merged(t, base, at("ho", "48", fhir.R4, other))
		found := false
		for _, item := range o.Subject("allergy") {
			for _, p := range item.Parts {
				found = found || (p.ID == "a" && item.Section == Active)
			}
		}
		if !found {
			t.Errorf("the allergy is not active beside %v", other["code"])
		}
	}
}
