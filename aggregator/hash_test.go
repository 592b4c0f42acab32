package aggregator

import (
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// hashOfOne is the hash of the last of records, which may point at the others.
func hashOfOne(t *testing.T, records ...[]fhir.Record) Hash {
	t.Helper()
	var all []fhir.Record
	for _, r := range records {
		all = append(all, r...)
	}
	last := all[len(all)-1]
	s := readAll(t, all)
	m := newMerger(s, Input{AsOf: caseT})
	m.setAside()
	m.prepare()
	for _, e := range m.entries {
		if e.Ref == last.Ref && e.Origin == last.Origin {
			return e.hash
		}
	}
	t.Fatal("the record is not there")
	return Hash{}
}

func condition(change func(object)) object {
	c := object{
		"resourceType": "Condition", "id": "a", "code": concept(fhir.SNOMED, "195967001", "Astma"), "onsetDateTime": "2020-05-01",
		"clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", ""),
	}
	if change != nil {
		change(c)
	}
	return c
}

// TestHashOfACondition: what changes the content changes the hash, and nothing
// else does (merge.md 1.4).
func TestHashOfACondition(t *testing.T) {
	gp := func(v fhir.Version, c object) []fhir.Record { return at("gp", "48", v, c) }
	base := hashOfOne(t, gp(fhir.R4, condition(nil)))
	if base.IsZero() || len(base.String()) != 32 {
		t.Fatalf("hash %q", base)
	}
	for name, same := range map[string]func(object){
		"another id":                 func(c object) { c["id"] = "b" },
		"an identifier":              func(c object) { identified(c, "x-100") },
		"meta":                       func(c object) { c["meta"] = object{"lastUpdated": "2026-01-01T00:00:00Z", "versionId": "4"} },
		"a narrative":                func(c object) { c["text"] = object{"status": "generated", "div": "<div>Astma</div>"} },
		"another name of one code":   func(c object) { c["code"] = concept(fhir.SNOMED, "195967001", "Asthma") },
		"who says it":                func(c object) { c["asserter"] = object{"reference": "Practitioner/p", "display": "Dr. Wit"} },
		"whom it is about":           func(c object) { c["subject"] = object{"reference": "Patient/p"} },
		"the contact it was said in": func(c object) { c["encounter"] = object{"reference": "Encounter/e"} },
		"a status that says nothing": func(c object) {
			c["verificationStatus"] = concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "unknown", "")
		},
	} {
		if got := hashOfOne(t, gp(fhir.R4, condition(same))); got != base {
			t.Errorf("%s changes the hash", name)
		}
	}
	for name, other := range map[string]func(object){
		"another code":  func(c object) { c["code"] = concept(fhir.SNOMED, "38341003", "Astma") },
		"another start": func(c object) { c["onsetDateTime"] = "2020-05" },
		"resolved":      func(c object) { c["clinicalStatus"] = concept("x", "resolved", "") },
		"a remark":      func(c object) { c["note"] = []any{object{"text": "mild"}} },
		"a text of its own": func(c object) {
			c["code"] = object{"coding": []any{coding(fhir.SNOMED, "195967001", "Astma")}, "text": "door stof"}
		},
		"an element that nobody reads": func(c object) { c["abatementSomething"] = "x" },
		"a related record":             func(c object) { c["evidence"] = []any{object{"detail": []any{object{"reference": "Observation/o"}}}} },
		"an extension nobody knows":    func(c object) { c["extension"] = []any{object{"url": "http://example.nl/x", "valueString": "y"}} },
		"the patient says it":          func(c object) { c["asserter"] = object{"reference": "Patient/p"} },
	} {
		if got := hashOfOne(t, gp(fhir.R4, condition(other))); got == base || got.IsZero() {
			t.Errorf("%s gives hash %q", name, got)
		}
	}
	stu3 := condition(func(c object) { c["clinicalStatus"] = "active" })
	if got := hashOfOne(t, gp(fhir.STU3, stu3)); got != base {
		t.Error("the STU3 view of it has another hash")
	}
}

