package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
)

// seriesPage is one result among the others of its series.
type seriesPage struct {
	page
	Line    *numberLine
	NoRange string
	Facts   string
	Term    *term
	Remarks []string
	Tabs    []tab
	Charts  []*chart
	Fewer   string // said with the narrow drawing
	Key     []keyEntry
	See     []string
	Ranged  bool // any of the results has a range
	Table   []tableRow
	Unit    string
	Links   []link
}

func (*seriesPage) template() string { return "series" }

// keyEntry explains one sign of the chart.
type keyEntry struct {
	Text, D, Class string
	Range          bool
	Hatch          string
}

// tableRow is one result in the table beside the chart, which says the same.
type tableRow struct {
	Day, Status, Old, Value, Range, Lab string
	Strong, Own                         bool
	Href                                string
}

// resultPage shows one result on a number line, and its series in a chart and in a
// table that says the same.
func resultPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	item, err := v.find(r.PathValue("key"))
	if err != nil {
		return nil, err
	}
	if item.Subject != "lab" && item.Subject != "vital" {
		return nil, ErrNotFound
	}
	res := resultOf(item)
	all := v.seriesWith(item)
	p := &seriesPage{page: page{
		Title: v.T("title.item"), Here: "/u", Crumbs: []link{{v.T("nav.u"), "/u"}, {v.T("u." + item.Subject), ""}},
		H1: brief(resultName(item)),
	}}
	v.resultAnswer(p, item, res)
	p.Unit = unitOf(res)
	shown := v.years(p, item, all, r.URL.Query().Get("j"))
	v.draw(p, shown)
	v.describe(p, item, all)
	p.Table = v.table(all, p.Unit)
	p.Ranged = slices.ContainsFunc(p.Table, func(r tableRow) bool { return r.Range != "" })
	p.Term = v.explained(item)
	p.Links = []link{{v.T("i.all"), "/i/" + item.Key()}}
	return p, nil
}

// seriesWith is the series that an item belongs to, oldest first.
func (v *view) seriesWith(item aggregator.Item) []aggregator.Item {
	var all []aggregator.Item
	for _, other := range v.o.InGroup(item.Group) {
		if other.Section != aggregator.History && other.Subject == item.Subject {
			all = append(all, other)
		}
	}
	if len(all) == 0 {
		all = []aggregator.Item{item}
	}
	return byTime(all)
}

// resultAnswer says the value and where it lies in the range of its own
// laboratory; never whether that is good.
func (v *view) resultAnswer(p *seriesPage, item aggregator.Item, r *aggregator.Result) {
	p.Answer = v.T("u.is", "name", brief(resultName(item)), "value", brief(r.Text))
	if r.Text == "" {
		p.Answer = v.T("u.is-empty", "name", brief(resultName(item)))
	}
	switch {
	case r.Own:
		p.Rest = v.T("u.own")
	case r.Flag != "":
		p.Rest = v.T("u.that." + string(r.Flag))
	default:
		p.NoRange = v.T("u.no-range")
	}
	p.Line = v.numberLine(r)
	rangeText := ""
	if text := v.rangeText(r); text != "" {
		rangeText = v.T("u.range", "range", text)
	}
	p.Facts = dotted(v.Day(r.At), labName(v, item, r), rangeText, v.statusWord(r), v.saidBy(r))
	if r.Requester != "" {
		p.Remarks = append(p.Remarks, v.T("u.requester", "who", brief(r.Requester)))
	}
	p.Remarks = append(p.Remarks, v.conflicts([]aggregator.Item{item})...)
	if r.Note != "" {
		p.Remarks = append(p.Remarks, brief(r.Note))
	}
}

// saidBy tells when it was not the laboratory that compared the result with
// its range, but this app.
func (v *view) saidBy(r *aggregator.Result) string {
	if r.Computed {
		return v.T("u.computed")
	}
	return ""
}

// labName is who measured it; the source when nobody is named.
func labName(v *view, item aggregator.Item, r *aggregator.Result) string {
	switch {
	case r.Own:
		return v.T("self")
	case r.Lab != "":
		return brief(r.Lab)
	}
	return v.List(v.names(speakers(item)))
}

// statusWord is the status of a result in words; own measurements have none.
func (v *view) statusWord(r *aggregator.Result) string {
	if r.Own {
		return ""
	}
	return v.Or("status."+r.Status, "")
}

// years are the tabs of a series that goes back further than a year.
func (v *view) years(p *seriesPage, item aggregator.Item, all []aggregator.Item, choice string) []aggregator.Item {
	first := resultOf(all[0]).At
	if first.IsZero() || v.now.AddDate(-1, 0, 0).Before(first.Low()) {
		return all
	}
	shown := all
	for _, t := range [...]struct {
		id    string
		years int
	}{{"1", 1}, {"5", 5}, {"", 0}} {
		if t.years > 1 && v.now.AddDate(-t.years, 0, 0).Before(first.Low()) {
			continue
		}
		href := "/u/" + item.Key()
		if t.id != "" {
			href += "?j=" + t.id
		}
		p.Tabs = append(p.Tabs, tab{Text: v.T("u.years." + t.id), Href: href, Here: t.id == choice})
		if t.id == choice && t.years > 0 {
			since := v.now.AddDate(-t.years, 0, 0)
			shown = slices.DeleteFunc(slices.Clone(all), func(i aggregator.Item) bool { return resultOf(i).At.Low().Before(since) })
		}
	}
	return shown
}

