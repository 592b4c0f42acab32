package web

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// sourceKey stands for a source in an address, which must not name a provider.
func sourceKey(source string) string {
	sum := sha256.Sum256([]byte(source))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:12])
}

// shareSubjects are the subjects of the matrix that are always there; others
// follow when there is anything in them. Their place is their address.
var shareSubjects = append([]string{"medication", "allergy", "lab", "vital", "letter"}, moreSubjects[:]...)

// matrixPage is who may see what.
type matrixPage struct {
	page
	Post  string
	Heads []head
	Rows  []matrixRow
	Sends []row
	Items []link // to choose per item
	Looks []action
	Saved bool
}

func (*matrixPage) template() string { return "share" }

// head is one column of the matrix.
type head struct{ Letter, Name, Kind string }

// matrixRow is a subject, or an item with a choice of its own.
type matrixRow struct {
	Name  string
	ID    string // of what the row is about: "s:lab" or "i:abcdefghijkl"
	Under bool
	Own   string // "own choice", for an item
	Ticks []matrixTick
}

// matrixTick is one tick, with a complete name for who does not see the columns.
type matrixTick struct {
	Label, Short, Value, ID string
	On                      bool
}

// choice is what a row of the matrix is about: a subject or an item.
type choice struct {
	Subject, Item string
}

// decide is the choice of the person: a rule for the item goes before one for
// its subject, and without any rule nothing is shared. Of two rules for the
// same thing the refusal wins (merge.md 6.3).
func decide(rules []Rule, c choice, recipient string) bool {
	permit, specific := false, false
	denied := false
	for _, r := range rules {
		if r.Recipient != recipient {
			continue
		}
		if r.Item != "" && r.Item == c.Item {
			if !specific {
				permit, denied, specific = false, false, true
			}
			permit, denied = permit || r.Permit, denied || !r.Permit
		}
		if r.Item == "" && r.Subject == c.Subject && !specific {
			permit, denied = permit || r.Permit, denied || !r.Permit
		}
	}
	return permit && !denied
}

// sharePage is the matrix of subjects, with the items that have a choice of their
// own under them.
func sharePage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	p := v.matrix(shares, "/d")
	p.Saved = r.URL.Query().Has("ok")
	if n := size(v.bunches()); n > 0 && len(shares.Recipients) > 0 {
		p.Soft = v.T("k.unshared", "n", n)
	}
	for _, subject := range v.shared() {
		items := v.current(subject)
		p.Rows = append(p.Rows, v.matrixRow(shares, choice{Subject: subject}, fmt.Sprintf("%s (%d)", v.subjectName(subject), len(items)), ""))
		for _, item := range items {
			if hasRule(shares.Rules, item.ID) {
				row := v.matrixRow(shares, choice{subject, item.ID}, brief(item.Name()), item.Key())
				row.Own = v.T("d.own")
				p.Rows = append(p.Rows, row)
			}
		}
		p.Items = append(p.Items, link{v.subjectName(subject), fmt.Sprint("/d/", slices.Index(shareSubjects, subject)+1)})
	}
	for _, rec := range shares.Recipients {
		p.Looks = append(p.Looks, action{Text: v.T("d.look", "who", clean(rec.Name)), Href: "/d/kijk/" + sourceKey(rec.Source), Look: "link"})
		p.Sends = append(p.Sends, v.sendRow(rec))
	}
	return p, nil
}

// shared are the subjects that there is anything of.
func (v *view) shared() []string {
	var out []string
	for _, subject := range shareSubjects {
		if len(v.current(subject)) > 0 {
			out = append(out, subject)
		}
	}
	return out
}

// matrix makes the page without its rows.
func (v *view) matrix(shares Shares, post string) *matrixPage {
	p := &matrixPage{page: page{Title: v.T("title.d"), Here: "/d", H1: v.T("nav.d")}, Post: post}
	open := 0
	for _, rec := range shares.Recipients {
		p.Heads = append(p.Heads, head{v.tag(rec.Source), clean(rec.Name), v.Or("provider."+rec.Kind, "")})
		if slices.ContainsFunc(shares.Rules, func(r Rule) bool { return r.Recipient == rec.Source && r.Permit }) {
			open++
		}
	}
	p.Answer, p.Rest = v.T("d.answer", "n", open), v.T("d.rest")
	switch {
	case len(shares.Recipients) == 0:
		p.Answer, p.Rest = v.T("d.nobody"), v.T("d.nobody.rest")
		p.Actions = []action{{Text: v.T("z.add"), Href: "/z", Look: "main"}}
	case open == 0:
		p.Answer = v.T("d.closed")
	}
	return p
}

