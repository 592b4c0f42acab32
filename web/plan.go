package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// planPage is the way to the providers that the person chose: how often they
// log in, and where they are (product.md 6.4).
type planPage struct {
	page
	Rows []row
	Tip  string
}

func (*planPage) template() string { return "plan" }

// loginsPage shows the plan.
func loginsPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	plan, err := v.s.Desk.Plan(r.Context())
	if err != nil {
		return nil, err
	}
	p := &planPage{page: page{
		Title: v.T("title.z"), Here: "/z", Crumbs: []link{{v.T("nav.z"), "/z"}, {v.T("c.h1"), ""}}, H1: v.T("plan.h1"),
	}}
	for n, login := range plan {
		p.Rows = append(p.Rows, v.loginRow(plan, n, login))
	}
	p.Rows = onTop(p.Rows)
	p.Actions = []action{{Text: v.T("plan.more"), Href: "/z", Look: "other"}}
	next := nextLogin(plan)
	switch {
	case len(plan) == 0:
		p.Answer, p.Rest = v.T("plan.none"), v.T("z.nobody.rest")
		return p, nil
	case next < 0:
		p.Answer, p.Rest = v.T("plan.done"), v.T("plan.done.rest")
		p.Actions = []action{{Text: v.T("z.progress"), Href: "/z/bezig", Look: "main"}, p.Actions[0]}
		return p, nil
	}
	p.Answer, p.Rest = v.T("plan.answer", "n", len(plan)), v.T("plan.answer.rest")
	if done := doneLogins(plan); done > 0 {
		p.Answer, p.Rest = v.T("plan.at", "n", done, "all", len(plan)), v.T("plan.at.rest", "who", brief(plan[next].Name))
	}
	p.Soft, p.Tip = v.T("plan.soft"), v.T("plan.tip")
	p.Actions = append([]action{{
		Text: v.T("plan.begin", "n", next+1), About: brief(plan[next].Name), Post: "/z/begin", Look: "main",
		Values: []value{{"bron", plan[next].Source}, {"n", fmt.Sprint(next)}},
	}}, p.Actions[0], action{Text: v.T("c.later"), Href: "/z", Look: "link"})
	return p, nil
}

// loginRow is one login of the plan.
func (v *view) loginRow(plan []PlannedLogin, n int, login PlannedLogin) row {
	r := row{Name: v.T("plan.name", "n", n+1, "who", brief(login.Name)), Lines: []line{plain(brief(v.List(login.Services)))}}
	first := slices.IndexFunc(plan, func(l PlannedLogin) bool { return l.Host == login.Host })
	r.Soft = v.T("plan.host", "host", login.Host)
	if first < n {
		r.Soft = v.T("plan.same", "n", first+1)
	}
	switch {
	case login.Done:
		r.Flags = []flag{{v.T("flag.ready"), ""}}
		return r
	case n == nextLogin(plan) && doneLogins(plan) > 0:
		r.Flags = []flag{{v.T("flag.now"), ""}}
	}
	r.Actions = []action{{Text: v.T("plan.drop"), About: brief(login.Name), Post: "/z/plan", Values: []value{{"bron", login.Source}, {"weg", "ja"}}, Look: "link"}}
	return r
}

// nextLogin is the place of the first login that is not done; -1 when all are.
func nextLogin(plan []PlannedLogin) int {
	return slices.IndexFunc(plan, func(l PlannedLogin) bool { return !l.Done })
}

func doneLogins(plan []PlannedLogin) int {
	n := 0
	for _, l := range plan {
		if l.Done {
			n++
		}
	}
	return n
}

// changePlan adds a provider to the plan, or takes one out.
func changePlan(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	change := v.s.Desk.AddLogin
	if r.PostFormValue("weg") != "" {
		change = v.s.Desk.DropLogin
	}
	if err := change(r.Context(), r.PostFormValue("bron")); err != nil {
		return nil, err
	}
	return see(w, r, "/z/plan")
}

// beginPlanned begins the login of the plan that the form names.
func beginPlanned(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	plan, err := v.s.Desk.Plan(r.Context())
	if err != nil {
		return nil, err
	}
	source := r.PostFormValue("bron")
	n, err := strconv.Atoi(r.PostFormValue("n"))
	if err != nil || n < 0 || n >= len(plan) {
		return nil, ErrNotFound
	}
	address, binding, err := v.s.Desk.BeginPlanned(r.Context(), n, source)
	if err != nil {
		return nil, err
	}
	l := v.loginAt(source, brief(plan[n].Name), "/z/plan", address, binding)
	if len(plan) > 1 {
		l.rest = v.T("c.of", "n", n+1, "all", len(plan)) + " " + l.rest
	}
	return v.leave(w, l)
}

// planOf is the plan, or none when the lists cannot be read: then the page says
// what is known without them.
func (v *view) planOf(r *http.Request) ([]PlannedLogin, error) {
	plan, err := v.s.Desk.Plan(r.Context())
	var problem *Problem
	if errors.As(err, &problem) {
		return nil, nil
	}
	return plan, err
}

// planRow leads on with a plan that is not done; empty when there is none.
func (v *view) planRow(plan []PlannedLogin) []row {
	if nextLogin(plan) < 0 {
		return nil
	}
	var names []string
	for _, l := range plan {
		if name := brief(l.Name); !l.Done && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return []row{{
		Name: v.T("plan.left", "n", len(plan)-doneLogins(plan)), Lines: []line{plain(v.List(names))},
		Actions: []action{{Text: v.T("plan.go"), Href: "/z/plan", Look: "main"}},
	}}
}
