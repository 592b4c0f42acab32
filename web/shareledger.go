package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

const logPath = "/d/logboek"

// ledgerPage is what was ever shared, the newest first: of everybody, of one
// recipient, or of one item.
func ledgerPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	all, err := v.s.Desk.Ledger(r.Context())
	var broken *share.BrokenError
	if err != nil && !errors.As(err, &broken) {
		return nil, err
	}
	p := &listPage{page: page{
		Title: v.T("title.d"), Here: "/d", Path: logPath, Crumbs: []link{{v.T("nav.d"), "/d"}, {v.T("dl.h1"), ""}}, H1: v.T("dl.h1"),
		Rest: v.T("dl.rest"),
	}}
	lines, further := v.ledgerOf(p, all, r)
	p.Answer = v.T("dl.answer", "n", len(lines))
	switch {
	case broken != nil:
		p.Answer, p.Rest, p.Lead = v.T("dl.broken", "n", broken.Line), "", v.T("dl.broken.why")
	case len(lines) == 0:
		p.Answer, p.Rest = v.T("dl.none"), ""
	}
	p.Actions = []action{{Text: v.T("log.h1"), Href: "/logboek", Look: "link"}}
	if len(lines) == 0 {
		return p, nil
	}
	p.Actions = append([]action{{Text: v.T("log.file"), Href: strings.Replace(strings.TrimRight(further, "?&"), logPath, logPath+"/bestand", 1), Look: "other"}}, p.Actions...)
	slices.Reverse(lines)
	shown, next := cut(lines, r.URL.Query().Get("vanaf"))
	var rows []row
	about := v.itemsWith(shown)
	for _, l := range shown {
		rows = append(rows, v.ledgerRow(l, about))
	}
	p.Parts = []listPart{{Heading: v.T("dl.list"), Rows: rows}}
	if next > 0 {
		p.Further = &link{v.T("further"), fmt.Sprint(further, "vanaf=", next)}
	}
	return p, nil
}

// ledgerFile gives the same lines as a table to keep. Of a ledger that does not
// hold, its last row says so.
func ledgerFile(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	all, err := v.s.Desk.Ledger(r.Context())
	var broken *share.BrokenError
	if err != nil && !errors.As(err, &broken) {
		return nil, err
	}
	lines, _ := v.ledgerOf(&listPage{}, all, r)
	slices.Reverse(lines)
	rows := v.ledgerTable(lines)
	if broken != nil {
		rows = append(rows, []string{v.T("dl.broken", "n", broken.Line)})
	}
	return giveTable(w, "bundel-delen.csv", rows)
}

// ledgerTable has a row for each line: what the page says of it.
func (v *view) ledgerTable(lines share.Ledger) [][]string {
	rows := [][]string{strings.Split(v.T("dl.columns"), ",")}
	about := v.itemsWith(lines)
	for _, l := range lines {
		until := ""
		if at, err := time.Parse(time.RFC3339, l.Until); err == nil {
			until = at.In(fhir.Amsterdam()).Format(time.DateTime)
		}
		rows = append(rows, []string{
			l.At.In(fhir.Amsterdam()).Format(time.DateTime), v.ledgerWho(l), v.ledgerAct(l), v.ledgerWhat(l, about),
			v.Or("dl.how."+l.How, ""), until, v.delivered(l), l.Reader,
		})
	}
	return rows
}

// ledgerAct is what happened, in words.
func (v *view) ledgerAct(l share.Line) string {
	if l.Act == share.ActOpen && l.How == "screen" {
		return v.T("dl.screen")
	}
	if l.Act == share.ActExport && l.How == "print" {
		return v.T("dl.paper")
	}
	return v.T("dl.act." + string(l.Act))
}

// ledgerOf chooses the lines that the address asks for, each act once, and gives
// the page its ways to others. The address of the rest begins with rest.
func (v *view) ledgerOf(p *listPage, all share.Ledger, r *http.Request) (lines share.Ledger, rest string) {
	q := r.URL.Query()
	rest = logPath + "?"
	if item, ok := v.o.Find(q.Get("ding")); ok && q.Get("ding") != "" {
		p.Soft = v.T("dl.item", "what", v.openName(item))
		p.SoftAction = &action{Text: v.T("dl.all"), Href: logPath, Look: "link"}
		return onceEach(touching(all, item)), rest + "ding=" + item.Key() + "&"
	}
	p.Tabs = []tab{{Text: v.T("dl.all"), Href: logPath, Here: q.Get("wie") == ""}}
	lines = onceEach(all)
	for _, to := range told(all) {
		key := sourceKey(to.To)
		here := q.Get("wie") == key
		p.Tabs = append(p.Tabs, tab{Text: clean(to.Name), Href: rest + "wie=" + key, Here: here})
		if here {
			lines, rest = onceEach(all.Of(to.To)), rest+"wie="+key+"&"
		}
	}
	return lines, rest
}

