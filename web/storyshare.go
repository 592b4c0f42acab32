package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
)

// storySharing is what the example shares, and what was asked of it.
type storySharing struct {
	shares  Shares
	ledger  share.Ledger
	broken  *share.BrokenError
	asks    []share.Ask
	misses  []share.Consequence
	refusal error // of what changes anything
	wishes  []Wish
	stopped []string
	shown   []string
}

// storyPerson is somebody the example person shares with.
const storyPerson = "to:person:00000000-0000-4000-8000-000000000001"

// shareStories are the pages about who may see what.
func shareStories() []story {
	hospital, person := sourceKey(storyHospital), sourceKey(storyPerson)
	wil := func(texts ...string) string {
		var pairs []string
		for _, t := range texts {
			pairs = append(pairs, "wil", t)
		}
		return form(pairs...)
	}
	metoprolol := "i:" + storyKey("metoprolol-h")
	return []story{
		{name: "share", path: "/d"},
		{name: "share-saved", path: "/d?ok"},
		{name: "share-stopped", path: "/d?stop"},
		{name: "share-over", path: "/d", desk: func(d *storyDesk) { d.shares.Recipients = d.shares.Recipients[:3] }},
		{name: "share-unchanged", path: "/d?niets"},
		{name: "share-nobody", path: "/d", desk: empty},
		{name: "share-own", path: "/d", desk: func(d *storyDesk) { d.shares = Shares{} }},
		{name: "share-asks", path: "/d", desk: joinedLater},
		{name: "share-items", path: "/d/1"},
		{name: "share-closed", path: "/d/dicht", desk: closed},
		{name: "share-closed-none", path: "/d/dicht"},
		{name: "share-closed-given", path: "/d", desk: givenUnseen},
		{name: "wish", method: "POST", path: "/d", form: wil("s:allergy:"+hospital+":ja", "s:medication:"+sourceKey(storyGP)+":nee")},
		{name: "wish-later", method: "POST", path: "/d", form: wil("n:vital:"+hospital+":nee", "n:medication:"+hospital+":ja")},
		{name: "wish-same", method: "POST", path: "/d", form: wil("n:medication:" + sourceKey(storyGP) + ":nee")},
		{name: "wish-closed", method: "POST", path: "/d", form: wil("g:" + storyKey("shut-2") + ":" + hospital + ":ja"), desk: closed},
		{name: "wish-changed", method: "POST", path: "/d/bewaar", form: wil(metoprolol + ":" + person + ":ja")},
		{name: "person", path: "/d/nieuw"},
		{name: "person-wrong", method: "POST", path: "/d/nieuw", form: form("naam", "Piet")},
		{name: "person-until", method: "POST", path: "/d/nieuw", form: form("naam", "Els", "soort", "familie", "wil", "s:medication:nieuw:ja", "tot", "2025-05-19")},
		{name: "wish-until", method: "POST", path: "/d/nieuw", form: form("naam", "Els", "soort", "familie", "wil", "s:medication:nieuw:ja", "tot", "2025-06-30")},
		{name: "person-mind", method: "POST", path: "/d/nieuw", form: form("naam", "Bakkerij Smit", "soort", "werk", "wil", "s:medication:nieuw:ja")},
		{name: "with", path: "/d/bij/" + hospital},
		{name: "with-missed", path: "/d/bij/" + person, desk: missing},
		{name: "with-nothing", path: "/d/bij/" + sourceKey(storyPharmacy)},
		{name: "visit", path: visitPath, visit: storyHospital},
		{name: "visit-closed", path: visitPath, visit: storyHospital, desk: givenUnseen},
		{name: "ledger", path: logPath},
		{name: "ledger-one", path: logPath + "?wie=" + person},
		{name: "ledger-item", path: logPath + "?ding=" + storyKey("bp-2")},
		{name: "ledger-none", path: logPath, desk: func(d *storyDesk) { d.ledger = nil }},
		{name: "ledger-broken", path: logPath, desk: func(d *storyDesk) { d.broken = &share.BrokenError{Line: 6} }},
		{name: "trouble-log", status: http.StatusConflict, method: "POST", path: "/d/stop", form: form("wie", hospital), desk: func(d *storyDesk) { d.refusal = &share.BrokenError{Line: 6} }},
		{name: "preview", path: "/d/kijk/" + hospital},
		{name: "preview-paper", method: "POST", path: "/d/kijk/" + hospital},
		{name: "preview-nothing", path: "/d/kijk/" + sourceKey(storyPharmacy)},
	}
}

// joinedLater has something that joined what was shared.
func joinedLater(d *storyDesk) {
	d.asks = []share.Ask{{Recipient: share.Recipient{ID: storyPerson, Name: "Piet", Role: share.Family}, Item: storyID("medication", "metoprolol-h")}}
}

