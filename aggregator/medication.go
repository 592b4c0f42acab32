package aggregator

import (
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// The roles a medication resource can play (merge.md 2.1). Those of the Dutch
// medication process go by their abbreviations, which are also the roles of
// parts in the overview.
const (
	roleMA  = string(clinical.RoleMA)
	roleVV  = string(clinical.RoleVV)
	roleTA  = string(clinical.RoleTA)
	roleMVE = string(clinical.RoleMVE)
	roleWDS = string(clinical.RoleWDS)
	roleMGB = string(clinical.RoleMGB)
	roleMTD = string(clinical.RoleMTD)

	rolePlainRequest   = "request"
	rolePlainStatement = "statement"
	rolePlainDispense  = "dispense"
	roleOwn            = "own"
)

const nictiz = "http://nictiz.nl/fhir/StructureDefinition/"

// medication is what a medication resource says, whichever release and
// building block it is of: the typed reading, and what the merge makes of it.
type medication struct {
	*clinical.Medication
	role        string
	product     product
	treatment   string // key of the treatment id, empty when there is none
	generic     bool   // the treatment id is the same for everyone
	period      usePeriod
	registered  time.Time
	handed      fhir.Date // of a hand-over; the date of the request when that is all there is
	handedAbout bool      // handed is the date of the request
	days        int       // supplied, 0 when unknown
	dose        string    // its class, see doseKey
	author      string
	speaker     speaker
	doseWords   *inWords
}

type (
	medStatement = statement[*medication]
	medRecord    = record[*medication]
)

func (m *merger) readMedication(e *entry) *medStatement {
	kept := e.medication()
	med := kept.medication // a copy: what follows depends on other records
	med.author, med.speaker = m.medicationAuthor(e, med.Medication)
	s := &medStatement{entry: e, val: &med, ids: statementIDs(e)}
	if kept.whole {
		s.keys[byContent] = kept.keys
		return s
	}
	med.product = m.productOf(e)
	s.keys[byContent] = contentKeys(s)
	return s
}

// medicationKept is what a medication resource says by itself. It outlives a
// run of Merge and is never changed.
type medicationKept struct {
	medication
	whole bool     // the product is in it too: no other record is needed to know it
	keys  []string // when whole: see contentKeys
}

func (e *entry) medication() *medicationKept {
	f := e.facts()
	if f.med != nil {
		return f.med
	}
	said, ok := first(e.read()).(*clinical.Medication)
	if !ok {
		said = &clinical.Medication{} // no release we know: nothing in it is certain
	}
	kept := &medicationKept{medication: medication{Medication: said, role: medicationRole(e, said), registered: said.Registered.Low()}}
	med := &kept.medication
	med.treatment, med.generic = treatmentID(e, said)
	med.period = periodOf(said)
	med.dose, med.doseWords = doseKey(said.Dosage), &inWords{}
	med.readDispense()
	if !said.ProductCode.IsZero() {
		kept.whole, med.product = true, newProduct(said, said.ProductCode, &clinical.Product{})
		kept.keys = contentKeys(&medStatement{entry: e, val: med})
	}
	f.med = kept
	return kept
}

// instruction is the dose in words.
func (med *medication) instruction(lang string) string {
	return med.doseWords.in(lang, func() string { return med.Dosage.Words(lang) })
}

func first[A, B any](a A, _ B) A { return a }

func medicationRole(e *entry, said *clinical.Medication) string {
	switch {
	case e.Origin.IsSelf():
		return roleOwn
	case said.Role != clinical.RoleNone:
		return string(said.Role)
	case e.Type == "MedicationRequest":
		return rolePlainRequest
	case e.Type == "MedicationDispense":
		return rolePlainDispense
	case e.Type == "MedicationAdministration":
		return roleMTD
	}
	return rolePlainStatement
}

// void tells that the source took it back: it counts for nothing and is kept
// in the history only (merge.md 1.5).
func (med *medication) void() bool { return med.Status.Code == "entered-in-error" }

// isStop tells whether it says that something ends. A stop of a kind that
// nobody here knows is a stop all the same, and is marked as odd.
func (med *medication) isStop() bool { return med.Stop != clinical.StopNone }

// odd tells that a modifier could turn the meaning around (merge.md S14).
func (med *medication) odd() bool { return !med.Certain || med.Stop == clinical.StopUnknown }

// notTaken tells that somebody says it is not used at all.
func (med *medication) notTaken() bool { return med.Taken == "n" || med.Status.Code == "not-taken" }

// genericTreatmentRoot is the root of treatment ids that are made of a product
// code alone, so the same for everyone (merge.md 2.5).
const genericTreatmentRoot = "2.16.840.1.113883.2.4.3.11.61.2"

// convertedDispense ends the system of dispenses converted from MP 6.12, whose
// "treatment" is the dispense itself and groups nothing but its two halves.
const convertedDispense = ".77.373784005.1"

func treatmentID(e *entry, said *clinical.Medication) (key string, generic bool) {
	id := said.Treatment
	switch {
	case id.IsZero():
		return "", false
	case strings.HasSuffix(id.System, convertedDispense):
		return "dispense|" + e.provider() + "|" + id.Key(), false
	case strings.HasSuffix(id.System, genericTreatmentRoot):
		return id.Key() + "|" + e.provider(), true
	}
	return id.Key(), false
}

// converted tells whether the treatment id is that of a dispense of MP 6.12.
func (med *medication) converted() bool {
	return strings.HasPrefix(med.treatment, "dispense|")
}

func firstNonEmpty(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
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

// reason is why it was prescribed, in words.
func (med *medication) reason() string {
	for _, c := range med.Reasons {
		if text := c.Display(); text != "" {
			return text
		}
	}
	for _, r := range med.ReasonRefs {
		if r.Display != "" {
			return r.Display
		}
	}
	return ""
}

// speaker is the sort of person behind a statement of use.
type speaker int

const (
	speakerUnknown speaker = iota
	speakerPatient         // the person, or somebody close to them
	speakerProfessional
)

// medicationAuthor names who said it: the prescriber, the supplier, or who
// speaks of use.
func (m *merger) medicationAuthor(e *entry, said *clinical.Medication) (string, speaker) {
	if e.Origin.IsSelf() {
		return m.texts.self, speakerPatient
	}
	refs := append(make([]fhir.Reference, 0, 4), said.Author)
	if said.Role != clinical.RoleMGB {
		refs = append(refs, said.Prescriber)
	}
	for _, p := range said.Suppliers {
		refs = append(refs, p.Who)
	}
	refs = append(refs, said.Source)
	kind := speakerUnknown
	for _, r := range refs {
		if kind == speakerUnknown {
			kind = m.speakerOf(e, r)
		}
		if who := m.book.who(e, r); who != "" {
			return who, kind
		}
	}
	return m.providerName(e.provider()), kind
}

func (m *merger) speakerOf(e *entry, r fhir.Reference) speaker {
	typ := firstNonEmpty(m.book.node(e, r).Str("resourceType"), r.Ref.Type)
	switch typ {
	case "Patient", "RelatedPerson":
		return speakerPatient
	case "Practitioner", "PractitionerRole", "Organization":
		return speakerProfessional
	}
	return speakerUnknown
}

// oddModifier tells whether there is a modifierExtension that we do not
// understand: it could turn the meaning around (merge.md S14).
func oddModifier(n fhir.Node) bool { return len(n.All("modifierExtension")) > 0 }

// contentKeys are the K3 keys of merge.md 1.3: all parts must be present; two
// treatments with ids of their own are no one record, however equal. Two
// services of one provider may note the moment of registration a little apart
// (SameInstant), so that it stands in two stretches of time that overlap.
func contentKeys(s *medStatement) []string {
	med := s.val
	if med.registered.IsZero() || med.period.unknown || med.product.strict() == "" {
		return nil
	}
	key := strings.Join([]string{
		s.provider(), med.treatment, med.role, med.product.strict(), string(med.Stop),
		med.period.start.UTC().Format(time.RFC3339), med.period.end.UTC().Format(time.RFC3339), med.dose, "",
	}, "|")
	stretch := 2 * sameInstant
	return []string{
		key + "a" + med.registered.UTC().Truncate(stretch).Format(time.RFC3339),
		key + "b" + med.registered.UTC().Add(sameInstant).Truncate(stretch).Format(time.RFC3339),
	}
}

// sameMedication: the same identifier can only mean the same record when role,
// product and kind of stop allow it.
func sameMedication(a, b *medStatement) bool {
	x, y := a.val, b.val
	return x.role == y.role && !x.product.differs(y.product) && x.Stop == y.Stop
}
