package fhir

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func node(t testing.TB, members string) Node {
	t.Helper()
	r := Parse([]byte(`{"resourceType":"A",`+members+`}`), R4)
	if r.Flaw != "" {
		t.Fatalf("test data has flaw %s", r.Flaw)
	}
	return r.Node()
}

func TestCodedAcceptsEveryForm(t *testing.T) {
	for _, tc := range []struct{ name, in, code, display string }{
		{"concept", `"c":{"coding":[{"system":"http://snomed.info/sct","code":" 1 ","display":"een"}]}`, "1", "een"},
		{"list of concepts", `"c":[{"coding":[{"code":"1"}],"text":"t"}]`, "1", "t"},
		{"coding", `"c":{"system":"x","code":"1","display":"een"}`, "1", "een"},
		{"code", `"c":"final"`, "final", "final"},
		{"text only", `"c":{"text":"vrij"}`, "", "vrij"},
		{"chosen coding before text", `"c":{"coding":[{"code":"1","display":"a"},{"code":"2","display":"b","userSelected":true}],"text":"t"}`, "1", "b"},
		{"second display", `"c":{"coding":[{"code":"1"},{"code":"2","display":"b"}]}`, "1", "b"},
		{"no display at all", `"c":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.4.10","code":"7"}]}`, "7", "PRK 7"},
		{"absent", `"d":1`, "", ""},
	} {
		c := node(t, tc.in).Get("c").Coded()
		if c.Code("") != tc.code || c.Display() != tc.display || c.IsZero() != (tc.code+tc.display == "") {
			t.Errorf("%s: %q %q", tc.name, c.Code(""), c.Display())
		}
	}
	n := node(t, `"c":[{"text":"a"},{},{"text":"b"}]`)
	if len(n.Codeds("c")) != 2 {
		t.Error("Codeds keeps what is empty")
	}
	c := Coded{Coding: []Coding{{System: SNOMED, Code: "1"}, {System: LOINC, Code: "2"}}}
	if !c.Has(LOINC, "2") || c.Has(LOINC, "1") || c.Code(LOINC) != "2" || c.Code(ATC) != "" {
		t.Error("Has and Code")
	}
}

func TestSystem(t *testing.T) {
	for in, want := range map[string]string{
		" http://loinc.org ":                       LOINC,
		"http://snomed.info/sct/":                  SNOMED,
		"URN:OID:2.16.840.1.113883.6.96":           SNOMED,
		"2.16.840.1.113883.6.1":                    LOINC,
		"2.16.840.1.113883.2.4.4.7":                HPK,
		"urn:oid:2.16.528.1.1007.3.3":              URA,
		"http://hl7.org/fhir/v2/0078":              Interpretation,
		"http://hl7.org/fhir/v2/0203":              "http://terminology.hl7.org/CodeSystem/v2-0203",
		"http://hl7.org/fhir/v3/NullFlavor":        NullFlavor,
		"http://hl7.org/fhir/observation-category": ObservationCategory,
		"":         "",
		"2.16.x":   "2.16.x",
		"my-codes": "my-codes",
	} {
		if got := System(in); got != want {
			t.Errorf("System(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestIdentsAreComparable(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		want     Ident
	}{
		{"OID of a known system", `"i":{"system":"urn:oid:2.16.528.1.1007.3.3","value":" 00001 "}`, Ident{System: URA, Value: "00001"}},
		{"host without case, path with", `"i":{"system":"HTTP://Example.ORG/Ids","value":"A"}`, Ident{System: "http://example.org/Ids", Value: "A"}},
		{"host alone", `"i":{"system":"http://Example.ORG","value":"A"}`, Ident{System: "http://example.org", Value: "A"}},
		{"uuid as system", `"i":{"system":"urn:uuid:ABC","value":"A"}`, Ident{System: "urn:uuid:abc", Value: "A"}},
		{"urn as value", `"i":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:ABC"}`, Ident{System: "urn:ietf:rfc:3986", Value: "urn:uuid:abc"}},
		{"empty OID", `"i":{"system":"urn:oid:","value":"1"}`, Ident{Value: "1"}},
		{"use and type", `"i":{"use":"usual","type":{"coding":[{"code":"MR"}]},"value":"1"}`, Ident{Value: "1", Use: "usual", Type: "MR"}},
	} {
		if diff := cmp.Diff(tc.want, node(t, tc.in).Get("i").Ident()); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
	n := node(t, `"identifier":[{"system":"x"},{"system":"x","value":"1"}]`)
	if ids := n.Idents("identifier"); len(ids) != 1 || ids[0].Key() != "x|1" {
		t.Error("Idents")
	}
}

func TestReferences(t *testing.T) {
	for in, want := range map[string]Ref{
		"Patient/1":                         {"Patient", "1"},
		"https://x.nl/fhir/Patient/1":       {"Patient", "1"},
		"Patient/1/_history/2":              {"Patient", "1"},
		"#a":                                {},
		"urn:uuid:1":                        {},
		"Patient":                           {},
		"Patient/":                          {},
		"https://x.nl/Patient?identifier=a": {},
		"https://example.org/fhirPatient/X": {},
		"":                                  {},
	} {
		if got := refOf(in); got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
	n := node(t, `"performer":[{"extension":[{"url":"http://nictiz.nl/fhir/StructureDefinition/practitionerrole-reference",
		"valueReference":{"reference":"PractitionerRole/r","display":"Rol"}}]},
		{"display":"Alleen woorden"},{"identifier":{"system":"x","value":"1"}},{}]`)
	refs := n.References("performer")
	if len(refs) != 3 || refs[0].Ref != (Ref{"PractitionerRole", "r"}) || refs[0].Display != "Rol" ||
		refs[1].Display != "Alleen woorden" || refs[2].Ident.Value != "1" {
		t.Errorf("%+v", refs)
	}
}

func TestParseDecimal(t *testing.T) {
	for _, in := range []string{"1", "-1.50", "0.5", "1e3", "1.0E-3", "+2"} {
		if _, ok := ParseDecimal(in); !ok {
			t.Errorf("%q refused", in)
		}
	}
	for _, in := range []string{"", "1,5", "1/2", "0x1", "Inf", "NaN", "1_000", "1e100", "1e999999", "1.2.3", "--1", "12 "} {
		if v, ok := ParseDecimal(in); ok {
			t.Errorf("%q accepted as %v", in, v)
		}
	}
	q := node(t, `"q":{"value":1.50,"unit":"stuk","system":"http://unitsofmeasure.org","code":"1","comparator":"<"}`).Get("q").Quantity()
	if q.Value != "1.50" || Decimals(q.Value) != 2 || q.Symbol() != "stuk" || q.IsZero() || q.System != UCUM {
		t.Errorf("%+v", q)
	}
	if (Quantity{Code: "1"}).Symbol() != "" || (Quantity{Code: "mg"}).Symbol() != "mg" {
		t.Error("symbol")
	}
}
