package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
)

var (
	hospitalKey = sourceKey(storyHospital)
	gpKey       = sourceKey(storyGP)
	pietKey     = sourceKey(storyPerson)
)

// seenIn is the value by which a page says what it told.
func seenIn(t *testing.T, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `name="gezien" value="`)
	if !ok {
		t.Fatal("the page does not say what it told")
	}
	seen, _, _ := strings.Cut(rest, `"`)
	return seen
}

// ticks is the form of the matrix: rows and recipients that are on the page, and
// what is ticked.
func ticks(rows, who, on []string) string {
	return url.Values{"rij": rows, "wie": who, "mag": on}.Encode()
}

// TestTicksBecomeWishes: only what was switched is a wish, and nothing is stored
// before the person saw what it would change.
func TestTicksBecomeWishes(t *testing.T) {
	simvastatine := "i:" + storyKey("simvastatine")
	hospital := share.Recipient{ID: storyHospital, Name: "Streekziekenhuis"}
	for _, tc := range []struct {
		name string
		form string
		want []Wish
	}{
		{"nothing", ticks([]string{"s:medication"}, []string{hospitalKey}, []string{"s:medication:" + hospitalKey}), nil},
		{"a subject", ticks([]string{"s:lab"}, []string{hospitalKey}, []string{"s:lab:" + hospitalKey}), []Wish{{To: hospital, Subject: "lab", Permit: true}}},
		{"a subject no more", ticks([]string{"s:medication"}, []string{hospitalKey}, nil), []Wish{{To: hospital, Subject: "medication"}}},
		{"what comes later is a tick of its own", ticks([]string{"s:medication", "n:medication"}, []string{hospitalKey}, []string{"s:medication:" + hospitalKey, "n:medication:" + hospitalKey}), []Wish{{To: hospital, Subject: "medication", Permit: true, Later: true}}},
		{"not what comes later", ticks([]string{"n:vital"}, []string{hospitalKey}, nil), []Wish{{To: hospital, Subject: "vital", Permit: true}}},
		{"a subject goes with what comes later of it", ticks([]string{"s:vital", "n:vital"}, []string{hospitalKey}, nil), []Wish{{To: hospital, Subject: "vital"}}},
		{"an item", ticks([]string{simvastatine}, []string{hospitalKey}, []string{simvastatine + ":" + hospitalKey}), nil}, // it is theirs
		{"who is not on the page", ticks([]string{"s:lab"}, nil, []string{"s:lab:" + hospitalKey}), nil},
		{"who is not there", ticks([]string{"s:lab"}, []string{"aaaa"}, []string{"s:lab:aaaa"}), nil},
		{"an answer", url.Values{"wil": {"i:" + storyKey("bp-2") + ":" + pietKey + ":nee"}}.Encode(), []Wish{{To: share.Recipient{ID: storyPerson, Name: "Piet", Role: share.Family}, Item: storyID("vital", "bp-2")}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClient(t).unlock()
			if tc.name == "an item" {
				for i := range c.desk.o.Items {
					if c.desk.o.Items[i].ID == storyID("medication", "simvastatine") {
						c.desk.o.Items[i].Parts = append(c.desk.o.Items[i].Parts, part(storyHospital, "48", "MedicationRequest", "MA"))
					}
				}
			}
			res := c.do("POST", "/d", tc.form)
			if len(c.desk.wishes) != 0 {
				t.Fatal("stored before it was said")
			}
			if tc.want == nil {
				if got := res.Header.Get("Location"); got != "/d?niets" {
					t.Errorf("%s to %q", res.Status, got)
				}
				return
			}
			page := bodyOf(t, res)
			mustSay(t, page, "Er is nog niets bewaard.", ">Terug</a>")
			if res := c.do("POST", "/d/bewaar", savedFrom(t, page)); res.Header.Get("Location") != "/d?ok" {
				t.Fatalf("save: %s to %q", res.Status, res.Header.Get("Location"))
			}
			if diff := cmp.Diff(tc.want, c.desk.wishes); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// savedFrom is the form of a page as a browser sends it, with no tick set.
func savedFrom(t *testing.T, page string) string {
	t.Helper()
	out := url.Values{}
	_, form, ok := strings.Cut(page, `action="/d/bewaar">`)
	if !ok {
		t.Fatal("the page has nothing to save")
	}
	for _, field := range strings.Split(form, `<input type="hidden" name="`)[1:] {
		name, rest, _ := strings.Cut(field, `" value="`)
		text, _, _ := strings.Cut(rest, `"`)
		out.Add(name, text)
	}
	return out.Encode()
}

// TestWhatChangedInTheMeantimeIsSaidAgain: what is stored is what was told.
func TestWhatChangedInTheMeantimeIsSaidAgain(t *testing.T) {
	c := newClient(t).unlock()
	wil := "s:lab:" + hospitalKey + ":ja"
	first := bodyOf(t, c.do("POST", "/d", form("wil", wil)))
	c.desk.o.Items = append(c.desk.o.Items, other("lab", "new", aggregator.Found, "Glucose", "5", "2025-05-19", storyGP, "Observation"))
	again := bodyOf(t, c.do("POST", "/d/bewaar", savedFrom(t, first)))
	mustSay(t, again, "Er is intussen iets veranderd.", "Glucose")
	if len(c.desk.wishes) != 0 || seenIn(t, first) == seenIn(t, again) {
		t.Error("stored what was not told")
	}
	if res := c.do("POST", "/d/bewaar", savedFrom(t, again)); res.StatusCode != http.StatusSeeOther || len(c.desk.wishes) != 1 {
		t.Errorf("%s, %d wishes", res.Status, len(c.desk.wishes))
	}
}

// TestLaterIsOffered on the page that says what a subject would add, unticked.
func TestLaterIsOffered(t *testing.T) {
	c := newClient(t).unlock()
	page := bodyOf(t, c.do("POST", "/d", form("wil", "s:allergy:"+hospitalKey+":ja")))
	mustSay(t, page, "Deel ook nieuwe dingen met Streekziekenhuis: Allergieën")
	mustNotSay(t, page, "checked")
	body := savedFrom(t, page) + "&" + form("wil", "n:allergy:"+hospitalKey+":ja")
	c.do("POST", "/d/bewaar", body)
	want := []Wish{{To: share.Recipient{ID: storyHospital, Name: "Streekziekenhuis"}, Subject: "allergy", Permit: true, Later: true}}
	if diff := cmp.Diff(want, c.desk.wishes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWhatIsClosedNeedsItsOwnWord: no tick for an item shares what is closed, and
// the page of that word shows nothing of it.
func TestWhatIsClosedNeedsItsOwnWord(t *testing.T) {
	shut := storyKey("shut-1")
	c := newClient(t).unlock()
	closed(c.desk)
	for _, bad := range []string{"i:" + shut, "g:" + storyKey("bp-2"), "x:" + shut, "g:aaaa", "s:person", "s:nonsense"} {
		if res := c.do("POST", "/d", form("wil", bad+":"+hospitalKey+":ja")); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", bad, res.Status)
		}
	}
	page := bodyOf(t, c.do("GET", "/d/dicht", ""))
	mustSay(t, page, "Deze dingen ziet u zelf nog niet.", "Dat kan slecht nieuws zijn.", "g:"+shut+":"+pietKey)
	mustNotSay(t, page, "Uitslag van het laboratorium", " checked")
	page = bodyOf(t, c.do("POST", "/d", ticks([]string{"g:" + shut}, []string{pietKey}, []string{"g:" + shut + ":" + pietKey})))
	mustSay(t, page, "nog dicht: Streekziekenhuis, laboratorium, 16 mei 2025", "Piet ziet 1 ding dat u zelf nog niet ziet.")
	c.do("POST", "/d/bewaar", savedFrom(t, page))
	if len(c.desk.wishes) != 1 || !c.desk.wishes[0].Unseen || c.desk.wishes[0].Item != storyID("lab", "shut-1") {
		t.Errorf("%+v", c.desk.wishes)
	}
}

// TestSomebodyNew is named once, is warned about, and is not made twice.
func TestSomebodyNew(t *testing.T) {
	for _, tc := range []struct {
		name, soort string
		says, never []string
		role        share.Role
	}{
		{"Dr. Jansen", "zorg", nil, []string{"U bent nooit verplicht"}, ""},
		{" Bakkerij   Smit ", "werk", []string{"U bent nooit verplicht om dit te delen. Vraag eerst uw huisarts."}, nil, share.Employer},
		{"Zeker", "verzekering", []string{"U bent nooit verplicht"}, nil, share.Insurer},
		{"Haren", "gemeente", []string{"U bent nooit verplicht"}, nil, share.Municipality},
		{"Els", "familie", nil, []string{"U bent nooit verplicht"}, share.Family},
	} {
		c := newClient(t).unlock()
		page := bodyOf(t, c.do("POST", "/d/nieuw", form("naam", tc.name, "soort", tc.soort, "wil", "s:allergy:nieuw:ja")))
		mustSay(t, page, append(tc.says, "Dit komt erbij", "Penicilline")...)
		mustNotSay(t, page, tc.never...)
		if res := c.do("POST", "/d/bewaar", savedFrom(t, page)); res.Header.Get("Location") != "/d?ok" {
			t.Fatalf("%s: %s", tc.name, res.Status)
		}
		want := []Wish{{To: share.Recipient{Name: strings.Join(strings.Fields(tc.name), " "), Role: tc.role}, Subject: "allergy", Permit: true}}
		if diff := cmp.Diff(want, c.desk.wishes); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	for body, want := range map[string]string{
		form("soort", "zorg", "wil", "s:lab:nieuw:ja"):                                             "Typ een naam.",
		form("naam", "PIET", "soort", "zorg", "wil", "s:lab:nieuw:ja"):                             "PIET staat er al.",
		form("naam", strings.Repeat("a", longestName+1), "soort", "zorg", "wil", "s:lab:nieuw:ja"): "De naam is te lang.",
		form("naam", "Els", "wil", "s:lab:nieuw:ja"):                                               "Kies wie dit is.",
		form("naam", "Els", "soort", "zorg"):                                                       "Kies wat u wilt delen.",
	} {
		c := newClient(t).unlock()
		mustSay(t, bodyOf(t, c.do("POST", "/d/nieuw", body)), want)
	}
	c := newClient(t).unlock()
	mustSay(t, bodyOf(t, c.do("POST", "/d/bewaar", form("naam", "Piet", "soort", "familie", "wil", "s:lab:nieuw:ja"))), "Piet staat er al.")
	if len(c.desk.wishes) != 0 {
		t.Error("one name twice")
	}
}

// TestStopping is at once, for one choice or for all, and says that copies stay.
func TestStopping(t *testing.T) {
	c := newClient(t).unlock()
	choice := c.desk.shares.Chosen[1].ID()
	for body, want := range map[string]string{
		form("wie", pietKey):                                      "/d?stop",
		form("wie", hospitalKey, "keuze", choice):                 "/d/bij/" + hospitalKey + "?stop",
		form("wie", gpKey, "keuze", c.desk.shares.Chosen[0].ID()): "/d?stop",
	} {
		if got := c.do("POST", "/d/stop", body).Header.Get("Location"); got != want {
			t.Errorf("%s: to %q, want %q", body, got, want)
		}
	}
	if got := c.desk.stopped; len(got) != 3 || !slices.Contains(got, storyPerson) || !slices.Contains(got, storyHospital+choice) {
		t.Errorf("%q", got)
	}
	for _, path := range []string{"/d?stop", "/d/bij/" + hospitalKey + "?stop"} {
		mustSay(t, bodyOf(t, c.do("GET", path, "")), "U deelt dit niet meer. Kijk ook bij Links of er nog een link open staat. Wat de ander al heeft, kunnen wij niet terughalen.")
	}
	if res := c.do("POST", "/d/stop", "wie=aaaa"); res.StatusCode != http.StatusNotFound {
		t.Errorf("nobody: %s", res.Status)
	}
	c.desk.refusal = &share.BrokenError{Line: 3}
	mustSay(t, bodyOf(t, c.do("POST", "/d/stop", form("wie", pietKey))), "Het logboek van wat u deelde klopt niet.", "Code ledger")
}

// TestTheOtherIsNotTold: what is told to the person about what stays out is on no
// page that the other sees.
func TestTheOtherIsNotTold(t *testing.T) {
	c := newClient(t).unlock()
	missing(c.desk)
	mustSay(t, bodyOf(t, c.do("GET", "/d/bij/"+hospitalKey, "")), "Alleen u ziet dit.", "maar 1 allergie niet", "Wel delen")
	mustNotSay(t, bodyOf(t, c.do("GET", "/d/kijk/"+hospitalKey, "")), "Alleen u ziet dit.", "allergie niet", "Simvastatine")
}

// TestPicksAreRead: what a form is given is what it sends back.
func TestPicksAreRead(t *testing.T) {
	word := rapid.StringMatching(`[a-z0-9]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		c := pick{word.Draw(t, "kind"), word.Draw(t, "id"), word.Draw(t, "who"), rapid.Bool().Draw(t, "yes")}
		got, ok := readPick(c.wanted(c.yes))
		if diff := cmp.Diff(c, got, cmp.AllowUnexported(pick{})); !ok || diff != "" {
			t.Fatal(diff)
		}
	})
	for _, bad := range []string{"", "s:lab", "s:lab:x", "s:lab:x:ja:nee"} {
		if _, ok := readPick(bad); ok {
			t.Errorf("%q is read", bad)
		}
	}
}

// TestTheLogTellsAll by recipient and by item, newest first, and in words when
// the chain is broken.
func TestTheLogTellsAll(t *testing.T) {
	c := newClient(t).unlock()
	page := bodyOf(t, c.do("GET", logPath, ""))
	mustSay(t, page, "13 regels in het logboek.", "U koos: mag dit niet zien: Simvastatine", "1 aangekomen · 1 geweigerd", "Op dit scherm laten zien", "Met dingen die u zelf nog niet zag.", "Verkeerde code getypt")
	if strings.Index(page, "U stopte met delen") > strings.Index(page, "Versturen begonnen") {
		t.Error("the oldest stands first")
	}
	mustNotSay(t, bodyOf(t, c.do("GET", logPath+"?wie="+pietKey, "")), "Versturen begonnen")
	one := bodyOf(t, c.do("GET", logPath+"?ding="+storyKey("bp-2"), ""))
	mustSay(t, one, "Alleen over: Bloeddruk", "Versturen begonnen")
	mustNotSay(t, one, "Simvastatine")
	mustSay(t, bodyOf(t, c.do("GET", logPath+"?ding="+storyKey("letter-1"), "")), "Hier is nog nooit iets van gedeeld.")
	mustSay(t, bodyOf(t, c.do("GET", "/i/"+storyKey("bp-2"), "")), "Gedeeld met Streekziekenhuis en Piet.", logPath+"?ding="+storyKey("bp-2"))
	c.desk.broken = &share.BrokenError{Line: 1}
	mustSay(t, bodyOf(t, c.do("GET", logPath, "")), "Dit logboek klopt niet vanaf regel 1.")
	c.desk.broken, c.desk.fault = nil, ErrLocked
	if res := c.do("GET", logPath, ""); res.Header.Get("Location") != "/unlock" {
		t.Errorf("locked: %s", res.Status)
	}
}

// TestAnActOfManyLinesIsOneRow.
func TestAnActOfManyLinesIsOneRow(t *testing.T) {
	pin := func(id string) []share.Pin { return []share.Pin{{ID: id}} }
	got := onceEach(share.Ledger{
		{Number: 1, Act: share.ActPermit, To: "a", Part: 1, Parts: 2, Pins: pin("1")},
		{Number: 2, Act: share.ActPermit, To: "a", Part: 2, Parts: 2, Pins: pin("2")},
		{Number: 3, Act: share.ActPermit, To: "b", Part: 2, Parts: 2, Pins: pin("3")},
		{Number: 4, Act: share.ActPreview, To: "b", Pins: pin("4")},
	})
	want := share.Ledger{
		{Number: 1, Act: share.ActPermit, To: "a", Part: 1, Parts: 2, Pins: append(pin("1"), pin("2")...)},
		{Number: 3, Act: share.ActPermit, To: "b", Part: 2, Parts: 2, Pins: pin("3")},
		{Number: 4, Act: share.ActPreview, To: "b", Pins: pin("4")},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestANameOnALinkIsOfThatLink: the log keeps calling Piet by his name.
func TestANameOnALinkIsOfThatLink(t *testing.T) {
	all := share.Ledger{
		{Act: share.ActPermit, To: "p", Name: "Piet"},
		{Act: share.ActPublish, How: "link", To: "p", Name: "arts in Spanje"},
		{Act: share.ActPublish, How: "link", To: "l", Name: "dokterspost"},
	}
	var names []string
	for _, l := range told(all) {
		names = append(names, l.Name)
	}
	if !slices.Equal(names, []string{"Piet", "dokterspost"}) {
		t.Error(names)
	}
}

// TestWhoSeesNothingAnyMoreIsNotGone: somebody whose choices ended leaves the
// matrix, and stands under it with the way to what was shared.
func TestWhoSeesNothingAnyMoreIsNotGone(t *testing.T) {
	at := time.Date(2025, 5, 2, 10, 0, 0, 0, time.UTC)
	line := func(act share.Act, to, name string, hours int) share.Line {
		return share.Line{Act: act, To: to, Name: name, At: at.Add(time.Duration(hours) * time.Hour)}
	}
	const mo = "to:person:mo"
	text := pageAfter(t, "/d", func(d *storyDesk) {
		d.ledger = share.Ledger{
			line(share.ActPermit, mo, "Mo", 0), line(share.ActRevoke, mo, "Mo", 1), line(share.ActPreview, mo, "Mo", 2),
			line(share.ActPermit, storyPerson, "Piet", 0), line(share.ActRevoke, storyPerson, "Piet", 1),
			line(share.ActPublish, "to:link:x", "arts in Spanje", 0), line(share.ActRevoke, "to:link:x", "arts in Spanje", 1),
			line(share.ActPermit, "to:person:an", "An", 3), line(share.ActExpire, "to:person:an", "An", 4),
		}
	})
	_, past, _ := strings.Cut(text, "<h2>Voorbij</h2>")
	past, _, _ = strings.Cut(past, "</section>")
	mustSay(t, past, "Mo", "sinds 2 mei 2025 om 13:00", `href="/d/logboek?wie=`+sourceKey(mo)+`"`, "An")
	mustNotSay(t, past, "Piet", "Spanje")
	if strings.Index(past, "An<") > strings.Index(past, "Mo<") {
		t.Error("the newest is not first")
	}
	mustNotSay(t, pageAfter(t, "/d", func(d *storyDesk) { d.ledger = nil }), "<h2>Voorbij</h2>")
}

// TestNobodyToShareWithIsNoDeadEnd: with only what the person brought along every
// way is there, and one of them is the main one.
func TestNobodyToShareWithIsNoDeadEnd(t *testing.T) {
	c := newClient(t).unlock()
	c.desk.shares = Shares{}
	page := bodyOf(t, c.do("GET", "/d", ""))
	for _, to := range []string{"/d/nieuw", sendHome, linkHome, fileHome, logPath, "/z"} {
		mustSay(t, page, `href="`+to+`"`)
	}
	mustSay(t, page, "U deelt nog met niemand.")
	mustNotSay(t, page, "U kunt nog met niemand delen", `href="/d/1"`, "<table")
	if n := strings.Count(page, "button main"); n != 1 {
		t.Errorf("%d main buttons", n)
	}
	mustSay(t, bodyOf(t, c.do("GET", "/d/1", "")), `href="/d/nieuw"`)
}
