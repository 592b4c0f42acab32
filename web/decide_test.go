package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
)

// TestNothingIsChosenBeforehand: the person says which two are the same.
func TestNothingIsChosenBeforehand(t *testing.T) {
	text := pageAfter(t, "/v/"+storyKey("metoprolol-u"), threeAlike)
	mustSay(t, text, "Kies de twee die hetzelfde zijn", "Uzelf: 1 keer per dag 1 tablet van 50 mg, na het eten", "Wij veranderen niets bij uw zorgverleners.")
	mustNotSay(t, text, "checked")
}

// TestOnlyWhatMayBeOneIsAsked: what the codes prove different never is, and a
// series of results is no question.
func TestOnlyWhatMayBeOneIsAsked(t *testing.T) {
	for advice, want := range map[string]bool{
		"dose-differs": true, "own-beside": true, "same-list": true, "stopped-differs": true, "same-letter": true,
		"strength-differs": false, "as-needed-beside": false, "contains-also": false, "broader": false, "": false,
	} {
		for name, may := range map[string]bool{"the aggregator allows it": true, "and refuses it": false} {
			text := pageAfter(t, "/v/"+storyKey("metoprolol-u"), func(d *storyDesk) {
				looksAlike(d)
				if d.o.Groups[0].Advice = advice; !may {
					d.o.Groups[0].Joinable = nil
				}
			})
			if got := strings.Contains(text, "Is dit hetzelfde?"); got != (want && may) {
				t.Errorf("%q, %s: asked %v", advice, name, got)
			}
		}
	}
}

// TestWhatWasSeenIsSmaller: it stays, without the marker, and waits no more.
func TestWhatWasSeenIsSmaller(t *testing.T) {
	key := storyKey("metoprolol-u")
	before := pageAfter(t, "/v/"+key, looksAlike)
	mustSay(t, before, `<mark>Verschil</mark>`, `action="/j/gezien"`)
	for _, path := range []string{"/v/" + key, "/i/" + key} {
		after := pageAfter(t, path, seenOnce)
		mustSay(t, after, "Door u gezien: Uw zorgverleners hebben een andere sterkte of dosering staan.")
		mustNotSay(t, after, `<mark>Verschil</mark>`, `action="/j/gezien"`)
	}
	mustSay(t, pageAfter(t, "/", nil), "Verschil tussen uw zorgverleners")
	mustNotSay(t, pageAfter(t, "/", seenOnce), "Verschil tussen uw zorgverleners", "Let op bij")
}

// TestAChangedJoinAsksAgain with the words of the design, and one press.
func TestAChangedJoinAsksAgain(t *testing.T) {
	text := pageAfter(t, "/i/"+storyKey("metformine"), joinedAndChanged)
	mustSay(t, text, "Gewijzigd sinds u dit samenvoegde.", `action="/j/klopt"`, "Klopt nog", "niet meer aangeleverd sinds 3 mei 2025",
		"Streekziekenhuis en Apotheek Zuid: u voegde dit samen.", "De apotheek gaf een ander merk mee.")
	mustNotSay(t, text, `action="/j/gezien"`)
}

// TestADecisionLeadsBack to where the person was, with a way to undo it there.
func TestADecisionLeadsBack(t *testing.T) {
	high, low := storyKey("metoprolol-u"), storyKey("metoprolol-h")
	for _, tc := range []struct{ what, form, to, says string }{
		{"samen", form("van", high, "blad", "v", "ding", high, "ding", low), "/v/" + high, "U zei: dit is hetzelfde."},
		{"gezien", form("van", low, "blad", "i", "ding", low, "code", "C-DOSE"), "/i/" + low, "U hebt dit gezien."},
		{"klopt", form("van", low, "ding", low), "/i/" + low, "U zei: dit klopt nog."},
		{"apart", form("van", low, "blad", "v", "ding", low, "deel", "2"), "/v/" + low, "U zei: dit is niet hetzelfde."},
		{"klopt", form("ding", low), "/j", "U zei: dit klopt nog."},
		{"klopt", form("van", "//elders", "blad", "//elders", "ding", low), "/j", "U zei: dit klopt nog."},
		{"gezien", form("van", storyKey("metformine"), "blad", "v", "ding", low, "code", "C-DOSE"), "/i/" + storyKey("metformine"), "U hebt dit gezien."},
	} {
		c := newClient(t).unlock()
		res := c.do("POST", "/j/"+tc.what, tc.form)
		if got := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || got != tc.to+"?j=1" {
			t.Errorf("%s: %d, to %q", tc.what, res.StatusCode, got)
			continue
		}
		text := bodyOf(t, c.do("GET", res.Header.Get("Location"), ""))
		mustSay(t, text, tc.says, `role="status"`, `action="/j/terug"`)
		mustSay(t, bodyOf(t, c.do("POST", "/j/terug", form("nr", "1"), func(*http.Request) { c.desk.fault = aggregator.ErrNoDecision })), `role="alert"`, "al ongedaan gemaakt")
	}
}

