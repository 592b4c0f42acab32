package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// resultTypes are the resource types a list of results is made of.
var resultTypes = append([]string{"Observation"}, examinationTypes...)

// resultsPage lists series of results, laboratory first, each with its latest
// value on a number line.
func resultsPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p := &listPage{page: page{Title: v.T("title.u"), Here: "/u", H1: v.T("nav.u")}, Saved: v.saved(r)}
	v.addClosed(p, "lab", "vital", "procedure")
	lab := v.seriesOf("lab")
	vital := v.seriesOf("vital")
	targets, err := v.s.Desk.Targets(r.Context())
	if err != nil {
		return nil, err
	}
	disputes := v.newestDisputes()
	one := func(series []aggregator.Item) row { return v.seriesRow(series, targets, disputes) }
	mark := func(series []aggregator.Item) bool { return marksSeries(series, disputes) }
	history, examinations := v.history(), v.examinations()
	v.addResults(p, r, []resultPart{
		{"lab", len(lab), func() []row { return rowsLater(lab, one, mark) }},
		{"vital", len(vital), func() []row { return rowsLater(vital, one, mark) }},
		{"exam", len(examinations), func() []row { return rowsLater(examinations, v.datedRow, marks) }},
		{"history", len(history), func() []row { return rowsLater(history, v.datedRow, marks) }},
	})
	p.fit(v, r, mostSeries)
	p.Where = v.where(resultTypes...)
	if n := len(lab) + len(vital); n > 0 {
		p.Answer, p.Rest = v.T("u.answer", "n", n), v.latest("u.latest", v.voices())
	} else if n := len(examinations); n > 0 {
		p.Answer, p.Rest = v.T("u.exams", "n", n), v.latest("u.latest", examinations)
	} else if !v.onlyClosed(p, "lab", "vital", "procedure") {
		v.emptyList(&p.page, "u", resultTypes...)
	}
	p.Actions = append(p.Actions, action{Text: v.T("u.add"), Href: "/e", Look: "other"}, action{Text: v.T("pr.h1"), Href: "/p", Look: "other"})
	return p, nil
}

// series gives every series of results, each oldest first.
func (v *view) series() [][]aggregator.Item {
	return slices.Concat(v.seriesOf("lab"), v.seriesOf("vital"))
}

// seriesOf gives the series of a subject, in the order of the overview. A
// result without a group is a series of its own.
func (v *view) seriesOf(subject string) [][]aggregator.Item {
	return v.s.made.seriesOf(v.o, subject, func() [][]aggregator.Item { return v.makeSeries(subject) })
}

func (v *view) makeSeries(subject string) [][]aggregator.Item {
	var order []string
	byGroup := map[string][]aggregator.Item{}
	for _, item := range v.o.Subject(subject) {
		if item.Section == aggregator.History || isClosed(item) {
			continue
		}
		key := seriesKey(item)
		if _, ok := byGroup[key]; !ok {
			order = append(order, key)
		}
		byGroup[key] = append(byGroup[key], item)
	}
	var out [][]aggregator.Item
	for _, key := range order {
		out = append(out, byTime(byGroup[key]))
	}
	return out
}

// byTime sorts results oldest first.
func byTime(items []aggregator.Item) []aggregator.Item {
	// Items are large and a life has many: their places are sorted, by moments
	// that are read once.
	type place struct {
		at fhir.Date
		id string
		i  int
	}
	places := make([]place, len(items))
	for i, item := range items {
		places[i] = place{resultOf(item).At, item.ID, i}
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.id, b.id)) })
	out := make([]aggregator.Item, len(items))
	for to, p := range places {
		out[to] = items[p.i]
	}
	return out
}

// resultOf is the typed value of a result; for an item without one, its text.
func resultOf(item aggregator.Item) *aggregator.Result {
	if r, ok := item.Value.(*aggregator.Result); ok {
		return r
	}
	return &aggregator.Result{Name: item.Name(), Text: item.Detail}
}

