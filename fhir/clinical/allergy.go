package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Allergy is an AllergyIntolerance (data-services.md 2.3).
type Allergy struct {
	Head
	Code         fhir.Coded     // code
	Clinical     Status         // clinicalStatus + _clinicalStatus; R4 a concept
	Verification Status         // verificationStatus; R4 a concept
	Categories   []Status       // category[] + _category[]
	Criticality  Status         // criticality + _criticality: moderate, severe and fatal are all "high" in FHIR
	Type         string         // type
	TypeCode     fhir.Coded     // R4 ext-AllergyIntolerance-Type
	Onset        Moment         // onset[x]
	Last         fhir.Date      // lastOccurrence
	Recorded     fhir.Date      // assertedDate; R4 recordedDate, or ext allergyintolerance-assertedDate of HL7
	Recorder     fhir.Reference // recorder
	Asserter     fhir.Reference // asserter
	Reactions    []Reaction     // reaction[]
	Remarks      []Remark       // note[]
	Patient      fhir.Reference // patient
}

// Reaction is one time that an allergy showed.
type Reaction struct {
	Substance      fhir.Coded   // substance
	Manifestations []fhir.Coded // manifestation[]
	Description    string       // description
	Onset          fhir.Date    // onset
	Severity       Status       // severity + _severity
	Route          fhir.Coded   // exposureRoute
	Remarks        []Remark     // note[]
}

// Refuted tells whether it is said not to be an allergy after all, or to have
// been recorded by mistake.
func (a *Allergy) Refuted() bool {
	return a.Verification.Code == "refuted" || a.Verification.Code == "entered-in-error"
}

// Active tells whether the allergy stands. A missing status is read as active:
// hiding one is the risk.
func (a *Allergy) Active() bool {
	return !a.Refuted() && a.Clinical.Code != "inactive" && a.Clinical.Code != "resolved"
}

// ReadAllergy reads an AllergyIntolerance.
func ReadAllergy(r fhir.Resource) (*Allergy, []Warning) { return as[Allergy](Read(r)) }

func readAllergy(r reader) Reading {
	a := &Allergy{
		Code:         r.concept("code"),
		Clinical:     r.status("clinicalStatus", "active inactive resolved"),
		Verification: r.status("verificationStatus", "unconfirmed confirmed refuted entered-in-error"),
		Criticality:  r.status("criticality", "low high unable-to-assess"),
		Categories:   r.statuses("category", "food medication environment biologic"),
		Type:         r.code("type", "allergy intolerance"), TypeCode: r.ext("ext-AllergyIntolerance-Type").concept(),
		Onset: r.moment("onset"), Last: r.date("lastOccurrence"), Recorded: r.date("assertedDate", "recordedDate"),
		Recorder: r.ref("recorder"), Asserter: r.ref("asserter"), Remarks: r.remarks(), Patient: r.ref("patient"),
	}
	if a.Recorded.IsZero() {
		a.Recorded = r.ext(hl7 + "allergyintolerance-assertedDate").asDate()
	}
	for _, item := range r.each("reaction") {
		a.Reactions = append(a.Reactions, Reaction{
			Substance: item.concept("substance"), Manifestations: item.concepts("manifestation"), Description: item.text("description"),
			Onset: item.date("onset"), Severity: item.status("severity", "mild moderate severe"), Route: item.concept("exposureRoute"),
			Remarks: item.remarks(),
		})
	}
	return a
}

// statuses reads a list of codes with the list of siblings beside it.
func (r reader) statuses(name, set string) []Status {
	var all []Status
	siblings := r.node.All("_" + name)
	for i, item := range r.each(name) {
		s := Status{Code: item.text()}
		if !inSet(set, s.Code) {
			item.warn(KindCode)
		}
		if i < len(siblings) {
			s.Source = specification(siblings[i])
		}
		all = append(all, s)
	}
	return all
}
