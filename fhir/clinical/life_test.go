package clinical_test

import (
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
	"github.com/google/go-cmp/cmp"
)

func TestPlans(t *testing.T) {
	check(t, []reading{
		{
			name: "plan",
			stu3: with(`{"resourceType":"CarePlan","status":"active","intent":"plan","author":[{"display":"zorg"}],"context":{"reference":"Encounter/e"},"activity":[{"outcomeCodeableConcept":[{"text":"lukt"}],
				"extension":[{"url":"SD/extension-medicaldevice","valueReference":{"display":"rollator"}}],"detail":{"category":{"coding":[{"code":"hulp"}]},"code":{"text":"wassen"},"status":"in-progress","prohibited":true,"scheduledString":"elke dag","performer":[{"display":"buur"}]}}]}`),
			r4: with(`{"resourceType":"CarePlan","status":"active","intent":"plan","author":{"display":"zorg"},"encounter":{"reference":"Encounter/e"},"activity":[{"outcomeCodeableConcept":[{"text":"lukt"}],
				"extension":[{"url":"SD/extension-medicaldevice","valueReference":{"display":"rollator"}}],"detail":{"code":{"text":"wassen"},"status":"in-progress","doNotPerform":true,"scheduledString":"elke dag","performer":[{"display":"buur"}],"kind":"hulp"}}]}`),
			want: &clinical.Plan{
				Status: code("active"), Intent: "plan", Authors: []fhir.Reference{{Display: "zorg"}}, Context: ref("Encounter", "e"),
				Activities: []clinical.Activity{{
					Code: words1("wassen"), Category: fhir.Coded{Coding: []fhir.Coding{{Code: "hulp"}}}, Status: "in-progress", Not: true, Scheduled: clinical.Moment{Text: "elke dag"}, Performers: []fhir.Reference{{Display: "buur"}},
					Outcomes: []fhir.Coded{words1("lukt")}, Devices: []fhir.Reference{{Display: "rollator"}},
				}},
			},
		},
		{
			name: "team",
			stu3: `{"resourceType":"CareTeam","status":"active","participant":[{"role":{"text":"mantelzorger"},"member":{"display":"dochter"}}]}`,
			r4:   `{"resourceType":"CareTeam","status":"active","participant":[{"role":[{"text":"mantelzorger"}],"member":{"display":"dochter"}}]}`,
			want: &clinical.Team{Status: code("active"), Members: []clinical.Participant{{Who: fhir.Reference{Display: "dochter"}, Roles: []fhir.Coded{words1("mantelzorger")}}}},
		},
		{
			name: "goal",
			stu3: `{"resourceType":"Goal","status":"in-progress","description":{"text":"lopen"},"target":{"dueDate":"2026","detailCodeableConcept":{"text":"zelf"}}}`,
			want: &clinical.Goal{Status: code("in-progress"), Description: words1("lopen"), Targets: []clinical.Target{{Due: date("2026"), Detail: clinical.Value{Form: "CodeableConcept", Concept: words1("zelf")}}}},
		},
		{
			name: "goal in R4", r4: `{"resourceType":"Goal","lifecycleStatus":"active","achievementStatus":{"text":"deels"},"description":{"text":"lopen"},"target":[{"dueDate":"2026"}]}`,
			want: &clinical.Goal{Status: code("active"), Achievement: words1("deels"), Description: words1("lopen"), Targets: []clinical.Target{{Due: date("2026")}}},
		},
		{
			name: "nutrition",
			stu3: with(`{"resourceType":"NutritionOrder","status":"active","dateTime":"2018","oralDiet":{"type":[{"text":"zoutarm"}],"texture":[{"modifier":{"text":"gemalen"}}],"fluidConsistencyType":[{"text":"dik"}]},"extension":[{"url":"SD/Comment","valueString":"langzaam"}]}`),
			r4:   `{"resourceType":"NutritionOrder","status":"active","intent":"order","dateTime":"2018","oralDiet":{"type":[{"text":"zoutarm"}],"texture":[{"modifier":{"text":"gemalen"}}],"fluidConsistencyType":[{"text":"dik"}]},"note":[{"text":"langzaam"}]}`,
			want: &clinical.Nutrition{
				Status: code("active"), Date: date("2018"), Diets: []fhir.Coded{words1("zoutarm")}, Textures: []fhir.Coded{words1("gemalen")}, Fluids: []fhir.Coded{words1("dik")},
				Remarks: []clinical.Remark{{Text: "langzaam"}},
			},
		},
	})
}