// TestAnOldAddressSaysNothingDone: what was undone, or never was, is not told.
func TestAnOldAddressSaysNothingDone(t *testing.T) {
	for _, query := range []string{"?j=8", "?j=99", "?j=x", "?j="} {
		mustNotSay(t, pageAfter(t, "/j"+query, decidedBefore), `role="status"`)
	}
	mustSay(t, pageAfter(t, "/j?j=9", decidedBefore), `role="status"`, "Uw keuze is ongedaan gemaakt.")
}

// TestEveryStateOfADecisionHasWords, and only what counts can be undone.
func TestEveryStateOfADecisionHasWords(t *testing.T) {
	text := pageAfter(t, "/j", decidedBefore)
	mustSay(t, text, "Dit geldt nog, maar het gegeven is veranderd.", "Het verschil is veranderd en staat er weer.",
		"Dit geldt nu niet: het gegeven is veranderd. Het ene gebruikt u op vaste tijden, het andere zo nodig.",
		"Dit kon niet. U haalde deze gegevens uit elkaar.", "U koos later iets anders.", "Het gegeven is er nu niet.", "Penicilline en Amoxicilline", "U maakte keuze 8 ongedaan.")
	if got := strings.Count(text, `action="/j/terug"`); got != 9 {
		t.Errorf("%d of 9 can be undone", got)
	}
}

// TestWhatChangedIsSaidInWords: from what to what.
func TestWhatChangedIsSaidInWords(t *testing.T) {
	v := &view{words: wordsIn("nl")}
	for _, tc := range []struct {
		subject, field, before, after, want string
	}{
		{"medication", "dose", "1 tablet", "2 tabletten", "Hoe u het gebruikt: eerst 1 tablet, nu 2 tabletten."},
		{"medication", "end", "", "2025-05-02", "Tot en met: 2 mei 2025."},
		{"medication", "reason", "pijn", "", "Niet meer: Waarvoor, pijn."},
		{"medication", "section", "current", "recent", "Eerst: in gebruik. Nu: kort geleden gestopt."},
		{"medication", "section", "planned", "current", "Eerst: gepland. Nu: in gebruik."},
		{"appointment", "section", "planned", "past", "Eerst: gepland. Nu: geweest."},
		{"problem", "section", "active", "inactive", "Eerst: actueel. Nu: vroeger."},
		{"problem", "section", "nowhere", "inactive", ""},
		{"lab", "conflict", "", "Op hetzelfde moment staat een andere waarde.", "Op hetzelfde moment staat een andere waarde."},
		{"lab", "detail", "", "", ""},
	} {
		got := v.fieldChange(tc.subject, aggregator.FieldChange{Field: tc.field, Before: tc.before, After: tc.after})
		if diff := cmp.Diff(tc.want, strings.ReplaceAll(got, nbsp, " ")); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tc.subject, tc.field, diff)
		}
	}
}

