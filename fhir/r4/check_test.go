package r4

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sound = `{"resourceType":"Observation","id":"a-1","meta":{"lastUpdated":"2020-01-01T10:00:00.123+01:00","profile":["https://example.nl/p"]},
 "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},
 "contained":[{"resourceType":"Patient","id":"p","name":[{"given":["A",null],"_given":[null,{"extension":[{"url":"https://example.nl/e","valueCode":"x"}]}]}]}],
 "extension":[{"url":"https://example.nl/e","extension":[{"url":"deep","valueDecimal":1.10}]}],
 "status":"final","category":[{"coding":[{"system":"http://loinc.org","code":"a b"}]}],"code":{"text":"x"},
 "effectiveDateTime":"2020","issued":"2020-02-29T23:59:60Z","valueQuantity":{"value":-1.5E3,"comparator":"<","unit":"kg"},
 "component":[{"code":{"text":"y"},"valueInteger":-4}],"referenceRange":[{"low":{"value":0},"age":{"high":{"value":3}}}]}`

func TestCheckSound(t *testing.T) {
	for _, raw := range []string{
		sound,
		`{"resourceType":"Patient"}`,
		`{"resourceType":"Patient","active":false,"_birthDate":{"extension":[{"url":"a","valueCode":"unknown"}]},"multipleBirthInteger":2}`,
		`{"resourceType":"Coverage","_status":{"id":"x"},"beneficiary":{"display":"x"},"payor":[{"display":"y"}]}`,
		`{"resourceType":"Bundle","type":"collection","total":0,"entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Basic","code":{"text":"x"}}}]}`,
		`{"resourceType":"Binary","contentType":"text/plain","data":"QUJD\nRA=="}`,
		`{"resourceType":"Parameters","parameter":[{"name":"x","part":[{"name":"y","valueDosage":{"text":"z"}}]}]}`,
		`{"resourceType":"QuestionnaireResponse","status":"completed","item":[{"linkId":"1","answer":[{"valueTime":"10:00:00","item":[{"linkId":"2"}]}]}]}`,
		`{"resourceType":"Task","status":"requested","intent":"order","restriction":{"repetitions":1},"input":[{"type":{"text":"x"},"valueUnsignedInt":0}]}`,
	} {
		if found := Check([]byte(raw)); found != nil {
			t.Errorf("%v in %s", found, raw)
		}
	}
}