func TestDevices(t *testing.T) {
	check(t, []reading{
		{
			name: "device", stu3: `{"resourceType":"Device","type":{"text":"gehoorapparaat"},"udi":{"carrierHRF":"(01)1"},"model":"M","note":[{"text":"links"}]}`,
			r4:   `{"resourceType":"Device","type":{"text":"gehoorapparaat"},"udiCarrier":[{"carrierHRF":"(01)1"}],"modelNumber":"M","note":[{"text":"links"}]}`,
			want: &clinical.Device{Type: words1("gehoorapparaat"), UDI: "(01)1", Model: "M", Remarks: []clinical.Remark{{Text: "links"}}},
		},
		{
			name: "use, with a reason that is only an extension",
			stu3: with(`{"resourceType":"DeviceUseStatement","status":"active","device":{"display":"rollator"},"whenUsed":{"start":"2007"},"indication":[{"extension":[{"url":"SD/zib-MedicalDevice-Problem","valueReference":{"display":"artrose"}}]}],
				"extension":[{"url":"SD/zib-MedicalDevice-Organization","valueReference":{"display":"winkel"}}]}`),
			r4: with(`{"resourceType":"DeviceUseStatement","status":"active","device":{"display":"rollator"},"timingPeriod":{"start":"2007"},"reasonReference":[{"display":"artrose"}],"extension":[{"url":"SD/ext-MedicalDevice.Location","valueReference":{"display":"winkel"}}]}`),
			want: &clinical.DeviceUse{
				Status: code("active"), Device: fhir.Reference{Display: "rollator"}, Used: at("2007"), ReasonRefs: []fhir.Reference{{Display: "artrose"}}, Provider: fhir.Reference{Display: "winkel"},
			},
		},
		{
			name: "request", stu3: `{"resourceType":"DeviceRequest","status":"active","intent":{"text":"order"},"codeCodeableConcept":{"text":"rollator"},"requester":{"agent":{"display":"arts"}},"occurrenceDateTime":"2025"}`,
			r4:   `{"resourceType":"DeviceRequest","status":"active","intent":"order","codeCodeableConcept":{"text":"rollator"},"requester":{"display":"arts"},"occurrenceDateTime":"2025"}`,
			want: &clinical.DeviceRequest{Status: code("active"), Code: words1("rollator"), Requester: fhir.Reference{Display: "arts"}, Occurrence: at("2025")},
		},
		{
			name: "alert", stu3: `{"resourceType":"Flag","status":"active","category":{"text":"besmetting"},"code":{"text":"MRSA"},"period":{"start":"2010-06"},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/flag-detail","valueReference":{"reference":"EpisodeOfCare/e"}}]}`,
			r4:   `{"resourceType":"Flag","status":"active","category":[{"text":"besmetting"}],"code":{"text":"MRSA"},"period":{"start":"2010-06"},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/flag-detail","valueReference":{"reference":"EpisodeOfCare/e"}}]}`,
			want: &clinical.Alert{Status: code("active"), Categories: []fhir.Coded{words1("besmetting")}, Code: words1("MRSA"), Detail: ref("EpisodeOfCare", "e"), Period: fhir.Period{Start: date("2010-06")}},
		},
	})
}

