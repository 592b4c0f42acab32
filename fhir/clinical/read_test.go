package clinical_test

import (
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
	"github.com/google/go-cmp/cmp"
)

// TestWarnings says what is not understood, where, and nothing of what was
// written there.
func TestWarnings(t *testing.T) {
	const stop = "http://nictiz.nl/fhir/StructureDefinition/zib-Medication-StopType"
	for _, tc := range []struct {
		name string
		v    fhir.Version
		in   string
		want []clinical.Warning
	}{
		{"nothing", fhir.STU3, `{"resourceType":"Observation","status":"final","comment":"x","valueQuantity":{"value":1.50,"unit":"kg"}}`, nil},
		{"an element of the other release", fhir.R4, `{"resourceType":"Observation","status":"final","comment":"geheim"}`, []clinical.Warning{{"Observation.?", clinical.KindElement}}},
		{"an element of no release, deep", fhir.R4, `{"resourceType":"Observation","code":{"coding":[{"code":"1","kode":"geheim"}]}}`, []clinical.Warning{{"Observation.code.coding[0].?", clinical.KindElement}}},
		{"a sibling of what is no primitive", fhir.R4, `{"resourceType":"Observation","_code":{"id":"x"}}`, []clinical.Warning{{"Observation.?", clinical.KindElement}}},
		{"in a contained resource", fhir.R4, `{"resourceType":"Observation","contained":[{"resourceType":"Patient","id":"p","kleur":"blauw"}]}`, []clinical.Warning{{"Observation.contained[0].?", clinical.KindElement}}},
		{"a number that is none", fhir.R4, `{"resourceType":"Observation","valueQuantity":{"value":"1,5"}}`, []clinical.Warning{{"Observation.valueQuantity.value", clinical.KindNumber}}},
		{"a number beyond measure", fhir.R4, `{"resourceType":"Observation","valueQuantity":{"value":1e999999}}`, []clinical.Warning{{"Observation.valueQuantity.value", clinical.KindNumber}}},
		{"a boolean that is none", fhir.R4, `{"resourceType":"Patient","active":"ja"}`, []clinical.Warning{{"Patient.active", clinical.KindBoolean}}},
		{"a date that is none", fhir.R4, `{"resourceType":"Patient","birthDate":"01-02-1970"}`, []clinical.Warning{{"Patient.birthDate", clinical.KindDate}}},
		{"a date in a list", fhir.STU3, `{"resourceType":"AllergyIntolerance","reaction":[{"onset":"2020"},{"onset":"ooit"}]}`, []clinical.Warning{{"AllergyIntolerance.reaction[1].onset", clinical.KindDate}}},
		{"a code in no set", fhir.STU3, `{"resourceType":"Observation","status":"definitief"}`, []clinical.Warning{{"Observation.status", clinical.KindCode}}},
		{"a concept in no set", fhir.R4, `{"resourceType":"Condition","clinicalStatus":{"coding":[{"code":"bezig"}]}}`, []clinical.Warning{{"Condition.clinicalStatus", clinical.KindCode}}},
		{"a stop of a kind unknown", fhir.STU3, `{"resourceType":"MedicationRequest","modifierExtension":[{"url":"` + stop + `","valueCodeableConcept":{"coding":[{"code":"3"}]}}]}`, []clinical.Warning{{"MedicationRequest.extension", clinical.KindCode}}},
		{"a modifier", fhir.R4, `{"resourceType":"Procedure","modifierExtension":[{"url":"http://example.nl/omgekeerd","valueBoolean":true}]}`, []clinical.Warning{{"Procedure.modifierExtension[0]", clinical.KindModifier}}},
		{"a modifier deep", fhir.R4, `{"resourceType":"Observation","component":[{"code":{"text":"x"},"modifierExtension":[{"url":"http://example.nl/omgekeerd"}]}]}`, []clinical.Warning{{"Observation.component[0].modifierExtension[0]", clinical.KindModifier}}},
		{"a reference to nothing", fhir.R4, `{"resourceType":"Observation","performer":[{"type":"Patient"}]}`, []clinical.Warning{{"Observation.performer[0]", clinical.KindReference}}},
		{"a reference that says why", fhir.STU3, `{"resourceType":"Observation","performer":[{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}]}`, nil},
		{"bytes that are no resource", fhir.R4, `{"resourceType":"Patient"`, []clinical.Warning{{"Patient", clinical.KindFlaw}}},
		{"a type of no subject", fhir.R4, `{"resourceType":"Claim"}`, []clinical.Warning{{"Claim", clinical.KindNoSubject}}},
		{"a type of the other release", fhir.R4, `{"resourceType":"ProcedureRequest"}`, []clinical.Warning{{"ProcedureRequest", clinical.KindNoSubject}}},
		{"a type that does not exist", fhir.R4, `{"resourceType":"Geheim"}`, []clinical.Warning{{"?", clinical.KindNoSubject}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			value, got := clinical.Read(fhir.Parse([]byte(tc.in), tc.v))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if value == nil && len(got) == 0 {
				t.Error("dropped without a reason")
			}
		})
	}
}

