package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
)

// The kinds of picks
const (
	pickSubject = "s"
	pickLater   = "n" // what comes later of a subject
	pickItem    = "i"
	pickClosed  = "g" // an item that the person does not see
)

// somebodyNew stands for the recipient that a form names.
const somebodyNew = "nieuw"

// pick is one place of the matrix, and what a form says of it.
type pick struct {
	kind, id, who string
	yes           bool
}

func (c pick) row() string    { return c.kind + ":" + c.id }
func (c pick) String() string { return c.row() + ":" + c.who }

// isNow tells whether it is about the subject, of which later is about what comes.
func (c pick) isNow(later pick) bool {
	return c.kind == pickSubject && c.id == later.id && c.who == later.who
}

// wanted is the pick with an answer, for a form.
func (c pick) wanted(yes bool) string {
	if yes {
		return c.String() + ":ja"
	}
	return c.String() + ":nee"
}

// readPick reads what wanted wrote.
func readPick(text string) (pick, bool) {
	parts := strings.Split(text, ":")
	if len(parts) != 4 {
		return pick{}, false
	}
	return pick{parts[0], parts[1], parts[2], parts[3] == "ja"}, true
}

// wishPage says what choices would change before they are stored.
type wishPage struct {
	page
	Parts  []wishPart
	Later  []matrixTick
	Until  *untilField // nil: nothing begins
	Values []value
}

func (*wishPage) template() string { return "wish" }

// wishPart is what would change for one recipient.
type wishPart struct {
	Who            string
	Warning        string
	Added, Removed []fact // by subject
	Says           []string
	Misses         []string
}

// askShares says what the ticks would change. Nothing is stored.
func askShares(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	picks := append(v.switched(shares, r.PostForm), answered(r.PostForm)...)
	if len(picks) == 0 {
		return see(w, r, "/d?niets")
	}
	return v.wishPage(r, shares, picks, share.Recipient{})
}

// saveShares stores what the page before said. When it would change something
// else by now, it says that first.
func saveShares(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	made, wrongs := v.readPerson(r.PostForm, shares)
	if r.PostForm.Has("naam") && len(wrongs) > 0 {
		return v.personPage(r.PostForm, wrongs), nil
	}
	picks := answered(r.PostForm)
	p, err := v.wishPage(r, shares, picks, made)
	if err != nil {
		return nil, err
	}
	if len(p.Wrong) > 0 {
		return p, nil
	}
	if seen := p.Values[0].Value; seen != r.PostForm.Get("gezien") {
		p.Notice = &notice{Text: v.T("dw.since")}
		return p, nil
	}
	until, _ := v.readUntil(r.PostForm)
	wishes, err := v.wishes(shares, picks, made, until)
	if err != nil {
		return nil, err
	}
	if err := v.s.Desk.Choose(r.Context(), wishes...); err != nil {
		return nil, err
	}
	return see(w, r, "/d?ok")
}

// switched are the picks of a form that stand otherwise than now. What was not on
// the page stays as it is.
func (v *view) switched(shares Shares, form url.Values) []pick {
	var out []pick
	for _, row := range form["rij"] {
		kind, id, _ := strings.Cut(row, ":")
		for _, who := range form["wie"] {
			c := pick{kind: kind, id: id, who: who}
			rec, ok := shares.recipient(who)
			if !ok {
				continue
			}
			if _, not := v.cannot(shares, c, rec); not {
				continue
			}
			if c.yes = slices.Contains(form["mag"], c.String()); c.yes != v.on(shares, c, rec.Source) {
				out = append(out, c)
			}
		}
	}
	return out
}

// answered are the picks that a form names with their answer.
func answered(form url.Values) []pick {
	var out []pick
	for _, text := range form["wil"] {
		if c, ok := readPick(text); ok {
			out = append(out, c)
		}
	}
	return out
}

