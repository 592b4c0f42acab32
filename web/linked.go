package web

import (
	"context"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

const (
	stale    = 7 * 24 * time.Hour // older than this is said to be of its day
	warnDays = 30                 // before a lasting consent lapses (REF-08)
)

// linked are the connections by their source.
func (v *view) linked(ctx context.Context) (map[string]Link, error) {
	links, err := v.s.Desk.Links(ctx)
	out := map[string]Link{}
	for _, l := range links {
		out[l.Source] = l
	}
	return out, err
}

// connected tells whether a source is one to fetch from, and the person may.
func connected(links map[string]Link, source string) bool {
	_, ok := links[source]
	return ok || !(fhir.Origin{Source: source}).IsMedMij()
}

// daysLeft is in how many days a lasting consent lapses, rounded up; ok when it
// is time to say so.
func (v *view) daysLeft(l Link) (days int, ok bool) {
	if l.Consent != ConsentLasting {
		return 0, false
	}
	days = int(math.Ceil(l.Ends.Sub(v.now).Hours() / 24))
	return days, days <= warnDays
}

// lapses says in words that a consent lapses soon, or did; empty when neither.
func (v *view) lapses(l Link) string {
	name := v.linkName(l)
	if days, soon := v.daysLeft(l); soon {
		return v.T("z.lapses", "who", name, "n", days)
	}
	if l.Consent == ConsentEnded {
		return v.T("z.lapsed", "who", name)
	}
	return ""
}

func (v *view) linkName(l Link) string {
	if name := brief(l.Name); name != "" {
		return name
	}
	return v.provider(l.Source)
}

// renewAction prolongs a lasting consent: fetching is what does.
func (v *view) renewAction(l Link) action {
	return action{Text: v.T("z.renew"), About: v.linkName(l), Post: "/z/haal", Values: []value{{"bron", sourceKey(l.Source)}}, Look: "other"}
}

// consentTodo is what waits for the person about consents and about what came in
// part, and without what failed at sources that are not connected any more: that waits for nobody.
func (v *view) consentTodo(r *http.Request, todo []row) ([]row, error) {
	links, err := v.linked(r.Context())
	if err != nil {
		return nil, err
	}
	for _, source := range v.sources() {
		href := "/z/" + sourceKey(source)
		failed := func(r row) bool { return len(r.Actions) > 0 && r.Actions[0].Href == href }
		l, ok := links[source]
		switch {
		case !connected(links, source):
			todo = slices.DeleteFunc(todo, failed)
		case ok && !slices.ContainsFunc(todo, failed) && v.lapses(l) != "":
			todo = append(todo, v.lapseRow(l))
		}
		if r, any := v.partlyRow(source); any && connected(links, source) {
			todo = append(todo, r)
		}
	}
	if len(todo) > 0 {
		todo[0].Actions[0].Look = "main"
	}
	return todo, nil
}

// lapseRow is a consent that lapses, among what waits for the person.
func (v *view) lapseRow(l Link) row {
	r := row{Name: v.lapses(l), Lines: []line{plain(v.T("z.lapsed.rest"))}}
	if l.Consent == ConsentEnded {
		r.Actions = []action{v.chooseAction(l.Source, v.linkName(l), v.T("z.login"))}
		return r
	}
	r.Lines = []line{plain(v.T("z.lapses.rest"))}
	r.Actions = []action{v.renewAction(l)}
	return r
}

// chooseAction puts a provider into the plan.
func (v *view) chooseAction(source, name, text string) action {
	return action{Text: text, About: name, Post: "/z/plan", Values: []value{{"bron", source}}, Look: "other"}
}

// status are the sentences of product.md 6.13 that hold for a source now: it is
// busy, what there is is old, a consent lapses, some of it waits or cannot be read.
func (v *view) status(source string, links map[string]Link) []string {
	name := v.provider(source)
	var out []string
	if v.busy(source) {
		out = append(out, v.T("z.busy", "source", name))
	}
	if !connected(links, source) {
		out = append(out, v.T("z.apart"))
	} else if text := v.lapses(links[source]); text != "" {
		out = append(out, text)
	}
	if t := v.fetched(source); !t.IsZero() && v.now.Sub(t) > stale {
		out = append(out, v.T("z.stale", "day", v.DayOf(t, v.now)))
	}
	unread, waiting := 0, false
	for _, u := range v.o.Unread {
		if u.Source == source {
			unread++
			waiting = waiting || u.Reason == "quarantine"
		}
	}
	if waiting {
		out = append(out, medmij.Explain(medmij.CodeIdentity, v.Lang).For(name).What)
	} else if unread > 0 {
		out = append(out, v.T("z.unreadable", "source", name, "n", unread))
	}
	return out
}

// busy tells whether something is being fetched from a source.
func (v *view) busy(source string) bool {
	return slices.ContainsFunc(v.s.Desk.Progress(), func(sp SourceProgress) bool { return sp.Source == source && sp.Finished.IsZero() })
}