// TestHead reads what all subjects have, and what they do not understand.
func TestHead(t *testing.T) {
	const in = `{"resourceType":"Flag","id":"f","meta":{"profile":["http://nictiz.nl/fhir/StructureDefinition/zib-Alert"],
		"tag":[{"system":"urn:oid:2.16.840.1.113883.2.4.6.7","code":"0320"},{"system":"http://example.nl","code":"x"}]},
		"identifier":[{"system":"http://example.nl/a","value":"1"},{"system":"http://fhir.nl/fhir/NamingSystem/bsn",
			"_value":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}}],
		"extension":[{"url":"http://example.nl/kleur","valueString":"rood"},{"url":"http://nictiz.nl/fhir/StructureDefinition/Comment","valueString":"let op"}],
		"modifierExtension":[{"url":"http://example.nl/omgekeerd","valueBoolean":true}],
		"contained":[{"resourceType":"Practitioner","id":"p"}],"status":"active","code":{"text":"x"},"kleur":"geheim"}`
	a, _ := clinical.ReadAlert(fhir.Parse([]byte(in), fhir.STU3))
	want := clinical.Head{
		Ref: fhir.Ref{Type: "Flag", ID: "f"}, Version: fhir.STU3, Profiles: []string{"http://nictiz.nl/fhir/StructureDefinition/zib-Alert"},
		CareTypes:   []fhir.Coding{{System: "urn:oid:2.16.840.1.113883.2.4.6.7", Code: "0320"}},
		Identifiers: []fhir.Ident{{System: "http://example.nl/a", Value: "1"}}, Extensions: 1, Unread: []string{"kleur"}, Beside: []string{"http://example.nl/kleur"},
		Absent: []string{"Flag.identifier[1].value"}, Contained: []fhir.Reference{{URL: "#p"}},
	}
	if diff := cmp.Diff(want, a.Head); diff != "" {
		t.Error(diff)
	}
	if a.Certain {
		t.Error("certain with a modifier that nobody knows")
	}
	if a.Code.Text != "x" || len(a.Remarks) != 1 {
		t.Errorf("a modifier must not hide the record: %+v", a)
	}
}

// TestUnreadNamesParts: an element in a part of a resource that has no field
// is named too, once.
func TestUnreadNamesParts(t *testing.T) {
	const in = `{"resourceType":"MedicationRequest","dispenseRequest":{"quantity":{"value":1},"_id":{},"dispenseInterval":{"value":3}},
		"substitution":{"allowedBoolean":true},"note":[{"text":"x"}]}`
	m, warnings := clinical.ReadMedication(fhir.Parse([]byte(in), fhir.R4))
	if diff := cmp.Diff([]string{"dispenseRequest.dispenseInterval"}, m.Unread); diff != "" || len(warnings) > 0 {
		t.Error(diff, warnings)
	}
	if m.Substitution != clinical.Yes {
		t.Errorf("substitution %q", m.Substitution)
	}
}

// TestReadAsAnotherSubject gives no value and says so.
func TestReadAsAnotherSubject(t *testing.T) {
	r := fhir.Parse([]byte(`{"resourceType":"Patient","id":"p"}`), fhir.R4)
	if v, w := clinical.ReadAllergy(r); v != nil || len(w) != 1 || w[0].Kind != clinical.KindOther {
		t.Errorf("%v %v", v, w)
	}
	if v, w := clinical.ReadPatient(r); v == nil || len(w) != 0 {
		t.Errorf("%v %v", v, w)
	}
	if v, w := clinical.ReadPatient(fhir.Parse([]byte(`[]`), fhir.R4)); v != nil || w[0].Kind != clinical.KindFlaw {
		t.Errorf("%v %v", v, w)
	}
}

// FuzzRead: whatever arrives gives a value or a reason, and a warning never
// repeats what was written.
func FuzzRead(f *testing.F) {
	for _, seed := range [...]string{
		`{"resourceType":"Observation","status":1,"valueQuantity":[{"value":{}}],"interpretation":["H"],"component":"x"}`,
		`{"resourceType":"MedicationRequest","requester":[],"dosageInstruction":"x","dispenseRequest":[[1]]}`,
		`{"resourceType":"Composition","section":[{"section":[{"section":{}}]}],"author":{"reference":7}}`,
		`{"resourceType":"Consent","provision":[{"period":"x"}],"except":{"extension":{"url":1}}}`,
		`{"resourceType":"Patient","name":"x","_gender":[1],"contact":{"name":{"family":["a"]}},"":1,"_":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, v := range [...]fhir.Version{fhir.STU3, fhir.R4} {
			value, warnings := clinical.Read(fhir.Parse(raw, v))
			if value == nil && len(warnings) == 0 {
				t.Error("dropped without a reason")
			}
		}
	})
}
