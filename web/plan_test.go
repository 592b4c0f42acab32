package web

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

func bron(source string, more ...string) string {
	return form(append([]string{"bron", source}, more...)...)
}

// TestTheWayThroughThePlan chooses, begins, comes back and goes on: after the
// first login to the second, after the last to what is being fetched.
func TestTheWayThroughThePlan(t *testing.T) {
	c := newClient(t).unlock()
	c.desk.links = nil
	res := c.do("POST", "/z/plan", bron("medmij:vanderlinde@medmij"))
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/z/plan" || len(c.desk.plan) != 1 {
		t.Fatalf("choosing: %s to %q, %d logins", res.Status, res.Header.Get("Location"), len(c.desk.plan))
	}
	mustSay(t, pageAfterOn(c, "/z/plan"), "U logt 1 keer in.", "Begin met 1", "onbepaalde tijd", "Later")
	planned(c.desk)
	leave := bodyOf(t, c.do("POST", "/z/begin", bron(storyGP, "n", "0")))
	mustSay(t, leave, "U logt in bij Huisarts De Linde.", "Keer 1 van 3.", `href="/z/plan"`, "inloggen.delinde.example")
	c.desk.plan[0].Done = true
	next := func() string {
		c.do("POST", "/z/begin", bron(c.desk.plan[1].Source, "n", "1"))
		body := bodyOf(t, c.do("GET", callbackPath+"?code=x&state=y", ""))
		return regexp.MustCompile(`url=([^"]+)"`).FindStringSubmatch(body)[1]
	}
	if to := next(); to != "/z/plan" {
		t.Errorf("with logins left the browser goes on to %s", to)
	}
	mustSay(t, pageAfterOn(c, "/z/plan"), "1 van 3 keer inloggen is gedaan.", "Nu Streekziekenhuis.", "Begin met 2")
	mustSay(t, pageAfterOn(c, "/z"), "Nog 2 keer inloggen", "Ga verder")
	for i := range c.desk.plan {
		c.desk.plan[i].Done = true
	}
	if to := next(); to != "/z/bezig" {
		t.Errorf("after the last login the browser goes on to %s", to)
	}
	mustNotSay(t, pageAfterOn(c, "/z"), "Nog 2 keer", "Ga verder")
}

// pageAfterOn gives the text of a page for a client that is there.
func pageAfterOn(c *client, path string) string {
	c.t.Helper()
	return bodyOf(c.t, c.do("GET", path, ""))
}

func TestAProviderIsTakenOutOfThePlan(t *testing.T) {
	c := newClient(t).unlock()
	planned(c.desk)
	if res := c.do("POST", "/z/plan", bron(storyGP, "weg", "ja")); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.Status)
	}
	text := pageAfterOn(c, "/z/plan")
	mustSay(t, text, "U logt 2 keer in.", "1. Streekziekenhuis")
	mustNotSay(t, text, "Huisarts De Linde")
}

// TestThePlanRefusesWhatDoesNotFit: a form that names another login than the
// plan has begins nothing.
func TestThePlanRefusesWhatDoesNotFit(t *testing.T) {
	for name, body := range map[string]string{
		"another source": bron(storyGP, "n", "1"), "no number": bron(storyGP), "below": bron(storyGP, "n", "-1"), "beyond": bron(storyGP, "n", "9"),
	} {
		c := newClient(t).unlock()
		planned(c.desk)
		if res := c.do("POST", "/z/begin", body); res.StatusCode != http.StatusNotFound || c.desk.begun != 0 {
			t.Errorf("%s: %s, %d logins began", name, res.Status, c.desk.begun)
		}
	}
}

// listless is a desk without the lists of MedMij.
type listless struct{ *storyDesk }

func (listless) Plan(context.Context) ([]PlannedLogin, error) {
	return nil, &Problem{Code: "P-lists"}
}

// TestProvidersAreShownWithoutLists: who has no internet still sees who is
// connected.
func TestProvidersAreShownWithoutLists(t *testing.T) {
	c := newClient(t).unlock()
	c.s.Desk = listless{c.desk}
	if res := c.do("GET", "/z", ""); res.StatusCode != http.StatusOK {
		t.Errorf("the list: %s", res.Status)
	}
	if res := c.do("GET", "/z/plan", ""); res.StatusCode != http.StatusBadGateway {
		t.Errorf("the plan: %s", res.Status)
	}
	var p *Problem
	if _, err := (listless{}).Plan(t.Context()); !errors.As(err, &p) {
		t.Fatal("the desk has lists")
	}
}

