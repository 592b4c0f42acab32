package desk

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web"
)

// relayed is a desk with a medicine in it, at a relay that runs.
type relayed struct {
	*Desk
	t     *testing.T
	now   *clock
	relay *share.Relay
	down  atomic.Bool // the relay answers nobody
	after atomic.Bool // it does what is asked, and the answer is lost
	// placed is called once the relay has new files, before it says so.
	placed func()
}

func newRelayed(t *testing.T) *relayed {
	t.Helper()
	d, now := moving(t)
	b := &relayed{Desk: d, t: t, now: now}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.after.Load() {
			b.relay.Handler().ServeHTTP(httptest.NewRecorder(), r)
		}
		if b.down.Load() || b.after.Load() {
			panic(http.ErrAbortHandler)
		}
		b.relay.Handler().ServeHTTP(w, r)
		if b.placed != nil && r.Method == http.MethodPut {
			b.placed()
		}
	}))
	t.Cleanup(srv.Close)
	var err error
	b.relay, err = share.OpenRelay(share.RelayConfig{Data: t.TempDir(), PublicURL: srv.URL, PerMinute: 100_000, PasscodeMemory: 64, Now: d.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.relay.Close() })
	d.cfg.Relay = srv.URL + "/"
	take(t, d, "huisarts", medicine)
	return b
}

// only is the one link there is.
func (b *relayed) only() web.GivenLink {
	b.t.Helper()
	all := must(b.Links(b.t.Context()))
	if len(all) != 1 {
		b.t.Fatalf("%d links", len(all))
	}
	return all[0]
}

func (b *relayed) open(l web.GivenLink, passcode string) ([]share.File, error) {
	b.t.Helper()
	return share.Open(b.t.Context(), http.DefaultClient, l.URI, share.Opener{Recipient: "Dra. García", Passcode: passcode, Now: b.Now()})
}

// acts are the lines of the ledger about links, in their order.
func (b *relayed) acts() (acts []share.Act) {
	b.t.Helper()
	for _, line := range must(b.Ledger(b.t.Context())) {
		if line.How == linkWay || line.How == codeWay {
			acts = append(acts, line.Act)
		}
	}
	return acts
}

func (b *relayed) expectActs(want ...share.Act) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.acts()); diff != "" {
		b.t.Errorf("the ledger (-want +got):\n%s", diff)
	}
}

var aWish = web.LinkWish{Name: "Arts in Spanje", Life: time.Hour, Openings: 2, Passcode: true, Lang: "nl"}

// TestALinkFromMakingToStopping: it opens with its passcode only, every try
// comes into the ledger once, and after the stop nothing opens.
func TestALinkFromMakingToStopping(t *testing.T) {
	b := newRelayed(t)
	id := must(b.MakeLink(t.Context(), aWish))
	l := b.only()
	if l.ID != id || l.Name != "Arts in Spanje" || !l.All || l.Items != 1 || l.URI == "" || len(l.Passcode) != 8 || !l.Until.Equal(b.Now().Add(time.Hour)) {
		t.Fatalf("made a link of %d things until %v", l.Items, l.Until)
	}
	var wrong *share.PasscodeError
	if _, err := b.open(l, "00000000"); !errors.As(err, &wrong) {
		t.Fatal("a wrong passcode:", err)
	}
	files, err := b.open(l, l.Passcode)
	if err != nil || !bytes.Contains(files[0].Body, []byte("Ibuprofen")) {
		t.Fatal("the summary does not come:", err)
	}
	for range 3 {
		if got := b.only(); len(got.Seen) != 2 || got.End != "" || got.Seen[1].Recipient != "Dra. García" {
			t.Fatalf("seen %d times, end %q", len(got.Seen), got.End)
		}
	}
	b.expectActs(share.ActPublish, share.ActPasscode, share.ActOpen)
	for range 2 {
		must(0, b.StopLink(t.Context(), id))
	}
	if _, err := b.open(l, l.Passcode); !errors.Is(err, share.ErrGone) {
		t.Error("it opens after the stop:", err)
	}
	b.expectActs(share.ActPublish, share.ActPasscode, share.ActOpen, share.ActRevoke)
	if got := b.only(); got.End != share.EndRevoked || got.URI != "" || got.Passcode != "" {
		t.Errorf("end %q, or its secrets stay", got.End)
	}
	line := must(b.Ledger(t.Context()))[0]
	if line.Share != id || len(line.Pins) == 0 || line.Until != l.Until.UTC().Format(time.RFC3339) {
		t.Error("the line does not say what, which and until when")
	}
}