// unitOf is the unit of a result; of a blood pressure that of its two numbers.
func unitOf(r *aggregator.Result) string {
	if !r.Systolic.IsZero() {
		return r.Systolic.Symbol()
	}
	return r.Quantity.Symbol()
}

// draw makes the two drawings of the results that can be compared exactly.
func (v *view) draw(p *seriesPage, shown []aggregator.Item) {
	points, labs := v.points(shown, p.Unit)
	if len(points) < 2 {
		return
	}
	p.Charts = []*chart{v.newChart(points, p.Unit, wideLayout), v.newChart(points, p.Unit, narrowLayout)}
	if n := len(points); n > narrowLayout.most {
		p.Fewer = v.T("u.fewer", "some", narrowLayout.most, "all", n)
	}
	p.Key = v.chartKey(points, labs)
}

// points gives the results of a series that have a number in this unit, and
// who measured them.
func (v *view) points(items []aggregator.Item, unit string) (points []point, labs []string) {
	for _, item := range items {
		r := resultOf(item)
		pt, ok := v.pointOf(r)
		if !ok || !r.Plottable || r.At.IsZero() || unitOf(r) != unit {
			continue
		}
		pt.LabName = labName(v, item, r)
		if !slices.Contains(labs, pt.LabName) {
			labs = append(labs, pt.LabName)
		}
		pt.Lab = slices.Index(labs, pt.LabName)
		points = append(points, pt)
	}
	return points, labs
}

// pointOf makes a point of a result. One with a comparator is not a number: "<5" is
// in the table only.
func (v *view) pointOf(r *aggregator.Result) (point, bool) {
	p := point{At: r.At, Preliminary: preliminary(r), Own: r.Own}
	p.Low, p.HasLow = number(r.Low)
	p.High, p.HasHigh = number(r.High)
	if !r.Systolic.IsZero() && !r.Diastolic.IsZero() {
		var one, two bool
		p.Value, one = number(r.Systolic)
		p.Second, two = number(r.Diastolic)
		p.Text, p.SecondText, p.hasSecondary = v.Number(r.Systolic.Value), v.Number(r.Diastolic.Value), true
		return p, one && two
	}
	var ok bool
	p.Value, ok = number(r.Quantity)
	p.Text = v.Number(r.Quantity.Value)
	return p, ok && r.Quantity.Comparator == ""
}

// chartKey explains only the signs that occur.
func (v *view) chartKey(points []point, labs []string) []keyEntry {
	var out []keyEntry
	var own, early bool
	ranged := map[int]bool{}
	for _, p := range points {
		own, early = own || p.Own, early || p.Preliminary
		ranged[p.Lab] = ranged[p.Lab] || p.HasLow || p.HasHigh
	}
	for i, lab := range labs {
		class := "f-ink"
		if own && lab == v.T("self") {
			class, lab = "f-pen", v.T("self.letter")+" "+lab
		}
		out = append(out, keyEntry{Text: lab, D: shape(i, 10, 8), Class: class})
	}
	if early {
		out = append(out, keyEntry{Text: v.T("u.preliminary"), D: shape(0, 10, 8), Class: "f-open"})
	}
	for i, lab := range labs {
		if ranged[i] {
			out = append(out, keyEntry{Text: v.T("u.key.range", "lab", lab), Range: true, Hatch: [...]string{"", "a", "b"}[min(i, 2)]})
		}
	}
	return out
}

// describe says in words what the chart shows.
func (v *view) describe(p *seriesPage, item aggregator.Item, all []aggregator.Item) {
	r := resultOf(item)
	p.See = append(p.See, v.T("u.see.this", "day", v.Day(r.At), "value", brief(r.Text)))
	early := 0
	var before *aggregator.Result
	for _, other := range all {
		o := resultOf(other)
		if preliminary(o) {
			early++
		} else if o.At.Compare(r.At) < 0 {
			before = o
		}
	}
	if before != nil && before.Text != "" {
		p.See = append(p.See, v.T("u.see.before", "day", v.Day(before.At), "value", brief(before.Text)))
	}
	if early > 0 {
		p.See = append(p.See, v.T("u.see.early", "n", early))
	}
}

// table is the equal of the chart, newest first. Results in another unit stand
// in it with their unit; a value that was corrected stands before the new one.
func (v *view) table(all []aggregator.Item, unit string) []tableRow {
	var out []tableRow
	for _, item := range slices.Backward(all) {
		r := resultOf(item)
		row := tableRow{
			Day: strings.ReplaceAll(v.Day(r.At), nbsp, " "), Status: v.statusWord(r), Range: v.rangeText(r), Lab: labName(v, item, r),
			Strong: preliminary(r), Own: r.Own, Href: "/i/" + item.Key(), Old: v.Number(brief(r.Corrected)),
		}
		if row.Day == "" {
			row.Day = v.T("undated")
		}
		row.Value = v.Number(r.Quantity.Comparator + r.Quantity.Value)
		if !r.Systolic.IsZero() && !r.Diastolic.IsZero() {
			row.Value = v.Number(r.Systolic.Value + "/" + r.Diastolic.Value)
		}
		if row.Value == "" || unitOf(r) != unit {
			row.Value = brief(r.Text)
		}
		out = append(out, row)
	}
	return out
}
