package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Practitioner is a care professional (data-services.md 2.1).
type Practitioner struct {
	Head
	Names          []fhir.HumanName // name[]
	Gender         Status           // gender
	Birth          fhir.Date        // birthDate
	Telecoms       []Telecom        // telecom[]
	Addresses      []Address        // address[]
	Qualifications []fhir.Coded     // qualification[].code
	Active         Answer           // active
}

// ReadPractitioner reads a Practitioner.
func ReadPractitioner(r fhir.Resource) (*Practitioner, []Warning) { return as[Practitioner](Read(r)) }

func readPractitioner(r reader) Reading {
	p := &Practitioner{
		Names: r.names(), Gender: r.status("gender", genders), Birth: r.date("birthDate"), Telecoms: r.telecoms(),
		Addresses: r.addresses(), Active: r.get("active").answer(),
	}
	for _, item := range r.each("qualification") {
		p.Qualifications = append(p.Qualifications, item.concept("code"))
	}
	return p
}

// Post is a PractitionerRole: a professional at an organisation
// (data-services.md 2.0, 2.1).
type Post struct {
	Head
	Practitioner fhir.Reference   // practitioner
	Organisation fhir.Reference   // organization
	Codes        []fhir.Coded     // code[]
	Specialties  []fhir.Coded     // specialty[]
	Places       []fhir.Reference // location[]
	Telecoms     []Telecom        // telecom[]
	Period       fhir.Period      // period
	Active       Answer           // active
}

// ReadPost reads a PractitionerRole.
func ReadPost(r fhir.Resource) (*Post, []Warning) { return as[Post](Read(r)) }

func readPost(r reader) Reading {
	return &Post{
		Practitioner: r.ref("practitioner"), Organisation: r.ref("organization"), Codes: r.concepts("code"), Specialties: r.concepts("specialty"),
		Places: r.refs("location"), Telecoms: r.telecoms(), Period: r.period("period"), Active: r.get("active").answer(),
	}
}
