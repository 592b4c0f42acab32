package clinical_test

import (
	"fmt"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

func ExampleRead() {
	r := fhir.Parse([]byte(`{"resourceType":"AllergyIntolerance","id":"a","clinicalStatus":"active",
		"verificationStatus":"refuted","code":{"text":"Penicilline"},"lastOccurrence":"ooit"}`), fhir.STU3)
	reading, warnings := clinical.Read(r)
	switch v := reading.(type) {
	case *clinical.Allergy:
		fmt.Println(v.Code.Display(), v.Active(), v.Certain)
	}
	for _, w := range warnings {
		fmt.Println(w.Path, w.Kind)
	}
	// Output:
	// Penicilline false true
	// AllergyIntolerance.lastOccurrence date
}
