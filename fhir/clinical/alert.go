package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Alert is a Flag: something a care provider wants others to notice
// (data-services.md 1.1 no. 12, 1.2).
type Alert struct {
	Head
	Status     Status         // status
	Categories []fhir.Coded   // category: one in STU3, a list in R4
	Code       fhir.Coded     // code
	Detail     fhir.Reference // ext flag-detail of HL7: the problem or the episode it is about
	Period     fhir.Period    // period
	Author     fhir.Reference // author
	Encounter  fhir.Reference // encounter
	Remarks    []Remark       // ext Comment; R4 ext-Comment
	Subject    fhir.Reference // subject
}

// ReadAlert reads a Flag.
func ReadAlert(r fhir.Resource) (*Alert, []Warning) { return as[Alert](Read(r)) }

func readAlert(r reader) Reading {
	return &Alert{
		Status: r.status("status", "active inactive entered-in-error"), Categories: r.concepts("category"), Code: r.concept("code"),
		Detail: r.ext(hl7 + "flag-detail").node.Reference(), Period: r.period("period"), Author: r.ref("author"),
		Encounter: r.ref("encounter"), Remarks: r.remarks(), Subject: r.ref("subject"),
	}
}