func TestDirective(t *testing.T) {
	check(t, []reading{
		{
			name: "treatment permitted, but with a restriction",
			stu3: with(`{"resourceType":"Consent","status":"active","category":[{"text":"aanwijzing"}],"period":{"start":"2018-04"},"policy":[{"uri":"http://wetten.overheid.nl/"}],"consentingParty":[{"display":"zoon"}],
				"extension":[{"url":"SD/zib-TreatmentDirective-Verification","extension":[{"url":"Verified","valueBoolean":true},{"url":"VerifiedWith","valueCodeableConcept":{"text":"patiënt"}},{"url":"VerificationDate","valueDateTime":"2018-04-09"}]},
					{"url":"SD/zib-TreatmentDirective-Treatment","valueCodeableConcept":{"text":"beademing"}}],
				"modifierExtension":[{"url":"SD/zib-TreatmentDirective-TreatmentPermitted","valueCodeableConcept":{"coding":[{"code":"JA_MAAR"}]}}],
				"except":[{"type":"deny","extension":[{"url":"SD/zib-TreatmentDirective-Restrictions","valueString":"eerst overleg"}]}]}`),
			want: &clinical.Directive{
				Status: code("active"), Categories: []fhir.Coded{words1("aanwijzing")}, Period: fhir.Period{Start: date("2018-04")}, Parties: []fhir.Reference{{Display: "zoon"}}, Verified: clinical.Yes,
				VerifiedWith: words1("patiënt"), VerifiedOn: date("2018-04-09"), Treatment: words1("beademing"), Permitted: fhir.Coded{Coding: []fhir.Coding{{Code: "JA_MAAR"}}},
				Restrictions: []clinical.Restriction{{Type: "deny", Text: "eerst overleg"}},
			},
		},
		{
			name: "R4: the period is in the provision",
			r4: with(`{"resourceType":"Consent","status":"active","scope":{"text":"adr"},"category":[{"text":"wil"}],"policy":[{"uri":"https://wetten.overheid.nl/"}],"performer":[{"display":"zoon"}],"provision":{"type":"deny","period":{"start":"2018-04"},"code":[{"text":"NR"}],"actor":[{"role":{"text":"vertegenwoordiger"},"reference":{"display":"zoon"}}]},
				"verification":[{"verified":true,"verificationDate":"2018-04-09"}],"modifierExtension":[{"url":"SD/ext-TreatmentDirective2.SpecificationOther","valueString":"eerst overleg"}]}`),
			want: &clinical.Directive{
				Status: code("active"), Scope: words1("adr"), Categories: []fhir.Coded{words1("wil")}, Parties: []fhir.Reference{{Display: "zoon"}}, Decision: "deny", Period: fhir.Period{Start: date("2018-04")},
				Kinds: []fhir.Coded{words1("NR")}, Actors: []clinical.Participant{{Who: fhir.Reference{Display: "zoon"}, Roles: []fhir.Coded{words1("vertegenwoordiger")}}}, Verified: clinical.Yes,
				VerifiedOn: date("2018-04-09"), Restrictions: []clinical.Restriction{{Text: "eerst overleg"}},
			},
		},
	})
}

