package web

import (
	"net/http"
	"strings"

	"golang.org/x/text/unicode/norm"

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

// search looks for items in which every word that was typed occurs.
func search(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	query := strings.TrimSpace(r.PostFormValue("q"))
	p := v.findPage(query)
	if query == "" {
		return p, nil
	}
	found := 0
	bySubject := map[string]int{}
	for _, item := range v.o.Items {
		if !matches(item, fold(query)) || item.Section == aggregator.History {
			continue
		}
		if found++; found > mostRows {
			continue
		}
		at, ok := bySubject[item.Subject]
		if !ok {
			at = len(p.Parts)
			bySubject[item.Subject] = at
			p.Parts = append(p.Parts, listPart{Heading: v.subjectName(item.Subject)})
		}
		p.Parts[at].Rows = append(p.Parts[at].Rows, v.rows([]aggregator.Item{item})...)
	}
	p.Answer = v.T("find.found", "n", found)
	if found > mostRows {
		p.Rest = v.T("find.some", "n", mostRows)
	}
	return p, nil
}

// matches tells whether every word that was typed is somewhere in the item.
func matches(item aggregator.Item, query string) bool {
	text := fold(item.Name() + " " + item.Detail + " " + item.Author)
	for _, word := range strings.Fields(query) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// fold takes case and accents away: "Allergieën" is found by "allergieen".
func fold(text string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		if r < 0x300 || r > 0x36f {
			out.WriteRune(r)
		}
	}
	return out.String()
}
