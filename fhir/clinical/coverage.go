package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Coverage is an insurance (data-services.md 1.1 no. 2).
type Coverage struct {
	Head
	Status       Status           // status
	Type         fhir.Coded       // type
	Period       fhir.Period      // period
	Insurers     []fhir.Reference // payor[]
	SubscriberID string           // subscriberId
	Subscriber   fhir.Reference   // subscriber
	Holder       fhir.Reference   // policyHolder
	Beneficiary  fhir.Reference   // beneficiary
	Relationship fhir.Coded       // relationship
	Dependent    string           // dependent
}

// ReadCoverage reads a Coverage. The bank account of the insurer is not read.
func ReadCoverage(r fhir.Resource) (*Coverage, []Warning) { return as[Coverage](Read(r)) }

func readCoverage(r reader) Reading {
	return &Coverage{
		Status: r.status("status", "active cancelled draft entered-in-error"), Type: r.concept("type"), Period: r.period("period"),
		Insurers: r.refs("payor"), SubscriberID: r.text("subscriberId"), Subscriber: r.ref("subscriber"), Holder: r.ref("policyHolder"),
		Beneficiary: r.ref("beneficiary"), Relationship: r.concept("relationship"), Dependent: r.text("dependent"),
	}
}
