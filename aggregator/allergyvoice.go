package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// voice is what one provider says of an allergy in one record: its newest
// version. Another provider is another voice, even under the same identifier.
type voice struct {
	*allergyStatement
	standing string // active, inactive, refuted, void
}

// voicesOf hears every provider of every record. What a provider calls a mistake
// is void for its own records, and for copies of that very record at others; an
// independent statement is never voided (merge.md 1.5, 3.4, S8).
func voicesOf(records []*allergyRecord) []voice {
	var all []voice
	for _, r := range records {
		voices := recordVoices(r)
		void := slices.ContainsFunc(voices, func(v voice) bool { return v.standing == "void" && !v.copied })
		for i, v := range voices {
			if void && v.copied {
				voices[i].standing = "void"
			}
		}
		all = append(all, voices...)
	}
	return all
}

func recordVoices(r *allergyRecord) []voice {
	var voices []voice
	for _, s := range r.members {
		v := voice{s, standing(s)}
		i := slices.IndexFunc(voices, func(o voice) bool { return o.provider() == s.provider() })
		switch {
		case i < 0 || r.collision: // colliding versions all speak
			voices = append(voices, v)
		case v.replaces(voices[i]):
			voices[i] = v
		}
	}
	return voices
}

// replaces: v is the word of its provider instead of old. A mistake is one for
// all versions but a surely later one; otherwise the newest speaks, and between
// two of the same time the one that says most: active.
func (v voice) replaces(old voice) bool {
	switch {
	case laterThan(v.entry, old.entry):
		return true
	case laterThan(old.entry, v.entry):
		return false
	case v.standing == "void" || old.standing == "void":
		return v.standing == "void"
	}
	return v.standing == "active" && old.standing != "active"
}

func standing(s *allergyStatement) string {
	a := s.val.said
	switch {
	case a.Verification.Code == "entered-in-error":
		return "void"
	case a.Verification.Code == "refuted":
		return "refuted"
	case !a.Active():
		return "inactive"
	}
	return "active" // a missing status is read as active: hiding is the risk
}

// allergySection is the table of merge.md 3.4. One active voice keeps the line
// active, whatever others say.
func (m *merger) allergySection(l *line, voices []voice) Section {
	by := map[string][]voice{}
	for _, v := range voices {
		by[v.standing] = append(by[v.standing], v)
		if v.standing == "void" {
			l.Parts[l.partOf(v.entry)].Hidden = "void"
		}
	}
	active := by["active"]
	switch {
	case len(by["void"]) == len(voices):
		return History
	case len(active) > 0 && active[0].val.unknown:
		return Unclear
	case len(active) > 0 && active[0].val.none != "":
		return NoneKnown
	case len(active) > 0:
		m.disagreements(l, by)
		return Active
	case len(by["refuted"]) > 0 && len(by["inactive"]) == 0:
		return Refuted
	}
	return Inactive
}

// disagreements names who says that an allergy that stands does not.
func (m *merger) disagreements(l *line, by map[string][]voice) {
	for _, v := range slices.Concat(by["refuted"], by["inactive"]) {
		l.conflict("C-ALG", m.texts.notAllergic(m.providerName(v.provider()), v.val.said.Recorded))
	}
	var others []string
	for _, v := range by["active"] {
		if name := m.providerName(v.provider()); !slices.Contains(others, name) {
			others = append(others, name)
		}
	}
	for _, v := range by["void"] {
		l.conflict("C-EIE", m.texts.mistake(m.providerName(v.provider()), strings.Join(others, ", ")))
	}
}

// allergyValue unites what sources say of one agent: the highest severity, the
// earliest onset, every reaction (merge.md 3.3). What is void says nothing, as
// long as anything else does.
func (m *merger) allergyValue(l *line, voices []voice) *Allergy {
	live := slices.DeleteFunc(slices.Clone(voices), func(v voice) bool { return v.standing == "void" })
	if len(live) == 0 {
		live = voices
	}
	v := &Allergy{}
	for _, high := range [...]bool{true, false} { // what is grave comes first
		for _, said := range live {
			if isHigh(said) == high {
				m.addVoice(l, v, said)
			}
		}
	}
	return v
}

func isHigh(v voice) bool { return v.val.said.Criticality.Code == "high" }

