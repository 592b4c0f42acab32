package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// bunch is what stands on one row of closed results: those of one kind, from
// the same care providers, of one day, for which the same was chosen. Blood is
// taken once and gives twenty results; that is one choice and not twenty.
type bunch struct {
	aggregator.Closed
	subject string
	sources []string
	day     string
	items   []aggregator.Item
}

// seal is the closed result: a solid bar that says who, what kind and when.
type seal struct {
	Who, Kind, Day string
	Count          string // empty for one
}

// closedOf is what may be known of an item that is closed.
func closedOf(item aggregator.Item) aggregator.Closed {
	if c, ok := item.Value.(*aggregator.Closed); ok {
		return *c
	}
	return aggregator.Closed{Kind: aggregator.KindReport}
}

// bunchOf is the bunch of one item alone.
func bunchOf(item aggregator.Item) bunch {
	return bunch{
		Closed: closedOf(item), subject: item.Subject, sources: speakers(item),
		day: fhir.ParseDate(item.When).Day(), items: []aggregator.Item{item},
	}
}

// like tells whether two bunches stand on one row.
func (b bunch) like(other bunch) bool {
	return b.Kind == other.Kind && b.subject == other.subject && b.day == other.day && slices.Equal(b.sources, other.sources) &&
		b.Never == other.Never && lastDay(b.Opens) == lastDay(other.Opens)
}

// add puts another one on the row. What is said of the row holds for all of it.
func (b *bunch) add(other bunch) {
	b.items = append(b.items, other.items...)
	if other.Issued.After(b.Issued) {
		b.Issued = other.Issued
	}
	if other.Opens.After(b.Opens) {
		b.Opens = other.Opens
	}
}

// asks tells whether the person has not chosen yet.
func (b bunch) asks() bool { return !b.Never && b.Opens.IsZero() }

// href is where the person chooses for all of the row.
func (b bunch) href() string {
	if len(b.items) == 1 {
		return "/k/" + b.items[0].Key()
	}
	return "/k/" + b.items[0].Key() + "/samen"
}

// what is the end of the words for it: results or letters.
func (b bunch) what() string {
	if b.subject == "letter" {
		return "b"
	}
	return "u"
}

// lastDay is the last day on which something that opens then is closed, as
// "2025-05-21"; empty for no moment.
func lastDay(opens time.Time) string {
	if opens.IsZero() {
		return ""
	}
	return opens.Add(-time.Nanosecond).In(fhir.Amsterdam()).Format(time.DateOnly)
}

// firstDay is the day on which something that opens then can be seen.
func firstDay(opens time.Time) string { return fhir.DateOf(opens.Add(time.Second)).Day() }

// isClosed tells whether the person does not see the item yet.
func isClosed(item aggregator.Item) bool { return item.Section == aggregator.Gated }

// bunches are the rows of what is closed, those that ask for a choice first;
// without names those of every subject.
func (v *view) bunches(subjects ...string) []bunch {
	var out []bunch
	for i := range v.o.Items { // items are large and many: they are looked at where they are
		item := &v.o.Items[i]
		if item.Section != aggregator.Gated || len(subjects) > 0 && !slices.Contains(subjects, item.Subject) {
			continue
		}
		one := bunchOf(*item)
		if i := slices.IndexFunc(out, one.like); i >= 0 {
			out[i].add(one)
			continue
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b bunch) int {
		switch {
		case a.asks() == b.asks():
			return strings.Compare(b.day, a.day)
		case a.asks():
			return -1
		}
		return 1
	})
	return out
}

// asking gives the rows that ask for a choice, and how many results they are.
func asking(all []bunch) (rows []bunch, n int) {
	for _, b := range all {
		if b.asks() {
			rows = append(rows, b)
			n += len(b.items)
		}
	}
	return rows, n
}

// size is how many results the rows are.
func size(all []bunch) int {
	n := 0
	for _, b := range all {
		n += len(b.items)
	}
	return n
}

// seal is the bar of a bunch.
func (v *view) seal(b bunch) *seal {
	s := &seal{Who: v.List(v.names(b.sources)), Kind: v.T("k.kind." + b.Kind), Day: v.When(b.day)}
	if s.Day == "" {
		s.Day = v.T("undated")
	}
	if n := len(b.items); n > 1 {
		s.Count = v.T("k.count."+b.what(), "n", n)
	}
	return s
}

// closedRow is a row of a list with something closed on it.
func (v *view) closedRow(b bunch) row {
	s := v.seal(b)
	r := row{Seal: s, Bars: newBars(hollow(b.sources)), Soft: v.chosen(b)}
	text := v.T("k.choose")
	if !b.asks() {
		text = v.T("k.change")
	}
	r.Actions = []action{{Text: text, About: dotted(s.Who, s.Kind, s.Day), Href: b.href(), Look: "other"}}
	return r
}

