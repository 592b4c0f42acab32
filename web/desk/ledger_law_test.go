package desk

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web"
)

// ledgerWorld is a desk at providers and a relay that run, with what the ledger
// must say of every act on it.
type ledgerWorld struct {
	*bench
	t      *testing.T
	relay  *share.Relay
	pages  *Pages
	links  []string // ids, in the order in which they were made
	noted  map[string]int
	ended  map[string]bool
	placed atomic.Int64 // files that came to the relay
	posted atomic.Int64 // messages that went to a provider
}

var toPiet = share.NewRecipient(share.ToPerson, "Piet", share.Family)

func newLedgerWorld(t *testing.T) *ledgerWorld {
	w := &ledgerWorld{bench: newBench(t), t: t, noted: map[string]int{}, ended: map[string]bool{}}
	w.pages = w.Pages(t.Context())
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut { // what arrives has its line by now
			w.placed.Add(1)
			w.hasLine(share.ActPublish, w.placed.Load())
		}
		w.relay.Handler().ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	w.relay = must(share.OpenRelay(share.RelayConfig{Data: t.TempDir(), PublicURL: srv.URL, PerMinute: 1 << 30, PasscodeMemory: 64}))
	t.Cleanup(func() { _ = w.relay.Close() })
	w.cfg.Relay = srv.URL
	w.watchProviders()
	if _, err := w.connect(t, "huisarts-delinde", anna); err != nil {
		t.Fatal(err)
	}
	take(t, w.Desk, "ziekenhuis", medicine)
	must(0, w.addWeight(t, "81.4"))
	return w
}

// watched is told of each request before it leaves.
type watched struct {
	medmij.Transport
	before func(*http.Request)
}

func (t watched) RoundTrip(r *http.Request) (*http.Response, error) {
	t.before(r)
	return t.Transport.RoundTrip(r)
}

// watchProviders looks at the ledger before a message leaves for a provider.
func (w *ledgerWorld) watchProviders() {
	w.t.Helper()
	m := w.cfg.MedMij
	transport := watched{must(w.transport(m)), func(r *http.Request) {
		if r.Method == http.MethodPost && r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			w.posted.Add(1)
			w.hasLine(share.ActSend, w.posted.Load())
		}
	}}
	w.client = must(medmij.New(medmij.Config{
		ClientID: m.ClientID, RedirectURI: m.Redirect, Transport: transport, Dev: true, Save: w.renewGrant, Chain: w.chain.Add, Log: w.cfg.Log, Now: w.cfg.Now,
	}))
}

// hasLine: as many acts are in the ledger as things left.
func (w *ledgerWorld) hasLine(act share.Act, want int64) {
	n := int64(0)
	for _, l := range must(w.Ledger(w.t.Context())) {
		if l.Act == act && l.Part <= 1 {
			n++
		}
	}
	if n < want {
		w.t.Errorf("something left before its line: %d of %d lines %q", n, want, act)
	}
}

// ledgerAct does something, and gives the acts that the ledger must have of it.
type ledgerAct struct {
	name string
	do   func(*ledgerWorld, *rapid.T) []share.Act
}

func ledgerActs() []ledgerAct {
	return []ledgerAct{
		{"measure", (*ledgerWorld).measure},
		{"choose", (*ledgerWorld).choose},
		{"preview", (*ledgerWorld).look},
		{"show", (*ledgerWorld).show},
		{"send", (*ledgerWorld).sendSome},
		{"link", (*ledgerWorld).link},
		{"open", (*ledgerWorld).openOne},
		{"wrong", (*ledgerWorld).wrong},
		{"stop", (*ledgerWorld).stop},
		{"file", (*ledgerWorld).file},
		{"open another", (*ledgerWorld).openOne},
		{"link again", (*ledgerWorld).link},
	}
}

