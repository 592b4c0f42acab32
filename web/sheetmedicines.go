package web

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
)

// medicineParts are the parts of the list for the doctor (product.md 6.14).
var medicineParts = [...]struct {
	key      string
	sections []aggregator.Section
}{
	{"nu", []aggregator.Section{aggregator.Current, aggregator.Paused}},
	{"straks", []aggregator.Section{aggregator.Planned, aggregator.Later}},
	{"gestopt", []aggregator.Section{aggregator.Recent}},
	{"onduidelijk", []aggregator.Section{aggregator.Unclear, aggregator.Gone}},
}

// medicinesNow are the medicines that the person uses now, also those that
// they stopped for a while.
func (v *view) medicinesNow() []bundle {
	return v.bundles(open(v.o.Subject("medication")), in(medicineParts[0].sections...))
}

// listSheet is the list of medicines for a doctor: all of now, of soon, of a
// short time ago and those that nobody is sure of. A group whose versions
// stand in several parts is told once, in the first of them.
func (v *view) listSheet(context.Context, typed) ([]sheet, error) {
	s := v.newSheet("list")
	done := map[string]bool{}
	n := 0
	for _, part := range medicineParts {
		var all []bundle
		for _, b := range v.bundles(open(v.o.Subject("medication")), in(part.sections...)) {
			if !done[b.items[0].ID] {
				all = append(all, b)
			}
			done[b.items[0].ID] = true
		}
		s.add(sheetPart{Name: v.T("pr.part." + part.key), Table: v.medicineTable("list", all, &n)})
	}
	if n == 0 {
		s.add(sheetPart{Name: v.T("nav.m"), Text: v.nothing("m", medicineTypes)})
	}
	s.add(v.allergyPart())
	s.add(v.alertPart())
	s.add(sheetPart{Name: v.T("pr.signature"), Lines: make([]string, 1)})
	return []sheet{s}, nil
}

// nothing says in a sheet what the page of an empty list says: bounded by who
// was asked.
func (v *view) nothing(what string, types []string) []string {
	var p page
	v.emptyList(&p, what, types...)
	if p.Actions != nil { // nobody is connected: on paper there is nothing to press
		return []string{v.T("empty.unknown", "what", v.T("what."+what)) + " " + v.T("empty.unknown.rest")}
	}
	return []string{strings.TrimSpace(p.Answer + " " + p.Rest)}
}

// medicineHeads are the columns of each kind of table of medicines.
var medicineHeads = map[string][]string{
	"visit": {"nr", "med", "how", "since", "src", "yes"},
	"list":  {"nr", "med", "how", "since", "why", "src", "yes"},
}

// medicineTable has a row for each version of each medicine; nil without any.
// number goes on over the parts of a sheet.
func (v *view) medicineTable(kind string, all []bundle, number *int) *sheetTable {
	if len(all) == 0 {
		return nil
	}
	t := &sheetTable{Kind: kind}
	for _, class := range medicineHeads[kind] {
		text := ""
		if class != "nr" {
			text = v.T("pr.col." + class)
		}
		if kind == "list" && class == "yes" {
			text = v.T("pr.col.use")
		}
		t.Heads = append(t.Heads, cell{Class: class, Text: text})
	}
	for _, b := range all {
		*number++
		t.Rows = append(t.Rows, v.medicineVersions(kind, fmt.Sprint("M", *number), b)...)
	}
	return t
}

