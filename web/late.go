package web

import "net/http"

// tooLate answers a form that came after the vault closed: with words, with a way
// to open it again, and with what was typed kept where that is safe.
func (s *Server) tooLate(w http.ResponseWriter, r *http.Request, pattern string) {
	if pattern == "POST "+draftPath || pattern == "POST "+stayPath { // a script asks, and shows nothing
		s.saveLate(r, r.PostFormValue(draftAction), r.PostFormValue(draftPage))
		http.Error(w, "", http.StatusUnauthorized)
		return
	}
	v := s.outside(r)
	p := v.door()
	p.Late = v.T("late.lost")
	if writable(pattern) && s.saveLate(r, r.URL.Path, s.pageOf(r.URL.Path)) {
		p.Late = v.T("late.kept")
	}
	s.render(w, http.StatusUnauthorized, v, p)
}

// heldUp answers a form that comes while somebody looks along at this screen.
func (s *Server) heldUp(w http.ResponseWriter, r *http.Request, pattern string) {
	v := s.outside(r)
	p := &troublePage{page{
		Title: "Bundel", Path: visitPath, H1: v.T("trouble.h1"), Answer: v.T("late.visit"), Rest: v.T("late.visit.rest"),
		Actions: []action{{Text: v.T("late.visit.back"), Href: visitPath, Look: "main"}},
	}}
	if writable(pattern) && s.saveLate(r, r.URL.Path, s.pageOf(r.URL.Path)) {
		p.Soft = v.T("late.visit.kept")
	}
	s.render(w, http.StatusForbidden, v, p)
}

// saveLate seals what came too late, from a browser that was let in until the
// vault closed. From any other it is not taken: it would stand in the person's
// own form.
func (s *Server) saveLate(r *http.Request, action, page string) bool {
	if !s.sessions.wasHere(r, s.Now()) || r.ParseForm() != nil {
		return false
	}
	return s.keepDraft(page, action, r.PostForm)
}

// pageOf is the page on which the form with an address stands: most have the
// address of their page.
func (s *Server) pageOf(action string) string {
	if s.isPage(action) {
		return action
	}
	return "/"
}

// outside is the view of somebody who is not let in now.
func (s *Server) outside(r *http.Request) *view {
	kept := lookOf(r)
	look := s.preferences(kept)
	return &view{words: s.wordsOr(look.Lang), s: s, now: s.Now(), path: r.URL.Path, look: look, kept: kept}
}
