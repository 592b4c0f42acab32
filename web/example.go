package web

import "net/http"

// Example is where the demonstration is: pages of their own, with a person who
// does not exist and a vault apart from that of the person.
type Example struct {
	Address    string // "http://127.0.0.1:8081/"
	Passphrase string // of the vault of the example, which is no secret
}

// examplePage is the way to the demonstration.
type examplePage struct {
	page
	Example
}

func (*examplePage) template() string { return "example" }

// showExample begins the demonstration for who has no vault yet, or has opened it.
// A vault that is closed stays the only thing to see. The person goes there by a
// link: a form may not lead to other pages (security-store.md 3b).
func showExample(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if v.s.Example == nil {
		return nil, ErrNotFound
	}
	if v.s.Desk.State() != NoVault && !v.s.sessions.valid(r, v.now) {
		return see(w, r, "/unlock")
	}
	example, err := v.s.Example(r.Context(), v.Lang)
	if err != nil {
		return nil, err
	}
	return &examplePage{page: page{Title: "Bundel", Path: "/", H1: v.T("ex.h1")}, Example: example}, nil
}

// offerExample is the button for it on a page without data; none where there is
// no demonstration to show.
func (v *view) offerExample() []action {
	if v.s.Example == nil || v.s.Demo {
		return nil
	}
	return []action{{Text: v.T("ex.go"), Post: "/voorbeeld", Look: "other"}}
}