func (m *merger) addVoice(l *line, v *Allergy, said voice) {
	a := said.val.said
	if v.Severity == "" {
		v.Severity = m.severity(said)
		l.field("severity", v.Severity, said.entry)
	}
	v.High = v.High || isHigh(said)
	if v.Verification != "confirmed" {
		v.Verification = firstNonEmpty(onlyIf(a.Verification.Code, "confirmed"), v.Verification, a.Verification.Code)
		l.field("verification", v.Verification, said.entry)
	}
	if onset := a.Onset.Start; !onset.IsZero() && (v.Since.IsZero() || onset.Compare(v.Since) < 0) {
		v.Since = onset
		l.field("since", onset.Day(), said.entry)
	}
	if a.Recorded.Compare(v.Confirmed) > 0 || v.Confirmed.IsZero() {
		v.Confirmed = a.Recorded
		l.field("confirmed", a.Recorded.Day(), said.entry)
	}
	for _, c := range said.val.categories {
		v.Category = joinText(", ", v.Category, unlessIn(v.Category, m.texts.category[c]))
	}
	v.Type = joinText(", ", v.Type, unlessIn(v.Type, m.texts.category[a.Type]))
	v.Note = joinText(" ", v.Note, unlessIn(v.Note, said.val.note))
	for _, text := range reactions(said) {
		if !slices.Contains(v.Reactions, text) {
			v.Reactions = append(v.Reactions, text)
		}
	}
	if !a.Certain {
		l.conflict("C-MODIFIER", m.texts.conflict["C-MODIFIER"])
	}
}

// severity shows the code of the information standard where it is given:
// moderate, severe and fatal all arrive as "high" (data-services.md 2.3).
func (m *merger) severity(v voice) string {
	return firstNonEmpty(v.val.said.Criticality.Source.Display(), m.texts.criticality(isHigh(v)))
}

func reactions(v voice) []string {
	var all []string
	for _, r := range v.val.said.Reactions {
		for _, c := range r.Manifestations {
			all = append(all, c.Display())
		}
		if r.Description != "" {
			all = append(all, r.Description)
		}
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func onlyIf(text, wanted string) string {
	if text == wanted {
		return text
	}
	return ""
}

func unlessIn(all, text string) string {
	if strings.Contains(all, text) {
		return ""
	}
	return text
}

// nameNoneKnown words statements that there is nothing, always with who says it,
// and never as "none" where an allergy stands. One that is newer than an active
// allergy of another source is a difference to ask about; none of them removes
// anything (merge.md 3.5, S7).
func (m *merger) nameNoneKnown(lines []*line) {
	beside := slices.ContainsFunc(lines, func(l *line) bool { return l.Section == Active })
	for _, l := range lines {
		e := l.members[0]
		said := allergyOf(e)
		switch l.Section {
		case Unclear:
			l.Title = m.texts.unknownAt(m.providerName(e.provider()))
		case NoneKnown:
			l.Title = m.texts.noneKnown(noneKnown(said.Code), m.providerName(e.provider()), beside)
			l.When = said.Recorded.Day()
			m.checkNoneKnown(l, lines)
		default:
			continue
		}
		l.Value.(*Allergy).Agent = l.Title
	}
}

func (m *merger) checkNoneKnown(none *line, lines []*line) {
	said := allergyDate(none)
	for _, l := range lines {
		if l.Section == Active && !said.IsZero() && allergyDate(l).Compare(said) < 0 && l.members[0].provider() != none.members[0].provider() {
			none.conflict("C-NKA", m.texts.conflict["C-NKA"])
		}
	}
}

func allergyDate(l *line) fhir.Date {
	a := allergyOf(l.members[0])
	return firstDate(a.Recorded, a.Onset.Start)
}

// linkAlerts points from an alert to the allergy that has the same agent, and
// back. They stay two lines: an alert is no allergy (merge.md 3.1).
func (m *merger) linkAlerts() {
	allergies := map[string]*line{}
	for _, l := range m.lines {
		if l.Subject != "allergy" || l.Section != Active {
			continue
		}
		for _, k := range m.allergyGroupKeys(l) {
			if allergies[k] == nil {
				allergies[k] = l
			}
		}
	}
	for _, l := range m.lines {
		if l.Subject != "alert" {
			continue
		}
		for _, k := range m.agentKeys(l.members[0].node().Get("code").Coded()) {
			if other := allergies[k]; other != nil {
				l.field("allergy", m.texts.seeAllergy(other.Title), l.members[0])
				other.field("alert", m.texts.seeAlert(l.Title, l.speakers(m)), other.members[0])
				break
			}
		}
	}
}
