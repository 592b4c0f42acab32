package aggregator

import (
	"fmt"
	"slices"
	"strings"
)

// Explanation tells why the parts of an item are together and from where each
// field comes, in words.
type Explanation struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Parts  []string `json:"parts"`
	Joins  []string `json:"joins"`
	Fields []string `json:"fields"`
	Beside []string `json:"beside"` // items of the same group, and why they are not one line
	Notes  []string `json:"notes"`  // its conflicts
}

// Explain explains the item in lang.
func (o *Overview) Explain(item Item, lang string) Explanation {
	t := textsFor(lang)
	x := Explanation{ID: item.ID, Title: item.Title, Parts: []string{}, Joins: []string{}, Fields: []string{}, Beside: []string{}, Notes: []string{}}
	for i, p := range item.Parts {
		x.Parts = append(x.Parts, fmt.Sprintf("%d. %s", i+1, o.partWords(p, t)))
	}
	for _, j := range item.Joins {
		x.Joins = append(x.Joins, fmt.Sprintf("%d + %d: %s", j.A+1, j.B+1, t.rule(j.Rule)))
	}
	for name, f := range item.Fields {
		x.Fields = append(x.Fields, fmt.Sprintf("%s: %s (%d)", name, f.Text, f.Part+1))
	}
	slices.Sort(x.Fields)
	for _, c := range item.Conflicts {
		x.Notes = append(x.Notes, c.Code+": "+c.Text)
	}
	if g, ok := o.Group(item.Group); ok && !strings.HasPrefix(item.Subject, "lab") && item.Subject != "vital" {
		for _, other := range o.InGroup(g.ID) {
			if other.ID != item.ID {
				x.Beside = append(x.Beside, joinText(" · ", other.Title, other.Detail, g.Text))
			}
		}
	}
	return x
}

func (o *Overview) partWords(p Part, t texts) string {
	words := joinText(", ", o.ProviderName(p.Source), t.typeName(p.Type), p.Role)
	if p.Service != "" {
		words = joinText(", ", words, "service "+p.Service)
	}
	if p.Hidden != "" {
		words += " (" + p.Hidden + ")"
	}
	return words
}

func (t texts) rule(name string) string { return firstNonEmpty(t.rules[name], name) }
