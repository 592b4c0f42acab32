package mock

import (
	"encoding/json"
	"net/http"
	"strings"
)

// dataFaults change the first resource of an answer that has what they change.
// Everything else in the answer stays byte for byte.
func dataFaults() map[string]faultKind {
	row := func(does string, values []string, edit func(Fault, *object) bool) faultKind {
		return faultKind{does: does, at: "resource", values: values, wrap: editing(func(_ *Network, f Fault, r *http.Request, a *answer) {
			a.body = changeFirst(a.body, askedType(r), func(o *object) bool { return edit(f, o) })
		})}
	}
	return map[string]faultKind{
		"bsn": row("puts a citizen service number in an identifier, a reference, the text, or the name of a file",
			[]string{"identifier", "link", "narrative", "file"}, dataBSN),
		"unknown": row("has an element nobody knows, a code nobody knows, or an element of the other FHIR release",
			[]string{"element", "code", "release"}, dataUnknown),
		"missing": row("lacks what is required, has null where a value should be, or empty lists and texts",
			[]string{"required", "null", "empty"}, dataMissing),
		"number": row("has a value of 5.0, of 1e400, or one that is no number at all (NaN, which breaks the JSON)",
			[]string{"precise", "huge", "nan"}, dataNumber),
		"date": row("has a date that is a year only, the first of all days, far in the future, 24:00, without a zone, or in the hour that does not exist",
			[]string{"year", "first", "future", "midnight", "no-zone", "gap"}, dataDate),
		"coding": row("has a code without a name, without a system, or two codes that say different things",
			[]string{"no-display", "no-system", "disagree"}, dataCoding),
		"text": row("has a script in its text, letters that run the other way, letters without width, or a megabyte of it",
			[]string{"script", "rtl", "zero-width", "long"}, dataText),
		"reference": row("refers to itself, or has contained resources that refer to each other", []string{"itself", "contained"}, dataReference),
		"modifier": row("has an extension that changes its meaning, was entered in error, was refuted, or was not taken",
			[]string{"extension", "entered-in-error", "refuted", "not-taken"}, dataModifier),
		"dose":  row("has another dose than it had", nil, dataDose),
		"reuse": row("has the id of the resource before it for somebody else, or for something else", []string{"subject", "code"}, dataReuse),
		"unit":  row("has no unit, or writes it in another way (mmol/l for mmol/L)", []string{"missing", "odd"}, dataUnit),
		"id":    row("has an id with a path in it, one that is too long, or one with letters that ids do not have", []string{"path", "long", "unicode"}, dataID),
		"updated": row("says it was changed a year from now", nil, func(_ Fault, o *object) bool {
			o.inside("meta", func(meta *object) { meta.set("lastUpdated", "2999-01-01T00:00:00Z") })
			return true
		}),
	}
}

// askedType is the resource type that an address asks for.
func askedType(r *http.Request) string {
	if m := fhirPath.FindStringSubmatch(r.URL.Path); m != nil {
		return m[2]
	}
	return ""
}

// testBSN passes the test for such numbers, and is nobody's.
const testBSN = "111222333"

