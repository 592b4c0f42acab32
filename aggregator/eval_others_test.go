package aggregator

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// evalAgents are agents of allergies: code systems that name the same one by
// the map, and a class it belongs to.
var evalAgents = []struct{ system, code, name, alias, class, other string }{
	{fhir.SNK, "23167", "AMOXICILLINE", fhir.SNOMED + "|372687004", thesaurus122 + "|35", "PREDNISOLON"},
	{fhir.SNOMED, "762952008", "Pinda", fhir.SNOMED + "|91935009", "", "Latex"},
	{fhir.SNK, "4170", "PREDNISOLON", "", thesaurus122 + "|74", "AMOXICILLINE"},
	{fhir.SNK, "40991", "FLUCLOXACILLINE", "", thesaurus122 + "|35", "DOXYCYCLINE"},
	{fhir.SNK, "60001", "DOXYCYCLINE", "", "", "TRIMETHOPRIM"},
	{fhir.SNK, "60002", "TRIMETHOPRIM", "", "", "DICLOFENAC"},
	{fhir.SNK, "60003", "DICLOFENAC", "", "", "CODEINE"},
	{fhir.SNK, "60004", "CODEINE", "", "", "DOXYCYCLINE"},
	{fhir.SNOMED, "60005001", "Latex", "", "", "Pinda"},
	{fhir.SNOMED, "60006001", "Pollen van berk", "", "", "Huisstofmijt"},
	{fhir.SNOMED, "60007001", "Huisstofmijt", "", "", "Pollen van berk"},
	{fhir.SNOMED, "60008001", "Ei", "", "", "Melk"},
	{fhir.SNOMED, "60009001", "Melk", "", "", "Ei"},
	{fhir.SNOMED, "60010001", "Wespengif", "", "", "Melk"},
}

func allergyPairs() []pair {
	var all []pair
	for i, g := range evalAgents {
		a := params{"id": "1", "system": g.system, "code": g.code, "name": g.name}
		add := func(name string, b params, want label, critical, coded bool, conflicts ...string) {
			all = append(all, pair{
				id: fmt.Sprintf("alg/%d/%s", i, name), kind: "allergy", mutation: name, coded: coded, want: want, critical: critical, conflicts: conflicts,
				a: side{"GP", "48", params{"like": "ALLERGY", "with": a}, 0}, b: side{"HO", "48", params{"like": "ALLERGY", "with": set(b, "id", "2")}, 0},
			})
		}
		add("none", a, labelMerge, false, true)
		add("copy", set(a, "ident", "K"), labelMerge, false, true)
		add("category", set(a, "category", "food"), labelMerge, false, true)
		add("severity", set(a, "criticality", "high", "reaction", "benauwd"), labelMerge, false, true)
		add("refuted", set(a, "verification", "refuted", "clinical", nil), labelMerge, false, true, "C-ALG")
		add("inactive", set(a, "clinical", "inactive", "recorded", "2026-01-10"), labelMerge, false, true, "C-ALG")
		add("resolved", set(a, "clinical", "resolved"), labelMerge, false, true, "C-ALG")
		add("mistake", set(a, "verification", "entered-in-error", "clinical", nil, "ident", "Q"), labelMerge, false, true, "C-EIE")
		add("no-status", set(a, "clinical", nil), labelMerge, false, true)
		add("other", set(a, "code", g.code+"77", "name", g.other), labelNone, true, true)
		add("number-of-another-system", set(a, "system", "urn:oid:2.16.840.1.113883.2.4.4.1.999", "name", g.other), labelNone, true, true)
		all = append(all, textAllergy(i, a))
		add("brand", set(a, "note", "Geldt alleen voor dit merk"), labelGroup, true, true)
		if g.alias != "" {
			system, code := splitCode(g.alias)
			add("alias", set(a, "system", system, "code", code), labelMerge, false, true)
		}
		if g.class != "" {
			system, code := splitCode(g.class)
			add("class", set(a, "system", system, "code", code, "name", "groep "+g.name), labelGroup, true, true)
		}
		all = append(all, ownAllergyPair(i, a))
	}
	return all
}