// TestCheckMutants changes one thing of a sound resource at a time.
func TestCheckMutants(t *testing.T) {
	tests := []struct{ old, replacement, want string }{
		{`"status":"final",`, ``, "Observation.status: missing"},
		{`"code":{"text":"x"},`, ``, "Observation.code: missing"},
		{`"code":{"text":"y"},`, ``, "Observation.component[0].code: missing"},
		{`"url":"deep",`, ``, "Observation.extension[0].extension[0].url: missing"},
		{`"div":`, `"duv":`, "Observation.text.duv: unknown Observation.text.div: missing"},
		{`"status":"final"`, `"status":"definitief"`, "Observation.status: bad-code"},
		{`"status":"final"`, `"status":5`, "Observation.status: wrong-type"},
		{`"status":"final"`, `"status":{"text":"final"}`, "Observation.status: wrong-type"},
		{`"status":"final"`, `"status":["final"]`, "Observation.status: not-one"},
		{`"status":"final"`, `"status":null`, "Observation.status: wrong-type"},
		{`"status":"final"`, `"status":""`, "Observation.status: bad-value"},
		{`"comparator":"<"`, `"comparator":"~"`, "Observation.valueQuantity.comparator: bad-code"},
		{`"comparator":"<"`, `"comparison":"<"`, "Observation.valueQuantity.comparison: unknown"},
		{`"value":-1.5E3`, `"value":"-1.5"`, "Observation.valueQuantity.value: wrong-type"},
		{`"valueInteger":-4`, `"valueInteger":-4.0`, "Observation.component[0].valueInteger: bad-value"},
		{`"valueInteger":-4`, `"valueInteger":true`, "Observation.component[0].valueInteger: wrong-type"},
		{`"valueInteger":-4`, `"valueInteger":4,"valueString":"4"`, "Observation.component[0].valueString: two-forms"},
		{`"valueInteger":-4`, `"valueAttachment":{"title":"x"}`, "Observation.component[0].valueAttachment: unknown"},
		{`"valueInteger":-4`, `"interpretation":{"text":"H"}`, "Observation.component[0].interpretation: not-a-list"},
		{`"category":[`, `"category":[[],`, "Observation.category[0]: wrong-type"},
		{`"category":[`, `"category":["x",`, "Observation.category[0]: wrong-type"},
		{`"category":[`, `"category":[null,`, "Observation.category[0]: wrong-type"},
		{`"category":[`, `"category":[{},`, "Observation.category[0]: empty"},
		{`"category":[`, `"hasMember":[],"category":[`, "Observation.hasMember: empty"},
		{`"effectiveDateTime":"2020"`, `"effectiveDateTime":"2020-13"`, "Observation.effectiveDateTime: bad-value"},
		{`"effectiveDateTime":"2020"`, `"effectiveDateTime":"2020-01-01T10:00:00"`, "Observation.effectiveDateTime: bad-value"},
		{`"effectiveDateTime":"2020"`, `"effectiveDateTime":"2020","_effectivePeriod":{"id":"x"}`, "Observation._effectivePeriod: unknown"},
		{`"issued":"2020-02-29T23:59:60Z"`, `"issued":"2020-02-29"`, "Observation.issued: bad-value"},
		{`"issued":"2020-02-29T23:59:60Z"`, `"_issued":{}`, "Observation._issued: empty"},
		{`"issued":"2020-02-29T23:59:60Z"`, `"_issued":[{"id":"x"}]`, "Observation._issued: not-one"},
		{`"issued":"2020-02-29T23:59:60Z"`, `"_code":{"id":"x"}`, "Observation._code: unknown"},
		{`"given":["A",null]`, `"given":["A",null,null]`, "Observation.contained[0].name[0].given[2]: wrong-type"},
		{`"_given":[null,`, `"_given":[{"colour":"x"},`, "Observation.contained[0].name[0]._given[0].colour: unknown"},
		{`"resourceType":"Patient",`, ``, "Observation.contained[0]: no-such-type"},
		{`"resourceType":"Patient"`, `"resourceType":"Pet"`, "Observation.contained[0]: no-such-type"},
		{`"resourceType":"Patient"`, `"resourceType":"HumanName"`, "Observation.contained[0]: no-such-type"},
		{`"id":"a-1"`, `"id":"a_1"`, "Observation.id: bad-value"},
		{`"id":"a-1"`, `"comment":"x"`, "Observation.comment: unknown"},
		{`"code":"a b"`, `"code":" a"`, "Observation.category[0].coding[0].code: bad-value"},
		{`"system":"http://loinc.org"`, `"system":"loinc org"`, "Observation.category[0].coding[0].system: bad-value"},
		{`"lastUpdated":"2020-01-01T10:00:00.123+01:00"`, `"lastUpdated":"2020"`, "Observation.meta.lastUpdated: bad-value"},
		{`"<div xmlns`, `"<p xmlns`, "Observation.text.div: bad-value"},
		{`"code":{"text":"x"}`, `"code":{"text":"x","resourceType":"Observation"}`, "Observation.code.resourceType: unknown"},
		{`"age":{"high":{"value":3}}`, `"age":{"high":{"value":3,"currency":"EUR"}}`, "Observation.referenceRange[0].age.high.currency: unknown"},
	}
	for _, tt := range tests {
		if strings.Count(sound, tt.old) != 1 {
			t.Fatalf("%s: %d times", tt.old, strings.Count(sound, tt.old))
		}
		raw := strings.Replace(sound, tt.old, tt.replacement, 1)
		if got := strings.Trim(fmt.Sprint(Check([]byte(raw))), "[]"); strings.TrimSuffix(got, "[]") != tt.want {
			t.Errorf("%s -> %s: %s, want %s", tt.old, tt.replacement, got, tt.want)
		}
	}
}

func TestCheckOtherPrimitives(t *testing.T) {
	tests := []struct{ value, want string }{
		{`"valueUuid":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"`, ""},
		{`"valueUuid":"c757873d-ec9a-4326-a141-556f43239520"`, "bad-value"},
		{`"valueOid":"urn:oid:2.16.840"`, ""},
		{`"valueOid":"2.16.840"`, "bad-value"},
		{`"valuePositiveInt":0`, "bad-value"},
		{`"valueUnsignedInt":-1`, "bad-value"},
		{`"valueDecimal":0.010`, ""},
		{`"valueBoolean":"true"`, "wrong-type"},
		{`"valueTime":"24:00:00"`, "bad-value"},
		{`"valueDate":"2020-02-30T00:00:00Z"`, "bad-value"},
		{`"valueBase64Binary":"AAA"`, "bad-value"},
		{`"valueBase64Binary":"A*AA"`, "bad-value"},
		{`"valueBase64Binary":""`, "bad-value"},
		{`"valueString":"  "`, ""},
		{`"valueMarkdown":""`, "bad-value"},
		{`"valueMoney":{"value":1,"currency":"EUR"}`, ""},
	}
	for _, tt := range tests {
		var got []string
		for _, f := range Check([]byte(`{"resourceType":"Patient","extension":[{"url":"a",` + tt.value + `}]}`)) {
			got = append(got, string(f.Problem))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %q", tt.value, got, tt.want)
		}
	}
}

func TestCheckWhatIsNoResource(t *testing.T) {
	tests := map[string]Finding{
		``:                                    {"", NotJSON},
		`[]`:                                  {"", NotJSON},
		`{"resourceType":"Patient"} x`:        {"", NotJSON},
		`{"resourceType":"Patient"`:           {"", NotJSON},
		`{"a":1,"a":2}`:                       {"", NotJSON},
		"{\"resourceType\":\"\xff\"}":         {"", NotJSON},
		`{}`:                                  {"", NoType},
		`{"resourceType":5}`:                  {"", NoType},
		`{"resourceType":"ProcedureRequest"}`: {"ProcedureRequest", NoType},
	}
	for raw, want := range tests {
		if diff := cmp.Diff([]Finding{want}, Check([]byte(raw))); diff != "" {
			t.Errorf("%s: %s", raw, diff)
		}
	}
}
