package web

import (
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// sinces are the moments since which the person can see what changed, beside
// their last visit, by the end of the address.
var sinces = [...]struct {
	name string
	days int // before today
}{{"dag", 0}, {"week", 7}, {"maand", 30}}

// startOf is the beginning of a day of the person, some days before now.
func startOf(now time.Time, days int) time.Time {
	y, m, d := now.In(fhir.Amsterdam()).Date()
	return time.Date(y, m, d-days, 0, 0, 0, 0, fhir.Amsterdam())
}

// since is the moment that an address names: empty is the last visit, or a week
// ago when this is the first.
func (v *view) since(name string) (since time.Time, ok bool) {
	if name == "" {
		if last := v.s.Desk.LastVisit(); !last.IsZero() {
			return last, true
		}
		name = "week"
	}
	for _, s := range sinces {
		if s.name == name {
			return startOf(v.now, s.days), true
		}
	}
	return since, false
}

// changesPage is everything that changed since a moment.
func changesPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	name := r.PathValue("since")
	since, ok := v.since(name)
	if !ok {
		return nil, ErrNotFound
	}
	chosen, ask := v.sinceAsked(r)
	if !chosen.IsZero() {
		since, name = chosen, ask.Day // no tab stands for it
	}
	all, err := v.s.Desk.Changes(r.Context(), since, v.Lang)
	if err != nil {
		return nil, err
	}
	p := &listPage{page: page{
		Title: v.T("title.w"), Here: "/", Crumbs: []link{{v.T("o.h1"), "/"}, {v.T("w.h1"), ""}}, H1: v.T("w.h1"),
		Answer: v.T("w.answer", "n", len(all)), Rest: v.T("w.since", "when", v.Moment(since, v.now)),
	}}
	if len(all) == 0 {
		p.Answer = v.T("w.nothing")
	}
	p.Tabs, p.Since = v.sinceTabs(name), ask
	if ask.Wrong != "" {
		p.Wrong = []wrong{{"dag", ask.Wrong}}
	}
	shown, next := cut(all, r.URL.Query().Get("vanaf"))
	if next > 0 {
		p.Further = &link{v.T("further"), fmt.Sprint(v.path, "?vanaf=", next, ask.rest())}
	}
	said, passed := v.changeRows(shown)
	if len(said) > 0 {
		p.Parts = append(p.Parts, listPart{Heading: v.T("w.list"), Rows: said})
	}
	if len(passed) > 0 {
		p.Parts = append(p.Parts, listPart{Heading: v.T("w.time"), Note: v.T("w.time.note"), Rows: passed})
	}
	return p, nil
}

// sinceTabs are the moments to choose from.
func (v *view) sinceTabs(here string) []tab {
	var tabs []tab
	if !v.s.Desk.LastVisit().IsZero() {
		tabs = append(tabs, tab{Text: v.T("w.last"), Href: "/w", Here: here == ""})
	} else if here == "" {
		here = "week"
	}
	for _, s := range sinces {
		tabs = append(tabs, tab{Text: v.T("w." + s.name), Href: "/w/" + s.name, Here: here == s.name})
	}
	return tabs
}

// changeRows are the rows of changes: what somebody said, and apart from that
// what only the time did.
func (v *view) changeRows(all []aggregator.Change) (said, passed []row) {
	for _, c := range all {
		if c.ByTime {
			passed = append(passed, v.changeRow(c))
			continue
		}
		said = append(said, v.changeRow(c))
	}
	return said, passed
}

// mostFields is how many changed fields a row tells; the page of the item has
// the rest.
const mostFields = 3

// changeRow is what happened to one item.
func (v *view) changeRow(c aggregator.Change) row {
	r := row{
		Name: brief(c.Title), Flags: []flag{{Text: v.T("w.kind." + string(c.Kind))}},
		Soft: dotted(v.subjectName(c.Subject), v.When(c.When), brief(v.List(c.Sources))),
	}
	if item, ok := v.o.Find(c.ID); ok {
		r.Name, r.Href = brief(item.Name()), "/i/"+item.Key()
		if c.Kind == aggregator.ChangedNew && item.Detail != "" {
			r.Lines = append(r.Lines, plain(brief(item.Detail)))
		}
	}
	for _, f := range c.Fields {
		if text := v.fieldChange(c.Subject, f); text != "" && len(r.Lines) < mostFields {
			r.Lines = append(r.Lines, plain(text))
		}
	}
	return r
}

// fieldChange says from what to what a field changed; empty when there are no
// words for it.
func (v *view) fieldChange(subject string, f aggregator.FieldChange) string {
	name := v.fieldName(f.Field)
	before, after := v.fieldText(f.Before), v.fieldText(f.After)
	if f.Field == "section" {
		before, after = v.sectionWords(subject, f.Before), v.sectionWords(subject, f.After)
	}
	switch {
	case before == after, f.Field == "section" && (before == "" || after == ""):
		return "" // the word after the name says it
	case f.Field == "section":
		return v.T("w.section", "before", before, "after", after)
	case f.Field == "conflict" && after != "":
		return after
	case before == "":
		return v.T("w.now", "name", name, "after", after)
	case after == "":
		return v.T("w.before", "name", name, "before", before)
	}
	return v.T("w.field", "name", name, "before", before, "after", after)
}

// fieldText is one side of a change in words.
func (v *view) fieldText(text string) string {
	if d := fhir.ParseDate(text); d.Precision() >= fhir.PrecisionMonth {
		return v.Day(d)
	}
	return brief(text)
}

// sectionWords are the words for a section, which are others for a medicine
// than for what takes place.
func (v *view) sectionWords(subject, section string) string {
	if in := v.Or("w.in."+section, ""); in != "" && subject != "medication" {
		return in
	}
	return v.Or("section."+section, "")
}

// changedPart is what changed, on the first page.
type changedPart struct {
	Since string
	Rows  []briefChange
	All   link
}

// briefChange is a change on one line; its page has the rest.
type briefChange struct {
	Kind, Name, Href, Text, Soft string
}

const (
	mostChanges = 5  // that the first page tells
	mostBrief   = 60 // characters of what a line of them says
)

// changed is what changed since the last visit; nil when there was none, for
// then everything is new.
func (v *view) changed(r *http.Request) (*changedPart, error) {
	since := v.s.Desk.LastVisit()
	if since.IsZero() {
		return nil, nil
	}
	all, err := v.s.Desk.Changes(r.Context(), since, v.Lang)
	if err != nil {
		return nil, err
	}
	p := &changedPart{Since: v.T("w.since-last", "when", v.Moment(since, v.now)), All: link{v.T("w.all", "n", len(all)), "/w"}}
	if len(all) == 0 {
		p.Since, p.All.Text = v.T("w.nothing")+" "+p.Since, v.T("w.longer")
	}
	for _, c := range all[:min(len(all), mostChanges)] {
		p.Rows = append(p.Rows, v.briefly(c))
	}
	return p, nil
}

// briefly is a change on one line: what happened to what, and who says so.
func (v *view) briefly(c aggregator.Change) briefChange {
	b := briefChange{
		Kind: v.T("w.kind." + string(c.Kind)), Name: brief(c.Title), Soft: dotted(brief(v.List(c.Sources)), v.When(c.When)),
	}
	if item, ok := v.o.Find(c.ID); ok {
		b.Name, b.Href = brief(item.Name()), "/i/"+item.Key()
	}
	if text := v.changeText(c); utf8.RuneCountInString(text) <= mostBrief {
		b.Text = text
	}
	if c.ByTime {
		b.Soft = v.T("w.time.brief")
	}
	return b
}