// givenUnseen shares a result that the person does not see.
func givenUnseen(d *storyDesk) {
	closed(d)
	d.shares.Chosen = append(d.shares.Chosen, d.chosen(Wish{To: share.Recipient{ID: storyHospital, Name: "Streekziekenhuis"}, Item: storyID("lab", "shut-2"), Permit: true, Unseen: true}))
}

// missing is a recipient who misses something of every kind.
func missing(d *storyDesk) {
	closed(d)
	d.misses = []share.Consequence{
		{Code: share.MissesAllergies, Items: []string{storyID("allergy", "penicilline")}},
		{Code: share.MissesUnseen, Items: []string{storyID("lab", "shut-1"), storyID("lab", "shut-2")}},
		{Code: share.MissesNew, Items: []string{storyID("medication", "metoprolol-u")}},
		{Code: share.MissesJoined, Items: []string{storyID("medication", "metoprolol-h")}},
	}
}

// pinned is the example with records of which no two are the same.
func (d *storyDesk) pinned() *aggregator.Overview {
	o := *d.o
	o.Items = slices.Clone(o.Items)
	for i := range o.Items {
		o.Items[i].Parts = slices.Clone(o.Items[i].Parts)
		for j := range o.Items[i].Parts {
			if p := &o.Items[i].Parts[j]; p.ID == "1" || p.ID == "" {
				p.ID = fmt.Sprint(o.Items[i].Key(), j)
			}
		}
	}
	return &o
}

func (d *storyDesk) policy(more ...Chosen) share.Policy {
	p := share.Policy{At: storyNow}
	for _, c := range d.shares.Chosen {
		if !slices.ContainsFunc(more, func(m Chosen) bool { return m.Supersedes(c.Choice) }) {
			p.Choices = append(p.Choices, c.Choice)
		}
	}
	for _, c := range more {
		p.Choices = append(p.Choices, c.Choice)
	}
	o := d.pinned()
	return p.WithClosed(o, o)
}

// annotated is the example with whom each item is shared.
func (d *storyDesk) annotated() *aggregator.Overview {
	o := *d.pinned()
	d.policy().Annotate(&o)
	return &o
}

// chosen is the choice of a wish.
func (d *storyDesk) chosen(w Wish) Chosen {
	c := Chosen{Item: w.Item, Choice: share.Choice{
		Recipient: w.To.ID, Name: w.To.Name, Role: w.To.Role, Subject: w.Subject, Permit: w.Permit, Later: w.Later,
		Since: storyNow.AddDate(0, 0, -3), Revoked: w.Subject != "" && !w.Permit, IncludeUnseen: w.Unseen,
		Until: w.Until,
	}}
	for _, item := range d.pinned().Items {
		if item.ID == w.Item || w.Item == "" && item.Subject == w.Subject && !isClosed(item) {
			c.Pins = append(c.Pins, share.PinsOf(item)...)
		}
	}
	return c
}

func (d *storyDesk) Shares(context.Context) (Shares, error) { return d.shares, d.fault }

func (d *storyDesk) Called(_ context.Context, ids ...string) ([]string, error) {
	var names []string
	for _, id := range ids {
		for _, r := range d.shares.Recipients {
			if r.Source == id {
				names = append(names, r.Name)
			}
		}
	}
	return names, d.fault
}

func (d *storyDesk) Would(_ context.Context, wishes ...Wish) ([]Foreseen, error) {
	var more []Chosen
	var all []Foreseen
	for _, w := range wishes {
		if w.To.ID == "" {
			w.To.ID = storyPerson + "new"
		}
		more = append(more, d.chosen(w))
		if !slices.ContainsFunc(all, func(f Foreseen) bool { return f.Recipient.ID == w.To.ID }) {
			all = append(all, Foreseen{Effect: share.Effect{Recipient: w.To}})
		}
	}
	after := d.policy(more...)
	for i := range all {
		for _, e := range share.Would(d.pinned(), d.policy(), after) {
			if e.Recipient.ID == all[i].Recipient.ID {
				all[i].Effect = e
			}
		}
		all[i].Misses = after.Consequences(d.pinned(), all[i].Recipient.ID)
	}
	return all, d.fault
}

func (d *storyDesk) Choose(_ context.Context, wishes ...Wish) error {
	d.wishes = append(d.wishes, wishes...)
	return d.refusal
}

func (d *storyDesk) StopSharing(_ context.Context, recipient, choice string) error {
	d.stopped = append(d.stopped, recipient+choice)
	return d.refusal
}

func (d *storyDesk) Asks(context.Context) ([]share.Ask, error) { return d.asks, d.fault }

func (d *storyDesk) Misses(_ context.Context, recipient string) ([]share.Consequence, error) {
	if d.misses != nil {
		return d.misses, d.fault
	}
	return d.policy().Consequences(d.pinned(), recipient), d.fault
}