// wishes turns picks into wishes; made is who is new, and until is when what
// begins now ends.
func (v *view) wishes(shares Shares, picks []pick, made share.Recipient, until time.Time) ([]Wish, error) {
	var out []Wish
	for _, c := range picks {
		to := made
		if rec, ok := shares.recipient(c.who); ok {
			to = share.Recipient{ID: rec.Source, Name: rec.Name, Role: rec.Role}
		} else if c.who != somebodyNew || made.Name == "" {
			return nil, ErrNotFound
		}
		w := Wish{To: to, Permit: c.yes}
		var err error
		switch c.kind {
		case pickSubject, pickLater:
			err = w.subject(v, shares, picks, c)
		default:
			err = w.item(v, c)
		}
		if v.begins(shares, c) || c.kind == pickLater && slices.ContainsFunc(picks, func(o pick) bool { return o.isNow(c) && v.begins(shares, o) }) {
			w.Until = until
		}
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out, nil
}

// subject makes it a wish about a subject: one for the subject and for what comes
// later of it.
func (w *Wish) subject(v *view, shares Shares, picks []pick, c pick) error {
	if !whole(c.id) {
		return ErrNotFound
	}
	now, later := pick{kind: pickSubject, id: c.id, who: c.who}, pick{kind: pickLater, id: c.id, who: c.who}
	w.Subject = c.id
	w.Permit, w.Later = v.on(shares, now, w.To.ID), v.on(shares, later, w.To.ID)
	for _, other := range picks {
		if other.row() == now.row() && other.who == c.who {
			w.Permit = other.yes
		}
		if other.row() == later.row() && other.who == c.who {
			w.Later = other.yes
		}
	}
	w.Later = w.Later && w.Permit
	return nil
}

// item makes it a wish about an item. Only the word for what is closed shares
// what is closed.
func (w *Wish) item(v *view, c pick) error {
	item, ok := v.o.Find(c.id)
	if !ok || c.kind != pickItem && c.kind != pickClosed || c.yes && isClosed(item) != (c.kind == pickClosed) {
		return ErrNotFound
	}
	w.Item, w.Unseen = item.ID, c.yes && c.kind == pickClosed
	return nil
}

// wishPage is what the picks would change, with a form that stores just that. Its
// first value stands for what it says.
func (v *view) wishPage(r *http.Request, shares Shares, picks []pick, made share.Recipient) (*wishPage, error) {
	until, wrongs := v.readUntil(r.PostForm)
	wishes, err := v.wishes(shares, picks, made, until)
	if err != nil {
		return nil, err
	}
	foreseen, err := v.s.Desk.Would(r.Context(), wishes...)
	if err != nil {
		return nil, err
	}
	p := &wishPage{page: page{
		Title: v.T("title.d"), Here: "/d", Path: "/d", Crumbs: []link{{v.T("nav.d"), "/d"}, {v.T("dw.crumb"), ""}}, H1: v.T("dw.h1"),
		Answer: v.T("dw.answer"), Rest: v.T("dw.answer.rest"), Wrong: wrongs,
	}}
	p.Values = []value{{"gezien", seenOf(foreseen)}}
	if made.Name != "" {
		p.Values = append(p.Values, value{"naam", made.Name}, value{"soort", roleWord(made.Role)})
	}
	for _, f := range foreseen {
		p.Parts = append(p.Parts, v.wishPart(f, shares, wishes))
	}
	offers := v.laterOffers(shares, picks, made)
	for _, c := range picks {
		if !slices.ContainsFunc(offers, func(t matrixTick) bool { return t.Value == c.wanted(true) }) {
			p.Values = append(p.Values, value{"wil", c.wanted(c.yes)})
		}
	}
	p.Later = offers
	if slices.ContainsFunc(picks, func(c pick) bool { return v.begins(shares, c) }) {
		p.Until = v.untilField(r.PostForm)
	}
	return p, nil
}

// seenOf stands for what a page says that would change.
func seenOf(foreseen []Foreseen) string {
	var texts []string
	for _, f := range foreseen {
		texts = append(texts, f.Recipient.Name, "+", strings.Join(f.Added, "\n"), "-", strings.Join(f.Removed, "\n"))
	}
	return share.Digest(texts...)
}

// laterOffers are ticks for what comes later of the subjects that are shared
// newly: that is a choice of its own.
func (v *view) laterOffers(shares Shares, picks []pick, made share.Recipient) []matrixTick {
	var out []matrixTick
	for _, c := range picks {
		rec, known := shares.recipient(c.who)
		if c.kind != pickSubject || !c.yes || known && v.on(shares, c, rec.Source) {
			continue
		}
		name := made.Name
		if known {
			name = rec.Name
		}
		later := pick{kind: pickLater, id: c.id, who: c.who}
		out = append(out, matrixTick{
			Label: v.T("dw.later", "what", v.subjectName(c.id), "who", clean(name)), Value: later.wanted(true), ID: fmt.Sprint("later-", len(out)),
			On: slices.ContainsFunc(picks, func(o pick) bool { return o.String() == later.String() && o.yes }),
		})
	}
	return out
}

// wishPart puts into words what would change for one recipient.
func (v *view) wishPart(f Foreseen, shares Shares, wishes []Wish) wishPart {
	who := clean(f.Recipient.Name)
	p := wishPart{Who: who, Added: v.inSubjects(f.Added), Removed: v.inSubjects(f.Removed), Misses: v.consequences(f.Misses, who)}
	if len(f.Added) > 0 && f.Recipient.Warning() == share.WarnNotObliged {
		p.Warning = v.T("dw.not-obliged")
	}
	if len(f.Removed) > 0 {
		p.Says = append(p.Says, v.T("d.copies"))
	}
	for _, w := range wishes {
		later := pick{kind: pickLater, id: w.Subject}
		if w.To.ID != f.Recipient.ID || w.Subject == "" || !w.Permit || w.Later == v.on(shares, later, w.To.ID) || w.To.ID == "" {
			continue
		}
		says := v.T("dw.later.off", "what", v.subjectName(w.Subject), "who", who)
		if w.Later {
			says = v.T("dw.later.on", "what", v.subjectName(w.Subject), "who", who)
		}
		p.Says = append(p.Says, says)
	}
	if len(f.Added)+len(f.Removed)+len(p.Says) == 0 {
		p.Says = []string{v.T("dw.same", "who", who)}
	}
	return p
}

// mostNames is how many names of a subject a page lists before it counts.
const mostNames = 12

// inSubjects lists items by their subject; what is closed has no name.
func (v *view) inSubjects(ids []string) []fact {
	found := map[string]int{}
	first := map[string][]string{}
	for _, id := range ids {
		item, ok := v.o.Find(id)
		if !ok {
			continue
		}
		if found[item.Subject]++; found[item.Subject] <= mostNames {
			first[item.Subject] = append(first[item.Subject], v.openName(item))
		}
	}
	var out []fact
	for _, subject := range shareSubjects {
		n, names := found[subject], first[subject]
		if n > mostNames {
			names = append(names, v.T("dw.more", "n", n-mostNames))
		}
		if n > 0 {
			out = append(out, fact{Name: fmt.Sprintf("%s (%d)", v.subjectName(subject), n), Text: v.List(names)})
		}
	}
	return out
}

// openName is the name of an item, or what may be said of it while it is closed.
func (v *view) openName(item aggregator.Item) string {
	if isClosed(item) {
		s := v.seal(bunchOf(item))
		return v.T("dw.closed", "what", fmt.Sprint(s.Who, ", ", s.Kind, ", ", s.Day))
	}
	return brief(item.Name())
}

// consequences are what a recipient misses, in words for the person.
func (v *view) consequences(all []share.Consequence, who string) []string {
	var out []string
	for _, c := range all {
		if key := "d.miss." + strings.ToLower(c.Code); v.Has(key) {
			out = append(out, v.T(key, "n", len(c.Items), "who", who))
		}
	}
	return out
}
