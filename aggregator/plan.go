package aggregator

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// sayPlan tells of a plan with what is to be done and reached, and by whom.
func (m *merger) sayPlan(e *entry, p *clinical.Plan) saying {
	var todo []string
	for _, a := range p.Activities {
		word := firstNonEmpty(a.Code.Display(), a.Description, m.named(e, a.Details))
		todo = append(todo, joinText(": ", m.texts.negation[negated(a.Not, "request")], word))
	}
	return saying{
		title: firstNonEmpty(p.Title, codedWords(p.Categories), p.Description), when: firstDate(p.Period.Start, p.Created), author: p.Authors,
		detail: joinText(" · ", unlessSame(p.Description, p.Title), m.labelled("for", m.named(e, p.Problems...)), m.labelled("goals", m.named(e, p.Goals...)),
			m.labelled("todo", joinText(", ", todo...)), m.labelled("team", m.teams(e, p.Teams)), m.until(p.Period.End), remarks(p.Remarks)),
		section: ended(p.Status.Code),
	}
}

func unlessSame(text, other string) string {
	if text == other {
		return ""
	}
	return text
}

// ended puts what is over apart from what is not.
func ended(status string) Section {
	switch status {
	case "completed", "stopped", "ended", "inactive":
		return Past
	case "cancelled", "rejected", "revoked":
		return Cancelled
	}
	return Found
}

func (m *merger) teams(e *entry, refs []fhir.Reference) string {
	var words []string
	for _, r := range refs {
		n := m.book.node(e, r)
		words = append(words, firstNonEmpty(n.Str("name"), m.people(e, memberRefs(n)...), r.Display))
	}
	return joinText(", ", words...)
}

func memberRefs(team fhir.Node) []fhir.Reference {
	var refs []fhir.Reference
	for _, p := range team.All("participant") {
		refs = append(refs, p.Get("member").Reference())
	}
	return refs
}

// sayGoal tells what care should reach, and when.
func (m *merger) sayGoal(g *clinical.Goal) saying {
	var targets []string
	for _, t := range g.Targets {
		when := ""
		if !t.Due.IsZero() {
			when = m.texts.label["before"] + " " + t.Due.Words(m.Lang)
		}
		targets = append(targets, joinText(" ", t.Measure.Display(), m.valueWords(t.Detail), when))
	}
	return saying{
		title: g.Description.Display(), when: g.Start, author: []fhir.Reference{g.Author}, section: ended(g.Status.Code),
		detail: joinText(" · ", joinText(", ", targets...), g.Achievement.Display(), remarks(g.Remarks)),
	}
}

// sayTeam names who takes part, each in the role that is given.
func (m *merger) sayTeam(e *entry, t *clinical.Team) saying {
	var members []string
	for _, p := range t.Members {
		role := codedWords(p.Roles)
		if who := m.book.who(e, p.Who); who != "" && role != "" {
			members = append(members, who+" ("+role+")")
		} else {
			members = append(members, who+role)
		}
	}
	return saying{
		title: firstNonEmpty(t.Name, codedWords(t.Categories)), when: t.Period.Start, author: t.Providers, section: ended(t.Status.Code),
		detail: joinText(" · ", joinText(", ", members...), codedWords(t.Reasons), m.until(t.Period.End), remarks(t.Remarks)),
	}
}

func (m *merger) sayNutrition(n *clinical.Nutrition) saying {
	return saying{
		title: firstNonEmpty(codedWords(n.Diets), n.Feeding.Display(), n.Text), when: n.Date, author: []fhir.Reference{n.Orderer}, section: ended(n.Status.Code),
		detail: joinText(" · ", unlessSame(n.Text, strings.Join([]string{codedWords(n.Diets)}, "")), codedWords(n.Textures), codedWords(n.Fluids), remarks(n.Remarks)),
	}
}

// valueWords shows a value in the one form it was written in.
func (m *merger) valueWords(v clinical.Value) string {
	if v.Form == "Boolean" {
		return m.texts.label[v.Text]
	}
	return firstNonEmpty(v.Quantity.Words(m.Lang), v.Concept.Display(), v.Text, v.When.Start.Words(m.Lang), v.File.Title, v.Absent.Display())
}
