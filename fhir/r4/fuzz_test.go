package r4

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// FuzzConvert: whatever comes in, a conversion gives JSON or an error, the same
// each time, and what is converted is in its final form.
func FuzzConvert(f *testing.F) {
	for _, c := range ruleCases(f) {
		f.Add(c.in)
	}
	for _, odd := range []string{
		`{"resourceType":"Observation","related":[[{"type":"has-member"}],5,null],"comment":{"a":1},"_comment":[null]}`,
		`{"resourceType":"Consent","except":5,"category":{"coding":[[]]},"policyRule":["a"]}`,
		`{"resourceType":"MedicationRequest","requester":[[]],"dosageInstruction":{"doseQuantity":null,"_doseRange":1},"modifierExtension":[{"url":5}]}`,
		`{"resourceType":"Questionnaire","item":{"initial":1,"_initialString":{},"item":[{"options":[{}]}]}}`,
		`{"resourceType":"Medication","package":[{"batch":[null],"content":5}],"contained":[[],{"resourceType":"Medication","contained":{}}]}`,
		`{"resourceType":"Bundle","entry":{"resource":[{"resourceType":"Parameters","parameter":[{"part":{"resource":{}}}]}]}}`,
		`{"resourceType":"Goal","status":null,"_status":{},"extension":{"url":"x"},"meta":[{"profile":{}}]}`,
		`{"resourceType":"Coverage","grouping":{"group":{},"planDisplay":[]},"":{"":[]},"_":{"_":null}}`,
	} {
		f.Add(odd)
	}
	f.Fuzz(func(t *testing.T, in string) {
		r := fhir.Parse([]byte(in), fhir.STU3)
		out, notes, err := Convert(r)
		again, notesAgain, errAgain := Convert(r)
		if !bytes.Equal(out, again) || len(notes) != len(notesAgain) || (err == nil) != (errAgain == nil) {
			t.Fatal("twice is not the same")
		}
		if err != nil {
			return
		}
		if !json.Valid(out) {
			t.Fatalf("not JSON: %s", out)
		}
		for _, found := range Check(out) {
			if found.Problem == Unknown || found.Problem == NotJSON || found.Problem == NotList {
				t.Fatalf("%s in %s", found, out)
			}
		}
		_, _ = ModelLoss(out)
	})
}

// FuzzCheck: a check never panics, and finds no fault with what has none.
func FuzzCheck(f *testing.F) {
	f.Add(sound)
	f.Add(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Bundle","_type":[null]}}],"_total":{"id":"x"}}`)
	f.Fuzz(func(t *testing.T, in string) {
		found := Check([]byte(in))
		if len(found) == 0 && fhir.Parse([]byte(in), fhir.R4).Type == "" {
			t.Fatal("nothing wrong with what is no resource")
		}
	})
}
