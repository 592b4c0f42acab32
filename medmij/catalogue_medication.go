package medmij

import "github.com/bundel-pgo/bundel/fhir"

func medication() []Service {
	return []Service{
		{
			ID: "31", Name: "Medicatiegegevens", English: "Medication 9.0", Version: fhir.STU3, Direction: Collect,
			Queries: []Query{
				medicationRequest("16076005", "MedicationAgreement").by(medicationFilters("periodofuse")),
				medicationRequest("52711000146108", "DispenseRequest").by(medicationFilters("")),
				medicationDispense("422037009", "AdministrationAgreement").by(medicationFilters("periodofuse")),
				medicationDispense("373784005", "Dispense").by(medicationFilters("whenhandedover")),
				useOfMedication().by(medicationFilters("")),
			}, Follow: []string{"Medication"},
		},
		{
			ID: "35", Name: "Medicatiegegevens (6.12)", English: "Medication 6.12", Version: fhir.STU3, Direction: Collect,
			// One dispense of the old standard comes as two resources, so one
			// query asks for both kinds.
			Queries: []Query{ask("MedicationDispense?category="+sct+"373784005,"+sct+"422037009"+
				"&_include=MedicationDispense:medication&_include=MedicationDispense:patient"+
				"&_include=MedicationDispense:performer",
				nictiz+"mp612-DispenseToFHIRConversion-Dispense",
				nictiz+"mp612-DispenseToFHIRConversion-AdministrationAgreement").by(Filters{Period: "periodofuse"})},
			Follow: []string{"Medication"},
		},
		{
			ID: "68", Name: "Medicatieproces 9", English: "Medication 9 version 3", Version: fhir.R4, Direction: Collect,
			Queries: medicationProcessQueries(), Follow: []string{"Medication"},
		},
	}
}

// medicationFilters are those of MP9 in STU3; which dates count differs by kind.
func medicationFilters(period string) Filters {
	return Filters{Identifier: "identifier", Code: "medication.code", Treatment: "medicationtreatment", Period: period}
}

// processFilters are those of MP9 in R4.
func processFilters(period string) Filters {
	return Filters{
		Identifier: "identifier", Code: "medication.code", Treatment: "pharmaceutical-treatment-identifier", Period: period,
	}
}

// medicationProcessQueries are those of MP9 3.0 (data-services.md 1.3).
func medicationProcessQueries() []Query {
	const (
		request   = "&_include=MedicationRequest:"
		dispense  = "&_include=MedicationDispense:"
		statement = "&_include=MedicationStatement:"
		given     = "&_include=MedicationAdministration:"
	)
	return []Query{
		ask("MedicationRequest?category="+sct+"33633005"+request+"medication"+request+"reason"+
			request+"next-practitioner"+request+"requester"+roleIncludes, nictiz+"mp-MedicationAgreement").by(processFilters("period-of-use")),
		ask("MedicationRequest?category="+sct+"395067002"+request+"medication", nictiz+"mp-VariableDosingRegimen").by(processFilters("period-of-use")),
		ask("MedicationRequest?category="+sct+"52711000146108"+request+"medication"+request+"requester"+
			request+"dispense-location"+roleIncludes, nictiz+"mp-DispenseRequest").by(processFilters("")),
		ask("MedicationDispense?category="+sct+"422037009"+dispense+"medication"+dispense+"performer"+roleIncludes,
			nictiz+"mp-AdministrationAgreement").by(processFilters("period-of-use")),
		ask("MedicationDispense?category="+sct+"373784005"+dispense+"medication"+dispense+"performer"+
			dispense+"destination"+roleIncludes, nictiz+"mp-MedicationDispense").by(processFilters("whenhandedover")),
		ask("MedicationStatement?category="+sct+"422979000"+statement+"medication"+statement+"author"+
			statement+"prescriber"+statement+"source"+roleIncludes, nictiz+"mp-MedicationUse2").by(processFilters("period-of-use")),
		ask("MedicationAdministration?category="+sct+"18629005"+given+"medication"+given+"performer"+roleIncludes,
			nictiz+"mp-MedicationAdministration2").by(processFilters("effective-time")),
	}
}