// told are the recipients of the ledger, as they were called last, in the order
// in which they came. The name on a link is of that link only.
func told(all share.Ledger) []share.Line {
	var out []share.Line
	for _, l := range all {
		i := slices.IndexFunc(out, func(o share.Line) bool { return o.To == l.To })
		switch {
		case l.To == "" || l.Name == "":
		case i < 0:
			out = append(out, l)
		case l.How != "link" && l.How != "code":
			out[i] = l
		}
	}
	return out
}

// touching are the lines that name a record of the item, each once.
func touching(all share.Ledger, item aggregator.Item) share.Ledger {
	var out share.Ledger
	for _, pin := range share.PinsOf(item) {
		for _, l := range all.Shared(pin) {
			if !slices.ContainsFunc(out, func(o share.Line) bool { return o.Number == l.Number }) {
				out = append(out, l)
			}
		}
	}
	slices.SortFunc(out, func(a, b share.Line) int { return int(a.Number) - int(b.Number) })
	return out
}

// onceEach puts the lines of an act with many records together again. An act may
// have hundreds of lines: what they name is put together once.
func onceEach(all share.Ledger) share.Ledger {
	var out share.Ledger
	var pins [][]share.Pin
	var outcomes [][]share.Outcome
	flush := func() {
		if last := len(out) - 1; len(pins) > 1 {
			out[last].Pins, out[last].Outcomes = slices.Concat(pins...), slices.Concat(outcomes...)
		}
		pins, outcomes = nil, nil
	}
	for _, l := range all {
		if last := len(out) - 1; l.Part <= 1 || last < 0 || out[last].Act != l.Act || out[last].To != l.To || out[last].Share != l.Share {
			flush()
			out = append(out, l)
		}
		pins, outcomes = append(pins, l.Pins), append(outcomes, l.Outcomes)
	}
	flush()
	return out
}

// ledgerRow is one line in words: with whom, what happened, to what, and when.
func (v *view) ledgerRow(l share.Line, about map[share.Pin][]int) row {
	r := row{Name: v.ledgerWho(l), Soft: v.momentOf(l.At)}
	act := v.ledgerAct(l)
	r.Lines = []line{plain(act + ".")}
	if what := v.ledgerWhat(l, about); what != "" {
		r.Lines = []line{{Who: act, Spans: []span{{Text: what}}}}
	}
	if l.Later {
		r.Lines = append(r.Lines, plain(v.T("d.reach.later")))
	}
	if l.Unseen {
		r.Lines = append(r.Lines, plain(v.T("dl.unseen")))
	}
	if until, err := time.Parse(time.RFC3339, l.Until); err == nil {
		r.Soft = dotted(r.Soft, v.T("dl.until", "when", v.momentOf(until)))
	}
	r.Note = dotted(v.Or("dl.how."+l.How, ""), v.delivered(l), clean(l.Reader))
	return r
}

// ledgerWho is a recipient as it was called then.
func (v *view) ledgerWho(l share.Line) string {
	if l.Name != "" {
		return clean(l.Name)
	}
	return v.provider(l.To)
}

// ledgerWhat is what a line is about: a subject, a kind of message, or the items that its records
// belong to now. Records that are gone are counted; empty when it names none.
func (v *view) ledgerWhat(l share.Line, about map[share.Pin][]int) string {
	if l.About != "" {
		return v.Or("subject."+l.About, v.Or("ws.kind."+l.About, clean(l.About)))
	}
	pins := slices.Clone(l.Pins)
	for _, o := range l.Outcomes {
		pins = append(pins, o.Pin)
	}
	if len(pins) == 0 {
		return ""
	}
	var places []int
	for _, p := range pins {
		places = append(places, about[p]...)
	}
	slices.Sort(places)
	if places = slices.Compact(places); len(places) == 0 || len(places) > mostNames {
		return v.T("dl.records", "n", len(pins))
	}
	var names []string
	for _, at := range places {
		names = append(names, v.openName(v.o.Items[at]))
	}
	return v.List(names)
}

// itemsWith tells of each record that the lines name one by one to which items it
// belongs now, as places in the overview.
func (v *view) itemsWith(lines share.Ledger) map[share.Pin][]int {
	about := map[share.Pin][]int{}
	for _, l := range lines {
		for _, p := range l.Pins {
			if l.About == "" {
				about[p] = nil
			}
		}
		for _, o := range l.Outcomes {
			about[o.Pin] = nil
		}
	}
	for at := range v.o.Items {
		for _, p := range share.PinsOf(v.o.Items[at]) {
			if places, wanted := about[p]; wanted {
				about[p] = append(places, at)
			}
		}
	}
	return about
}

// delivered counts what became of what was sent.
func (v *view) delivered(l share.Line) string {
	counts := map[string]int{}
	for _, o := range l.Outcomes {
		counts[o.Code]++
	}
	text := ""
	for _, code := range [...]string{share.Sent, share.Refused, share.Failed, share.Unknown} {
		if n := counts[code]; n > 0 {
			text = dotted(text, v.T("dl.out."+code, "n", n))
		}
	}
	return text
}
