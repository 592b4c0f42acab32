package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Patient is the person the records are about (data-services.md 2.0, 2.1).
type Patient struct {
	Head
	Names       []fhir.HumanName // name[]
	Gender      Status           // gender + _gender
	Birth       fhir.Date        // birthDate; may be a year only
	Deceased    Answer           // deceasedBoolean, or yes when there is a deceasedDateTime
	DeceasedOn  fhir.Date        // deceasedDateTime
	Telecoms    []Telecom        // telecom[]
	Addresses   []Address        // address[]
	Marital     fhir.Coded       // maritalStatus
	Multiple    string           // multipleBirth[x]: true, false or the order
	Languages   []Language       // communication[]
	Contacts    []PatientContact // contact[]
	Doctors     []fhir.Reference // generalPractitioner[]
	Provider    fhir.Reference   // managingOrganization
	Active      Answer           // active
	LegalStatus fhir.Coded       // STU3 ext zib-patient-legalstatus
	LifeStance  fhir.Coded       // STU3 ext zib-LifeStance
}

// Language is one that the patient speaks.
type Language struct {
	Code      fhir.Coded // language
	Preferred Answer     // preferred
}

// PatientContact is somebody close to the patient.
type PatientContact struct {
	Roles    []fhir.Coded   // relationship[]
	Name     fhir.HumanName // name
	Telecoms []Telecom      // telecom[]
	Address  Address        // address
	Gender   Status         // gender
	Provider fhir.Reference // organization
	Period   fhir.Period    // period
}

// Telecom is a way to reach somebody.
type Telecom struct {
	System, Value, Use string     // system, value, use
	Kind               fhir.Coded // STU3 ext zib-ContactInformation-TelecomType; R4 ext-CodeSpecification of system
}

// Address is an address.
type Address struct {
	Lines                     []string   // line[]
	Text                      string     // text
	PostalCode, City, Country string     // postalCode, city, country
	Use                       string     // use
	Kind                      fhir.Coded // STU3 ext zib-AddressInformation-AddressType; R4 ext-AddressInformation.AddressType
	CountryCode               fhir.Coded // code-specification of country
	Period                    fhir.Period
}

// ReadPatient reads a Patient.
func ReadPatient(r fhir.Resource) (*Patient, []Warning) { return as[Patient](Read(r)) }

const genders = "male female other unknown"

func readPatient(r reader) Reading {
	p := &Patient{
		Names: r.names(), Gender: r.status("gender", genders), Birth: r.date("birthDate"), Telecoms: r.telecoms(), Addresses: r.addresses(),
		Marital: r.concept("maritalStatus"), Doctors: r.refs("generalPractitioner"), Provider: r.ref("managingOrganization"),
		Active: r.get("active").answer(), LegalStatus: r.ext("zib-patient-legalstatus").concept(), LifeStance: r.ext("zib-LifeStance").concept(),
		Deceased: r.get("deceasedBoolean").answer(), DeceasedOn: r.date("deceasedDateTime"),
	}
	if !p.DeceasedOn.IsZero() {
		p.Deceased = Yes
	}
	_, multiple := r.choice("multipleBirth")
	p.Multiple = multiple.text()
	for _, item := range r.each("communication") {
		p.Languages = append(p.Languages, Language{Code: item.concept("language"), Preferred: item.get("preferred").answer()})
	}
	for _, item := range r.each("contact") {
		p.Contacts = append(p.Contacts, PatientContact{
			Roles: item.concepts("relationship"), Name: item.get("name").node.HumanName(), Telecoms: item.telecoms(),
			Address: item.get("address").address(), Gender: item.status("gender", genders), Provider: item.ref("organization"),
			Period: item.period("period"),
		})
	}
	return p
}

func (r reader) names() []fhir.HumanName {
	var all []fhir.HumanName
	for _, item := range r.each("name") {
		if !item.node.IsObject() {
			all = append(all, fhir.HumanName{Text: item.text()})
			continue
		}
		all = append(all, item.node.HumanName())
	}
	return all
}

func (r reader) telecoms() []Telecom {
	var all []Telecom
	for _, item := range r.each("telecom") {
		t := Telecom{System: item.text("system"), Value: item.text("value"), Use: item.text("use"), Kind: item.ext("zib-ContactInformation-TelecomType").concept()}
		if t.Kind.IsZero() {
			t.Kind = telecomKind(item.node)
		}
		all = append(all, t)
	}
	return all
}

// telecomKind: the extension stands on the system in both releases, and on
// the telecom itself in older STU3 data.
func telecomKind(n fhir.Node) fhir.Coded {
	s := n.Sibling("system")
	if e := s.Ext(nictiz + "zib-ContactInformation-TelecomType"); e.Exists() {
		return e.Value().Coded()
	}
	return specification(s)
}

func (r reader) addresses() []Address {
	var all []Address
	for _, item := range r.each("address") {
		all = append(all, item.address())
	}
	return all
}

func (r reader) address() Address {
	a := Address{
		Text: r.text("text"), PostalCode: r.text("postalCode"), City: r.text("city"), Country: r.text("country"), Use: r.text("use"),
		Kind:   r.ext("zib-AddressInformation-AddressType", "ext-AddressInformation.AddressType").concept(),
		Period: r.period("period"), CountryCode: specification(r.node.Sibling("country")),
	}
	for _, line := range r.each("line") {
		a.Lines = append(a.Lines, line.text())
	}
	return a
}

// Contact is a RelatedPerson or a Person: somebody close to the patient
// (data-services.md 2.1).
type Contact struct {
	Head
	Names     []fhir.HumanName // name[]
	Roles     []fhir.Coded     // relationship: one in STU3, a list in R4; ext nl-core-relatedperson-role
	Gender    Status           // gender
	Birth     fhir.Date        // birthDate
	Telecoms  []Telecom        // telecom[]
	Addresses []Address        // address[]
	Period    fhir.Period      // period
	Patient   fhir.Reference   // patient
	Links     []fhir.Reference // Person link[].target
	Active    Answer           // active
}

// ReadContact reads a RelatedPerson or Person.
func ReadContact(r fhir.Resource) (*Contact, []Warning) { return as[Contact](Read(r)) }

func readContact(r reader) Reading {
	c := &Contact{
		Names: r.names(), Roles: r.concepts("relationship"), Gender: r.status("gender", genders), Birth: r.date("birthDate"),
		Telecoms: r.telecoms(), Addresses: r.addresses(), Period: r.period("period"), Patient: r.ref("patient"), Active: r.get("active").answer(),
	}
	for _, x := range r.exts(nlCore + "nl-core-relatedperson-role") {
		c.Roles = append(c.Roles, x.Value().Coded())
	}
	for _, item := range r.each("link") {
		c.Links = append(c.Links, item.ref("target"))
	}
	return c
}