// TestTheEndsOfALink: by its time, by its openings, by wrong codes; also when
// the relay says nothing. After a month it leaves the list, not the ledger.
func TestTheEndsOfALink(t *testing.T) {
	for _, tc := range []struct {
		name string
		wish web.LinkWish
		do   func(*relayed, web.GivenLink)
		want string
		acts []share.Act
	}{
		{"its time", aWish, func(b *relayed, _ web.GivenLink) { b.now.pass(time.Hour) }, share.EndExpired, []share.Act{share.ActExpire}},
		{"its time, and the relay is gone", aWish, func(b *relayed, _ web.GivenLink) { b.now.pass(time.Hour); b.down.Store(true) }, share.EndExpired, []share.Act{share.ActExpire}},
		{"opened once", web.LinkWish{Life: time.Hour, Openings: 1}, func(b *relayed, l web.GivenLink) { must(b.open(l, "")) }, share.EndOpened, []share.Act{share.ActOpen, share.ActExpire}},
		{"months away", aWish, func(b *relayed, _ web.GivenLink) {
			b.now.set(b.now.Now().AddDate(0, 3, 0))
			must(0, b.relay.Sweep())
		}, share.EndExpired, []share.Act{share.ActExpire}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newRelayed(t)
			must(b.MakeLink(t.Context(), tc.wish))
			tc.do(b, b.only())
			if got := b.only(); got.End != tc.want || got.URI != "" {
				t.Errorf("end %q, want %q", got.End, tc.want)
			}
			b.only()
			b.expectActs(append([]share.Act{share.ActPublish}, tc.acts...)...)
			b.now.set(b.now.Now().AddDate(0, 2, 0))
			if all := must(b.Links(t.Context())); len(all) != 0 {
				t.Error("it stays in the list")
			}
		})
	}
}

// TestAOneTimeCode opens with the code and the birth date, once.
func TestAOneTimeCode(t *testing.T) {
	b := newRelayed(t)
	must(b.MakeLink(t.Context(), web.LinkWish{Name: "Dokterspost", BirthDate: "1961-04-02", Life: 24 * time.Hour, Passcode: true}))
	l := b.only()
	if !l.Spoken || len(l.Code) != 11 || l.URI != "" || l.Passcode != "" || l.Openings != 1 || !l.Until.Equal(b.Now().Add(time.Hour)) {
		t.Fatal("it is not a code for an hour")
	}
	if _, err := share.OpenCode(t.Context(), http.DefaultClient, b.cfg.Relay, l.Code, "1961-04-03", "dr. Test"); err == nil {
		t.Error("it opens with another birth date")
	}
	files := must(share.OpenCode(t.Context(), http.DefaultClient, b.cfg.Relay, l.Code, "1961-04-02", "dr. Test"))
	if !bytes.Contains(files[0].Body, []byte("Ibuprofen")) {
		t.Error("the summary does not come")
	}
	if got := b.only(); got.End != share.EndOpened || got.Code != "" {
		t.Errorf("end %q, code kept: %v", got.End, got.Code != "")
	}
	if _, err := b.MakeLink(t.Context(), web.LinkWish{BirthDate: "2 april"}); !errors.Is(err, share.ErrBirthDate) {
		t.Error(err)
	}
	if got := b.acts(); !slices.Contains(got, share.ActOpen) || !slices.Contains(got, share.ActPasscode) {
		t.Error(got)
	}
}

