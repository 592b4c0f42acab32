package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Vaccination is an Immunization (data-services.md 2.9).
type Vaccination struct {
	Head
	Status     Status         // status
	Given      bool           // STU3 notGiven is not true; R4 status is not "not-done"
	Reason     []fhir.Coded   // why, or why not: STU3 explanation.reason[], reasonNotGiven[]; R4 reasonCode[], statusReason
	Code       fhir.Coded     // vaccineCode
	Product    fhir.Reference // R4 ext-imm-Vaccination.PharmaceuticalProduct or ext-Vaccination.PharmaceuticalProduct
	When       Moment         // STU3 date; R4 occurrence[x]
	Recorded   fhir.Date      // R4 recorded
	Lot        string         // lotNumber
	Expires    fhir.Date      // expirationDate
	Site       []Site         // site
	Route      fhir.Coded     // route
	Dose       fhir.Quantity  // doseQuantity
	Performers []Participant  // STU3 practitioner[]: actor, role; R4 performer[]: actor, function
	Place      fhir.Reference // location; "#id" when contained
	Protocols  []Protocol     // STU3 vaccinationProtocol[]; R4 protocolApplied[]
	Encounter  fhir.Reference // encounter
	Primary    Answer         // primarySource
	Remarks    []Remark       // note[]
	Patient    fhir.Reference // patient
}

// Protocol says which dose of which series a vaccination is.
type Protocol struct {
	Targets   []fhir.Coded   // targetDisease[]
	Dose      string         // STU3 doseSequence; R4 doseNumber[x], which may be words such as "n/a"
	Doses     string         // STU3 seriesDoses; R4 seriesDoses[x]
	Series    string         // series
	Authority fhir.Reference // authority
}

// ReadVaccination reads an Immunization.
func ReadVaccination(r fhir.Resource) (*Vaccination, []Warning) { return as[Vaccination](Read(r)) }

func readVaccination(r reader) Reading {
	why := r.get("explanation")
	v := &Vaccination{
		Status: r.status("status", "completed entered-in-error not-done in-progress"), Code: r.concept("vaccineCode"),
		Product:  r.ext("ext-imm-Vaccination.PharmaceuticalProduct", "ext-Vaccination.PharmaceuticalProduct").node.Reference(),
		Reason:   append(why.concepts("reason", "reasonNotGiven"), r.concepts("reasonCode", "statusReason")...),
		Recorded: r.date("recorded"), Lot: r.text("lotNumber"), Expires: r.date("expirationDate"), Site: r.sites("site"),
		Route: r.concept("route"), Dose: r.quantity("doseQuantity"), Performers: r.participants("practitioner performer", "actor", "role function"),
		Place: r.ref("location"), Encounter: r.ref("encounter"), Primary: r.get("primarySource").answer(), Remarks: r.remarks(),
		Patient: r.ref("patient"), When: r.moment("occurrence"),
	}
	v.Given = !r.bool("notGiven") && v.Status.Code != "not-done"
	if d := r.date("date"); !d.IsZero() {
		v.When.Start = d
	}
	for _, item := range r.each("vaccinationProtocol", "protocolApplied") {
		p := Protocol{Targets: item.concepts("targetDisease"), Series: item.text("series"), Authority: item.ref("authority")}
		_, number := item.choice("doseNumber")
		_, total := item.choice("seriesDoses")
		p.Dose = firstText(item.text("doseSequence"), number.text())
		p.Doses = firstText(item.text("seriesDoses"), total.text())
		v.Protocols = append(v.Protocols, p)
	}
	return v
}

// VaccinationAdvice is an ImmunizationRecommendation (data-services.md 1.1 no. 26).
type VaccinationAdvice struct {
	Head
	Date        fhir.Date      // R4 date
	OrderStatus fhir.Coded     // STU3 ext zib-VaccinationRecommendation-OrderStatus
	Authority   fhir.Reference // R4 authority
	Advice      []Advice       // recommendation[]
	Patient     fhir.Reference // patient
}

// Advice is one vaccine that is advised.
type Advice struct {
	Codes    []fhir.Coded     // vaccineCode: one in STU3, a list in R4
	Target   fhir.Coded       // targetDisease
	Date     fhir.Date        // STU3 date
	Forecast fhir.Coded       // forecastStatus
	Dates    []AdviceDate     // dateCriterion[]
	Text     string           // R4 description
	Earlier  []fhir.Reference // supportingImmunization[]
}

// AdviceDate is a date that matters for the advice, such as the earliest.
type AdviceDate struct {
	Code fhir.Coded // code
	Date fhir.Date  // value
}

// When is the date of an advice: its own (STU3), else the earliest of its
// criteria.
func (a Advice) When() fhir.Date {
	best := a.Date
	for _, d := range a.Dates {
		if best.IsZero() || (a.Date.IsZero() && !d.Date.IsZero() && d.Date.Compare(best) < 0) {
			best = d.Date
		}
	}
	return best
}

// ReadVaccinationAdvice reads an ImmunizationRecommendation.
func ReadVaccinationAdvice(r fhir.Resource) (*VaccinationAdvice, []Warning) {
	return as[VaccinationAdvice](Read(r))
}

func readVaccinationAdvice(r reader) Reading {
	v := &VaccinationAdvice{
		Date: r.date("date"), OrderStatus: r.ext("zib-VaccinationRecommendation-OrderStatus").concept(),
		Authority: r.ref("authority"), Patient: r.ref("patient"),
	}
	for _, item := range r.each("recommendation") {
		a := Advice{
			Codes: item.concepts("vaccineCode"), Target: item.concept("targetDisease"), Date: item.date("date"),
			Forecast: item.concept("forecastStatus"), Text: item.text("description"), Earlier: item.refs("supportingImmunization"),
		}
		for _, d := range item.each("dateCriterion") {
			a.Dates = append(a.Dates, AdviceDate{Code: d.concept("code"), Date: d.date("value")})
		}
		v.Advice = append(v.Advice, a)
	}
	return v
}
