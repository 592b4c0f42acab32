package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

// homePage is the first page: what waits for the person, and what there is.
type homePage struct {
	page
	Todo    []row
	Further *link // to more that waits
	Counts  []row
	Changed *changedPart
	More    []link
	Next    *appointment
	Missing []string
}

func (*homePage) template() string { return "overview" }

// appointment is the next one.
type appointment struct{ Figure, What, Where string }

// overviewPage is the first page after unlocking.
func overviewPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p := &homePage{page: page{Title: v.T("title.o"), Here: "/", H1: v.T("o.h1")}}
	var err error
	if p.Todo, err = v.consentTodo(r, v.todo()); err != nil {
		return nil, err
	}
	p.Todo, p.Missing = onTop(p.Todo), v.missing()
	switch {
	case len(v.sources()) == 0 && len(v.o.Items) == 0:
		p.Answer, p.Rest = v.T("empty.first"), v.T("empty.first.rest")
		p.Actions = []action{{Text: v.T("z.add"), Href: "/z", Look: "main"}, {Text: v.T("e.self"), Href: "/e", Look: "other"}}
		p.Actions = append(p.Actions, v.offerExample()...)
		return p, nil
	case len(p.Todo) == 0:
		p.Answer, p.Rest = v.T("o.calm"), v.T("o.calm.rest")
	default:
		p.Answer = v.T("o.waiting", "n", len(p.Todo), "words", capital(v.Count(len(p.Todo))))
		p.Rest = v.T("o.waiting.rest")
	}
	if len(p.Missing) > 0 {
		p.Rest = v.T("o.not-all")
	}
	if t := v.updated(); !t.IsZero() {
		p.Soft = v.T("o.updated", "when", v.Moment(t, v.now))
		p.SoftAction = &action{Text: v.T("z.now"), Post: "/z/haal", Look: "link"}
	}
	if shown, next := cutTo(p.Todo, startAt(r), mostTodo); next > 0 {
		p.Further, p.Todo = v.furtherTo(r, next, len(p.Todo)-next), shown
	} else {
		p.Todo = shown
	}
	p.Counts = v.counts()
	p.More = append(v.moreLinks(), link{v.T("tl.h1"), timelinePath})
	p.Next = v.nextAppointment()
	p.Changed, err = v.changed(r)
	return p, err
}

// todo is what asks for the person's attention: differences and sources that
// failed. At most one main button stands among them.
func (v *view) todo() []row {
	var out []row
	for _, b := range v.bundles(v.o.Subject("medication", "allergy"), counts) {
		shown, _ := fewVersions(b.items)
		_, marks, _ := v.versions(shown, v.versionText(b))
		if !b.differs() {
			if concern := b.concern(); concern != "" {
				out = append(out, row{
					Bars: marks, Name: v.T("o.mind", "what", brief(b.title)), Lines: []line{plain(brief(concern))},
					Actions: []action{{Text: v.T("o.mind.see"), About: brief(b.title), Href: b.href(), Look: "other"}},
				})
			}
			continue
		}
		out = append(out, row{
			Bars: marks, Name: v.T("o.difference"), Lines: []line{plain(v.T("o.difference.of", "what", brief(b.title)))},
			Actions: []action{{Text: v.T("o.difference.see"), About: brief(b.title), Href: b.href(), Look: "other"}},
		})
	}
	out = append(out, v.closedTodo()...)
	out = append(out, v.identityTodo()...)
	for _, source := range v.sources() {
		if code, bad := v.failing(source); bad {
			out = append(out, v.failedRow(source, code))
		}
	}
	if len(out) > 0 {
		out[0].Actions[0].Look = "main"
	}
	return out
}

// counts tells whether a difference in an item matters now: not when all of it
// lies in the past.
func counts(item aggregator.Item) bool {
	return in(aggregator.Current, aggregator.Paused, aggregator.Planned, aggregator.Later, aggregator.Unclear, aggregator.Active)(item)
}

// failing tells whether the last collection from a source failed as a whole.
func (v *view) failing(source string) (code string, bad bool) {
	for _, s := range v.o.Sources {
		if s.Source != source {
			continue
		}
		if s.Outcome != fhir.Failed && s.Outcome != fhir.NotGranted {
			return "", false
		}
		code, bad = s.Detail, true
	}
	return code, bad
}

// failedRow is a source that gave nothing, among what waits for the person.
func (v *view) failedRow(source, code string) row {
	return row{
		Name: v.T("o.failed", "source", v.provider(source)), Lines: []line{plain(v.problem(code, source))},
		Actions: []action{{Text: v.T("z.see"), About: v.provider(source), Href: "/z/" + sourceKey(source), Look: "other"}},
	}
}

