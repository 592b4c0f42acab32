package clinical

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// Role is the building block of the Dutch medication process that a resource
// is (data-services.md 1.3), by its Dutch abbreviation.
type Role string

// The building blocks. RoleNone is a medication resource without a category
// that says which one it is.
const (
	RoleMA   Role = "MA"  // medicatieafspraak, medication agreement
	RoleVV   Role = "VV"  // verstrekkingsverzoek, dispense request
	RoleTA   Role = "TA"  // toedieningsafspraak, administration agreement
	RoleMVE  Role = "MVE" // verstrekking, dispense
	RoleMGB  Role = "MGB" // gebruik, use
	RoleWDS  Role = "WDS" // wisselend doseerschema, variable dosing
	RoleMTD  Role = "MTD" // toediening, administration
	RoleNone Role = ""
)

var roles = map[string]Role{
	"16076005": RoleMA, "33633005": RoleMA, "52711000146108": RoleVV, "422037009": RoleTA, "373784005": RoleMVE,
	"422979000": RoleMGB, "395067002": RoleWDS, "18629005": RoleMTD,
}

// useSystem ends the system in which code 6 means use (STU3).
const useSystem = ".77.5.3"

// Stop says how a stop was meant.
type Stop string

// The kinds of stop.
const (
	StopNone       Stop = ""
	StopTemporary  Stop = "temporary"
	StopDefinitive Stop = "definitive"
	StopCancelled  Stop = "cancelled"
	StopUnknown    Stop = "unknown" // a stop type with a code that is not known
)

var stops = map[string]Stop{
	"1": StopTemporary, "385655000": StopTemporary, "113381000146106": StopTemporary,
	"2": StopDefinitive, "410546004": StopDefinitive, "113371000146109": StopDefinitive,
	"89925002": StopCancelled,
}

// Medication is one building block, of MP 6.12 as converted, MP 9.0.7 or MP9
// 3.0 (data-services.md 2.2). Status says nothing about MA, TA and WDS.
type Medication struct {
	Head
	Role          Role
	Converted     bool             // meta.profile: a dispense of MP 6.12; its treatment id groups nothing
	Status        Status           // status
	Category      []fhir.Coded     // category
	Product       fhir.Reference   // medicationReference
	ProductCode   fhir.Coded       // medicationCodeableConcept
	Treatment     fhir.Ident       // ext zib-Medication-MedicationTreatment; R4 ext-PharmaceuticalTreatment.Identifier
	Use           fhir.Period      // ext zib-Medication-PeriodOfUse or effectivePeriod; R4 ext-TimeInterval.Period or effectivePeriod
	Duration      fhir.Quantity    // ext zib-MedicationUse-Duration; R4 ext-TimeInterval.Duration
	Condition     string           // R4 ext-PeriodOfUse.Condition in the period
	Stop          Stop             // modifier zib-Medication-StopType; R4 ext-StopType
	StopCode      fhir.Coded       // the code of Stop
	Dosage        fhir.Dosage      // dosageInstruction or dosage, R4 ext-RenderedDosageInstruction, the cyclic schedule of the modifier
	Prescriber    fhir.Reference   // requester.agent; R4 requester; MGB ext zib-MedicationUse-Prescriber, ext-MedicationUse2.Prescriber
	Suppliers     []Participant    // performer[].actor of TA, MVE and MTD
	Author        fhir.Reference   // MGB ext zib-MedicationUse-Author; R4 ext-MedicationUse2.Author
	Source        fhir.Reference   // MGB informationSource
	Registered    fhir.Date        // authoredOn, dateAsserted, TA ext zib-AdministrationAgreement-AuthoredOn; R4 ext-RegistrationDateTime
	Reasons       []fhir.Coded     // reasonCode, reasonNotTaken (STU3), statusReason (R4)
	ReasonRefs    []fhir.Reference // reasonReference
	ReasonChange  fhir.Coded       // ext zib-MedicationUse-ReasonForChangeOrDiscontinuationOfUse, zib-AdministrationAgreement-AgreementReason; R4 ext-AdministrationAgreement.ReasonModificationOrDiscontinuation
	ReasonText    string           // the same, where it is words
	AsAgreed      Answer           // ext zib-MedicationUse-AsAgreedIndicator; R4 ext-AsAgreedIndicator
	Taken         string           // STU3 taken: y, n, unk or na
	Additional    []fhir.Coded     // ext zib-Medication-AdditionalInformation; R4 ext-MedicationAgreement.MedicationAgreementAdditionalInformation and kin
	Relations     []fhir.Reference // priorPrescription, basedOn, authorizingPrescription, derivedFrom, request, prescription and the relation extensions
	Context       fhir.Reference   // context; R4 encounter; ext-Context-EpisodeOfCare
	NextProvider  fhir.Reference   // R4 ext-MedicationAgreement.NextPractitioner
	Remarks       []Remark         // note
	Quantity      fhir.Quantity    // MVE quantity; VV dispenseRequest.quantity
	DaysSupply    fhir.Quantity    // MVE daysSupply; VV dispenseRequest.expectedSupplyDuration
	Repeats       string           // VV dispenseRequest.numberOfRepeatsAllowed, decimal text
	Handed        fhir.Date        // MVE whenHandedOver
	Requested     fhir.Date        // MVE ext zib-Dispense-RequestDate; R4 ext-MedicationDispense.RequestDate
	Validity      fhir.Period      // VV dispenseRequest.validityPeriod
	Substitution  Answer           // substitution.allowed, R4 its boolean form: whether another brand may be given
	Dispenser     fhir.Reference   // VV dispenseRequest.performer
	Destination   fhir.Reference   // MVE destination; STU3 ext zib-Dispense-Location
	Form          fhir.Coded       // ext zib-Dispense-DistributionForm; R4 ext-MedicationDispense.DistributionForm
	Administered  fhir.Date        // MTD effectiveDateTime, or the one moment of a use; a period is Use
	Deviation     string           // MTD R4 ext-MedicationAdministration2.ReasonForDeviation
	InjectionSite fhir.Coded       // MTD R4 ext-MedicationAdministration2.InjectionPatchSite
	Devices       []fhir.Reference // MTD device
	Supporting    []fhir.Reference // supportingInformation
	Subject       fhir.Reference   // subject
}

