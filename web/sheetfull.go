package web

import (
	"context"
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// coreSubjects are the subjects with a page of their own.
var coreSubjects = [...]string{"medication", "allergy", "lab", "vital", "letter"}

// subjectsWithItems are the subjects of which there is anything to see, in the
// order of the navigation.
func (v *view) subjectsWithItems() []string {
	has := map[string]bool{}
	for _, item := range v.o.Items {
		has[item.Subject] = has[item.Subject] || !isClosed(item)
	}
	var out []string
	for _, subject := range slices.Concat(coreSubjects[:], moreSubjects[:]) {
		if has[subject] {
			out = append(out, subject)
		}
	}
	return out
}

// fullFields ask what of everything is to be printed; all of it is ticked.
func (v *view) fullFields() []printField {
	f := printField{Name: "deel", Kind: fieldTicks, Label: v.T("pr.full.parts"), Hint: v.T("pr.full.parts.hint")}
	for _, subject := range v.subjectsWithItems() {
		f.Options = append(f.Options, printOption{subject, v.subjectName(subject), true})
	}
	return []printField{f, {Name: "vanaf", Kind: fieldDate, Label: v.T("pr.full.from"), Hint: v.T("pr.full.from.hint")}}
}

// fullSheet is everything that the person may see, with who says it and of
// when. A day to begin at leaves out what took place before it, but never a
// medicine or an allergy.
func (v *view) fullSheet(_ context.Context, in typed) ([]sheet, error) {
	s := v.newSheet("full")
	bySubject := map[string][]aggregator.Item{}
	for _, item := range v.o.Items {
		if !isClosed(item) && !tookPlaceBefore(item, in.get("vanaf")) {
			bySubject[item.Subject] = append(bySubject[item.Subject], item)
		}
	}
	if v.o.Items == nil {
		s.add(sheetPart{Name: v.T("pr.part.all"), Text: []string{v.T("empty.first")}})
	}
	for _, subject := range v.subjectsWithItems() {
		if in.on("deel", subject) {
			s.add(sheetPart{Name: v.subjectName(subject), Table: v.fullTable(bySubject[subject])})
		}
	}
	if in.has("vanaf") {
		s.Parts = slices.Insert(s.Parts, 0, sheetPart{Name: v.T("pr.part.all"), Text: []string{v.T("pr.full.only-from", "day", v.When(in.get("vanaf")))}})
	}
	s.add(sheetPart{Name: v.T("pr.part.sources"), Table: v.completenessTable()})
	return []sheet{s}, nil
}

// tookPlaceBefore tells of what happens at one time whether that was before a day.
func tookPlaceBefore(item aggregator.Item, day string) bool {
	switch item.Subject {
	case "lab", "vital", "letter", "encounter", "note", "procedure", "questionnaire":
		return day != "" && item.When != "" && item.When < day
	}
	return false
}

// fullTable has a row for each item; nil without any.
func (v *view) fullTable(items []aggregator.Item) *sheetTable {
	if len(items) == 0 {
		return nil
	}
	t := &sheetTable{Kind: "full"}
	for _, class := range [...]string{"med", "what", "when", "src"} {
		t.Heads = append(t.Heads, cell{Class: class, Text: v.T("pr.full.col." + class)})
	}
	for _, item := range items {
		what := cell{Class: "what", Text: v.fullText(item), Lines: v.fullFacts(item)}
		t.Rows = append(t.Rows, sheetRow{Cells: []cell{
			{Class: "med", Text: clean(item.Name())}, what, {Class: "when", Text: v.slimWhen(item)}, {Class: "src", Text: v.letters(speakers(item))},
		}})
	}
	return t
}

// fullText is what an item says.
func (v *view) fullText(item aggregator.Item) string {
	switch value := item.Value.(type) {
	case *aggregator.Medicine:
		return clean(doseOf(item))
	case *aggregator.Allergy:
		if text := allergyText(value); text != "" {
			return text
		}
	case *aggregator.Result:
		return v.resultText(item)
	case *aggregator.Letter:
		return dotted(clean(value.Kind), clean(value.Author))
	}
	return clean(item.Detail)
}

// fullFacts is where an item stands, what else is known, and each conflict.
func (v *view) fullFacts(item aggregator.Item) []string {
	var out []string
	if m, ok := item.Value.(*aggregator.Medicine); ok {
		section := capital(v.Or("section."+string(item.Section), ""))
		if item.Section == aggregator.Current {
			section = ""
		}
		out = filled(dotted(section, v.medicineFacts(item, m), clean(m.Prescriber)))
	} else if words := v.sectionWords(item.Subject, string(item.Section)); words != "" {
		out = filled(capital(words))
	}
	for _, c := range item.Conflicts {
		if text := clean(c.Text); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return append(out, cleaned(item.Notes)...)
}

// completenessTable tells of each source what it was asked and what came of it.
func (v *view) completenessTable() *sheetTable {
	t := &sheetTable{Kind: "full"}
	for _, c := range v.o.Completeness {
		text := clean(c.Text)
		if text == "" {
			text = v.T("pr.complete")
		}
		var gaps []string
		for _, g := range c.Gaps {
			gaps = append(gaps, clean(g.Text))
		}
		t.Rows = append(t.Rows, sheetRow{Cells: []cell{
			{Class: "med", Text: v.subjectName(c.Subject)},
			{Class: "what", Text: text, Lines: gaps},
			{Class: "when", Text: v.slim(fhir.DateOf(c.Asked))},
			{Class: "src", Text: v.tag(c.Source)},
		}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}
