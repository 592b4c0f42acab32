package desk

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// Events implements [web.Witness]: the log of the vault, that of MedMij and the
// ledger of what was shared included, with what is alike and close together in one.
func (p *Pages) Events(ctx context.Context, since time.Time) ([]web.Event, error) {
	shared, err := p.desk.sharedEvents(ctx)
	if err != nil {
		return nil, pageError(err)
	}
	b := newTelling(since)
	until := func(at time.Time) {
		for len(shared) > 0 && shared[0].At.Before(at) {
			b.add(shared[0])
			shared = shared[1:]
		}
	}
	if err := p.desk.eachLine(ctx, func(entry store.LogEntry) { until(entry.Time); b.take(entry) }); err != nil {
		return nil, pageError(err)
	}
	until(p.desk.Now().Add(time.Second))
	return b.told(), nil
}

// sharedEvents are the choices and the messages of the ledger, oldest first. What
// is wrong with the ledger is told where it is shown, and by verify.
func (d *Desk) sharedEvents(ctx context.Context) ([]web.Event, error) {
	ledger, err := d.Ledger(ctx)
	if err != nil && !errors.Is(err, share.ErrLedger) {
		return nil, err
	}
	var events []web.Event
	for _, l := range ledger {
		e := web.Event{At: l.At, Source: l.To, Subject: l.About, Count: 1}
		switch l.Act {
		case share.ActPermit:
			e.Kind, e.What = web.EventShare, "start"
		case share.ActDeny, share.ActRevoke, share.ActExpire:
			e.Kind, e.What = web.EventShare, "stop"
		case share.ActDeliver:
			events = append(events, delivered(l)...)
			continue
		default:
			continue
		}
		events = append(events, e)
	}
	return events, nil
}

// delivered is what became of a message, by outcome.
func delivered(l share.Line) []web.Event {
	var events []web.Event
	for _, code := range [...]string{share.Sent, share.Refused, share.Failed, share.Unknown} {
		n := 0
		for _, o := range l.Outcomes {
			if o.Code == code {
				n++
			}
		}
		if code == share.Failed {
			code = share.Refused // it did not get there, either way
		}
		if n > 0 {
			events = append(events, web.Event{At: l.At, Kind: web.EventSend, What: code, Source: l.To, Count: n})
		}
	}
	return events
}

// LastBackup is when the last backup that the log knows of was made; zero when
// it knows of none.
func (d *Desk) LastBackup(ctx context.Context) (time.Time, error) {
	b := newTelling(time.Time{})
	err := d.eachLine(ctx, b.take)
	return lastBackup(b.told()), err
}

// Place implements [web.Witness].
func (p *Pages) Place(ctx context.Context) (web.Place, error) {
	place, err := p.desk.place(ctx)
	return place, pageError(err)
}

// eachLine gives the lines of the log of the vault that may be kept, oldest first.
func (d *Desk) eachLine(ctx context.Context, take func(store.LogEntry)) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	since := medmij.ChainLogSince(d.Now())
	for entry, err := range s.Log(ctx) {
		if err != nil {
			return err
		}
		if !entry.Time.Before(since) {
			take(entry)
		}
	}
	return nil
}

// together is how far apart lines that are alike may be to be told as one:
// collecting from a provider asks dozens of questions.
const together = 5 * time.Minute

// telling makes events of the lines of a log.
type telling struct {
	since  time.Time
	events []web.Event
	last   map[web.Event]telt // by what they are, without when and how many
	byID   map[string]int     // of a request that waits for its answer
	source map[string]string  // by trace: who an answer that names nobody is from
}

// telt is where the last event of a kind stands, and when it last happened.
type telt struct {
	index int
	at    time.Time
}

func newTelling(since time.Time) *telling {
	return &telling{since: since, last: map[web.Event]telt{}, byID: map[string]int{}, source: map[string]string{}}
}

// take reads a line.
func (b *telling) take(entry store.LogEntry) {
	if e, ok := accessIn(entry); ok {
		if e.Kind == web.EventBackup && e.What == "failed" {
			b.failBackup()
			return
		}
		b.add(e)
		return
	}
	var m medmij.Event
	if json.Unmarshal(entry.Entry, &m) == nil && m.Event.Type != "" {
		b.chain(m, entry.Time)
	}
}

