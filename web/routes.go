package web

import (
	"errors"
	"net/http"
)

// access is who may ask for a route.
type access int

const (
	withSession access = iota // a browser with a session, and an open vault
	anyone                    // also a browser without a session
)

const (
	smallBody = 64 << 10
	largeBody = 2 << 20 // the matrix of everything that can be shared
)

// route is one address. Its handler gives a page, or nil when it has answered.
type route struct {
	pattern string
	who     access
	body    int64
	handle  handler
}

// handler answers one route: with a page, with nil when it has answered itself, or
// with an error to put into words.
type handler func(v *view, w http.ResponseWriter, r *http.Request) (content, error)

// table is every address of the site. Addresses say nothing about health and
// name nobody: they end up in the history of the browser.
func (s *Server) table() []route {
	return []route{
		{"GET /s/{file}", anyone, smallBody, static},
		{"GET /unlock", anyone, smallBody, unlockPage},
		{"POST /unlock", anyone, smallBody, unlock},
		{"GET /nieuw", anyone, smallBody, firstPage},
		{"POST /nieuw", anyone, smallBody, first},
		{"POST /voorbeeld", anyone, smallBody, showExample},
		{"POST /taal", anyone, smallBody, setLanguage},
		{"POST " + startPath, anyone, smallBody, start},
		{"GET " + callbackPath, anyone, smallBody, callback},
		{"GET /{$}", withSession, smallBody, overviewPage},
		{"GET /m", withSession, smallBody, medicinesPage},
		{"GET /m/{tab}", withSession, smallBody, medicinesPage},
		{"GET /v/{key}", withSession, smallBody, differencePage},
		{"GET /a", withSession, smallBody, allergiesPage},
		{"GET /u", withSession, smallBody, resultsPage},
		{"GET /u/{key}", withSession, smallBody, resultPage},
		{"GET /u/{key}/doel", withSession, smallBody, targetPage},
		{"POST /u/{key}/doel", withSession, smallBody, setTarget},
		{"POST /u/{key}/doel/weg", withSession, smallBody, dropTarget},
		{"GET /k", withSession, smallBody, closedPage},
		{"GET /k/{key}", withSession, smallBody, choosePageOne},
		{"GET /k/{key}/samen", withSession, smallBody, choosePageAll},
		{"POST /k", withSession, smallBody, choose},
		{"GET /b", withSession, smallBody, lettersPage},
		{"GET /b/{key}/{file}", withSession, smallBody, letterFile},
		{"GET /g", withSession, smallBody, morePage},
		{"GET /g/{number}", withSession, smallBody, subjectPage},
		{"GET /i/{key}", withSession, smallBody, itemPage},
		{"GET /i/{key}/{part}", withSession, smallBody, rawPage},
		{"GET /x/{key}", withSession, smallBody, sayPage},
		{"POST /x/{key}", withSession, smallBody, say},
		{"GET /ik/{source}", withSession, smallBody, identityPage},
		{"POST /ik/{source}", withSession, smallBody, identify},
		{"GET /ik/{source}/weg", withSession, smallBody, strangerPage},
		{"POST /ik/{source}/weg", withSession, smallBody, dropStranger},
		{"GET /j", withSession, smallBody, decisionsPage},
		{"POST /j/{what}", withSession, smallBody, decided},
		{"GET " + timelinePath, withSession, smallBody, timelinePage},
		{"GET /w", withSession, smallBody, changesPage},
		{"GET /w/{since}", withSession, smallBody, changesPage},
		{"GET /e", withSession, smallBody, addPage},
		{"GET /e/klaar", withSession, smallBody, addedPage},
		{"GET /e/mijn", withSession, smallBody, minePage},
		{"GET /e/mijn/{id}", withSession, smallBody, ownPage},
		{"GET /e/mijn/{id}/pas", withSession, smallBody, changeForm},
		{"POST /e/mijn/{id}/pas", withSession, smallBody, changeEntry},
		{"POST /e/mijn/{id}/weg", withSession, smallBody, removeEntry},
		{"POST /e/mijn/{id}/terug", withSession, smallBody, restoreEntry},
		{"GET " + uploadPath, withSession, smallBody, uploadPage},
		{"POST " + uploadPath, withSession, uploadBody, upload},
		{"GET /e/{number}", withSession, smallBody, entryPage},
		{"POST /e/{number}", withSession, smallBody, addEntry},
		{"GET /d", withSession, smallBody, sharePage},
		{"POST /d", withSession, largeBody, askShares},
		{"POST /d/bewaar", withSession, largeBody, saveShares},
		{"GET /d/nieuw", withSession, smallBody, newPersonPage},
		{"POST /d/nieuw", withSession, smallBody, askPerson},
		{"GET /d/dicht", withSession, smallBody, shareClosedPage},
		{"GET /d/bij/{who}", withSession, smallBody, withPage},
		{"POST /d/stop", withSession, smallBody, stopSharing},
		{"GET " + visitPath, withSession, smallBody, showVisit},
		{"POST " + visitPath, withSession, smallBody, beginVisit},
		{"POST " + visitPath + "/klaar", withSession, smallBody, endVisit},
		{"GET " + logPath, withSession, smallBody, ledgerPage},
		{"GET " + logPath + "/bestand", withSession, smallBody, ledgerFile},
		{"GET /d/{number}", withSession, smallBody, shareSubjectPage},
		{"GET /d/kijk/{recipient}", withSession, smallBody, previewPage},
		{"POST /d/kijk/{recipient}", withSession, smallBody, paperShares},
		{"GET /d/link", withSession, smallBody, givenPage},
		{"GET /d/link/nieuw", withSession, smallBody, linkForm},
		{"POST /d/link/nieuw", withSession, smallBody, makeLink},
		{"GET /d/link/code", withSession, smallBody, codeForm},
		{"POST /d/link/code", withSession, smallBody, makeCode},
		{"POST /d/link/stop", withSession, smallBody, stopLink},
		{"GET /d/link/{id}", withSession, smallBody, givenLinkPage},
		{"GET /d/bestand", withSession, smallBody, filePage},
		{"POST /d/bestand", withSession, smallBody, makeFile},
		{"GET /d/post", withSession, smallBody, sendPage},
		{"GET /d/post/{recipient}/{number}", withSession, smallBody, showParcel},
		{"POST /d/post/{recipient}/{number}", withSession, smallBody, showParcel},
		{"GET /d/vragen/{key}", withSession, smallBody, answersPage},
		{"POST /d/vragen/{key}", withSession, largeBody, keepAnswers},
		{"POST /d/vragen/{key}/nee", withSession, smallBody, declineAnswers},
		{"GET /i/{key}/vraag/{recipient}", withSession, smallBody, correctPage},
		{"POST /i/{key}/vraag/{recipient}", withSession, smallBody, correct},
		{"GET /d/vraag/{id}", withSession, smallBody, requestPage},
		{"GET /d/bewijs", withSession, smallBody, receiptsPage},
		{"POST /d/stuur", withSession, smallBody, send},
		{"GET /d/verstuurd", withSession, smallBody, sentPage},
		{"GET /z", withSession, smallBody, providersPage},
		{"POST /z/zoek", withSession, smallBody, searchProviders},
		{"POST /z/verbind", withSession, smallBody, connect},
		{"GET /z/bezig", withSession, smallBody, progressPage},
		{"POST /z/haal", withSession, smallBody, collect},
		{"POST /z/stop", withSession, smallBody, stopCollecting},
		{"GET /z/plan", withSession, smallBody, loginsPage},
		{"POST /z/plan", withSession, smallBody, changePlan},
		{"POST /z/begin", withSession, smallBody, beginPlanned},
		{"GET /z/volledig", withSession, smallBody, completenessPage},
		{"POST /z/los", withSession, smallBody, disconnect},
		{"POST /z/wis", withSession, smallBody, erase},
		{"GET " + importPath, withSession, smallBody, importPage},
		{"POST " + importPath, withSession, importBody, importFile},
		{"GET /z/{source}", withSession, smallBody, providerPage},
		{"GET /z/{source}/los", withSession, smallBody, disconnectPage},
		{"GET /z/{source}/wis", withSession, smallBody, erasePage},
		{"GET /zoek", withSession, smallBody, searchPage},
		{"POST /zoek", withSession, smallBody, search},
		{"GET /p", withSession, smallBody, printPage},
		{"GET /p/{number}", withSession, smallBody, paperPage},
		{"POST /p/{number}", withSession, smallBody, paperSheet},
		{"GET /hulp", anyone, smallBody, helpPage},
		{"GET /hulp/woorden", withSession, smallBody, termsPage},
		{"POST /hulp/woorden", withSession, smallBody, findTerms},
		{"GET /hulp/waar", withSession, smallBody, placePage},
		{"GET /logboek", withSession, smallBody, logPage},
		{"GET /logboek/bestand", withSession, smallBody, logFile},
		{"GET /menu", withSession, smallBody, menuPage},
		{"GET /instellingen", withSession, smallBody, settingsPage},
		{"GET /instellingen/weergave", withSession, smallBody, lookPage},
		{"POST /instellingen/weergave", withSession, smallBody, setLook},
		{"GET /instellingen/zien", withSession, smallBody, gatesPage},
		{"POST /instellingen/zien", withSession, smallBody, setGates},
		{"GET /instellingen/wachtzin", withSession, smallBody, passPage},
		{"POST /instellingen/wachtzin", withSession, smallBody, changePass},
		{"GET /instellingen/code", withSession, smallBody, newCodePage},
		{"POST /instellingen/code", withSession, smallBody, newCode},
		{"GET /instellingen/tijd", withSession, smallBody, idlePage},
		{"POST /instellingen/tijd", withSession, smallBody, setIdle},
		{"GET /instellingen/sleutelbos", withSession, smallBody, ringPage},
		{"POST /instellingen/sleutelbos", withSession, smallBody, switchRing},
		{"GET /instellingen/kopie", withSession, smallBody, copyPage},
		{"POST /instellingen/kopie", withSession, smallBody, makeCopy},
		{"GET /instellingen/wissen", withSession, smallBody, wipePage},
		{"POST /instellingen/wissen", withSession, smallBody, wipe},
		{"POST " + stayPath, withSession, largeBody, stillTyping},
		{"POST " + draftPath, withSession, largeBody, stillTyping},
		{"POST /lock", withSession, smallBody, lock},
		{"GET /", withSession, smallBody, nothingHere},
	}
}

