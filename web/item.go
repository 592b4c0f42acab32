package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// detailPage is everything about one item: what it says, from where each piece
// comes, and why its sources stand on one line.
type detailPage struct {
	page
	Text      []textPart // what it says, where that is long
	Facts     []fact
	Term      *term
	Notes     []string // worth knowing
	Remarks   []remark
	Sources   []sourceRow
	Joins     []string // why its parts are together
	Further   *link    // to more of the sources
	Beside    []string // what stands beside it, and why it is not joined
	Decisions []row
	Shared    string
	Said      []row    // what the person says of it
	Say       []action // and can say
	Share     string   // where the person chooses who sees it
	SharedLog string   // address of what was ever shared of it
	Neighbour *link    // to what stands beside it
}

func (*detailPage) template() string { return "item" }

// fact is one field and who it literally comes from.
type fact struct{ Name, Text, From string }

// sourceRow is one record behind the item.
type sourceRow struct {
	Letter, Name, What, Href string
	Own                      bool
	Apart                    *action // this record is about something else
}

// itemPage is the page of one item.
func itemPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	item, err := v.find(r.PathValue("key"))
	if err != nil {
		return nil, err
	}
	return v.detail(r.Context(), item, v.toldOrSaid(r, item, placeItem), startAt(r))
}

// detail is the page of an item, with what the person just did, and its records
// from one on.
func (v *view) detail(ctx context.Context, item aggregator.Item, n *notice, from string) (*detailPage, error) {
	home := subjectHome(item.Subject)
	p := &detailPage{page: page{
		Title: v.T("title.item"), Here: navOf(item.Subject), Path: "/i/" + item.Key(), Notice: n,
		Crumbs: []link{{v.subjectName(item.Subject), home}, {brief(item.Name()), ""}},
		H1:     v.subjectName(item.Subject), Answer: brief(item.Name()),
		Soft: dotted(v.When(item.When), clean(item.Author), v.Or("section."+string(item.Section), "")),
	}}
	p.tell(v, item)
	if l, ok := item.Value.(*aggregator.Letter); ok {
		p.Actions = v.fileActions(item, l)
	}
	if item.Subject == "lab" || item.Subject == "vital" {
		p.Actions = append(p.Actions, action{Text: v.T("i.series"), Href: "/u/" + item.Key(), Look: "other"})
	}
	if mine := v.mine(item); mine != nil {
		p.Actions = append(p.Actions, *mine)
	}
	if asksAnswers(item) {
		p.Actions = append(p.Actions, action{Text: v.T("ws.ask.open"), Href: askHome + "/" + item.Key(), Look: "main"})
	}
	p.Actions = append(p.Actions, v.correctActions(item)...)
	p.Facts, p.Notes = v.facts(item), notesOf(item)
	p.Term = v.explained(item)
	p.Remarks = v.remarks([]aggregator.Item{item}, placeItem)
	p.Said, p.Say = v.saidRows([]aggregator.Item{item}), v.sayActions(item)
	all := v.sourceRows(item)
	var next int
	if p.Sources, next = cutTo(all, from, mostRecords); next > 0 {
		p.Further = &link{v.T("further.rest", "n", len(all)-next), fmt.Sprint(p.Path, "?vanaf=", next)}
	}
	p.explain(v, item)
	p.Share = shareHref(item)
	p.SharedLog = logPath + "?ding=" + item.Key()
	who, err := v.whoSees(ctx, item)
	if who != "" {
		p.Shared = v.T("i.shared", "who", who)
	}
	return p, err
}

// whoSees names those who may see an item; empty for nobody.
func (v *view) whoSees(ctx context.Context, item aggregator.Item) (string, error) {
	if len(item.SharedWith) == 0 {
		return "", nil
	}
	names, err := v.s.Desk.Called(ctx, item.SharedWith...)
	return clean(v.List(names)), err
}

// explain says why the parts are together, why other items stand beside it, and
// what the person decided about it.
func (p *detailPage) explain(v *view, item aggregator.Item) {
	p.Joins = v.joins(item)
	p.Decisions = v.decisionRows(v.o.Decisions, placeItem, &item)
	if !v.hasNeighbours(item) {
		return
	}
	if isResult(item) {
		p.Neighbour = &link{v.T("o.difference.see"), "/v/" + item.Key()}
	} else if g, ok := v.o.Group(item.Group); ok {
		p.Beside = briefly(v.o.Explain(item, v.Lang).Beside)
		if n := len(p.Beside) - mostBeside; n > 0 { // the link to them is under it
			p.Beside = append(p.Beside[:mostBeside], v.T("i.beside.more", "n", n))
		}
		p.Neighbour = &link{v.T("i.beside", "what", brief(g.Title)), "/v/" + item.Key()}
	}
}