// TestTheFirstPageTellsAtMostFive, each on a line, and what only the time did is said to be so.
func TestTheFirstPageTellsAtMostFive(t *testing.T) {
	text := pageAfter(t, "/", nil)
	mustSay(t, text, "Sinds uw vorige bezoek: 14 mei 2025.", "Bekijk alle 10 veranderingen", "50 mg naar 100 mg", "Amoxicilline")
	v := &view{words: wordsIn("nl"), o: &aggregator.Overview{}}
	if got := v.briefly(aggregator.Change{Kind: aggregator.ChangedOther, Title: "Afspraak", ByTime: true}); got.Soft != "door de tijd" || got.Href != "" {
		t.Errorf("what the time did is said by %q, at %q", got.Soft, got.Href)
	}
	mustNotSay(t, text, "AMOXICILLINE", "Gewist") // beyond the fifth
	all := pageAfter(t, "/w", nil)
	mustSay(t, all, "Er zijn 10 dingen veranderd.", "Gewist", "Verbeterd", "Gestopt", "Niet meer aangeleverd")
	said, passed, found := strings.Cut(all, "De tijd ging voorbij</h2>")
	if !found || strings.Contains(said, "geweest") || !strings.Contains(passed, "geweest") {
		t.Error("what time did stands among what was said")
	}
	mustNotSay(t, pageAfter(t, "/", func(d *storyDesk) { d.visited = time.Time{} }), "Wat is er veranderd?")
}

// TestALongListOfChangesComesInParts.
func TestALongListOfChangesComesInParts(t *testing.T) {
	many := func(d *storyDesk) {
		for len(d.changes) < 150 {
			d.changes = append(d.changes, d.changes[0])
		}
	}
	mustSay(t, pageAfter(t, "/w/week", many), `href="/w/week?vanaf=100"`, "Er zijn 150 dingen veranderd.")
	mustNotSay(t, pageAfter(t, "/w/week?vanaf=100", many), "vanaf=")
}

// TestSinceADayBeginsAtMidnightHere, also where the clock changes.
func TestSinceADayBeginsAtMidnightHere(t *testing.T) {
	for _, tc := range []struct {
		now  string
		days int
		want string
	}{
		{"2025-05-20T09:20:00Z", 0, "2025-05-20T00:00:00+02:00"},
		{"2025-05-20T22:30:00Z", 0, "2025-05-21T00:00:00+02:00"},
		{"2025-04-01T09:00:00Z", 7, "2025-03-25T00:00:00+01:00"},
		{"2025-03-15T09:00:00Z", 30, "2025-02-13T00:00:00+01:00"},
	} {
		now, err := time.Parse(time.RFC3339, tc.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := startOf(now, tc.days).Format(time.RFC3339); got != tc.want {
			t.Errorf("%d days before %s: %s, want %s", tc.days, tc.now, got, tc.want)
		}
	}
}

// TestADecisionFromElsewhereIsRefused: the guards hold for these forms too, and
// nothing is decided.
func TestADecisionFromElsewhereIsRefused(t *testing.T) {
	c := newClient(t).unlock()
	low := url.Values{"ding": {storyKey("metoprolol-h")}}.Encode()
	for what := range decisionOps {
		if res := c.do("POST", "/j/"+what, low, header("Sec-Fetch-Site", "cross-site")); res.StatusCode != http.StatusForbidden {
			t.Errorf("%s from another site: %s", what, res.Status)
		}
		if res := c.do("GET", "/j/"+what, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s by a link: %s", what, res.Status)
		}
		if res := newClient(t).do("POST", "/j/"+what, low); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s without a session: %s", what, res.Status)
		}
	}
	if n := len(c.desk.o.Decisions); n != 0 {
		t.Errorf("%d decisions were made", n)
	}
}

// TestARefusalShowsNothingClosed: a form that says it came from a closed item
// is answered with the list of choices, not with the page of that item.
func TestARefusalShowsNothingClosed(t *testing.T) {
	c := newClient(t).unlock()
	closed(c.desk)
	for _, page := range []string{"i", "v"} {
		text := bodyOf(t, c.do("POST", "/j/samen", form("van", storyKey("shut-1"), "blad", page, "ding", storyKey("shut-1"))))
		mustSay(t, text, "<h1", "Uw keuzes", `role="alert"`)
	}
}
