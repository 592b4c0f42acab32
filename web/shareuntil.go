package web

import (
	"net/url"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// untilField asks until when what begins now stays open. Empty is until the
// person stops it.
type untilField struct{ Value, First string }

func (v *view) untilField(form url.Values) *untilField {
	return &untilField{Value: clean(form.Get("tot")), First: v.now.In(fhir.Amsterdam()).Format(time.DateOnly)}
}

// readUntil reads the last day of a share as the moment it ends: the end of that
// day. A day that is over would share nothing.
func (v *view) readUntil(form url.Values) (time.Time, []wrong) {
	text := form.Get("tot")
	if text == "" {
		return time.Time{}, nil
	}
	day, ok := readDay(text)
	if end := day.AddDate(0, 0, 1); ok && end.After(v.now) {
		return end, nil
	}
	return time.Time{}, []wrong{{"tot", v.T("d.tot.wrong")}}
}

// begins tells whether a pick begins to share something, so that it can have an
// end. What is shared already keeps the end it has, and so does an item of a
// subject that is shared: that goes on as its subject does.
func (v *view) begins(shares Shares, c pick) bool {
	rec, known := shares.recipient(c.who)
	if !c.yes || c.kind == pickLater {
		return false
	}
	if item, ok := v.o.Find(c.id); known && ok && c.kind == pickItem && v.on(shares, pick{kind: pickSubject, id: item.Subject}, rec.Source) {
		return false
	}
	return !known || !v.on(shares, c, rec.Source)
}
