package web

import (
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/store"
)

// newPage is the first run.
type newPage struct {
	doorPage
	Proposed string // a passphrase to take
	Example  bool   // an example person can be shown first
}

func (*newPage) template() string { return "first" }

// codePage shows the recovery code, once.
type codePage struct {
	doorPage
	Step     string // empty outside the first run
	Recovery string
	Next     string // where the person goes on
	Besides  string // what else to know of this code
}

func (*codePage) template() string { return "code" }

// shortestPassphrase is in characters (security-store.md 1.5). The vault has more
// rules; this one is told before the two are compared.
const shortestPassphrase = 12

// firstPage lets a new person choose a passphrase.
func firstPage(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if v.s.Desk.State() != NoVault {
		return see(w, r, "/")
	}
	p, err := v.first()
	if err != nil {
		return nil, err
	}
	if r.URL.Query().Has("gewist") {
		p.Notice = &notice{Text: v.T("n.erased")}
	}
	return p, nil
}

// first is the page of the first run, with what was filled in wrongly.
func (v *view) first(wrongs ...wrong) (*newPage, error) {
	proposed, err := store.ProposePassphrase(v.Lang, v.s.Random)
	p := &newPage{Proposed: proposed, Example: v.s.Example != nil && !v.s.Demo}
	p.page = page{Title: "Bundel", Path: "/nieuw", H1: v.T("n.h1"), Wrong: wrongs}
	p.Demo = v.s.Demo
	return p, err
}

// first makes the vault. The recovery code is shown on the answer itself: no
// address ever leads to it again.
func first(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if v.s.Desk.State() != NoVault {
		return see(w, r, "/")
	}
	secret, wrongs := v.typedTwice(r, "wachtzin")
	if wrongs != nil {
		return v.first(wrongs...)
	}
	defer clear(secret)
	recovery, err := v.s.Desk.Create(r.Context(), secret)
	if text := v.weakSecret(err); text != "" {
		return v.first(wrong{"wachtzin", text})
	}
	if err != nil {
		return nil, err
	}
	v.s.drafts.reset()
	v.s.sessions.begin(w, r, v.now)
	v.s.touch()
	v.open = true
	p := v.code(recovery, "/", "/z")
	p.Step = v.T("n.step", "i", 2)
	return p, nil
}

// code is the page with a recovery code; path is the page to come back to, next
// where the person goes on.
func (v *view) code(recovery, path, next string) *codePage {
	p := &codePage{Next: next, Recovery: strings.TrimSpace(recovery)}
	p.page = page{Title: "Bundel", Path: path, H1: v.T("n.code.h1")}
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
