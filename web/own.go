package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// ownFew is how many entries of a kind stand on the page of all kinds.
const ownFew = 5

// minePage is everything the person added, by kind and date; with a kind in
// the address, all of that kind.
func minePage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	all, err := v.s.Desk.Own(r.Context())
	if err != nil {
		return nil, err
	}
	p := &listPage{page: page{
		Title: v.T("title.add"), Here: "/", Crumbs: []link{{v.T("e.h1"), "/e"}, {v.T("e.mine"), ""}}, H1: v.T("e.mine"),
	}}
	only, _ := strconv.Atoi(r.URL.Query().Get("soort"))
	total := 0
	var removed []row
	for i, e := range entryKinds {
		var rows []row
		for _, o := range all {
			switch {
			case o.Kind != e.kind:
			case o.Removed:
				removed = append(removed, v.ownRow(o))
			default:
				rows = append(rows, v.ownRow(o))
			}
		}
		total += len(rows)
		if only == 0 || only == i+1 {
			v.addKind(p, i+1, rows, only != 0, r.URL.Query().Get("vanaf"))
		}
	}
	if only == 0 && len(removed) > 0 {
		p.Parts = append(p.Parts, listPart{Heading: v.T("e.removed"), Note: v.T("e.removed.note"), Rows: removed[:min(len(removed), mostRows)]})
	}
	p.Answer, p.Rest = v.T("e.mine.answer", "n", total), v.T("e.mine.rest")
	if total == 0 {
		p.Answer, p.Rest = v.T("e.mine.none"), ""
	}
	p.Actions = []action{{Text: v.T("e.go"), Href: "/e", Look: "other"}}
	return p, nil
}

// addKind adds the entries of a kind: the newest few, or all from a number on.
func (v *view) addKind(p *listPage, number int, rows []row, whole bool, from string) {
	if len(rows) == 0 {
		return
	}
	part := listPart{Heading: v.T("kind." + string(entryKinds[number-1].kind)), Rows: rows}
	address := fmt.Sprint("/e/mijn?soort=", number)
	switch {
	case whole:
		shown, next := cut(rows, from)
		part.Rows = shown
		if next > 0 {
			p.Further = &link{v.T("further"), fmt.Sprint(address, "&vanaf=", next)}
		}
	case len(rows) > ownFew:
		part.Rows = rows[:ownFew]
		part.Links = []link{{v.T("e.all", "n", len(rows)), address}}
	}
	p.Parts = append(p.Parts, part)
}

// ownRow is one entry: what it says, and when.
func (v *view) ownRow(o Own) row {
	r := row{Name: v.ownText(o.Entry), Href: "/e/mijn/" + o.ID, Bars: newBars([]bar{{Own: true}}), Soft: v.momentOf(o.At)}
	if o.Detail != "" {
		r.Lines = append(r.Lines, plain(brief(o.Detail)))
	}
	if o.Note != "" {
		r.Note = brief(o.Note)
	}
	if o.Removed {
		r.Bars, r.Soft = nil, dotted(v.T("kind."+string(o.Kind)), v.T("e.removed.on", "day", v.momentOf(o.Stored)))
	}
	return r
}

// ownText is what an entry says, with its unit.
func (v *view) ownText(e Entry) string {
	unit := kindUnit(e.Kind)
	if unit == "" {
		return brief(e.Value)
	}
	return v.Number(e.Value) + nbsp + unit
}

// momentOf is a day with its time.
func (v *view) momentOf(at time.Time) string {
	at = at.In(fhir.Amsterdam())
	return v.T("day-at", "day", v.When(at.Format(time.DateOnly)), "time", at.Format("15:04"))
}

// entryOwnPage is one entry with what it was before.
type entryOwnPage struct {
	page
	Saved   string
	Text    []textPart // what it says, where that is long
	Facts   []fact
	Shared  string
	History []version
}

func (*entryOwnPage) template() string { return "own" }

