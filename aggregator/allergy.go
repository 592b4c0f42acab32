package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// allergy is what an AllergyIntolerance says (merge.md 3.1).
type allergy struct {
	code         fhir.Coded
	agent        string // canonical agent, empty when it is only text
	class        string // canonical class it belongs to, empty when unknown
	text         string
	none         string // scope of a "no known allergies" statement
	category     string
	clinical     string
	verification string
	severity     string // as the source coded it, in words
	high         bool
	reactions    []string
	onset        fhir.Date
	recorded     fhir.Date
	note         string
	brandBound   bool
	author       string
}

type (
	allergyStatement = statement[*allergy]
	allergyRecord    = record[*allergy]
)

func allergyLines(m *merger, entries []*entry) []*line {
	var all []*allergyStatement
	for _, e := range entries {
		all = append(all, m.readAllergy(e))
	}
	records := identify(all, sameAllergy)
	byAgent := map[string][]*allergyRecord{}
	var keys []string
	for _, r := range records {
		k := agentLine(r)
		if byAgent[k] == nil {
			keys = append(keys, k)
		}
		byAgent[k] = append(byAgent[k], r)
	}
	var lines []*line
	for _, k := range keys {
		for _, part := range divide(m, byAgent[k], entriesOf) {
			lines = append(lines, m.allergyLine(part))
		}
	}
	m.groupAllergies(lines)
	m.checkNoneKnown(lines)
	return lines
}

func (m *merger) readAllergy(e *entry) *allergyStatement {
	n := e.node
	a := &allergy{
		code:         n.Get("code").Coded(),
		clinical:     statusCode(n, "clinicalStatus", "active", "inactive", "resolved"),
		verification: statusCode(n, "verificationStatus", "confirmed", "unconfirmed", "presumed", "refuted", "entered-in-error"),
		onset:        n.When("onset").Start,
		recorded:     firstDate(n.Date("assertedDate"), n.Date("recordedDate")),
		author:       m.firstWho(e, "asserter", "recorder"),
	}
	if c := n.Codeds("category"); len(c) > 0 {
		a.category = c[0].Code("")
	}
	for _, note := range n.All("note") {
		a.note = joinText(" ", a.note, note.Str("text"))
	}
	a.text = fold(a.code.Display())
	a.agent, a.class = agentOf(a.code)
	a.none = noneKnown(a.code)
	a.brandBound = strings.Contains(fold(a.note), "alleen voor dit merk")
	a.readSeverity(n)
	a.readReactions(n)
	s := &allergyStatement{entry: e, val: a, ids: statementIDs(e)}
	if !a.onset.IsZero() && !a.recorded.IsZero() && a.text != "" {
		s.keys[byContent] = []string{strings.Join([]string{s.provider(), a.text, a.category, a.onset.String(), a.recorded.String()}, "|")}
	}
	return s
}

// statusCode picks the one known code of a status that STU3 sends as a code
// and R4 as a concept with several codings.
func statusCode(n fhir.Node, member string, known ...string) string {
	for _, coding := range n.Get(member).Coded().Coding {
		if slices.Contains(known, coding.Code) {
			return coding.Code
		}
	}
	return ""
}

// readSeverity shows the code of the information standard where it is given:
// moderate, severe and fatal all arrive as "high" (data-services.md 2.3).
func (a *allergy) readSeverity(n fhir.Node) {
	a.high = n.Str("criticality") == "high"
	for _, name := range [...]string{"code-specification", "ext-CodeSpecification"} {
		if c := n.Sibling("criticality").Ext(nictiz + name).Value().Coded(); !c.IsZero() {
			a.severity = c.Display()
		}
	}
}

func (a *allergy) readReactions(n fhir.Node) {
	for _, r := range n.All("reaction") {
		for _, c := range r.Codeds("manifestation") {
			a.reactions = append(a.reactions, c.Display())
		}
		if text := r.Str("description"); text != "" {
			a.reactions = append(a.reactions, text)
		}
	}
}

func sameAllergy(a, b *allergyStatement) bool {
	x, y := a.val, b.val
	if x.agent != "" && y.agent != "" {
		return x.agent == y.agent
	}
	return x.text == y.text
}

// agentLine is the key on which records share a line: the agent, by code. An
// agent that is only text never shares a line, nor does one bound to a brand.
func agentLine(r *allergyRecord) string {
	a := r.lead.val
	switch {
	case r.collision || a.agent == "" || a.brandBound || a.none != "":
		return "record|" + r.key()
	case r.lead.Origin.IsSelf():
		return "own|" + r.key() // the person's own stays apart until they say otherwise
	}
	return "agent|" + a.agent
}

func (m *merger) allergyLine(records []*allergyRecord) *line {
	l := newLine(records, func(*allergyStatement) string { return RoleRecord })
	at := len(records[0].members)
	for _, r := range records[1:] {
		l.Joins = append(l.Joins, Join{A: 0, B: at, Rule: "same-agent"})
		at += len(r.members)
	}
	agent := records[0].lead.val.code.Display()
	v := &Allergy{Agent: readable(agent)}
	for _, r := range records {
		m.addAllergy(l, v, r)
	}
	l.Section = m.allergySection(l, records)
	l.Value, l.Title = v, firstNonEmpty(agent, m.texts.unknownAgent)
	l.Detail = joinText(" · ", v.Severity, strings.Join(v.Reactions, ", "))
	l.When, l.Author = v.Since.Day(), records[0].lead.val.author
	l.sortKey = highFirst(v.High) + fold(l.Title)
	return l
}

