package r4_test

import (
	"fmt"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/r4"
)

func ExampleConvert() {
	received := fhir.Parse([]byte(`{"resourceType":"MedicationRequest","intent":"order","subject":{"reference":"Patient/p"},
		"medicationReference":{"display":"Metoprolol"},"dosageInstruction":[{"doseQuantity":{"value":1.10}}]}`), fhir.STU3)
	converted, notes, err := r4.Convert(received)
	fmt.Println(string(converted), err)
	fmt.Println(notes, r4.Check(converted))
	// Output:
	// {"resourceType":"MedicationRequest","intent":"order","subject":{"reference":"Patient/p"},"medicationReference":{"display":"Metoprolol"},"dosageInstruction":[{"doseAndRate":[{"doseQuantity":{"value":1.10}}]}],"status":"unknown"} <nil>
	// [MedicationRequest.status: added] []
}

func ExampleCheck() {
	for _, found := range r4.Check([]byte(`{"resourceType":"Condition","clinicalStatus":"active","onsetDateTime":"2020","onsetString":"toen"}`)) {
		fmt.Println(found)
	}
	// Output:
	// Condition.clinicalStatus: wrong-type
	// Condition.onsetString: two-forms
	// Condition.subject: missing
}

func ExampleModelLoss() {
	loss, err := r4.ModelLoss([]byte(`{"resourceType":"Patient","_birthDate":{"id":"x"},"birthDate":"1961"}`))
	fmt.Println(loss, err)
	// Output: [Patient._birthDate: lost] <nil>
}
