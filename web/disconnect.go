package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
)

// endPage ends the connection with a source: first the choice between keeping
// and erasing what came from it, then, for erasing, a page of its own.
type endPage struct {
	page
	Ways  []endWay
	Goes  []string // what disappears
	Stays []string // what does not
	Erase *action  // the one button that erases
	Back  string
}

func (*endPage) template() string { return "end" }

// endWay is one of the two ways to end a connection.
type endWay struct {
	Heading, Text string
	Do            action
	Stop          bool // leads to erasing
}

// endOf is what both pages have.
func (v *view) endOf(r *http.Request, h1 string) (*endPage, string, error) {
	source, ok := v.sourceOf(r.PathValue("source"))
	if !ok {
		return nil, "", ErrNotFound
	}
	key, name := sourceKey(source), v.provider(source)
	return &endPage{
		page: page{Title: v.T("title.z"), Here: "/z", Crumbs: []link{{v.T("nav.z"), "/z"}, {name, "/z/" + key}, {h1, ""}}, H1: h1},
		Back: "/z/" + key,
	}, source, nil
}

// disconnectPage asks what happens to what came from the source.
func disconnectPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p, source, err := v.endOf(r, v.T("los.h1"))
	if err != nil {
		return nil, err
	}
	links, err := v.linked(r.Context())
	if err != nil {
		return nil, err
	}
	name := v.provider(source)
	p.Answer, p.Rest = v.T("los.answer", "who", name), v.T("los.rest")
	if _, ok := links[source]; ok {
		p.Ways = append(p.Ways, endWay{Heading: v.T("los.keep"), Text: v.T("los.keep.text"), Do: action{
			Text: v.T("los.keep.do"), About: name, Post: "/z/los", Values: []value{{"bron", sourceKey(source)}}, Look: "other",
		}})
	}
	p.Ways = append(p.Ways, endWay{Heading: v.T("los.erase"), Text: v.T("los.erase.text"), Stop: true, Do: action{
		Text: v.T("los.erase.see"), About: name, Href: "/z/" + sourceKey(source) + "/wis", Look: "stop",
	}})
	p.Stays = []string{v.T("los.there", "who", name)}
	return p, nil
}

// erasePage says what disappears and what stays, before anything does.
func erasePage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p, source, err := v.endOf(r, v.T("los.erase"))
	if err != nil {
		return nil, err
	}
	name := v.provider(source)
	only, others := v.fromSource(source)
	p.Answer, p.Rest = v.T("los.sure", "who", name), v.T("los.sure.rest")
	p.Goes = append(p.Goes, v.T("los.goes.only", "n", only, "who", name))
	if others > 0 {
		p.Goes = append(p.Goes, v.T("los.goes.both", "n", others, "who", name))
	}
	p.Goes = append(p.Goes, v.T("los.goes.consent", "who", name))
	for _, key := range [...]string{"own", "shared", "copies", "log"} {
		p.Stays = append(p.Stays, v.T("los.stays."+key))
	}
	p.Stays = append(p.Stays, v.T("los.stays.record", "who", name))
	p.Erase = &action{Text: v.T("los.erase.do"), About: name, Post: "/z/wis", Values: []value{{"bron", sourceKey(source)}}, Look: "stop"}
	return p, nil
}

// fromSource counts the items that stand on this source alone, and those of
// which others say something too.
func (v *view) fromSource(source string) (only, others int) {
	for _, item := range v.o.Items {
		of := func(p aggregator.Part) bool { return p.Source == source }
		who := speakers(item)
		switch {
		case !slices.Contains(who, source) && !slices.ContainsFunc(item.Parts, of):
		case len(who) == 1 && who[0] == source:
			only++
		default:
			others++
		}
	}
	return only, others
}

// disconnect ends a connection and keeps what came from it.
func disconnect(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	return v.end(w, r, v.s.Desk.Disconnect, "?los")
}

// erase ends a connection and erases what came from it.
func erase(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	return v.end(w, r, v.s.Desk.Forget, "?wis")
}

func (v *view) end(w http.ResponseWriter, r *http.Request, end func(context.Context, string) error, told string) (content, error) {
	source, ok := v.sourceOf(r.PostFormValue("bron"))
	if !ok {
		return nil, ErrNotFound
	}
	if err := end(r.Context(), source); err != nil {
		return nil, err
	}
	return see(w, r, "/z"+told)
}