// alone tells of a kind whether each of its events stands by itself.
func alone(k web.EventKind) bool { return k == web.EventDecide || k == web.EventBackup }

// failBackup says of the last backup that it failed after all.
func (b *telling) failBackup() {
	for i := len(b.events) - 1; i >= 0; i-- {
		if b.events[i].Kind == web.EventBackup {
			b.events[i].What = "failed"
			return
		}
	}
}

// add tells an event, with the one before it when they are alike.
func (b *telling) add(e web.Event) (index int) {
	kind := e
	kind.At, kind.Count = time.Time{}, 0
	if before, ok := b.last[kind]; ok && e.At.Sub(before.at) < together && !alone(e.Kind) {
		b.events[before.index].Count += e.Count
		b.last[kind] = telt{before.index, e.At}
		return before.index
	}
	b.events = append(b.events, e)
	b.last[kind] = telt{len(b.events) - 1, e.At}
	return len(b.events) - 1
}

// chain tells an event of MedMij: requests as such, answers only when they failed.
func (b *telling) chain(m medmij.Event, at time.Time) {
	switch {
	case m.Request != nil:
		e := requested(m.Request)
		e.At = at
		if e.Source != "" {
			b.source[m.Event.TraceID] = e.Source
		} else {
			e.Source = b.source[m.Event.TraceID]
		}
		b.byID[m.Request.ID] = b.add(e)
	case m.Error != nil && m.Error.RequestID != "":
		if i, ok := b.byID[m.Error.RequestID]; ok {
			b.events[i].Failed++
			b.events[i].Code = m.Error.Description
		}
	case m.Error != nil:
		b.add(web.Event{At: at, Kind: web.EventLogin, What: "stopped", Source: b.source[m.Event.TraceID], Count: 1})
	}
}

// requested is what a request of MedMij was for.
func requested(r *medmij.EventRequest) web.Event {
	e := web.Event{Kind: web.EventLogin, What: "login", Count: 1}
	if r.ProviderID != "" {
		e.Source = "medmij:" + strings.TrimSuffix(r.ProviderID, "@medmij") + "@medmij"
	}
	service, known := medmij.ServiceByID(strconv.Itoa(r.ServiceID))
	switch {
	case r.ServiceID != 0 && known && service.Direction == medmij.Share:
		e.Kind, e.What = web.EventSend, "message"
	case r.ServiceID != 0:
		e.Kind, e.What = web.EventCollect, "asked"
	case r.GrantType == "refresh_token":
		e.What, e.Program = "renewed", true
	case r.GrantType != "":
		e.What = "consent"
	}
	return e
}

// told are the events that began since the moment, newest first.
func (b *telling) told() []web.Event {
	all := slices.DeleteFunc(slices.Clone(b.events), func(e web.Event) bool { return e.At.Before(b.since) })
	slices.Reverse(all) // of two at one moment the later stands first
	slices.SortStableFunc(all, func(x, y web.Event) int { return y.At.Compare(x.At) })
	return all
}

// hosts are the computers of the requests in the log, by name and role.
type hosts map[string]*web.Host

// take notes the host of a request.
func (h hosts) take(entry store.LogEntry) {
	var m medmij.Event
	if json.Unmarshal(entry.Entry, &m) != nil || m.Request == nil {
		return
	}
	role := web.HostProvider
	if m.Request.ServiceID == 0 && m.Request.GrantType == "" {
		role = web.HostBrowser
	}
	host := h.add(hostIn(m.Request.URI), role)
	if host == nil {
		return
	}
	host.Last = entry.Time
	if source := requested(m.Request).Source; source != "" && !slices.Contains(host.Sources, source) {
		host.Sources = append(host.Sources, source)
	}
}

func (h hosts) add(name string, role web.HostRole) *web.Host {
	if name == "" {
		return nil
	}
	key := string(role) + " " + name
	if h[key] == nil {
		h[key] = &web.Host{Name: name, Role: role}
	}
	return h[key]
}

// sorted are the hosts by role and name.
func (h hosts) sorted() []web.Host {
	var names []string
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []web.Host
	for _, name := range names {
		out = append(out, *h[name])
	}
	return out
}

// hostIn is the host of an address, with its port when it has one; empty for
// what is no address.
func hostIn(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
