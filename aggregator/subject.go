package aggregator

import (
	"slices"
	"strings"
)

// subject is one row of the table of subjects: which entries it claims and how
// it makes lines of them.
type subject struct {
	name   string
	claims func(*entry) bool
	lines  func(*merger, []*entry) []*line
}

// subjects is THE table. The first row that claims an entry has it, so order
// matters: what the person wrote and laboratory results come before the wider
// nets. It is also the order of the overview.
func subjects() []subject {
	return []subject{
		{"medication", ofType("MedicationRequest", "MedicationDispense", "MedicationStatement", "MedicationAdministration"), medicationLines},
		{"allergy", isAllergy, allergyLines},
		{"vital", isVital, vitalLines},
		{"lab", isLab, labLines},
		{"letter", ofType("DocumentReference", "DocumentManifest"), letterLines},
		{"problem", ofType("Condition", "EpisodeOfCare"), plainLines},
		{"vaccination", ofType("Immunization", "ImmunizationRecommendation"), plainLines},
		{"appointment", ofType("Appointment", "AppointmentResponse"), plainLines},
		{"note", isNote, plainLines},
		{"procedure", ofType("Procedure", "ProcedureRequest", "ServiceRequest", "ReferralRequest", "DiagnosticReport", "Media", "ImagingStudy"), plainLines},
		{"encounter", ofType("Encounter"), plainLines},
		{"plan", ofType("CarePlan", "CareTeam", "Goal", "NutritionOrder", "RequestGroup"), plainLines},
		{"device", ofType("DeviceUseStatement", "DeviceRequest"), plainLines},
		{"alert", isAlert, plainLines},
		{"directive", isDirective, plainLines},
		{"lifestyle", isLifestyle, plainLines},
		{"questionnaire", ofType("Questionnaire", "QuestionnaireResponse", "Task"), plainLines},
		{"coverage", ofType("Coverage"), plainLines},
		{"person", ofType("RelatedPerson", "Person", "FamilyMemberHistory"), plainLines},
		{"provider", ofType("HealthcareService", "Endpoint", "Schedule", "Slot"), plainLines},
		{"other", isKnownType, plainLines},
	}
}

// makeLines lets each subject make its lines. Medication, half of the work, is
// made beside all others, since no subject looks at the lines of another;
// unless the person keeps records apart, which is noted in one place.
func (m *merger) makeLines() {
	table := subjects()
	made := make([][]*line, len(table))
	rows := func(from, to int) {
		for i, s := range table[from:to] {
			made[from+i] = s.lines(m, m.claimed[s.name])
		}
	}
	if len(m.cuts) > 0 {
		rows(0, len(table))
	} else {
		halves := [...][2]int{{0, 1}, {1, len(table)}}
		inParallel(len(halves), func(i int) { rows(halves[i][0], halves[i][1]) })
	}
	for i, lines := range made {
		for _, l := range lines {
			l.Subject = table[i].name
		}
		m.lines = append(m.lines, lines...)
	}
}

func ofType(types ...string) func(*entry) bool {
	return func(e *entry) bool { return slices.Contains(types, e.Type) }
}

func isNote(e *entry) bool {
	return e.Type == "Composition" || e.Type == "Communication" || e.Type == "ClinicalImpression" || isOwnNote(e)
}

// isDirective: a Consent of a provider is a treatment or advance directive;
// those of the person are sharing choices and never get here.
func isDirective(e *entry) bool { return e.Type == "Consent" }

// otherTypes are the types of FHIR STU3 and R4 that no subject claims. A type
// that is in neither release is not data of a person we know how to keep.
const otherTypes = " Account ActivityDefinition AdverseEvent AuditEvent Basic BiologicallyDerivedProduct BodySite BodyStructure Bundle " +
	"CapabilityStatement CatalogEntry ChargeItem ChargeItemDefinition Claim ClaimResponse CodeSystem CommunicationRequest CompartmentDefinition " +
	"ConceptMap Contract CoverageEligibilityRequest CoverageEligibilityResponse DataElement DeviceComponent DeviceDefinition DeviceMetric " +
	"EffectEvidenceSynthesis EligibilityRequest EligibilityResponse EnrollmentRequest EnrollmentResponse EventDefinition Evidence EvidenceVariable " +
	"ExampleScenario ExpansionProfile ExplanationOfBenefit GraphDefinition Group GuidanceResponse ImagingManifest ImmunizationEvaluation " +
	"ImplementationGuide InsurancePlan Invoice Library Linkage List MeasureReport Measure MedicationKnowledge MedicinalProduct MessageDefinition " +
	"MessageHeader MolecularSequence NamingSystem Observation ObservationDefinition OperationDefinition OrganizationAffiliation Parameters " +
	"PaymentNotice PaymentReconciliation PlanDefinition ProcessRequest ProcessResponse Provenance ResearchDefinition ResearchElementDefinition " +
	"ResearchStudy ResearchSubject RiskAssessment RiskEvidenceSynthesis SearchParameter Sequence ServiceDefinition SpecimenDefinition " +
	"StructureDefinition StructureMap Subscription SubstanceSpecification SupplyDelivery SupplyRequest TerminologyCapabilities TestReport " +
	"TestScript ValueSet VerificationResult VisionPrescription "

func isKnownType(e *entry) bool {
	return e.Type != "" && strings.Contains(otherTypes, " "+e.Type+" ")
}

// sectionOrder is the order of sections within a subject.
func sectionOrder(s Section) int {
	order := [...]Section{
		Current, Paused, Active, NoneKnown, Found, Planned, Later, Unclear, Recent,
		Refuted, Inactive, Past, Gone, Cancelled, History,
	}
	if i := slices.Index(order[:], s); i >= 0 {
		return i
	}
	return len(order)
}
