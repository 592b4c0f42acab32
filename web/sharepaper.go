package web

import "net/http"

// readyPage is what somebody may see, ready to print.
type readyPage struct{ listPage }

func (*readyPage) template() string { return "ready" }

// paperShares makes ready to print what a recipient may see. A browser does not
// tell whether it printed, so the ledger says that it was made ready: on this
// button, and not when somebody only looks.
func paperShares(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	rec, err := v.recipientOf(r, r.PathValue("recipient"))
	if err != nil {
		return nil, err
	}
	o, err := v.s.Desk.Paper(r.Context(), rec.Source, v.Lang)
	if err != nil {
		return nil, err
	}
	if len(o.Items) == 0 {
		return see(w, r, "/d/kijk/"+r.PathValue("recipient"))
	}
	p := &readyPage{listPage{page: page{
		Title: v.T("title.d"), Here: "/d", Crumbs: []link{{v.T("nav.d"), "/d"}, {clean(rec.Name), "/d/kijk/" + r.PathValue("recipient")}}, H1: v.T("d.paper.h1"),
		Answer: clean(v.o.Person.Name), Rest: v.When(v.o.Person.BirthDate), Lead: v.T("pr.made", "day", v.madeOn(v.now)),
	}}}
	v.addSeen(&p.listPage, o)
	return p, nil
}
