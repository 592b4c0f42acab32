package aggregator

import "github.com/bundel-pgo/bundel/fhir/clinical"

// sayRelative tells what runs in the family.
func (m *merger) sayRelative(r *clinical.Relative) saying {
	var problems []string
	for _, p := range r.Problems {
		problems = append(problems, joinText(" ", p.Code.Display(), p.Outcome.Display()))
	}
	return saying{
		title: firstNonEmpty(r.Relationship.Display(), r.Name), when: r.Date,
		detail: joinText(" · ", unlessSame(r.Name, r.Relationship.Display()), joinText(", ", problems...), remarks(r.Remarks)),
	}
}

// sayContact tells who is close to the person, and how.
func (m *merger) sayContact(c *clinical.Contact) saying {
	name, phone := "", ""
	for _, n := range c.Names {
		name = firstNonEmpty(name, n.String())
	}
	for _, t := range c.Telecoms {
		phone = firstNonEmpty(phone, t.Value)
	}
	return saying{title: name, when: c.Period.Start, detail: joinText(" · ", codedWords(c.Roles), phone)}
}
