package r4

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
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
		`{"resourceType":"Observation","related":["some long words",{"type":"some other words"}],"comment":["one long remark","two long remarks"]}`,
		`{"resourceType":"Consent","period":"some long words","policyRule":["one long rule","two long rules"],"except":["three long words"]}`,
		`{"resourceType":"MedicationRequest","requester":["some long words"],"context":"more long words","substitution":{"allowed":"other long words"}}`,
		`{"resourceType":"Immunization","explanation":"some long words","date":["more long words"],"notGiven":"other long words"}`,
		`{"resourceType":"AllergyIntolerance","clinicalStatus":["some long words"],"_clinicalStatus":{"extension":["more long words"]}}`,
		`{"resourceType":"DocumentReference","created":["some long words"],"context":{"related":[{"ref":"more long words"}]}}`,
		`{"resourceType":"Device","udi":["some long words"],"version":["more long words"],"model":{"x":"other long words"}}`,
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
		if lost := lostWords(t, r, out); lost != "" && !slices.ContainsFunc(notes, func(n Note) bool { return n.Change == Left }) {
			t.Fatalf("%s is lost without a note: %s", lost, out)
		}
		for _, found := range Check(out) {
			if found.Problem == Unknown || found.Problem == NotJSON || found.Problem == NotList {
				t.Fatalf("%s in %s", found, out)
			}
		}
		_, _ = ModelLoss(out)
	})
}

// lostWords is a longer text of the original that is not in the result.
func lostWords(t *testing.T, r fhir.Resource, out []byte) string {
	have := scalars(mustParse(t, out), map[string]int{})
	for s := range scalars(mustParse(t, r.Bytes()), map[string]int{}) {
		was := text(scalar(s))
		name := inR4(string(str(was)))
		renamed := strings.HasPrefix(was, "http") || strings.Contains(was, "-") || len(was) < 11 // names and codes
		if !renamed && have[name] == 0 && have[s] == 0 {
			return s
		}
	}
	return ""
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
