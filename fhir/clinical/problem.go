package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Problem is a Condition: a complaint, a finding or a diagnosis
// (data-services.md 2.8).
type Problem struct {
	Head
	Code         fhir.Coded       // code
	Further      string           // R4 ext-Problem.FurtherSpecificationProblemName on code
	Clinical     Status           // clinicalStatus + _clinicalStatus; R4 a concept
	Verification Status           // verificationStatus + _verificationStatus; R4 a concept
	Categories   []fhir.Coded     // category[]
	Severity     fhir.Coded       // severity
	Sites        []Site           // bodySite[]
	Onset        Moment           // onset[x]
	Abatement    Moment           // abatement[x]
	Recorded     fhir.Date        // STU3 assertedDate; R4 recordedDate
	Recorder     fhir.Reference   // R4 recorder
	Asserter     fhir.Reference   // asserter
	Stage        fhir.Coded       // stage.summary, or R4 stage.type
	Evidence     []fhir.Reference // evidence[].detail
	DueTo        []fhir.Reference // ext condition-dueTo and condition-partOf of HL7
	Context      fhir.Reference   // STU3 context; R4 encounter
	Remarks      []Remark         // note[]
	Subject      fhir.Reference   // subject
}

// ReadProblem reads a Condition.
func ReadProblem(r fhir.Resource) (*Problem, []Warning) { return as[Problem](Read(r)) }

func readProblem(r reader) Reading {
	stage := r.get("stage")
	p := &Problem{
		Code: r.concept("code"), Further: r.get("code").ext("ext-Problem.FurtherSpecificationProblemName").text(),
		Clinical:     r.status("clinicalStatus", "active recurrence relapse inactive remission resolved"),
		Verification: r.status("verificationStatus", "unconfirmed provisional differential confirmed refuted entered-in-error unknown"),
		Categories:   r.concepts("category"), Severity: r.concept("severity"), Sites: r.sites("bodySite"),
		Onset: r.moment("onset"), Abatement: r.moment("abatement"), Recorded: r.date("assertedDate", "recordedDate"),
		Recorder: r.ref("recorder"), Asserter: r.ref("asserter"), Stage: stage.concept("summary"),
		Context: firstRef(r.ref("context"), r.ref("encounter")), Remarks: r.remarks(), Subject: r.ref("subject"),
	}
	if p.Stage.IsZero() {
		p.Stage = stage.concept("type")
	}
	for _, item := range r.each("evidence") {
		p.Evidence = append(p.Evidence, item.refs("detail")...)
	}
	for _, name := range [...]string{"condition-dueTo", "condition-partOf"} {
		for _, x := range r.exts(hl7 + name) {
			p.DueTo = append(p.DueTo, x.Value().Reference())
		}
	}
	return p
}

// Episode is an EpisodeOfCare: what a general practitioner keeps together
// under one complaint, or a pregnancy (data-services.md 2.8).
type Episode struct {
	Head
	Status     Status           // status
	Title      string           // ext EpisodeOfCare-Title; R4 ext-EpisodeOfCare.EpisodeOfCareName
	Types      []fhir.Coded     // type[]
	Conditions []fhir.Reference // diagnosis[].condition; often the display is all there is
	Period     fhir.Period      // period
	First      fhir.Date        // STU3 ext EpisodeOfCare-DateFirstEncounter
	Last       fhir.Date        // STU3 ext EpisodeOfCare-DateLastEncounter
	Manager    fhir.Reference   // careManager
	Provider   fhir.Reference   // managingOrganization
	Remarks    []Remark         // ext Comment; R4 ext-Comment
	Patient    fhir.Reference   // patient
}

// ReadEpisode reads an EpisodeOfCare.
func ReadEpisode(r fhir.Resource) (*Episode, []Warning) { return as[Episode](Read(r)) }

func readEpisode(r reader) Reading {
	e := &Episode{
		Status: r.status("status", "planned waitlist active onhold finished cancelled entered-in-error"),
		Title:  r.ext("EpisodeOfCare-Title", "ext-EpisodeOfCare.EpisodeOfCareName").text(), Types: r.concepts("type"),
		Period: r.period("period"), First: r.ext("EpisodeOfCare-DateFirstEncounter").asDate(),
		Last: r.ext("EpisodeOfCare-DateLastEncounter").asDate(), Manager: r.ref("careManager"),
		Provider: r.ref("managingOrganization"), Remarks: r.remarks(), Patient: r.ref("patient"),
	}
	for _, item := range r.each("diagnosis") {
		e.Conditions = append(e.Conditions, item.ref("condition"))
	}
	return e
}
