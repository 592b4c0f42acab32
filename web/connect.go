package web

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"
)

// leavePage is the last page before a provider: a plain link, so that the
// person sees where they go, and no form policy is in the way.
type leavePage struct {
	page
	Go   template.URL
	Host string
	To   string
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
	binding := v.s.sessions.beginLogin(w)
	address, err := v.s.Desk.Begin(r.Context(), source, n, binding)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, &Problem{Code: "P-bad", Source: source}
	}
	name := brief(provider.Name)
	return &leavePage{
		page: page{
			Title: v.T("title.z"), Here: "/z", Path: "/z", Crumbs: []link{{v.T("nav.z"), "/z"}, {name, ""}},
			H1: v.T("c.h1"), Answer: v.T("c.answer", "who", name), Rest: v.T("c.rest"),
		},
		Go: template.URL(u.String()), Host: u.Hostname(), To: v.T("c.go", "who", name),
	}, nil
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
	source, err := v.s.Desk.Finish(r.Context(), r.URL.Query(), binding)
	if err != nil {
		return nil, err
	}
	if err := v.s.Desk.Sync(r.Context(), source); err != nil {
		return nil, err
	}
	v.s.touch()
	return &onPage{page: page{Title: "Bundel", Path: "/z/bezig", H1: v.T("c.done.h1"), Answer: v.T("c.done")}, Next: "/z/bezig"}, nil
}