// ReadMedication reads any of the four medication resources.
func ReadMedication(r fhir.Resource) (*Medication, []Warning) { return as[Medication](Read(r)) }

// Answer is a yes or a no that may be absent.
type Answer string

// The answers.
const (
	Unsaid Answer = ""
	Yes    Answer = "yes"
	No     Answer = "no"
)

func (r reader) answer() Answer {
	switch r.text() {
	case "true":
		return Yes
	case "false":
		return No
	}
	return Unsaid
}

const medicationStates = "active on-hold cancelled completed entered-in-error stopped draft unknown preparation in-progress declined intended not-taken not-done"

func readMedication(r reader) Reading {
	m := &Medication{
		Status: r.status("status", medicationStates), Category: r.concepts("category"),
		Product: r.ref("medicationReference"), ProductCode: r.concept("medicationCodeableConcept"),
		Treatment: r.ext("zib-Medication-MedicationTreatment", "ext-PharmaceuticalTreatment.Identifier").node.Ident(),
		Taken:     r.code("taken", "y n unk na"), Remarks: r.remarks(), Subject: r.ref("subject"),
		Context:    firstRef(r.ref("context"), r.ref("encounter"), r.ext("extension-context-nl-core-episodeofcare", "ext-Context-EpisodeOfCare").node.Reference()),
		Supporting: r.refs("supportingInformation"), Devices: r.refs("device"),
	}
	r.note("intent")
	m.Role = roleOf(m.Category)
	m.Converted = strings.Contains(r.node.Str("meta", "profile"), "mp612-DispenseToFHIRConversion")
	m.readPeople(r)
	m.readTimes(r)
	m.readStop(r)
	m.readReasons(r)
	m.readRelations(r)
	m.readSupply(r)
	m.readAdministration(r)
	return m
}

func roleOf(categories []fhir.Coded) Role {
	for _, c := range categories {
		for _, coding := range c.Coding {
			if role := roles[coding.Code]; role != "" {
				return role
			}
			if coding.Code == "6" && strings.HasSuffix(coding.System, useSystem) {
				return RoleMGB
			}
		}
	}
	return RoleNone
}

func (m *Medication) readPeople(r reader) {
	m.Prescriber = firstRef(r.requester(), r.ext("zib-MedicationUse-Prescriber", "ext-MedicationUse2.Prescriber").node.Reference())
	m.Author = r.ext("zib-MedicationUse-Author", "ext-MedicationUse2.Author").node.Reference()
	m.Source = r.ref("informationSource")
	m.Suppliers = r.participants("performer", "actor", "function")
	m.NextProvider = r.ext("ext-MedicationAgreement.NextPractitioner").node.Reference()
}

func (m *Medication) readTimes(r reader) {
	period := r.ext("zib-Medication-PeriodOfUse", "ext-TimeInterval.Period")
	length := r.ext("zib-MedicationUse-Duration")
	if !period.exists() {
		period = m.readEffective(r)
	}
	if !length.exists() && period.exists() {
		length = period.ext("ext-TimeInterval.Duration", "zib-MedicationUse-Duration")
	}
	m.Duration = length.quantity()
	if period.exists() {
		m.Use = period.period()
	}
	m.Condition = firstText(period.ext("ext-PeriodOfUse.Condition").text(), r.ext("ext-PeriodOfUse.Condition").text())
	authored := r.ext("ext-RegistrationDateTime", "zib-AdministrationAgreement-AuthoredOn",
		"ext-AdministrationAgreement.AdministrationAgreementDateTime")
	m.Registered = r.date("authoredOn", "dateAsserted")
	if authored.exists() {
		m.Registered = authored.asDate()
	}
}