// problem puts a code of a source into words, with what to do.
func (v *view) problem(code, source string) string {
	w := medmij.Explain(code, v.Lang).For(v.provider(source))
	return w.What + " " + w.Step
}

// counts are the four large figures.
func (v *view) counts() []row {
	now := v.bundles(v.o.Subject("medication"), in(aggregator.Current, aggregator.Paused))
	allergies := sections(v.o.Subject("allergy"), aggregator.Active)
	series := v.series()
	heard := v.voices()
	letters := sections(v.o.Subject("letter"), aggregator.Found)
	rows := []row{
		v.count(len(now), "m", "/m", v.endedLately(), bundled(now)),
		v.count(len(allergies), "a", "/a", v.List(titles(allergies, 3)), allergies),
		v.count(len(series), "u", "/u", dotted(v.latest("o.latest", heard), v.unseen("lab", "vital")), heard),
		v.count(len(letters), "b", "/b", dotted(v.latest("o.latest", letters), v.unseen("letter")), letters),
	}
	return rows
}

// count is one of the large figures, with a bar for each source behind it.
func (v *view) count(n int, key, href, text string, items []aggregator.Item) row {
	r := row{Figure: v.write(n), Name: v.T("nav." + key), Href: href, Bars: newBars(allBars(items))}
	if text = strings.TrimSpace(text); text == "" {
		text = v.T("o.none." + key)
	}
	r.Lines = []line{plain(text)}
	return r
}

// endedLately says how many medicines ended a short time ago.
func (v *view) endedLately() string {
	n := len(v.bundles(v.o.Subject("medication"), in(aggregator.Recent)))
	if n == 0 {
		return v.T("o.in-use")
	}
	return dotted(v.T("o.in-use"), v.T("o.ended", "n", n))
}

// latest says of when the newest of the items is.
func (v *view) latest(key string, items []aggregator.Item) string {
	last := ""
	for _, item := range items {
		last = max(last, item.When)
	}
	if last == "" {
		return ""
	}
	return v.T(key, "day", v.When(last))
}

// allBars has one bar for each source that speaks in any of the items.
func allBars(items []aggregator.Item) []bar {
	var seen []string
	var out []bar
	for _, item := range items {
		for _, s := range speakers(item) {
			if !slices.Contains(seen, s) {
				seen = append(seen, s)
				out = append(out, bar{Own: s == fhir.Self})
			}
		}
	}
	return out
}

// titles are the first few names, each once.
func titles(items []aggregator.Item, most int) []string {
	var out []string
	for _, item := range items {
		if title := brief(item.Name()); !slices.Contains(out, title) && len(out) < most {
			out = append(out, title)
		}
	}
	return out
}

// nextPlanned is the first appointment that lies ahead.
func (v *view) nextPlanned() (first aggregator.Item, ok bool) {
	for _, item := range sections(v.o.Subject("appointment"), aggregator.Planned) {
		if item.When != "" && (first.When == "" || item.When < first.When) {
			first = item
		}
	}
	d := fhir.ParseDate(first.When)
	return first, !d.IsZero() && !d.High().Before(v.now)
}

// nextAppointment is the next appointment as the overview shows it.
func (v *view) nextAppointment() *appointment {
	first, ok := v.nextPlanned()
	if !ok {
		return nil
	}
	d := fhir.ParseDate(first.When)
	day := d.Low().In(fhir.Amsterdam())
	what := strings.Split(v.T("days"), ",")[int(day.Weekday())]
	if d.Precision() >= fhir.PrecisionMinute {
		what = v.T("o.at", "day", what, "time", day.Format("15:04"))
	}
	return &appointment{
		Figure: fmt.Sprint(day.Day(), nbsp, v.month("months", day.Month())), What: what,
		Where: dotted(v.List(v.names(speakers(first))), brief(first.Name())),
	}
}

// missing says what the overview lacks: sources that failed, wholly or in part,
// that are old, and what could not be read.
func (v *view) missing() []string {
	var out []string
	for _, source := range v.sources() {
		name, last := v.provider(source), v.known(source)
		_, whole := v.failing(source)
		what, _ := v.lacking(source)
		switch {
		case last.IsZero():
			out = append(out, v.T("o.missing.never", "source", name))
		case whole:
			out = append(out, v.T("o.missing.failed", "source", name, "day", v.DayOf(last, v.now)))
		case v.now.Sub(last) > stale:
			out = append(out, v.T("o.missing.old", "source", name, "day", v.DayOf(last, v.now)))
		}
		if !whole && len(what) > 0 {
			out = append(out, v.T("o.missing.part", "source", name, "what", v.inSentence(what)))
		}
	}
	if n := len(v.o.Unread); n > 0 {
		out = append(out, v.T("o.missing.unread", "n", n))
	}
	return out
}
