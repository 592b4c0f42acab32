package clinical

import "github.com/bundel-pgo/bundel/fhir"

const eventStates = "preparation in-progress suspended on-hold aborted stopped completed not-done entered-in-error unknown"

// Procedure is something that was done (data-services.md 1.1 no. 23, 1.11).
type Procedure struct {
	Head
	Status        Status           // status
	Done          bool             // STU3 notDone is not true; R4 status is not "not-done"
	Reasons       []fhir.Coded     // reasonCode[]; STU3 notDoneReason; R4 statusReason
	ReasonRefs    []fhir.Reference // reasonReference[]
	Category      fhir.Coded       // category
	Code          fhir.Coded       // code
	Performed     Moment           // performed[x]
	Schedule      fhir.Period      // ext procedure-schedule of HL7
	Performers    []Participant    // performer[]: actor, STU3 role, R4 function
	Place         fhir.Reference   // location
	Sites         []Site           // bodySite[]
	Outcome       fhir.Coded       // outcome
	Complications []fhir.Coded     // complication[]
	FollowUp      []fhir.Coded     // followUp[]
	Devices       []fhir.Reference // focalDevice[].manipulated
	Used          []fhir.Reference // usedReference[]
	Reports       []fhir.Reference // report[]
	PartOf        []fhir.Reference // partOf[]
	BasedOn       []fhir.Reference // basedOn[]
	Requester     fhir.Reference   // STU3 ext zib-NursingIntervention-Requester
	Assent        fhir.Coded       // STU3 ext zib-FreedomRestrictingMeasures-Permission; R4 ext-FreedomRestrictingIntervention.Assent
	Context       fhir.Reference   // STU3 context; R4 encounter
	Remarks       []Remark         // note[]
	Subject       fhir.Reference   // subject
}

// ReadProcedure reads a Procedure.
func ReadProcedure(r fhir.Resource) (*Procedure, []Warning) { return as[Procedure](Read(r)) }

func readProcedure(r reader) Reading {
	p := &Procedure{
		Status: r.status("status", eventStates), Category: r.concept("category"), Code: r.concept("code"),
		Reasons: r.concepts("reasonCode", "notDoneReason", "statusReason"), ReasonRefs: r.refs("reasonReference"),
		Performed: r.moment("performed"), Performers: r.participants("performer", "actor", "role function"), Place: r.ref("location"),
		Sites: r.sites("bodySite"), Outcome: r.concept("outcome"), Complications: r.concepts("complication"), FollowUp: r.concepts("followUp"),
		Used: r.refs("usedReference"), Reports: r.refs("report"), PartOf: r.refs("partOf"), BasedOn: r.refs("basedOn"),
		Requester: r.ext("zib-NursingIntervention-Requester").node.Reference(),
		Assent:    r.ext("zib-FreedomRestrictingMeasures-Permission", "ext-FreedomRestrictingIntervention.Assent").concept(),
		Schedule:  r.ext(hl7 + "procedure-schedule").get("repeat").period("boundsPeriod"),
		Context:   firstRef(r.ref("context"), r.ref("encounter")), Remarks: r.remarks(), Subject: r.ref("subject"),
	}
	p.Done = !r.bool("notDone") && p.Status.Code != "not-done"
	for _, item := range r.each("focalDevice") {
		p.Devices = append(p.Devices, item.ref("manipulated"))
	}
	return p
}

// Request is something that was asked for: STU3 ProcedureRequest and
// ReferralRequest, R4 ServiceRequest (data-services.md 1.1 no. 25, 1.13, 1.16).
type Request struct {
	Head
	Status        Status           // status + _status
	Intent        string           // intent
	Not           bool             // doNotPerform
	Priority      string           // priority
	Categories    []fhir.Coded     // category; ReferralRequest type
	Codes         []fhir.Coded     // code; ReferralRequest serviceRequested[]
	Occurrence    Moment           // occurrence[x]
	Authored      fhir.Date        // authoredOn
	Requester     fhir.Reference   // STU3 requester.agent; R4 requester
	Performers    []fhir.Reference // performer, a list in R4; ReferralRequest recipient[]
	PerformerType []fhir.Coded     // performerType; ReferralRequest specialty
	Reasons       []fhir.Coded     // reasonCode[]
	ReasonRefs    []fhir.Reference // reasonReference[]
	Sites         []Site           // bodySite[]
	Text          string           // ReferralRequest description; R4 patientInstruction
	BasedOn       []fhir.Reference // basedOn[]
	Supporting    []fhir.Reference // supportingInfo[]
	Context       fhir.Reference   // STU3 context; R4 encounter
	Remarks       []Remark         // note[]
	Subject       fhir.Reference   // subject
}

// ReadRequest reads a ProcedureRequest, ServiceRequest or ReferralRequest.
func ReadRequest(r fhir.Resource) (*Request, []Warning) { return as[Request](Read(r)) }

const requestStates = "draft active suspended on-hold revoked cancelled completed entered-in-error unknown"

func readRequest(r reader) Reading {
	q := &Request{
		Status: r.status("status", requestStates), Intent: r.text("intent"), Not: r.bool("doNotPerform"), Priority: r.text("priority"),
		Categories: r.concepts("category", "type"), Codes: r.concepts("code", "serviceRequested"),
		Authored: r.date("authoredOn"), Requester: r.requester(), Performers: r.refs("performer", "recipient"),
		PerformerType: r.concepts("performerType", "specialty"), Reasons: r.concepts("reasonCode"), ReasonRefs: r.refs("reasonReference"),
		Sites: r.sites("bodySite"), Text: firstText(r.text("description"), r.text("patientInstruction")), BasedOn: r.refs("basedOn"),
		Supporting: r.refs("supportingInfo"), Context: firstRef(r.ref("context"), r.ref("encounter")), Remarks: r.remarks(), Subject: r.ref("subject"),
		Occurrence: r.moment("occurrence"),
	}
	return q
}
