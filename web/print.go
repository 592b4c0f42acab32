package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/bundel-pgo/bundel/aggregator"
)

// paper is one thing that can be printed: what the person is asked before it,
// and the sheets it becomes.
type paper struct {
	key    string // of its words
	fields func(*view) []printField
	sheets func(*view, context.Context, typed) ([]sheet, error)
}

// papers is everything that can be printed. Their place here is their address,
// because their names are words about health: add at the end.
func papers() []paper {
	all := []paper{
		{"visit", (*view).visitFields, (*view).visitSheet},
		{"list", noFields, (*view).listSheet},
		{"pass", (*view).passFields, (*view).passSheets},
		{"card", (*view).cardFields, (*view).cardSheet},
		{"full", (*view).fullFields, (*view).fullSheet},
	}
	for _, key := range letterKeys {
		all = append(all, letterPaper(key))
	}
	return all
}

// paperNumber is the address of a paper, by the key of its words.
func paperNumber(key string) string {
	return fmt.Sprint(1 + slices.IndexFunc(papers(), func(p paper) bool { return p.key == key }))
}

// noFields asks nothing.
func noFields(*view) []printField { return nil }

// printPage lists what can be printed.
func printPage(v *view, _ http.ResponseWriter, _ *http.Request) (content, error) {
	p := &listPage{page: page{Title: v.T("title.p"), Here: "/", Crumbs: v.printCrumbs(""), H1: v.T("pr.h1"), Answer: v.T("pr.answer"), Rest: v.T("pr.answer.rest")}}
	var sheets, letters []row
	for i, what := range papers() {
		r := row{Name: v.T("pr.name." + what.key), Href: fmt.Sprint("/p/", i+1), Lines: []line{plain(v.T("pr.what." + what.key))}}
		if isLetter(what.key) {
			letters = append(letters, r)
		} else {
			sheets = append(sheets, r)
		}
	}
	p.addPart(v.T("pr.sheets"), sheets)
	p.addPart(v.T("pr.letters"), letters)
	return p, nil
}

// printCrumbs is the way back from a page about printing.
func (v *view) printCrumbs(here string) []link {
	if here == "" {
		return []link{{v.T("o.h1"), "/"}, {v.T("pr.h1"), ""}}
	}
	return []link{{v.T("pr.h1"), "/p"}, {here, ""}}
}

// paperOf is what an address names.
func paperOf(r *http.Request) (paper, error) {
	all := papers()
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || n < 1 || n > len(all) {
		return paper{}, ErrNotFound
	}
	return all[n-1], nil
}

// paperPage asks what the sheet needs. What is typed is sent as a form and
// never stands in an address, and nothing of it is kept.
func paperPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	what, err := paperOf(r)
	if err != nil {
		return nil, err
	}
	return v.printForm(what, nil), nil
}

// paperSheet shows the sheet as it will be printed, or the form again when
// something in it has to be changed.
func paperSheet(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	what, err := paperOf(r)
	if err != nil {
		return nil, err
	}
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	in := typed(r.PostForm)
	form := v.printForm(what, in)
	if form.Wrong = v.wrongFields(form.Fields); len(form.Wrong) > 0 || in.has("wijzig") {
		return form, nil
	}
	p := &sheetPage{page: page{Title: v.T("title.p"), Here: "/", Crumbs: form.Crumbs, H1: form.H1, Path: v.path}, Post: v.path, Values: form.given()}
	if p.Sheets, err = what.sheets(v, r.Context(), in); err != nil {
		return nil, err
	}
	for i := range p.Sheets {
		v.mention(&p.Sheets[i], in)
	}
	if !in.has("als") {
		return p, nil
	}
	data, err := pdfOf(p.Sheets, v.now, false)
	if errors.Is(err, errNoGlyph) {
		p.Notice = &notice{Text: v.T("pr.pdf.letters")}
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	sendPDF(w, data)
	return nil, nil
}

// sheetPage is sheets of paper as they will be printed.
type sheetPage struct {
	page
	Post   string
	Values []value // what was typed, to go back to the form with it
	Sheets []sheet
}

func (*sheetPage) template() string { return "sheet" }

// in is the same view in another language.
func (v *view) in(ctx context.Context, lang string) (*view, error) {
	if lang == v.Lang {
		return v, nil
	}
	o, err := v.s.Desk.Overview(ctx, lang)
	return &view{words: wordsIn(lang), s: v.s, o: o, now: v.now, path: v.path}, err
}

// shut are the items that the person does not see yet.
func (v *view) shut() []aggregator.Item {
	var out []aggregator.Item
	for _, item := range v.o.Items {
		if isClosed(item) {
			out = append(out, item)
		}
	}
	return out
}

// mention says on a sheet that something is closed, only when the person
// ticked it: who reads a sheet must not see that something was left out
// (product.md 6.14, EHDS 8).
func (v *view) mention(s *sheet, in typed) {
	if n := len(v.shut()); n > 0 && in.has("dicht") && !s.Bare {
		s.Closed = wordsIn(s.Lang).T("pr.closed", "n", n)
	}
}
