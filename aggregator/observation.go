package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// observation is what an Observation says, for the subjects lab and vital.
type observation struct {
	said      *clinical.Observation
	*finding  // never changed
	analyte   analyte
	specimen  string // class of the material, empty when unknown
	scale     string // see settleScale
	converted fhir.Quantity
	method    string
	at        fhir.Date
	status    string
	lab       string // who performed it, in words
	labKey    string // the number of that laboratory, else its folded name
	note      string

	parents []*obsStatement // the panels it is in, by key
	members []*obsStatement // of a panel: those that are here
	missing int             // members that were not received
	settled bool            // has what it inherits
	line    *line           // which shows it

	kept *observationKept // nil: of no entry of its own
}

// finding is a value with what the laboratory said of it: of an observation or
// of a component of one.
type finding struct {
	code     fhir.Coded
	quantity fhir.Quantity
	text     string        // a result that is no number, as delivered
	codes    []fhir.Coding // of a result that is a code
	low      fhir.Quantity
	high     fhir.Quantity
	rangeTxt string
	flag     Flag
}

type (
	obsStatement = statement[*observation]
	obsRecord    = record[*observation]
)

// readObservation reads one entry. Keys come later, when it has what it
// inherits from the panels it is in.
func (m *merger) readObservation(e *entry) *obsStatement {
	kept := e.observation()
	o := kept.observation // a copy: what follows depends on other records
	o.kept = kept
	o.lab, o.labKey = m.performer(e, o.said.Performers)
	return &obsStatement{entry: e, val: &o, ids: statementIDs(e)}
}

// settleResult works out what is measured, once everything inherited is there.
func (m *merger) settleResult(s *obsStatement) {
	o := s.val
	typ, collected := m.material(s.entry, o.said.Specimen)
	if o.at.IsZero() {
		o.at = collected
	}
	for _, p := range o.parents {
		m.inherit(o, p)
		if typ.IsZero() {
			typ, _ = m.material(p.entry, p.val.said.Specimen)
		}
	}
	m.measure(s.provider(), o)
	class, contradicts := settleSpecimen(typ, o.analyte.Specimen)
	o.specimen = class
	o.analyte.contradicts = o.analyte.contradicts || contradicts
	s.keys[byRelation] = o.orderKey()
	s.keys[byContent] = o.contentKeys(s.provider())
}

// inherit takes from a panel what a member does not say itself (merge.md 4.1).
func (m *merger) inherit(o *observation, panel *obsStatement) {
	if o.at.IsZero() {
		o.at = panel.val.at
	}
	if o.at.IsZero() {
		_, o.at = m.material(panel.entry, panel.val.said.Specimen)
	}
	if o.lab == "" {
		o.lab, o.labKey = panel.val.lab, panel.val.labKey
	}
}

// foundBy is what an entry that is an observation found; nothing for any other.
func foundBy(e *entry) finding {
	reading, _ := e.read()
	said, ok := reading.(*clinical.Observation)
	if !ok {
		return finding{}
	}
	return findingOf(said.Code, said.Value, said.Ranges, said.Flags)
}

func findingOf(code fhir.Coded, v clinical.Value, ranges []clinical.Range, flags []fhir.Coded) finding {
	f := finding{code: code, flag: interpretation(flags)}
	switch v.Form {
	case "Quantity":
		f.quantity = v.Quantity
	case "Ratio":
		f.text = v.Quantity.Value + ":" + v.Other.Value
	case "Range":
		f.text = v.Quantity.Value + "–" + joinText(" ", v.Other.Value, firstNonEmpty(v.Other.Symbol(), v.Quantity.Symbol()))
	case "CodeableConcept", "Coding":
		f.text, f.codes = v.Concept.Display(), v.Concept.Coding
	case "DateTime", "Date", "Period":
		f.text = joinText("–", v.When.Start.String(), v.When.End.String())
	case "Attachment":
		f.text = v.File.Title
	default:
		f.text = v.Text
	}
	if _, ok := f.quantity.Rat(); !ok && !f.quantity.IsZero() { // "1e999999" is shown, not counted with
		f.text, f.quantity = f.quantity.Value, fhir.Quantity{}
	}
	if f.text == "" && f.quantity.IsZero() {
		f.text = v.Absent.Display()
	}
	f.readRange(ranges)
	return f
}

func (f *finding) readRange(ranges []clinical.Range) {
	for _, r := range ranges {
		if typ := r.Type.Code(""); typ != "" && typ != "normal" && typ != "260395002" {
			continue // a target or a range for others
		}
		f.low, f.high, f.rangeTxt = r.Low, r.High, r.Text
		return
	}
}