func dataBSN(f Fault, o *object) bool {
	switch f.Value {
	case "identifier":
		o.push("identifier", map[string]string{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": testBSN})
	case "link":
		o.push("extension", map[string]any{"url": "https://example.nl/mock", "valueReference": map[string]string{
			"reference": "Patient?identifier=http://fhir.nl/fhir/NamingSystem/bsn|" + testBSN,
		}})
	case "narrative":
		o.set("text", narrative("Patiënt met BSN "+testBSN))
	case "file":
		return eachAttachment(o, func(a *object) { a.set("title", "uitslag BSN "+testBSN+".pdf") })
	}
	return true
}

func narrative(text string) map[string]string {
	return map[string]string{"status": "generated", "div": `<div xmlns="http://www.w3.org/1999/xhtml">` + text + "</div>"}
}

// statusOf is the name of the member that tells how things stand.
func statusOf(o *object) string {
	for _, name := range []string{"clinicalStatus", "status"} {
		if o.get(name) != nil {
			return name
		}
	}
	return ""
}

func dataUnknown(f Fault, o *object) bool {
	switch f.Value {
	case "element":
		o.set("mockElement", map[string]any{"mock": []int{1, 2}})
		return true
	case "code":
		if statusOf(o) == "" {
			return false
		}
		o.set(statusOf(o), "mock-unknown")
		return true
	}
	status := o.text(statusOf(o))
	if status == "" {
		return false
	}
	o.set(statusOf(o), map[string]any{"coding": []map[string]string{{"system": "http://example.nl/mock", "code": status}}})
	return true
}

func dataMissing(f Fault, o *object) bool {
	switch f.Value {
	case "required":
		o.drop("status", "clinicalStatus", "verificationStatus", "code")
	case "null":
		o.set("code", nil)
		o.set("note", []any{nil})
	case "empty":
		o.set("code", map[string]any{"coding": []any{}, "text": ""})
		o.set("note", []any{})
	}
	return true
}

// quantity changes the value of a measurement.
func quantity(o *object, change func(*object)) bool {
	if o.get("valueQuantity") == nil {
		return false
	}
	o.inside("valueQuantity", change)
	return true
}

func dataNumber(f Fault, o *object) bool {
	value := map[string]json.RawMessage{"precise": json.RawMessage("5.0"), "huge": json.RawMessage("1e400"), "nan": json.RawMessage("NaN")}[f.Value]
	return quantity(o, func(q *object) { q.set("value", value) })
}

func dataUnit(f Fault, o *object) bool {
	return quantity(o, func(q *object) {
		if f.Value == "missing" {
			q.drop("unit", "code", "system")
			return
		}
		q.set("unit", strings.ToUpper(q.text("unit")))
		q.drop("code", "system")
	})
}

// dateMembers are where resources say when.
var dateMembers = []string{"effectiveDateTime", "assertedDate", "onsetDateTime", "recordedDate", "authoredOn", "date", "indexed", "birthDate"}

func dataDate(f Fault, o *object) bool {
	value := map[string]string{
		"year": "2019", "first": "0001-01-01", "future": "2099-12-31", "midnight": "2024-03-01T24:00:00+01:00",
		"no-zone": "2024-03-01T10:00:00", "gap": "2024-03-31T02:30:00+01:00",
	}[f.Value]
	for _, name := range dateMembers {
		if o.get(name) != nil {
			o.set(name, value)
			return true
		}
	}
	return false
}

func dataCoding(f Fault, o *object) bool {
	code, ok := readObject(o.get("code"))
	codings := code.list("coding")
	if !ok || len(codings) == 0 {
		return false
	}
	first, _ := readObject(codings[0])
	switch f.Value {
	case "no-display":
		first.drop("display")
		code.drop("text")
	case "no-system":
		first.drop("system")
	case "disagree":
		codings = append(codings, encoded(map[string]string{"system": "http://snomed.info/sct", "code": "195967001", "display": "astma"}))
	}
	codings[0] = first.raw()
	code.set("coding", codings)
	o.set("code", code)
	return true
}

func dataText(f Fault, o *object) bool {
	text := map[string]string{
		"script":     `<script>alert(1)</script><img src=x onerror="alert(2)">`,
		"rtl":        "a\u202egnp.exe\u202c b\u2066c\u2069",
		"zero-width": "pa\u200bra\u200dce\ufeffta\u2060mol",
		"long":       strings.Repeat("lange tekst ", 1<<20/12),
	}[f.Value]
	o.set("text", narrative(escapeXML(text)))
	if f.Value == "script" {
		o.set("text", narrative(text))
	}
	if o.get("code") == nil {
		return true
	}
	o.inside("code", func(code *object) { code.set("text", text) })
	return true
}

func dataReference(f Fault, o *object) bool {
	refer := func(to string) map[string]any { return map[string]any{"reference": to, "display": "mock"} }
	if f.Value == "itself" {
		o.push("extension", map[string]any{
			"url": "https://example.nl/mock", "valueReference": refer(o.text("resourceType") + "/" + o.text("id")),
		})
		return true
	}
	contained := func(id, other string) map[string]any {
		return map[string]any{"resourceType": "Basic", "id": id, "code": map[string]string{"text": "mock"}, "author": refer("#" + other)}
	}
	o.push("contained", contained("mock-a", "mock-b"))
	o.push("contained", contained("mock-b", "mock-a"))
	o.push("extension", map[string]any{"url": "https://example.nl/mock", "valueReference": refer("#mock-a")})
	return true
}

// dataModifier keeps to what each type knows: only an allergy is refuted.
func dataModifier(f Fault, o *object) bool {
	typ := o.text("resourceType")
	switch f.Value {
	case "extension":
		o.push("modifierExtension", map[string]any{"url": "https://example.nl/mock/not", "valueBoolean": true})
		return true
	case "refuted":
		o.set("verificationStatus", "refuted")
		return typ == "AllergyIntolerance" || typ == "Condition"
	case "not-taken":
		o.set("taken", "n")
		return typ == "MedicationStatement"
	}
	if typ == "AllergyIntolerance" || typ == "Condition" {
		o.set("verificationStatus", f.Value)
		return true
	}
	o.set("status", f.Value)
	return true
}

func dataDose(_ Fault, o *object) bool {
	for _, name := range []string{"dosageInstruction", "dosage"} {
		if o.get(name) == nil {
			continue
		}
		o.set(name, []any{map[string]any{
			"text": "4 maal per dag 3 stuks", "timing": map[string]any{"repeat": map[string]any{"frequency": 4, "period": 1, "periodUnit": "d"}},
			"doseQuantity": map[string]any{"value": 3, "unit": "stuk", "system": "http://unitsofmeasure.org", "code": "1"},
		}})
		return true
	}
	return false
}

func dataReuse(f Fault, o *object) bool {
	if f.Value == "subject" {
		makeOther(o)
		return true
	}
	o.set("code", map[string]any{"coding": []map[string]string{{"system": "http://snomed.info/sct", "code": "195967001", "display": "astma"}}, "text": "astma"})
	return true
}

func dataID(f Fault, o *object) bool {
	o.set("id", map[string]string{
		"path": "../../../../etc/passwd", "long": strings.Repeat("a", 70), "unicode": "ﬁ\u0000\u202e😀",
	}[f.Value])
	return true
}
