package aggregator

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// observation is what an Observation says, for the subjects lab and vital.
type observation struct {
	code     fhir.Coded
	analyte  analyte
	specimen string // class of the material, empty when unknown
	quantity fhir.Quantity
	text     string // a result that is no number, as delivered
	low      fhir.Quantity
	high     fhir.Quantity
	rangeTxt string
	flag     Flag
	at       fhir.Date
	status   string
	lab      string
	note     string
	members  int // of a panel
	odd      bool
}

type (
	obsStatement = statement[*observation]
	obsRecord    = record[*observation]
)

func (m *merger) readObservation(e *entry) *obsStatement {
	n := e.node
	o := &observation{
		code: n.Get("code").Coded(), status: n.Str("status"),
		at:  firstDate(n.When("effective").Start, m.specimenDate(e)),
		lab: m.performer(e), odd: oddModifier(n),
		members: len(n.All("hasMember")),
	}
	for _, r := range n.All("related") {
		if r.Str("type") == "has-member" {
			o.members++
		}
	}
	o.readValue(n)
	o.readRange(n)
	o.flag = interpretation(n)
	o.note = joinText(" ", n.Str("comment"), n.Str("note", "text"))
	o.analyte = analyteOf(o.code, o.quantity)
	o.specimen = m.specimenClass(e, o.code)
	s := &obsStatement{entry: e, val: o, ids: statementIDs(e)}
	s.keys[byRelation] = m.orderKey(s)
	s.keys[byContent] = o.contentKey(s.provider())
	return s
}

func (o *observation) readValue(n fhir.Node) {
	typ, v := n.Choice("value")
	switch typ {
	case "Quantity":
		o.quantity = v.Quantity()
	case "CodeableConcept":
		o.text = v.Coded().Display()
	case "Boolean", "String", "Integer", "DateTime", "Time":
		o.text = v.Text()
	case "Ratio":
		o.text = v.Str("numerator", "value") + ":" + v.Str("denominator", "value")
	}
	if !o.quantity.IsZero() {
		if _, ok := o.quantity.Rat(); !ok { // "1e999999" is shown, not counted with
			o.text, o.quantity = o.quantity.Value, fhir.Quantity{}
		}
	}
	if o.text == "" && o.quantity.IsZero() {
		o.text = n.Get("dataAbsentReason").Coded().Display()
	}
}

func (o *observation) readRange(n fhir.Node) {
	for _, r := range n.All("referenceRange") {
		if typ := r.Get("type").Coded().Code(""); typ != "" && typ != "normal" && typ != "260395002" {
			continue // a target or a range for others
		}
		o.low, o.high, o.rangeTxt = r.Get("low").Quantity(), r.Get("high").Quantity(), r.Str("text")
		return
	}
}

// interpretation reads the flag the laboratory gave, in SNOMED or HL7 codes.
func interpretation(n fhir.Node) Flag {
	for _, c := range n.Codeds("interpretation") {
		for _, coding := range c.Coding {
			switch coding.Code {
			case "H", "HH", "HU", "281302008":
				return High
			case "L", "LL", "LU", "281300000":
				return Low
			case "A", "AA", "R", "30714006":
				return Abnormal
			case "N":
				return Within
			}
		}
	}
	return ""
}

// flagged gives the delivered flag, or else what the result's own range says.
// A range of another result or laboratory is never used (merge.md 4.6).
func (o *observation) flagged() (f Flag, computed bool) {
	if o.flag != "" {
		return o.flag, false
	}
	value, ok := o.quantity.Rat()
	if !ok || o.quantity.Comparator != "" || (o.low.IsZero() && o.high.IsZero()) {
		return "", false
	}
	for _, limit := range [...]fhir.Quantity{o.low, o.high} {
		if !limit.IsZero() && limit.Symbol() != "" && !fhir.SameUnit(limit, o.quantity) {
			return "", false
		}
	}
	if low, ok := o.low.Rat(); ok && value.Cmp(low) < 0 {
		return Low, true
	}
	if high, ok := o.high.Rat(); ok && value.Cmp(high) > 0 {
		return High, true
	}
	return Within, true
}

func (m *merger) specimenDate(e *entry) fhir.Date {
	n := m.book.node(e, e.node.Get("specimen").Reference())
	return n.Get("collection").When("collected").Start
}

// specimenClass is only as precise as the sources: blood and urine are told
// apart by the material, else unknown.
func (m *merger) specimenClass(e *entry, code fhir.Coded) string {
	n := m.book.node(e, e.node.Get("specimen").Reference())
	return fold(n.Get("type").Coded().Display())
}

