package web

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// sourceKey stands for a source in an address, which must not name a provider.
func sourceKey(source string) string {
	sum := sha256.Sum256([]byte(source))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:12])
}

// shareSubjects are the subjects of the matrix that are always there; others
// follow when there is anything in them. Their place is their address.
var shareSubjects = append([]string{"medication", "allergy", "lab", "vital", "letter"}, moreSubjects[:]...)

// whole tells whether a subject can be shared as a whole. The others hold what is
// about somebody else, or of which it is not certain what it is.
func whole(subject string) bool {
	return subject != "person" && subject != "provider" && subject != "other" && slices.Contains(shareSubjects, subject)
}

// sharePage is the matrix of subjects, with the items that have a choice of their
// own under them.
func sharePage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	asks, err := v.s.Desk.Asks(r.Context())
	if err != nil {
		return nil, err
	}
	p := v.matrix(shares)
	p.Notice = v.shareNotice(r)
	p.Begin = []action{
		{Text: v.T("d.new"), Href: "/d/nieuw", Look: "main"},
		{Text: v.T("ws.h1"), Href: sendHome, Look: "link"},
		{Text: v.T("wl.h1"), Href: linkHome, Look: "link"},
		{Text: v.T("wl.file.h1"), Href: fileHome, Look: "link"},
		{Text: v.T("dl.h1"), Href: logPath, Look: "link"},
	}
	if len(shares.Recipients) == 0 {
		p.Actions, p.Begin = nil, append(p.Begin, action{Text: v.T("z.add"), Href: "/z", Look: "link"})
	}
	v.aboutClosed(p, shares)
	if p.Past, err = v.pastRows(r.Context(), shares); err != nil {
		return nil, err
	}
	p.Asking = v.askRows(asks)
	if n := len(p.Asking) - mostAsked; n > 0 {
		p.Asking = append(p.Asking[:mostAsked], row{Name: v.T("d.asks.more", "n", n), Lines: []line{plain(v.T("d.asks.then"))}})
	}
	v.addSubjects(p, shares)
	for _, rec := range shares.Recipients {
		if row, ok := v.openRow(shares, rec); ok {
			p.Open = append(p.Open, row)
		}
		p.Looks = append(p.Looks, action{Text: v.T("d.look", "who", clean(rec.Name)), Href: "/d/kijk/" + sourceKey(rec.Source), Look: "link"})
		if isProvider(rec) {
			p.Sends = append(p.Sends, v.sendRow(rec))
		}
	}
	return p, nil
}

// addSubjects adds the rows of all subjects. Choices about single items that do not
// fit are on a page of their subject.
func (v *view) addSubjects(p *matrixPage, shares Shares) {
	left := mostTicksRows(shares)
	for _, subject := range v.shared() {
		whole, own := v.subjectRows(shares, subject)
		shown := own[:min(len(own), max(left, 0))]
		left -= len(whole) + len(shown)
		p.Rows = append(append(p.Rows, whole...), shown...)
		if len(shares.Recipients) == 0 { // nobody to choose for
			continue
		}
		to := fmt.Sprint("/d/", slices.Index(shareSubjects, subject)+1)
		p.Items = append(p.Items, link{v.subjectName(subject), to})
		if n := len(own) - len(shown); n > 0 {
			p.Items = append(p.Items, link{v.T("d.own.more", "what", v.subjectName(subject), "n", n), to + "?eigen=1"})
		}
	}
}

// isProvider tells whether things can be sent to the recipient over MedMij.
func isProvider(r Recipient) bool { return share.KindOf(r.Source) == share.ToProvider }

// shareNotice says what was just done.
func (v *view) shareNotice(r *http.Request) *notice {
	switch q := r.URL.Query(); {
	case q.Has("ok"):
		return &notice{Text: v.T("d.saved")}
	case q.Has("niets"):
		return &notice{Text: v.T("d.unchanged")}
	case q.Has("stop"):
		return &notice{Text: v.T("d.stopped") + " " + v.T("d.copies")}
	}
	return nil
}

// aboutClosed says what becomes of what the person does not see yet.
func (v *view) aboutClosed(p *matrixPage, shares Shares) {
	kept, given := 0, 0
	for i := range v.o.Items {
		item := &v.o.Items[i]
		switch {
		case item.Section != aggregator.Gated:
		case slices.ContainsFunc(shares.Chosen, func(c Chosen) bool { return c.Item == item.ID && c.Permit && c.IncludeUnseen }):
			given++
		default:
			kept++
		}
	}
	if len(shares.Recipients) == 0 || kept+given == 0 {
		return
	}
	p.Soft, p.SoftAction = v.T("k.unshared", "n", kept), &action{Text: v.T("dg.go"), Href: "/d/dicht", Look: "link"}
	if given > 0 {
		p.Soft = strings.TrimSpace(v.T("dg.given", "n", given) + " " + p.Soft)
	}
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
	p := v.matrix(shares)
	p.Path = fmt.Sprint("/d/", n)
	p.Crumbs = []link{{v.T("nav.d"), "/d"}, {v.subjectName(subject), ""}}
	p.Answer, p.Rest = v.T("d.choose", "what", v.subjectName(subject)), v.T("d.choose.rest")
	all := v.current(subject)
	if key := r.URL.Query().Get("ding"); key != "" {
		item, err := v.find(key)
		if err != nil || shareHref(item) != fmt.Sprint("/d/", n, "?ding=", item.Key()) {
			return nil, either(err, ErrNotFound)
		}
		p.Answer, all = v.T("d.choose.one", "what", brief(item.Name())), []aggregator.Item{item}
	}
	if r.URL.Query().Has("eigen") {
		chosen := shares.items()
		all = slices.DeleteFunc(slices.Clone(all), func(item aggregator.Item) bool { return !chosen[item.ID] })
	}
	shown, next := cutTo(all, startAt(r), mostTicksRows(shares))
	for _, item := range shown {
		p.Rows = append(p.Rows, v.matrixRow(shares, pick{kind: pickItem, id: item.Key()}, brief(item.Name())))
	}
	if next > 0 {
		p.Items = []link{*v.furtherTo(r, next, len(all)-next)}
	}
	return p, nil
}

