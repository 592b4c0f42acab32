package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
)

const (
	visitPath = "/d/scherm"
	visitTime = 15 * time.Minute // product.md 6.10
)

// visit is somebody who looks along at this screen: until it ends the pages show
// what they may see, as it was when it began, and nothing else.
type visit struct {
	o     *aggregator.Overview
	who   string
	until time.Time
}

// visitPage is what the other sees. It has no way to any other page.
type visitPage struct {
	page
	Parts []listPart
}

func (*visitPage) template() string { return "visit" }

// duringVisit tells whether a route answers while somebody looks along.
func duringVisit(pattern string) bool {
	switch pattern {
	case "GET " + visitPath, "POST " + visitPath + "/klaar", "POST /lock", "GET /s/{file}":
		return true
	}
	return false
}

// visited answers for a browser with a session while somebody looks along. The
// time is looked at here as well: a timer stands still while the computer sleeps.
func (s *Server) visited(w http.ResponseWriter, r *http.Request, pattern string) bool {
	now := s.visit.Load()
	if now == nil {
		return false
	}
	if !s.Now().Before(now.until) {
		s.close()
		return false
	}
	if duringVisit(pattern) || !s.sessions.valid(r, s.Now()) {
		return false
	}
	if safeMethod(r.Method) {
		http.Redirect(w, r, visitPath, http.StatusSeeOther)
	} else {
		s.heldUp(w, r, pattern)
	}
	return true
}

// beginVisit turns the screen to the other. From here on the only ways out are
// the end of the time, the button, and the passphrase after both.
func beginVisit(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	rec, ok := shares.recipient(r.PostFormValue("wie"))
	if !ok {
		return nil, ErrNotFound
	}
	until := v.now.Add(visitTime)
	o, err := v.s.Desk.Show(r.Context(), rec.Source, v.Lang, until)
	if err != nil {
		return nil, err
	}
	if len(o.Items) == 0 {
		return see(w, r, "/d/kijk/"+sourceKey(rec.Source))
	}
	v.s.visit.Store(&visit{o: o, who: clean(rec.Name), until: until})
	v.s.touch()
	return see(w, r, visitPath)
}

// showVisit is the page that the other sees.
func showVisit(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	now := v.s.visit.Load()
	if now == nil {
		return see(w, r, "/d")
	}
	p := &visitPage{page: page{
		Title: v.T("title.d"), Path: visitPath, H1: v.T("dv.h1", "name", clean(now.o.Person.Name)),
		Answer: v.T("d.sees", "who", now.who, "n", len(now.o.Items)), Rest: v.T("d.sees.rest"),
		Soft: v.T("dv.until", "time", v.clock(now.until)),
	}}
	// A second more, so that the page is asked for when the time is over.
	w.Header().Set("Refresh", strconv.Itoa(int(now.until.Sub(v.now).Seconds())+1))
	shown := v.asShown(now.o)
	for _, subject := range shareSubjects {
		items := now.o.Subject(subject)
		if len(items) == 0 {
			continue
		}
		rows := shown.seen(items)
		for i := range rows {
			rows[i].Actions = nil
		}
		p.Parts = append(p.Parts, listPart{Heading: v.subjectName(subject), Rows: rows})
	}
	v.o = nil // the frame shows nothing of the person's own pages
	return p, nil
}

// endVisit closes the vault: the person's own pages come back with the passphrase.
func endVisit(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	return lock(v, w, r)
}

// asShown is the view of somebody else's overview. That names no sources, since
// the list would tell who was left out; those of its items have their names here.
func (v *view) asShown(o *aggregator.Overview) *view {
	named := *o
	named.Sources = nil
	for _, item := range o.Items {
		for _, p := range item.Parts {
			if !slices.ContainsFunc(named.Sources, func(s aggregator.SourceStatus) bool { return s.Source == p.Source }) {
				named.Sources = append(named.Sources, aggregator.SourceStatus{Source: p.Source, Provider: v.provider(p.Source)})
			}
		}
	}
	return &view{words: v.words, s: v.s, o: &named, now: v.now, tags: v.makeTags()}
}