func highFirst(high bool) string {
	if high {
		return "0"
	}
	return "1"
}

// addAllergy unites what sources say of one agent: the highest severity, the
// earliest onset, every reaction.
func (m *merger) addAllergy(l *line, v *Allergy, r *allergyRecord) {
	a := r.lead.val
	if a.verification == "entered-in-error" && len(l.members) > len(r.members) {
		return
	}
	if v.Severity == "" || (a.high && !v.High) {
		v.Severity = firstNonEmpty(a.severity, m.texts.criticality(a.high))
		l.field("severity", v.Severity, r.lead.entry)
	}
	v.High = v.High || a.high
	v.Verification = firstNonEmpty(v.Verification, a.verification)
	if v.Since.IsZero() || (!a.onset.IsZero() && a.onset.Compare(v.Since) < 0) {
		v.Since = a.onset
		l.field("since", a.onset.Day(), r.lead.entry)
	}
	v.Category = joinText(", ", v.Category, unlessIn(v.Category, m.texts.category[a.category]))
	v.Note = joinText(" ", v.Note, unlessIn(v.Note, a.note))
	for _, text := range a.reactions {
		if !slices.Contains(v.Reactions, text) {
			v.Reactions = append(v.Reactions, text)
		}
	}
	if r.collision {
		l.conflict("C-COLLISION", m.texts.conflict["C-COLLISION"])
	}
	if oddModifier(r.lead.node) {
		l.conflict("C-MODIFIER", m.texts.conflict["C-MODIFIER"])
	}
}

func unlessIn(all, text string) string {
	if strings.Contains(all, text) {
		return ""
	}
	return text
}

// allergySection is the table of merge.md 3.4. One active statement keeps the
// line active, whatever others say.
func (m *merger) allergySection(l *line, records []*allergyRecord) Section {
	count := map[string]int{}
	for _, r := range records {
		count[standing(r.lead.val)]++
	}
	negative := count["refuted"] + count["inactive"]
	switch {
	case count["void"] == len(records):
		return History
	case records[0].lead.val.none != "" && count["active"] > 0:
		return NoneKnown
	case count["active"] > 0:
		if negative > 0 {
			l.conflict("C-ALG", m.texts.conflict["C-ALG"])
		}
		if count["void"] > 0 {
			l.conflict("C-EIE", m.texts.conflict["C-EIE"])
		}
		return Active
	case count["refuted"] > 0 && count["inactive"] == 0:
		return Refuted
	}
	return Inactive
}

func standing(a *allergy) string {
	switch {
	case a.verification == "entered-in-error":
		return "void"
	case a.verification == "refuted":
		return "refuted"
	case a.clinical == "inactive" || a.clinical == "resolved":
		return "inactive"
	}
	return "active" // a missing status is read as active: hiding is the risk
}

// groupAllergies puts an agent next to its class, and equal names that have no
// code next to each other.
func (m *merger) groupAllergies(lines []*line) {
	sets := joinByKey(len(lines), func(i int) []string { return allergyGroupKeys(lines[i]) })
	for _, members := range sets.groups() {
		if len(members) < 2 {
			continue
		}
		for _, i := range members {
			lines[i].groupKey = "allergy|" + lines[members[0]].key
			lines[i].groupTitle = lines[members[0]].Title
			lines[i].advice = "broader"
		}
	}
}

func allergyGroupKeys(l *line) []string {
	var keys []string
	for _, e := range l.members {
		code := e.node.Get("code").Coded()
		if noneKnown(code) != "" {
			continue
		}
		agent, class := agentOf(code)
		for _, k := range [...]string{agent, class, fold(code.Display())} {
			if k != "" {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// checkNoneKnown: "no known allergies" that is newer than an active allergy of
// another source is a difference to ask about; it never removes anything.
func (m *merger) checkNoneKnown(lines []*line) {
	for _, none := range lines {
		if none.Section != NoneKnown {
			continue
		}
		said := allergyDate(none)
		for _, l := range lines {
			if l.Section == Active && !said.IsZero() && allergyDate(l).Compare(said) < 0 && l.members[0].provider() != none.members[0].provider() {
				none.conflict("C-NKA", m.texts.conflict["C-NKA"])
			}
		}
	}
}

func allergyDate(l *line) fhir.Date {
	n := l.members[0].node
	return firstDate(n.Date("assertedDate"), n.Date("recordedDate"), n.When("onset").Start)
}

func firstDate(dates ...fhir.Date) fhir.Date {
	for _, d := range dates {
		if !d.IsZero() {
			return d
		}
	}
	return fhir.Date{}
}

// firstWho names the person behind the first member that leads somewhere.
func (m *merger) firstWho(e *entry, members ...string) string {
	if e.Origin.IsSelf() {
		return m.texts.self
	}
	for _, name := range members {
		for _, r := range e.node.References(name) {
			if who := m.book.who(e, r); who != "" {
				return who
			}
		}
	}
	return ""
}
