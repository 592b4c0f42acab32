package r4

import (
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

var medicine = fhir.Parse([]byte(`{"resourceType":"MedicationRequest","id":"m","extension":[{"url":"http://nictiz.nl/fhir/StructureDefinition/zib-Medication-PeriodOfUse","valuePeriod":{"start":"2020"}}],
 "intent":"order","category":{"coding":[{"system":"http://snomed.info/sct","code":"16076005"}]},"subject":{"reference":"Patient/p"},
 "medicationReference":{"reference":"Medication/x","display":"Metoprolol"},"requester":{"agent":{"reference":"Practitioner/p"}},
 "dosageInstruction":[{"sequence":1,"text":"1x per dag","timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},"doseQuantity":{"value":1.10,"unit":"stuk"}}]}`), fhir.STU3)

func BenchmarkConvert(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Convert(medicine); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	converted, _, _ := Convert(medicine)
	b.ReportAllocs()
	for b.Loop() {
		if Check(converted) != nil {
			b.Fatal("not sound")
		}
	}
}
