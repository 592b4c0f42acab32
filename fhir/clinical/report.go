package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Report is a DiagnosticReport: a text of a laboratory, of radiology or of
// pathology with the results it rests on (data-services.md 1.5, 1.11, 1.16).
type Report struct {
	Head
	Status       Status           // status + _status
	Categories   []fhir.Coded     // category, a list in R4
	Code         fhir.Coded       // code
	Effective    Moment           // effective[x]
	Issued       fhir.Date        // issued
	Performers   []Participant    // STU3 performer[].actor; R4 performer[]
	Interpreters []fhir.Reference // R4 resultsInterpreter[]
	Results      []fhir.Reference // result[]
	Specimens    []fhir.Reference // specimen[]
	Conclusion   string           // conclusion
	Codes        []fhir.Coded     // STU3 codedDiagnosis[]; R4 conclusionCode[]
	Files        []Attachment     // presentedForm[]
	Images       []fhir.Reference // STU3 image[].link; R4 media[].link
	BasedOn      []fhir.Reference // basedOn[]
	Context      fhir.Reference   // STU3 context; R4 encounter
	Subject      fhir.Reference   // subject
}

// ReadReport reads a DiagnosticReport.
func ReadReport(r fhir.Resource) (*Report, []Warning) { return as[Report](Read(r)) }

const reportStates = "registered partial preliminary final amended corrected appended cancelled entered-in-error unknown"

func readReport(r reader) Reading {
	x := &Report{
		Status: r.status("status", reportStates), Categories: r.concepts("category"), Code: r.concept("code"),
		Effective: r.moment("effective"), Issued: r.date("issued"), Performers: r.participants("performer", "actor", "role"),
		Interpreters: r.refs("resultsInterpreter"), Results: r.refs("result"), Specimens: r.refs("specimen"),
		Conclusion: r.text("conclusion"), Codes: r.concepts("codedDiagnosis", "conclusionCode"), BasedOn: r.refs("basedOn"),
		Context: firstRef(r.ref("context"), r.ref("encounter")), Subject: r.ref("subject"),
	}
	for _, item := range r.each("presentedForm") {
		x.Files = append(x.Files, item.attachment())
	}
	for _, item := range r.each("image", "media") {
		x.Images = append(x.Images, item.ref("link"))
	}
	return x
}

// Specimen is material that was examined (data-services.md 2.4).
type Specimen struct {
	Head
	Status    string           // status
	Type      fhir.Coded       // type
	Collected Moment           // collection.collected[x]
	Collector fhir.Reference   // collection.collector
	Quantity  fhir.Quantity    // collection.quantity
	Method    fhir.Coded       // collection.method
	Site      []Site           // collection.bodySite
	Received  fhir.Date        // receivedTime
	Accession fhir.Ident       // accessionIdentifier
	Parents   []fhir.Reference // parent[]
	Requests  []fhir.Reference // request[]
	Container []fhir.Coded     // container[].type
	Remarks   []Remark         // note[]
	Subject   fhir.Reference   // subject
}

// ReadSpecimen reads a Specimen.
func ReadSpecimen(r fhir.Resource) (*Specimen, []Warning) { return as[Specimen](Read(r)) }

func readSpecimen(r reader) Reading {
	c := r.get("collection")
	s := &Specimen{
		Status: r.code("status", "available unavailable unsatisfactory entered-in-error"), Type: r.concept("type"),
		Collected: c.moment("collected"), Collector: c.ref("collector"), Quantity: c.quantity("quantity"),
		Method: c.concept("method"), Site: c.sites("bodySite"), Received: r.date("receivedTime"),
		Accession: r.get("accessionIdentifier").node.Ident(), Parents: r.refs("parent"), Requests: r.refs("request"),
		Remarks: r.remarks(), Subject: r.ref("subject"),
	}
	for _, item := range r.each("container") {
		s.Container = append(s.Container, item.concept("type"))
	}
	return s
}
