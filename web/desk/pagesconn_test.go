package desk

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

const (
	theGP       = "medmij:huisarts-delinde@medmij"
	thePharmacy = "medmij:apotheek-dezon@medmij"
	theHospital = "medmij:ziekenhuis-noordzee@medmij"
)

// planSources are the sources of the plan in order, with a tick for what is done.
func planSources(t *testing.T, p *Pages) []string {
	t.Helper()
	plan, err := p.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, l := range plan {
		name := l.Source
		if l.Done {
			name += " done"
		}
		out = append(out, name)
	}
	return out
}

// TestThePlanAtRealProviders chooses three, logs in at each, and sees the plan
// end; what is chosen after that begins a new one.
func TestThePlanAtRealProviders(t *testing.T) {
	b := newBench(t)
	p := b.Pages(t.Context())
	for _, source := range []string{theGP, thePharmacy, theHospital, theGP} {
		if err := p.AddLogin(t.Context(), source); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := p.Plan(t.Context())
	if err != nil || len(plan) != 3 {
		t.Fatalf("%d logins, %v", len(plan), err)
	}
	for n, login := range plan {
		if login.Name == "" || login.Host == "" || len(login.Services) == 0 || login.Done {
			t.Errorf("login %d is %+v", n, login)
		}
		address, handle, err := p.BeginPlanned(t.Context(), n, login.Source)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.comeBack(t, Started{address, handle}, anna); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{theGP + " done", thePharmacy + " done", theHospital + " done"}, planSources(t, p)); diff != "" {
		t.Errorf("after all logins (-want +got):\n%s", diff)
	}
	if err := p.AddLogin(t.Context(), theHospital); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{theHospital}, planSources(t, p)); diff != "" {
		t.Errorf("a new plan (-want +got):\n%s", diff)
	}
}