// routes makes the handler of all addresses.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, rt := range s.table() {
		mux.Handle(rt.pattern, s.serve(rt))
	}
	return mux
}

// serve checks who asks, prepares the view and writes the page or the error.
func (s *Server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, rt.body)
		if s.visited(w, r, rt.pattern) || rt.who == withSession && !s.admit(w, r, rt.pattern) {
			return
		}
		s.answer(w, r, rt)
	})
}

// admit lets a browser with a session in and sends others to the page where
// they can get one.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, pattern string) bool {
	state := s.Desk.State()
	if state == Open && s.sessions.valid(r, s.Now()) {
		s.recall(r)
		if pattern != "POST "+draftPath {
			s.touch()
		}
		s.readyDrafts(r.Context(), pattern)
		return true
	}
	if !safeMethod(r.Method) && state != NoVault {
		s.tooLate(w, r, pattern)
		return false
	}
	to := "/unlock"
	if state == NoVault {
		to = "/nieuw"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return false
}

// answer runs the handler of a route for somebody who may ask for it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, rt route) {
	v := s.outside(r)
	var err error
	if rt.who == withSession {
		v.draft = s.draftFor(r)
		if writable(rt.pattern) {
			s.drafts.drop() // from here on the form has it, or it is stored
		}
		v.o, err = s.Desk.Overview(r.Context(), v.Lang)
	}
	var c content
	if err == nil {
		c, err = rt.handle(v, w, r)
	}
	var closed *closedError
	switch {
	case errors.As(err, &closed):
		http.Redirect(w, r, "/k/"+closed.key, http.StatusSeeOther)
	case errors.Is(err, ErrLocked):
		http.Redirect(w, r, "/unlock", http.StatusSeeOther)
	case err != nil:
		s.fail(w, v, err)
	case c != nil && rt.who == withSession && s.Desk.State() == Locked:
		http.Redirect(w, r, "/unlock", http.StatusSeeOther) // it closed while the page was made
	case c != nil:
		s.render(w, http.StatusOK, v, c)
	}
}

// see sends the browser on after a POST.
func see(w http.ResponseWriter, r *http.Request, path string) (content, error) {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil, nil
}
