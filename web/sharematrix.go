package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
)

// matrixPage is who may see what.
type matrixPage struct {
	page
	Open   []row    // what is shared now
	Asking []row    // what something joined
	Begin  []action // what else can be done
	Heads  []head
	Rows   []matrixRow
	Who    []string // keys of the heads
	Past   []row    // who sees nothing any more
	Sends  []row
	Items  []link // to choose per item
	Looks  []action
}

func (*matrixPage) template() string { return "share" }

// head is one column of the matrix.
type head struct{ Letter, Name, Kind string }

// matrixRow is a subject, what comes later of it, or an item.
type matrixRow struct {
	Name  string
	ID    string // of what the row is about: "s:lab", "n:lab", "i:abcdefghijkl", or "g:..." for what is closed
	Under bool
	Own   string // "own choice", for an item
	Ticks []matrixTick
}

// matrixTick is one tick, with a complete name for who does not see the columns.
// Without a Value there is nothing to tick, and Short says why, or nothing.
type matrixTick struct {
	Label, Short, Value, ID string
	On                      bool
}

// mostTicksRows is how many rows of a matrix fit on a page: more recipients are
// more ticks in a row.
func mostTicksRows(shares Shares) int {
	return max(10, min(mostRows, mostTicks/max(1, len(shares.Recipients))))
}

// matrix makes the page without its rows.
func (v *view) matrix(shares Shares) *matrixPage {
	p := &matrixPage{page: page{Title: v.T("title.d"), Here: "/d", Path: "/d", H1: v.T("nav.d")}}
	open := 0
	for _, rec := range shares.Recipients {
		p.Heads = append(p.Heads, head{v.recipientTag(rec), clean(rec.Name), v.recipientKind(rec)})
		p.Who = append(p.Who, sourceKey(rec.Source))
		if len(shares.permits(rec.Source)) > 0 {
			open++
		}
	}
	p.Answer, p.Rest = v.T("d.answer", "n", open), v.T("d.rest")
	switch {
	case len(shares.Recipients) == 0:
		p.Answer, p.Rest = v.T("d.nobody.yet"), v.T("d.nobody.ways")
		p.Actions = []action{{Text: v.T("d.new"), Href: "/d/nieuw", Look: "main"}}
	case open == 0:
		p.Answer = v.T("d.closed")
	}
	return p
}

// recipientTag is the letter of a recipient.
func (v *view) recipientTag(rec Recipient) string {
	if isProvider(rec) {
		return v.tag(rec.Source)
	}
	return initial(clean(rec.Name), 1)
}

// recipientKind is what a recipient is, in a word.
func (v *view) recipientKind(rec Recipient) string {
	if isProvider(rec) {
		return v.Or("provider."+rec.Kind, "")
	}
	return v.Or("d.role."+string(rec.Role), v.T("d.role.care"))
}

// subjectRows are the row of a subject and of what comes later when somebody may
// see it, and those of the items that have a choice of their own.
func (v *view) subjectRows(shares Shares, subject string) (rows, own []matrixRow) {
	items := v.current(subject)
	if whole(subject) {
		rows = append(rows, v.matrixRow(shares, pick{kind: pickSubject, id: subject}, fmt.Sprintf("%s (%d)", v.subjectName(subject), len(items))))
	}
	if slices.ContainsFunc(shares.Chosen, func(c Chosen) bool { return c.Subject == subject && c.Permit }) {
		row := v.matrixRow(shares, pick{kind: pickLater, id: subject}, v.T("d.later"))
		row.Under = true
		rows = append(rows, row)
	}
	chosen := shares.items()
	for i := range items {
		if item := &items[i]; chosen[item.ID] {
			row := v.matrixRow(shares, pick{kind: pickItem, id: item.Key()}, brief(item.Name()))
			row.Under, row.Own = true, v.T("d.own")
			own = append(own, row)
		}
	}
	return rows, own
}

// matrixRow makes one row with a tick for each recipient.
func (v *view) matrixRow(shares Shares, c pick, name string) matrixRow {
	row := matrixRow{Name: name, ID: c.row()}
	for i, rec := range shares.Recipients {
		c.who = sourceKey(rec.Source)
		if why, ok := v.cannot(shares, c, rec); ok {
			row.Ticks = append(row.Ticks, matrixTick{Short: why})
			continue
		}
		what := name
		if c.kind == pickLater {
			what = v.T("d.later.of", "what", v.subjectName(c.id))
		}
		row.Ticks = append(row.Ticks, matrixTick{
			Label: v.T("d.tick", "what", what, "who", clean(rec.Name)), Short: soften(clean(rec.Name)),
			Value: c.String(), ID: fmt.Sprint(strings.ReplaceAll(row.ID, ":", "-"), "-", i), On: v.on(shares, c, rec.Source),
		})
	}
	return row
}

// cannot tells that there is nothing to choose for a recipient, and why.
func (v *view) cannot(shares Shares, c pick, rec Recipient) (why string, cannot bool) {
	if c.kind == pickLater {
		return "", !v.on(shares, pick{kind: pickSubject, id: c.id}, rec.Source)
	}
	if c.kind == pickSubject {
		return "", false
	}
	item, ok := v.o.Find(c.id)
	switch {
	case !ok:
		return "", false
	case slices.ContainsFunc(item.Parts, func(p aggregator.Part) bool { return p.Source == rec.Source }):
		return v.T("d.theirs", "who", clean(rec.Name)), true
	case slices.ContainsFunc(item.Conflicts, func(c aggregator.Conflict) bool { return c.Code == "C-COLLISION" || c.Code == "C-PRODUCT" }):
		return v.T("d.doubt"), true
	}
	return "", false
}

// on tells how a choice stands now.
func (v *view) on(shares Shares, c pick, recipient string) bool {
	switch c.kind {
	case pickItem:
		item, _ := v.o.Find(c.id)
		return slices.Contains(item.SharedWith, recipient)
	case pickClosed:
		item, _ := v.o.Find(c.id)
		return slices.ContainsFunc(shares.permits(recipient), func(p Chosen) bool { return p.Item == item.ID && p.IncludeUnseen })
	}
	return slices.ContainsFunc(shares.permits(recipient), func(p Chosen) bool { return p.Subject == c.id && (c.kind != pickLater || p.Later) })
}
