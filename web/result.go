package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
)

// seriesPage is one result among the others of its series.
type seriesPage struct {
	page
	Line    *numberLine
	NoRange string // why nothing is said of the range
	Facts   string
	Term    *term
	Remarks []string
	Differ  *link // to what another says of its moment
	Tabs    []tab
	Charts  []*chart
	Fewer   string // said with the narrow drawing
	Thin    string // said with both
	Key     []keyEntry
	See     []string
	Ranged  bool   // any of the results has a range
	Few     string // said when there is too little to draw
	Caption string
	Outside string // how many results the table leaves out
	Table   []tableRow
	Unit    string
	More    *link // to older rows of the table
	Do      []action

	Target, TargetWords string
	TargetEdit          *link
	target              aggregator.Target
	targeted            bool
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
	Converted                           string // what the value is in the unit of the chart
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
	all := v.entriesWith(item, res)
	p := &seriesPage{page: page{
		Title: v.T("title.item"), Here: "/u", Crumbs: []link{{v.T("nav.u"), "/u"}, {v.T("u." + item.Subject), ""}},
		H1: brief(resultName(item)),
	}}
	p.target, p.targeted, err = v.target(r.Context(), res)
	if err != nil {
		return nil, err
	}
	v.resultAnswer(p, item, res)
	p.Unit = seriesUnit(res)
	query := r.URL.Query()
	since := v.years(p, item, all, query.Get("j"))
	v.draw(p, res, since)
	v.describe(p, res, all)
	v.addTable(p, item, p.within(v, all, since), query)
	p.Term = v.explained(item)
	p.Do = v.resultActions(item)
	if mine := v.mine(item); mine != nil {
		p.Do = append(p.Do, action{Text: mine.Text, Href: mine.Href, Look: "link"})
	}
	return p, nil
}

// resultActions are what can be done with a result: keep a question about it,
// share it, say that it is wrong, see all of it. One's own is changed instead.
func (v *view) resultActions(item aggregator.Item) []action {
	var out []action
	add := func(key, href, look string) { out = append(out, action{Text: v.T(key), Href: href, Look: look}) }
	say := "/x/" + item.Key()
	if !item.Own() {
		add("u.question", say, "other")
	}
	add("u.share", shareHref(item), "link")
	if !item.Own() {
		wrong := say
		if asks := v.correctActions(item); len(asks) == 1 {
			wrong = asks[0].Href
		}
		add("u.wrong", wrong, "link")
	}
	add("i.all", "/i/"+item.Key(), "link")
	return out
}

// seriesEntry is one result of a series, and the item that says it.
type seriesEntry struct {
	item aggregator.Item
	res  *aggregator.Result
}

// entriesWith are the results that share a series or a chart with this one,
// oldest first: everything the chart can show, and what it cannot.
func (v *view) entriesWith(item aggregator.Item, of *aggregator.Result) []seriesEntry {
	var all []seriesEntry
	for at := range v.o.Items { // items are large and many: they are looked at where they are
		other := &v.o.Items[at]
		r, ok := other.Value.(*aggregator.Result)
		if !ok || other.Section == aggregator.History {
			continue
		}
		if of.Chart != "" && r.Chart == of.Chart || item.Group != "" && other.Group == item.Group && other.Subject == item.Subject {
			all = append(all, seriesEntry{*other, r})
		}
		for i := range r.Components {
			if of.Chart != "" && r.Components[i].Chart == of.Chart {
				all = append(all, seriesEntry{*other, &r.Components[i]})
			}
		}
	}
	if len(all) == 0 {
		all = []seriesEntry{{item, of}}
	}
	slices.SortStableFunc(all, func(a, b seriesEntry) int {
		return cmp.Or(a.res.At.Compare(b.res.At), strings.Compare(a.item.ID, b.item.ID))
	})
	return all
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
		p.NoRange = v.notCompared(item, r)
	}
	p.Line = v.numberLine(r, v.goalsOf(p.target)...)
	v.addTarget(p, item, r)
	rangeText := ""
	if text := v.rangeText(r); text != "" {
		rangeText = v.T("u.range", "range", text)
	}
	p.Facts = dotted(v.Day(r.At), labName(v, item, r), rangeText, v.statusWord(r), v.saidBy(r))
	if r.Requester != "" {
		p.Remarks = append(p.Remarks, v.T("u.requester", "who", brief(r.Requester)))
	}
	p.Remarks = append(p.Remarks, v.conflicts([]aggregator.Item{item})...)
	if v.hasOtherValue(item) {
		p.Differ = &link{v.T("o.difference.see"), "/v/" + item.Key()}
	}
	if r.Note != "" {
		p.Remarks = append(p.Remarks, brief(r.Note))
	}
}