// version is one version of an entry.
type version struct {
	Text, What string
	Gone       bool
}

// ownPage shows one entry, and every version of it.
func ownPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	all, err := v.s.Desk.OwnHistory(r.Context(), r.PathValue("id"))
	if err != nil || len(all) == 0 {
		return nil, either(err, ErrNotFound)
	}
	now := all[len(all)-1]
	kind := v.T("kind." + string(now.Kind))
	p := &entryOwnPage{page: page{
		Title: v.T("title.add"), Here: "/", Crumbs: []link{{v.T("e.h1"), "/e"}, {v.T("e.mine"), "/e/mijn"}, {kind, ""}},
		H1: kind, Soft: v.momentOf(now.At),
	}}
	if lines := paragraphs(now.Value); isShort(lines) {
		p.Answer = v.ownText(now.Entry) + "."
	} else {
		p.Text = []textPart{{Lines: lines, Own: true}}
	}
	here := "/e/mijn/" + now.ID
	if now.Removed {
		p.Rest = v.T("e.gone", "day", v.momentOf(now.Stored))
		p.Actions = []action{{Text: v.T("e.restore"), Post: here + "/terug", Look: "main"}}
	} else {
		p.Actions = []action{{Text: v.T("e.change"), Href: here + "/pas", Look: "other"}, {Text: v.T("e.remove"), Post: here + "/weg", Look: "link"}}
		if r.URL.Query().Has("ok") {
			p.Saved = v.T("e.changed")
		}
	}
	p.Actions = append(v.ownFiles(now), p.Actions...)
	p.Facts = v.ownFacts(now.Entry)
	if p.Shared, err = v.sharedOwn(r.Context(), now.ID); err != nil {
		return nil, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		p.History = append(p.History, v.version(all, i))
	}
	return p, nil
}

