package share

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// saidBy is a record of a source.
func saidBy(source string, v fhir.Version, raw string) fhir.Record {
	return fhir.Record{Resource: fhir.Parse([]byte(raw), v), Origin: fhir.Origin{Source: source}, Number: 1, Fetched: moment.Add(-time.Hour)}
}

// summaryOf is the checked summary of what one provider said.
func summaryOf(t *testing.T, records ...fhir.Record) fhir.Node {
	t.Helper()
	raw, bundle := ips(t, readied(t, Own(merged(t, records, "nl")), records, "nl"))
	check(t, raw)
	return bundle
}

// TestEntriesSayWhatTheLineSays goes over the kinds of lines, of both releases:
// the section, and members of the entry by their path.
func TestEntriesSayWhatTheLineSays(t *testing.T) {
	const (
		obs3 = `"resourceType":"Observation","id":"a","category":[{"coding":[{"system":"http://snomed.info/sct","code":"49581000146104"}]}]`
		loin = `"code":{"coding":[{"system":"http://loinc.org","code":"2823-3","display":"Kalium"}]}`
	)
	for _, c := range []struct {
		name, section string
		v             fhir.Version
		raw           string
		want          map[string]string
	}{
		{
			"allergy of STU3", secAllergies, fhir.STU3,
			`{"resourceType":"AllergyIntolerance","id":"a","clinicalStatus":"active","verificationStatus":"confirmed","type":"allergy","criticality":"high","code":{"coding":[{"system":"2.16.840.1.113883.2.4.4.1.750","code":"23167","display":"AMOXICILLINE"}]},"reaction":[{"manifestation":[{"text":"huiduitslag"}]}]}`,
			map[string]string{
				"resourceType": "AllergyIntolerance", "clinicalStatus.coding.code": "active", "verificationStatus.coding.code": "confirmed", "criticality": "high", "type": "allergy",
				"code.coding.system": fhir.SNK, "code.coding.code": "23167", "code.coding.display": "AMOXICILLINE", "code.text": "Amoxicilline", "reaction.manifestation.text": "huiduitslag",
			},
		},
		{
			"refuted allergy", secAllergies, fhir.R4,
			`{"resourceType":"AllergyIntolerance","id":"a","clinicalStatus":{"coding":[{"code":"inactive"}]},"verificationStatus":{"coding":[{"code":"refuted"}]},"code":{"text":"pinda"}}`,
			map[string]string{"verificationStatus.coding.code": "refuted", "clinicalStatus.coding.code": "inactive", "code.text": "pinda"},
		},
		{
			"no known allergies is an entry", secAllergies, fhir.R4,
			`{"resourceType":"AllergyIntolerance","id":"a","clinicalStatus":{"coding":[{"code":"active"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003","display":"geen allergie bekend"}]}}`,
			map[string]string{"code.coding.code": "716186003"},
		},
		{
			"resolved problem", secPast, fhir.STU3,
			`{"resourceType":"Condition","id":"a","clinicalStatus":"resolved","verificationStatus":"provisional","code":{"coding":[{"system":"urn:oid:2.16.840.1.113883.6.73","code":"x"}],"text":"griep"},"onsetDateTime":"2020-03"}`,
			map[string]string{"clinicalStatus.coding.code": "resolved", "verificationStatus.coding.code": "provisional", "onsetDateTime": "2020-03", "category.coding.code": "problem-list-item"},
		},
		{
			"procedure that was put off", secProcedures, fhir.STU3,
			`{"resourceType":"Procedure","id":"a","status":"suspended","code":{"text":"operatie"},"performedPeriod":{"start":"2021-02-03"}}`,
			map[string]string{"status": "on-hold", "performedDateTime": "2021-02-03"},
		},
		{
			"procedure that was not done", secProcedures, fhir.STU3,
			`{"resourceType":"Procedure","id":"a","status":"completed","notDone":true,"code":{"text":"operatie"}}`,
			map[string]string{"status": "not-done", "_performedDateTime.extension.valueCode": "unknown"},
		},
		{
			"vaccine that was not given", secImmunized, fhir.STU3,
			`{"resourceType":"Immunization","id":"a","status":"completed","notGiven":true,"vaccineCode":{"text":"griepprik"},"date":"2025-10-04"}`,
			map[string]string{"status": "not-done", "occurrenceDateTime": "2025-10-04"},
		},
		{
			"result with its range and the laboratory's flag", secResults, fhir.STU3,
			`{` + obs3 + `,"status":"final",` + loin + `,"effectiveDateTime":"2026-05-01T08:00:00+02:00","valueQuantity":{"value":5.10,"unit":"mmol/l","system":"http://unitsofmeasure.org","code":"mmol/L"},"referenceRange":[{"low":{"value":3.5,"unit":"mmol/l"},"high":{"value":5.0,"unit":"mmol/l"}}],"interpretation":{"coding":[{"system":"http://hl7.org/fhir/v2/0078","code":"H"}]}}`,
			map[string]string{
				"status": "final", "valueQuantity.value": "5.10", "valueQuantity.code": "mmol/L", "referenceRange.low.value": "3.5", "referenceRange.high.value": "5.0",
				"interpretation.coding.code": "H", "effectiveDateTime": "2026-05-01T08:00:00+02:00", "category.coding.code": "laboratory",
			},
		},
		{
			"result outside its range without a flag of the laboratory", secResults, fhir.STU3,
			`{` + obs3 + `,"status":"preliminary",` + loin + `,"effectiveDateTime":"2026-04","valueQuantity":{"value":5.1,"comparator":">","unit":"mmol/l"},"referenceRange":[{"high":{"value":5.0,"unit":"mmol/l"}}]}`,
			map[string]string{"status": "preliminary", "valueQuantity.comparator": ">", "interpretation": "", "effectiveDateTime": "2026-04"},
		},
		{
			"result in words", secResults, fhir.STU3,
			`{` + obs3 + `,"status":"final",` + loin + `,"effectiveDateTime":"2026-05-01T08:00","valueString":"niet aantoonbaar"}`,
			map[string]string{"valueString": "niet aantoonbaar", "valueQuantity.value": "", "effectiveDateTime": "2026-05-01T08:00:00+02:00"},
		},
		{
			"blood pressure", secVitals, fhir.R4,
			`{"resourceType":"Observation","id":"a","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"effectiveDateTime":"2026-05-01","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":128,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":82,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`,
			map[string]string{"code.coding.code": "85354-9", "component.code.coding.code": "8480-6", "component.valueQuantity.value": "128", "valueString": "", "category.coding.code": "vital-signs"},
		},
		{
			"report", secResults, fhir.R4,
			`{"resourceType":"DiagnosticReport","id":"a","status":"final","code":{"text":"echo"},"conclusion":"geen bijzonderheden","effectiveDateTime":"2026-04-01"}`,
			map[string]string{"resourceType": "DiagnosticReport", "status": "final", "conclusion": "geen bijzonderheden", "effectiveDateTime": "2026-04-01"},
		},
		{
			"request of STU3", secPlan, fhir.STU3,
			`{"resourceType":"ProcedureRequest","id":"a","status":"active","intent":"order","code":{"text":"echo"},"occurrenceDateTime":"2026-07-01"}`,
			map[string]string{
				"resourceType": "CarePlan", "status": "active", "intent": "order", "title": "echo", "period.start": "2026-07-01",
				"activity.detail.kind": "ServiceRequest", "activity.detail.code.text": "echo", "activity.detail.status": "unknown", "category.text": "",
			},
		},
		{
			"request that was withdrawn for now", secPlan, fhir.R4,
			`{"resourceType":"ServiceRequest","id":"a","status":"on-hold","intent":"order","code":{"text":"echo"}}`,
			map[string]string{"status": "on-hold", "activity.detail.status": "on-hold"},
		},
		{
			"how somebody functions", secFunctional, fhir.STU3,
			`{"resourceType":"Observation","id":"a","status":"final","category":[{"coding":[{"system":"http://snomed.info/sct","code":"118228005"}]}],"code":{"coding":[{"system":"http://snomed.info/sct","code":"165232002"}],"text":"vermogen om te lopen"},"effectivePeriod":{"start":"2026-03-01"},"valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"165245003","display":"loopt zelfstandig"}]}}`,
			map[string]string{
				"resourceType": "ClinicalImpression", "status": "completed", "code.coding.code": "165232002", "summary": "loopt zelfstandig",
				"finding.itemCodeableConcept.coding.code": "165245003", "effectiveDateTime": "2026-03-01",
			},
		},
		{
			"a state of mind, not yet certain", secFunctional, fhir.R4,
			`{"resourceType":"Observation","id":"a","status":"preliminary","category":[{"coding":[{"system":"http://snomed.info/sct","code":"384821006"}]}],"code":{"text":"stemming"},"valueCodeableConcept":{"text":"somber"}}`,
			map[string]string{"status": "in-progress", "summary": "somber", "finding.itemCodeableConcept.text": "somber", "effectiveDateTime": ""},
		},
		{
			"how somebody lives", secSocial, fhir.STU3,
			`{"resourceType":"Observation","id":"a","status":"final","code":{"coding":[{"system":"http://snomed.info/sct","code":"365508006"}],"text":"woonsituatie"},"valueCodeableConcept":{"text":"eengezinswoning"}}`,
			map[string]string{"resourceType": "Observation", "valueString": "eengezinswoning"},
		},
		{
			"plan", secPlan, fhir.R4,
			`{"resourceType":"CarePlan","id":"a","status":"active","intent":"plan","title":"Beweegplan","description":"elke dag lopen"}`,
			map[string]string{"resourceType": "CarePlan", "status": "active", "title": "Beweegplan"},
		},
		{
			"alert", secAlerts, fhir.R4,
			`{"resourceType":"Flag","id":"a","status":"active","code":{"text":"MRSA"},"period":{"start":"2024-01-02"}}`,
			map[string]string{"resourceType": "Flag", "status": "active", "code.text": "MRSA", "period.start": "2024-01-02"},
		},
		{
			"treatment wish", secDirectives, fhir.STU3,
			`{"resourceType":"Consent","id":"a","status":"active","category":[{"coding":[{"system":"http://snomed.info/sct","code":"11291000146105","display":"Treatment instructions"}]}],"dateTime":"2025-01-17"}`,
			map[string]string{"resourceType": "Consent", "scope.coding.code": "adr", "dateTime": "2025-01-17"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			entries := entriesOf(summaryOf(t, saidBy(hospital, c.v, c.raw)), c.section)
			if len(entries) != 1 {
				t.Fatalf("%d entries in the section", len(entries))
			}
			for path, want := range c.want {
				if got := entries[0].Str(strings.Split(path, ".")...); got != want {
					t.Errorf("%s is %q, not %q", path, got, want)
				}
			}
		})
	}
}

