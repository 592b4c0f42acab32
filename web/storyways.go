package web

import (
	"context"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/share"
)

// storyWays is how links and files stand in a story.
type storyWays struct {
	noRelay bool
	links   []GivenLink
	fault   error // of making, stopping and writing
	wishes  []LinkWish
	files   []FileWish
	stopped []string
}

func (d *storyDesk) Relay() string {
	if d.ways.noRelay {
		return ""
	}
	return "https://relay.example"
}

func (d *storyDesk) Audiences(context.Context) ([]Audience, error) {
	return []Audience{{storyGP, "Huisarts De Linde"}, {storyHospital, "Streekziekenhuis"}}, nil
}

func (d *storyDesk) GivenLinks(context.Context) ([]GivenLink, error) { return d.ways.links, nil }

func (d *storyDesk) MakeLink(_ context.Context, wish LinkWish) (string, error) {
	d.ways.wishes = append(d.ways.wishes, wish)
	return "l1", d.ways.fault
}

func (d *storyDesk) StopLink(_ context.Context, id string) error {
	d.ways.stopped = append(d.ways.stopped, id)
	return d.ways.fault
}

func (d *storyDesk) WriteFile(_ context.Context, wish FileWish) ([]byte, error) {
	d.ways.files = append(d.ways.files, wish)
	return []byte("{}"), d.ways.fault
}

// storyLinks are an open link, a code, and some that ended.
func storyLinks() []GivenLink {
	link := GivenLink{
		ID: "l1", Name: "Arts in Spanje", All: true, Items: 31, Made: storyNow.Add(-19 * time.Minute), Until: storyNow.Add(41 * time.Minute), Openings: 5,
		URI:      "https://relay.example/v/#shlink:/eyJ1cmwiOiJodHRwczovL3JlbGF5LmV4YW1wbGUvc2hsL1hYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFgiLCJrZXkiOiJYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYIn0",
		Passcode: "40718263", Site: "https://relay.example/v/", Seen: []share.Opening{
			{At: storyNow.Add(-9 * time.Minute), Event: share.EventPasscode, Network: "203.0.113.0/24", Agent: "Safari"},
			{At: storyNow.Add(-8 * time.Minute), Event: share.EventOpened, Recipient: "Dra. García", Network: "203.0.113.0/24", Agent: "Safari"},
		},
	}
	code := GivenLink{
		ID: "l2", Name: "Dokterspost", Spoken: true, Items: 8, Made: storyNow, Until: storyNow.Add(time.Hour), Openings: 1,
		Code: "K7M2Q-4XD9A", Site: "https://relay.example/v/",
	}
	over := []GivenLink{
		{ID: "l3", Name: "Piet", All: true, Items: 30, Openings: 1, End: share.EndOpened, Ended: storyNow.AddDate(0, 0, -3), Seen: link.Seen[1:]},
		{ID: "l4", Name: "Fysio", Items: 4, Until: storyNow.AddDate(0, 0, -4), End: share.EndRevoked, Ended: storyNow.AddDate(0, 0, -5)},
		{ID: "l5", Name: "Tandarts", Items: 4, Spoken: true, End: share.EndAttempts, Ended: storyNow.AddDate(0, 0, -9)},
		{ID: "l6", Name: "Nicht", Items: 4, End: share.EndExpired, Ended: storyNow.AddDate(0, 0, -20)},
		{ID: "l7", Name: "Proef", Items: 4, End: LinkGone, Ended: storyNow.AddDate(0, 0, -21)},
	}
	return append([]GivenLink{link, code}, over...)
}

// wayStories are the pages of links, codes and files.
func wayStories() []story {
	wish := []string{"wat", "alles", "naam", "Arts in Spanje", "tijd", "uur", "keer", "een", "cijfers", "ja"}
	fails := func(err error) func(*storyDesk) { return func(d *storyDesk) { d.ways.fault = err } }
	making := func(name string, err error) story {
		return story{name: name, method: "POST", path: linkHome + "/nieuw", form: form(wish...), desk: fails(err)}
	}
	return []story{
		{name: "links", path: linkHome, desk: withLinks},
		{name: "links-none", path: linkHome},
		{name: "links-no-relay", path: linkHome, desk: func(d *storyDesk) { d.ways.noRelay = true }},
		{name: "links-silent", path: linkHome, desk: silentRelay},
		{name: "link-new", path: linkHome + "/nieuw"},
		{name: "link-new-empty", method: "POST", path: linkHome + "/nieuw", form: form("tijd", "uur")},
		making("link-nothing", ErrNothingShared),
		making("link-full", share.ErrRefused),
		making("link-busy", share.ErrBusy),
		making("link-unreachable", share.ErrRelay),
		making("link-bsn", share.ErrBSN),
		{name: "link", path: linkHome + "/l1", desk: withLinks},
		{name: "link-unsure", path: linkHome + "/l1", desk: silentRelay},
		{name: "link-over", path: linkHome + "/l3", desk: withLinks},
		{name: "link-not-stopped", method: "POST", path: linkHome + "/stop", form: form("nr", "l1"), desk: func(d *storyDesk) {
			withLinks(d)
			d.ways.fault = share.ErrRelay
		}},
		{name: "code-new", path: linkHome + "/code"},
		{name: "code-no-date", method: "POST", path: linkHome + "/code", form: form("wat", "alles", "naam", "Dokterspost")},
		{name: "code", path: linkHome + "/l2", desk: withLinks},
		{name: "file", path: fileHome},
		{name: "file-empty", method: "POST", path: fileHome},
		{name: "file-nothing", method: "POST", path: fileHome, form: form("wat", "alles", "vorm", FileTable), desk: fails(ErrNothingShared)},
		{name: "file-code", method: "POST", path: fileHome, form: form("wat", "alles", "vorm", FileLocked)},
	}
}

func withLinks(d *storyDesk) { d.ways.links = storyLinks() }

// silentRelay does not answer, and did not when the first link was made.
func silentRelay(d *storyDesk) {
	withLinks(d)
	d.ways.links = slices.Clone(d.ways.links)
	d.ways.links[0].Unsure, d.ways.links[0].Seen = true, nil
	d.ways.links[1].Silent = true
}