// matrixRow makes one row with a tick for each recipient.
func (v *view) matrixRow(shares Shares, c choice, name, itemKey string) matrixRow {
	row := matrixRow{Name: name, ID: "s:" + c.Subject, Under: c.Item != ""}
	if c.Item != "" {
		row.ID = "i:" + itemKey
	}
	for i, rec := range shares.Recipients {
		row.Ticks = append(row.Ticks, matrixTick{
			Label: v.T("d.tick", "what", name, "who", clean(rec.Name)), Short: soften(clean(rec.Name)),
			Value: row.ID + ":" + sourceKey(rec.Source), ID: fmt.Sprint(strings.ReplaceAll(row.ID, ":", "-"), "-", i),
			On: decide(shares.Rules, c, rec.Source),
		})
	}
	return row
}

// hasRule tells whether an item has a choice of its own.
func hasRule(rules []Rule, item string) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool { return r.Item == item })
}

// shareSubjectPage lets the person choose for each item of one subject.
func shareSubjectPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || n < 1 || n > len(shareSubjects) {
		return nil, ErrNotFound
	}
	subject := shareSubjects[n-1]
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	p := v.matrix(shares, "/d")
	p.Crumbs = []link{{v.T("nav.d"), "/d"}, {v.subjectName(subject), ""}}
	p.Answer, p.Rest = v.T("d.choose", "what", v.subjectName(subject)), v.T("d.choose.rest")
	shown, next := cut(v.current(subject), r.URL.Query().Get("vanaf"))
	for _, item := range shown {
		row := v.matrixRow(shares, choice{subject, item.ID}, brief(item.Name()), item.Key())
		row.Under = false
		p.Rows = append(p.Rows, row)
	}
	if next > 0 {
		p.Items = []link{{v.T("further"), fmt.Sprint("/d/", n, "?vanaf=", next)}}
	}
	return p, nil
}

// saveShares makes rules of the matrix. Rules for what was not on the page
// stay as they were.
func saveShares(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	ticked := map[string]bool{}
	for _, value := range r.PostForm["mag"] {
		ticked[value] = true
	}
	rules := shares.Rules
	for _, row := range subjectsFirst(r.PostForm["rij"]) {
		c, ok := v.choiceOf(row)
		if !ok {
			continue
		}
		for _, rec := range shares.Recipients {
			rules = setRule(rules, c, rec.Source, ticked[row+":"+sourceKey(rec.Source)])
		}
	}
	if err := v.s.Desk.SetShares(r.Context(), rules); err != nil {
		return nil, err
	}
	return see(w, r, "/d?ok")
}

// subjectsFirst sorts the rows so that the rule of a subject is known before
// the items under it are compared with it.
func subjectsFirst(rows []string) []string {
	out := slices.Clone(rows)
	slices.SortStableFunc(out, func(a, b string) int { return strings.Compare(b[:min(1, len(b))], a[:min(1, len(a))]) })
	return out
}

// choiceOf reads the id of a row.
func (v *view) choiceOf(row string) (choice, bool) {
	kind, id, _ := strings.Cut(row, ":")
	switch kind {
	case "s":
		return choice{Subject: id}, slices.Contains(shareSubjects, id)
	case "i":
		item, ok := v.o.Find(id)
		return choice{item.Subject, item.ID}, ok
	}
	return choice{}, false
}

// setRule gives the rules after one tick. An item that has the same choice as
// its subject needs no rule of its own.
func setRule(rules []Rule, c choice, recipient string, permit bool) []Rule {
	out := slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool {
		if r.Recipient != recipient {
			return false
		}
		if c.Item != "" {
			return r.Item == c.Item
		}
		return r.Item == "" && r.Subject == c.Subject
	})
	if permit == decide(out, c, recipient) {
		return out
	}
	if c.Item != "" {
		return append(out, Rule{Item: c.Item, Recipient: recipient, Permit: permit})
	}
	return append(out, Rule{Subject: c.Subject, Recipient: recipient, Permit: permit})
}

// recipient finds who an address stands for.
func (s Shares) recipient(key string) (Recipient, bool) {
	for _, r := range s.Recipients {
		if sourceKey(r.Source) == key {
			return r, true
		}
	}
	return Recipient{}, false
}