// textAllergy: a name without a code is never one line with a code.
func textAllergy(i int, a params) pair {
	text := params{"resourceType": "AllergyIntolerance", "id": "2", "code": params{"text": a["name"]}}
	return pair{
		id: fmt.Sprintf("alg/%d/name-only", i), kind: "allergy", mutation: "name-only", want: labelGroup, critical: true,
		a: side{"GP", "48", params{"like": "ALLERGY", "with": a}, 0}, b: side{"HO", "48", text, 0},
	}
}

// ownAllergyPair: what the person wrote stays beside what a provider wrote.
func ownAllergyPair(i int, a params) pair {
	own := params{"resourceType": "AllergyIntolerance", "id": "3", "code": params{"text": a["name"]}}
	return pair{
		id: fmt.Sprintf("alg/%d/own", i), kind: "own", mutation: "own", want: labelGroup, critical: true,
		a: side{"GP", "48", params{"like": "ALLERGY", "with": a}, 0}, b: side{"OWN", "", own, 0},
	}
}

func splitCode(s string) (system, code string) {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '|' {
			return s[:i], s[i+1:]
		}
	}
	return "", s
}

// evalResults are tests with a value that is possible, and the same value in
// the unit of mass where there is one.
var evalResults = []struct{ loinc, nhg, unit, value, other, massLoinc, massUnit, massValue, unlike string }{
	{"14682-9", "523", "umol/L", "88", "98", "2160-0", "mg/dL", "1.0", "2947-0"},
	{"62238-1", "3583", "mL/min/{1.73_m2}", "60", "65", "", "", "", "2823-3"},
	{"2951-2", "624", "mmol/L", "140", "144", "", "", "", "2823-3"},
	{"2823-3", "513", "mmol/L", "4.2", "4.9", "", "", "", "2951-2"},
	{"30000-4", "40", "mg/mmol", "2.1", "3.3", "", "", "", "14957-5"},
	{"14957-5", "38", "mg/L", "20", "31", "", "", "", "30000-4"},
	{"14631-6", "111", "umol/L", "12", "19", "", "", "", "14682-9"},
	{"6301-6", "509", "{INR}", "2.4", "2.9", "", "", "", "46418-0"},
	{"14647-2", "", "mmol/L", "4.99", "5.4", "2093-3", "mg/dL", "193", "14927-8"},
	{"59261-8", "2816", "mmol/mol", "53", "58", "", "", "", "14749-6"},
	{"14749-6", "371", "mmol/L", "5.0", "6.1", "2345-7", "mg/dL", "90", "59261-8"},
	{"59260-0", "", "mmol/L", "8.7", "7.9", "718-7", "g/dL", "14.0", "26464-8"},
	{"26464-8", "", "10*9/L", "6.3", "9.9", "", "", "", "26515-7"},
	{"26515-7", "", "10*9/L", "210", "260", "", "", "", "26464-8"},
	{"1988-5", "", "mg/L", "7", "19", "", "", "", "1751-7"},
	{"3016-3", "", "m[iU]/L", "2.1", "3.4", "", "", "", "14920-3"},
	{"1742-6", "", "U/L", "30", "44", "", "", "", "1920-8"},
	{"1920-8", "", "U/L", "25", "38", "", "", "", "1742-6"},
	{"1751-7", "", "g/L", "40", "36", "", "", "", "1988-5"},
	{"30428-7", "", "fL", "88", "95", "", "", "", "59260-0"},
}

const evalAt = "2026-01-05T08:30:00+01:00"