// medicineVersions are the rows of one medicine: every version on one of its
// own, which begins with who says it; never one version alone.
func (v *view) medicineVersions(kind, code string, b bundle) []sheetRow {
	var rows []sheetRow
	var told []string
	for i, item := range b.items {
		facts := slices.DeleteFunc(v.useFacts(kind, b, item), func(text string) bool { return slices.Contains(told, text) })
		told = append(told, facts...)
		cells := map[string]cell{
			"how":   {Text: v.howUsedShort(kind, b, item), Lines: facts},
			"since": {Text: v.sinceOf(item)}, "why": {Text: reasonOf(item)},
		}
		if i == 0 {
			cells["nr"] = cell{Text: code}
			cells["med"] = cell{Text: clean(b.title), Flag: v.versionFlag(b)}
			cells["src"] = cell{Text: v.letters(allSpeakers(b.items))}
			cells["yes"] = cell{Tick: true}
		}
		r := sheetRow{More: i > 0}
		for _, class := range medicineHeads[kind] {
			c := cells[class]
			c.Class = class
			r.Cells = append(r.Cells, c)
		}
		rows = append(rows, r)
	}
	return rows
}

// versionFlag is the word in the box after the name.
func (v *view) versionFlag(b bundle) string {
	switch {
	case len(b.items) > 1:
		return v.T("pr.versions", "n", len(b.items))
	case b.differs():
		return v.T("flag.difference")
	}
	return ""
}

// howUsed is how a medicine is used, literally. A version says who says it,
// and what it is called when that is not the name of the row.
func (v *view) howUsed(b bundle, item aggregator.Item) string {
	text := numberUnit.ReplaceAllString(clean(doseOf(item)), "$1"+nbsp+"$2")
	if text == "" {
		text = v.T("pr.no-dose")
	}
	if name := clean(item.Name()); len(b.items) > 1 && name != clean(b.title) {
		text = name + ": " + text
	}
	if len(b.items) > 1 {
		var tags []string
		for _, s := range speakers(item) {
			tags = append(tags, v.tag(s))
		}
		text = v.List(tags) + ": " + text
	}
	return text
}

// howUsedShort writes "3 keer per dag" as "3 × per dag" on the sheet that has
// to be one page; no other word is touched.
func (v *view) howUsedShort(kind string, b bundle, item aggregator.Item) string {
	text := v.howUsed(b, item)
	if kind == "visit" {
		text = timesADay.ReplaceAllString(text, "${1}"+nbsp+"×${2}")
	}
	return text
}

// numberUnit is a number and its unit, which stay on one line.
var numberUnit = regexp.MustCompile(`(\d) (mg|ml|g|mcg|microgram|dagen|days)\b`)

var timesADay = regexp.MustCompile(`(?i)\b(\d+) (?:keer|maal|times|time)( per (?:dag|day|week)\b)`)

// sinceOf is since when a medicine is used.
func (v *view) sinceOf(item aggregator.Item) string {
	if m, ok := item.Value.(*aggregator.Medicine); ok {
		return v.slim(m.Start)
	}
	return ""
}

// reasonOf is what a medicine is for.
func reasonOf(item aggregator.Item) string {
	if m, ok := item.Value.(*aggregator.Medicine); ok {
		return clean(m.Reason)
	}
	return ""
}

// useFacts is what else has to be known of the use: until when, what follows,
// that it was stopped, and where one line holds a difference, which.
func (v *view) useFacts(kind string, b bundle, item aggregator.Item) []string {
	var facts []string
	if item.Section != aggregator.Current {
		facts = append(facts, capital(v.Or("section."+string(item.Section), "")))
	}
	if m, ok := item.Value.(*aggregator.Medicine); ok {
		if !m.End.IsZero() {
			facts = append(facts, v.T("pr.until", "day", v.slim(m.End)))
		}
		facts = append(facts, clean(m.Next))
		if m.Inferred && !m.Last.IsZero() {
			facts = append(facts, capital(v.T("m.inferred", "day", v.slim(m.Last))))
		}
	}
	out := []string{}
	if text := dotted(facts...); text != "" {
		out = append(out, text)
	}
	for _, c := range item.Conflicts {
		if text := clean(c.Text); (kind != "visit" || len(b.items) == 1 && c.IsDifference()) && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	if kind != "visit" {
		out = append(out, cleaned(item.Notes)...)
	}
	return out
}

// cleaned are texts that are fit to be shown, whole.
func cleaned(texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, clean(text))
	}
	return out
}
