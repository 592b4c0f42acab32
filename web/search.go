package web

import (
	"net/http"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
)

// findPage searches in what the person has. What was typed is in the body of a
// POST, never in an address.
type findPage struct {
	page
	Query string
	Parts []listPart
}

func (*findPage) template() string { return "find" }

// searchPage is the empty search page, where a narrow screen starts.
func searchPage(v *view, _ http.ResponseWriter, _ *http.Request) (content, error) {
	return v.findPage(""), nil
}

// findPage makes the page with what was typed.
func (v *view) findPage(query string) *findPage {
	return &findPage{Query: query, page: page{Title: v.T("title.find"), H1: v.T("find.h1"), Answer: v.T("find.answer"), Path: "/zoek"}}
}

// search looks for items in which everything that was typed occurs in some
// form. What is best stands first, and so does its subject.
func search(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	query := strings.TrimSpace(r.PostFormValue("q"))
	p := v.findPage(query)
	if query == "" {
		return p, nil
	}
	hits, n, err := v.s.Desk.Find(r.Context(), query, v.Lang, mostFound)
	if err != nil {
		return nil, err
	}
	bySubject := map[string]int{}
	for _, hit := range hits {
		at, ok := bySubject[hit.Item.Subject]
		if !ok {
			at = len(p.Parts)
			bySubject[hit.Item.Subject] = at
			p.Parts = append(p.Parts, listPart{Heading: v.subjectName(hit.Item.Subject)})
		}
		p.Parts[at].Rows = append(p.Parts[at].Rows, v.rows([]aggregator.Item{hit.Item})...)
	}
	p.Answer = v.T("find.found", "n", n)
	if n > mostFound {
		p.Rest = v.T("find.some", "n", mostFound)
	}
	return p, nil
}