// TestALinkForSomebodyHoldsWhatTheyMaySee, and is not made when that is nothing.
func TestALinkForSomebodyHoldsWhatTheyMaySee(t *testing.T) {
	b := newRelayed(t)
	take(t, b.Desk, "apotheek", strings.ReplaceAll(medicine, "Ibuprofen 400 mg", "Oxazepam 10 mg"))
	piet := share.NewRecipient(share.ToPerson, "Piet", share.Family)
	wish := web.LinkWish{Audience: piet.ID, Name: "voor Piet", Life: time.Hour}
	if _, err := b.MakeLink(t.Context(), wish); !errors.Is(err, ErrNothingShared) {
		t.Fatal("without a choice:", err)
	}
	for _, item := range must(b.Overview(t.Context(), time.Time{}, "nl")).Subject("medication") {
		if strings.Contains(item.Title, "Ibuprofen") {
			c := must(b.ChoiceFor(t.Context(), item.ID, piet, false))
			c.Permit = true
			must(0, b.Choose(t.Context(), c))
		}
	}
	if all := must(b.Pages(t.Context()).Audiences(t.Context())); len(all) != 1 || all[0] != (web.Audience{ID: piet.ID, Name: "Piet"}) {
		t.Errorf("%d audiences", len(all))
	}
	must(b.MakeLink(t.Context(), wish))
	if l := b.only(); l.Name != "voor Piet" || l.Of != "Piet" {
		t.Errorf("the link is for %q, of what %q may see: the name that was typed is gone", l.Name, l.Of)
	}
	if _, body := browse(t, b.Desk, "nl").get("/d/link"); !strings.Contains(body, "voor Piet") || !strings.Contains(body, "Wat Piet mag zien: 1 ding") {
		t.Error("the list does not say for whom it is, and what it holds")
	}
	files := must(b.open(b.only(), ""))
	if body := files[0].Body; !bytes.Contains(body, []byte("Ibuprofen")) || bytes.Contains(body, []byte("Oxazepam")) {
		t.Error("the link holds something else than was chosen")
	}
	for _, line := range must(b.Ledger(t.Context())) {
		if line.Act == share.ActPublish && (line.To != piet.ID || line.Role != share.Family || line.Name != "voor Piet") {
			t.Error("the ledger does not say for whom")
		}
	}
}