// hollow has one bar for each source: not looked at yet.
func hollow(sources []string) []bar {
	out := make([]bar, len(sources))
	for i := range out {
		out[i].Hollow = true
	}
	return out
}

// chosen is what the person chose; empty when that is still to come.
func (v *view) chosen(b bunch) string {
	switch {
	case b.Never:
		return v.T("k.never")
	case b.Opens.IsZero():
		return ""
	}
	return v.T("k.until", "day", v.When(firstDay(b.Opens)))
}

// mostClosed is how many closed rows a list shows before it sends the person
// to the page where all of them are.
const mostClosed = 5

// addClosed puts what is closed of the subjects at the head of a list. What the
// person has chosen for already is a link away.
func (v *view) addClosed(p *listPage, subjects ...string) {
	all := v.bunches(subjects...)
	if len(all) == 0 {
		return
	}
	rows, n := asking(all)
	part := listPart{Heading: v.T("k.shut."+all[0].what(), "n", size(all)), Note: v.T("k.shut.yours")}
	if n > 0 {
		part.Heading, part.Note = v.T("k.new."+all[0].what(), "n", n), v.T("k.yours")
	}
	for _, b := range rows[:min(len(rows), mostClosed)] {
		part.Rows = append(part.Rows, v.closedRow(b))
	}
	if len(part.Rows) < len(all) {
		part.Links = []link{{v.T("k.all"), "/k"}}
	}
	p.Parts = append(p.Parts, part)
}

// onlyClosed is the answer of a list in which everything is closed; false when
// nothing is. What is closed stands at the head of the list already.
func (v *view) onlyClosed(p *listPage, subjects ...string) bool {
	all := v.bunches(subjects...)
	if len(all) == 0 {
		return false
	}
	p.Parts[0].Note = ""
	p.Answer, p.Rest = v.T("k.only."+all[0].what(), "n", size(all)), v.T("k.yours")
	return true
}

// closedTodo are the rows among what waits for the person: results and letters
// for which there is nothing chosen yet.
func (v *view) closedTodo() []row {
	var letters, results []bunch
	waiting, _ := asking(v.bunches())
	for _, b := range waiting {
		if b.what() == "b" {
			letters = append(letters, b)
		} else {
			results = append(results, b)
		}
	}
	var out []row
	for _, all := range [...][]bunch{results, letters} {
		if len(all) == 0 {
			continue
		}
		href := "/k"
		if len(all) == 1 {
			href = all[0].href()
		}
		name := v.T("k.new."+all[0].what(), "n", size(all))
		out = append(out, row{
			Name: name, Bars: newBars(hollow(all[0].sources)), Lines: []line{plain(v.T("k.yours"))},
			Actions: []action{{Text: v.T("k.choose"), About: name, Href: href, Look: "other"}},
		})
	}
	return out
}

// unseen says of a figure of the overview how much of it is closed.
func (v *view) unseen(subjects ...string) string {
	if n := size(v.bunches(subjects...)); n > 0 {
		return v.T("k.unseen", "n", n)
	}
	return ""
}

// saved is what a list says after a choice was kept.
func (v *view) saved(r *http.Request) string {
	if r.URL.Query().Has("ok") {
		return v.T("k.saved")
	}
	return ""
}

// closedPage lists everything that is closed.
func closedPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p := &listPage{page: page{Title: v.T("title.item"), Here: "/u", H1: v.T("k.h1"), Crumbs: []link{{v.T("nav.u"), "/u"}, {v.T("k.h1"), ""}}}}
	all := v.bunches()
	_, n := asking(all)
	p.Answer, p.Rest = v.T("k.asking", "n", n), v.T("k.yours")
	if n == 0 {
		p.Answer, p.Rest = v.T("k.nothing"), ""
	}
	shown, next := cut(all, r.URL.Query().Get("vanaf"))
	for _, b := range shown {
		heading := v.T("k.part.new")
		if !b.asks() {
			heading = v.T("k.part.shut")
		}
		if len(p.Parts) == 0 || p.Parts[len(p.Parts)-1].Heading != heading {
			p.Parts = append(p.Parts, listPart{Heading: heading})
		}
		part := &p.Parts[len(p.Parts)-1]
		part.Rows = append(part.Rows, v.closedRow(b))
	}
	if next > 0 {
		p.Further = &link{v.T("further"), fmt.Sprint("/k?vanaf=", next)}
	}
	return p, nil
}
