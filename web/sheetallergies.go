package web

import (
	"fmt"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
)

// allergyPart is every allergy that counts, also one of which a source is not
// sure. Without any it says who was asked; "no known allergies" of a source
// stands beside what others say and never in its place.
func (v *view) allergyPart() sheetPart {
	p := sheetPart{Name: v.T("nav.a")}
	all := open(v.o.Subject("allergy"))
	found := sections(all, aggregator.Active, aggregator.Unclear)
	if len(found) > 0 {
		p.Table = &sheetTable{Kind: "facts"}
	}
	for i, item := range found {
		p.Table.Rows = append(p.Table.Rows, v.allergyLine(fmt.Sprint("A", i+1), item))
	}
	none := sections(all, aggregator.NoneKnown)
	for _, item := range none {
		p.Aside = append(p.Aside, v.T("pr.none-known", "source", v.List(v.names(speakers(item))), "day", v.When(item.When)))
	}
	switch names := v.unknownAt(allergyTypes); {
	case len(found) == 0 && len(none) == 0:
		p.Text = v.nothing("a", allergyTypes)
	case len(names) > 0:
		p.Aside = append(p.Aside, v.T("a.unknown", "sources", v.List(names)))
	}
	p.Aside = filled(strings.Join(p.Aside, " "))
	return p
}

// allergyLine is one allergy: how grave, what it does, since when, who says so.
func (v *view) allergyLine(code string, item aggregator.Item) sheetRow {
	text, since := clean(item.Detail), v.When(item.When)
	if a, ok := item.Value.(*aggregator.Allergy); ok {
		text, since = allergyText(a), v.slim(a.Since)
		if text == "" {
			text = clean(item.Detail)
		}
	}
	var more []string
	if item.Section == aggregator.Unclear {
		more = append(more, v.T("section.unclear"))
	}
	for _, c := range item.Conflicts {
		more = append(more, clean(c.Text))
	}
	return factRow(cell{Text: code}, cell{Text: clean(item.Name())}, cell{Text: text, Lines: more}, cell{Text: since}, cell{Text: v.letters(speakers(item))})
}

// allergyText is "ernstig: huiduitslag, benauwd".
func allergyText(a *aggregator.Allergy) string {
	text := clean(a.Severity)
	if reactions := clean(strings.Join(a.Reactions, ", ")); reactions != "" {
		text = strings.TrimPrefix(text+": "+reactions, ": ")
	}
	return dotted(text, clean(a.Note))
}

// factRow is a row of five cells: code, name, what, when, and from whom.
func factRow(code, name, what, when, from cell) sheetRow {
	code.Class, name.Class, what.Class, when.Class, from.Class = "nr", "med", "what", "when", "src"
	return sheetRow{Cells: []cell{code, name, what, when, from}}
}

// alertPart is what care providers warn each other for.
func (v *view) alertPart() sheetPart {
	p := sheetPart{Name: v.T("subject.alert")}
	for _, item := range sections(open(v.o.Subject("alert")), aggregator.Active, aggregator.Found) {
		if p.Table == nil {
			p.Table = &sheetTable{Kind: "facts"}
		}
		p.Table.Rows = append(p.Table.Rows, factRow(cell{}, cell{Text: clean(item.Name())}, cell{Text: clean(item.Detail)}, cell{Text: v.slimWhen(item)}, cell{Text: v.letters(speakers(item))}))
	}
	return p
}