func TestQuestionnaires(t *testing.T) {
	check(t, []reading{
		{
			name: "questionnaire", stu3: `{"resourceType":"Questionnaire","title":"PHQ","version":"1","status":"active","item":[{"linkId":"g","type":"group","item":[{"linkId":"1","text":"Slaapt u?","type":"choice","required":true,"option":[{"valueCoding":{"code":"j"}}],"enableWhen":[{"question":"0","answerBoolean":true}]}]}]}`,
			r4: `{"resourceType":"Questionnaire","title":"PHQ","version":"1","status":"active","item":[{"linkId":"g","type":"group","item":[{"linkId":"1","text":"Slaapt u?","type":"choice","required":true,"answerOption":[{"valueCoding":{"code":"j"}}],"enableWhen":[{"question":"0","answerBoolean":true}]}]}]}`,
			want: &clinical.Questionnaire{Title: "PHQ", Edition: "1", Status: code("active"), Questions: []clinical.Question{
				{Link: "g", Type: "group"},
				{
					Link: "1", Text: "Slaapt u?", Type: "choice", Required: true, Depth: 1, Depends: []clinical.Dependence{{Question: "0", Answer: clinical.Value{Form: "Boolean", Text: "true"}}},
					Options: []clinical.Value{{Form: "Coding", Concept: fhir.Coded{Coding: []fhir.Coding{{Code: "j"}}}}},
				},
			}},
		},
		{
			name: "answers", stu3: `{"resourceType":"QuestionnaireResponse","questionnaire":{"reference":"Questionnaire/q"},"status":"completed","authored":"2025","item":[{"linkId":"1","answer":[{"valueString":"ja","item":[{"linkId":"1a","answer":[{"valueDecimal":1.5}]}]}]}]}`,
			r4: `{"resourceType":"QuestionnaireResponse","questionnaire":"Questionnaire/q","status":"completed","authored":"2025","item":[{"linkId":"1","answer":[{"valueString":"ja","item":[{"linkId":"1a","answer":[{"valueDecimal":1.5}]}]}]}]}`,
			want: &clinical.Answers{Questionnaire: "Questionnaire/q", Status: code("completed"), Authored: date("2025"), Items: []clinical.Item{
				{Link: "1", Answers: []clinical.Value{{Form: "String", Text: "ja"}}}, {Link: "1a", Answers: []clinical.Value{{Form: "Decimal", Text: "1.5"}}},
			}},
		},
		{
			name: "task", stu3: with(`{"resourceType":"Task","status":"requested","intent":"order","description":"vragen","requester":{"agent":{"extension":[{"url":"SD/practitionerrole-reference","valueReference":{"reference":"PractitionerRole/r"}}]}},"input":[{"type":{"text":"Questionnaire"},"valueReference":{"reference":"Questionnaire/q"}},{"type":{"text":"x"},"valueString":"y"}]}`),
			r4: `{"resourceType":"Task","status":"requested","intent":"order","description":"vragen","requester":{"reference":"PractitionerRole/r"},"input":[{"type":{"text":"Questionnaire"},"valueReference":{"reference":"Questionnaire/q"}},{"type":{"text":"x"},"valueString":"y"}]}`,
			want: &clinical.Task{Status: code("requested"), Description: "vragen", Requester: ref("PractitionerRole", "r"), Inputs: []clinical.Parameter{
				{Type: words1("Questionnaire"), Ref: ref("Questionnaire", "q")}, {Type: words1("x"), Value: clinical.Value{Form: "String", Text: "y"}},
			}},
		},
		{
			name: "coverage", stu3: `{"resourceType":"Coverage","status":"active","type":{"text":"basis"},"subscriberId":"1","payor":[{"display":"verzekeraar"}],"period":{"start":"2025"}}`,
			r4:   `{"resourceType":"Coverage","status":"active","type":{"text":"basis"},"subscriberId":"1","payor":[{"display":"verzekeraar"}],"period":{"start":"2025"}}`,
			want: &clinical.Coverage{Status: code("active"), Type: words1("basis"), SubscriberID: "1", Insurers: []fhir.Reference{{Display: "verzekeraar"}}, Period: fhir.Period{Start: date("2025")}},
		},
	})
}

// TestPatient: a name in its parts, a year for a birth date, a kind of
// telephone that stands elsewhere in each release.
func TestPatient(t *testing.T) {
	const rest = `"gender":"female","_gender":{"extension":[{"url":"SD/%s","valueCodeableConcept":{"text":"vrouw"}}]},"birthDate":"1970","deceasedDateTime":"2025",
		"name":[{"given":["Anna","A."],"_given":[{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier","valueCode":"CL"}]},null],"family":"Jansen"}],
		"contact":[{"relationship":[{"text":"dochter"}],"name":{"text":"Bo"}}],"communication":[{"language":{"text":"nl"},"preferred":true}]`
	for v, in := range map[fhir.Version]string{
		fhir.STU3: `"telecom":[{"system":"phone","value":"1","extension":[{"url":"SD/zib-ContactInformation-TelecomType","valueCodeableConcept":{"text":"mobiel"}}]}],` + rest,
		fhir.R4:   `"telecom":[{"system":"phone","value":"1","_system":{"extension":[{"url":"SD/ext-CodeSpecification","valueCodeableConcept":{"text":"mobiel"}}]}}],` + rest,
	} {
		name := map[fhir.Version]string{fhir.STU3: "code-specification", fhir.R4: "ext-CodeSpecification"}[v]
		p, warnings := clinical.ReadPatient(fhir.Parse([]byte(with(`{"resourceType":"Patient",`+strings.ReplaceAll(in, "%s", name)+`}`)), v))
		if len(warnings) > 0 || len(p.Unread) > 0 {
			t.Fatal(warnings, p.Unread)
		}
		if p.Names[0].String() != "Anna Jansen" || p.Birth.Precision() != fhir.PrecisionYear || p.Deceased != clinical.Yes || p.Gender.Source.Text != "vrouw" {
			t.Errorf("%v: %+v", v, p)
		}
		if diff := cmp.Diff([]clinical.Telecom{{System: "phone", Value: "1", Kind: words1("mobiel")}}, p.Telecoms); diff != "" {
			t.Errorf("%v: %s", v, diff)
		}
		if p.Contacts[0].Name.Text != "Bo" || p.Languages[0].Preferred != clinical.Yes {
			t.Errorf("%v: %+v %+v", v, p.Contacts, p.Languages)
		}
	}
}

