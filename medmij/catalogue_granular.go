package medmij

import "github.com/bundel-pgo/bundel/fhir"

// The granular services hold one kind of data each (data-services.md 1.15 and
// 1.14). Their definitions are candidates: names and profiles may still change,
// and the names list has the last word on names. What comes from them may say
// from which kind of care it is (meta.tag, Vektis COD016).
const (
	medmijProfile = "http://medmij.nl/fhir/StructureDefinition/"
	nlCoreR4      = nictiz + "nl-core-"
)

func granular() []Service {
	rows := []Service{granularRow(fhir.R4, "9000002", "Beeldbeschikbaarheid", "Available images and reports",
		ask("DocumentReference?status=current", medmijProfile+"DocumentReference"))}
	// A report is fetched; an image needs a viewer for DICOM, which is left out.
	rows[0].Follow = []string{"Binary"}
	return append(append(rows, dental()...), basics()...)
}

func granularRow(v fhir.Version, id, name, english string, queries ...Query) Service {
	return Service{ID: id, Name: name, English: english, Version: v, Direction: Collect, Queries: queries}
}

// dental are the services of oral care, R4.
func dental() []Service {
	r4 := func(id, name, english, path string, profiles ...string) Service {
		return granularRow(fhir.R4, id, name, english, ask(path, profiles...))
	}
	observed := func(code string) string { return "Observation?code=" + sct + code }
	return []Service{
		r4("900000101", "Patiënt", "Personal details", "Patient", nlCoreR4+"Patient"),
		r4("900000102", "Mondzorg: verrichtingen", "Oral care: procedures", "Procedure?category="+sct+"225362009", medmijProfile+"mz-Procedure"),
		r4("900000103", "Mondzorg: behandeldoelen", "Oral care: goals", "Goal", nlCoreR4+"TreatmentObjective"),
		r4("900000104", "Mondzorg: mondhygiëne", "Oral care: oral hygiene", observed("364126007"), medmijProfile+"mz-OralHygiene"),
		r4("900000105", "Mondzorg: cariësrisico", "Oral care: risk of tooth decay", observed("74024006"), medmijProfile+"mz-CariesRisk"),
		r4("900000106", "Mondzorg: parafunctie", "Oral care: grinding and clenching", observed("110353005"), medmijProfile+"mz-ParafunctionalActivity"),
		r4("900000107", "ASA-score", "ASA score", observed("413347006"), medmijProfile+"medmij-core-ASAScore"),
		r4("900000108", "Mondzorg: PPS-score", "Oral care: PPS score", observed("540501000146103"), medmijProfile+"mz-PeriodicPeriodontalScreeningScore"),
		r4("900000109", "Mondzorg: gebitsfitheid", "Oral care: dental fitness", observed("440271000146100"), medmijProfile+"mz-DentalFitness"),
		r4("900000110", "Betaler", "Insurance", "Coverage", nlCoreR4+"Payer.InsuranceCompany", nlCoreR4+"Payer.PayerPerson"),
		r4("900000111", "Contact", "Contacts", "Encounter", nlCoreR4+"Encounter"),
	}
}

// basics are the services of single measurements and of long-term care, STU3.
func basics() []Service {
	stu3 := func(id, name, english, path, profile string) Service {
		return granularRow(fhir.STU3, id, name, english, ask(path, profile))
	}
	const observation = "Observation?code="
	return []Service{
		stu3("900000401", "Bloeddruk", "Blood pressure", observation+loinc+"85354-9", zib+"BloodPressure"),
		stu3("900000402", "Lengte", "Height", observation+loinc+"8302-2", zib+"BodyHeight"),
		stu3("900000403", "Gewicht", "Weight", observation+loinc+"29463-7", zib+"BodyWeight"),
		stu3("900000404", "Alert", "Alerts", "Flag", zib+"Alert"),
		stu3("900000405", "Voedingsadvies", "Advice on nutrition", "NutritionOrder", zib+"NutritionAdvice"),
		stu3("900000406", "Woonsituatie", "Living situation", observation+sct+"365508006", zib+"LivingSituation"),
		stu3("900000407", "Betaler", "Insurance", "Coverage", zib+"Payer"),
		stu3("900000409", "Lichaamstemperatuur", "Body temperature", observation+loinc+"8310-5", zib+"BodyTemperature"),
		stu3("900000410", "Vochtbalans", "Fluid balance", observation+sct+"364396009", zib+"FluidBalance"),
		stu3("900000411", "Ademhaling", "Breathing rate", observation+sct+"422834003", zib+"Respiration"),
		stu3("900000412", "Polsfrequentie", "Pulse", observation+loinc+"8893-0", zib+"PulseRate"),
		stu3("900000413", "Dagrapportage langdurige zorg", "Daily report of long-term care", observation+sct+"11591000146107", medmijProfile+"lz-NursingReport"),
	}
}
