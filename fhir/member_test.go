package fhir

import "testing"

func TestMember(t *testing.T) {
	for _, tc := range []struct {
		v         Version
		typ, name string
		want      Member
		ok        bool
	}{
		{STU3, "Observation", "comment", Member{Kind: "s"}, true},
		{R4, "Observation", "comment", Member{}, false},
		{STU3, "Observation", "interpretation", Member{Kind: "CodeableConcept"}, true},
		{R4, "Observation", "interpretation", Member{Kind: "CodeableConcept", Repeats: true}, true},
		{R4, "Observation", "valueQuantity", Member{Kind: "Quantity"}, true},
		{R4, "Observation", "value", Member{}, false},
		{R4, "Observation", "status", Member{Kind: "s", Required: true}, true},
		{STU3, "Age", "value", Member{Kind: "n"}, true}, // of the type it builds on
		{R4, "Observation", "modifierExtension", Member{Kind: "Extension", Repeats: true}, true},
		{STU3, "ServiceRequest", "status", Member{}, false},
	} {
		m, ok := tc.v.Member(tc.typ, tc.name)
		if m != tc.want || ok != tc.ok {
			t.Errorf("%v %s.%s: %+v %v", tc.v, tc.typ, tc.name, m, ok)
		}
	}
	if !STU3.HasType("ProcedureRequest") || R4.HasType("ProcedureRequest") || R4.HasType("") {
		t.Error("types of a release")
	}
	if m, _ := R4.Member("Patient", "birthDate"); !m.IsPrimitive() {
		t.Error("a date is primitive")
	}
	if m, _ := R4.Member("Patient", "name"); m.IsPrimitive() {
		t.Error("a name is not primitive")
	}
}