func (d *storyDesk) Preview(_ context.Context, recipient, _ string) (*aggregator.Overview, error) {
	return d.policy().Preview(d.pinned(), recipient), d.fault
}

func (d *storyDesk) Show(ctx context.Context, recipient, lang string, _ time.Time) (*aggregator.Overview, error) {
	d.shown = append(d.shown, recipient)
	o, err := d.Preview(ctx, recipient, lang)
	if err == nil {
		err = d.refusal
	}
	return o, err
}

func (d *storyDesk) Paper(ctx context.Context, recipient, lang string) (*aggregator.Overview, error) {
	o, err := d.Show(ctx, recipient, lang, time.Time{})
	if err != nil {
		return nil, err
	}
	paper := *o
	paper.Items = open(o.Items)
	return &paper, nil
}

func (d *storyDesk) Ledger(context.Context) (share.Ledger, error) {
	if d.broken != nil {
		return d.ledger[:d.broken.Line-1], d.broken
	}
	return d.ledger, d.fault
}

// storyShares shares a little with three of four.
func storyShares(d *storyDesk) Shares {
	hospital, piet := share.Recipient{ID: storyHospital, Name: "Streekziekenhuis"}, share.Recipient{ID: storyPerson, Name: "Piet", Role: share.Family}
	gp := share.Recipient{ID: storyGP, Name: "Huisarts De Linde"}
	lasting := d.chosen(Wish{To: piet, Subject: "vital", Permit: true})
	lasting.Until = time.Date(2025, 6, 30, 22, 0, 0, 0, time.UTC)
	return Shares{
		Recipients: []Recipient{
			{Source: storyGP, Name: "Huisarts De Linde", Kind: "gp"},
			{Source: storyHospital, Name: "Streekziekenhuis", Kind: "hospital", CanSend: true, Ready: 2},
			{Source: storyPharmacy, Name: "Apotheek Zuid", Kind: "pharmacy", CanSend: true},
			{Source: storyPerson, Name: "Piet", Role: share.Family},
		},
		Chosen: []Chosen{
			d.chosen(Wish{To: gp, Subject: "medication", Permit: true}),
			d.chosen(Wish{To: hospital, Subject: "medication", Permit: true}),
			d.chosen(Wish{To: hospital, Item: storyID("medication", "simvastatine")}),
			d.chosen(Wish{To: hospital, Subject: "vital", Permit: true, Later: true}),
			lasting,
		},
	}
}

// storyLedger has a line of every kind.
func storyLedger(d *storyDesk) share.Ledger {
	at := storyNow.AddDate(0, 0, -3)
	pins := func(item string) []share.Pin {
		found, _ := d.pinned().Find(item)
		return share.PinsOf(found)
	}
	hospital := share.Line{To: storyHospital, Name: "Streekziekenhuis"}
	piet := share.Line{To: storyPerson, Name: "Piet", Role: share.Family}
	var all share.Ledger
	add := func(l share.Line, act share.Act, change func(*share.Line)) {
		l.Act, l.Number, l.At = act, uint64(len(all)+1), at.Add(time.Duration(len(all))*time.Hour)
		if change != nil {
			change(&l)
		}
		all = append(all, l)
	}
	pressure := pins(storyID("vital", "bp-2"))
	add(hospital, share.ActPermit, func(l *share.Line) { l.About, l.Later, l.Pins = "vital", true, pressure })
	add(hospital, share.ActDeny, func(l *share.Line) { l.Pins = pins(storyID("medication", "simvastatine")) })
	add(hospital, share.ActPreview, func(l *share.Line) { l.How, l.Pins = "screen", pressure })
	add(hospital, share.ActSend, func(l *share.Line) { l.How, l.Pins = "medmij", pressure })
	add(hospital, share.ActDeliver, func(l *share.Line) {
		l.How, l.Outcomes = "medmij", []share.Outcome{{Pin: pressure[0], Code: share.Sent}, {Pin: share.Pin{ID: "gone"}, Code: share.Refused}}
	})
	add(piet, share.ActPermit, func(l *share.Line) {
		l.About, l.Until, l.Unseen = "vital", "2025-06-30T22:00:00Z", true
	})
	add(piet, share.ActOpen, func(l *share.Line) { l.How, l.Pins, l.Until = "screen", pressure, "2025-05-17T13:35:00Z" })
	add(piet, share.ActExport, func(l *share.Line) { l.How, l.Pins = "csv", pressure })
	add(piet, share.ActOpen, func(l *share.Line) { l.How, l.Reader = "link", "Piet" })
	for _, act := range []share.Act{share.ActPasscode, share.ActPublish, share.ActExpire, share.ActRevoke} {
		add(piet, act, nil)
	}
	return all
}
