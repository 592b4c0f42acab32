package aggregator

import (
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// TestPlainSubjectsSayWhatTheyMean: what the person must know stands in the
// line, in the words of both releases.
func TestPlainSubjectsSayWhatTheyMean(t *testing.T) {
	const sd = "http://nictiz.nl/fhir/StructureDefinition/"
	text := func(s string) object { return object{"text": s} }
	agent := func(name string) object { return object{"display": name} }
	for _, tc := range []struct {
		name        string
		v           fhir.Version
		in          object
		title, when string
		detail, who string
		section     Section
	}{
		{
			"do not eat, STU3", fhir.STU3, object{
				"resourceType": "Appointment", "status": "booked", "description": "Onderzoek", "start": "2026-02-01T09:00:00+01:00", "comment": "ingang oost",
				"extension": []any{object{"url": sd + "eAfspraak-Appointment-PatientInstructions", "valueString": "niet eten"}},
			}, "Onderzoek", "2026-02-01", "09:00 uur · niet eten · ingang oost", "", Planned,
		},
		{
			"do not eat, R4", fhir.R4, object{
				"resourceType": "Appointment", "status": "booked", "description": "Onderzoek", "start": "2026-02-01T09:00:00+01:00", "comment": "ingang oost", "patientInstruction": "niet eten",
			}, "Onderzoek", "2026-02-01", "09:00 uur · niet eten · ingang oost", "", Planned,
		},
		{
			"directive, STU3", fhir.STU3, object{
				"resourceType": "Consent", "status": "active", "period": object{"start": "2018-04-09"}, "consentingParty": []any{agent("zoon")},
				"category":          []any{concept(fhir.SNOMED, "11291000146105", "Behandelaanwijzing (gegevensobject)")},
				"extension":         []any{object{"url": sd + "zib-TreatmentDirective-Treatment", "valueCodeableConcept": text("Beademing")}},
				"modifierExtension": []any{object{"url": sd + "zib-TreatmentDirective-TreatmentPermitted", "valueCodeableConcept": text("Ja, maar")}},
				"except":            []any{object{"type": "deny", "extension": []any{object{"url": sd + "zib-TreatmentDirective-Restrictions", "valueString": "eerst overleg"}}}},
			}, "Beademing", "2018-04-09", "Ja, maar · eerst overleg", "zoon", Found,
		},
		{
			"directive, R4", fhir.R4, object{
				"resourceType": "Consent", "status": "active", "performer": []any{agent("zoon")},
				"category":  []any{concept("http://terminology.hl7.org/CodeSystem/consentcategorycodes", "acd", "Advance Directive")},
				"provision": object{"period": object{"start": "2018-04-09"}, "code": []any{text("Niet reanimeren")}},
				"extension": []any{object{"url": sd + "ext-Comment", "valueString": "penning"}},
			}, "Niet reanimeren", "2018-04-09", "penning", "zoon", Found,
		},
		{
			"questionnaire to fill in, STU3", fhir.STU3, object{
				"resourceType": "Task", "status": "requested", "description": "Vragen", "authoredOn": "2026-01-10", "requester": object{"agent": agent("Huisarts")},
			}, "Vragen", "2026-01-10", "", "Huisarts", Found,
		},
		{
			"vaccination advised, STU3", fhir.STU3, object{
				"resourceType": "ImmunizationRecommendation", "recommendation": []any{object{"date": "2026-10", "vaccineCode": text("Griepprik")}},
			}, "Griepprik", "2026-10", "", "", Found,
		},
		{
			"vaccination advised, R4", fhir.R4, object{
				"resourceType": "ImmunizationRecommendation", "date": "2026-01-01", "recommendation": []any{object{"vaccineCode": []any{text("Griepprik")}, "description": "elk jaar"}},
			}, "Griepprik", "2026-01-01", "elk jaar", "", Found,
		},
		{
			"vaccination not given, STU3", fhir.STU3,
			object{"resourceType": "Immunization", "status": "completed", "notGiven": true, "vaccineCode": text("BMR"), "date": "2020"},
			"Niet gegeven: BMR", "2020", "", "", Found,
		},
		{
			"vaccination not given, R4", fhir.R4,
			object{"resourceType": "Immunization", "status": "not-done", "vaccineCode": text("BMR"), "occurrenceDateTime": "2020"},
			"Niet gegeven: BMR", "2020", "", "", Found,
		},
		{
			"procedure not done", fhir.STU3,
			object{"resourceType": "Procedure", "status": "suspended", "notDone": true, "code": text("Knie")},
			"Niet uitgevoerd: Knie", "", "", "", Found,
		},
		{
			"asked not to do", fhir.R4,
			object{"resourceType": "ServiceRequest", "status": "active", "doNotPerform": true, "code": text("Infuus links")},
			"Niet doen: Infuus links", "", "", "", Found,
		},
		{
			"weight of a child that is not yet born", fhir.R4, object{
				"resourceType": "Observation", "status": "final", "code": concept(fhir.LOINC, "29463-7", "Gewicht"), "valueQuantity": object{"value": 1, "unit": "kg"},
				"focus": []any{object{"reference": "RelatedPerson/kind"}},
			}, "Over iemand anders: Gewicht", "", "1 kg", "", Found,
		},
		{
			"diagnosis ruled out", fhir.R4,
			object{"resourceType": "Condition", "code": text("Astma"), "verificationStatus": object{"coding": []any{object{"code": "refuted"}}}},
			"Uitgesloten: Astma", "", "", "", Inactive,
		},
		{
			"diagnosis that is not certain, in remission", fhir.R4, object{
				"resourceType": "Condition", "code": text("Reuma"), "severity": text("mild"), "onsetDateTime": "2019", "abatementDateTime": "2024-05",
				"clinicalStatus": concept("x", "remission", ""), "verificationStatus": concept("x", "provisional", "Voorlopig"),
				"bodySite": []any{text("knie")}, "note": []any{object{"text": "na de zomer weg"}},
			}, "Reuma", "2019", "mild · knie · Niet zeker: Voorlopig · tot mei 2024 · na de zomer weg", "", Inactive,
		},
		{
			"episode that is over", fhir.R4, object{
				"resourceType": "EpisodeOfCare", "status": "finished", "type": []any{text("Zwangerschap")}, "period": object{"start": "2020-01-01", "end": "2020-09-01"},
			}, "Zwangerschap", "2020-01-01", "tot 1 september 2020", "", Inactive,
		},
		{
			"second dose", fhir.R4, object{
				"resourceType": "Immunization", "status": "completed", "vaccineCode": text("HPV"), "occurrenceDateTime": "2020-02-01", "lotNumber": "AB12",
				"protocolApplied": []any{object{"doseNumberPositiveInt": 2, "seriesDosesPositiveInt": 3}},
				"performer":       []any{object{"actor": agent("GGD")}},
			}, "HPV", "2020-02-01", "Dosis 2/3 · Partijnummer: AB12", "GGD", Found,
		},
		{
			"stay in hospital", fhir.R4, object{
				"resourceType": "Encounter", "status": "finished", "class": object{"code": "IMP", "display": "Opname"}, "reasonCode": []any{text("longontsteking")},
				"period":          object{"start": "2025-03-01", "end": "2025-03-05"},
				"hospitalization": object{"admitSource": text("huis"), "dischargeDisposition": text("verpleeghuis")},
			}, "Opname", "2025-03-01", "longontsteking · tot 5 maart 2025 · Kwam van: huis · Ging naar: verpleeghuis", "", Found,
		},
		{
			"contact that is planned", fhir.R4,
			object{"resourceType": "Encounter", "status": "planned", "type": []any{text("Consult")}},
			"Consult", "", "", "", Planned,
		},
		{
			"operation", fhir.R4, object{
				"resourceType": "Procedure", "status": "completed", "code": text("Nieuwe heup"), "performedDateTime": "2022-06-01", "outcome": text("geslaagd"),
				"bodySite": []any{text("heup")}, "reasonCode": []any{text("slijtage")}, "performer": []any{object{"actor": agent("Dr. Bot")}},
			}, "Nieuwe heup", "2022-06-01", "heup · slijtage · geslaagd", "Dr. Bot", Found,
		},
		{
			"report that may change", fhir.R4, object{
				"resourceType": "DiagnosticReport", "status": "preliminary", "code": text("Foto longen"), "effectiveDateTime": "2026-01-03", "conclusion": "geen bijzonderheden",
			}, "Foto longen", "2026-01-03", "geen bijzonderheden · Voorlopig", "", Found,
		},
		{
			"request that was taken back", fhir.R4, object{
				"resourceType": "ServiceRequest", "status": "revoked", "intent": "order", "code": text("Scan"), "authoredOn": "2026-01-03", "reasonCode": []any{text("pijn")},
			}, "Scan", "2026-01-03", "pijn", "", Cancelled,
		},
		{
			"aid in use", fhir.R4, object{
				"resourceType": "DeviceUseStatement", "status": "active", "recordedOn": "2024-01-01", "device": object{"reference": "#d"},
				"contained": []any{object{"resourceType": "Device", "id": "d", "type": text("Pacemaker"), "manufacturer": "Hart BV", "modelNumber": "P1", "lotNumber": "77"}},
				"bodySite":  text("borst"),
			}, "Pacemaker", "2024-01-01", "Hart BV P1 · Partijnummer: 77 · borst", "", Found,
		},
		{
			"aid that was asked for and is done", fhir.R4, object{
				"resourceType": "DeviceRequest", "status": "completed", "intent": "order", "codeCodeableConcept": text("Rollator"), "authoredOn": "2024-01-01",
			}, "Rollator", "2024-01-01", "", "", Past,
		},
		{
			"alert", fhir.R4, object{
				"resourceType": "Flag", "status": "active", "category": []any{text("Gedrag")}, "code": text("Valgevaar"), "period": object{"start": "2025-01-01"}, "author": agent("Wijkzorg"),
			}, "Valgevaar", "2025-01-01", "Gedrag", "Wijkzorg", Found,
		},
		{
			"goal that was reached", fhir.R4, object{
				"resourceType": "Goal", "lifecycleStatus": "completed", "achievementStatus": text("bereikt"), "description": text("Zelf lopen"), "startDate": "2025-01-01",
			}, "Zelf lopen", "2025-01-01", "bereikt", "", Past,
		},
		{
			"what to eat", fhir.R4, object{
				"resourceType": "NutritionOrder", "status": "active", "intent": "order", "dateTime": "2025-01-01",
				"oralDiet": object{"type": []any{text("Zonder zout")}, "texture": []any{object{"modifier": text("gemalen")}}},
			}, "Zonder zout", "2025-01-01", "gemalen", "", Found,
		},
		{
			"insurance", fhir.R4, object{
				"resourceType": "Coverage", "status": "active", "type": text("Basis"), "subscriberId": "P-1", "payor": []any{agent("Zorgzeker")}, "period": object{"start": "2026-01-01", "end": "2026-12-31"},
			}, "Zorgzeker", "2026-01-01", "Basis · Nummer: P-1 · tot 31 december 2026", "", Found,
		},
		{
			"what runs in the family", fhir.R4, object{
				"resourceType": "FamilyMemberHistory", "status": "completed", "relationship": text("moeder"), "date": "2024-01-01",
				"condition": []any{object{"code": text("diabetes"), "outcome": text("behandeld")}},
			}, "moeder", "2024-01-01", "diabetes behandeld", "", Found,
		},
		{
			"somebody close", fhir.R4, object{
				"resourceType": "RelatedPerson", "name": []any{object{"text": "Bram de Vries"}}, "relationship": []any{text("zoon")}, "telecom": []any{object{"value": "06-0000000"}},
			}, "Bram de Vries", "", "zoon · 06-0000000", "", Found,
		},
		{
			"no treatment, R4", fhir.R4, object{
				"resourceType": "Consent", "status": "inactive", "dateTime": "2023-01-01", "scope": concept("http://terminology.hl7.org/CodeSystem/consentscope", "treatment", ""),
				"category":  []any{concept(fhir.SNOMED, "129125009", "Procedure with explicit context")},
				"provision": object{"type": "deny", "code": []any{text("Reanimatie")}},
			}, "Reanimatie", "2023-01-01", "", "", Past,
		},
		{
			"diagnosis", fhir.STU3,
			object{"resourceType": "Condition", "code": text("Astma"), "verificationStatus": "confirmed", "clinicalStatus": "active"},
			"Astma", "", "", "", Active,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.in["id"] = "x"
			o := merged(t, at("gp", "48", tc.v, tc.in))
			if len(o.Items) != 1 {
				t.Fatalf("%d items", len(o.Items))
			}
			i := o.Items[0]
			if i.Title != tc.title || i.When != tc.when || plainSpaces(i.Detail) != tc.detail || i.Author != tc.who || i.Section != tc.section {
				t.Errorf("%q %q %q %q %q", i.Title, i.When, i.Detail, i.Author, i.Section)
			}
			if len(i.Conflicts) > 0 {
				t.Errorf("conflicts %v", i.Conflicts)
			}
		})
	}
}

// TestUnknownModifierOfADirective: what may mean the opposite is marked.
func TestUnknownModifierOfADirective(t *testing.T) {
	o := merged(t, at("gp", "48", fhir.R4, object{
		"resourceType": "Consent", "id": "x", "status": "active", "provision": object{"code": []any{object{"text": "Niet reanimeren"}}},
		"modifierExtension": []any{object{"url": "http://example.nl/ingetrokken", "valueBoolean": true}},
	}))
	if c := o.Items[0].Conflicts; len(c) != 1 || c[0].Code != "C-MODIFIER" {
		t.Errorf("conflicts %v", c)
	}
}
