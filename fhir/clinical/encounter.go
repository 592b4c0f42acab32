package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Encounter is a contact with a care provider: a visit, a call, a stay
// (data-services.md 2.8).
type Encounter struct {
	Head
	Status       Status           // status
	Class        fhir.Coded       // class
	Types        []fhir.Coded     // type[]: NHG table 14 for a general practitioner
	Reasons      []fhir.Coded     // STU3 reason[]; R4 reasonCode[]
	ReasonRefs   []fhir.Reference // R4 reasonReference[]
	Diagnoses    []fhir.Reference // diagnosis[].condition
	Participants []Participant    // participant[]: individual, type, period
	Period       fhir.Period      // period
	Episodes     []fhir.Reference // episodeOfCare[]
	Provider     fhir.Reference   // serviceProvider
	Places       []fhir.Reference // location[].location
	AdmittedFrom fhir.Coded       // hospitalization.admitSource
	DischargedTo fhir.Coded       // hospitalization.dischargeDisposition
	Subject      fhir.Reference   // subject
}

// ReadEncounter reads an Encounter.
func ReadEncounter(r fhir.Resource) (*Encounter, []Warning) { return as[Encounter](Read(r)) }

func readEncounter(r reader) Reading {
	stay := r.get("hospitalization")
	e := &Encounter{
		Status: r.status("status", "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown"),
		Class:  r.concept("class"), Types: r.concepts("type"), Reasons: r.concepts("reason", "reasonCode"),
		ReasonRefs: r.refs("reasonReference"), Participants: r.participants("participant", "individual", "type"),
		Period: r.period("period"), Episodes: r.refs("episodeOfCare"), Provider: r.ref("serviceProvider"),
		AdmittedFrom: stay.concept("admitSource"), DischargedTo: stay.concept("dischargeDisposition"), Subject: r.ref("subject"),
	}
	for _, item := range r.each("diagnosis") {
		e.Diagnoses = append(e.Diagnoses, item.ref("condition"))
	}
	for _, item := range r.each("location") {
		e.Places = append(e.Places, item.ref("location"))
	}
	return e
}

// Note is a Composition: what a general practitioner wrote about a contact
// (data-services.md 2.8).
type Note struct {
	Head
	Status    Status           // status
	Type      fhir.Coded       // type
	Title     string           // title
	Date      fhir.Date        // date
	Authors   []fhir.Reference // author[]
	Encounter fhir.Reference   // encounter
	Custodian fhir.Reference   // custodian
	Sections  []Section        // section[]
	Subject   fhir.Reference   // subject
}

// Section is one part of a note; for a general practitioner one line of the
// journal.
type Section struct {
	Code    fhir.Coded       // code: S, O, E or P
	Title   string           // title
	Text    string           // text.div as plain text: the note itself
	ICPC    fhir.Coded       // STU3 ext code-icpc-1-nl; R4 ext-SOAPReport.SOAPLineCode
	Entries []fhir.Reference // entry[]
}

// ReadNote reads a Composition.
func ReadNote(r fhir.Resource) (*Note, []Warning) { return as[Note](Read(r)) }

func readNote(r reader) Reading {
	n := &Note{
		Status: r.status("status", "preliminary final amended entered-in-error"), Type: r.concept("type"), Title: r.text("title"),
		Date: r.date("date"), Authors: r.refs("author"), Encounter: r.ref("encounter"), Custodian: r.ref("custodian"), Subject: r.ref("subject"),
	}
	n.readSections(r, 0)
	return n
}

// readSections also reads sections inside sections, in their order.
func (n *Note) readSections(r reader, depth int) {
	for _, item := range r.each("section") {
		s := Section{
			Code: item.concept("code"), Title: item.text("title"), Text: fhir.Narrative(item.node.Str("text", "div")),
			ICPC: item.ext("code-icpc-1-nl", "ext-SOAPReport.SOAPLineCode").concept(), Entries: item.refs("entry"),
		}
		n.Sections = append(n.Sections, s)
		if depth < fhir.MaxDepth {
			n.readSections(item, depth+1)
		}
	}
}