// voices are those of all series. Who gets them does not change them.
func (v *view) voices() []aggregator.Item {
	series := v.series()
	return v.s.made.list(v.o, "voices", func() []aggregator.Item { return voices(series) })
}

// voices are of all series the newest of each, and the first in which a source
// speaks: enough to tell how new they are and who speaks in them.
func voices(series [][]aggregator.Item) []aggregator.Item {
	var out []aggregator.Item
	seen := map[string]bool{}
	for _, one := range series {
		for i := range one {
			news := i == len(one)-1
			for _, s := range speakers(one[i]) {
				news, seen[s] = news || !seen[s], true
			}
			if news {
				out = append(out, one[i])
			}
		}
	}
	return out
}

// headline is the result that speaks for a series: the latest final one, or
// the latest of all when none is final.
func headline(series []aggregator.Item) aggregator.Item {
	for _, item := range slices.Backward(series) {
		if !preliminary(resultOf(item)) {
			return item
		}
	}
	return series[len(series)-1]
}

// preliminary tells whether a result can still change.
func preliminary(r *aggregator.Result) bool {
	return r.Status == "preliminary" || r.Status == "registered"
}

// marksSeries tells whether the row of a series has a mark.
func marksSeries(series []aggregator.Item, disputes map[string]bundle) bool {
	item := headline(series)
	_, differs := disputes[seriesKey(item)]
	return differs || marks(item)
}

// seriesRow is a series, by the result that speaks for it, with what the person
// should reach.
func (v *view) seriesRow(series []aggregator.Item, targets []aggregator.Target, disputes map[string]bundle) row {
	item := headline(series)
	r := resultOf(item)
	target, targeted := targetAmong(targets, r)
	out := row{
		Name: brief(resultName(item)), Href: "/u/" + item.Key(), Flags: v.flags(item),
		Bars: newBars(allBars(series)), Chips: v.chips(allSpeakers(series)), Line: v.numberLine(r, v.goalsOf(target)...),
	}
	l := plain(brief(r.Text))
	l.Own = item.Own()
	out.Lines = []line{l}
	if words := v.flagWords(r); words != "" {
		out.Lines = append(out.Lines, plain(words))
	}
	v.putBeside(&out, item, disputes)
	if targeted {
		own := plain(v.T("u.target", "target", v.targetText(target)))
		own.Own = true
		out.Lines = append(out.Lines, own)
	}
	if preliminary(r) {
		out.Flags = append(out.Flags, flag{v.T("u.preliminary"), ""})
	}
	out.Soft = dotted(v.Day(r.At), v.T("u.count", "n", len(series)))
	return out
}

// resultName is the name of what was measured.
func resultName(item aggregator.Item) string {
	if r := resultOf(item); r.Name != "" {
		return r.Name
	}
	return item.Name()
}

// allSpeakers are the sources that speak in any of the items.
func allSpeakers(items []aggregator.Item) []string {
	var out []string
	for _, item := range items {
		for _, s := range speakers(item) {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

// flagWords says where a result lies, and who says so: the laboratory, or this
// app from the laboratory's own range.
func (v *view) flagWords(r *aggregator.Result) string {
	if r.Flag == "" {
		return ""
	}
	if r.Computed || r.Flag == aggregator.Within {
		return v.T("u.flag."+string(r.Flag)) + v.rangeWords(r)
	}
	return v.T("u.said."+string(r.Flag)) + v.rangeWords(r)
}

// rangeWords are the reference values in brackets.
func (v *view) rangeWords(r *aggregator.Result) string {
	if text := v.rangeText(r); text != "" {
		return " (" + text + ")"
	}
	return ""
}

// rangeText writes the reference values of a result: "60–110", "onder 64".
func (v *view) rangeText(r *aggregator.Result) string {
	low, high := v.Number(r.Low.Value), v.Number(r.High.Value)
	switch {
	case low != "" && high != "":
		return low + "–" + high
	case high != "":
		return v.T("u.below") + nbsp + high
	case low != "":
		return v.T("u.above") + nbsp + low
	}
	return brief(r.RangeText)
}