// TestNoHash: what says too little, or may mean the opposite, is not known by
// its content.
func TestNoHash(t *testing.T) {
	for name, r := range map[string]object{
		"only a status":    {"resourceType": "Encounter", "id": "a", "status": "finished"},
		"unknown modifier": with(condition(nil), "modifierExtension", []any{object{"url": "http://example.nl/not", "valueBoolean": true}}),
	} {
		if got := hashOfOne(t, at("gp", "48", fhir.R4, r)); !got.IsZero() || got.String() != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestHashTakesInTheProduct: two prescriptions that differ in nothing but the
// product they point at are two.
func TestHashTakesInTheProduct(t *testing.T) {
	product := func(id, prk string) object {
		return object{"resourceType": "Medication", "id": id, "code": concept(fhir.PRK, prk, "")}
	}
	request := func(id, medication string) object {
		r := plain(id, "").period("2025-12-01", "").object
		delete(r, "medicationCodeableConcept")
		return with(r, "medicationReference", object{"reference": "Medication/" + medication})
	}
	one := hashOfOne(t, at("gp", "48", fhir.R4, product("m", "111"), request("a", "m")))
	if again := hashOfOne(t, at("gp", "48", fhir.R4, product("n", "111"), request("b", "n"))); again != one {
		t.Error("the same product under another id gives another hash")
	}
	if other := hashOfOne(t, at("gp", "48", fhir.R4, product("m", "222"), request("a", "m"))); other == one {
		t.Error("another product gives the same hash")
	}
	contained := with(request("a", ""), "contained", []any{product("m", "111")})
	contained["medicationReference"] = object{"reference": "#m"}
	otherContained := with(request("a", ""), "contained", []any{product("m", "222")})
	otherContained["medicationReference"] = object{"reference": "#m"}
	if hashOfOne(t, at("gp", "48", fhir.R4, contained)) == hashOfOne(t, at("gp", "48", fhir.R4, otherContained)) {
		t.Error("another contained product gives the same hash")
	}
}

// TestHashKeepsPairsTogether: the upper and lower pressure swapped is another
// measurement, the parts in another order is the same one.
func TestHashKeepsPairsTogether(t *testing.T) {
	part := func(code, value string) object {
		return object{"code": concept(fhir.LOINC, code, ""), "valueQuantity": object{"value": value, "unit": "mmHg"}}
	}
	pressure := func(parts ...any) []fhir.Record {
		return at("gp", "48", fhir.R4, object{"resourceType": "Observation", "id": "a", "status": "final", "code": concept(fhir.LOINC, "85354-9", ""), "component": parts})
	}
	base := hashOfOne(t, pressure(part("8480-6", "120"), part("8462-4", "80")))
	if hashOfOne(t, pressure(part("8462-4", "80.0"), part("8480-6", "120"))) != base {
		t.Error("order or a zero changes the hash")
	}
	if hashOfOne(t, pressure(part("8480-6", "80"), part("8462-4", "120"))) == base {
		t.Error("swapped values keep the hash")
	}
}

// TestNamesOfCollectiveCodesCount: a code that stands for whatever is made to
// order, or for "other", says nothing without its name.
func TestNamesOfCollectiveCodesCount(t *testing.T) {
	for name, c := range map[string]fhir.Coding{
		"made to order": {System: fhir.PRK, Code: "90000123"},
		"other":         {System: fhir.NullFlavor, Code: "OTH"},
		"no system":     {Code: "7"},
	} {
		one, two := c, c
		one.Display, two.Display = "ureum 10% zalf", "ureum 5% zalf"
		if codedText(fhir.Coded{Coding: []fhir.Coding{one}}) == codedText(fhir.Coded{Coding: []fhir.Coding{two}}) {
			t.Errorf("%s: the name does not count", name)
		}
	}
}