func labPairs() []pair {
	var all []pair
	for _, r := range evalResults {
		a := params{"id": "1", "code": r.loinc, "name": "bepaling", "value": r.value, "unit": r.unit, "at": evalAt}
		add := func(name, providerB string, a, b params, want label, critical bool, conflicts ...string) {
			serviceB := "48"
			if providerB == "GP" {
				serviceB = "49"
			}
			all = append(all, pair{
				id: "lab/" + r.loinc + "/" + name, kind: "lab", mutation: name, coded: true, want: want, critical: critical, conflicts: conflicts,
				a: side{"GP", "48", labOf(a), 0}, b: side{providerB, serviceB, labOf(set(b, "id", "2")), 0},
			})
		}
		named := set(a, "ident", "900"+r.nhg)
		add("copy", "HO", named, set(named, "copy", true), labelSame, false)
		add("services", "GP", named, named, labelSame, false)
		add("services-no-identifier", "GP", a, a, labelSame, false)
		add("other-provider", "HO", a, a, labelGroup, true)
		add("other-value", "HO", a, set(a, "value", r.other), labelNone, true, "C-LAB-VALUE")
		add("copy-differs", "HO", named, set(named, "copy", true, "value", r.other), labelSame, false, "C-COPY")
		add("minute-later", "HO", a, set(a, "at", "2026-01-05T08:31:00+01:00"), labelNone, true)
		add("day-later", "HO", a, set(a, "at", "2026-01-06T08:30:00+01:00"), labelNone, true)
		add("other-test", "HO", a, set(a, "code", r.unlike), labelNone, true, sanityOf(r.unlike, r.unit)...)
		add("below-a-limit", "HO", a, set(a, "comparator", "<"), labelNone, true, "C-LAB-VALUE")
		add("collision", "HO", named, set(named, "code", r.unlike), labelNone, true, append(sanityOf(r.unlike, r.unit), "C-COLLISION")...)
		add("date-only", "HO", set(a, "low", 1, "high", 2000), set(a, "at", "2026-01-05", "low", 1, "high", 2000), labelGroup, true)
		add("date-only-other-range", "HO", set(a, "low", 1, "high", 2000), set(a, "at", "2026-01-05", "low", 1, "high", 1999), labelNone, true)
		if r.nhg != "" {
			nhg := set(a, "system", fhir.NHG45, "code", r.nhg)
			add("other-code-system", "HO", a, nhg, labelGroup, true)
			add("other-code-system-copy", "HO", named, set(nhg, "ident", "900"+r.nhg, "copy", true), labelSame, false)
		}
		if strings.Contains(r.unit, "mol/L") {
			add("wrong-property", "HO", a, set(a, "unit", "mg/L"), labelNone, true, "C-CODE")
		}
		if r.massLoinc != "" {
			add("mass", "HO", a, set(a, "code", r.massLoinc, "unit", r.massUnit, "value", r.massValue), labelGroup, true)
		}
	}
	for i := range all {
		all[i].may = []string{"C-CODE", "C-SANITY"}
		if m := all[i].mutation; m != "other-test" && m != "collision" && m != "wrong-property" {
			all[i].may = nil
		}
	}
	return all
}

// sanityOf: nothing is demanded of a value that carries the unit of another
// test; what is said of it is allowed (see may).
func sanityOf(string, string) []string { return nil }

// labOf writes the value as a number with the digits given.
func labOf(with params) params {
	return params{"like": "LAB", "with": set(with, "value", number(with["value"]))}
}

func number(v any) any {
	if s, ok := v.(string); ok {
		return jsonNumber(s)
	}
	return v
}