// TestADeviceAndItsUse: the entry is the use, and what is used is beside it.
func TestADeviceAndItsUse(t *testing.T) {
	bundle := summaryOf(t,
		saidBy(hospital, fhir.STU3, `{"resourceType":"DeviceUseStatement","id":"u","status":"active","device":{"reference":"Device/d"},"whenUsed":{"start":"2019"}}`),
		saidBy(hospital, fhir.STU3, `{"resourceType":"Device","id":"d","type":{"coding":[{"system":"http://snomed.info/sct","code":"6012004","display":"hoortoestel"}]}}`))
	used := entriesOf(bundle, secDevices)
	if len(used) != 1 || used[0].Str("resourceType") != "DeviceUseStatement" {
		t.Fatalf("%d entries", len(used))
	}
	for _, e := range bundle.All("entry") {
		if e.Str("fullUrl") == used[0].Str("device", "reference") && !e.Get("resource", "type").Coded().Has(fhir.SNOMED, "6012004") {
			t.Error("the device has lost its code")
		}
	}
}

// medicines are two opinions about one medicine, on one line.
func medicines(t *testing.T, second string) (Extract, []fhir.Record) {
	t.Helper()
	const med = `"resourceType":"MedicationStatement","status":"active","medicationCodeableConcept":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.4.10","code":"26190"}]}`
	records := []fhir.Record{
		saidBy(gp, fhir.R4, `{`+med+`,"id":"a","dosage":[{"text":"1 keer per dag"}]}`),
		saidBy(hospital, fhir.R4, `{`+med+`,"id":"b","dosage":[{"text":"`+second+`"}]}`),
	}
	o := &aggregator.Overview{Items: []aggregator.Item{{
		ID: "medication:aaaaaaaaaaaa", Subject: "medication", Section: aggregator.Current, Title: "Metoprolol", When: "2026-05-01",
		Value: &aggregator.Medicine{Name: "Metoprolol", Dose: "1 keer per dag"}, Conflicts: []aggregator.Conflict{{Code: "C-DOSE", Text: "De doseringen verschillen."}},
		Parts: []aggregator.Part{
			{Source: gp, Type: "MedicationStatement", ID: "a", Version: "1", Role: aggregator.RoleRecord},
			{Source: hospital, Type: "MedicationStatement", ID: "b", Version: "1", Role: aggregator.RoleRecord},
		},
	}}}
	return readied(t, Own(o), records, "nl"), records
}

