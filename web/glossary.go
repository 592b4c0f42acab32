package web

import (
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/web/glossary"
)

// readBooks reads the words of both languages; nil is the folder of Bundel.
func readBooks(folder fs.FS) (map[string]*glossary.Book, error) {
	if folder == nil {
		folder = glossary.BuiltIn()
	}
	books := map[string]*glossary.Book{}
	for _, lang := range [...]string{"nl", "en"} {
		b, err := glossary.ReadFile(folder, lang)
		if err != nil {
			return nil, err
		}
		books[lang] = b
	}
	return books, nil
}

// book are the words in the language of the page.
func (v *view) book() *glossary.Book { return v.s.books[v.Lang] }

// term is the line "What is this?". Name is only there when the page calls it
// otherwise.
type term struct{ Name, Text string }

// explained is the word for an item: by the code of what was measured, else by
// a name that is exactly the same. It is nil when there is none.
func (v *view) explained(item aggregator.Item) *term {
	found, ok := v.termOf(item)
	if !ok {
		return nil
	}
	t := &term{Text: found.Text}
	if !strings.EqualFold(found.Name, item.Name()) {
		t.Name = found.Name
	}
	return t
}

func (v *view) termOf(item aggregator.Item) (glossary.Term, bool) {
	if found, ok := v.byAnalyte(item); ok {
		return found, true
	}
	for _, name := range namesOf(item) {
		if found, ok := v.book().ByName(name); ok {
			return found, true
		}
	}
	return glossary.Term{}, false
}

// byAnalyte finds the word for what a result measures: codes of one test that
// differ by unit or by system have one key.
func (v *view) byAnalyte(item aggregator.Item) (glossary.Term, bool) {
	r, ok := item.Value.(*aggregator.Result)
	if !ok || r.Analyte == "" {
		return glossary.Term{}, false
	}
	table := aggregator.Analytes()
	for _, t := range v.book().Terms() {
		if slices.ContainsFunc(t.Codes, func(c fhir.Coding) bool {
			a, known := table.Analyte(c)
			return known && a.Key == r.Analyte || c.System+"|"+c.Code == r.Analyte
		}) {
			return t, true
		}
	}
	return glossary.Term{}, false
}

// namesOf are the names under which an item may be explained.
func namesOf(item aggregator.Item) []string {
	switch value := item.Value.(type) {
	case *aggregator.Medicine:
		return []string{value.Name, item.Title, value.Substance}
	case *aggregator.Letter:
		return []string{item.Title, value.Kind}
	case *aggregator.Result:
		return []string{value.Name, item.Title}
	}
	return []string{item.Title}
}

// termsShown is the page with words: those under a letter, or those found.
type termsShown struct {
	page
	Query   string
	Letters []tab
	Parts   []helpPart
}

func (*termsShown) template() string { return "terms" }

// termsPage shows the words under one letter.
func termsPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	all := v.book().Terms()
	p := v.terms(all)
	if len(all) == 0 {
		return p, nil
	}
	letter := all[0].Letter()
	if asked := r.URL.Query().Get("l"); slices.ContainsFunc(all, func(t glossary.Term) bool { return t.Letter() == asked }) {
		letter = asked
	}
	for i, t := range all {
		if i == 0 || all[i-1].Letter() != t.Letter() {
			name := t.Letter()
			if name == "#" {
				name = v.T("t.signs")
			}
			p.Letters = append(p.Letters, tab{Text: name, Href: "/hulp/woorden?l=" + strings.ReplaceAll(t.Letter(), "#", "%23"), Here: t.Letter() == letter})
		}
	}
	shown := slices.DeleteFunc(slices.Clone(all), func(t glossary.Term) bool { return t.Letter() != letter })
	p.Parts = []helpPart{{Heading: v.T("t.letter", "letter", strings.ReplaceAll(letter, "#", v.T("t.signs"))), Facts: termFacts(shown)}}
	return p, nil
}

// findTerms looks a word up. What was typed is in the body of a POST, never in
// an address.
func findTerms(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p := v.terms(v.book().Terms())
	p.Query = strings.TrimSpace(r.PostFormValue("q"))
	found := v.book().Search(clean(p.Query))
	p.Answer, p.Rest = v.T("t.found", "n", len(found)), ""
	if len(found) > mostRows {
		p.Rest = v.T("find.some", "n", mostRows)
	}
	if shown := found[:min(len(found), mostRows)]; len(shown) > 0 {
		p.Parts = []helpPart{{Heading: v.T("t.h1"), Facts: termFacts(shown)}}
	}
	p.Actions = []action{{Text: v.T("t.all"), Href: "/hulp/woorden", Look: "link"}}
	return p, nil
}

// terms is the page before there are words on it.
func (v *view) terms(all []glossary.Term) *termsShown {
	return &termsShown{page: page{
		Title: v.T("title.help"), Here: "/hulp", Path: "/hulp/woorden", H1: v.T("t.h1"), Crumbs: v.helpCrumbs("t.h1"),
		Answer: v.T("t.answer", "n", len(all)), Rest: v.T("t.answer.rest"),
	}}
}

// termFacts are words with what they mean and their other names.
func termFacts(all []glossary.Term) []fact {
	var out []fact
	for _, t := range all {
		out = append(out, fact{Name: t.Name, Text: t.Text, From: strings.Join(t.Other, ", ")})
	}
	return out
}
