package clinical_test

import (
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

func TestDocument(t *testing.T) {
	check(t, []reading{
		{
			name: "letter",
			stu3: `{"resourceType":"DocumentReference","masterIdentifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:A"},"status":"current","type":{"text":"ontslagbrief"},"class":{"text":"brief"},"indexed":"2025-03-02T10:00:00+01:00","created":"2025-03-01",
				"author":[{"reference":"#a"}],"description":"Ontslag","securityLabel":[{"coding":[{"code":"R"}]}],"content":[{"attachment":{"contentType":"application/pdf","url":"Binary/b","size":2048,"hash":"abc="}}],
				"context":{"period":{"end":"2025-03-01"},"related":[{"ref":{"reference":"Encounter/e"}}]}}`,
			want: &clinical.Document{
				Master: fhir.Ident{System: "urn:ietf:rfc:3986", Value: "urn:uuid:a"}, Status: code("current"), Type: words1("ontslagbrief"), Classes: []fhir.Coded{words1("brief")},
				Indexed: date("2025-03-02T10:00:00+01:00"), Created: date("2025-03-01"), Authors: []fhir.Reference{{URL: "#a"}}, Description: "Ontslag",
				Security: []fhir.Coded{{Coding: []fhir.Coding{{Code: "R"}}}}, Files: []clinical.Attachment{{ContentType: "application/pdf", URL: "Binary/b", Size: "2048", Hash: "abc="}},
				Period: fhir.Period{End: date("2025-03-01")}, Related: []fhir.Reference{ref("Encounter", "e")},
			},
		},
		{
			name: "a status that is none is kept and warned of",
			r4:   `{"resourceType":"DocumentReference","status":"preliminary","date":"2025-03-02T10:00:00+01:00","category":[{"text":"REPORTS"}],"content":[{"attachment":{"url":"https://example.nl/x"},"format":{"code":"f"}}],"context":{"related":[{"reference":"Encounter/e"}]}}`,
			want: &clinical.Document{
				Status: code("preliminary"), Indexed: date("2025-03-02T10:00:00+01:00"), Classes: []fhir.Coded{words1("REPORTS")}, Files: []clinical.Attachment{{URL: "https://example.nl/x"}},
				Formats: []fhir.Coded{{Coding: []fhir.Coding{{Code: "f"}}}}, Related: []fhir.Reference{ref("Encounter", "e")},
			},
			warnings: []clinical.Warning{{Path: "DocumentReference.status", Kind: clinical.KindCode}},
		},
		{
			name: "package",
			stu3: `{"resourceType":"DocumentManifest","status":"current","content":[{"pReference":{"reference":"DocumentReference/d"}}]}`,
			r4:   `{"resourceType":"DocumentManifest","status":"current","content":[{"reference":"DocumentReference/d"}]}`,
			want: &clinical.Document{Status: code("current"), Members: []fhir.Reference{ref("DocumentReference", "d")}},
		},
		{
			name: "file", stu3: `{"resourceType":"Binary","contentType":"application/pdf","content":"JVBERg=="}`, r4: `{"resourceType":"Binary","contentType":"application/pdf","data":"JVBERg=="}`,
			want: &clinical.File{ContentType: "application/pdf", HasContent: true},
		},
		{
			name: "photo", stu3: `{"resourceType":"Media","type":"photo","subtype":{"text":"wond"},"occurrenceDateTime":"2025","content":{"url":"Binary/b"}}`,
			want: &clinical.Media{Type: fhir.Coded{Coding: []fhir.Coding{{Code: "photo"}}}, Subtype: words1("wond"), Created: at("2025"), File: clinical.Attachment{URL: "Binary/b"}},
		},
		{
			name: "photo in R4", r4: `{"resourceType":"Media","status":"completed","type":{"text":"foto"},"modality":{"text":"wond"},"createdDateTime":"2025","content":{"url":"Binary/b"}}`,
			want: &clinical.Media{Status: "completed", Type: words1("foto"), Subtype: words1("wond"), Created: at("2025"), File: clinical.Attachment{URL: "Binary/b"}},
		},
	})
}

func TestAppointment(t *testing.T) {
	check(t, []reading{{
		name: "do not eat",
		stu3: with(`{"resourceType":"Appointment","status":"booked","start":"2025-07-01T09:00:00+02:00","end":"2025-07-01T09:20:00+02:00","specialty":[{"text":"interne"}],"serviceCategory":{"text":"polikliniek"},"reason":[{"text":"controle"}],
			"indication":[{"display":"suikerziekte"}],"comment":"ingang oost","extension":[{"url":"SD/eAfspraak-Appointment-PatientInstructions","valueString":"nuchter komen"}],
			"participant":[{"actor":{"display":"dokter","extension":[{"url":"SD/practitionerrole-reference","valueReference":{"reference":"PractitionerRole/r"}}]},"status":"accepted","type":[{"text":"behandelaar"}]}]}`),
		r4: with(`{"resourceType":"Appointment","status":"booked","start":"2025-07-01T09:00:00+02:00","end":"2025-07-01T09:20:00+02:00","specialty":[{"text":"interne"}],"serviceCategory":[{"text":"polikliniek"}],"reasonCode":[{"text":"controle"}],
			"reasonReference":[{"display":"suikerziekte"}],"comment":"ingang oost","patientInstruction":"nuchter komen",
			"participant":[{"actor":{"reference":"PractitionerRole/r","display":"dokter"},"status":"accepted","type":[{"text":"behandelaar"}]}]}`),
		want: &clinical.Appointment{
			Status: code("booked"), Start: date("2025-07-01T09:00:00+02:00"), End: date("2025-07-01T09:20:00+02:00"), Specialties: []fhir.Coded{words1("interne")},
			Categories: []fhir.Coded{words1("polikliniek")}, Reasons: []fhir.Coded{words1("controle")}, ReasonRefs: []fhir.Reference{{Display: "suikerziekte"}},
			Remarks: []clinical.Remark{{Text: "ingang oost"}}, Instructions: []string{"nuchter komen"},
			Participants: []clinical.Participant{{
				Who: fhir.Reference{URL: "PractitionerRole/r", Ref: fhir.Ref{Type: "PractitionerRole", ID: "r"}, Display: "dokter"}, Status: "accepted", Roles: []fhir.Coded{words1("behandelaar")},
			}},
		},
	}})
}

func TestProblemAndEpisode(t *testing.T) {
	check(t, []reading{
		{
			name: "STU3: code with the code it was made of",
			stu3: with(`{"resourceType":"Condition","clinicalStatus":"inactive","_clinicalStatus":{"extension":[{"url":"SD/code-specification","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"73425007","display":"niet actueel"}]}}]},
				"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icpc-1-nl","code":"R21.01"}]},"onsetDateTime":"2010","abatementBoolean":true,"assertedDate":"2011-05","bodySite":[{"text":"keel"}],"stage":{"summary":{"text":"II"}}}`),
			want: &clinical.Problem{
				Clinical: clinical.Status{Code: "inactive", Source: snomed("73425007", "niet actueel")}, Code: fhir.Coded{Coding: []fhir.Coding{{System: fhir.ICPC, Code: "R21.01"}}},
				Onset: at("2010"), Abatement: clinical.Moment{Happened: true}, Recorded: date("2011-05"), Sites: []clinical.Site{{Code: words1("keel")}}, Stage: words1("II"),
			},
		},
		{
			name: "R4: concepts and an age",
			r4: with(`{"resourceType":"Condition","clinicalStatus":{"coding":[{"code":"inactive"}]},"verificationStatus":{"coding":[{"code":"refuted"}]},"onsetAge":{"value":40,"unit":"jaar","system":"http://unitsofmeasure.org","code":"a"},
				"recordedDate":"2011-05","recorder":{"display":"arts"},"code":{"text":"angina","extension":[{"url":"SD/ext-Problem.FurtherSpecificationProblemName","valueString":"links"}]}}`),
			want: &clinical.Problem{
				Clinical: coded("inactive"), Verification: coded("refuted"), Onset: clinical.Moment{Low: quantity("40", "jaar", "a"), High: quantity("40", "jaar", "a")},
				Recorded: date("2011-05"), Recorder: fhir.Reference{Display: "arts"}, Code: words1("angina"), Further: "links",
			},
		},
		{
			name: "episode of a practice, its condition by display",
			stu3: with(`{"resourceType":"EpisodeOfCare","status":"active","extension":[{"url":"SD/EpisodeOfCare-Title","valueString":"Suikerziekte"},{"url":"SD/EpisodeOfCare-DateLastEncounter","valueDateTime":"2025-02-01"}],"diagnosis":[{"condition":{"display":"T90"}}],"period":{"start":"2012"}}`),
			want: &clinical.Episode{Status: code("active"), Title: "Suikerziekte", Last: date("2025-02-01"), Conditions: []fhir.Reference{{Display: "T90"}}, Period: fhir.Period{Start: date("2012")}},
		},
	})
}

func TestEncounterAndNote(t *testing.T) {
	check(t, []reading{
		{
			name: "encounter",
			stu3: `{"resourceType":"Encounter","status":"finished","class":{"system":"http://hl7.org/fhir/v3/ActCode","code":"IMP"},"reason":[{"text":"operatie"}],"participant":[{"individual":{"display":"arts"}}],"period":{"start":"2025-01-01"},"diagnosis":[{"condition":{"display":"breuk"}}],"location":[{"location":{"display":"zaal 1"}}],"hospitalization":{"admitSource":{"text":"thuis"}}}`,
			r4:   `{"resourceType":"Encounter","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP"},"reasonCode":[{"text":"operatie"}],"participant":[{"individual":{"display":"arts"}}],"period":{"start":"2025-01-01"},"diagnosis":[{"condition":{"display":"breuk"}}],"location":[{"location":{"display":"zaal 1"}}],"hospitalization":{"admitSource":{"text":"thuis"}}}`,
			want: &clinical.Encounter{
				Status: code("finished"), Class: fhir.Coded{Coding: []fhir.Coding{{System: "http://terminology.hl7.org/CodeSystem/v3-ActCode", Code: "IMP"}}}, Reasons: []fhir.Coded{words1("operatie")},
				Participants: []clinical.Participant{{Who: fhir.Reference{Display: "arts"}}}, Period: fhir.Period{Start: date("2025-01-01")}, Diagnoses: []fhir.Reference{{Display: "breuk"}},
				Places: []fhir.Reference{{Display: "zaal 1"}}, AdmittedFrom: words1("thuis"),
			},
		},
		{
			name: "the note is in the text of the sections, also of those inside",
			stu3: with(`{"resourceType":"Composition","status":"final","title":"Contact","date":"2025-04-27","section":[{"code":{"coding":[{"code":"E"}]},"extension":[{"url":"SD/code-icpc-1-nl","valueCodeableConcept":{"text":"K78"}}],
				"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Ritme<b>stoornis</b></div>"},"entry":[{"reference":"Observation/o"}],
				"section":[{"title":"erin","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">meer</div>"}}]}]}`),
			want: &clinical.Note{
				Status: code("final"), Title: "Contact", Date: date("2025-04-27"),
				Sections: []clinical.Section{
					{Code: fhir.Coded{Coding: []fhir.Coding{{Code: "E"}}}, ICPC: words1("K78"), Text: "Ritmestoornis", Entries: []fhir.Reference{ref("Observation", "o")}},
					{Title: "erin", Text: "meer"},
				},
			},
		},
	})
}

func TestVaccination(t *testing.T) {
	check(t, []reading{
		{
			name: "given",
			stu3: `{"resourceType":"Immunization","status":"completed","notGiven":false,"vaccineCode":{"text":"BMR"},"date":"1999","practitioner":[{"role":{"text":"prikt"},"actor":{"display":"arts"}}],"explanation":{"reason":[{"text":"reis"}]},"vaccinationProtocol":[{"doseSequence":2,"series":"RVP","targetDisease":[{"text":"mazelen"}]}],"primarySource":true}`,
			r4:   `{"resourceType":"Immunization","status":"completed","vaccineCode":{"text":"BMR"},"occurrenceDateTime":"1999","performer":[{"function":{"text":"prikt"},"actor":{"display":"arts"}}],"reasonCode":[{"text":"reis"}],"protocolApplied":[{"doseNumberPositiveInt":2,"series":"RVP","targetDisease":[{"text":"mazelen"}]}],"primarySource":true}`,
			want: &clinical.Vaccination{
				Status: code("completed"), Given: true, Code: words1("BMR"), When: at("1999"), Reason: []fhir.Coded{words1("reis")}, Primary: clinical.Yes,
				Performers: []clinical.Participant{{Who: fhir.Reference{Display: "arts"}, Roles: []fhir.Coded{words1("prikt")}}},
				Protocols:  []clinical.Protocol{{Dose: "2", Series: "RVP", Targets: []fhir.Coded{words1("mazelen")}}},
			},
		},
		{
			name: "not given",
			stu3: `{"resourceType":"Immunization","status":"completed","notGiven":true,"explanation":{"reasonNotGiven":[{"text":"ziek"}]}}`,
			want: &clinical.Vaccination{Status: code("completed"), Reason: []fhir.Coded{words1("ziek")}},
		},
		{
			name: "not given in R4, a moment and a dose in words",
			r4:   `{"resourceType":"Immunization","status":"not-done","statusReason":{"text":"ziek"},"occurrenceString":"als kind","protocolApplied":[{"doseNumberString":"n/a"}]}`,
			want: &clinical.Vaccination{
				Status: code("not-done"), Reason: []fhir.Coded{words1("ziek")}, When: clinical.Moment{Text: "als kind"}, Protocols: []clinical.Protocol{{Dose: "n/a"}},
			},
		},
		{
			name: "advice",
			stu3: `{"resourceType":"ImmunizationRecommendation","recommendation":[{"date":"2026","vaccineCode":{"text":"griep"},"forecastStatus":{"text":"due"},"dateCriterion":[{"code":{"text":"vanaf"},"value":"2026-10"}]}]}`,
			want: &clinical.VaccinationAdvice{Advice: []clinical.Advice{{
				Date: date("2026"), Codes: []fhir.Coded{words1("griep")}, Forecast: words1("due"), Dates: []clinical.AdviceDate{{Code: words1("vanaf"), Date: date("2026-10")}},
			}}},
		},
	})
	late, early := date("2027"), date("2026-10")
	for _, tc := range []struct {
		in   clinical.Advice
		want string
	}{
		{clinical.Advice{Date: late, Dates: []clinical.AdviceDate{{Date: early}}}, "2027"},
		{clinical.Advice{Dates: []clinical.AdviceDate{{Date: late}, {Date: early}, {}}}, "2026-10"},
		{clinical.Advice{}, ""},
	} {
		if got := tc.in.When().String(); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

func TestProcedureAndRequest(t *testing.T) {
	check(t, []reading{
		{
			name: "done", stu3: `{"resourceType":"Procedure","status":"completed","code":{"text":"knie"},"performedPeriod":{"start":"2012-06-05"},"performer":[{"role":{"text":"snijdt"},"actor":{"display":"arts"}}],"focalDevice":[{"manipulated":{"display":"prothese"}}],"context":{"reference":"Encounter/e"}}`,
			r4: `{"resourceType":"Procedure","status":"completed","code":{"text":"knie"},"performedPeriod":{"start":"2012-06-05"},"performer":[{"function":{"text":"snijdt"},"actor":{"display":"arts"}}],"focalDevice":[{"manipulated":{"display":"prothese"}}],"encounter":{"reference":"Encounter/e"}}`,
			want: &clinical.Procedure{
				Status: code("completed"), Done: true, Code: words1("knie"), Performed: at("2012-06-05"), Devices: []fhir.Reference{{Display: "prothese"}}, Context: ref("Encounter", "e"),
				Performers: []clinical.Participant{{Who: fhir.Reference{Display: "arts"}, Roles: []fhir.Coded{words1("snijdt")}}},
			},
		},
		{
			name: "with assent",
			stu3: with(`{"resourceType":"Procedure","status":"completed","code":{"text":"bedhek"},"extension":[{"url":"SD/zib-FreedomRestrictingMeasures-Permission","valueCodeableConcept":{"text":"ja"}}]}`),
			r4:   with(`{"resourceType":"Procedure","status":"completed","code":{"text":"bedhek"},"extension":[{"url":"SD/ext-FreedomRestrictingIntervention.Assent","valueCodeableConcept":{"text":"ja"}}]}`),
			want: &clinical.Procedure{Status: code("completed"), Done: true, Code: words1("bedhek"), Assent: words1("ja")},
		},
		{
			name: "not done", stu3: `{"resourceType":"Procedure","status":"suspended","notDone":true,"notDoneReason":{"text":"koorts"}}`,
			want: &clinical.Procedure{Status: code("suspended"), Reasons: []fhir.Coded{words1("koorts")}},
		},
		{
			name: "not done in R4", r4: `{"resourceType":"Procedure","status":"not-done","statusReason":{"text":"koorts"}}`,
			want: &clinical.Procedure{Status: code("not-done"), Reasons: []fhir.Coded{words1("koorts")}},
		},
		{
			name: "request",
			stu3: `{"resourceType":"ProcedureRequest","status":"active","intent":"order","code":{"text":"scan"},"occurrenceTiming":{"repeat":{"boundsPeriod":{"start":"2025-05"}}},"requester":{"agent":{"display":"arts"}},"performer":{"display":"lab"}}`,
			r4:   `{"resourceType":"ServiceRequest","status":"active","intent":"order","code":{"text":"scan"},"occurrenceTiming":{"repeat":{"boundsPeriod":{"start":"2025-05"}}},"requester":{"display":"arts"},"performer":[{"display":"lab"}]}`,
			want: &clinical.Request{
				Status: code("active"), Intent: "order", Codes: []fhir.Coded{words1("scan")}, Occurrence: at("2025-05"), Requester: fhir.Reference{Display: "arts"}, Performers: []fhir.Reference{{Display: "lab"}},
			},
		},
		{
			name: "referral", stu3: `{"resourceType":"ReferralRequest","status":"active","intent":"order","type":{"text":"verwijzing"},"serviceRequested":[{"text":"echo"}],"recipient":[{"display":"lab"}],"specialty":{"text":"verloskunde"},"description":"graag echo"}`,
			want: &clinical.Request{
				Status: code("active"), Intent: "order", Categories: []fhir.Coded{words1("verwijzing")}, Codes: []fhir.Coded{words1("echo")}, Performers: []fhir.Reference{{Display: "lab"}},
				PerformerType: []fhir.Coded{words1("verloskunde")}, Text: "graag echo",
			},
		},
	})
}