// readEffective gives the period of use, or notes the one moment that there is.
func (m *Medication) readEffective(r reader) reader {
	typ, effective := r.choice("effective")
	if typ == "Period" {
		return effective
	}
	m.Administered = effective.asDate()
	return reader{log: r.log}
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func (m *Medication) readStop(r reader) {
	stop := r.ext("zib-Medication-StopType", "ext-StopType")
	if !stop.exists() {
		return
	}
	m.StopCode, m.Stop = stop.concept(), StopUnknown
	for _, c := range m.StopCode.Coding {
		if s, ok := stops[c.Code]; ok {
			m.Stop = s
			return
		}
	}
	stop.warn(KindCode)
}

func (m *Medication) readReasons(r reader) {
	m.Reasons = r.concepts("reasonCode", "reasonNotTaken", "statusReason", "reasonNotGiven", "statusReasonCodeableConcept")
	m.ReasonRefs = r.refs("reasonReference", "statusReasonReference")
	change := r.ext("zib-MedicationUse-ReasonForChangeOrDiscontinuationOfUse", "zib-AdministrationAgreement-AgreementReason",
		"ext-AdministrationAgreement.ReasonModificationOrDiscontinuation")
	if change.node.IsObject() {
		m.ReasonChange = change.concept()
	} else {
		m.ReasonText = change.text()
	}
	m.AsAgreed = r.ext("zib-MedicationUse-AsAgreedIndicator", "ext-AsAgreedIndicator").answer()
	for _, name := range [...]string{
		"zib-Medication-AdditionalInformation", "ext-MedicationAgreement.MedicationAgreementAdditionalInformation",
		"ext-MedicationDispense.MedicationDispenseAdditionalInformation", "ext-DispenseRequest.AdditionalWishes",
	} {
		for _, x := range r.exts(nictiz + name) {
			m.Additional = append(m.Additional, worded(x.Value()))
		}
	}
}

// worded reads a concept, or words as the text of one.
func worded(n fhir.Node) fhir.Coded {
	if n.IsObject() {
		return n.Coded()
	}
	return fhir.Coded{Text: n.Text()}
}

func (m *Medication) readRelations(r reader) {
	m.Relations = r.refs("priorPrescription", "basedOn", "authorizingPrescription", "derivedFrom", "request", "prescription")
	for _, name := range [...]string{
		"zib-MedicationAgreement-BasedOnAgreementOrUse", "zib-DispenseRequest-RelatedMedicationAgreement",
		"ext-RelationAdministrationAgreement", "ext-RelationMedicationUse",
	} {
		for _, x := range r.exts(nictiz + name) {
			m.Relations = append(m.Relations, x.Value().Reference())
		}
	}
}

func (m *Medication) readSupply(r reader) {
	order := r.get("dispenseRequest")
	m.Quantity, m.DaysSupply = r.quantity("quantity"), r.quantity("daysSupply")
	if order.exists() {
		m.Quantity, m.DaysSupply = order.quantity("quantity"), order.quantity("expectedSupplyDuration")
	}
	m.Repeats, m.Validity = order.text("numberOfRepeatsAllowed"), order.period("validityPeriod")
	if typ, allowed := r.get("substitution").choice("allowed"); typ == "Boolean" {
		m.Substitution = allowed.answer()
	} else {
		m.Substitution = r.get("substitution", "allowed").answer()
	}
	m.Dispenser = firstRef(order.ref("performer"), r.ref("performer"))
	m.Handed = r.date("whenHandedOver")
	m.Requested = r.ext("zib-Dispense-RequestDate", "ext-MedicationDispense.RequestDate").asDate()
	m.Destination = firstRef(r.ref("destination"), r.ext("zib-Dispense-Location").node.Reference())
	m.Form = worded(r.ext("zib-Dispense-DistributionForm", "ext-MedicationDispense.DistributionForm").node)
}

func (m *Medication) readAdministration(r reader) {
	member := "dosageInstruction"
	if r.path == "MedicationStatement" || r.path == "MedicationAdministration" {
		member = "dosage"
	}
	r.whole(member)
	r.exts(nictiz + "ext-RenderedDosageInstruction") // read with the dosage
	m.Dosage = fhir.Dosages(r.node, member)
	m.Deviation = worded(r.ext("ext-MedicationAdministration2.ReasonForDeviation").node).Display()
	m.InjectionSite = r.ext("ext-MedicationAdministration2.InjectionPatchSite").concept()
}
