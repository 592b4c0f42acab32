package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Document is a letter or another document, or a package of them
// (data-services.md 2.6).
type Document struct {
	Head
	Master      fhir.Ident       // masterIdentifier: what makes two copies one
	Status      Status           // status
	DocStatus   string           // docStatus
	Type        fhir.Coded       // type
	Classes     []fhir.Coded     // STU3 class; R4 category[]
	Description string           // description
	Indexed     fhir.Date        // STU3 indexed; R4 date
	Created     fhir.Date        // created
	Period      fhir.Period      // context.period
	Authors     []fhir.Reference // author[]; "#id" when contained
	Signer      fhir.Reference   // authenticator
	Custodian   fhir.Reference   // custodian
	Recipients  []fhir.Reference // recipient[] of a package
	Source      string           // source of a package
	Security    []fhir.Coded     // securityLabel[]: N, R or V
	Relates     []fhir.Reference // relatesTo[].target
	Related     []fhir.Reference // context.related[] and context.encounter; STU3 context.related[].ref
	Files       []Attachment     // content[].attachment
	Formats     []fhir.Coded     // content[].format
	Members     []fhir.Reference // of a package: STU3 content[].pReference; R4 content[]
	Subject     fhir.Reference   // subject
}

// ReadDocument reads a DocumentReference or DocumentManifest.
func ReadDocument(r fhir.Resource) (*Document, []Warning) { return as[Document](Read(r)) }

func readDocument(r reader) Reading {
	d := &Document{
		Master: r.get("masterIdentifier").node.Ident(), Status: r.status("status", "current superseded entered-in-error"),
		DocStatus: r.text("docStatus"), Type: r.concept("type"), Classes: r.concepts("class", "category"),
		Description: r.text("description"), Indexed: r.date("indexed", "date"), Created: r.date("created"),
		Authors: r.refs("author"), Signer: r.ref("authenticator"), Custodian: r.ref("custodian"), Recipients: r.refs("recipient"),
		Source: r.text("source"), Security: r.concepts("securityLabel"), Subject: r.ref("subject"),
	}
	context := r.get("context")
	d.Period, d.Related = context.period("period"), context.refs("encounter", "related")
	for _, item := range context.each("related") {
		if ref := item.ref("ref"); !ref.IsZero() {
			d.Related = append(d.Related, ref)
		}
	}
	for _, item := range r.each("relatesTo") {
		d.Relates = append(d.Relates, item.ref("target"))
	}
	d.readContent(r)
	return d
}

func (d *Document) readContent(r reader) {
	for _, item := range r.each("content") {
		if a := item.get("attachment"); a.exists() {
			d.Files = append(d.Files, a.attachment())
		}
		if a := item.get("pAttachment"); a.exists() {
			d.Files = append(d.Files, a.attachment())
		}
		if c := item.concept("format"); !c.IsZero() {
			d.Formats = append(d.Formats, c)
		}
		if ref := firstRef(item.ref("pReference"), item.ref()); !ref.IsZero() {
			d.Members = append(d.Members, ref)
		}
	}
}

// File is a Binary. Its content stays in the resource (data-services.md 1.6).
type File struct {
	Head
	ContentType string // contentType
	HasContent  bool   // STU3 content; R4 data
}

// ReadFile reads a Binary.
func ReadFile(r fhir.Resource) (*File, []Warning) { return as[File](Read(r)) }

func readFile(r reader) Reading {
	return &File{ContentType: r.text("contentType"), HasContent: firstText(r.text("content"), r.text("data")) != ""}
}

// Media is a photo, a video or a sound (data-services.md 1.14).
type Media struct {
	Head
	Status   string         // R4 status
	Type     fhir.Coded     // type: a code in STU3
	Subtype  fhir.Coded     // STU3 subtype; R4 modality
	Created  Moment         // STU3 occurrence[x]; R4 created[x]
	Operator fhir.Reference // operator
	Sites    []Site         // bodySite
	Reasons  []fhir.Coded   // reasonCode[]
	File     Attachment     // content
	Remarks  []Remark       // note[]
	Subject  fhir.Reference // subject
}

// ReadMedia reads a Media.
func ReadMedia(r fhir.Resource) (*Media, []Warning) { return as[Media](Read(r)) }

func readMedia(r reader) Reading {
	m := &Media{
		Status: r.code("status", eventStates), Type: r.concept("type"), Subtype: r.concept("subtype"), Created: r.moment("occurrence"),
		Operator: r.ref("operator"), Sites: r.sites("bodySite"), Reasons: r.concepts("reasonCode"), File: r.get("content").attachment(),
		Remarks: r.remarks(), Subject: r.ref("subject"),
	}
	if c := r.concept("modality"); !c.IsZero() {
		m.Subtype = c
	}
	if typ, _ := r.choice("created"); typ != "" {
		m.Created = r.moment("created")
	}
	return m
}
