package clinical_test

import (
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

const sd = "http://nictiz.nl/fhir/StructureDefinition/"

// with fills in the address of the extensions, to keep the cases readable.
func with(in string) string { return strings.ReplaceAll(in, "SD/", sd) }

func category(code string) fhir.Coded {
	return fhir.Coded{Coding: []fhir.Coding{{System: fhir.SNOMED, Code: code}}}
}

func logical(system, value string) fhir.Reference {
	return fhir.Reference{Ident: fhir.Ident{System: "urn:oid:" + system, Value: value}}
}

func dosage(t *testing.T, v fhir.Version, in string) fhir.Dosage {
	t.Helper()
	return fhir.Dosages(fhir.Parse([]byte(in), v).Node(), "dosageInstruction")
}

func TestMedicationAgreement(t *testing.T) {
	taken := dosage(t, fhir.STU3, `{"resourceType":"MedicationRequest","dosageInstruction":[{"text":"1 maal per dag 1 stuk"}]}`)
	check(t, []reading{
		{
			name: "missing status, stop, treatment and a role with words only",
			stu3: with(`{"resourceType":"MedicationRequest","intent":"order","category":{"coding":[{"system":"http://snomed.info/sct","code":"16076005"}]},
				"extension":[{"url":"SD/zib-Medication-MedicationTreatment","valueIdentifier":{"system":"urn:oid:2.16.1","value":"MBH1"}},
					{"url":"SD/zib-Medication-PeriodOfUse","valuePeriod":{"start":"2025-03","end":"2025-04-01"}},
					{"url":"SD/zib-MedicationUse-Duration","valueDuration":{"value":30,"unit":"dag","system":"http://unitsofmeasure.org","code":"d"}},
					{"url":"SD/zib-MedicationAgreement-BasedOnAgreementOrUse","valueReference":{"identifier":{"system":"urn:oid:2.16.2","value":"MA0"}}},
					{"url":"SD/zib-Medication-AdditionalInformation","valueCodeableConcept":{"text":"Recept als eerste"}}],
				"modifierExtension":[{"url":"SD/zib-Medication-StopType","valueCodeableConcept":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.2.1","code":"2"}]}}],
				"medicationReference":{"reference":"Medication/m"},"subject":{"reference":"Patient/p"},"authoredOn":"2025-03-01T10:00:00+01:00",
				"requester":{"agent":{"display":"Huisarts","extension":[{"url":"SD/practitionerrole-reference","valueReference":{"reference":"PractitionerRole/r"}}]}},
				"reasonCode":[{"text":"hoge bloeddruk"}],"dosageInstruction":[{"text":"1 maal per dag 1 stuk"}],"note":[{"text":"na het eten"}]}`),
			want: &clinical.Medication{
				Role: clinical.RoleMA, Category: []fhir.Coded{category("16076005")}, Product: ref("Medication", "m"), Subject: ref("Patient", "p"),
				Treatment: fhir.Ident{System: "urn:oid:2.16.1", Value: "MBH1"}, Use: fhir.Period{Start: date("2025-03"), End: date("2025-04-01")},
				Duration: quantity("30", "dag", "d"), Stop: clinical.StopDefinitive,
				StopCode:  fhir.Coded{Coding: []fhir.Coding{{System: "urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.2.1", Code: "2"}}},
				Relations: []fhir.Reference{logical("2.16.2", "MA0")}, Additional: []fhir.Coded{words1("Recept als eerste")},
				Registered: date("2025-03-01T10:00:00+01:00"), Reasons: []fhir.Coded{words1("hoge bloeddruk")}, Dosage: taken,
				Prescriber: fhir.Reference{URL: "PractitionerRole/r", Ref: fhir.Ref{Type: "PractitionerRole", ID: "r"}, Display: "Huisarts"},
				Remarks:    []clinical.Remark{{Text: "na het eten"}},
			},
		},
		{
			name: "R4: period with duration and condition inside, rendered text",
			r4: with(`{"resourceType":"MedicationRequest","status":"unknown","intent":"order","category":[{"coding":[{"system":"http://snomed.info/sct","code":"33633005"}]}],
				"extension":[{"url":"SD/ext-PharmaceuticalTreatment.Identifier","valueIdentifier":{"system":"urn:oid:2.16.1","value":"MBH1"}},
					{"url":"SD/ext-TimeInterval.Period","valuePeriod":{"start":"2025-03-01","extension":[
						{"url":"SD/ext-TimeInterval.Duration","valueDuration":{"value":2,"unit":"week","system":"http://unitsofmeasure.org","code":"wk"}},
						{"url":"SD/ext-PeriodOfUse.Condition","valueString":"tot de controle"}]}},
					{"url":"SD/ext-RegistrationDateTime","valueDateTime":"2025-03-01T09:00:00+01:00"},
					{"url":"SD/ext-RenderedDosageInstruction","valueString":"1 maal per dag 1 stuk"},
					{"url":"SD/ext-MedicationAgreement.NextPractitioner","valueReference":{"reference":"PractitionerRole/n"}}],
				"modifierExtension":[{"url":"SD/ext-StopType","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"385655000"}]}}],
				"medicationReference":{"reference":"Medication/m"},"subject":{"reference":"Patient/p"},"requester":{"reference":"PractitionerRole/r"},
				"priorPrescription":{"identifier":{"system":"urn:oid:2.16.2","value":"MA0"}}}`),
			want: &clinical.Medication{
				Role: clinical.RoleMA, Status: clinical.Status{Code: "unknown"}, Category: []fhir.Coded{category("33633005")}, Product: ref("Medication", "m"),
				Subject: ref("Patient", "p"), Treatment: fhir.Ident{System: "urn:oid:2.16.1", Value: "MBH1"}, Use: fhir.Period{Start: date("2025-03-01")},
				Duration: quantity("2", "week", "wk"), Condition: "tot de controle", Registered: date("2025-03-01T09:00:00+01:00"), Stop: clinical.StopTemporary,
				StopCode: category("385655000"), Dosage: fhir.Dosage{Rendered: "1 maal per dag 1 stuk"}, Prescriber: ref("PractitionerRole", "r"),
				NextProvider: ref("PractitionerRole", "n"), Relations: []fhir.Reference{logical("2.16.2", "MA0")},
			},
		},
	})
}

func TestDispenseRequestAndVariableDosing(t *testing.T) {
	check(t, []reading{
		{
			name: "dispense request",
			stu3: with(`{"resourceType":"MedicationRequest","category":{"coding":[{"system":"http://snomed.info/sct","code":"52711000146108"}]},"authoredOn":"2025-03-01",
				"extension":[{"url":"SD/zib-DispenseRequest-RelatedMedicationAgreement","valueReference":{"identifier":{"system":"urn:oid:2.16.2","value":"MA1"}}}],
				"dispenseRequest":{"quantity":{"value":30,"unit":"stuk","system":"http://unitsofmeasure.org","code":"1"},"numberOfRepeatsAllowed":2,
					"validityPeriod":{"start":"2025-03-01","end":"2025-06-01"},"performer":{"reference":"Organization/o"}}}`),
			r4: with(`{"resourceType":"MedicationRequest","category":[{"coding":[{"system":"http://snomed.info/sct","code":"52711000146108"}]}],"authoredOn":"2025-03-01",
				"basedOn":[{"identifier":{"system":"urn:oid:2.16.2","value":"MA1"}}],
				"dispenseRequest":{"quantity":{"value":30,"unit":"stuk","system":"http://unitsofmeasure.org","code":"1"},"numberOfRepeatsAllowed":2,
					"validityPeriod":{"start":"2025-03-01","end":"2025-06-01"},"performer":{"reference":"Organization/o"}}}`),
			want: &clinical.Medication{
				Role: clinical.RoleVV, Category: []fhir.Coded{category("52711000146108")}, Registered: date("2025-03-01"),
				Relations: []fhir.Reference{logical("2.16.2", "MA1")}, Quantity: quantity("30", "stuk", "1"), Repeats: "2",
				Validity: fhir.Period{Start: date("2025-03-01"), End: date("2025-06-01")}, Dispenser: ref("Organization", "o"),
			},
		},
		{
			name: "variable dosing",
			r4:   `{"resourceType":"MedicationRequest","category":[{"coding":[{"system":"http://snomed.info/sct","code":"395067002"}]}],"basedOn":[{"reference":"MedicationRequest/ma"}]}`,
			want: &clinical.Medication{Role: clinical.RoleWDS, Category: []fhir.Coded{category("395067002")}, Relations: []fhir.Reference{ref("MedicationRequest", "ma")}},
		},
		{
			name: "no category: no building block",
			r4:   `{"resourceType":"MedicationRequest","status":"active","medicationCodeableConcept":{"text":"paracetamol"}}`,
			want: &clinical.Medication{Status: clinical.Status{Code: "active"}, ProductCode: words1("paracetamol")},
		},
	})
}

func TestDispenses(t *testing.T) {
	check(t, []reading{
		{
			name: "administration agreement",
			stu3: with(`{"resourceType":"MedicationDispense","category":{"coding":[{"system":"http://snomed.info/sct","code":"422037009"}]},
				"extension":[{"url":"SD/zib-AdministrationAgreement-AuthoredOn","valueDateTime":"2025-03-02"},{"url":"SD/zib-AdministrationAgreement-AgreementReason","valueString":"ander merk"}],
				"performer":[{"actor":{"reference":"Organization/o"}}],"authorizingPrescription":[{"display":"MA"}]}`),
			r4: with(`{"resourceType":"MedicationDispense","category":{"coding":[{"system":"http://snomed.info/sct","code":"422037009"}]},
				"extension":[{"url":"SD/ext-RegistrationDateTime","valueDateTime":"2025-03-02"},{"url":"SD/ext-AdministrationAgreement.ReasonModificationOrDiscontinuation","valueString":"ander merk"}],
				"performer":[{"actor":{"reference":"Organization/o"}}],"authorizingPrescription":[{"display":"MA"}]}`),
			want: &clinical.Medication{
				Role: clinical.RoleTA, Category: []fhir.Coded{category("422037009")}, Registered: date("2025-03-02"), ReasonText: "ander merk",
				Suppliers: []clinical.Participant{{Who: ref("Organization", "o")}}, Relations: []fhir.Reference{{Display: "MA"}},
			},
		},
		{
			name: "hand-over",
			stu3: with(`{"resourceType":"MedicationDispense","category":{"coding":[{"system":"http://snomed.info/sct","code":"373784005"}]},"whenHandedOver":"2025-03-03","daysSupply":{"value":30,"code":"d"},
				"extension":[{"url":"SD/zib-Dispense-RequestDate","valueDateTime":"2025-03-02"},{"url":"SD/zib-Dispense-DistributionForm","valueCodeableConcept":{"text":"weekdoos"}},{"url":"SD/zib-Dispense-Location","valueReference":{"reference":"Location/l"}}]}`),
			r4: with(`{"resourceType":"MedicationDispense","category":{"coding":[{"system":"http://snomed.info/sct","code":"373784005"}]},"whenHandedOver":"2025-03-03","daysSupply":{"value":30,"code":"d"},"destination":{"reference":"Location/l"},
				"extension":[{"url":"SD/ext-MedicationDispense.RequestDate","valueDateTime":"2025-03-02"},{"url":"SD/ext-MedicationDispense.DistributionForm","valueCodeableConcept":{"text":"weekdoos"}}]}`),
			want: &clinical.Medication{
				Role: clinical.RoleMVE, Category: []fhir.Coded{category("373784005")}, Handed: date("2025-03-03"), Requested: date("2025-03-02"),
				DaysSupply: fhir.Quantity{Value: "30", Code: "d"}, Form: words1("weekdoos"), Destination: ref("Location", "l"),
			},
		},
		{
			name: "converted from 6.12: no treatment, no moment, no name",
			stu3: `{"resourceType":"MedicationDispense","meta":{"profile":["http://nictiz.nl/fhir/StructureDefinition/mp612-DispenseToFHIRConversion-Dispense"]},
				"category":{"coding":[{"system":"http://snomed.info/sct","code":"373784005"}]},
				"_whenHandedOver":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-nullFlavor","valueCode":"NI"}]}}`,
			want: &clinical.Medication{Role: clinical.RoleMVE, Converted: true, Category: []fhir.Coded{category("373784005")}},
		},
	})
}

func TestUseAndAdministration(t *testing.T) {
	check(t, []reading{
		{
			name: "use: not as agreed, with its own kind of duration",
			stu3: with(`{"resourceType":"MedicationStatement","status":"active","taken":"y","dateAsserted":"2025-03-04",
				"category":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.3","code":"6"}]},
				"effectivePeriod":{"start":"2025","extension":[{"url":"SD/zib-MedicationUse-Duration","valueDuration":{"value":1,"unit":"jaar","system":"http://unitsofmeasure.org","code":"a"}}]},
				"extension":[{"url":"SD/zib-MedicationUse-AsAgreedIndicator","valueBoolean":false},{"url":"SD/zib-MedicationUse-Author","valueReference":{"reference":"Patient/p"}},
					{"url":"SD/zib-MedicationUse-Prescriber","valueReference":{"reference":"PractitionerRole/r"}},
					{"url":"SD/zib-MedicationUse-ReasonForChangeOrDiscontinuationOfUse","valueCodeableConcept":{"text":"bijwerking"}}],
				"derivedFrom":[{"display":"MA"}],"informationSource":{"display":"de persoon zelf"}}`),
			want: &clinical.Medication{
				Role: clinical.RoleMGB, Status: clinical.Status{Code: "active"}, Taken: "y", Registered: date("2025-03-04"),
				Category: []fhir.Coded{{Coding: []fhir.Coding{{System: "urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.3", Code: "6"}}}},
				Use:      fhir.Period{Start: date("2025")}, Duration: quantity("1", "jaar", "a"), AsAgreed: clinical.No, Author: ref("Patient", "p"),
				Prescriber: ref("PractitionerRole", "r"), ReasonChange: words1("bijwerking"),
				Relations: []fhir.Reference{{Display: "MA"}}, Source: fhir.Reference{Display: "de persoon zelf"},
			},
		},
		{
			name: "code 6 of another system is not use",
			stu3: `{"resourceType":"MedicationStatement","category":{"coding":[{"system":"http://example.nl","code":"6"}]}}`,
			want: &clinical.Medication{Category: []fhir.Coded{{Coding: []fhir.Coding{{System: "http://example.nl", Code: "6"}}}}},
		},
		{
			name: "administration",
			r4: with(`{"resourceType":"MedicationAdministration","status":"completed","category":{"coding":[{"system":"http://snomed.info/sct","code":"18629005"}]},"effectiveDateTime":"2025-03-04T08:00:00+01:00",
				"performer":[{"actor":{"reference":"PractitionerRole/r"}}],"request":{"identifier":{"system":"urn:oid:2.16.2","value":"MA1"}},
				"extension":[{"url":"SD/ext-MedicationAdministration2.ReasonForDeviation","valueCodeableConcept":{"text":"misselijk"}}]}`),
			want: &clinical.Medication{
				Role: clinical.RoleMTD, Status: clinical.Status{Code: "completed"}, Category: []fhir.Coded{category("18629005")},
				Administered: date("2025-03-04T08:00:00+01:00"), Suppliers: []clinical.Participant{{Who: ref("PractitionerRole", "r")}},
				Relations: []fhir.Reference{logical("2.16.2", "MA1")}, Deviation: "misselijk",
			},
		},
	})
}

// TestCyclicScheduleAndUnits: the cycle stands in a modifierExtension that is
// known, and UCUM code 1 is never a unit to show.
func TestCyclicScheduleAndUnits(t *testing.T) {
	for v, in := range map[fhir.Version]string{
		fhir.STU3: `{"resourceType":"MedicationRequest","modifierExtension":[{"url":"SD/zib-Medication-RepeatPeriodCyclicalSchedule","valueDuration":{"value":28,"code":"d"}}],
			"dosageInstruction":[{"sequence":1,"doseQuantity":{"value":1,"unit":"stuk","system":"http://unitsofmeasure.org","code":"1"}}]}`,
		fhir.R4: `{"resourceType":"MedicationRequest","modifierExtension":[{"url":"SD/ext-InstructionsForUse.RepeatPeriodCyclicalSchedule","valueDuration":{"value":28,"code":"d"}}],
			"dosageInstruction":[{"sequence":1,"doseAndRate":[{"doseQuantity":{"value":1,"unit":"stuk","system":"http://unitsofmeasure.org","code":"1"}}]}]}`,
	} {
		m, warnings := clinical.ReadMedication(fhir.Parse([]byte(with(in)), v))
		if len(warnings) > 0 || !m.Certain || !m.Dosage.Cyclic() || m.Dosage.Cycle.Value != "28" {
			t.Errorf("%v: %v %+v", v, warnings, m.Dosage.Cycle)
		}
		if got := m.Dosage.Steps[0].Low.Symbol(); got != "stuk" {
			t.Errorf("%v: unit %q", v, got)
		}
	}
}

func TestProduct(t *testing.T) {
	check(t, []reading{{
		name: "free text with an ingredient",
		stu3: with(`{"resourceType":"Medication","code":{"text":"zalf"},"extension":[{"url":"SD/zib-Product-Description","valueString":"wit"}],"package":{"batch":[{"lotNumber":"L1"}]},
			"ingredient":[{"itemCodeableConcept":{"text":"ureum"},"isActive":true,"amount":{"numerator":{"value":5,"unit":"g"},"denominator":{"value":100,"unit":"g"}}}]}`),
		r4: with(`{"resourceType":"Medication","code":{"text":"zalf"},"extension":[{"url":"SD/ext-PharmaceuticalProduct.Description","valueString":"wit"}],"batch":{"lotNumber":"L1"},
			"ingredient":[{"itemCodeableConcept":{"text":"ureum"},"isActive":true,"strength":{"numerator":{"value":5,"unit":"g"},"denominator":{"value":100,"unit":"g"}}}]}`),
		want: &clinical.Product{
			Code: words1("zalf"), Description: "wit", Lot: "L1",
			Ingredients: []clinical.Ingredient{{
				Code: words1("ureum"), Active: clinical.Yes, Strength: fhir.Quantity{Value: "5", Unit: "g"}, StrengthPer: fhir.Quantity{Value: "100", Unit: "g"},
			}},
		},
	}, {
		name: "substance",
		stu3: `{"resourceType":"Substance","status":"active","category":[{"text":"stof"}],"code":{"text":"huidschilfers"},"description":"droog"}`,
		r4:   `{"resourceType":"Substance","status":"active","category":[{"text":"stof"}],"code":{"text":"huidschilfers"},"description":"droog"}`,
		want: &clinical.Substance{Status: "active", Categories: []fhir.Coded{words1("stof")}, Code: words1("huidschilfers"), Description: "droog"},
	}})
}