func TestWhoCannotBeChosenIsToldWhatToDo(t *testing.T) {
	for lang, want := range map[string][]string{
		"nl": {"Doet nog niet mee met MedMij.", "Vraag Apotheek Linde om een kopie van uw gegevens."},
		"en": {"Does not take part in MedMij yet.", "Ask Apotheek Linde for a copy of your records."},
	} {
		mustSay(t, goTo(t, lang, "POST", "/z/zoek", "q=linde", nil), want...)
	}
	v := &view{words: wordsIn("nl"), o: storyOverview()}
	nothing := v.foundRow(Provider{Source: "medmij:x", Name: "Kliniek Oost", Unsupported: []string{"Beelden"}}, nil)
	var said []string
	for _, l := range nothing.Lines {
		said = append(said, l.Spans[0].Text)
	}
	text := strings.Join(said, " ")
	mustSay(t, text, "Kunnen wij nog niet verzamelen: Beelden.", "Vraag Kliniek Oost om een kopie")
	mustNotSay(t, text, "nog niet mee met MedMij")
	if len(nothing.Actions) != 0 {
		t.Error("who has nothing to collect can be chosen")
	}
}

func TestAChosenProviderSaysSoInTheSearch(t *testing.T) {
	text := goTo(t, "nl", "POST", "/z/zoek", "q=linde", func(d *storyDesk) {
		d.plan = []PlannedLogin{{Source: "medmij:vanderlinde@medmij", Name: "Huisarts Van der Linde"}}
	})
	mustSay(t, text, "Huisarts Van der Linde Gekozen", "Bekijk uw keuze")
}

// TestConsentsAreAnnounced: on the overview and at the provider, from thirty
// days before, once, and not when there is nothing to say.
func TestConsentsAreAnnounced(t *testing.T) {
	for _, tc := range []struct {
		name  string
		left  time.Duration
		want  string
		never bool
	}{
		{"a day beyond the warning", 31 * 24 * time.Hour, "verloopt over", true},
		{"thirty days", 30 * 24 * time.Hour, "Uw toestemming bij Huisarts De Linde verloopt over 30 dagen.", false},
		{"a part of a day counts", 25 * time.Hour, "verloopt over 2 dagen.", false},
		{"the last day", time.Hour, "verloopt over 1 dag.", false},
	} {
		for _, path := range []string{"/", "/z", "/z/" + sourceKey(storyGP)} {
			text := pageAfter(t, path, func(d *storyDesk) { d.links[0].Ends = storyNow.Add(tc.left) })
			if tc.never {
				mustNotSay(t, text, tc.want)
				continue
			}
			mustSay(t, text, tc.want)
		}
	}
	text := pageAfter(t, "/", lapsing)
	mustSay(t, text, "Verleng: haal nu op", "Uw toestemming bij Streekziekenhuis is gestopt.", "Opnieuw inloggen")
	calmly := pageAfter(t, "/", func(d *storyDesk) {
		calm(d)
		lapsing(d)
	})
	mustSay(t, calmly, "Twee dingen wachten op u.")
	if n := strings.Count(calmly, "button main"); n != 1 {
		t.Errorf("%d main buttons", n)
	}
}

// TestASourceThatFailedAndLapsedIsNamedOnce: one row about it is enough.
func TestASourceThatFailedAndLapsedIsNamedOnce(t *testing.T) {
	text := pageAfter(t, "/", func(d *storyDesk) {
		d.o.Sources[0].Outcome, d.o.Sources[0].Detail = "failed", "P-401"
		lapsing(d)
	})
	mustSay(t, text, "Streekziekenhuis: ophalen is niet gelukt")
	mustNotSay(t, text, "Uw toestemming bij Streekziekenhuis is gestopt.")
}

func TestWhatIsDisconnectedAsksForNothing(t *testing.T) {
	gone := func(d *storyDesk) {
		failed("P-401")(d)
		apart(d)
	}
	mustNotSay(t, pageAfter(t, "/", gone), "Apotheek Zuid: ophalen is niet gelukt")
	text := pageAfter(t, "/z", gone)
	mustSay(t, text, "U hebt 2 zorgverleners toegevoegd.", "Losgekoppeld", "Wat u had, blijft staan.", "Opnieuw verbinden")
	mustNotSay(t, text, "is verlopen")
	mustNotSay(t, pageAfter(t, "/z/"+sourceKey(storyPharmacy), gone), "Nu bijwerken")
}