// TestSourcesThatDifferHaveEntriesOfTheirOwn: two doses of one medicine are two
// entries, each with its own source, and the text says that they differ.
func TestSourcesThatDifferHaveEntriesOfTheirOwn(t *testing.T) {
	e, _ := medicines(t, "2 keer per dag")
	raw, bundle := ips(t, e)
	check(t, raw)
	said := map[string]string{}
	for _, m := range entriesOf(bundle, secMedication) {
		said[m.Str("informationSource", "display")] = m.Str("dosage", "text") + " / " + m.Str("note", "text")
	}
	want := map[string]string{gp: "1 keer per dag / De doseringen verschillen.", hospital: "2 keer per dag / De doseringen verschillen."}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
	if strings.Count(string(raw), "De doseringen verschillen.") != 4 { // two notes, two rows
		t.Error("the narrative does not say that they differ")
	}
	same, _ := medicines(t, "1 keer per dag")
	if _, bundle := ips(t, same); len(entriesOf(bundle, secMedication)) != 1 {
		t.Error("one dose of two sources is two entries")
	}
}

// TestOwnAndProvidersAreToldApart: the source of a line is the person or an
// organisation, in the entry and in its Provenance.
func TestOwnAndProvidersAreToldApart(t *testing.T) {
	records := annaRecords(t)
	_, bundle := ips(t, readied(t, Own(merged(t, records, "nl")), records, "nl"))
	types, of := map[string]string{}, map[string][]string{}
	for _, e := range bundle.All("entry") {
		types[e.Str("fullUrl")] = e.Str("resource", "resourceType")
	}
	for _, e := range bundle.All("entry") {
		r := e.Get("resource")
		if r.Str("resourceType") != "Provenance" {
			continue
		}
		for _, to := range r.All("target") {
			url := to.Str("reference")
			of[url] = append(of[url], types[r.Str("agent", "who", "reference")])
		}
	}
	own := 0
	for _, e := range bundle.All("entry") {
		r, url := e.Get("resource"), e.Str("fullUrl")
		who := types[r.Str("informationSource", "reference")+r.Str("performer", "reference")]
		if who != "" && !slices.Contains(of[url], who) {
			t.Errorf("a %s of a %s has a Provenance of %v", types[url], who, of[url])
		}
		if who == "Patient" {
			own++
		}
		switch types[url] {
		case "Composition", "Patient", "Organization", "Device", "Provenance":
		default:
			if len(of[url]) == 0 {
				t.Errorf("nobody said a %s", types[url])
			}
		}
	}
	if own != 3 { // weight, blood pressure and a medicine; an allergy has no such member
		t.Errorf("%d entries are her own", own)
	}
}

