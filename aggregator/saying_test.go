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
			}, "Over iemand anders: Gewicht", "", "1\u00a0kg", "", Found,
		},
		{
			"diagnosis ruled out", fhir.R4,
			object{"resourceType": "Condition", "code": text("Astma"), "verificationStatus": object{"coding": []any{object{"code": "refuted"}}}},
			"Uitgesloten: Astma", "", "", "", Inactive,
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
			if i.Title != tc.title || i.When != tc.when || i.Detail != tc.detail || i.Author != tc.who || i.Section != tc.section {
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
