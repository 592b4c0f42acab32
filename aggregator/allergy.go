package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// allergy is what an AllergyIntolerance says (merge.md 3.1).
type allergy struct {
	said       *clinical.Allergy
	agent      Agent // zero when it is only text
	coded      bool
	name       string // folded
	none       string // scope of a "no known allergies" statement
	unknown    bool   // the source says that it does not know
	categories []string
	note       string
	brandBound bool
	author     string
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
	byAgent := map[string][]*allergyRecord{}
	var keys []string
	for _, r := range identify(all, sameAllergy) {
		k := m.agentLine(r)
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
	m.nameNoneKnown(lines)
	return lines
}

func (m *merger) readAllergy(e *entry) *allergyStatement {
	reading, _ := e.read()
	said, ok := reading.(*clinical.Allergy)
	if !ok {
		said = &clinical.Allergy{}
	}
	a := &allergy{said: said, name: fold(said.Code.Display()), none: noneKnown(said.Code), unknown: noInformation(said.Code)}
	a.agent, a.coded = m.agentOf(said.Code)
	for _, c := range said.Categories {
		a.categories = append(a.categories, c.Code)
	}
	slices.Sort(a.categories)
	for _, r := range said.Remarks {
		a.note = joinText(" ", a.note, r.Text)
	}
	a.brandBound = a.agent.BrandBound || strings.Contains(fold(a.note), "alleen voor dit merk")
	a.author = m.allergyAuthor(e, said)
	s := &allergyStatement{entry: e, val: a, ids: statementIDs(e)}
	if onset := said.Onset.Start; !onset.IsZero() && !said.Recorded.IsZero() && a.name != "" {
		s.keys[byContent] = []string{strings.Join([]string{
			s.provider(), a.agent.Key, a.name, strings.Join(a.categories, ","), onset.String(), said.Recorded.String(),
		}, "|")}
	}
	return s
}

func (m *merger) allergyAuthor(e *entry, said *clinical.Allergy) string {
	if e.Origin.IsSelf() {
		return m.texts.self
	}
	return m.whoOf(e, []fhir.Reference{said.Asserter, said.Recorder})
}

func sameAllergy(a, b *allergyStatement) bool {
	x, y := a.val, b.val
	if x.coded && y.coded {
		return x.agent.To(y.agent) == SameAgent
	}
	return x.name == y.name
}

// agentLine is the key on which records share a line: the agent, by code. An
// agent that is only text never shares a line, nor does one bound to a brand.
func (m *merger) agentLine(r *allergyRecord) string {
	a := r.lead.val
	switch {
	case r.collision || !a.coded || a.brandBound || a.none != "" || a.unknown || m.standsAlone(entriesOf(r)):
		return "record|" + r.key()
	case r.lead.Origin.IsSelf():
		return "own|" + r.key() // the person's own stays apart until they say otherwise
	}
	return "agent|" + a.agent.Key
}

func (m *merger) allergyLine(records []*allergyRecord) *line {
	l := newLine(records, func(*allergyStatement) string { return RoleRecord })
	at := len(records[0].members)
	for _, r := range records[1:] {
		l.Joins = append(l.Joins, Join{A: 0, B: at, Rule: "same-agent"})
		at += len(r.members)
	}
	voices := voicesOf(records)
	l.Section = m.allergySection(l, voices)
	agent := records[0].lead.val.said.Code.Display()
	v := m.allergyValue(l, voices)
	v.Agent = readable(agent)
	v.Verification = m.texts.certainty[v.Verification]
	l.Value, l.Title = v, firstNonEmpty(agent, m.texts.unknownAgent)
	l.Detail = joinText(" · ", v.Severity, strings.Join(v.Reactions, ", "))
	l.When, l.Author = v.Since.Day(), records[0].lead.val.author
	l.sortKey = highFirst(v.High) + fold(l.Title)
	for _, r := range records {
		if r.collision {
			l.conflict("C-COLLISION", m.texts.conflict["C-COLLISION"])
		}
	}
	return l
}

func highFirst(high bool) string {
	if high {
		return "0"
	}
	return "1"
}

// groupAllergies puts an agent next to its substance, its class and what has the
// same name, under the heading of the broadest of them. Amoxicillin is never
// made a penicillin, nor back: both say something.
func (m *merger) groupAllergies(lines []*line) {
	keys := make([][]string, len(lines))
	for i, l := range lines {
		keys[i] = m.allergyGroupKeys(l)
	}
	sets := joinByKey(len(lines), func(i int) []string { return keys[i] })
	for _, members := range sets.groups() {
		if len(members) < 2 {
			continue
		}
		title, advice := m.heading(lines, members)
		for _, i := range members {
			lines[i].groupKey = "allergy|" + lines[members[0]].key
			lines[i].groupTitle, lines[i].advice = title, advice
		}
	}
}

func (m *merger) allergyGroupKeys(l *line) []string {
	var keys []string
	for _, e := range l.members {
		said := allergyOf(e)
		if noneKnown(said.Code) != "" || noInformation(said.Code) {
			continue
		}
		keys = append(keys, m.agentKeys(said.Code)...)
		for _, r := range said.Reactions {
			if a, ok := m.agentOf(r.Substance); ok {
				keys = append(append(keys, a.Key), a.Within...)
			}
		}
	}
	return keys
}

// heading names a group by the nearest agent that holds all of it, and says
// whether codes or only names brought it together.
func (m *merger) heading(lines []*line, members []int) (title, advice string) {
	count := map[string]int{}
	var chain []string // of the first that has a code, nearest first
	coded := 0
	for _, i := range members {
		a, ok := m.agentOf(allergyOf(lines[i].members[0]).Code)
		if !ok {
			continue
		}
		coded++
		keys := slices.Concat([]string{a.Key}, a.Within)
		if chain == nil {
			chain = keys
		}
		for _, k := range keys {
			count[k]++
		}
	}
	advice = "broader"
	if coded < len(members) {
		advice = "by-name"
	}
	for _, k := range chain {
		if name := m.Agents.Heading(k, m.Lang); count[k] == coded && name != "" {
			return name, advice
		}
	}
	return lines[members[0]].Title, advice
}

// allergyOf reads a member of an allergy line.
func allergyOf(e *entry) *clinical.Allergy {
	reading, _ := e.read()
	if a, ok := reading.(*clinical.Allergy); ok {
		return a
	}
	return &clinical.Allergy{}
}

func firstDate(dates ...fhir.Date) fhir.Date {
	for _, d := range dates {
		if !d.IsZero() {
			return d
		}
	}
	return fhir.Date{}
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

// firstWho names the person behind the first member that leads somewhere.
func (m *merger) firstWho(e *entry, members ...string) string {
	if e.Origin.IsSelf() {
		return m.texts.self
	}
	for _, name := range members {
		for _, r := range e.node().References(name) {
			if who := m.book.who(e, r); who != "" {
				return who
			}
		}
	}
	return ""
}
