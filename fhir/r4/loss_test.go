package r4

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

// TestModelLoss pins what samply's models lose (v0.3.2), so that an upgrade
// that loses more or less is noticed (data-services.md 3.3).
func TestModelLoss(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"nothing", `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1"}]},"valueQuantity":{"value":1.10,"unit":"a<b"}}`, ""},
		{"extensions of primitives", `{"resourceType":"Patient","gender":"female","_gender":{"id":"x"},"name":[{"given":["A"],"_given":[{"id":"x"}]}]}`, "Patient._gender: lost Patient.name[0]._given: lost"},
		{"a masked number", `{"resourceType":"Patient","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","_value":{"extension":[{"url":"a","valueCode":"masked"}]}}]}`, "Patient.identifier[0]._value: lost"},
		{"contained", `{"resourceType":"Immunization","contained":[{"resourceType":"Location","id":"l"}],"status":"completed","vaccineCode":{"text":"x"},"patient":{"reference":"Patient/p"},"occurrenceDateTime":"2020","location":{"reference":"#l"}}`, "Immunization.contained: lost Immunization.occurrenceString: invented"},
		{"a medicine by reference", `{"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"display":"x"},"medicationReference":{"display":"y"}}`, "MedicationRequest.medicationCodeableConcept: invented"},
		{"a use by reference", `{"resourceType":"MedicationStatement","status":"active","subject":{"display":"x"},"medicationReference":{"display":"y"}}`, "MedicationStatement.medicationCodeableConcept: invented"},
		{"no status", `{"resourceType":"Observation","code":{"text":"x"}}`, "Observation.status: invented"},
		{"no code", `{"resourceType":"Observation","status":"final"}`, "Observation.code: invented"},
		{"unknown elements", `{"resourceType":"Observation","status":"final","code":{"text":"x","colour":"red"},"comment":"y"}`, "Observation.code.colour: lost Observation.comment: lost"},
		{"a hole in a list", `{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"x"}]}]}`, "Patient.name[0].given[1]: changed Patient.name[0]._given: lost"},
		{"the payload of a message", `{"resourceType":"Communication","status":"completed","payload":[{"contentString":"x"}]}`, "Communication.payload[0].contentAttachment: invented Communication.payload[0].contentReference: invented"},
		{"a number's digits", `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.0E-3}}`, ""},
		{"a narrative", `{"resourceType":"Flag","text":{"status":"generated","div":"<div>\u00e9 & <b>x</b></div>"},"status":"active","code":{"text":"x"},"subject":{"display":"y"}}`, ""},
		{"a resource in a Bundle", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","_gender":{"id":"x"}}}]}`, ""},
	}
	for _, tt := range tests {
		loss, err := ModelLoss([]byte(tt.raw))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		var got []string
		for _, l := range loss {
			got = append(got, l.String())
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestModelLossRefuses(t *testing.T) {
	tests := []struct {
		raw  string
		want error
	}{
		{`{"resourceType":"Claim"}`, ErrNoModel},
		{`{}`, ErrNoModel},
		{`[`, errJSON},
		{`{"resourceType":"Observation","status":"definitief"}`, ErrModel},
		{`{"resourceType":"Observation","interpretation":{"text":"H"}}`, ErrModel},
		{`{"resourceType":"Observation","valueInteger":1.0}`, ErrModel},
	}
	for _, tt := range tests {
		if loss, err := ModelLoss([]byte(tt.raw)); loss != nil || !errors.Is(err, tt.want) || strings.Contains(err.Error(), "definitief") {
			t.Errorf("%s: %v %v", tt.raw, loss, err)
		}
	}
}

// TestModelsOfAllConverted: whatever a conversion can give has a model.
func TestModelsOfAllConverted(t *testing.T) {
	for typ := range ruleTable {
		if to, ok := renamedTypes[typ]; ok {
			typ = to
		}
		if modelOf(typ) == nil {
			t.Errorf("%s has no model", typ)
		}
	}
}

// TestFixturesInModels: STU3 fails or loses elements in models of R4; what
// is converted is refused only where the original has no code of FHIR.
func TestFixturesInModels(t *testing.T) {
	refused, lossy, all := 0, 0, 0
	for _, f := range allFixtures(t, fhir.STU3) {
		out, _, err := Convert(f.Resource)
		if err != nil {
			t.Fatal(err)
		}
		loss, err := ModelLoss(out)
		all++
		if err != nil {
			refused++
		}
		if len(loss) > 0 {
			lossy++
		}
		for _, l := range loss {
			if name := l.Path[strings.LastIndexByte(l.Path, '.')+1:]; l.Harm == Lost && name[0] != '_' && name != "contained" {
				t.Errorf("%s: %s", f.file, l)
			}
		}
	}
	if t.Logf("%d converted: %d refused, %d lose", all, refused, lossy); refused > 1 {
		t.Errorf("%d are refused", refused)
	}
}
