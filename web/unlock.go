package web

import (
	"errors"
	"math"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// doorPage is a page outside the vault: unlocking, and the first run.
type doorPage struct {
	page
	Demo     bool
	Late     string // why the person is here instead of what they asked for
	Recovery string
}

func (*doorPage) template() string { return "unlock" }

// newPage is the first run.
type newPage struct{ doorPage }

func (*newPage) template() string { return "first" }

// codePage shows the recovery code, once.
type codePage struct {
	doorPage
	Next    string // where the person goes on
	Besides string // what else to know of this code
}

func (*codePage) template() string { return "code" }

// unlockPage asks for the passphrase, when there is anything to unlock.
func unlockPage(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	switch {
	case v.s.Desk.State() == NoVault:
		return see(w, r, "/nieuw")
	case v.s.Desk.State() == Open && v.s.sessions.valid(r, v.now):
		return see(w, r, "/")
	}
	return v.door(), nil
}

// door is the unlock page with nothing filled in.
func (v *view) door() *doorPage {
	return &doorPage{page: page{Title: "Bundel", Path: "/unlock", H1: v.T("x.h1")}, Demo: v.s.Demo}
}

// unlock opens the vault and gives this browser a session.
func unlock(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	secret := []byte(r.PostFormValue("wachtzin"))
	defer clear(secret)
	if len(secret) == 0 {
		return v.wrongSecret(v.T("x.empty")), nil
	}
	err := v.s.Desk.Unlock(r.Context(), secret)
	if text := v.badSecret(err); text != "" {
		return v.wrongSecret(text), nil
	}
	if err != nil {
		return nil, err
	}
	v.s.sessions.begin(w, r, v.now)
	v.s.touch()
	return see(w, r, v.s.afterOpening())
}

// badSecret puts into words that a secret does not fit; empty for another error
// and for none.
func (v *view) badSecret(err error) string {
	var bad *WrongSecret
	switch {
	case !errors.As(err, &bad):
		return ""
	case bad.Wait > 0:
		return v.tryAgain(bad.Wait)
	case bad.Left > 0:
		return v.T("x.left", "n", bad.Left)
	}
	return v.T("x.wrong")
}

// tryAgain says how long to wait, and from what time on it can be tried again.
func (v *view) tryAgain(wait time.Duration) string {
	at := v.clock(v.now.Add(wait).Add(time.Minute - time.Nanosecond)) // the minute after it is certain
	if wait < 2*time.Minute {
		return v.T("x.wait", "n", int(math.Ceil(wait.Seconds())))
	}
	return v.T("x.wait-long", "n", int(math.Ceil(wait.Minutes())), "time", at)
}

// wrongSecret is the unlock page after an attempt that failed.
func (v *view) wrongSecret(text string) *doorPage {
	p := v.door()
	p.Wrong = []wrong{{"wachtzin", text}}
	return p
}

// lock closes the vault for every browser and wipes what this one kept.
func lock(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	v.s.close()
	v.s.leave(w)
	return see(w, r, "/unlock")
}

// leave ends every session and wipes what this browser kept.
func (s *Server) leave(w http.ResponseWriter) {
	s.sessions.end()
	s.sessions.drop(w)
	w.Header().Set("Clear-Site-Data", `"cache","cookies","storage"`)
}

// stayOpen is what the warning's button asks, and a page on which somebody types:
// being admitted has already put the idle timer back.
func stayOpen(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	return stillTyping(v, w, r)
}

// shortestPassphrase is in characters (security-store.md 1.5). The vault has more
// rules; this one is told before the two are compared.
const shortestPassphrase = 12

// firstPage lets a new person choose a passphrase.
func firstPage(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if v.s.Desk.State() != NoVault {
		return see(w, r, "/")
	}
	p := v.first()
	if r.URL.Query().Has("gewist") {
		p.Notice = &notice{Text: v.T("n.erased")}
	}
	return p, nil
}

// first is the page of the first run, with what was filled in wrongly.
func (v *view) first(wrongs ...wrong) *newPage {
	p := &newPage{}
	p.page = page{Title: "Bundel", Path: "/nieuw", H1: v.T("n.h1"), Wrong: wrongs}
	p.Demo = v.s.Demo
	return p
}

// first makes the vault. The recovery code is shown on the answer itself: no
// address ever leads to it again.
func first(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if v.s.Desk.State() != NoVault {
		return see(w, r, "/")
	}
	secret, wrongs := v.typedTwice(r, "wachtzin")
	if wrongs != nil {
		return v.first(wrongs...), nil
	}
	defer clear(secret)
	recovery, err := v.s.Desk.Create(r.Context(), secret)
	if text := v.weakSecret(err); text != "" {
		return v.first(wrong{"wachtzin", text}), nil
	}
	if err != nil {
		return nil, err
	}
	v.s.drafts.reset()
	v.s.sessions.begin(w, r, v.now)
	v.s.touch()
	return v.code(recovery, "/", "/z"), nil
}

// code is the page with a recovery code; path is the page to come back to, next
// where the person goes on.
func (v *view) code(recovery, path, next string) *codePage {
	p := &codePage{Next: next}
	p.page = page{Title: "Bundel", Path: path, H1: v.T("n.code.h1")}
	p.Recovery = strings.TrimSpace(recovery)
	return p
}

// typedTwice reads a new passphrase and its repetition, or says what is wrong.
func (v *view) typedTwice(r *http.Request, field string) ([]byte, []wrong) {
	phrase := r.PostFormValue(field)
	switch {
	case utf8.RuneCountInString(phrase) < shortestPassphrase:
		return nil, []wrong{{field, v.T("n.weak.short")}}
	case phrase != r.PostFormValue("nogmaals"):
		return nil, []wrong{{"nogmaals", v.T("n.unlike")}}
	}
	return []byte(phrase), nil
}

// weakSecret puts into words why a new passphrase is refused; empty for another
// error and for none.
func (v *view) weakSecret(err error) string {
	var weak *WeakSecret
	if !errors.As(err, &weak) {
		return ""
	}
	return v.T("n.weak." + weak.Reason)
}

// setLanguage changes the language and goes back to where the person was.
func setLanguage(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if lang := r.PostFormValue("taal"); wordsIn(lang).Lang == lang {
		inside := v.s.Desk.State() == Open && v.s.sessions.valid(r, v.now)
		if err := v.speak(r.Context(), w, inside, lang); err != nil {
			return nil, err
		}
	}
	back := r.PostFormValue("terug")
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n") {
		back = "/"
	}
	return see(w, r, back)
}