func TestEndingAConnection(t *testing.T) {
	key := sourceKey(storyPharmacy)
	c := newClient(t).unlock()
	ask := pageAfterOn(c, "/z/"+key+"/los")
	mustSay(t, ask, "Alles wat u had, blijft staan.", "Koppel los", "Bekijk wat verdwijnt", "trekt u daar in")
	mustNotSay(t, ask, `action="/z/wis"`) // erasing takes a page of its own
	sure := pageAfterOn(c, "/z/"+key+"/wis")
	mustSay(t, sure, "die alleen Apotheek Zuid gaf.", "gegevens die ook anderen noemen.", "Wat u al hebt gedeeld", "Uw reservekopieën", `class="button stop"`, `action="/z/wis"`)
	if len(c.desk.lost) != 0 || len(c.desk.links) != 3 {
		t.Fatal("looking ended something")
	}
	if res := c.do("POST", "/z/los", "bron="+key); res.Header.Get("Location") != "/z?los" || len(c.desk.links) != 2 || len(c.desk.lost) != 0 {
		t.Errorf("keeping: %s to %q, %d links", res.Status, res.Header.Get("Location"), len(c.desk.links))
	}
	mustSay(t, pageAfterOn(c, "/z?los"), "Losgekoppeld. Wat u had, staat er nog.")
	mustNotSay(t, pageAfterOn(c, "/z/"+key+"/los"), "Koppel los") // there is nothing to disconnect any more
	if res := c.do("POST", "/z/wis", "bron="+key); res.Header.Get("Location") != "/z?wis" || len(c.desk.lost) != 1 || c.desk.lost[0] != storyPharmacy {
		t.Errorf("erasing: %s to %q, %v", res.Status, res.Header.Get("Location"), c.desk.lost)
	}
	mustSay(t, pageAfterOn(c, "/z?wis"), "Gewist.")
	for _, path := range []string{"/z/los", "/z/wis"} {
		if res := c.do("POST", path, "bron=x"); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s of nobody: %s", path, res.Status)
		}
	}
	for _, path := range []string{"/z/x/los", "/z/x/wis"} {
		if res := c.do("GET", path, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

// TestNothingEndsFromAnotherSite: the guards of the other forms hold here too.
func TestNothingEndsFromAnotherSite(t *testing.T) {
	for _, path := range []string{"/z/los", "/z/wis", "/z/plan", "/z/begin"} {
		c := newClient(t).unlock()
		planned(c.desk)
		body := bron(sourceKey(storyGP), "n", "0")
		if res := c.do("POST", path, body, header("Sec-Fetch-Site", "cross-site")); res.StatusCode != http.StatusForbidden {
			t.Errorf("%s from another site: %s", path, res.Status)
		}
		c.cookies = map[string]*http.Cookie{}
		if res := c.do("POST", path, body); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s without a session: %s", path, res.Status)
		}
		if len(c.desk.lost)+c.desk.begun != 0 || len(c.desk.links) != 3 || len(c.desk.plan) != 3 {
			t.Errorf("%s did something", path)
		}
	}
}

// TestTheEraseCountIsRight counts by hand: what stands on the pharmacy alone,
// and what others say too.
func TestTheEraseCountIsRight(t *testing.T) {
	v := &view{words: wordsIn("nl"), o: storyOverview()}
	for source, want := range map[string][2]int{storyPharmacy: {2, 4}, "medmij:nobody": {0, 0}} {
		if only, others := v.fromSource(source); only != want[0] || others != want[1] {
			t.Errorf("%s: %d only there, %d elsewhere too", source, only, others)
		}
	}
}

func TestTheLeavePageRefusesABadAddress(t *testing.T) {
	for _, address := range []string{"", "javascript:alert(1)", "/z", "ftp://x", "https://", ":"} {
		c := newClient(t).unlock()
		v := &view{words: wordsIn("nl"), s: c.s, now: storyNow}
		_, err := v.leave(nil, leaving{section: "z", source: storyGP, address: address})
		var p *Problem
		if !errors.As(err, &p) || p.Code != "P-bad" {
			t.Errorf("%q: %v", address, err)
		}
	}
}