// TestTheRelayCannotBeReached: what is not certain stays in the list, and can be
// stopped when the relay is back.
func TestTheRelayCannotBeReached(t *testing.T) {
	b := newRelayed(t)
	b.after.Store(true)
	if _, err := b.MakeLink(t.Context(), aWish); !errors.Is(err, share.ErrRelay) {
		t.Fatal("making without an answer:", err)
	}
	l := b.only()
	if !l.Unsure || l.End != "" || !l.Silent {
		t.Fatalf("unsure %v, silent %v, end %q", l.Unsure, l.Silent, l.End)
	}
	b.after.Store(false)
	b.down.Store(true)
	if err := b.StopLink(t.Context(), l.ID); !errors.Is(err, share.ErrRelay) || b.only().End != "" {
		t.Error("it says it stopped:", err)
	}
	b.down.Store(false)
	must(0, b.StopLink(t.Context(), l.ID))
	if got := b.only(); got.End == "" || got.Unsure {
		t.Errorf("after the stop: %q", got.End)
	}
	b.expectActs(share.ActPublish, share.ActRevoke)

	must(0, b.StopLink(t.Context(), l.ID))
	if err := b.StopLink(t.Context(), "nothing"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	b.cfg.Relay = ""
	if _, err := b.MakeLink(t.Context(), aWish); !errors.Is(err, ErrNoRelay) {
		t.Error(err)
	}
}

// TestARefusalLeavesNoLink: the relay is full.
func TestARefusalLeavesNoLink(t *testing.T) {
	b := newRelayed(t)
	b.relay.MaxFile = 10
	if _, err := b.MakeLink(t.Context(), aWish); !errors.Is(err, share.ErrRefused) {
		t.Fatal(err)
	}
	if l := b.only(); l.End != share.EndRevoked || l.URI != "" {
		t.Errorf("end %q", l.End)
	}
	b.expectActs(share.ActPublish, share.ActRevoke)
}

// TestLinksOnThePages goes the way of the person without scripts.
func TestLinksOnThePages(t *testing.T) {
	b := newRelayed(t)
	p := browse(t, b.Desk, "nl")
	res, _ := p.post("/d/link/nieuw", "wat=alles&naam=Arts+in+Spanje&tijd=dag&keer=vrij&cijfers=ja")
	at := res.Header.Get("Location")
	if !strings.HasPrefix(at, "/d/link/") {
		t.Fatal(res.Status)
	}
	l := b.only()
	if _, body := p.get(at); !strings.Contains(body, l.Passcode) || !strings.Contains(body, "Niemand opende de link nog.") || !strings.Contains(body, "<path fill=\"#000\"") {
		t.Error("the page does not show the link")
	}
	must(b.open(l, l.Passcode))
	if _, body := p.get(at); !strings.Contains(body, "Dra. García") {
		t.Error("the opening is not on the page")
	}
	if _, body := p.get("/d/link"); !strings.Contains(body, "Er staat 1 link open.") || strings.Contains(body, l.Passcode) {
		t.Error("the list")
	}
	b.down.Store(true)
	if _, body := p.post("/d/link/stop", "nr="+l.ID); !strings.Contains(body, "De link kan nog open staan") {
		t.Error("it does not say that the link may be open")
	}
	b.down.Store(false)
	p.post("/d/link/stop", "nr="+l.ID)
	if _, body := p.get("/d/link"); !strings.Contains(body, "Er staat geen link open.") {
		t.Error("it is not stopped")
	}
	if strings.Contains(p.log.String(), "Spanje") || strings.Contains(p.log.String(), l.Passcode) {
		t.Error("the log tells")
	}
}

// TestFilesOnThePages: neutral names, a code that opens what it should, and no
// line in the ledger for what the person keeps.
func TestFilesOnThePages(t *testing.T) {
	b := newRelayed(t)
	p := browse(t, b.Desk, "nl")
	for form, want := range map[string]string{"vorm=document&wat=alles": "bundel-2.json", "vorm=tabel&wat=alles": "bundel-3.csv", "vorm=lijst": "bundel-4.json"} {
		res, body := p.post("/d/bestand", form)
		if got := res.Header.Get("Content-Disposition"); got != `attachment; filename="`+want+`"` || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s", form, got)
		}
		if strings.Contains(body, "Ibuprofen") == (form == "vorm=lijst") {
			t.Errorf("%s has %d bytes", form, len(body))
		}
	}
	_, body := p.post("/d/bestand", "vorm=dicht&wat=alles")
	_, rest, _ := strings.Cut(body, `name="code" value="`)
	code, _, _ := strings.Cut(rest, `"`)
	res, body := p.post("/d/bestand", "vorm=dicht&wat=alles&code="+code)
	if res.Header.Get("Content-Disposition") != `attachment; filename="bundel-1.html"` || strings.Contains(body, "Ibuprofen") || !strings.Contains(body, "<html") {
		t.Error("the locked page")
	}
	if _, body := p.post("/d/bestand", "vorm=dicht&wat=alles&code=zwak"); !strings.Contains(body, "De code klopt niet meer.") {
		t.Error("a code of one's own is taken")
	}
	if n := len(must(b.Ledger(t.Context()))); n != 0 {
		t.Errorf("%d lines for files that were not given", n)
	}
}
