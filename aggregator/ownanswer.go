package aggregator

import (
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

// What the person says of their use of a medicine, beside that they use it: the
// status of the statement that is stored.
const (
	UseStopped = "stopped"
	UseUnknown = "unknown" // they do not know
)

// answerCode names the medicine with the words of the person, and with the codes
// of what it is an answer about.
func answerCode(e OwnEntry) map[string]any {
	code := map[string]any{"text": e.Value}
	var coding []any
	for _, c := range e.Codes {
		coding = append(coding, map[string]any{"system": c.System, "code": c.Code, "display": c.Display})
	}
	if coding != nil {
		code["coding"] = coding
	}
	return code
}

// readUse reads what [ownMedicine] wrote of an answer.
func (e *OwnEntry) readUse(n fhir.Node) {
	if status := n.Str("status"); status == UseStopped || status == UseUnknown {
		e.State = status
	}
	e.Codes = n.Get("medicationCodeableConcept").Coded().Coding
}

// aboutExtensions name the records that an answer is about, by what outlives a
// collection. They hold no word of what the records say.
func aboutExtensions(refs []StableRef) []any {
	var out []any
	for _, r := range refs {
		r.Facts = nil
		out = append(out, r.extension("about"))
	}
	return out
}

func readAbout(n fhir.Node) []StableRef {
	var out []StableRef
	for _, x := range n.Exts(Namespace + "about") {
		out = append(out, readRef(x))
	}
	return out
}

// readAnswer notes what an answer of the person is about.
func (e *entry) readAnswer() {
	if e.Origin.IsSelf() && (e.Type == "MedicationStatement" || isOwnNote(e)) {
		e.about = readAbout(e.node())
	}
}

// resolveAnswers finds the records that the answers of the person are about.
func (m *merger) resolveAnswers() {
	m.answered = map[*entry][]*entry{}
	for _, e := range m.entries {
		if len(e.about) > 0 {
			m.answered[e] = m.findAll(e.about)
		}
	}
}

// isAnswer tells whether the line is what the person says about another.
func (l *line) isAnswer() bool {
	return slices.ContainsFunc(l.members, func(e *entry) bool { return len(e.about) > 0 })
}

// joinAnswers puts what the person says of a medicine beside it, whatever name
// and code it has now.
func (m *merger) joinAnswers(sets *sets, courses []*course) {
	if len(m.answered) == 0 {
		return
	}
	at := map[*entry]int{}
	for i, c := range courses {
		for _, e := range c.members {
			if !c.void {
				at[e] = i
			}
		}
	}
	for answer, records := range m.answered {
		i, known := at[answer]
		for _, e := range records {
			if j, ok := at[e]; ok && known {
				sets.join(i, j)
			}
		}
	}
}

// linkAnswers tells of every answer which items it is about now. The ids of the
// lines are known.
func (m *merger) linkAnswers() {
	if len(m.answered) == 0 {
		return
	}
	at := map[*entry]*line{}
	for _, l := range m.lines {
		for _, e := range l.members {
			at[e] = l
		}
	}
	for answer, records := range m.answered {
		l := at[answer]
		if l == nil {
			continue
		}
		for _, e := range records {
			if of := at[e]; of != nil && of != l && !slices.Contains(l.About, of.ID) {
				l.About = append(l.About, of.ID)
			}
		}
		slices.Sort(l.About)
	}
}

// Answer completes what the person says about items: the records behind them
// and, of medicines, the name, the codes and with like the dose of the item that
// the person says is right. Who answers again changes their answer. The error is
// ErrNoItem or ErrGated.
func (d *Decider) Answer(e OwnEntry, like string, items ...string) (OwnEntry, error) {
	for _, id := range items {
		l, _, err := d.line(id)
		if err != nil {
			return e, err
		}
		e.About = append(e.About, d.refs(l, l.members)...)
		if e.ID == "" {
			e.ID = d.answerTo(l, e.Kind)
		}
		if e.Kind == "medicine" && (e.Value == "" || id == like) {
			e.Value, e.Codes = l.Name(), d.m.productOf(l.speaker()).coded
		}
		if said, ok := l.Value.(*Medicine); ok && id == like {
			e.Detail = firstNonEmpty(said.Dose, l.Detail)
		}
	}
	if len(e.About) == 0 {
		return e, ErrNoItem
	}
	return e, nil
}

// speaker is the record that gives the line its name.
func (l *line) speaker() *entry { return l.members[l.Fields["product"].Part] }

// answerTo is the id of what the person said before of the line; empty when
// they said nothing of this kind.
func (d *Decider) answerTo(l *line, kind string) string {
	found := ""
	for answer, records := range d.m.answered {
		said, ok := ReadOwn(answer.Resource)
		isOf := slices.ContainsFunc(records, func(e *entry) bool { return slices.Contains(l.members, e) })
		if ok && isOf && said.Kind == kind && (found == "" || answer.ID < found) {
			found = answer.ID
		}
	}
	return found
}

// InPlaceOf keeps what an earlier version was about. Other words than those of
// "stopped" or "I do not know" are another answer, and another name has not the
// codes of the first.
func (e OwnEntry) InPlaceOf(before OwnEntry) OwnEntry {
	e.About = before.About
	if e.Detail == before.Detail {
		e.State = before.State
	}
	if e.Value == before.Value {
		e.Codes = before.Codes
	}
	return e
}
