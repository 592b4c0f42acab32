package web

import (
	"context"
	"time"
)

// witness is what the example tells of itself.
type witness struct {
	events []Event
	place  Place
}

// newWitness has something of every kind, on two days and longer ago.
func newWitness() witness {
	ago := func(d time.Duration) time.Time { return storyNow.Add(-d) }
	day := 24 * time.Hour
	return witness{
		events: []Event{
			{At: ago(time.Minute), Kind: EventOpen, What: "opened", Count: 1},
			{At: ago(2 * time.Minute), Kind: EventOpen, What: "wrong", Count: 2},
			{At: ago(time.Hour), Kind: EventOpen, What: "closed", Count: 1},
			{At: ago(day), Kind: EventCollect, What: "asked", Source: storyPharmacy, Count: 14, Failed: 2, Code: "P-503"},
			{At: ago(day + time.Minute), Kind: EventCollect, What: "asked", Source: storyHospital, Count: 31},
			{At: ago(day + time.Hour), Kind: EventLogin, What: "renewed", Program: true, Source: storyGP, Count: 1},
			{At: ago(3 * day), Kind: EventSee, What: "now", Source: storyHospital, Count: 2},
			{At: ago(3*day + time.Hour), Kind: EventDecide, What: "join", Count: 1},
			{At: ago(6 * day), Kind: EventSend, What: "sent", Source: storyHospital, Count: 3},
			{At: ago(6*day + time.Minute), Kind: EventShare, What: "start", Subject: "vital", Source: storyHospital, Count: 1},
			{At: ago(8 * day), Kind: EventBackup, What: "made", Count: 1},
			{At: ago(40 * day), Kind: EventLogin, What: "login", Source: storyGP, Count: 1},
			{At: ago(41 * day), Kind: EventOpen, What: "made", Count: 1},
		},
		place: Place{
			Path: "/home/anna/.local/share/bundel/vault.bundel", Size: 3_412_000, Backup: ago(8 * day),
			Hosts: []Host{
				{Name: "inloggen.delinde.example", Role: HostBrowser, Sources: []string{storyGP}, Last: ago(40 * day)},
				{Name: "lijsten.medmij.example", Role: HostLists},
				{Name: "gegevens.streekziekenhuis.example", Role: HostProvider, Sources: []string{storyHospital}, Last: ago(day)},
			},
		},
	}
}

// Events gives those since the moment.
func (d *storyDesk) Events(_ context.Context, since time.Time) ([]Event, error) {
	var out []Event
	for _, e := range d.witness.events {
		if !e.At.Before(since) {
			out = append(out, e)
		}
	}
	return out, d.fault
}

func (d *storyDesk) Place(context.Context) (Place, error) { return d.witness.place, d.fault }

// helpStories are help, the words, where the data are, and the log.
func helpStories() []story {
	return []story{
		{name: "help", path: "/hulp"},
		{name: "help-outside", path: "/hulp", door: true, desk: locked},
		{name: "terms", path: "/hulp/woorden"},
		{name: "terms-letter", path: "/hulp/woorden?l=H"},
		{name: "terms-found", method: "POST", path: "/hulp/woorden", form: form("q", "nier")},
		{name: "terms-none", method: "POST", path: "/hulp/woorden", form: form("q", "xyz")},
		{name: "where", path: "/hulp/waar"},
		{name: "where-new", path: "/hulp/waar", desk: func(d *storyDesk) {
			d.witness.place.Backup, d.witness.place.Hosts = time.Time{}, nil
		}},
		{name: "log", path: "/logboek"},
		{name: "log-kind", path: "/logboek?soort=collect&dagen=7"},
		{name: "log-long", path: "/logboek?dagen=0", desk: func(d *storyDesk) {
			for i := range 300 {
				d.witness.events = append(d.witness.events, Event{At: storyNow.AddDate(0, 0, -42-i), Kind: EventOpen, What: "opened", Count: 1})
			}
		}},
		{name: "log-none", path: "/logboek?soort=send&dagen=7", desk: func(d *storyDesk) { d.witness.events = nil }},
	}
}
