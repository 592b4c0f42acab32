package fhir

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJSONToXML(t *testing.T) {
	const space = ` xmlns="http://hl7.org/fhir"`
	for name, c := range map[string]struct{ in, want string }{
		"values": {
			`{"resourceType":"Patient","active":true,"birthDate":"1961","multipleBirthInteger":2}`,
			`<Patient` + space + `><active value="true"></active><birthDate value="1961"></birthDate><multipleBirthInteger value="2"></multipleBirthInteger></Patient>`,
		},
		"what every resource begins with": {
			`{"name":[{"family":"B"}],"meta":{"versionId":"1"},"id":"p","resourceType":"Patient"}`,
			`<Patient` + space + `><id value="p"></id><meta><versionId value="1"></versionId></meta><name><family value="B"></family></name></Patient>`,
		},
		"a decimal keeps its digits": {
			`{"resourceType":"Observation","valueQuantity":{"value":5.10}}`,
			`<Observation` + space + `><valueQuantity><value value="5.10"></value></valueQuantity></Observation>`,
		},
		"lists with gaps and extensions of values": {
			`{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"g","extension":[{"url":"u","valueCode":"masked"}]}]}]}`,
			`<Patient` + space + `><name><given value="A"></given><given id="g"><extension url="u"><valueCode value="masked"></valueCode></extension></given></name></Patient>`,
		},
		"ids and urls that are attributes, and those that are not": {
			`{"resourceType":"ValueSet","id":"v","url":"http://x","contact":[{"id":"c","name":"n"}]}`,
			`<ValueSet` + space + `><id value="v"></id><url value="http://x"></url><contact id="c"><name value="n"></name></contact></ValueSet>`,
		},
		"a resource inside": {
			`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","id":"f"}}]}`,
			`<Bundle` + space + `><entry><resource><Flag><id value="f"></id></Flag></resource></entry></Bundle>`,
		},
		"signs": {
			`{"resourceType":"Flag","status":"a<b&\"c\""}`,
			`<Flag` + space + `><status value="a&lt;b&amp;&#34;c&#34;"></status></Flag>`,
		},
		"a narrative": {
			`{"resourceType":"Flag","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><b>x</b></div>"}}`,
			`<Flag` + space + `><text><div xmlns="http://www.w3.org/1999/xhtml"><b>x</b></div></text></Flag>`,
		},
		"a narrative that is no XML": {
			`{"resourceType":"Flag","text":{"div":"<div>x<br></div>"}}`,
			`<Flag` + space + `><text><div xmlns="http://www.w3.org/1999/xhtml">x</div></text></Flag>`,
		},
		"nothing": {`{"resourceType":"Flag","status":null}`, `<Flag` + space + `></Flag>`},
	} {
		out, err := JSONToXML([]byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := strings.TrimPrefix(string(out), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWhatCannotBeWrittenAsXML(t *testing.T) {
	for name, in := range map[string]string{
		"no JSON":          `{`,
		"no resource":      `{"id":"x"}`,
		"a list":           `[]`,
		"a name with a <":  `{"resourceType":"Flag","<script>":"x"}`,
		"a type with a >":  `{"resourceType":"Flag><x"}`,
		"a name of spaces": `{"resourceType":"Flag"," ":{"a":"b"}}`,
		"nested too deep":  strings.Repeat(`{"resourceType":"Flag","a":`, 101) + `1` + strings.Repeat("}", 101),
	} {
		if out, err := JSONToXML([]byte(in)); !errors.Is(err, ErrXML) {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
}

// A narrative cannot bring elements of its own into the resource.
func TestANarrativeStaysANarrative(t *testing.T) {
	for _, div := range []string{
		`</div></text><status value=\"x\"/><text><div>`, `<div xmlns=\"http://www.w3.org/1999/xhtml\"/><status/>`,
		`<div xmlns=\"http://hl7.org/fhir\"><status value=\"x\"/></div>`, `<!DOCTYPE x><div xmlns=\"http://www.w3.org/1999/xhtml\"/>`,
	} {
		out, err := JSONToXML([]byte(`{"resourceType":"Flag","text":{"div":"` + div + `"}}`))
		if err != nil {
			t.Errorf("%s: %v", div, err)
			continue
		}
		if strings.Contains(string(out), "<status") || strings.Contains(string(out), "DOCTYPE") {
			t.Errorf("%s became %s", div, out)
		}
	}
}

func FuzzJSONToXML(f *testing.F) {
	f.Add([]byte(`{"resourceType":"Patient","name":[{"given":["A"],"_given":[{"id":"x"}]}],"text":{"div":"<div/>"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		out, err := JSONToXML(raw)
		if err != nil || !strings.Contains(string(out), "<") {
			return
		}
		// What was written is well-formed; XMLToJSON may refuse its content.
		if _, err := XMLToJSON(strings.NewReader(string(out)), R4); err != nil && strings.Contains(err.Error(), "bad XML") {
			t.Errorf("%q became bad XML: %v", raw, err)
		}
	})
}
