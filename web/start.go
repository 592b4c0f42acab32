package web

import (
	"html/template"
	"net/http"
	"strings"
)

// startForm is a page for a file that only the person can read. It posts a
// token for one use; without scripts its button does.
const startForm = `<!doctype html><html lang="LANG"><meta charset="utf-8"><title>Bundel</title>
<body onload="document.forms[0].submit()"><form method="post" action="ADDRESS"><input type="hidden" name="code" value="TOKEN"><button>Bundel</button></form></body></html>
`

// StartPage makes a page that opens a session without asking for the
// passphrase, for when the terminal has just unlocked the vault. The caller
// writes it to a file of mode 0600, opens it in a browser and removes it. Its
// token works once, within a minute. Call it after Serve has its listener.
func (s *Server) StartPage() []byte {
	page := strings.NewReplacer(
		"LANG", s.words().Lang,
		"ADDRESS", template.HTMLEscapeString(strings.TrimSuffix(s.Address(), "/")+startPath),
		"TOKEN", s.sessions.newStart(s.Now()),
	).Replace(startForm)
	return []byte(page)
}

// start takes the token of a start page. A token that comes twice has been
// seen by somebody else: every session ends and the person is told.
func start(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	switch v.s.sessions.useStart(r.PostFormValue("code"), v.now) {
	case startFine:
		if v.s.Desk.State() == Open {
			v.s.sessions.begin(w, r, v.now)
			v.s.touch()
		}
		return &onPage{page: page{Title: "Bundel", Path: "/", H1: v.T("s.h1"), Answer: v.T("s.open")}, Next: "/"}, nil
	case startUsed:
		v.s.Log.Warn("a start token was presented twice; every session was ended")
		v.s.render(w, http.StatusForbidden, v, v.trouble("start-used", nil))
		return nil, nil
	}
	v.s.render(w, http.StatusForbidden, v, v.trouble("start-late", nil))
	return nil, nil
}