// either is the first error, or the other when there is none.
func either(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (v *view) ownFacts(e Entry) []fact {
	var out []fact
	add := func(name, text string) {
		if text != "" {
			out = append(out, fact{Name: v.T(name), Text: clean(text)})
		}
	}
	if e.Kind == OwnAllergy {
		add("e.label.reaction", e.Detail)
	} else {
		add("e.label.how", e.Detail)
	}
	if e.Kind == Glucose && e.Timing != "" {
		add("e.label.timing", v.T("e.timing."+e.Timing))
	}
	add("e.label.remark", e.Note)
	return out
}

// version is one row of the history.
func (v *view) version(all []Own, i int) version {
	o, act := all[i], "changed"
	switch {
	case o.Removed:
		act = "removed"
	case i == 0:
		act = "added"
	case all[i-1].Removed:
		act = "restored"
	}
	text := v.ownText(o.Entry)
	if i < len(all)-1 && kindUnit(o.Kind) == "" { // what it is now stands above, whole
		text = clean(o.Value)
	}
	out := version{Text: text, Gone: o.Removed, What: v.T("e.was."+act, "when", v.momentOf(o.Stored))}
	if i == 0 || !o.At.Equal(all[i-1].At) {
		out.What = dotted(out.What, v.T("e.was.at", "when", v.momentOf(o.At)))
	}
	if !o.Removed {
		for _, f := range v.ownFacts(o.Entry) {
			out.What = dotted(out.What, f.Text)
		}
	}
	return out
}

// sharedOwn says who was given the entry: they keep their copy, whatever the
// person does with it here (merge.md 6.2).
func (v *view) sharedOwn(ctx context.Context, id string) (string, error) {
	for i := range v.o.Items {
		if item := &v.o.Items[i]; len(item.SharedWith) > 0 && ownID(*item) == id {
			who, err := v.whoSees(ctx, *item)
			return v.T("e.shared", "who", who), err
		}
	}
	return "", nil
}

// ownFiles are links to the files of an entry that is a file. What was removed
// is in no overview, and has none until it is brought back.
func (v *view) ownFiles(o Own) []action {
	for _, item := range v.o.Items {
		if l, ok := item.Value.(*aggregator.Letter); ok && o.Kind == OwnDocument && ownID(item) == o.ID {
			return v.fileActions(item, l)
		}
	}
	return nil
}

// ownID is the id of the entry that an item is made of; empty for what the
// person did not add.
func ownID(item aggregator.Item) string {
	for _, p := range item.Parts {
		if p.Source == fhir.Self && !helps(p) && p.Type != "Goal" {
			return p.ID
		}
	}
	return ""
}

// mine leads from an item to what the person can do with it; nil when they did
// not add it.
func (v *view) mine(item aggregator.Item) *action {
	id := ownID(item)
	if id == "" || !item.Own() {
		return nil
	}
	return &action{Text: v.T("e.change-or-remove"), Href: "/e/mijn/" + id, Look: "link"}
}

// changeForm is the form with what the entry says now.
func changeForm(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p, o, err := v.changeOf(r)
	if err != nil {
		return nil, err
	}
	p.Value, p.Detail, p.Timing, p.Note = o.Value, o.Detail, o.Timing, o.Note
	if p.Numeric {
		p.Value, p.Second, _ = strings.Cut(v.Number(o.Value), "/")
	}
	at := o.At.In(fhir.Amsterdam())
	p.Day, p.Time = at.Format(time.DateOnly), at.Format("15:04")
	return p, nil
}

// changeOf is the empty form for an entry that can be changed.
func (v *view) changeOf(r *http.Request) (*formPage, Own, error) {
	all, err := v.s.Desk.OwnHistory(r.Context(), r.PathValue("id"))
	if err != nil || len(all) == 0 || all[len(all)-1].Removed {
		return nil, Own{}, either(err, ErrNotFound)
	}
	o := all[len(all)-1]
	p := v.formOf(o.Kind, "/e/mijn/"+o.ID+"/pas")
	p.Path = p.Post
	p.Crumbs = []link{{v.T("e.h1"), "/e"}, {v.T("e.mine"), "/e/mijn"}, {v.T("kind." + string(o.Kind)), "/e/mijn/" + o.ID}}
	p.Answer, p.Rest = v.T("e.change.answer"), v.T("e.change.rest")
	return p, o, nil
}

// changeEntry stores a new version, or shows the form again with what was typed.
func changeEntry(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	p, o, err := v.changeOf(r)
	if err != nil {
		return nil, err
	}
	p.id = o.ID
	done, err := v.take(r, p, func(ctx context.Context, e Entry) (string, error) { return v.s.Desk.Change(ctx, o.ID, e) })
	if err != nil || !done {
		return p, err
	}
	return see(w, r, "/e/mijn/"+o.ID+"?ok")
}

// removeEntry takes an entry away.
func removeEntry(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	return then(v.s.Desk.Remove(r.Context(), r.PathValue("id")), w, r)
}

// restoreEntry brings an entry back.
func restoreEntry(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	return then(v.s.Desk.Restore(r.Context(), r.PathValue("id")), w, r)
}

// then leads back to the entry.
func then(err error, w http.ResponseWriter, r *http.Request) (content, error) {
	if err != nil {
		return nil, err
	}
	return see(w, r, "/e/mijn/"+r.PathValue("id"))
}

// jump asks about an entry that is far from the one before it.
func (v *view) jump(ctx context.Context, p *formPage, e Entry) (string, error) {
	all, err := v.s.Desk.Own(ctx)
	if err != nil {
		return "", err
	}
	for _, o := range all { // newest first
		if o.Kind == e.Kind && o.ID != p.id && !o.Removed && !o.At.After(e.At) {
			return v.T("e.question.jump", "value", v.typed(p), "day", v.When(o.At.In(fhir.Amsterdam()).Format(time.DateOnly)), "last", v.ownText(o.Entry)), nil
		}
	}
	return v.T("e.question.unusual", "value", v.typed(p)), nil
}