func TestPeopleAndPlaces(t *testing.T) {
	check(t, []reading{
		{
			name: "contact", stu3: `{"resourceType":"RelatedPerson","relationship":{"text":"zoon"},"name":[{"text":"Bo"}],"extension":[{"url":"http://fhir.nl/fhir/StructureDefinition/nl-core-relatedperson-role","valueCodeableConcept":{"text":"mantelzorger"}}]}`,
			r4:   `{"resourceType":"RelatedPerson","relationship":[{"text":"zoon"},{"text":"mantelzorger"}],"name":[{"text":"Bo"}]}`,
			want: &clinical.Contact{Names: []fhir.HumanName{{Text: "Bo"}}, Roles: []fhir.Coded{words1("zoon"), words1("mantelzorger")}},
		},
		{
			name: "practitioner", r4: `{"resourceType":"Practitioner","name":[{"text":"Dr. Bo"}],"qualification":[{"code":{"text":"huisarts"}}]}`,
			want: &clinical.Practitioner{Names: []fhir.HumanName{{Text: "Dr. Bo"}}, Qualifications: []fhir.Coded{words1("huisarts")}},
		},
		{
			name: "post", stu3: `{"resourceType":"PractitionerRole","practitioner":{"reference":"Practitioner/p"},"organization":{"reference":"Organization/o"},"specialty":[{"text":"huisarts"}]}`,
			want: &clinical.Post{Practitioner: ref("Practitioner", "p"), Organisation: ref("Organization", "o"), Specialties: []fhir.Coded{words1("huisarts")}},
		},
		{
			name: "organisation with a number only", stu3: `{"resourceType":"Organization","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/ura","value":"1"}]}`,
			want: &clinical.Organisation{},
		},
		{
			name: "place", stu3: `{"resourceType":"Location","name":"Poli","address":{"line":["Straat 1"],"city":"Dorp"},"managingOrganization":{"display":"Huis"}}`,
			want: &clinical.Place{Name: "Poli", Addresses: []clinical.Address{{Lines: []string{"Straat 1"}, City: "Dorp"}}, Organisation: fhir.Reference{Display: "Huis"}},
		},
		{
			name: "family", stu3: `{"resourceType":"FamilyMemberHistory","status":"completed","relationship":{"text":"moeder"},"gender":"female","deceasedBoolean":true,"condition":[{"code":{"text":"diabetes"},"onsetString":"jong"}]}`,
			r4: `{"resourceType":"FamilyMemberHistory","status":"completed","relationship":{"text":"moeder"},"sex":{"coding":[{"code":"female"}]},"deceasedBoolean":true,"condition":[{"code":{"text":"diabetes"},"onsetString":"jong"}]}`,
			want: &clinical.Relative{
				Status: code("completed"), Relationship: words1("moeder"), Gender: fhir.Coded{Coding: []fhir.Coding{{Code: "female"}}}, Deceased: clinical.Moment{Happened: true},
				Problems: []clinical.RelativeProblem{{Code: words1("diabetes"), Onset: clinical.Moment{Text: "jong"}}},
			},
		},
	})
}
