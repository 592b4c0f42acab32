package aggregator

import (
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// The roles a medication resource can play (merge.md 2.1), by their Dutch
// abbreviations, which are also the roles of parts in the overview.
const (
	roleMA  = "MA"  // medication agreement: what the prescriber agreed
	roleVV  = "VV"  // dispense request: order to the pharmacy
	roleTA  = "TA"  // administration agreement: how to use what is supplied
	roleMVE = "MVE" // dispense: hand-over
	roleWDS = "WDS" // variable dosing under an agreement
	roleMGB = "MGB" // use: what somebody says is really used
	roleMTD = "MTD" // administration: one moment of use

	rolePlainRequest   = "request"
	rolePlainStatement = "statement"
	rolePlainDispense  = "dispense"
	roleOwn            = "own"
)

// Codes of MedicationRequest.category and its kin, STU3 and R4.
var medicationRoles = map[string]string{
	"16076005": roleMA, "33633005": roleMA,
	"52711000146108": roleVV,
	"422037009":      roleTA,
	"373784005":      roleMVE,
	"395067002":      roleWDS,
	"422979000":      roleMGB, "6": roleMGB,
	"18629005": roleMTD,
}

// How a stop was meant.
const (
	stopTemporary  = "temporary"
	stopDefinitive = "definitive"
	stopCancelled  = "cancelled"
)

var stopTypes = map[string]string{
	"1": stopTemporary, "385655000": stopTemporary, "113381000146106": stopTemporary,
	"2": stopDefinitive, "410546004": stopDefinitive, "113371000146109": stopDefinitive,
	"89925002": stopCancelled,
}

const nictiz = "http://nictiz.nl/fhir/StructureDefinition/"

// medication is what a medication resource says, whichever release and
// building block it is of.
type medication struct {
	role       string
	product    product
	treatment  string // key of the treatment id, empty when there is none
	generic    bool   // the treatment id is the same for everyone
	start, end time.Time
	approx     bool // start taken from the registration
	noPeriod   bool
	badPeriod  bool
	stop       string
	dose       fhir.Dosage
	registered time.Time
	asserted   fhir.Date
	status     string
	notTaken   bool
	handed     fhir.Date // of a hand-over
	days       int       // supplied, 0 when unknown
	reason     string
	author     string
	prior      []fhir.Reference
	odd        bool // a modifier we do not know
}

type (
	medStatement = statement[*medication]
	medRecord    = record[*medication]
)

func (m *merger) readMedication(e *entry) *medStatement {
	n := e.node
	med := &medication{
		role:       medicationRole(e),
		dose:       fhir.Dosages(n, dosageMember(e.Type)),
		stop:       stopTypes[anyExt(n, "zib-Medication-StopType", "ext-StopType").Value().Coded().Code("")],
		status:     n.Str("status"),
		notTaken:   n.Str("taken") == "n" || n.Str("status") == "not-taken",
		registered: registered(e),
		asserted:   n.Date("dateAsserted"),
		author:     m.medicationAuthor(e),
		reason:     medicationReason(n),
		odd:        oddModifier(n),
	}
	med.product = m.productOf(e)
	med.treatment, med.generic = treatmentID(e)
	med.readPeriod(n)
	med.readDispense(n)
	med.prior = relations(n)
	s := &medStatement{entry: e, val: med, ids: statementIDs(e)}
	s.keys[byContent] = contentKey(s)
	return s
}

func medicationRole(e *entry) string {
	if e.Origin.IsSelf() {
		return roleOwn
	}
	for _, c := range e.node.Codeds("category") {
		for _, coding := range c.Coding {
			// Code 6 alone means use only in the Dutch medication code system.
			if role := medicationRoles[coding.Code]; role != "" && (coding.Code != "6" || strings.HasSuffix(coding.System, ".77.5.3")) {
				return role
			}
		}
	}
	switch e.Type {
	case "MedicationRequest":
		return rolePlainRequest
	case "MedicationDispense":
		return rolePlainDispense
	case "MedicationAdministration":
		return roleMTD
	}
	return rolePlainStatement
}

func dosageMember(typ string) string {
	if typ == "MedicationStatement" || typ == "MedicationAdministration" {
		return "dosage"
	}
	return "dosageInstruction"
}

// anyExt finds the first of the Nictiz extensions named.
func anyExt(n fhir.Node, names ...string) fhir.Node {
	for _, name := range names {
		if x := n.Ext(nictiz + name); x.Exists() {
			return x
		}
	}
	return fhir.Node{}
}

// genericTreatmentRoot is the root of treatment ids that are made of a product
// code alone, so the same for everyone (merge.md 2.5).
const genericTreatmentRoot = "2.16.840.1.113883.2.4.3.11.61.2"

// convertedDispense ends the system of dispenses converted from MP 6.12, whose
// "treatment" is the dispense itself and groups nothing.
const convertedDispense = ".77.373784005.1"

func treatmentID(e *entry) (key string, generic bool) {
	id := anyExt(e.node, "zib-Medication-MedicationTreatment", "ext-PharmaceuticalTreatment.Identifier").Value().Ident()
	if id.IsZero() || strings.HasSuffix(id.System, convertedDispense) {
		return "", false
	}
	if strings.HasSuffix(id.System, genericTreatmentRoot) {
		return id.Key() + "|" + e.provider(), true
	}
	return id.Key(), false
}

// readPeriod applies the time rules of merge.md 2.2.
func (med *medication) readPeriod(n fhir.Node) {
	x := anyExt(n, "zib-Medication-PeriodOfUse", "ext-TimeInterval.Period")
	p := x.Value().Period()
	duration := anyExt(n, "zib-MedicationUse-Duration")
	if !duration.Exists() {
		duration = anyExt(x.Value(), "ext-TimeInterval.Duration", "zib-MedicationUse-Duration")
	}
	if !x.Exists() {
		p = n.When("effective")
		if d := anyExt(n.Get("effectivePeriod"), "ext-TimeInterval.Duration", "zib-MedicationUse-Duration"); d.Exists() {
			duration = d
		}
	}
	med.start, med.end = p.Start.Low(), endOf(p)
	if med.start.IsZero() {
		med.start, med.approx = med.registered, !med.registered.IsZero()
	}
	if med.end.IsZero() && !med.start.IsZero() {
		med.end = addDuration(med.start, duration.Value().Quantity())
	}
	med.noPeriod = med.start.IsZero()
	if !med.end.IsZero() && med.end.Before(med.start) {
		med.badPeriod, med.noPeriod = true, true
	}
}

// endOf is the last moment of a period: a date-only end is inclusive.
func endOf(p fhir.Period) time.Time {
	if p.End.IsZero() {
		return time.Time{}
	}
	return p.End.High()
}

// addDuration gives the last second of a duration that begins at start; zero
// when there is none. Days and longer are calendar steps in Amsterdam.
func addDuration(start time.Time, q fhir.Quantity) time.Time {
	value, ok := q.Rat()
	if !ok || value.Sign() <= 0 || !value.IsInt() || !value.Num().IsInt64() || value.Num().Int64() > 36500 {
		return time.Time{}
	}
	n := int(value.Num().Int64())
	local := start.In(fhir.Amsterdam())
	switch firstNonEmpty(q.Code, q.Unit) {
	case "d", "dag", "day", "days", "dagen":
		local = local.AddDate(0, 0, n)
	case "wk", "week", "weken":
		local = local.AddDate(0, 0, 7*n)
	case "mo", "maand", "maanden":
		local = addMonths(local, n)
	case "a", "jaar":
		local = addMonths(local, 12*n)
	case "h", "uur":
		local = local.Add(time.Duration(n) * time.Hour)
	default:
		return time.Time{}
	}
	return local.Add(-time.Second)
}

// addMonths clamps to the last day: 31 January and a month is 28 or 29 February.
func addMonths(t time.Time, n int) time.Time {
	moved := t.AddDate(0, n, 0)
	if moved.Day() == t.Day() {
		return moved
	}
	return moved.AddDate(0, 0, -moved.Day())
}

func firstNonEmpty(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

func registered(e *entry) time.Time {
	n := e.node
	for _, text := range [...]string{
		anyExt(n, "ext-RegistrationDateTime", "zib-AdministrationAgreement-AuthoredOn", "ext-AdministrationAgreement.AdministrationAgreementDateTime").Value().Text(),
		n.Str("authoredOn"), n.Str("dateAsserted"),
	} {
		if d := fhir.ParseDate(text); !d.IsZero() {
			return d.Low()
		}
	}
	return time.Time{}
}

func (med *medication) readDispense(n fhir.Node) {
	med.handed = n.Date("whenHandedOver")
	if med.handed.IsZero() {
		med.handed = fhir.ParseDate(anyExt(n, "zib-Dispense-RequestDate", "ext-MedicationDispense.RequestDate").Value().Text())
	}
	if v, ok := n.Get("daysSupply").Quantity().Rat(); ok && v.IsInt() && v.Num().IsInt64() && v.Num().Int64() < 3650 {
		med.days = int(v.Num().Int64())
	}
	if med.days == 0 && med.role == roleMVE && !med.dose.AsNeeded() {
		med.days = daysOf(n.Get("quantity").Quantity(), med.dose)
	}
}

// daysOf derives how long a quantity lasts, when the dose is structured.
func daysOf(q fhir.Quantity, d fhir.Dosage) int {
	total, unit, ok := d.DailyTotal()
	amount, good := q.Rat()
	if !ok || !good || total.Sign() <= 0 || (q.Code != unit && q.Unit != unit) {
		return 0
	}
	days, _ := amount.Quo(amount, total).Float64()
	if days > 3650 {
		return 0
	}
	return int(days)
}

func relations(n fhir.Node) []fhir.Reference {
	all := n.References("priorPrescription")
	for _, name := range [...]string{"basedOn", "authorizingPrescription", "derivedFrom"} {
		all = append(all, n.References(name)...)
	}
	for _, name := range [...]string{"zib-MedicationAgreement-BasedOnAgreementOrUse", "zib-DispenseRequest-RelatedMedicationAgreement", "ext-RelationAdministrationAgreement"} {
		for _, x := range n.Exts(nictiz + name) {
			all = append(all, x.Value().Reference())
		}
	}
	return all
}

func medicationReason(n fhir.Node) string {
	for _, name := range [...]string{"reasonCode", "reasonReference"} {
		for _, r := range n.All(name) {
			if text := firstNonEmpty(r.Coded().Display(), r.Str("display")); text != "" {
				return text
			}
		}
	}
	return ""
}

func (m *merger) medicationAuthor(e *entry) string {
	n := e.node
	if e.Origin.IsSelf() {
		return m.texts.self
	}
	for _, r := range [...]fhir.Reference{
		n.Get("requester", "agent").Reference(), n.Get("requester").Reference(),
		n.Get("performer", "actor").Reference(),
		anyExt(n, "zib-MedicationUse-Author", "ext-MedicationUse2.Author").Value().Reference(),
		n.Get("informationSource").Reference(),
	} {
		if who := m.book.who(e, r); who != "" {
			return who
		}
	}
	return m.providerName(e.provider())
}

// oddModifier tells whether there is a modifierExtension that we do not
// understand: it could turn the meaning around (merge.md S14).
func oddModifier(n fhir.Node) bool {
	for _, x := range n.All("modifierExtension") {
		switch strings.TrimPrefix(x.Str("url"), nictiz) {
		case "zib-Medication-StopType", "ext-StopType", "zib-Medication-RepeatPeriodCyclicalSchedule",
			"ext-InstructionsForUse.RepeatPeriodCyclicalSchedule", "ext-TimeInterval.Duration":
		default:
			return true
		}
	}
	return false
}

// contentKey is the K3 key of merge.md 1.3: all parts must be present.
func contentKey(s *medStatement) []string {
	med := s.val
	if med.registered.IsZero() || med.noPeriod || med.product.strict() == "" {
		return nil
	}
	return []string{strings.Join([]string{
		s.provider(), med.role, med.product.strict(), med.stop,
		med.start.UTC().Format(time.RFC3339), med.end.UTC().Format(time.RFC3339),
		med.registered.UTC().Format(time.RFC3339), med.doseKey(),
	}, "|")}
}

// doseKey compares doses: structured ones by structure, texts by text, never
// one with the other.
func (med *medication) doseKey() string {
	if k := med.dose.Key(); k != "" {
		return "s:" + k
	}
	if k := med.dose.TextKey(); k != "" {
		return "t:" + k
	}
	return ""
}

// sameMedication: the same identifier can only mean the same record when role
// and product allow it.
func sameMedication(a, b *medStatement) bool {
	x, y := a.val, b.val
	return x.role == y.role && !x.product.differs(y.product) && x.stop == y.stop
}