func (m *merger) performer(e *entry) string {
	if e.Origin.IsSelf() {
		return m.texts.self
	}
	for _, r := range e.node.References("performer") {
		n := m.book.node(e, r)
		if role := n.Get("organization").Reference(); !role.IsZero() {
			n = m.book.node(e, role) // the laboratory rather than who signed there
		}
		if name := n.Str("name"); name != "" && n.Str("resourceType") == "Organization" {
			return name
		}
	}
	return m.firstWho(e, "performer")
}

// orderKey is the K2 key of lab results: laboratory, message number, analyte
// and collection time together (merge.md 1.3).
func (m *merger) orderKey(s *obsStatement) []string {
	number := s.node.Ext(nictiz + "ext-EdifactReferenceNumber").Value()
	text := firstNonEmpty(number.Text(), number.Str("value"))
	if text == "" || s.val.lab == "" || s.val.at.IsZero() {
		return nil
	}
	return []string{strings.Join([]string{fold(s.val.lab), text, s.val.analyte.key, minute(s.val.at)}, "|")}
}

func minute(d fhir.Date) string { return d.Low().UTC().Format("2006-01-02T15:04") }

// contentKey is the K3 key: within one provider only.
func (o *observation) contentKey(provider string) []string {
	if o.at.Precision() < fhir.PrecisionMinute || o.valueText() == "" || o.analyte.key == "" {
		return nil
	}
	return []string{strings.Join([]string{provider, o.analyte.key, o.specimen, minute(o.at), o.valueText()}, "|")}
}

func (o *observation) valueText() string {
	if !o.quantity.IsZero() {
		return o.quantity.Comparator + o.quantity.Value + "|" + o.quantity.Symbol()
	}
	return fold(o.text)
}

// sameObservation: an identifier makes two results one only when they are of
// one analyte in units that can be compared.
func sameObservation(a, b *obsStatement) bool {
	x, y := a.val, b.val
	if x.analyte.key != y.analyte.key {
		return false
	}
	if x.quantity.IsZero() != y.quantity.IsZero() {
		return x.text == "" || y.text == ""
	}
	return x.quantity.IsZero() || fhir.Commensurable(x.quantity, y.quantity)
}

// words shows the result as delivered.
func (o *observation) words(lang string) string {
	if !o.quantity.IsZero() {
		return o.quantity.Words(lang)
	}
	return o.text
}

// noResults are texts in which laboratories say that there is none.
const noResults = "|geannuleerd|vervallen|niet verricht|n.b.|zie opm|niet uitgevoerd|"

func (o *observation) isNoResult() bool {
	return o.text != "" && strings.Contains(noResults, "|"+fold(o.text)+"|")
}

func isObservation(e *entry) bool { return e.Type == "Observation" }

// hasCategory tells whether an Observation is in the category, with or
// without its system.
func hasCategory(e *entry, codes string) bool {
	for _, c := range e.node.Codeds("category") {
		for _, coding := range c.Coding {
			if strings.Contains(codes, "|"+coding.Code+"|") {
				return true
			}
		}
	}
	return false
}

const (
	vitalCategory = "|vital-signs|"
	labCategories = "|laboratory|49581000146104|275711006|252275004|68793005|395124008|314076009|19851009|"
)

func isVital(e *entry) bool {
	if !isObservation(e) || !clinical.AboutPatient(e.node) {
		return false
	}
	if hasCategory(e, vitalCategory) {
		return true
	}
	return !hasCategory(e, labCategories) && vitalOf(e.node.Get("code").Coded()).name.nl != ""
}

func isLab(e *entry) bool {
	if !isObservation(e) || !clinical.AboutPatient(e.node) {
		return false
	}
	code := e.node.Get("code").Coded()
	return hasCategory(e, labCategories) || code.Code(fhir.NHG45) != "" || e.node.Get("specimen").Exists() ||
		strings.Contains(strings.Join(e.Profiles, " "), "LaboratoryTestResult")
}

// lifestyleCodes are SNOMED codes of how a person lives and functions
// (data-services.md 1.1, 1.11).
const lifestyleCodes = "|228366006|228273003|365980008|365508006|365470003|314845004|55801000146105|"

func isLifestyle(e *entry) bool {
	if !isObservation(e) || !clinical.AboutPatient(e.node) {
		return false
	}
	for _, coding := range e.node.Get("code").Coded().Coding {
		if strings.Contains(lifestyleCodes, "|"+coding.Code+"|") {
			return true
		}
	}
	return hasCategory(e, "|118228005|384821006|social-history|functional-status|")
}