// TestWhatIsClosedIsInNoForm: with results that the person did not open, every
// form is the same as if these had never been collected.
func TestWhatIsClosedIsInNoForm(t *testing.T) {
	records := annaRecords(t)
	whole, err := aggregator.Merge(seq(records...), aggregator.Input{AsOf: moment})
	if err != nil {
		t.Fatal(err)
	}
	view := whole.View(aggregator.Viewer{At: moment})
	closed := map[partKey]bool{} // and what only they use, such as a specimen
	for _, shut := range [...]bool{true, false} {
		for _, item := range view.Items {
			open, _ := whole.Find(item.ID)
			for _, p := range open.Parts {
				if (item.Section == aggregator.Gated) == shut {
					closed[keyOf(p)] = shut
				}
			}
		}
	}
	left := slices.DeleteFunc(slices.Clone(records), func(r fhir.Record) bool {
		return closed[partKey{Pin{r.Origin.Source, r.Origin.Service, r.Type, r.ID}, "1"}]
	})
	if len(left) == len(records) {
		t.Fatal("nothing is closed, so nothing is tried")
	}
	with, without := readied(t, Own(view), records, "nl"), readied(t, Own(merged(t, left, "nl")), left, "nl")
	one, _ := ips(t, with)
	other, _ := ips(t, without)
	if !bytes.Equal(one, other) {
		t.Error("the summary tells of what is closed")
	}
	first, _ := tableOf(t, with)
	second, _ := tableOf(t, without)
	if diff := cmp.Diff(second, first); diff != "" {
		t.Error(diff)
	}
}

