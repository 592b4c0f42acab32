package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// logShown is the log of the vault, with what to show of it.
type logShown struct {
	page
	Kinds, Periods []logOption
	Parts          []listPart
	Further        *link
}

func (*logShown) template() string { return "log" }

// logOption is one choice of a list in a form.
type logOption struct {
	Value, Text string
	Here        bool
}

// logChoice is what of the log to show.
type logChoice struct {
	kind EventKind // empty: all
	days string    // one of logDays
}

// logDays are the periods that can be chosen; "0" is everything that is kept.
var logDays = [...]string{"7", "30", "365", "0"}

// logChoiceOf reads the address; what it does not know is the usual.
func logChoiceOf(q url.Values) logChoice {
	c := logChoice{days: "30"}
	if kind := EventKind(q.Get("soort")); slices.Contains(EventKinds(), kind) {
		c.kind = kind
	}
	if days := q.Get("dagen"); slices.Contains(logDays[:], days) {
		c.days = days
	}
	return c
}

// query is the choice as the end of an address.
func (c logChoice) query() string {
	return url.Values{"soort": {string(c.kind)}, "dagen": {c.days}}.Encode()
}

// since is the moment from which to show.
func (c logChoice) since(now time.Time) time.Time {
	days, _ := strconv.Atoi(c.days)
	if days == 0 {
		return time.Time{}
	}
	return now.AddDate(0, 0, -days)
}

// events gives what is to be shown, newest first.
func (v *view) events(r *http.Request, c logChoice) ([]Event, error) {
	all, err := v.s.Desk.Events(r.Context(), c.since(v.now))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(e Event) bool { return c.kind != "" && e.Kind != c.kind }), nil
}

// logPage shows who did what and when, by day.
func logPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	c := logChoiceOf(r.URL.Query())
	all, err := v.events(r, c)
	if err != nil {
		return nil, err
	}
	p := &logShown{page: page{
		Title: v.T("title.log"), Here: "/d", H1: v.T("log.h1"), Crumbs: []link{{v.T("nav.d"), "/d"}, {v.T("log.h1"), ""}},
		Answer: v.T("log.answer", "n", len(all)), Rest: v.wrongTries(all), Soft: v.T("log.soft"),
	}}
	if len(all) == 0 {
		p.Answer, p.Rest = v.T("log.none"), v.T("log.none.rest")
	} else {
		p.Actions = []action{{Text: v.T("log.file"), Href: "/logboek/bestand?" + c.query(), Look: "other"}}
	}
	p.Actions = append(p.Actions, action{Text: v.T("dl.h1"), Href: logPath, Look: "link"})
	v.logOptions(p, c)
	shown, next := cut(all, r.URL.Query().Get("vanaf"))
	for _, e := range shown {
		day := capital(v.DayOf(e.At, v.now))
		if n := len(p.Parts); n == 0 || p.Parts[n-1].Heading != day {
			p.Parts = append(p.Parts, listPart{Heading: day})
		}
		part := &p.Parts[len(p.Parts)-1]
		part.Rows = append(part.Rows, v.eventRow(e))
	}
	if next > 0 {
		p.Further = &link{v.T("further"), fmt.Sprint("/logboek?", c.query(), "&vanaf=", next)}
	}
	return p, nil
}

// logOptions are the kinds and periods that can be chosen.
func (v *view) logOptions(p *logShown, c logChoice) {
	p.Kinds = []logOption{{"", v.T("log.all"), c.kind == ""}}
	for _, kind := range EventKinds() {
		p.Kinds = append(p.Kinds, logOption{string(kind), v.T("log.kind." + string(kind)), c.kind == kind})
	}
	for _, days := range logDays {
		p.Periods = append(p.Periods, logOption{days, v.T("log.days." + days), c.days == days})
	}
}

// wrongTries says how often the passphrase did not fit: the one thing in the log
// that somebody else may have done.
func (v *view) wrongTries(all []Event) string {
	n := 0
	for _, e := range all {
		if e.Kind == EventOpen && e.What == "wrong" {
			n += e.Count
		}
	}
	if n == 0 {
		return ""
	}
	return v.T("log.wrong", "n", n)
}

// eventRow is an event on a row.
func (v *view) eventRow(e Event) row {
	r := row{Name: v.eventText(e), Soft: dotted(v.clock(e.At), v.T("log.kind."+string(e.Kind)), v.eventSource(e), v.doer(e))}
	if e.Failed > 0 {
		r.Lines = append(r.Lines, plain(strings.TrimSpace(v.T("log.failed", "n", e.Failed)+" "+e.Code)))
	}
	switch e.Kind {
	case EventDecide:
		r.Actions = []action{{Text: v.T("j.see"), Href: "/j", Look: "link"}}
	case EventSee:
		r.Actions = []action{{Text: v.T("k.all"), Href: "/k", Look: "link"}}
	}
	return r
}

// eventText says what was done. A word that no one knows was written by a newer
// program; then the kind must do.
func (v *view) eventText(e Event) string {
	key := "log." + string(e.Kind) + "." + e.What
	if !v.Has(key) {
		return v.T("log.unknown")
	}
	return v.T(key, "n", e.Count, "what", v.eventSubject(e))
}

// eventSubject is what a choice is about.
func (v *view) eventSubject(e Event) string {
	if e.Subject == "" {
		return v.T("log.one")
	}
	return v.Or("subject."+e.Subject, v.T("subject.other"))
}

func (v *view) eventSource(e Event) string {
	if e.Source == "" {
		return ""
	}
	return v.provider(e.Source)
}

// doer is who did it.
func (v *view) doer(e Event) string {
	switch {
	case e.Program:
		return v.T("log.program")
	case e.Kind == EventOpen:
		return "" // that it was the person is what the reader wants to find out
	}
	return v.T("log.you")
}

// clock is the time of the day.
func (v *view) clock(at time.Time) string { return at.In(fhir.Amsterdam()).Format("15:04") }

// logFile gives the same as a table to keep.
func logFile(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	all, err := v.events(r, logChoiceOf(r.URL.Query()))
	if err != nil {
		return nil, err
	}
	return giveTable(w, "bundel-log.csv", v.logTable(all))
}

// logTable has a row for each event.
func (v *view) logTable(all []Event) [][]string {
	rows := [][]string{strings.Split(v.T("log.columns"), ",")}
	for _, e := range all {
		rows = append(rows, []string{
			e.At.In(fhir.Amsterdam()).Format(time.DateTime), v.T("log.kind." + string(e.Kind)), v.eventText(e),
			v.eventSource(e), v.doer(e), strconv.Itoa(e.Count), strconv.Itoa(e.Failed), e.Code,
		})
	}
	return rows
}
