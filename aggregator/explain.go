package aggregator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// Explanation tells why the parts of an item are together and from where each
// field comes, in words.
type Explanation struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Parts     []string `json:"parts"`
	Joins     []string `json:"joins"`
	Fields    []string `json:"fields"`
	Beside    []string `json:"beside"`    // items of the same group, and why they are not one line
	Hidden    []string `json:"hidden"`    // parts that do not speak, and why
	Decisions []string `json:"decisions"` // of the person, that are about it
	Notes     []string `json:"notes"`     // its conflicts
}

// Explain explains the item in lang, which is best that of the overview. Of an
// item that is closed (View) it tells no more than the item does.
func (o *Overview) Explain(item Item, lang string) Explanation {
	t := textsFor(lang)
	x := Explanation{ID: item.ID, Title: item.Title}
	if item.Section == Gated {
		x.Notes = []string{t.words["gated"]}
		return x.filled()
	}
	for i, p := range item.Parts {
		words := fmt.Sprintf("%d. %s", i+1, o.partWords(p, t))
		x.Parts = append(x.Parts, words)
		if p.Hidden != "" {
			x.Hidden = append(x.Hidden, fmt.Sprintf("%d: %s", i+1, firstNonEmpty(t.hidden[p.Hidden], p.Hidden)))
		}
	}
	x.Joins = o.joinWords(item, t)
	for name, f := range item.Fields {
		x.Fields = append(x.Fields, fmt.Sprintf("%s: %s (%d, %s)", t.fieldName(name), f.Text, f.Part+1, o.partSource(item, f.Part)))
	}
	slices.Sort(x.Fields)
	for _, c := range item.Conflicts {
		note := c.Code + ": " + c.Text
		if c.Seen {
			note += " (" + t.words["seen"] + ")"
		}
		x.Notes = append(x.Notes, note)
	}
	x.Beside = o.besideWords(item, t)
	x.Decisions = o.decisionWords(item)
	return x.filled()
}

// filled gives empty lists for absent ones.
func (x Explanation) filled() Explanation {
	for _, l := range [...]*[]string{&x.Parts, &x.Joins, &x.Fields, &x.Beside, &x.Hidden, &x.Decisions, &x.Notes} {
		*l = list(*l)
	}
	return x
}

// joinWords says why parts are on one line: "1 + 2 (Huisarts, Apotheek): zelfde
// medicijn, zelfde dosering". An item of one source says that there is nothing
// to explain.
func (o *Overview) joinWords(item Item, t texts) []string {
	var all []string
	for _, j := range item.Joins {
		names := []string{o.partSource(item, j.A)}
		if name := o.partSource(item, j.B); name != names[0] {
			names = append(names, name)
		}
		all = append(all, fmt.Sprintf("%d + %d (%s): %s", j.A+1, j.B+1, strings.Join(names, ", "), t.rule(j.Rule)))
	}
	if len(all) == 0 {
		all = append(all, t.words["alone"])
	}
	return all
}

// besideWords names what stands beside it and says that, and why, it was not
// put on the same line. Results of one series are no such thing.
func (o *Overview) besideWords(item Item, t texts) []string {
	g, ok := o.Group(item.Group)
	if !ok || g.Advice == "" {
		return nil
	}
	var all []string
	for _, other := range o.InGroup(g.ID) {
		if other.ID != item.ID {
			why := firstNonEmpty(t.advice[g.Advice], g.Text)
			all = append(all, joinText(" · ", other.Title, other.Detail, o.sourceNames(other), joinText(" ", t.words["beside"], why)))
		}
	}
	return all
}

func (o *Overview) decisionWords(item Item) []string {
	var all []string
	for _, d := range o.Decisions {
		if slices.Contains(d.Items, item.ID) {
			all = append(all, fmt.Sprintf("%d. %s, %s", d.Seq, d.At.Format("2006-01-02"), joinText(" · ", d.Text, d.Note)))
		}
	}
	return all
}

func (o *Overview) sourceNames(item Item) string {
	var names []string
	for _, p := range item.Parts {
		if name := o.named(p.Source); !isSupport(p.Role) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func (o *Overview) partSource(item Item, i int) string {
	if i < 0 || i >= len(item.Parts) {
		return "?"
	}
	return o.named(item.Parts[i].Source)
}

func (o *Overview) partWords(p Part, t texts) string {
	words := joinText(", ", o.named(p.Source), t.typeName(p.Type), t.roles[p.Role])
	if p.Service != "" {
		words = joinText(", ", words, t.words["service"]+" "+p.Service)
	}
	if p.Hidden != "" {
		words += " (" + firstNonEmpty(t.hidden[p.Hidden], p.Hidden) + ")"
	}
	return words
}

// named is the name of a source, the person's own among them.
func (o *Overview) named(source string) string {
	if source == fhir.Self {
		return textsFor(o.lang).self
	}
	return o.ProviderName(source)
}

func (t texts) rule(name string) string { return firstNonEmpty(t.rules[name], name) }