// TestEmptySectionsTellNothing: without a choice, without data and with all of
// it elsewhere an empty section is the same; only a provider's own word that
// there is none says so.
func TestEmptySectionsTellNothing(t *testing.T) {
	records := annaRecords(t)
	sections := func(e Extract) string {
		e = readied(t, e, records, "nl")
		raw, bundle := ips(t, e)
		check(t, raw)
		var all []string
		for _, s := range bundle.All("entry")[0].Get("resource").All("section") {
			all = append(all, s.Str("title")+s.Get("emptyReason").Coded().Code(emptyReasons)+s.Str("text", "div"))
		}
		return strings.Join(all, "\n")
	}
	nothing := sections(Policy{}.Extract(merged(t, records, "nl"), hospital))
	if none := sections(Own(&aggregator.Overview{})); none != nothing || strings.Count(nothing, "unavailable") != 3 {
		t.Errorf("a summary of nothing shared:\n%s\nof nothing known:\n%s", nothing, none)
	}
	stated := aggregator.Item{
		ID: "allergy:a", Subject: "allergy", Section: aggregator.NoneKnown, Title: "geen allergieën bekend",
		Parts: []aggregator.Part{{Source: gp, Type: "List", ID: "l", Role: aggregator.RoleRecord}},
	}
	if said := sections(Own(&aggregator.Overview{Items: []aggregator.Item{stated}})); !strings.Contains(said, "Allergieënnilknown") || !strings.Contains(said, "geen allergieën bekend") {
		t.Errorf("what a provider states is not said: %s", said)
	}
}