// interpretation reads the flag the laboratory gave, in SNOMED or HL7 codes.
func interpretation(flags []fhir.Coded) Flag {
	for _, c := range flags {
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
func (f *finding) flagged() (flag Flag, computed bool) {
	if f.flag != "" {
		return f.flag, false
	}
	value, ok := f.quantity.Rat()
	if !ok || f.quantity.Comparator != "" || (f.low.IsZero() && f.high.IsZero()) {
		return "", false
	}
	for _, limit := range [...]fhir.Quantity{f.low, f.high} {
		if !limit.IsZero() && limit.Symbol() != "" && !fhir.SameUnit(limit, f.quantity) {
			return "", false
		}
	}
	if low, ok := f.low.Rat(); ok && value.Cmp(low) < 0 {
		return Low, true
	}
	if high, ok := f.high.Rat(); ok && value.Cmp(high) > 0 {
		return High, true
	}
	return Within, true
}

// performer names who measured: the laboratory rather than who signed there.
func (m *merger) performer(e *entry, performers []fhir.Reference) (name, key string) {
	if e.Origin.IsSelf() {
		return m.texts.self, fhir.Self
	}
	for _, r := range performers {
		n := m.book.node(e, r)
		if role := n.Get("organization").Reference(); !role.IsZero() {
			n = m.book.node(e, role)
		}
		if name := n.Str("name"); name != "" && n.Str("resourceType") == "Organization" {
			for _, id := range n.Idents("identifier") {
				return name, id.Key()
			}
			return name, fold(name)
		}
	}
	name = m.whoOf(e, performers)
	return name, fold(name)
}

// orderKey is the K2 key of lab results: laboratory, message number, analyte
// and collection time together (merge.md 1.3).
func (o *observation) orderKey() []string {
	if o.said.Message == "" || o.labKey == "" || o.at.IsZero() {
		return nil
	}
	return []string{strings.Join([]string{o.labKey, o.said.Message, o.analyte.Key, minute(o.at)}, "|")}
}

func minute(d fhir.Date) string { return d.Low().UTC().Format("2006-01-02T15:04") }

// contentKey is the K3 key: within one provider only, and only when the
// material is known (merge.md 4.2).
func (o *observation) contentKey(provider string) []string {
	if o.at.Precision() < fhir.PrecisionMinute || o.valueText() == "" || o.analyte.Key == "" || o.specimen == "" {
		return nil
	}
	return []string{strings.Join([]string{provider, o.analyte.Key, o.specimen, minute(o.at), o.valueText()}, "|")}
}

func (f *finding) valueText() string {
	if !f.quantity.IsZero() {
		return f.quantity.Comparator + f.quantity.Value + "|" + f.quantity.Symbol()
	}
	return fold(f.text)
}

// sameObservation: an identifier makes two results one only when they are of
// one analyte in units that can be compared, and not of two moments.
func sameObservation(a, b *obsStatement) bool {
	x, y := a.val, b.val
	if x.analyte.Key != y.analyte.Key || !momentsAgree(x.at, y.at) {
		return false
	}
	if x.quantity.IsZero() != y.quantity.IsZero() {
		return x.valueText() == "" || y.valueText() == ""
	}
	return x.quantity.IsZero() || x.comparable(y)
}

// momentsAgree: a copy may have the day only, or a time of another step in the
// laboratory. Two days are two results.
func momentsAgree(a, b fhir.Date) bool {
	return a.IsZero() || b.IsZero() || a.Day() == b.Day() || datesAgree(a, b)
}

// words shows the result as delivered.
func (f *finding) words(lang string) string {
	if !f.quantity.IsZero() {
		return f.quantity.Words(lang)
	}
	return f.text
}

// noResults are texts in which laboratories say that there is none.
const noResults = "|geannuleerd|vervallen|niet verricht|n.b|n.b.|zie opm|niet uitgevoerd|"

func (f *finding) isNoResult() bool {
	return f.text != "" && strings.Contains(noResults, "|"+fold(f.text)+"|")
}

func isObservation(e *entry) bool { return e.Type == "Observation" }

// hasCategory tells whether an Observation is in the category, with or
// without its system.
func hasCategory(e *entry, codes string) bool {
	for _, c := range e.node().Codeds("category") {
		if slices.ContainsFunc(c.Coding, func(c fhir.Coding) bool { return strings.Contains(codes, "|"+c.Code+"|") }) {
			return true
		}
	}
	return false
}

const (
	vitalCategory = "|vital-signs|"
	labCategories = "|laboratory|49581000146104|275711006|252275004|68793005|395124008|314076009|19851009|"
)

func isVital(e *entry) bool {
	if !isObservation(e) || !clinical.AboutPatient(e.node()) {
		return false
	}
	if hasCategory(e, vitalCategory) {
		return true
	}
	return !hasCategory(e, labCategories) && vitalOf(e.node().Get("code").Coded()).key != ""
}

func isLab(e *entry) bool {
	if !isObservation(e) || !clinical.AboutPatient(e.node()) {
		return false
	}
	code := e.node().Get("code").Coded()
	return hasCategory(e, labCategories) || code.Code(fhir.NHG45) != "" || e.node().Get("specimen").Exists() ||
		strings.Contains(strings.Join(e.Profiles, " "), "LaboratoryTestResult")
}

// lifestyleCodes are SNOMED codes of how a person lives and functions
// (data-services.md 1.1, 1.11).
const (
	lifestyleCategories = "|118228005|384821006|social-history|functional-status|"
	lifestyleCodes      = "|228366006|228273003|365980008|365508006|365470003|314845004|55801000146105|"
)

func isLifestyle(e *entry) bool {
	if !isObservation(e) || !clinical.AboutPatient(e.node()) {
		return false
	}
	for _, coding := range e.node().Get("code").Coded().Coding {
		if strings.Contains(lifestyleCodes, "|"+coding.Code+"|") {
			return true
		}
	}
	return hasCategory(e, lifestyleCategories)
}
