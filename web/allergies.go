package web

import (
	"net/http"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// allergyTypes are the resource types a list of allergies is made of.
var allergyTypes = []string{"AllergyIntolerance"}

// allergiesPage lists allergies by gravity. "No known allergies" of one source
// never hides what another says, and is printed with who said it and when. The
// gravest are on the first page, and that page says what is on the next.
func allergiesPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p := &listPage{page: page{Title: v.T("title.a"), Here: "/a", H1: v.T("nav.a")}}
	all := v.o.Subject("allergy")
	active := v.within(all, in(aggregator.Active))
	none := sections(all, aggregator.NoneKnown)
	v.allergiesAnswer(p, active, none, all)

	high, rest := splitHigh(active)
	p.addPart(v.T("a.high"), v.bundleRows(high))
	if len(high) > 0 {
		p.addPart(v.T("a.rest"), v.bundleRows(rest))
	} else {
		p.addPart("", v.bundleRows(rest))
	}
	p.addPart(v.T("a.none"), v.rows(none))
	p.addPart("", v.rows(sections(all, aggregator.Unclear)))
	p.addPart(v.T("a.inactive"), v.bundleRows(v.within(all, in(aggregator.Inactive))))
	p.addPart(v.T("a.refuted"), v.bundleRows(v.within(all, in(aggregator.Refuted))))
	p.addPart(v.T("a.alerts"), v.rows(sections(v.o.Subject("alert"), aggregator.Found, aggregator.Active)))
	p.fit(v, r, mostAllergies)
	p.Where = v.where(allergyTypes...)
	return p, nil
}

// addPart adds a part of the list, unless there is nothing in it.
func (p *listPage) addPart(heading string, rows []row) {
	if len(rows) > 0 {
		p.Parts = append(p.Parts, listPart{Heading: heading, Rows: rows})
	}
}

// allergiesAnswer is the headline: never "none" without who says so and when.
func (v *view) allergiesAnswer(p *listPage, active []bundle, none, all []aggregator.Item) {
	switch {
	case len(active) > 0:
		p.Answer = v.T("a.answer", "n", len(bundled(active)))
		if names := v.unknownAt(allergyTypes); len(names) > 0 {
			p.Rest = v.T("a.unknown", "sources", v.List(names))
		}
	case len(none) > 0:
		p.Answer = v.T("a.nothing", "source", v.List(v.names(speakers(none[0]))))
		p.Rest = v.When(none[0].When)
	case len(all) == 0:
		v.emptyList(&p.page, "a", allergyTypes...)
		return
	case len(sections(all, aggregator.Unclear)) == len(all): // sources that say they do not know
		p.Answer, p.Rest = v.T("empty.unknown", "what", v.T("what.a")), v.T("empty.unknown.rest")
	default:
		p.Answer = v.T("a.answer", "n", 0)
	}
	p.Actions = []action{{Text: v.T("e.self"), Href: "/e/" + kindNumber(OwnAllergy), Look: "other"}}
}

// unknownAt names the sources that gave nothing of these types: what they know
// is unknown, which is not the same as none.
func (v *view) unknownAt(types []string) []string {
	var out []string
	for _, source := range v.sources() {
		if got, _ := v.outcomes(source, types); len(got) > 0 && !got[fhir.OK] {
			out = append(out, v.provider(source))
		}
	}
	return out
}

// splitHigh puts what any source calls a high risk first, with what it belongs to.
func splitHigh(all []bundle) (high, rest []bundle) {
	for _, b := range all {
		grave := false
		for _, item := range b.items {
			a, ok := item.Value.(*aggregator.Allergy)
			grave = grave || ok && a.High
		}
		if grave {
			high = append(high, b)
		} else {
			rest = append(rest, b)
		}
	}
	return high, rest
}

// bundleRows: items that may belong together stand one after the other, each on
// a row of its own: a class and a member of it are two things.
func (v *view) bundleRows(all []bundle) []row {
	var out []row
	for _, b := range all {
		for _, item := range b.items {
			r := v.allergyRow(item)
			if len(b.items) > 1 && b.text != "" {
				r.Soft = dotted(r.Soft, brief(b.text))
			}
			out = append(out, r)
		}
	}
	return out
}

// allergyRow is one allergy: what it is, how certain, and what it does.
func (v *view) allergyRow(item aggregator.Item) row {
	r := v.row(item)
	a, ok := item.Value.(*aggregator.Allergy)
	if !ok {
		return r
	}
	if a.Verification != "" {
		r.Flags = append(r.Flags, flag{brief(a.Verification), ""})
	}
	var reactions string
	if len(a.Reactions) > 0 {
		reactions = v.T("a.reaction", "what", brief(strings.Join(a.Reactions, ", ")))
	}
	since := ""
	if !a.Since.IsZero() {
		since = v.T("m.since", "day", v.Day(a.Since))
	}
	l := plain(dotted(brief(a.Category), brief(a.Severity), reactions))
	l.Own = item.Own()
	if text := l.Spans[0].Text; text != "" {
		r.Lines = append([]line{l}, r.Lines[min(len(r.Lines), detailLines(item)):]...)
	}
	r.Soft = capital(dotted(since, brief(a.Note)))
	return r
}

// detailLines is how many lines of a row came from the detail, which the typed
// value says better.
func detailLines(item aggregator.Item) int {
	if item.Detail == "" {
		return 0
	}
	return 1
}

// rows makes a row of each item, with its date.
func (v *view) rows(items []aggregator.Item) []row {
	var out []row
	for _, item := range items {
		out = append(out, v.datedRow(item))
	}
	return out
}

// datedRow is the row of an item with its date.
func (v *view) datedRow(item aggregator.Item) row {
	r := v.row(item)
	if r.Seal == nil {
		r.Soft = v.When(item.When)
	}
	return r
}