// TestTheSummaryIsThatOfTheContent: the order in which records arrive changes
// no byte; other content has another identifier.
func TestTheSummaryIsThatOfTheContent(t *testing.T) {
	records := annaRecords(t)
	first, one := ips(t, readied(t, Own(merged(t, records, "nl")), records, "nl"))
	turned := slices.Clone(records)
	slices.Reverse(turned)
	second, _ := ips(t, readied(t, Own(merged(t, turned, "nl")), turned, "nl"))
	if !bytes.Equal(first, second) {
		t.Error("another order gives other bytes")
	}
	less := slices.DeleteFunc(slices.Clone(records), func(r fhir.Record) bool { return r.Type == "AllergyIntolerance" })
	_, other := ips(t, readied(t, Own(merged(t, less, "nl")), less, "nl"))
	if one.Str("identifier", "value") == other.Str("identifier", "value") {
		t.Error("other content has the same identifier")
	}
}

func TestRecordsThatCannotBeRead(t *testing.T) {
	broken := errors.New("broken")
	e := Own(&aggregator.Overview{})
	err := e.Read(func(yield func(fhir.Record, error) bool) { yield(fhir.Record{}, broken) })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// TestALineWithoutItsRecord goes without codes, and holds to the rules.
func TestALineWithoutItsRecord(t *testing.T) {
	e, _ := medicines(t, "x")
	e = readied(t, e, nil, "en")
	raw, bundle := ips(t, e)
	check(t, raw)
	got := entriesOf(bundle, secMedication)
	if len(got) != 1 || got[0].Str("medicationCodeableConcept", "text") != "Metoprolol" || got[0].Get("medicationCodeableConcept", "coding").Exists() {
		t.Errorf("%d entries", len(got))
	}
}

// TestAWarningThatIsOver is not among the warnings that count now.
func TestAWarningThatIsOver(t *testing.T) {
	over := saidBy(gp, fhir.R4, `{"resourceType":"Flag","id":"a","status":"inactive","code":{"text":"MRSA"}}`)
	counts := saidBy(hospital, fhir.R4, `{"resourceType":"Flag","id":"b","status":"active","code":{"text":"Valgevaar"}}`)
	if got := entriesOf(summaryOf(t, over), secAlerts); len(got) != 0 {
		t.Errorf("%d warnings of one that is over", len(got))
	}
	got := entriesOf(summaryOf(t, over, counts), secAlerts)
	if len(got) != 1 || got[0].Str("status") != "active" || got[0].Str("code", "text") != "Valgevaar" {
		t.Errorf("%d warnings", len(got))
	}
}

// TestOddValues: what a source wrote badly never makes a summary that others
// cannot read.
func TestOddValues(t *testing.T) {
	const obs = `"resourceType":"Observation","status":"nonsense","category":[{"coding":[{"code":"laboratory","system":"http://terminology.hl7.org/CodeSystem/observation-category"}]}],"code":{"text":"x\u0001\ud800y"}`
	summaryOf(t,
		saidBy(gp, fhir.R4, `{`+obs+`,"id":"a","valueQuantity":{"value":"+5,3","unit":"mg"}}`),
		saidBy(gp, fhir.R4, `{`+obs+`,"id":"b","valueQuantity":{"value":05},"effectiveDateTime":"gisteren"}`),
		saidBy(gp, fhir.R4, `{`+obs+`,"id":"c","referenceRange":[{"low":{"value":1,"comparator":"<"}}],"valueString":"  "}`),
		saidBy(gp, fhir.STU3, `{"resourceType":"Immunization","id":"d","status":"completed","vaccineCode":{"coding":[{"code":"a  b ","system":" urn:x y"}]},"date":"2021-02-03T10:00"}`),
		saidBy(gp, fhir.R4, `{"resourceType":"Condition","id":"e"}`),
		saidBy(gp, fhir.R4, `{"resourceType":"MedicationStatement","id":"f","status":"active","medicationCodeableConcept":{"text":"]]>&<x"},"effectivePeriod":{"start":"2026-05-01","end":"2020"}}`),
		saidBy("file:<&>", fhir.R4, `{"resourceType":"Flag","id":"g","status":"active","code":{"text":"\u0000"}}`),
	)
}