// briefly makes texts of sources fit for a page.
func briefly(texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, brief(text))
	}
	return out
}

// facts are the fields, sorted, each with the source it literally comes from.
func (v *view) facts(item aggregator.Item) []fact {
	var names []string
	for name := range item.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []fact
	for _, name := range names {
		f := item.Fields[name]
		one := fact{Name: v.fieldName(name), Text: v.fieldSays(name, f.Text)}
		if f.Part >= 0 && f.Part < len(item.Parts) {
			one.From = v.provider(item.Parts[f.Part].Source)
		}
		if one.Text != "" {
			out = append(out, one)
		}
	}
	return out
}

// fieldName is the name of a field in words. A line that the person joined brings
// its fields along under the same names with a + behind them.
func (v *view) fieldName(name string) string {
	name = strings.TrimRight(name, "+")
	return v.Or("field."+name, capital(aggregator.FieldName(name, v.Lang)))
}

// fieldSays is what a field says; a date and the code of a label are put in words.
func (v *view) fieldSays(name, text string) string {
	if d := fhir.ParseDate(text); d.Precision() >= fhir.PrecisionMonth {
		return v.Day(d)
	}
	if strings.TrimRight(name, "+") == "restricted" {
		return v.Or("i.restricted."+strings.ToLower(text), clean(text))
	}
	return clean(text)
}

// sourceRows are all records behind an item, those that no longer speak too.
func (v *view) sourceRows(item aggregator.Item) []sourceRow {
	var out []sourceRow
	for i, p := range item.Parts {
		what := dotted(v.partRole(p), v.Or("hidden."+p.Hidden, ""))
		if t := v.fetched(p.Source); !t.IsZero() {
			what = dotted(what, v.T("i.fetched", "when", v.Moment(t, v.now)))
		}
		if since := v.When(p.Gone); since != "" {
			what = dotted(what, v.T("i.gone", "day", since))
		}
		row := sourceRow{
			Letter: v.tag(p.Source), Name: v.provider(p.Source), What: what,
			Href: fmt.Sprint("/i/", item.Key(), "/", i), Own: v.tag(p.Source) == v.T("self.letter"),
		}
		if item.Separable(i) && p.Hidden == "" {
			row.Apart = v.decide("apart", item, placeDifference, value{"deel", fmt.Sprint(i + 1)})
			row.Apart.About, row.Apart.Look = row.Name, "link"
		}
		out = append(out, row)
	}
	return out
}

// joins say in words why the parts stand on one line.
func (v *view) joins(item aggregator.Item) []string {
	var out []string
	for _, j := range item.Joins {
		if j.A < 0 || j.B < 0 || j.A >= len(item.Parts) || j.B >= len(item.Parts) {
			continue
		}
		a, b := v.provider(item.Parts[j.A].Source), v.provider(item.Parts[j.B].Source)
		why := aggregator.RuleName(j.Rule, v.Lang)
		text := v.T("i.join", "a", a, "b", b, "why", why)
		if a == b {
			text = v.T("i.join-one", "a", a, "why", why)
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// recordPage is one record as it was received, as text.
type recordPage struct {
	page
	Text string
}

func (*recordPage) template() string { return "record" }

// mostRaw is how much of a record one page shows; files inside it can be large.
const mostRaw = 40_000

// rawPage shows a record as it came. It is text on a page: markup in it is not run.
func rawPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	item, err := v.find(r.PathValue("key"))
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(r.PathValue("part"))
	if err != nil || n < 0 || n >= len(item.Parts) {
		return nil, ErrNotFound
	}
	part := item.Parts[n]
	data, err := v.s.Desk.Raw(r.Context(), part)
	if err != nil {
		return nil, err
	}
	p := &recordPage{page: page{
		Title: v.T("title.item"), Here: navOf(item.Subject),
		Crumbs: []link{{v.subjectName(item.Subject), subjectHome(item.Subject)}, {brief(item.Name()), "/i/" + item.Key()}},
		H1:     v.T("r.h1"), Answer: v.provider(part.Source), Rest: v.partRole(part), Soft: v.T("r.soft"),
	}}
	p.Text = clean(indent(data))
	if runes := []rune(p.Text); len(runes) > mostRaw {
		p.Text = string(runes[:mostRaw]) + "\n…"
		p.Soft = v.T("r.long")
	}
	return p, nil
}

// indent lays a record out over lines; the record itself stays as it is. What
// is no JSON is shown as it came.
func indent(data []byte) string {
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		return string(data)
	}
	return out.String()
}
