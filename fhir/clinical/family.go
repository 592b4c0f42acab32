package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Relative is a FamilyMemberHistory: what runs in the family
// (data-services.md 1.13).
type Relative struct {
	Head
	Status       Status            // status
	Date         fhir.Date         // date
	Name         string            // name
	Relationship fhir.Coded        // relationship
	Gender       fhir.Coded        // STU3 gender; R4 sex
	Born         Moment            // born[x]
	Age          Moment            // age[x]
	Deceased     Moment            // deceased[x]
	Problems     []RelativeProblem // condition[]
	Remarks      []Remark          // note[]
	Patient      fhir.Reference    // patient
}

// RelativeProblem is a problem of somebody in the family.
type RelativeProblem struct {
	Code    fhir.Coded // code
	Outcome fhir.Coded // outcome
	Onset   Moment     // onset[x]
	Remarks []Remark   // note[]
}

// ReadRelative reads a FamilyMemberHistory.
func ReadRelative(r fhir.Resource) (*Relative, []Warning) { return as[Relative](Read(r)) }

func readRelative(r reader) Reading {
	x := &Relative{
		Status: r.status("status", "partial completed entered-in-error health-unknown"), Date: r.date("date"), Name: r.text("name"),
		Relationship: r.concept("relationship"), Gender: firstConcept(r.concept("gender"), r.concept("sex")), Born: r.moment("born"),
		Age: r.moment("age"), Deceased: r.moment("deceased"), Remarks: r.remarks(), Patient: r.ref("patient"),
	}
	for _, item := range r.each("condition") {
		x.Problems = append(x.Problems, RelativeProblem{
			Code: item.concept("code"), Outcome: item.concept("outcome"), Onset: item.moment("onset"), Remarks: item.remarks(),
		})
	}
	return x
}