// notCompared says why nothing tells where a result lies: there is no range, or
// there is one that nobody compared it with.
func (v *view) notCompared(item aggregator.Item, r *aggregator.Result) string {
	switch {
	case v.rangeText(r) != "":
		return v.T("u.not-compared")
	case item.Subject == "vital":
		return v.T("u.no-range.vital")
	}
	return v.T("u.no-range")
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

// addTarget says what the person should reach, in words never whether it is
// reached.
func (v *view) addTarget(p *seriesPage, item aggregator.Item, r *aggregator.Result) {
	edit := link{v.T("u.target.set"), "/u/" + item.Key() + "/doel"}
	if p.targeted {
		edit.Text = v.T("u.target.edit")
		p.Target = v.T("u.target", "target", v.targetText(p.target))
		p.TargetWords = brief(p.target.Words)
	}
	if canTarget(r) {
		p.TargetEdit = &edit
	}
}

// years are the tabs of a series that goes back further than a year. It gives
// from when on the chart shows it; zero for all of it.
func (v *view) years(p *seriesPage, item aggregator.Item, all []seriesEntry, choice string) (since time.Time) {
	first := all[0].res.At
	if len(all) < 2 || first.IsZero() || v.now.AddDate(-1, 0, 0).Before(first.Low()) {
		return since
	}
	for _, t := range [...]struct {
		id    string
		years int
	}{{"1", 1}, {"5", 5}, {"", 0}} {
		from := v.now.AddDate(-t.years, 0, 0)
		if t.years > 1 && from.Before(first.Low()) {
			continue
		}
		href := "/u/" + item.Key()
		if t.id != "" {
			href += "?j=" + t.id
		}
		p.Tabs = append(p.Tabs, tab{Text: v.T("u.years." + t.id), Href: href, Here: t.id == choice})
		if t.id == choice && t.years > 0 {
			since = from
		}
	}
	return since
}

// draw makes the two drawings of the results that can be compared exactly.
func (v *view) draw(p *seriesPage, of *aggregator.Result, since time.Time) {
	points, labs := v.points(of)
	points = slices.DeleteFunc(points, func(pt point) bool { return pt.At.Low().Before(since) })
	n := len(points)
	if n < 2 {
		p.Few = v.T("u.few")
		if since.IsZero() {
			p.Few = v.T("u.few.all")
		}
		return
	}
	goals := v.goalsOf(p.target)
	p.Charts = []*chart{v.newChart(points, goals, p.Unit, wideLayout), v.newChart(points, goals, p.Unit, narrowLayout)}
	switch {
	case n > wideLayout.dots:
		p.Thin = v.T("u.thin", "all", n)
	case n > narrowLayout.dots:
		p.Fewer = v.T("u.thin", "all", n)
	case n > narrowLayout.most && n < fewest:
		p.Fewer = v.T("u.fewer", "some", narrowLayout.most, "all", n)
	}
	p.Key = v.chartKey(points, labs)
}

// chartKey explains only the signs that occur.
func (v *view) chartKey(points []point, labs []string) []keyEntry {
	var out []keyEntry
	var own, early, open bool
	ranged, shown := map[int]bool{}, map[int]bool{}
	for _, p := range points {
		own, early, open = own || p.Own, early || p.Preliminary, open || p.Open
		shown[p.Lab] = true
		ranged[p.Lab] = ranged[p.Lab] || p.HasLow || p.HasHigh
	}
	for i, lab := range labs {
		if !shown[i] {
			continue
		}
		class := "f-ink"
		if own && lab == v.T("self") {
			class, lab = "f-pen", v.T("self.letter")+" "+lab
		}
		out = append(out, keyEntry{Text: lab, D: shape(i, 10, 8, 1), Class: class})
	}
	if early {
		out = append(out, keyEntry{Text: v.T("u.preliminary"), D: shape(0, 10, 8, 1), Class: "f-open"})
	}
	if open {
		out = append(out, keyEntry{Text: v.T("u.key.open"), D: limitShape(true, 10, 8), Class: "f-open"})
	}
	for i, lab := range labs {
		if ranged[i] {
			out = append(out, keyEntry{Text: v.T("u.key.range", "lab", lab), Range: true, Hatch: [...]string{"", "a", "b"}[min(i, 2)]})
		}
	}
	return out
}
