package web

import (
	"errors"
	"math"
	"net/http"
	"strings"
	"time"
)

// doorPage is a page outside the vault: unlocking, and the first run.
type doorPage struct {
	page
	Demo bool
	Late string // why the person is here instead of what they asked for
}

func (*doorPage) template() string { return "unlock" }

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
	w.Header().Set("Clear-Site-Data", `"cache","storage"`)
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
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsFunc(back, func(c rune) bool { return c == '\\' || c < ' ' }) {
		back = "/"
	}
	return see(w, r, back)
}
