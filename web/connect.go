package web

import (
	"context"
	"errors"
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

// leaving is what differs between the pages that lead to a provider.
type leaving struct {
	section      string // "z" or "d": where in the site it belongs, and where who waits goes
	source, name string
	h1           string
	answer, rest string
	steps        []string
	later        string

	address, binding string // of the login that has begun
}

// leave makes the page that leads to a provider, and ties the way back to this
// browser.
func (v *view) leave(w http.ResponseWriter, l leaving) (content, error) {
	u, err := url.Parse(l.address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, &Problem{Code: medmij.CodeBad, Source: l.source}
	}
	v.s.sessions.beginLogin(w, l.binding)
	home := "/" + l.section
	return &leavePage{
		page: page{
			Title: v.T("title." + l.section), Here: home, Path: home, Crumbs: []link{{v.T("nav." + l.section), home}, {l.name, ""}},
			H1: l.h1, Answer: l.answer, Rest: l.rest,
		},
		Steps: l.steps, To: v.T("c.go", "who", l.name), Later: l.later,
		Go: template.URL(u.String()), Host: u.Hostname(),
	}, nil
}

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
	return v.leave(w, v.loginAt(source, brief(provider.Name), "/z", address, binding))
}

// loginAt is the page before a login to collect.
func (v *view) loginAt(source, name, later, address, binding string) leaving {
	return leaving{
		section: "z", source: source, name: name, h1: v.T("c.h1"), answer: v.T("c.answer", "who", name), rest: v.T("c.rest"),
		steps: []string{v.T("c.one"), v.T("c.two"), v.T("c.three")}, later: later, address: address, binding: binding,
	}
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
		return nil, v.named(r.Context(), err)
	}
	next := "/d/verstuurd"
	if !sent {
		if err := v.s.Desk.Sync(r.Context(), source); err != nil {
			return nil, err
		}
		next = v.afterLogin(r.Context())
	}
	v.s.touch()
	return &onPage{page: page{Title: "Bundel", Path: next, H1: v.T("c.done.h1"), Answer: v.T("c.done")}, Next: next}, nil
}

// afterLogin is where the person goes when a login is done: to the next one of
// the plan, or to what is being fetched.
func (v *view) afterLogin(ctx context.Context) string {
	plan, err := v.s.Desk.Plan(ctx)
	if err == nil && nextLogin(plan) >= 0 {
		return "/z/plan"
	}
	return "/z/bezig"
}

// named puts the name of the provider into a problem: a login that did not work
// may be at one that is in no overview yet.
func (v *view) named(ctx context.Context, err error) error {
	var problem *Problem
	if !errors.As(err, &problem) || problem.Source == "" {
		return err
	}
	if p, err := v.s.Desk.Provider(ctx, problem.Source, v.Lang); err == nil {
		problem.Name = p.Name
	}
	return err
}
