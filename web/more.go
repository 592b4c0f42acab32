package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/bundel-pgo/bundel/aggregator"
)

// moreSubjects are the subjects without a page of their own. Their place here
// is their address, because their names are words about health: add at the end.
var moreSubjects = [...]string{
	"problem", "vaccination", "appointment", "note", "procedure", "encounter", "plan", "device", "alert",
	"directive", "lifestyle", "questionnaire", "coverage", "person", "provider", "other",
}

// subjectHome is the address of the list that a subject stands on.
func subjectHome(subject string) string {
	switch subject {
	case "medication":
		return "/m"
	case "allergy":
		return "/a"
	case "lab", "vital":
		return "/u"
	case "letter":
		return "/b"
	}
	for i, name := range moreSubjects {
		if name == subject {
			return fmt.Sprint("/g/", i+1)
		}
	}
	return "/g"
}

// navOf is the item of the navigation that a subject belongs to.
func navOf(subject string) string {
	if home := subjectHome(subject); len(home) == 2 && home != "/g" {
		return home
	}
	return "/"
}

// subjectName is a subject in words.
func (v *view) subjectName(subject string) string { return v.T("subject." + subject) }

// moreLinks are the other subjects that have anything in them.
func (v *view) moreLinks() []link {
	var out []link
	for i, subject := range moreSubjects {
		if n := len(v.current(subject)) + size(v.bunches(subject)); n > 0 {
			out = append(out, link{fmt.Sprintf("%s (%d)", v.subjectName(subject), n), fmt.Sprint("/g/", i+1)})
		}
	}
	return out
}

// current gives the items of a subject that are neither closed nor only history.
// Who gets them does not change them.
func (v *view) current(subject string) []aggregator.Item {
	return v.s.made.list(v.o, "current "+subject, func() []aggregator.Item {
		all := v.o.Subject(subject)
		return slices.Clip(slices.DeleteFunc(all, func(item aggregator.Item) bool { return item.Section == aggregator.History || isClosed(item) }))
	})
}

// history gives the results that are only history. Who gets them does not change
// them.
func (v *view) history() []aggregator.Item {
	return v.s.made.list(v.o, "history", func() []aggregator.Item { return sections(v.o.Subject("lab", "vital"), aggregator.History) })
}

// linksPage is a page of links: other subjects, the kinds of entries, the menu.
type linksPage struct {
	page
	Links []link
	Note  string
}

func (*linksPage) template() string { return "links" }

// morePage lists the subjects without a place in the navigation.
func morePage(v *view, _ http.ResponseWriter, _ *http.Request) (content, error) {
	p := &linksPage{page: page{Title: v.T("title.more"), Here: "/", H1: v.T("g.h1")}, Links: v.moreLinks()}
	p.Crumbs = []link{{v.T("o.h1"), "/"}, {v.T("g.h1"), ""}}
	p.Answer = v.T("g.answer", "n", len(p.Links))
	if len(p.Links) == 0 {
		p.Answer = v.T("g.nothing")
	}
	return p, nil
}

// subjectPage lists one of the other subjects by section.
func subjectPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || n < 1 || n > len(moreSubjects) {
		return nil, ErrNotFound
	}
	subject := moreSubjects[n-1]
	all := v.current(subject)
	p := &listPage{page: page{
		Title: v.T("title.more"), Here: "/", Crumbs: []link{{v.T("o.h1"), "/"}, {v.T("g.h1"), "/g"}},
		H1: v.subjectName(subject), Answer: v.T("g.count", "n", len(all)),
	}, Saved: v.saved(r)}
	v.addClosed(p, subject)
	if len(all) == 0 {
		v.onlyClosed(p, subject)
	}
	shown, next := cut(all, r.URL.Query().Get("vanaf"))
	if next > 0 {
		p.Further = &link{v.T("further"), fmt.Sprint("/g/", n, "?vanaf=", next)}
	}
	heading := "-"
	for _, item := range shown {
		name := v.Or("part."+string(item.Section), "")
		if name != heading {
			heading = name
			p.Parts = append(p.Parts, listPart{Heading: name})
		}
		part := &p.Parts[len(p.Parts)-1]
		part.Rows = append(part.Rows, v.rows([]aggregator.Item{item})...)
	}
	p.Where = v.where()
	return p, nil
}

// menuPage is every place to go, for a narrow screen.
func menuPage(v *view, _ http.ResponseWriter, _ *http.Request) (content, error) {
	p := &linksPage{page: page{Title: v.T("title.menu"), Here: "/menu", H1: v.T("nav.menu"), Answer: v.T("menu.answer")}}
	for _, item := range navigation {
		p.Links = append(p.Links, link{v.T("nav." + item.key), item.href})
	}
	for _, item := range [...]link{
		{"g.h1", "/g"},
		{"w.h1", "/w"},
		{"j.h1", "/j"},
		{"pr.h1", "/p"},
		{"e.h1", "/e"},
		{"find.h1", "/zoek"},
		{"log.h1", "/logboek"},
		{"set.h1", "/instellingen"},
		{"nav.hulp", "/hulp"},
	} {
		p.Links = append(p.Links, link{v.T(item.Text), item.Href})
	}
	return p, nil
}

// navigation is the seven main items.
var navigation = [...]struct{ key, href string }{
	{"o", "/"}, {"m", "/m"}, {"a", "/a"}, {"u", "/u"}, {"b", "/b"}, {"d", "/d"}, {"z", "/z"},
}