// TestThePlanOutlivesTheProgram: who locks halfway goes on where they were.
func TestThePlanOutlivesTheProgram(t *testing.T) {
	b := newBench(t)
	p := b.Pages(t.Context())
	for _, source := range []string{theGP, thePharmacy} {
		if err := p.AddLogin(t.Context(), source); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.connect(t, "huisarts-delinde", anna); err != nil {
		t.Fatal(err)
	}
	p.Lock()
	if _, err := p.Plan(t.Context()); !errors.Is(err, web.ErrLocked) {
		t.Errorf("of a closed vault: %v", err)
	}
	if err := p.Unlock(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{theGP + " done", thePharmacy}, planSources(t, p)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := p.DropLogin(t.Context(), thePharmacy); err != nil {
		t.Fatal(err)
	}
	if err := p.DropLogin(t.Context(), thePharmacy); err != nil {
		t.Errorf("taking out twice: %v", err)
	}
}

func TestThePlanTakesOnlyWhatCanBeCollected(t *testing.T) {
	b := newBench(t)
	p := b.Pages(t.Context())
	for _, source := range []string{"", "medmij:nobody@medmij", "self", "file:x"} {
		if err := p.AddLogin(t.Context(), source); !errors.Is(err, web.ErrNotFound) {
			t.Errorf("%q: %v", source, err)
		}
	}
	if err := p.AddLogin(t.Context(), theGP); err != nil {
		t.Fatal(err)
	}
	for n, source := range map[int]string{-1: theGP, 1: theGP, 0: thePharmacy} {
		if _, _, err := p.BeginPlanned(t.Context(), n, source); !errors.Is(err, web.ErrNotFound) {
			t.Errorf("login %d at %s: %v", n, source, err)
		}
	}
}

func TestAStepKnowsItsPage(t *testing.T) {
	for address, want := range map[string]string{"https://a.example:8443/x": "a.example", "://": "", "": ""} {
		s := Step{PlannedLogin: medmij.PlannedLogin{Connection: medmij.Connection{Authorization: address}}}
		if got := s.Host(); got != want {
			t.Errorf("%q is at %q", address, got)
		}
	}
}

// follow goes with a person without scripts from a page of ours through the
// provider's pages and back.
func (b *browser) follow(net *mock.Network, leave string, v mock.Visitor) (next string) {
	b.t.Helper()
	m := regexp.MustCompile(`class="button main" href="([^"]+)"`).FindStringSubmatch(leave)
	if m == nil {
		b.t.Fatalf("no way to the provider on\n%s", leave)
	}
	back, err := net.Visit(b.t.Context(), strings.ReplaceAll(m[1], "&amp;", "&"), v)
	if err != nil {
		b.t.Fatal(err)
	}
	res, body := b.do(httptest.NewRequest("GET", "http://127.0.0.1:8080/oauth/callback?"+back.RawQuery, nil))
	if m := regexp.MustCompile(`url=([^"]+)"`).FindStringSubmatch(body); m != nil {
		return m[1]
	}
	return res.Status + " " + regexp.MustCompile(`(?s)<h1>.*?</p>`).FindString(body)
}

// settled asks for the page of the collecting until nothing is busy.
func (b *browser) settled() string {
	b.t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		_, body := b.get("/z/bezig")
		if !strings.Contains(body, "data-live") {
			return strings.ReplaceAll(body, "\u00a0", " ")
		}
		if time.Now().After(end) {
			b.t.Fatal("the collecting does not end")
		}
	}
}

// keyOf is how addresses name a source: what the page of providers links to.
func (b *browser) keyOf(name string) string {
	b.t.Helper()
	_, body := b.get("/z")
	m := regexp.MustCompile(`href="/z/([a-z0-9]{12})">` + regexp.QuoteMeta(name)).FindStringSubmatch(body)
	if m == nil {
		b.t.Fatalf("%s is not on the page", name)
	}
	return m[1]
}

// TestAPersonConnectsFailsRetriesAndLeaves goes the whole way on the pages: two
// providers by the plan, one that does not answer and then does, one that is
// disconnected and kept, one that is erased.
func TestAPersonConnectsFailsRetriesAndLeaves(t *testing.T) {
	d := newBench(t)
	b := browse(t, d.Desk, "nl")
	for _, source := range []string{theGP, thePharmacy} {
		b.post("/z/plan", "bron="+url.QueryEscape(source))
	}
	_, cancelled := b.post("/z/begin", "n=0&bron="+url.QueryEscape(theGP))
	if text := b.follow(d.net, cancelled, mock.Visitor{Persona: "anna", Stop: "deny"}); !strings.Contains(text, "U hebt geen toestemming gegeven, of Huisartsenpraktijk De Linde heeft geen gegevens voor u.") {
		t.Errorf("after saying no: %s", text)
	}
	_, leave := b.post("/z/begin", "n=0&bron="+url.QueryEscape(theGP))
	if next := b.follow(d.net, leave, anna); next != "/z/plan" {
		t.Fatalf("after the first login: %s", next)
	}
	if err := d.net.Fault(mock.Fault{On: "resource:35", Kind: "status", Status: 503}); err != nil {
		t.Fatal(err)
	}
	_, leave = b.post("/z/begin", "n=1&bron="+url.QueryEscape(thePharmacy))
	if next := b.follow(d.net, leave, anna); next != "/z/bezig" {
		t.Fatalf("after the last login: %s", next)
	}
	text := b.settled()
	for _, want := range []string{"Apotheek De Zon reageert niet. Dat ligt niet aan u.", "Probeer opnieuw", "Code P-503"} {
		if !strings.Contains(text, want) {
			t.Errorf("the failure does not say %q", want)
		}
	}
	if err := d.net.SetFaults(); err != nil {
		t.Fatal(err)
	}
	pharmacy, gp := b.keyOf("Apotheek De Zon"), b.keyOf("Huisartsenpraktijk De Linde")
	b.post("/z/haal", "bron="+pharmacy)
	if text := b.settled(); strings.Contains(text, "Niet gelukt<") || !strings.Contains(text, "Klaar") {
		t.Error("the second time did not work")
	}
	b.leaves(d, gp, pharmacy)
}

// leaves disconnects from the one and keeps what it gave, and erases the other.
func (b *browser) leaves(d *bench, keep, erase string) {
	b.t.Helper()
	before := d.leftOf(b.t, theGP)
	if res, _ := b.post("/z/los", "bron="+keep); res.StatusCode != http.StatusSeeOther {
		b.t.Fatal(res.Status)
	}
	if d.grantOf(b.t, theGP) != nil {
		b.t.Error("the consent is still there")
	}
	if after := d.leftOf(b.t, theGP); after == 0 || after > before {
		b.t.Errorf("%d things of the source, %d before", after, before)
	}
	if _, page := b.get("/z"); !strings.Contains(page, "Losgekoppeld") || !strings.Contains(page, "Huisartsenpraktijk De Linde") {
		b.t.Error("the list does not say who is disconnected")
	}
	if _, sure := b.get("/z/" + erase + "/wis"); !strings.Contains(sure, "die alleen Apotheek De Zon gaf.") {
		b.t.Error("the page before erasing does not count")
	}
	if res, _ := b.post("/z/wis", "bron="+erase); res.StatusCode != http.StatusSeeOther {
		b.t.Fatal(res.Status)
	}
	if n := d.leftOf(b.t, thePharmacy); n != 0 {
		b.t.Errorf("%d things of it are left", n)
	}
	for _, path := range []string{"/", "/z", "/z/volledig", "/z/bezig"} {
		if _, page := b.get(path); strings.Contains(page, "Apotheek De Zon") {
			b.t.Errorf("%s still names it", path)
		}
	}
}

// TestWhoIsDisconnectedCanComeBack: what was kept is joined to what comes.
func TestWhoIsDisconnectedCanComeBack(t *testing.T) {
	b := newBench(t)
	p := b.Pages(t.Context())
	if err := p.Disconnect(t.Context(), thePharmacy); !errors.Is(err, web.ErrNotFound) {
		t.Errorf("who is not connected: %v", err)
	}
	once := func() {
		t.Helper()
		done, err := b.connect(t, "apotheek-dezon", anna)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Collect(t.Context(), nil, done.Grant); err != nil {
			t.Fatal(err)
		}
	}
	once()
	records := len(b.records(t))
	if err := p.Disconnect(t.Context(), thePharmacy); err != nil {
		t.Fatal(err)
	}
	if links, err := p.Links(t.Context()); err != nil || len(links) != 0 {
		t.Errorf("%v, %v", links, err)
	}
	if o := must(b.Overview(t.Context(), time.Time{}, "nl")); o.ProviderName(thePharmacy) != "Apotheek De Zon" || len(b.records(t)) != records {
		t.Error("what it gave, or its name, is gone")
	}
	if err := p.Sync(t.Context(), thePharmacy); err != nil || len(p.Progress()) != 0 {
		t.Errorf("something is asked of who is disconnected: %v", err)
	}
	once()
	if got := len(b.records(t)); got != records {
		t.Errorf("%d records after coming back, %d before", got, records)
	}
}

// TestDisconnectKeepsNoToken looks into the vault: no document holds one.
func TestDisconnectKeepsNoToken(t *testing.T) {
	b := newBench(t)
	if _, err := b.connect(t, "huisarts-delinde", anna); err != nil {
		t.Fatal(err)
	}
	started := must(b.Begin(t.Context(), collecting(must(b.FindProvider(t.Context(), "huisarts-delinde")))[0]))
	if err := b.Disconnect(t.Context(), theGP); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []store.Kind{store.Token, store.Login} {
		for doc, err := range must(b.Vault()).List(t.Context(), kind) {
			t.Errorf("a document of kind %v is still there, %v", doc.Kind, err)
		}
	}
	if _, err := b.comeBack(t, started, anna); !errors.Is(err, ErrBinding) {
		t.Errorf("a login from before works: %v", err)
	}
}

func TestLinksTellWhatNeedsThePersonFirst(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	lasting := func(days int) web.Link { return web.Link{Consent: web.ConsentLasting, Ends: now.AddDate(0, 0, days)} }
	once, ended := web.Link{Consent: web.ConsentOnce}, web.Link{Consent: web.ConsentEnded}
	for _, tc := range []struct {
		name string
		a, b web.Link
	}{
		{"ended before lasting", ended, lasting(1)},
		{"ended before once", ended, once},
		{"lasting before once", lasting(100), once},
		{"the one that ends first", lasting(1), lasting(2)},
	} {
		if !sooner(tc.a, tc.b) || sooner(tc.b, tc.a) {
			t.Errorf("%s: not so", tc.name)
		}
	}
}

// TestLinksOfTheVault: a lasting consent with its end, and one for a single time.
func TestLinksOfTheVault(t *testing.T) {
	b := newBench(t)
	for name, v := range map[string]mock.Visitor{"huisarts-delinde": anna, "apotheek-dezon": {Persona: "anna"}} {
		if _, err := b.connect(t, name, v); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]web.Consent{}
	for _, l := range must(b.Pages(t.Context()).Links(t.Context())) {
		got[l.Source] = l.Consent
		if l.Name == "" || l.Ends.IsZero() == (l.Consent == web.ConsentLasting) {
			t.Errorf("%+v", l)
		}
	}
	if diff := cmp.Diff(map[string]web.Consent{theGP: web.ConsentLasting, thePharmacy: web.ConsentOnce}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNoNetworkIsSaid: only when nothing answered, and only when it is so.
func TestNoNetworkIsSaid(t *testing.T) {
	for _, tc := range []struct {
		code    string
		offline bool
		want    string
	}{
		{medmij.CodeUnavailable, true, medmij.CodeOffline},
		{medmij.CodeTimeout, true, medmij.CodeOffline},
		{medmij.CodeUnavailable, false, medmij.CodeUnavailable},
		{medmij.CodeForbidden, true, medmij.CodeForbidden},
		{medmij.CodeStopped, true, medmij.CodeStopped},
	} {
		synctest.Test(t, func(t *testing.T) {
			j := &job{progress: web.SourceProgress{Parts: []web.PartProgress{{Code: tc.code}}}}
			failed := fhir.Receipt{Queries: []fhir.QueryResult{{Outcome: fhir.Failed, Detail: tc.code}}}
			j.finish(time.Now(), []fhir.Receipt{failed}, nil, func() bool { return tc.offline })
			if got := j.view().Code; got != tc.want {
				t.Errorf("%s, offline %v: %s", tc.code, tc.offline, got)
			}
		})
	}
	b := newBench(t)
	if b.Pages(context.Background()).offline() {
		t.Error("providers on this machine need no network")
	}
}
