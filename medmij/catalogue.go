package medmij

import "github.com/bundel-pgo/bundel/fhir"

// What the queries of the table are built from.
const (
	sct      = fhir.SNOMED + "|"
	loinc    = fhir.LOINC + "|"
	category = "http://hl7.org/fhir/observation-category|"
	useCode  = "urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.3|6"

	nictiz = "http://nictiz.nl/fhir/StructureDefinition/"
	zib    = nictiz + "zib-"
	nlCore = "http://fhir.nl/fhir/StructureDefinition/nl-core-"

	labIncludes = "&_include=Observation:related-target&_include=Observation:specimen"
	// R4 servers include what a PractitionerRole points at only when asked.
	roleIncludes = "&_include:iterate=PractitionerRole:organization" +
		"&_include:iterate=PractitionerRole:practitioner&_include:iterate=PractitionerRole:location"
)

func ask(path string, profiles ...string) Query { return Query{Path: path, Profiles: profiles} }

// by adds the ways to narrow a query.
func (q Query) by(f Filters) Query {
	q.Filters = f
	return q
}

// each makes a query that is asked for every resource of a type.
func (q Query) each(kind string) Query {
	q.Each = kind
	return q
}

// The queries that several services have in common.
func patientAndGP() Query {
	return ask("Patient?_include=Patient:general-practitioner", nlCore+"patient")
}

func coverage() Query {
	return ask("Coverage?_include=Coverage:payor:Patient&_include=Coverage:payor:Organization", zib+"Payer")
}

func treatmentDirective() Query {
	return ask("Consent?category="+sct+"11291000146105", zib+"TreatmentDirective")
}

func advanceDirective() Query {
	return ask("Consent?category="+sct+"11341000146107", zib+"AdvanceDirective")
}

func latestLab() Query {
	return ask("Observation/$lastn?category="+sct+"275711006"+labIncludes,
		zib+"LaboratoryTestResult-Observation", zib+"LaboratoryTestResult-Specimen")
}

func careTeam() Query { return ask("CareTeam?_include=CareTeam:participant", nlCore+"careteam") }

func allergies() Query { return ask("AllergyIntolerance", zib+"AllergyIntolerance") }

func useOfMedication() Query {
	return ask("MedicationStatement?category="+useCode+"&_include=MedicationStatement:medication", zib+"MedicationUse")
}

func medicationRequest(code, profile string) Query {
	return ask("MedicationRequest?category="+sct+code+"&_include=MedicationRequest:medication", zib+profile)
}

func medicationDispense(code, profile string) Query {
	return ask("MedicationDispense?category="+sct+code+"&_include=MedicationDispense:medication", zib+profile)
}

func observations(code, profile string) Query {
	return ask("Observation?code="+code, zib+profile)
}

func latest(codes, profile string) Query {
	return ask("Observation/$lastn?code="+codes, zib+profile)
}

// CorrectionRequests is the row for requests to correct the record
// (Dossierwijzigingsverzoek 1.0), for [Config.Services]: its number is not
// public yet (data-services.md section 1), so whoever has it gives it.
func CorrectionRequests(id string) Service {
	return Service{
		ID: id, Name: "Dossierwijzigingsverzoek", English: "Requests to correct the record",
		Version: fhir.R4, Direction: Share, Bundle: "transaction", Person: true,
	}
}

// sharing holds the services a person sends with. The numbers of 53, 55 and 57
// are those seen in use; the lists of providers have the last word.
func sharing() []Service {
	return []Service{
		{
			ID: "53", Name: "Meetwaarden vitale functies delen", English: "Send own measurements",
			Version: fhir.STU3, Direction: Share, Bundle: "batch", Person: true,
		},
		{
			ID: "55", Name: "Afbeeldingen delen", English: "Send images",
			Version: fhir.STU3, Direction: Share, Bundle: "transaction", Person: true,
		},
		{
			ID: "57", Name: "Documenten delen", English: "Send documents",
			Version: fhir.STU3, Direction: Share, Bundle: "transaction", Person: true,
		},
		{
			ID: "60", Name: "Antwoorden vragenlijst", English: "Send questionnaire answers",
			Version: fhir.STU3, Direction: Share, Bundle: "transaction",
		},
	}
}
