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
	Recovery string
}

func (*doorPage) template() string { return "unlock" }

// newPage is the first run.
type newPage struct{ doorPage }

func (*newPage) template() string { return "first" }

// codePage shows the recovery code, once.
type codePage struct{ doorPage }

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
	var bad *WrongSecret
	switch {
	case errors.As(err, &bad) && bad.Wait > 0:
		return v.wrongSecret(v.waitText(bad.Wait)), nil
	case errors.As(err, &bad) && bad.Left > 0:
		return v.wrongSecret(v.T("x.left", "n", bad.Left)), nil
	case errors.As(err, &bad):
		return v.wrongSecret(v.T("x.wrong")), nil
	case err != nil:
		return nil, err
	}
	v.s.sessions.begin(w, r, v.now)
	v.s.touch()
	return see(w, r, "/")
}

// waitText says how long to wait, and from what time on it can be tried again.
func (v *view) waitText(wait time.Duration) string {
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
	v.s.sessions.drop(w)
	w.Header().Set("Clear-Site-Data", `"cache","cookies","storage"`)
	return see(w, r, "/unlock")
}

// stayOpen is what the warning's button asks: being admitted has already put
// the idle timer back.
func stayOpen(_ *view, w http.ResponseWriter, _ *http.Request) (content, error) {
	w.WriteHeader(http.StatusNoContent)
	return nil, nil
}

// shortestPassphrase is in characters (security-store.md 1.5). The vault has more
// rules; this one is told before the two are compared.
const shortestPassphrase = 12

// firstPage lets a new person choose a passphrase.
func firstPage(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if v.s.Desk.State() != NoVault {
		return see(w, r, "/")
	}
	return v.first(), nil
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
	phrase := r.PostFormValue("wachtzin")
	switch {
	case utf8.RuneCountInString(phrase) < shortestPassphrase:
		return v.first(wrong{"wachtzin", v.T("n.weak.short")}), nil
	case phrase != r.PostFormValue("nogmaals"):
		return v.first(wrong{"nogmaals", v.T("n.unlike")}), nil
	}
	secret := []byte(phrase)
	defer clear(secret)
	recovery, err := v.s.Desk.Create(r.Context(), secret)
	var weak *WeakSecret
	switch {
	case errors.As(err, &weak):
		return v.first(wrong{"wachtzin", v.T("n.weak." + weak.Reason)}), nil
	case err != nil:
		return nil, err
	}
	v.s.sessions.begin(w, r, v.now)
	v.s.touch()
	p := &codePage{}
	p.page = page{Title: "Bundel", Path: "/", H1: v.T("n.code.h1")}
	p.Recovery = strings.TrimSpace(recovery)
	return p, nil
}

// setLanguage changes the language and goes back to where the person was.
func setLanguage(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if lang := r.PostFormValue("taal"); wordsIn(lang).Lang == lang {
		v.s.lang.Store(lang)
	}
	back := r.PostFormValue("terug")
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n") {
		back = "/"
	}
	return see(w, r, back)
}
