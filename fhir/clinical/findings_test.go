package clinical_test

import (
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

func code(c string) clinical.Status { return clinical.Status{Code: c} }

// coded is a status of R4 that was made of one code only.
func coded(c string) clinical.Status {
	return clinical.Status{Code: c, Source: fhir.Coded{Coding: []fhir.Coding{{Code: c}}}}
}

func TestAllergy(t *testing.T) {
	severe := clinical.Status{Code: "high", Source: snomed("24484000", "ernstig")}
	check(t, []reading{
		{
			name: "refuted, with the severity of the source",
			stu3: with(`{"resourceType":"AllergyIntolerance","clinicalStatus":"active","verificationStatus":"refuted","code":{"text":"penicilline"},"assertedDate":"2020","category":["medication","food"],
				"_category":[null,{"extension":[{"url":"SD/code-specification","valueCodeableConcept":{"text":"voeding"}}]}],"criticality":"high",
				"_criticality":{"extension":[{"url":"SD/code-specification","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"24484000","display":"ernstig"}]}}]},
				"reaction":[{"manifestation":[{"text":"huiduitslag"}],"severity":"mild","onset":"2019-05"}],"note":[{"text":"Geldt alleen voor dit merk"}],"patient":{"reference":"Patient/p"}}`),
			want: &clinical.Allergy{
				Code: words1("penicilline"), Clinical: code("active"), Verification: code("refuted"), Recorded: date("2020"), Criticality: severe,
				Categories: []clinical.Status{code("medication"), {Code: "food", Source: words1("voeding")}},
				Reactions:  []clinical.Reaction{{Manifestations: []fhir.Coded{words1("huiduitslag")}, Severity: code("mild"), Onset: date("2019-05")}},
				Remarks:    []clinical.Remark{{Text: "Geldt alleen voor dit merk"}}, Patient: ref("Patient", "p"),
			},
		},
		{
			name: "R4: concepts, no clinical status when entered in error",
			r4: with(`{"resourceType":"AllergyIntolerance","verificationStatus":{"coding":[{"system":"http://snomed.info/sct","code":"723511001"},{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"entered-in-error"}]},
				"code":{"text":"penicilline"},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/allergyintolerance-assertedDate","valueDateTime":"2020-01-02"}],"onsetString":"als kind"}`),
			want: &clinical.Allergy{
				Verification: clinical.Status{Code: "entered-in-error", Source: fhir.Coded{Coding: []fhir.Coding{
					{System: fhir.SNOMED, Code: "723511001"}, {System: "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", Code: "entered-in-error"},
				}}},
				Code: words1("penicilline"), Recorded: date("2020-01-02"), Onset: clinical.Moment{Text: "als kind"},
			},
		},
	})
}

func TestAllergyStands(t *testing.T) {
	for in, want := range map[string]bool{
		`{"resourceType":"AllergyIntolerance"}`: true,
		`{"resourceType":"AllergyIntolerance","clinicalStatus":"active","verificationStatus":"confirmed"}`: true,
		`{"resourceType":"AllergyIntolerance","clinicalStatus":"active","verificationStatus":"refuted"}`:   false,
		`{"resourceType":"AllergyIntolerance","clinicalStatus":"resolved"}`:                                false,
		`{"resourceType":"AllergyIntolerance","clinicalStatus":"inactive"}`:                                false,
		`{"resourceType":"AllergyIntolerance","verificationStatus":"entered-in-error"}`:                    false,
		`{"resourceType":"AllergyIntolerance","clinicalStatus":"active","verificationStatus":"in de war"}`: true,
	} {
		a, _ := clinical.ReadAllergy(fhir.Parse([]byte(in), fhir.STU3))
		if a.Active() != want {
			t.Errorf("%s: active %v", in, a.Active())
		}
	}
}

func TestObservation(t *testing.T) {
	lab := fhir.Coded{Coding: []fhir.Coding{{System: fhir.SNOMED, Code: "49581000146104"}}}
	high := snomed("281302008", "boven referentiewaarde")
	check(t, []reading{
		{
			name: "lab result: flag as object and as list, comment and note",
			stu3: `{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://snomed.info/sct","code":"49581000146104"}]}],"code":{"text":"kalium"},"valueQuantity":{"value":5.10,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},
				"interpretation":{"coding":[{"system":"http://snomed.info/sct","code":"281302008","display":"boven referentiewaarde"}]},"referenceRange":[{"low":{"value":3.5},"high":{"value":5.0}}],
				"effectiveDateTime":"2025-03","comment":"nuchter","related":[{"type":"has-member","target":{"reference":"Observation/a"}},{"type":"derived-from","target":{"reference":"Observation/b"}},{"type":"replaces","target":{"reference":"Observation/c"}}],
				"specimen":{"reference":"#s"},"context":{"reference":"Encounter/e"}}`,
			want: &clinical.Observation{
				Sort: clinical.SortLab, Status: code("final"), Categories: []fhir.Coded{lab}, Code: words1("kalium"),
				Value: clinical.Value{Form: "Quantity", Quantity: quantity("5.10", "mmol/L", "mmol/L")}, Flags: []fhir.Coded{high},
				Ranges: []clinical.Range{{Low: fhir.Quantity{Value: "3.5"}, High: fhir.Quantity{Value: "5.0"}}}, Effective: at("2025-03"),
				Remarks: []clinical.Remark{{Text: "nuchter"}}, Members: []fhir.Reference{ref("Observation", "a")}, DerivedFrom: []fhir.Reference{ref("Observation", "b")},
				OtherLinks: []fhir.Reference{ref("Observation", "c")}, Specimen: fhir.Reference{URL: "#s"}, Context: ref("Encounter", "e"),
			},
		},
		{
			name: "lab result in R4",
			r4: `{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://snomed.info/sct","code":"49581000146104"}]}],"code":{"text":"kalium"},"valueQuantity":{"value":5.10,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},
				"interpretation":[{"coding":[{"system":"http://snomed.info/sct","code":"281302008","display":"boven referentiewaarde"}]},{"text":"let op"}],
				"effectiveDateTime":"2025-03","note":[{"text":"nuchter","time":"2025-03-02","authorString":"lab"}],"hasMember":[{"reference":"Observation/a"}],"derivedFrom":[{"reference":"Observation/b"}],"encounter":{"reference":"Encounter/e"}}`,
			want: &clinical.Observation{
				Sort: clinical.SortLab, Status: code("final"), Categories: []fhir.Coded{lab}, Code: words1("kalium"),
				Value: clinical.Value{Form: "Quantity", Quantity: quantity("5.10", "mmol/L", "mmol/L")}, Flags: []fhir.Coded{high, words1("let op")}, Effective: at("2025-03"),
				Remarks: []clinical.Remark{{Text: "nuchter", At: date("2025-03-02"), Author: fhir.Reference{Display: "lab"}}},
				Members: []fhir.Reference{ref("Observation", "a")}, DerivedFrom: []fhir.Reference{ref("Observation", "b")}, Context: ref("Encounter", "e"),
			},
		},
		{
			name: "vital sign with parts, none of them at the top",
			stu3: `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"effectivePeriod":{"start":"2025-03-01T08:00:00+01:00","end":"2025-03-01T08:05:00+01:00"},
				"component":[{"code":{"text":"boven"},"valueQuantity":{"value":120}},{"code":{"text":"onder"},"dataAbsentReason":{"text":"mislukt"}}],"bodySite":{"text":"arm","extension":[{"url":"http://nictiz.nl/fhir/StructureDefinition/BodySite-Qualifier","valueCodeableConcept":{"text":"links"}}]}}`,
			r4: `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"effectivePeriod":{"start":"2025-03-01T08:00:00+01:00","end":"2025-03-01T08:05:00+01:00"},
				"component":[{"code":{"text":"boven"},"valueQuantity":{"value":120}},{"code":{"text":"onder"},"dataAbsentReason":{"text":"mislukt"}}],"bodySite":{"text":"arm","extension":[{"url":"http://nictiz.nl/fhir/StructureDefinition/ext-AnatomicalLocation.Laterality","valueCodeableConcept":{"text":"links"}}]}}`,
			want: &clinical.Observation{
				Sort: clinical.SortVital, Status: code("final"), Code: fhir.Coded{Coding: []fhir.Coding{{System: fhir.LOINC, Code: "85354-9"}}},
				Effective: clinical.Moment{Period: fhir.Period{Start: date("2025-03-01T08:00:00+01:00"), End: date("2025-03-01T08:05:00+01:00")}},
				Components: []clinical.Component{
					{Code: words1("boven"), Value: clinical.Value{Form: "Quantity", Quantity: fhir.Quantity{Value: "120"}}},
					{Code: words1("onder"), Value: clinical.Value{Absent: words1("mislukt")}},
				},
				Sites: []clinical.Site{{Code: words1("arm"), Laterality: words1("links")}},
			},
		},
	})
}

// TestLinesOfNotes: the code of a line and what it rests on stand in
// extensions.
func TestLinesOfNotes(t *testing.T) {
	in := func(url string) string {
		return with(`{"resourceType":"Observation","valueString":"hoest","extension":[{"url":"` + url + `","valueReference":{"reference":"Observation/b"}},
			{"url":"SD/ext-SOAPReport.SOAPLineCode","valueCodeableConcept":{"text":"R05"}}]}`)
	}
	check(t, []reading{{
		name: "line", stu3: in("SD/workflow-supportingInfoSTU3"), r4: in("http://hl7.org/fhir/StructureDefinition/workflow-supportingInfo"),
		want: &clinical.Observation{
			Sort: clinical.SortOther, Value: clinical.Value{Form: "String", Text: "hoest"}, SOAPCode: words1("R05"), Supporting: []fhir.Reference{ref("Observation", "b")},
		},
	}})
}

func TestSortOfObservation(t *testing.T) {
	for in, want := range map[string]clinical.Sort{
		`"code":{"coding":[{"system":"https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen","code":"523"}]}`:                                                   clinical.SortLab,
		`"code":{"text":"x"},"specimen":{"reference":"Specimen/s"}`:                                                                                                                      clinical.SortLab,
		`"category":[{"coding":[{"code":"vital-signs"}]}],"code":{"coding":[{"system":"https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen","code":"1744"}]}`: clinical.SortVital,
		`"code":{"coding":[{"system":"http://snomed.info/sct","code":"365980008"}]}`:                                                                                                     clinical.SortLifestyle,
		`"category":[{"coding":[{"system":"http://snomed.info/sct","code":"118228005"}]}],"code":{"text":"x"}`:                                                                           clinical.SortLifestyle,
		`"meta":{"profile":["http://nictiz.nl/fhir/StructureDefinition/gp-JournalEntry"]},"code":{"text":"x"}`:                                                                           clinical.SortJournal,
		`"code":{"coding":[{"system":"http://snomed.info/sct","code":"11591000146107"}]},"valueString":"rustige nacht"`:                                                                  clinical.SortReport,
		`"code":{"text":"x"}`: clinical.SortOther,
	} {
		o, _ := clinical.ReadObservation(fhir.Parse([]byte(`{"resourceType":"Observation",`+in+`}`), fhir.STU3))
		if o.Sort != want {
			t.Errorf("%s: %s, want %s", in, o.Sort, want)
		}
	}
}

// TestFindingAboutSomebodyElse: a child that is not yet born has findings of
// its own.
func TestFindingAboutSomebodyElse(t *testing.T) {
	for in, v := range map[string]fhir.Version{
		`{"resourceType":"Observation","extension":[{"url":"http://nictiz.nl/fhir/StructureDefinition/observation-focusSTU3","valueReference":{"reference":"RelatedPerson/kind"}}]}`: fhir.STU3,
		`{"resourceType":"Observation","focus":[{"reference":"RelatedPerson/kind"}]}`:                                                                                                fhir.R4,
	} {
		o, _ := clinical.ReadObservation(fhir.Parse([]byte(in), v))
		if o.AboutPatient() || o.Focus[0].Ref.ID != "kind" {
			t.Errorf("%v: %+v", v, o.Focus)
		}
	}
	o, _ := clinical.ReadObservation(fhir.Parse([]byte(`{"resourceType":"Observation","focus":[{"reference":"Condition/zwangerschap"}]}`), fhir.R4))
	if !o.AboutPatient() {
		t.Error("a pregnancy is the patient's own")
	}
}

func TestValueForms(t *testing.T) {
	for in, want := range map[string]clinical.Value{
		`"valueString":"negatief"`:                                           {Form: "String", Text: "negatief"},
		`"valueBoolean":false`:                                               {Form: "Boolean", Text: "false"},
		`"valueCodeableConcept":{"text":"positief"}`:                         {Form: "CodeableConcept", Concept: words1("positief")},
		`"valueDateTime":"2025-03"`:                                          {Form: "DateTime", When: fhir.Period{Start: date("2025-03")}},
		`"valuePeriod":{"start":"2025"}`:                                     {Form: "Period", When: fhir.Period{Start: date("2025")}},
		`"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}`: {Form: "Ratio", Quantity: fhir.Quantity{Value: "1"}, Other: fhir.Quantity{Value: "128"}},
		`"valueRange":{"low":{"value":1},"high":{"value":2}}`:                {Form: "Range", Quantity: fhir.Quantity{Value: "1"}, Other: fhir.Quantity{Value: "2"}},
		`"valueAttachment":{"url":"Binary/b","title":"ECG","size":12}`:       {Form: "Attachment", File: clinical.Attachment{URL: "Binary/b", Title: "ECG", Size: "12"}},
		`"dataAbsentReason":{"text":"geen materiaal"}`:                       {Absent: words1("geen materiaal")},
	} {
		check(t, []reading{{
			name: in, stu3: `{"resourceType":"Observation",` + in + `}`, want: &clinical.Observation{Sort: clinical.SortOther, Value: want},
		}})
	}
}

func TestReportAndSpecimen(t *testing.T) {
	check(t, []reading{
		{
			name: "report",
			stu3: `{"resourceType":"DiagnosticReport","status":"final","category":{"text":"beeld"},"code":{"text":"röntgen"},"conclusion":"geen breuk","codedDiagnosis":[{"text":"kneuzing"}],
				"performer":[{"role":{"text":"radioloog"},"actor":{"reference":"Practitioner/r"}}],"image":[{"link":{"reference":"Media/m"}}],"context":{"reference":"Encounter/e"},"result":[{"reference":"Observation/o"}]}`,
			want: &clinical.Report{
				Status: code("final"), Categories: []fhir.Coded{words1("beeld")}, Code: words1("röntgen"), Conclusion: "geen breuk", Codes: []fhir.Coded{words1("kneuzing")},
				Performers: []clinical.Participant{{Who: ref("Practitioner", "r"), Roles: []fhir.Coded{words1("radioloog")}}}, Images: []fhir.Reference{ref("Media", "m")},
				Context: ref("Encounter", "e"), Results: []fhir.Reference{ref("Observation", "o")},
			},
		},
		{
			name: "report in R4",
			r4: `{"resourceType":"DiagnosticReport","status":"final","category":[{"text":"beeld"}],"code":{"text":"röntgen"},"conclusion":"geen breuk","conclusionCode":[{"text":"kneuzing"}],
				"performer":[{"reference":"Practitioner/r"}],"media":[{"link":{"reference":"Media/m"}}],"encounter":{"reference":"Encounter/e"},"presentedForm":[{"contentType":"application/pdf","data":"JVBERg=="}]}`,
			want: &clinical.Report{
				Status: code("final"), Categories: []fhir.Coded{words1("beeld")}, Code: words1("röntgen"), Conclusion: "geen breuk", Codes: []fhir.Coded{words1("kneuzing")},
				Performers: []clinical.Participant{{Who: ref("Practitioner", "r")}}, Images: []fhir.Reference{ref("Media", "m")}, Context: ref("Encounter", "e"),
				Files: []clinical.Attachment{{ContentType: "application/pdf", Inline: true}},
			},
		},
		{
			name: "specimen",
			stu3: `{"resourceType":"Specimen","type":{"text":"bloed"},"collection":{"collectedDateTime":"2025-03-01T07:30:00+01:00","bodySite":{"text":"arm"}},"container":[{"type":{"text":"buis"}}]}`,
			r4:   `{"resourceType":"Specimen","type":{"text":"bloed"},"collection":{"collectedDateTime":"2025-03-01T07:30:00+01:00","bodySite":{"text":"arm"}},"container":[{"type":{"text":"buis"}}]}`,
			want: &clinical.Specimen{
				Type: words1("bloed"), Collected: at("2025-03-01T07:30:00+01:00"), Site: []clinical.Site{{Code: words1("arm")}}, Container: []fhir.Coded{words1("buis")},
			},
		},
	})
}
