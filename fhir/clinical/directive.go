package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Directive is a Consent: what may be done with a person, or what the person
// decided beforehand (data-services.md 1.1 no. 3 and 4).
type Directive struct {
	Head
	Status       Status           // status
	Scope        fhir.Coded       // R4 scope
	Categories   []fhir.Coded     // category[]
	Kinds        []fhir.Coded     // STU3 the categories after the first kind; R4 provision.code[]
	Treatment    fhir.Coded       // STU3 ext zib-TreatmentDirective-Treatment; R4 provision.code[] of a treatment directive
	Permitted    fhir.Coded       // modifier zib-TreatmentDirective-TreatmentPermitted: JA, NEE or JA_MAAR; STU3
	Decision     string           // R4 provision.type: permit or deny
	Restrictions []Restriction    // ext zib-TreatmentDirective-Restrictions in STU3 except[], in R4 converted from it provision.provision[]; R4 modifier ext-TreatmentDirective2.SpecificationOther
	Date         fhir.Date        // dateTime
	Period       fhir.Period      // STU3 period; R4 provision.period
	Parties      []fhir.Reference // STU3 consentingParty[]; R4 performer[]
	Actors       []Participant    // STU3 actor[]; R4 provision.actor[]
	Verified     Answer           // STU3 ext zib-TreatmentDirective-Verification Verified; R4 verification[].verified
	VerifiedWith fhir.Coded       // the same, VerifiedWith
	VerifiedBy   fhir.Reference   // R4 verification[].verifiedWith
	VerifiedOn   fhir.Date        // the same, VerificationDate; R4 verification[].verificationDate
	ReasonEnded  string           // R4 ext-TreatmentDirective2.ReasonForEnding
	Disorders    []fhir.Reference // STU3 ext zib-AdvanceDirective-Disorder; R4 ext-AdvanceDirective.Disorder
	Sources      []fhir.Reference // sourceReference, ext consent-additionalSources
	Files        []Attachment     // sourceAttachment
	Remarks      []Remark         // ext Comment; R4 ext-Comment
	Patient      fhir.Reference   // patient
}

// Restriction is a condition under which a treatment is permitted.
type Restriction struct {
	Type string // STU3 except[].type, R4 provision.provision[].type: deny or permit
	Text string
}

// ReadDirective reads a Consent.
func ReadDirective(r fhir.Resource) (*Directive, []Warning) { return as[Directive](Read(r)) }

func readDirective(r reader) Reading {
	provision := r.get("provision")
	d := &Directive{
		Status: r.status("status", "draft proposed active rejected inactive entered-in-error"), Scope: r.concept("scope"),
		Categories: r.concepts("category"), Kinds: provision.concepts("code"), Treatment: r.ext("zib-TreatmentDirective-Treatment").concept(),
		Permitted: r.ext("zib-TreatmentDirective-TreatmentPermitted").concept(), Decision: provision.text("type"),
		Date: r.date("dateTime"), Period: r.period("period"), Parties: r.refs("consentingParty", "performer"),
		Actors:      append(r.participants("actor", "reference", "role"), provision.participants("actor", "reference", "role")...),
		ReasonEnded: worded(r.ext("ext-TreatmentDirective2.ReasonForEnding").node).Display(),
		Sources:     r.refs("sourceReference"), Remarks: r.remarks(), Patient: r.ref("patient"),
	}
	r.get("policy", "uri") // required by FHIR, and the same law for everyone
	if p := provision.period("period"); !p.Start.IsZero() || !p.End.IsZero() {
		d.Period = p
	}
	for _, url := range [...]string{"zib-AdvanceDirective-Disorder", "ext-AdvanceDirective.Disorder"} {
		for _, x := range r.exts(nictiz + url) {
			d.Disorders = append(d.Disorders, x.Value().Reference())
		}
	}
	for _, x := range r.exts(nictiz + "consent-additionalSources") {
		d.Sources = append(d.Sources, x.Value().Reference())
	}
	if a := r.get("sourceAttachment"); a.exists() {
		d.Files = append(d.Files, a.attachment())
	}
	d.readRestrictions(r)
	d.readVerification(r)
	return d
}

func (d *Directive) readRestrictions(r reader) {
	for _, item := range append(r.each("except"), r.get("provision").each("provision")...) {
		d.Restrictions = append(d.Restrictions, Restriction{
			Type: item.text("type"), Text: worded(item.ext("zib-TreatmentDirective-Restrictions").node).Display(),
		})
	}
	for _, x := range r.exts(nictiz + "ext-TreatmentDirective2.SpecificationOther") {
		d.Restrictions = append(d.Restrictions, Restriction{Text: worded(x.Value()).Display()})
	}
}

func (d *Directive) readVerification(r reader) {
	var v fhir.Node
	for _, x := range r.exts(nictiz + "zib-TreatmentDirective-Verification") {
		v = x
	}
	part := func(name string) reader {
		return r.inside(v.Ext(name).Value())
	}
	d.Verified, d.VerifiedWith, d.VerifiedOn = part("Verified").answer(), part("VerifiedWith").concept(), part("VerificationDate").asDate()
	for _, item := range r.each("verification") {
		d.Verified, d.VerifiedBy, d.VerifiedOn = item.get("verified").answer(), item.ref("verifiedWith"), item.date("verificationDate")
	}
}
