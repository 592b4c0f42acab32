package fhir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const fhirNS = `xmlns="http://hl7.org/fhir"`

func mustJSON(t testing.TB, in string, v Version) string {
	t.Helper()
	out, err := XMLToJSON(strings.NewReader(in), v)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(out) {
		t.Fatalf("not valid: %s", out)
	}
	return string(out)
}

func TestXMLToJSON(t *testing.T) {
	for _, tc := range []struct {
		name string
		v    Version
		in   string // inside <A xmlns=FHIR>
		want string // without the braces and the type
	}{
		{"string, boolean and number", R4, `<Patient><active value="true"/><multipleBirthInteger value="2"/><birthDate value="1970"/></Patient>`, `"active":true,"multipleBirthInteger":2,"birthDate":"1970"`},
		{"decimal as written", R4, `<Observation><valueQuantity><value value="1.50"/></valueQuantity></Observation>`, `"valueQuantity":{"value":1.50}`},
		{"number that is none stays a text", R4, `<Observation><valueQuantity><value value="1,5"/></valueQuantity></Observation>`, `"valueQuantity":{"value":"1,5"}`},
		{"boolean that is none stays a text", R4, `<Patient><active value="ja"/></Patient>`, `"active":"ja"`},
		{"one of what repeats is a list", R4, `<Patient><name><given value="A"/></name></Patient>`, `"name":[{"given":["A"]}]`},
		{"several, apart", R4, `<Patient><name><text value="A"/></name><gender value="male"/><name><text value="B"/></name></Patient>`, `"name":[{"text":"A"},{"text":"B"}],"gender":"male"`},
		{"two of what does not repeat", R4, `<Patient><gender value="male"/><gender value="female"/></Patient>`, `"gender":["male","female"]`},
		{"category is a list in R4", R4, `<MedicationRequest><category><text value="x"/></category></MedicationRequest>`, `"category":[{"text":"x"}]`},
		{"category is one in STU3", STU3, `<MedicationRequest><category><text value="x"/></category></MedicationRequest>`, `"category":{"text":"x"}`},
		{"dose in STU3", STU3, `<MedicationRequest><dosageInstruction><doseQuantity><value value="1"/></doseQuantity></dosageInstruction></MedicationRequest>`, `"dosageInstruction":[{"doseQuantity":{"value":1}}]`},
		{
			"id and extension of a primitive", R4, `<Patient><birthDate id="b" value="1970"><extension url="u"><valueBoolean value="true"/></extension></birthDate></Patient>`,
			`"birthDate":"1970","_birthDate":{"id":"b","extension":[{"url":"u","valueBoolean":true}]}`,
		},
		{
			"primitive with only an extension", STU3, `<Patient><identifier><system value="s"/><value><extension url="u"><valueCode value="masked"/></extension></value></identifier></Patient>`,
			`"identifier":[{"system":"s","_value":{"extension":[{"url":"u","valueCode":"masked"}]}}]`,
		},
		{
			"parallel lists with nulls", R4, `<Patient><name><given value="A"/><given value="B"><extension url="u"><valueCode value="CL"/></extension></given><given id="x"/></name></Patient>`,
			`"name":[{"given":["A","B",null],"_given":[null,{"extension":[{"url":"u","valueCode":"CL"}]},{"id":"x"}]}]`,
		},
		{"id of a complex element", R4, `<Patient><name id="n"><text value="A"/></name></Patient>`, `"name":[{"id":"n","text":"A"}]`},
		{"contained", R4, `<Patient><contained><Organization><id value="o"/></Organization></contained><contained><Practitioner/></contained></Patient>`, `"contained":[{"resourceType":"Organization","id":"o"},{"resourceType":"Practitioner"}]`},
		{
			"narrative", R4, `<Patient><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p class="a">x &amp; <b>y</b>&nbsp;</p><br/></div></text></Patient>`,
			`"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class=\"a\">x &amp; <b>y</b>&nbsp;</p><br/></div>"}`,
		},
		{
			"element we do not know", R4, `<Patient><nieuw value="1"/><groep><a value="x"/><a value="y"/></groep><tekst>los</tekst></Patient>`,
			`"nieuw":"1","groep":{"a":["x","y"]},"tekst":"los"`,
		},
		{"text where none belongs", R4, `<Patient><name>Jan<text value="A"/></name></Patient>`, `"name":[{"#text":"Jan","text":"A"}]`},
		{"attribute we do not know", R4, `<Patient><name soort="x"><text value="A"/></name></Patient>`, `"name":[{"soort":"x","text":"A"}]`},
		{"a resource and more in one place", R4, `<Patient><contained><Organization/><a value="1"/></contained></Patient>`, `"contained":[{"a":"1","resource":{"resourceType":"Organization"}}]`},
		{"comments and instructions", R4, `<Patient><!-- x --><?y z?><gender value="male"/></Patient>`, `"gender":"male"`},
		{"schema location", R4, `<Patient xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"><gender value="male"/></Patient>`, `"gender":"male"`},
		{"escapes", R4, `<Patient><name><text value="&lt;&quot;A&#10;é"/></name></Patient>`, `"name":[{"text":"<\"A\né"}]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			typ, _, _ := strings.Cut(tc.in[1:], ">")
			typ, _, _ = strings.Cut(typ, " ")
			in := "<" + typ + " " + fhirNS + tc.in[1+len(typ):]
			want := `{"resourceType":"` + typ + `",` + strings.ReplaceAll(tc.want, "\n", `\n`) + `}`
			if diff := cmp.Diff(want, mustJSON(t, in, tc.v)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestXMLBundleBecomesAJSONBundle(t *testing.T) {
	const in = `<?xml version="1.0" encoding="UTF-8"?>
<Bundle ` + fhirNS + `><type value="searchset"/><total value="1"/>
 <link><relation value="next"/><url value="https://x.nl/?p=2&amp;q=1"/></link>
 <entry><fullUrl value="urn:uuid:1"/><resource><Patient><id value="p"/></Patient></resource><search><mode value="match"/></search></entry>
 <entry><response><status value="201"/><outcome><OperationOutcome><issue><code value="x"/></issue></OperationOutcome></outcome></response></entry>
</Bundle>`
	b := ReadBundle(strings.NewReader(mustJSON(t, in, STU3)), STU3)
	var got []string
	for e, err := range b.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(e.Resource.Ref, e.Resource.FullURL, e.Mode, e.Status, len(e.Issues)))
	}
	want := []string{"Patient/purn:uuid:1match0"}
	if len(got) != 2 || got[0] != fmt.Sprint(Ref{"Patient", "p"}, "urn:uuid:1", "match", "", 0) || b.Total != 1 || b.Next != "https://x.nl/?p=2&q=1" {
		t.Errorf("%q %q %d %q", want, got, b.Total, b.Next)
	}
}

func TestXMLWithPrefixes(t *testing.T) {
	const in = `<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><f:text><h:div><h:p>a</h:p><h:p>b</h:p></h:div></f:text></f:Patient>`
	want := `{"resourceType":"Patient","text":{"div":"<h:div xmlns:h=\"http://www.w3.org/1999/xhtml\"><h:p>a</h:p><h:p>b</h:p></h:div>"}}`
	got := mustJSON(t, in, R4)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if text := Narrative(Parse([]byte(got), R4).Node().Str("text", "div")); text != "a\nb" {
		t.Errorf("narrative %q", text)
	}
	const mixed = `<f:Patient xmlns:f="http://hl7.org/fhir" xmlns="http://www.w3.org/1999/xhtml"><f:text><div>a</div></f:text></f:Patient>`
	if got := mustJSON(t, mixed, R4); !strings.Contains(got, `<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>`) {
		t.Error(got)
	}
}

func TestXMLThatIsRefused(t *testing.T) {
	deep := strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200)
	const open = `<Patient ` + fhirNS + `>`
	for name, in := range map[string]string{
		"nothing":             ``,
		"text":                `Jan Geheim`,
		"no namespace":        `<Patient/>`,
		"another namespace":   `<Patient xmlns="http://geheim.nl"/>`,
		"xhtml as the root":   `<div xmlns="http://www.w3.org/1999/xhtml"/>`,
		"foreign element":     open + `<x xmlns="http://geheim.nl"/></Patient>`,
		"doctype":             `<!DOCTYPE a [<!ENTITY geheim "x">]>` + open + `</Patient>`,
		"entity":              open + `<id value="&geheim;"/></Patient>`,
		"cut off":             open + `<name>`,
		"cut off in a div":    open + `<text><div xmlns="http://www.w3.org/1999/xhtml"><p>Geheim`,
		"wrong end":           open + `<geheim></Patient>`,
		"too deep":            open + deep + `</Patient>`,
		"div too deep":        open + `<text><div xmlns="http://www.w3.org/1999/xhtml">` + deep + `</div></text></Patient>`,
		"two roots":           open + `</Patient>` + open + `</Patient>`,
		"text behind":         open + `</Patient>Geheim`,
		"rubbish behind":      open + `</Patient><`,
		"another encoding":    `<?xml version="1.0" encoding="ISO-8859-1"?>` + open + `</Patient>`,
		"bad UTF-8":           open + "<id value=\"\xff\"/></Patient>",
		"duplicate attribute": open + `<id value="1" value="2"/><`,
	} {
		t.Run(name, func(t *testing.T) {
			out, err := XMLToJSON(strings.NewReader(in), R4)
			if !errors.Is(err, ErrXML) {
				t.Fatalf("%s, %v", out, err)
			}
			if strings.Contains(strings.ToLower(err.Error()), "geheim") {
				t.Errorf("the error quotes the document: %v", err)
			}
		})
	}
}

func TestXMLTooLarge(t *testing.T) {
	in := io.MultiReader(strings.NewReader(`<Patient `+fhirNS+`><!--`), io.LimitReader(zeros{}, 1<<20), strings.NewReader(`--></Patient>`))
	if _, err := xmlToJSON(in, R4, 1<<20); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
}

// zeros is an endless row of the digit 0.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func TestElementTables(t *testing.T) {
	for _, tc := range []struct {
		v         Version
		typ, name string
		want      element
	}{
		{STU3, "Patient", "id", element{kind: "s"}},
		{STU3, "Patient", "contained", element{kind: "FhirResource", repeats: true}},
		{R4, "Observation", "status", element{kind: "s", required: true}},
		{R4, "Observation", "valueQuantity", element{kind: "Quantity", choice: "value"}},
		{STU3, "Observation", "interpretation", element{kind: "CodeableConcept"}},
		{R4, "Observation", "interpretation", element{kind: "CodeableConcept", repeats: true}},
		{R4, "Bundle", "entry", element{kind: "BundleEntry", repeats: true}},
		{STU3, "BundleEntry", "resource", element{kind: "FhirResource"}},
		{R4, "Age", "value", element{kind: "n"}},
		{R4, "Dosage", "asNeededBoolean", element{kind: "b", choice: "asNeeded"}},
		{R4, "Task", "reasonCode", element{kind: "CodeableConcept"}},
		{R4, "Provenance", "target", element{kind: "Reference", repeats: true, required: true}},
	} {
		if got, ok := elementsOf(tc.v).find(tc.typ, tc.name); !ok || got != tc.want {
			t.Errorf("%v %s.%s: %+v", tc.v, tc.typ, tc.name, got)
		}
	}
	for _, v := range [...]Version{STU3, R4} {
		table := elementsOf(v)
		for name, typ := range table {
			if typ.base != "" && table[typ.base].elements == nil {
				t.Errorf("%v: the base of %s is unknown", v, name)
			}
			for _, e := range typ.elements {
				if !e.isPrimitive() && e.kind != "FhirResource" && table[e.kind].elements == nil {
					t.Errorf("%v: %s has an element of the unknown type %s", v, name, e.kind)
				}
			}
		}
	}
	if _, ok := tableR4().find("Patient", "animal"); ok {
		t.Error("R4 has no animals")
	}
}
