package aggregator

import (
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// TestNoAutoMerge: without the rules everything that they would put on one line
// stands side by side, copies are one record still, and every invariant holds.
func TestNoAutoMerge(t *testing.T) {
	medicines := [][]fhir.Record{
		at("gp", "49", fhir.R4, plain("a", "111").period("2025-12-01", "").object),
		at("ph", "35", fhir.R4, administration("b", "111").period("2025-12-01", "").object),
	}
	allergies := [][]fhir.Record{
		at("gp", "49", fhir.R4, allergyTo("x", fhir.SNK, "23167", "AMOXICILLINE", "active", "")),
		at("ho", "48", fhir.R4, allergyTo("y", fhir.SNK, "23167", "AMOXICILLINE", "active", "")),
	}
	copies := [][]fhir.Record{
		at("gp", "49", fhir.R4, plain("a", "111").ident("R-100").object), at("ho", "48", fhir.R4, plain("b", "111").ident("R-100").object),
	}
	for name, c := range map[string]struct {
		sets    [][]fhir.Record
		subject string
		lines   int
	}{
		"medicines": {medicines, "medication", 2}, "allergies": {allergies, "allergy", 2}, "copies": {copies, "medication", 1},
	} {
		var records []fhir.Record
		for _, s := range c.sets {
			records = append(records, s...)
		}
		in := Input{AsOf: caseT, NoAutoMerge: true}
		o, err := Merge(seq(records), in)
		if err != nil {
			t.Fatal(err)
		}
		checkInvariants(t, records, in, o)
		items := o.Subject(c.subject)
		if len(items) != c.lines || (c.lines == 2 && (items[0].Group == "" || items[0].Group != items[1].Group)) {
			t.Errorf("%s: %d lines, groups %v", name, len(items), o.Groups)
		}
	}
}

// TestAFileAboutSomebodyElseStandsBeside is S15: what a file says about a
// Patient who differs shares no line with what a provider says.
func TestAFileAboutSomebodyElseStandsBeside(t *testing.T) {
	self := at(fhir.Self, "", fhir.R4, object{"resourceType": "Patient", "id": "self", "name": []any{object{"family": "Jansen"}}})
	file := []fhir.Record{
		recordOf("file:map", "", fhir.R4, object{"resourceType": "Patient", "id": "p", "name": []any{object{"family": "Bakker"}}}),
		recordOf("file:map", "", fhir.R4, administration("b", "111").period("2025-12-01", "").object),
	}
	o := merged(t, self, file, at("gp", "49", fhir.R4, plain("a", "111").period("2025-12-01", "").object))
	if items := o.Subject("medication"); len(items) != 2 || items[0].Group == "" || items[0].Group != items[1].Group {
		t.Errorf("%d lines", len(items))
	}
}