// shareHref is where the person chooses who sees one item; of what is only
// history, where all choices are.
func shareHref(item aggregator.Item) string {
	n := slices.Index(shareSubjects, item.Subject)
	if n < 0 || item.Section == aggregator.History {
		return "/d"
	}
	return fmt.Sprint("/d/", n+1, "?ding=", item.Key())
}

// shareClosedPage lets the person share what they do not see themselves, after
// saying what that means.
func shareClosedPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	p := v.matrix(shares)
	p.Path, p.Crumbs = "/d/dicht", []link{{v.T("nav.d"), "/d"}, {v.T("k.h1"), ""}}
	p.Answer, p.Rest, p.Lead = v.T("dg.answer"), v.T("dg.answer.rest"), v.T("dg.lead")
	var closed []aggregator.Item
	for i := range v.o.Items {
		if isClosed(v.o.Items[i]) {
			closed = append(closed, v.o.Items[i])
		}
	}
	if len(closed) == 0 {
		p.Answer, p.Rest, p.Lead, p.Heads = v.T("k.nothing"), "", "", nil
	}
	shown, next := cutTo(closed, startAt(r), mostTicksRows(shares))
	for i, item := range shown {
		p.Rows = append(p.Rows, v.matrixRow(shares, pick{kind: pickClosed, id: item.Key()}, v.sealedName(item, i+1)))
	}
	if next > 0 {
		p.Items = []link{*v.furtherTo(r, next, len(closed)-next)}
	}
	return p, nil
}

// sealedName is what may be said of an item that is closed; n tells it from the
// others of that day.
func (v *view) sealedName(item aggregator.Item, n int) string {
	s := v.seal(bunchOf(item))
	return fmt.Sprintf("%d. %s, %s, %s", n, s.Who, s.Kind, s.Day)
}

// openRow is what is open to a recipient now, with the button that ends it.
func (v *view) openRow(shares Shares, rec Recipient) (row, bool) {
	permits := shares.permits(rec.Source)
	if len(permits) == 0 {
		return row{}, false
	}
	key, items := sourceKey(rec.Source), 0
	var names []string
	for _, c := range permits {
		if c.Subject == "" {
			items++
			continue
		}
		name := v.subjectName(c.Subject)
		if len(names) > 0 {
			name = strings.ToLower(name[:1]) + name[1:]
		}
		names = append(names, name)
	}
	if items > 0 {
		names = append(names, v.T("d.single", "n", items))
	}
	return row{
		Name: clean(rec.Name), Href: "/d/bij/" + key, Lines: []line{plain(v.List(names))}, Soft: v.until(permits),
		Actions: []action{{Text: v.T("d.stop.now"), About: clean(rec.Name), Post: "/d/stop", Values: []value{{"wie", key}}, Look: "other"}},
	}, true
}

// until says when the first of the choices ends; empty when none does.
func (v *view) until(permits []Chosen) string {
	var first Chosen
	for _, c := range permits {
		if !c.Until.IsZero() && (first.Until.IsZero() || c.Until.Before(first.Until)) {
			first = c
		}
	}
	if first.Until.IsZero() {
		return ""
	}
	return v.T("d.until", "day", v.Day(fhir.DateOf(first.Until.Add(-1))))
}

// askRows are the items that something joined.
func (v *view) askRows(asks []share.Ask) []row {
	var rows []row
	for _, ask := range asks {
		item, ok := v.o.Find(ask.Item)
		if !ok || isClosed(item) {
			continue
		}
		who := clean(ask.Recipient.Name)
		c := pick{kind: pickItem, id: item.Key(), who: sourceKey(ask.Recipient.ID)}
		rows = append(rows, row{
			Name: brief(item.Name()), Href: "/i/" + item.Key(), Lines: []line{plain(v.T("d.asks", "who", who))},
			Actions: []action{v.will(v.T("d.again"), c, true, who), v.will(v.T("d.refuse"), c, false, who)},
		})
	}
	return rows
}

// will asks for one choice, by the page that says what it would change.
func (v *view) will(text string, c pick, yes bool, about string) action {
	return action{Text: text, About: about, Post: "/d", Values: []value{{"wil", c.wanted(yes)}}, Look: "other"}
}

// items are the ids of the items that there is a choice about.
func (s Shares) items() map[string]bool {
	ids := map[string]bool{}
	for _, c := range s.Chosen {
		ids[c.Item] = true
	}
	return ids
}

// permits are the choices by which a recipient may see something.
func (s Shares) permits(recipient string) []Chosen {
	var out []Chosen
	for _, c := range s.Chosen {
		if c.Recipient == recipient && c.Permit {
			out = append(out, c)
		}
	}
	return out
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
