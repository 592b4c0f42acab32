package share

import (
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// ipsSection is a section of an IPS: its LOINC code with the name LOINC gives
// it, and whether every IPS has it (HL7 IPS 2.0.0, Composition-uv-ips).
type ipsSection struct {
	code, display string
	required      bool
}

// The sections by LOINC code. Functional status is how the person functions, which
// the overview has among how they live. Pregnancy (10162-6) is none: the overview
// has no subject for it, and what is known of it is among the problems.
const (
	secMedication = "10160-0"
	secAllergies  = "48765-2"
	secProblems   = "11450-4"
	secImmunized  = "11369-6"
	secProcedures = "47519-4"
	secDevices    = "46264-8"
	secResults    = "30954-2"
	secVitals     = "8716-3"
	secPast       = "11348-0"
	secPlan       = "18776-5"
	secSocial     = "29762-2"
	secFunctional = "47420-5"
	secDirectives = "42348-3"
	secAlerts     = "104605-1"
)

// ipsSections are all sections in the order in which they are read: what
// a doctor needs first in front.
func ipsSections() []ipsSection {
	return []ipsSection{
		{secAlerts, "Alert", false},
		{secMedication, "History of Medication use Narrative", true},
		{secAllergies, "Allergies and adverse reactions Document", true},
		{secProblems, "Problem list", true},
		{secPast, "History of Past illness note", false},
		{secProcedures, "History of Procedures Document", false},
		{secImmunized, "History of Immunization note", false},
		{secDevices, "History of medical device use", false},
		{secResults, "Relevant diagnostic tests/laboratory data note", false},
		{secVitals, "Vital signs note", false},
		{secFunctional, "Functional status assessment note", false},
		{secSocial, "Social history note", false},
		{secDirectives, "Advance healthcare directives", false},
		{secPlan, "Plan of care note", false},
	}
}

// sectionOf tells in which section a line belongs; false for what has no place
// in an IPS: letters and the like, and medicines that are long over.
func sectionOf(item aggregator.Item) (string, bool) {
	switch item.Section {
	case aggregator.Gated, aggregator.History:
		return "", false
	}
	switch item.Subject {
	case "medication":
		return secMedication, item.Section != aggregator.Past && item.Section != aggregator.Cancelled
	case "allergy":
		return secAllergies, true
	case "problem":
		if item.Section == aggregator.Inactive {
			return secPast, true
		}
		return secProblems, true
	case "vital":
		return secVitals, true
	case "lab":
		return secResults, true
	case "alert":
		return secAlerts, true
	}
	return sectionOfType(item)
}

// section is where a line of the extract belongs, as far as only its records tell:
// how the person functions is a category (data-services.md 1.1), and a warning that
// is over for all who gave it is none, for IPS permits only those that count now.
func (e Extract) section(item aggregator.Item) (string, bool) {
	code, ok := sectionOf(item)
	parts := speaking(item)
	if len(parts) == 0 {
		return code, ok
	}
	switch {
	case code == secSocial && functional(e.records[keyOf(parts[0])].Node()):
		return secFunctional, ok
	case code == secAlerts && !slices.ContainsFunc(parts, func(p aggregator.Part) bool { return e.records[keyOf(p)].Node().Str("status") != "inactive" }):
		return "", false
	}
	return code, ok
}

// functional tells of an observation whether it is of the zib
// FunctionalOrMentalStatus: a finding of function, or of the state of mind.
func functional(n fhir.Node) bool {
	return slices.ContainsFunc(n.Codeds("category"), func(c fhir.Coded) bool {
		return c.Has(fhir.SNOMED, "118228005") || c.Has(fhir.SNOMED, "384821006") ||
			slices.ContainsFunc(c.Coding, func(c fhir.Coding) bool { return c.Code == "functional-status" })
	})
}

// sectionOfType looks at the kind of record where a subject has several.
func sectionOfType(item aggregator.Item) (string, bool) {
	typ := ""
	if parts := speaking(item); len(parts) > 0 {
		typ = parts[0].Type
	}
	switch typ {
	case "Immunization":
		return secImmunized, true
	case "Procedure":
		return secProcedures, true
	case "DeviceUseStatement":
		return secDevices, true
	case "DiagnosticReport":
		return secResults, true
	case "CarePlan", "Goal", "ProcedureRequest", "ServiceRequest", "ReferralRequest", "ImmunizationRecommendation":
		return secPlan, item.Section != aggregator.Cancelled
	case "Consent":
		return secDirectives, item.Subject == "directive"
	case "Observation":
		return secSocial, item.Subject == "lifestyle"
	}
	return "", false
}