// evalLetters: bytes that are a letter, bytes that are another, and no letter.
func letterPairs() []pair {
	var all []pair
	for i := range 25 {
		text := fmt.Sprintf("%%PDF-1.4 brief %d", i)
		a := letterOf("1", fmt.Sprintf("urn:oid:2.16.840.1.113883.2.4.3.11.999.%d", i), "Ontslagbrief", "2026-01-02", text)
		add := func(name string, b params, want label, critical bool, conflicts ...string) {
			all = append(all, pair{
				id: fmt.Sprintf("doc/%d/%s", i, name), kind: "letter", mutation: name, coded: true, want: want, critical: critical, conflicts: conflicts,
				a: side{"GP", "51", a, 0}, b: side{"HO", "51", b, 0},
			})
		}
		add("same-bytes", letterOf("2", "", "Brief cardiologie", "2026-01-04", text), labelSame, false)
		add("other-bytes-one-number", letterOf("2", a["masterIdentifier"].(params)["value"].(string), "Ontslagbrief", "2026-01-02", text+" 2"), labelGroup, true, "C-COLLISION")
		add("stamped", letterOf("2", "", "Ontslagbrief", "2026-01-02", text+" kopie"), labelGroup, true)
		add("other-day", letterOf("2", "", "Ontslagbrief", "2026-01-03", text+" 3"), labelNone, true)
		add("login-page", letterOf("2", "", "Ontslagbrief", "2026-01-02", "<html>inloggen</html>"), labelGroup, true, "C-DOC-CONTENT")
	}
	return all
}

func letterOf(id, master, title, day, text string) params {
	d := params{
		"resourceType": "DocumentReference", "id": id, "status": "current", "description": title, "date": day + "T10:00:00+01:00",
		"type":      params{"coding": []any{params{"system": fhir.LOINC, "code": "18842-5"}}},
		"contained": []any{params{"resourceType": "Organization", "id": "o", "name": "Ziekenhuis"}},
		"author":    []any{params{"reference": "#o"}},
		"content": []any{params{"attachment": params{
			"contentType": "application/pdf", "data": base64.StdEncoding.EncodeToString([]byte(text)),
		}}},
	}
	if master != "" {
		d["masterIdentifier"] = params{"system": "urn:ietf:rfc:3986", "value": master}
	}
	return d
}

// ownPairs: measurements that came back, and medicines typed in.
func ownPairs() []pair {
	var all []pair
	for i, p := range evalProducts {
		own := params{"resourceType": "MedicationStatement", "id": "3", "status": "active", "medicationCodeableConcept": params{"text": p.name}}
		all = append(all, pair{
			id: "own/medicine/" + p.prk, kind: "own", mutation: "medicine", want: labelGroup, critical: true,
			a: side{"GP", "48", params{"like": "REQ", "with": params{"id": "1", "code": p.prk, "name": p.name}}, 0}, b: side{"OWN", "", own, 0},
			may: []string{"C-DOSE"},
		})
		measured := weightOf("4", fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", i), 70+i)
		returned := weightOf("9", fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", i), 70+i)
		bare := weightOf("9", "", 70+i)
		bare["performer"] = []any{params{"reference": "Patient/p"}}
		all = append(all,
			pair{id: "own/returned/" + p.prk, kind: "own", mutation: "returned", coded: true, want: labelSame, a: side{"GP", "48", returned, 0}, b: side{"OWN", "", measured, 0}},
			pair{id: "own/bare/" + p.prk, kind: "own", mutation: "bare", coded: true, want: labelGroup, critical: true, a: side{"GP", "48", bare, 0}, b: side{"OWN", "", measured, 0}})
	}
	return all
}

func weightOf(id, ident string, kg int) params {
	o := params{
		"resourceType": "Observation", "id": id, "status": "final",
		"category":          []any{params{"coding": []any{params{"system": fhir.ObservationCategory, "code": "vital-signs"}}}},
		"code":              params{"coding": []any{params{"system": fhir.LOINC, "code": "29463-7"}}},
		"effectiveDateTime": evalAt, "valueQuantity": params{"value": kg, "unit": "kg", "system": fhir.UCUM, "code": "kg"},
	}
	if ident != "" {
		o["identifier"] = []any{params{"system": "urn:ietf:rfc:3986", "value": ident}}
	}
	return o
}
