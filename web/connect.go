package web

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"

	"github.com/bundel-pgo/bundel/medmij"
)

// leavePage is the last page before a provider: a plain link, so that the
// person sees where they go, and no form policy is in the way.
type leavePage struct {
	page
	Steps []string
	Go    template.URL
	Host  string
	To    string
	Later string // address for who does not want to go now
}

func (*leavePage) template() string { return "leave" }

// connect begins a login at a provider.
func connect(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	source := r.PostFormValue("bron")
	n, err := strconv.Atoi(r.PostFormValue("n"))
	if err != nil || n < 0 {
		return nil, ErrNotFound
	}
	provider, err := v.s.Desk.Provider(r.Context(), source, v.Lang)
	if err != nil {
		return nil, err
	}
	address, binding, err := v.s.Desk.Begin(r.Context(), source, n)
	if err != nil {
		return nil, err
	}
	name := brief(provider.Name)
	p := &leavePage{
		page: page{
			Title: v.T("title.z"), Here: "/z", Path: "/z", Crumbs: []link{{v.T("nav.z"), "/z"}, {name, ""}},
			H1: v.T("c.h1"), Answer: v.T("c.answer", "who", name), Rest: v.T("c.rest"),
		},
		Steps: []string{v.T("c.one"), v.T("c.two"), v.T("c.three")},
		To:    v.T("c.go", "who", name), Later: "/z",
	}
	return p, p.lead(v, w, source, address, binding)
}

// lead fills in where the link goes, and ties the way back to this browser.
func (p *leavePage) lead(v *view, w http.ResponseWriter, source, address, binding string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return &Problem{Code: medmij.CodeBad, Source: source}
	}
	v.s.sessions.beginLogin(w, binding)
	p.Go, p.Host = template.URL(u.String()), u.Hostname()
	return nil
}

// onPage sends the browser on from a page of our own: an answer that began at
// another site arrives without the Strict cookie, a link on our page does not.
type onPage struct {
	page
	Next string
}

func (*onPage) template() string { return "on" }

// callback takes the answer of a provider. The login cookie ties it to the
// browser that began (security-store.md B12); the session cookie is not sent
// on the way back.
func callback(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	binding, ok := v.s.sessions.endLogin(w, r)
	if !ok {
		return nil, ErrBinding
	}
	if v.s.Desk.State() != Open {
		return nil, &Problem{Code: "locked"}
	}
	source, sent, err := v.s.Desk.Finish(r.Context(), r.URL.Query(), binding)
	if err != nil {
		return nil, err
	}
	next := "/d/verstuurd"
	if !sent {
		next = "/z/bezig"
		if err := v.s.Desk.Sync(r.Context(), source); err != nil {
			return nil, err
		}
	}
	v.s.touch()
	return &onPage{page: page{Title: "Bundel", Path: next, H1: v.T("c.done.h1"), Answer: v.T("c.done")}, Next: next}, nil
}