// TestEveryActHasItsLine: whatever the person and others do, in whatever order,
// after every act the ledger has exactly its lines, the chain holds, and nothing
// left without a line before it.
func TestEveryActHasItsLine(t *testing.T) {
	w := newLedgerWorld(t)
	acts := ledgerActs()
	left := 200 // acts: each costs some ten milliseconds
	rapid.Check(t, func(rt *rapid.T) {
		for range min(rapid.IntRange(1, 8).Draw(rt, "acts"), left) {
			left--
			act := rapid.SampledFrom(acts).Draw(rt, "act")
			before := len(must(w.Ledger(t.Context())))
			want := act.do(w, rt)
			ledger, err := w.Ledger(t.Context()) // reading it checks the chain
			if err != nil {
				rt.Fatalf("after %s: %v", act.name, err)
			}
			var got []share.Act
			for _, l := range ledger[before:] {
				if l.Part <= 1 {
					got = append(got, l.Act)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("after %s (-want +got):\n%s", act.name, diff)
			}
		}
	})
	if w.placed.Load() == 0 || w.posted.Load() == 0 {
		t.Errorf("%d links, %d messages: nothing left", w.placed.Load(), w.posted.Load())
	}
}

// measure adds something to share; that is nobody else's business.
func (w *ledgerWorld) measure(rt *rapid.T) []share.Act {
	value := rapid.SampledFrom([]string{"81.2", "81.9", "82.3"}).Draw(rt, "weight")
	must(w.Add(w.t.Context(), aggregator.OwnEntry{Kind: "weight", Value: value, Confirmed: true}))
	return nil
}

func anyRecipient(rt *rapid.T) string {
	return rapid.SampledFrom([]string{gpOf, toPiet.ID}).Draw(rt, "recipient")
}

// choose permits or ends a subject, as the page of sharing does.
func (w *ledgerWorld) choose(rt *rapid.T) []share.Act {
	yes := rapid.Bool().Draw(rt, "permit")
	subject := rapid.SampledFrom([]string{"vital", "medication"}).Draw(rt, "subject")
	to := share.Recipient{ID: anyRecipient(rt), Name: "iemand"}
	must(0, w.pages.Choose(w.t.Context(), web.Wish{To: to, Subject: subject, Permit: yes, Later: yes && rapid.Bool().Draw(rt, "later")}))
	if yes {
		return []share.Act{share.ActPermit}
	}
	return []share.Act{share.ActRevoke}
}

func (w *ledgerWorld) look(rt *rapid.T) []share.Act {
	must(w.Preview(w.t.Context(), anyRecipient(rt), "nl"))
	return []share.Act{share.ActPreview}
}

// sees tells whether a recipient may see anything now.
func (w *ledgerWorld) sees(recipient string) bool {
	return len(must(w.shown(w.t.Context(), recipient)).Items) > 0
}

func (w *ledgerWorld) show(rt *rapid.T) []share.Act {
	to := anyRecipient(rt)
	must(w.Show(w.t.Context(), to, "nl", w.Now().Add(time.Minute)))
	if w.sees(to) {
		return []share.Act{share.ActOpen}
	}
	return nil
}

// sendSome sends the measurements, to a provider that has its moods; half of the
// time after something is ready for sure.
func (w *ledgerWorld) sendSome(rt *rapid.T) (want []share.Act) {
	if rapid.Bool().Draw(rt, "new") {
		w.measure(rt)
		must(0, w.pages.Choose(w.t.Context(), web.Wish{To: share.Recipient{ID: gpOf, Name: "iemand"}, Subject: "vital", Permit: true}))
		want = append(want, share.ActPermit)
	}
	ready := len(must(w.Ready(w.t.Context(), gpOf))) > 0
	fault := rapid.SampledFrom([]mock.Fault{{}, {Kind: "status", Status: 503}, {Kind: "status", Status: 422}, {Kind: "reset", Value: "after"}}).Draw(rt, "fault")
	if fault.Kind != "" && ready {
		fault.On, fault.Times = "resource:53", 1
		must(0, w.net.Fault(fault))
	}
	g := must(w.SendToken(w.t.Context(), Measured(gpOf), w.net.Personas[0].Token))
	if _, err := w.Send(w.t.Context(), g, Measured(gpOf)); errors.Is(err, ErrNothingToSend) == ready {
		rt.Errorf("ready %v: %v", ready, err)
	}
	if ready {
		want = append(want, share.ActSend, share.ActDeliver)
	}
	return want
}

// link makes a link or a code, of everything or of what somebody may see.
func (w *ledgerWorld) link(rt *rapid.T) []share.Act {
	wish := web.LinkWish{Name: "arts", Life: time.Hour, Openings: rapid.IntRange(0, 2).Draw(rt, "openings"), Passcode: true}
	if rapid.Bool().Draw(rt, "code") {
		wish.BirthDate, wish.Passcode = "1961-04-02", false
	}
	wish.Audience = rapid.SampledFrom([]string{"", gpOf, toPiet.ID}).Draw(rt, "audience")
	id, err := w.MakeLink(w.t.Context(), wish)
	if wish.Audience != "" && !w.sees(wish.Audience) {
		if !errors.Is(err, ErrNothingShared) {
			rt.Errorf("a link with nothing: %v", err)
		}
		return nil
	}
	must(id, err)
	w.links = append(w.links, id)
	return []share.Act{share.ActPublish}
}

// someLink is one that was made; false when there is none.
func (w *ledgerWorld) someLink(rt *rapid.T) (keptLink, bool) {
	if len(w.links) == 0 {
		return keptLink{}, false
	}
	id := w.links[len(w.links)-1-rapid.IntRange(0, min(2, len(w.links)-1)).Draw(rt, "link")]
	all := must(w.Desk.links(w.t.Context()))
	at := slices.IndexFunc(all, func(l keptLink) bool { return l.ID == id })
	return all[at], true
}

func (w *ledgerWorld) openOne(rt *rapid.T) []share.Act { return w.try(rt, "1961-04-02", "") }
func (w *ledgerWorld) wrong(rt *rapid.T) []share.Act   { return w.try(rt, "1961-04-03", "00000000") }

// try opens a link or a code as somebody else would, and looks at the list.
func (w *ledgerWorld) try(rt *rapid.T, birthDate, passcode string) []share.Act {
	l, ok := w.someLink(rt)
	if !ok {
		return nil
	}
	if l.Link.Code != "" {
		_, _ = share.OpenCode(w.t.Context(), http.DefaultClient, w.Relay(), l.Link.Code, birthDate, "dr. Test")
	} else if l.Link.URI != "" {
		if passcode == "" {
			passcode = l.Link.Passcode
		}
		_, _ = share.Open(w.t.Context(), http.DefaultClient, l.Link.URI, share.Opener{Recipient: "dr. Test", Passcode: passcode})
	}
	want := w.told(l)
	must(w.Links(w.t.Context()))
	return want
}

// told are the lines that the log of the relay asks for, beside those that were
// written before.
func (w *ledgerWorld) told(l keptLink) (want []share.Act) {
	log := must(share.Openings(w.t.Context(), http.DefaultClient, l.Link))
	for _, o := range log.Openings[w.noted[l.ID]:] {
		want = append(want, map[bool]share.Act{true: share.ActOpen, false: share.ActPasscode}[o.Event == share.EventOpened])
	}
	w.noted[l.ID] = len(log.Openings)
	if log.End != "" && !w.ended[l.ID] {
		w.ended[l.ID] = true
		want = append(want, map[bool]share.Act{true: share.ActRevoke, false: share.ActExpire}[log.End == share.EndRevoked])
	}
	return want
}

func (w *ledgerWorld) stop(rt *rapid.T) []share.Act {
	l, ok := w.someLink(rt)
	if !ok {
		return nil
	}
	must(0, w.StopLink(w.t.Context(), l.ID))
	if w.ended[l.ID] {
		return nil
	}
	w.ended[l.ID] = true
	return []share.Act{share.ActRevoke}
}

// file writes a file; one of everything stays with the person.
func (w *ledgerWorld) file(rt *rapid.T) []share.Act {
	wish := web.FileWish{Form: rapid.SampledFrom([]string{web.FileLocked, web.FileSummary, web.FileTable}).Draw(rt, "form"), Code: share.NewFileCode()}
	wish.Audience = rapid.SampledFrom([]string{"", gpOf, toPiet.ID}).Draw(rt, "audience")
	raw, err := w.pages.WriteFile(w.t.Context(), wish)
	switch {
	case wish.Audience == "":
		must(raw, err)
		return nil
	case !w.sees(wish.Audience):
		if !errors.Is(err, web.ErrNothingShared) || len(raw) > 0 {
			rt.Errorf("a file of nothing: %v", err)
		}
		return nil
	}
	must(raw, err)
	return []share.Act{share.ActExport}
}
