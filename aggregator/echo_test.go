package aggregator

import (
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// TestWhatIsAnEcho: code, value, second and the share event must all be there
// (merge.md 6.2).
func TestWhatIsAnEcho(t *testing.T) {
	pressure := func(id string, change func(object)) object {
		o := object{
			"resourceType": "Observation", "id": id, "status": "final", "category": []any{concept(fhir.ObservationCategory, "vital-signs", "")},
			"code": concept(fhir.LOINC, "29463-7", ""), "effectiveDateTime": "2026-01-10T08:00:00+01:00",
			"performer": []any{object{"reference": "Patient/p"}}, "valueQuantity": object{"value": 80.5, "unit": "kg", "system": fhir.UCUM, "code": "kg"},
		}
		if change != nil {
			change(o)
		}
		return o
	}
	sent := []Sent{{Ref: fhir.Ref{Type: "Observation", ID: "own"}, Source: "medmij:gp@medmij", At: caseT}}
	for name, c := range map[string]struct {
		provider string
		change   func(object)
		sent     []Sent
		want     int
	}{
		"it is": {"gp", nil, sent, 1},
		"the same weight in grams": {"gp", func(o object) {
			o["valueQuantity"] = object{"value": 80500, "unit": "g", "system": fhir.UCUM, "code": "g"}
		}, sent, 1},
		"the same second elsewhere": {"gp", func(o object) { o["effectiveDateTime"] = "2026-01-10T07:00:00Z" }, sent, 1},
		"a code beside ours": {"gp", func(o object) {
			o["code"] = object{"coding": []any{coding(fhir.LOINC, "29463-7", ""), coding(fhir.NHG45, "357", "")}}
		}, sent, 1},
		"never sent":                  {"gp", nil, nil, 2},
		"sent to another":             {"ho", nil, sent, 2},
		"another value":               {"gp", func(o object) { o["valueQuantity"] = object{"value": 80.6, "unit": "kg"} }, sent, 2},
		"a second later":              {"gp", func(o object) { o["effectiveDateTime"] = "2026-01-10T08:00:01+01:00" }, sent, 2},
		"only the day":                {"gp", func(o object) { o["effectiveDateTime"] = "2026-01-10" }, sent, 2},
		"the practice measured it":    {"gp", func(o object) { o["performer"] = []any{object{"reference": "Practitioner/x"}} }, sent, 2},
		"another code":                {"gp", func(o object) { o["code"] = concept(fhir.LOINC, "8302-2", "") }, sent, 2},
		"it was withdrawn over there": {"gp", func(o object) { o["status"] = "entered-in-error" }, sent, 2},
	} {
		records := append(at(fhir.Self, "", fhir.R4, pressure("own", nil)), at(c.provider, "48", fhir.R4, pressure("back", c.change))...)
		o, err := Merge(seq(records), Input{AsOf: caseT, Sent: c.sent})
		if err != nil {
			t.Fatal(err)
		}
		items := o.Subject("vital")
		if len(items) != c.want {
			t.Errorf("%s: %d items", name, len(items))
			continue
		}
		for _, i := range items {
			own := i.Value.(*Result).Own
			if own != (i.Parts[0].Source == fhir.Self || len(items) == 1) {
				t.Errorf("%s: own is %v of %v", name, own, i.Parts)
			}
		}
	}
}
