package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Organisation is a care provider, an insurer or a part of one
// (data-services.md 2.1). Converted pharmacy data has organisations with a
// number and no name.
type Organisation struct {
	Head
	Name      string                // name
	Aliases   []string              // alias[]
	Types     []fhir.Coded          // type[]
	Telecoms  []Telecom             // telecom[]
	Addresses []Address             // address[]
	PartOf    fhir.Reference        // partOf
	Active    Answer                // active
	Contacts  []OrganisationContact // contact[]
}

// OrganisationContact is how to reach an organisation for a purpose.
type OrganisationContact struct {
	Purpose  fhir.Coded     // purpose
	Name     fhir.HumanName // name
	Telecoms []Telecom      // telecom[]
	Address  Address        // address
}

// ReadOrganisation reads an Organization.
func ReadOrganisation(r fhir.Resource) (*Organisation, []Warning) { return as[Organisation](Read(r)) }

func readOrganisation(r reader) Reading {
	o := &Organisation{
		Name: r.text("name"), Types: r.concepts("type"), Telecoms: r.telecoms(), Addresses: r.addresses(),
		PartOf: r.ref("partOf"), Active: r.get("active").answer(),
	}
	for _, item := range r.each("alias") {
		o.Aliases = append(o.Aliases, item.text())
	}
	for _, item := range r.each("contact") {
		o.Contacts = append(o.Contacts, OrganisationContact{
			Purpose: item.concept("purpose"), Name: item.get("name").node.HumanName(), Telecoms: item.telecoms(),
			Address: item.get("address").address(),
		})
	}
	return o
}

// Place is a Location or a HealthcareService: where care is given
// (data-services.md 2.7).
type Place struct {
	Head
	Status       Status           // status
	Name         string           // name
	Types        []fhir.Coded     // type
	Specialties  []fhir.Coded     // specialty[] of a HealthcareService
	Telecoms     []Telecom        // telecom[]
	Addresses    []Address        // address
	Organisation fhir.Reference   // managingOrganization; providedBy of a HealthcareService
	Places       []fhir.Reference // partOf; location[] of a HealthcareService
}

// ReadPlace reads a Location or HealthcareService.
func ReadPlace(r fhir.Resource) (*Place, []Warning) { return as[Place](Read(r)) }

func readPlace(r reader) Reading {
	return &Place{
		Status: r.status("status", "active suspended inactive"), Name: r.text("name"), Types: r.concepts("type"),
		Specialties: r.concepts("specialty"), Telecoms: r.telecoms(), Addresses: r.addresses(),
		Organisation: firstRef(r.ref("managingOrganization"), r.ref("providedBy")), Places: r.refs("partOf", "location"),
	}
}
