package medmij

import (
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

func general() []Service {
	return []Service{
		{
			ID: "46", Name: "Laboratoriumresultaten", English: "Laboratory results", Version: fhir.STU3, Direction: Collect,
			Queries: []Query{ask("Observation?category="+sct+"49581000146104", zib+"LaboratoryTestResult-Observation").
				by(Filters{Period: "date"})},
		},
		{
			ID: "47", Name: "Afspraken", English: "Appointments", Version: fhir.STU3, Direction: Collect,
			Queries: []Query{ask("Appointment?date=ge{today-150d}", nictiz+"eAfspraak-Appointment").by(Filters{Period: "date"})},
		},
		{
			ID: "48", Name: "Basisgegevens Zorg", English: "Patient summary", Version: fhir.STU3, Direction: Collect,
			Queries: summaryQueries(), Follow: []string{"Medication"},
		},
		{
			ID: "49", Name: "Huisartsgegevens", English: "GP data", Version: fhir.STU3, Direction: Collect,
			Queries: gpQueries(), Follow: []string{"Medication"},
		},
		{
			ID: "50", Name: "Basisgegevens GGZ", English: "Mental health summary", Version: fhir.STU3, Direction: Collect,
			Queries: mentalHealthQueries(),
		},
		{
			ID: "51", Name: "Documenten", English: "Documents", Version: fhir.STU3, Direction: Collect,
			// Finding and fetching are two roles, which may have two endpoints.
			Queries: []Query{
				{
					Path: "DocumentManifest?status=current", Role: "PLB",
					Profiles: []string{nictiz + "IHE.MHD.DocumentManifest"}, Filters: Filters{Period: "created"},
				},
				{
					Path: "DocumentReference?status=current", Role: "PLB",
					Profiles: []string{nictiz + "IHE.MHD.Minimal.DocumentReference"}, Filters: Filters{Period: "indexed"},
				},
			},
			Follow: []string{"DocumentReference", "Binary"},
		},
		{
			ID: "52", Name: "Meetwaarden vitale functies", English: "Vital signs", Version: fhir.STU3, Direction: Collect,
			Queries: []Query{
				ask("Observation?category=" + category + "vital-signs").by(Filters{Period: "date", Latest: true}),
				ask("Observation?code="+loinc+"14760-3,"+loinc+"14743-9,"+loinc+"14770-2", nictiz+"vitalsign-bloodglucose").
					by(Filters{Code: "code", Period: "date", Latest: true}),
			},
			// Some servers know the category without its system only.
			More: []Query{ask("Observation?category=vital-signs").by(Filters{Period: "date", Latest: true})},
		},
		{
			ID: "54", Name: "Overgevoeligheden", English: "Allergies", Version: fhir.STU3, Direction: Collect,
			Queries: []Query{allergies()},
		},
		{
			ID: "58", Name: "Medicatiegerelateerde overgevoeligheden", English: "Allergies to medication",
			Version: fhir.STU3, Direction: Collect, Queries: []Query{allergies()},
		},
	}
}

// summaryQueries are those of the BgZ (data-services.md 1.1).
func summaryQueries() []Query {
	return []Query{
		patientAndGP(),
		coverage(),
		treatmentDirective(),
		advanceDirective(),
		ask("Observation/$lastn?category="+sct+"118228005,"+sct+"384821006", zib+"FunctionalOrMentalStatus"),
		ask("Condition", zib+"Problem"),
		latest(sct+"365508006", "LivingSituation"),
		observations(sct+"228366006", "DrugUse"),
		observations(sct+"228273003", "AlcoholUse"),
		observations(sct+"365980008", "TobaccoUse"),
		ask("NutritionOrder", zib+"NutritionAdvice"),
		ask("Flag", zib+"Alert"),
		allergies(),
		useOfMedication(),
		medicationRequest("16076005", "MedicationAgreement"),
		medicationDispense("422037009", "AdministrationAgreement"),
		ask("DeviceUseStatement?_include=DeviceUseStatement:device", zib+"MedicalDevice", zib+"MedicalDeviceProduct"),
		ask("Immunization?status=completed", zib+"Vaccination"),
		latest(loinc+"85354-9", "BloodPressure"),
		latest(loinc+"29463-7", "BodyWeight"),
		latest(loinc+"8302-2,"+loinc+"8306-3,"+loinc+"8308-9", "BodyHeight"),
		latestLab(),
		ask("Procedure?category="+sct+"387713003", zib+"Procedure"),
		ask("Encounter?class=http://hl7.org/fhir/v3/ActCode|IMP,http://hl7.org/fhir/v3/ActCode|ACUTE,"+
			"http://hl7.org/fhir/v3/ActCode|NONAC", zib+"Encounter"),
		ask("ProcedureRequest?status=active", zib+"ProcedureRequest"),
		ask("ImmunizationRecommendation", zib+"VaccinationRecommendation"),
		ask("DeviceRequest?status=active&_include=DeviceRequest:device", zib+"MedicalDeviceRequest"),
		ask("Appointment?status=booked,pending,proposed", nictiz+"eAfspraak-Appointment"),
	}
}

// gpQueries are those of data-services.md 1.2. The results go back fourteen
// months, as in the qualification script.
func gpQueries() []Query {
	return []Query{
		patientAndGP(),
		ask("EpisodeOfCare", nlCore+"episodeofcare"),
		ask("MedicationRequest?periodofuse=ge{today}&category="+sct+"16076005&_include=MedicationRequest:medication",
			zib+"MedicationAgreement").by(Filters{Period: "periodofuse"}),
		ask("AllergyIntolerance?category=medication", zib+"AllergyIntolerance"),
		ask("Observation?code="+fhir.NHG45+"|"+labIncludes+"&date=ge{today-14m}",
			nictiz+"gp-DiagnosticResult", nictiz+"gp-LaboratoryResult").by(Filters{Period: "date"}),
		ask("Composition?type="+loinc+"67781-5", nictiz+"gp-EncounterReport"),
		ask("Encounter", nictiz+"gp-Encounter"),
	}
}

// mentalHealthQueries are those of the GGZ (data-services.md 1.11).
func mentalHealthQueries() []Query {
	return []Query{
		patientAndGP(),
		coverage(),
		treatmentDirective(),
		advanceDirective(),
		ask("Condition", zib+"Problem"),
		ask("Observation?category="+sct+"118228005,"+sct+"384821006", zib+"FunctionalOrMentalStatus"),
		observations(sct+"228366006", "DrugUse"),
		observations(sct+"228273003", "AlcoholUse"),
		observations(sct+"365980008", "TobaccoUse"),
		observations(sct+"365470003", "FamilySituation"),
		observations(sct+"314845004", "ParticipationInSociety"),
		latest(sct+"365508006", "LivingSituation"),
		ask("CarePlan?category="+sct+"243114000", zib+"HelpFromOthers"),
		latestLab(),
		ask("Observation?category="+category+"survey", zib+"GeneralMeasurement"),
		ask("Procedure", zib+"Procedure"),
		ask("DiagnosticReport", zib+"TextResult"),
		careTeam(),
	}
}

func records() []Service {
	return []Service{
		{
			ID: "59", Name: "Verwijzing naar vragenlijst", English: "Questionnaires to answer", Version: fhir.STU3, Direction: Collect,
			Queries: []Query{ask("Task?code="+loinc+"74468-0&status=requested", nictiz+"vl-QuestionnaireProvisioningTask").
				by(Filters{Status: "status"})},
			Follow: []string{"Questionnaire"}, Updates: []string{"Task"},
		},
		{
			ID: "61", Name: "Basisgegevens Langdurige Zorg", English: "Long-term care", Version: fhir.STU3, Direction: Collect,
			Queries: longTermQueries(),
		},
		{
			ID: "63", Name: "Vaccinaties", English: "Vaccinations", Version: fhir.R4, Direction: Collect,
			Queries: []Query{ask("Immunization", nictiz+"nl-core-Vaccination-event")}, More: []Query{withIncludes()}, Follow: []string{"Medication"},
		},
		{
			ID: "65", Name: "Integrale Zwangerschapskaart", English: "Pregnancy record 1.0", Version: fhir.STU3, Direction: Collect,
			Queries: pregnancyQueries(""),
		},
		{
			ID: "66", Name: "Vaccinaties 2.0", English: "Vaccinations 2.0", Version: fhir.R4, Direction: Collect,
			Queries: []Query{ask("Immunization", nictiz+"imm-Vaccination-event")}, More: []Query{withIncludes()}, Follow: []string{"Medication"},
		},
		{
			ID: "67", Name: "Integrale Zwangerschapskaart 2.0", English: "Pregnancy record 2.0", Version: fhir.STU3, Direction: Collect,
			Queries: slices.Concat(pregnancyQueries("EpisodeOfCare/"), []Query{
				ask("Coverage"),
				ask("DeviceUseStatement?_include=DeviceUseStatement:device"),
				ask("FamilyMemberHistory"),
				ask("CareTeam?context=EpisodeOfCare/{id}").each("EpisodeOfCare"),
				ask("DiagnosticReport?context=EpisodeOfCare/{id}").each("EpisodeOfCare"),
				ask("ReferralRequest?context=EpisodeOfCare/{id}").each("EpisodeOfCare"),
			}),
		},
	}
}

// withIncludes is the other form of the query for vaccinations
// (data-services.md 1.10).
func withIncludes() Query {
	return ask("Immunization?_include=Immunization:patient&_include=Immunization:performer&_include=Immunization:location")
}

// longTermQueries are those of data-services.md 1.12; ":recurse" is how STU3
// spells ":iterate".
func longTermQueries() []Query {
	return []Query{
		patientAndGP(),
		treatmentDirective(),
		advanceDirective(),
		ask("Condition", zib+"Problem"),
		allergies(),
		latestLab(),
		ask("Procedure", zib+"Procedure"),
		ask("CarePlan?_include=CarePlan:activity-goal:Goal&_include=CarePlan:activity-outcomereference:Observation"+
			"&_include=CarePlan:activity-medicaldevice:DeviceUseStatement"+
			"&_include:recurse=DeviceUseStatement:device:Device", nlCore+"careplan"),
		careTeam(),
	}
}

// pregnancyQueries are those of data-services.md 1.13. The two releases write
// the reference to an episode differently in one of them.
func pregnancyQueries(prefix string) []Query {
	return []Query{
		ask("Patient", nlCore+"patient"),
		ask("EpisodeOfCare?type="+sct+"364320009&_include=EpisodeOfCare:organization"+
			"&_include=EpisodeOfCare:care-manager", nictiz+"bc-MaternalRecord").by(Filters{Status: "status"}),
		ask("Condition?context=EpisodeOfCare/{id}").each("EpisodeOfCare"),
		ask("Encounter?episodeofcare=" + prefix + "{id}&_include=Encounter:practitioner").each("EpisodeOfCare"),
		ask("Observation?context=EpisodeOfCare/{id}").each("EpisodeOfCare"),
		ask("Observation?context:Encounter.episodeofcare=EpisodeOfCare/{id}").each("EpisodeOfCare"),
		ask("Procedure?context=EpisodeOfCare/{id}&_include=Procedure:performer&_include=Procedure:based-on").each("EpisodeOfCare"),
	}
}
