package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// timelinePath is where everything stands in the order in which it happened.
const timelinePath = "/t"

// timelinePage lists everything with a date, newest first, by month. What is
// closed is not in it: its place between the others would tell of it.
func timelinePage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p := &listPage{page: page{Title: v.T("title.o"), Here: "/", H1: v.T("tl.h1"), Crumbs: []link{{v.T("o.h1"), "/"}, {v.T("tl.h1"), ""}}}}
	all := v.dated()
	p.Answer = v.T("tl.answer", "n", len(all))
	if len(all) > 0 {
		p.Rest = v.T("tl.from", "first", v.monthOf(whenOf(all[len(all)-1])), "last", v.monthOf(whenOf(all[0])))
	} else {
		p.Actions = []action{{Text: v.T("o.incomplete.see"), Href: "/z/volledig", Look: "other"}}
	}
	v.addClosed(p)
	wanted := v.narrowYears(p, r, all)
	shown, next := cutTo(wanted, startAt(r), mostRows)
	if next > 0 {
		p.Further = v.furtherTo(r, next, len(wanted)-next)
	}
	v.byMonth(p, shown, whenOf, v.timelineRow)
	return p, nil
}

// dated are the items that have a date, newest first. Who gets them does not
// change them.
func (v *view) dated() []aggregator.Item {
	return v.s.made.list(v.o, "dated", func() []aggregator.Item {
		type place struct { // items are large and a life has many: dates are read once, and places are sorted
			at fhir.Date
			i  int
		}
		var places []place
		for i := range v.o.Items {
			item := &v.o.Items[i]
			if at := whenOf(*item); !at.IsZero() && !isClosed(*item) && item.Subject != "person" && item.Subject != "provider" {
				places = append(places, place{at, i})
			}
		}
		slices.SortStableFunc(places, func(a, b place) int {
			return cmp.Or(b.at.Compare(a.at), strings.Compare(v.o.Items[a.i].ID, v.o.Items[b.i].ID))
		})
		out := make([]aggregator.Item, len(places))
		for to, p := range places {
			out[to] = v.o.Items[p.i]
		}
		return out
	})
}

// whenOf is when something was, as its list says it.
func whenOf(item aggregator.Item) fhir.Date {
	if _, ok := item.Value.(*aggregator.Letter); ok {
		return letterDate(item)
	}
	return fhir.ParseDate(item.When)
}

// timelineRow is one thing: what it is, of which subject, and on which day.
func (v *view) timelineRow(item aggregator.Item) row {
	r := v.row(item)
	r.Soft, r.Actions = dotted(v.subjectName(item.Subject), v.Day(whenOf(item))), nil
	return r
}

// monthOf is the month of a date, or its year when no more is known.
func (v *view) monthOf(d fhir.Date) string {
	t := d.Low().In(fhir.Amsterdam())
	switch {
	case d.IsZero():
		return v.T("b.undated")
	case d.Precision() == fhir.PrecisionYear:
		return t.Format("2006")
	}
	return v.month("months", t.Month()) + nbsp + t.Format("2006")
}

// byMonth adds a part for each month.
func (v *view) byMonth(p *listPage, items []aggregator.Item, when func(aggregator.Item) fhir.Date, make func(aggregator.Item) row) {
	month := "-"
	for _, item := range items {
		if name := v.monthOf(when(item)); name != month {
			month = name
			p.Parts = append(p.Parts, listPart{Heading: name})
		}
		part := &p.Parts[len(p.Parts)-1]
		part.Rows = append(part.Rows, make(item))
	}
}

// narrowYears leaves what was in one year.
func (v *view) narrowYears(p *listPage, r *http.Request, all []aggregator.Item) []aggregator.Item {
	firsts := v.s.made.list(v.o, "years", func() []aggregator.Item {
		return slices.CompactFunc(slices.Clone(all), func(a, b aggregator.Item) bool { return yearOf(whenOf(a)) == yearOf(whenOf(b)) })
	})
	n := &narrow{Action: v.path}
	var years []logOption
	for _, item := range firsts {
		years = append(years, logOption{Value: yearOf(whenOf(item)), Text: yearOf(whenOf(item))})
	}
	v.offer(n, r, byYear, years)
	shown := all
	if year := chosenIn(r, byYear); n.Chosen { // they stand in order
		from, _ := slices.BinarySearchFunc(all, year, func(item aggregator.Item, year string) int { return strings.Compare(year, yearOf(whenOf(item))) })
		to := from
		for to < len(all) && yearOf(whenOf(all[to])) == year {
			to++
		}
		shown = all[from:to]
	}
	p.Narrow = v.beyond(n, len(all), len(shown))
	return shown
}
