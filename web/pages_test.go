package web

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// pageAfter gives the text of a page of the example, after a change to it.
func pageAfter(t *testing.T, path string, change func(*storyDesk)) string {
	t.Helper()
	c := newClient(t).unlock()
	if change != nil {
		change(c.desk)
	}
	res := c.do("GET", path, "")
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, res.Status)
	}
	return bodyOf(t, res)
}

func bodyOf(t *testing.T, res *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(body), nbsp, " ")
}

func mustSay(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not on the page", w)
		}
	}
}

func mustNotSay(t *testing.T, text string, never ...string) {
	t.Helper()
	for _, n := range never {
		if strings.Contains(text, n) {
			t.Errorf("%q is on the page", n)
		}
	}
}

func TestAPartThatFailedIsSaidThoughAnotherCame(t *testing.T) {
	text := pageAfter(t, "/m", func(d *storyDesk) {
		d.o.Sources[0].Queries = append(d.o.Sources[0].Queries, fhir.QueryResult{Query: "MedicationDispense?x=1", Outcome: fhir.Failed, Detail: "P-503"})
	})
	mustSay(t, text, "Bij Streekziekenhuis lukte het ophalen hiervan niet, of niet helemaal (vandaag).")
}

func TestNothingFoundIsNotSaidOfWhoFailed(t *testing.T) {
	text := pageAfter(t, "/b", func(d *storyDesk) {
		d.o.Items = nil
		for i, o := range []fhir.Outcome{fhir.OK, fhir.Empty, fhir.Failed} {
			d.o.Sources[i].Queries = []fhir.QueryResult{{Query: "DocumentReference?status=current", Outcome: o}}
		}
	})
	mustSay(t, text, "Bij Streekziekenhuis en Huisarts De Linde zijn geen brieven gevonden.", "Bij Apotheek Zuid lukte het ophalen hiervan niet")
}

func TestNothingIsKnownWhenNobodyWasAsked(t *testing.T) {
	text := pageAfter(t, "/b", func(d *storyDesk) { d.o.Items = nil })
	mustSay(t, text, "Wij weten niets over brieven.", "Dat is iets anders dan geen.")
	mustNotSay(t, text, "gevonden")
}

func TestAnAllergyOfThePastStaysThere(t *testing.T) {
	text := pageAfter(t, "/a", func(d *storyDesk) {
		for i := range d.o.Items {
			if d.o.Items[i].Title == "Koemelk" {
				d.o.Items[i].Group = "g5"
			}
		}
	})
	now, past, found := strings.Cut(text, "<h2>Vroeger</h2>")
	if !found || strings.Contains(now, "Koemelk") || !strings.Contains(past, "Koemelk") {
		t.Error("an allergy of the past stands among those of now")
	}
	if strings.Contains(past, ">Penicilline<") {
		t.Error("an allergy of now stands among those of the past")
	}
}

func TestTheOverviewDoesNotCallItselfCompleteWhenItIsNot(t *testing.T) {
	text := pageAfter(t, "/", func(d *storyDesk) {
		calm(d)
		d.o.Sources[2].Fetched = storyNow.AddDate(0, -2, 0)
	})
	mustSay(t, text, "Er wacht niets op u.", "Uw gegevens zijn niet compleet.", "Apotheek Zuid is van 20 maart 2025.")
	mustNotSay(t, text, "Alles is bijgewerkt.")
}

func TestADifferenceOfThePastDoesNotWait(t *testing.T) {
	text := pageAfter(t, "/", func(d *storyDesk) {
		calm(d)
		for i := range 2 {
			d.o.Items[i].Conflicts = []aggregator.Conflict{{Code: "C-DOSE"}}
		}
		d.o.Items[0].Section, d.o.Items[1].Section = aggregator.Past, aggregator.Past
	})
	mustSay(t, text, "Er wacht niets op u.")
	mustNotSay(t, text, "Bekijk het verschil")
}

func TestAnEndedConsentOffersALogin(t *testing.T) {
	text := pageAfter(t, "/z", func(d *storyDesk) {
		d.o.Sources[2].Outcome, d.o.Sources[2].Detail = fhir.Failed, "P-401"
	})
	mustSay(t, text, "Uw toestemming bij Apotheek Zuid is verlopen. Log opnieuw in.", "Opnieuw inloggen")
}

func TestOldMedicinesAreAClickAway(t *testing.T) {
	mustNotSay(t, pageAfter(t, "/m/gestopt", nil), "Doxycycline")
	mustSay(t, pageAfter(t, "/m/gestopt", nil), "Toon 1 ouder medicijn")
	mustSay(t, pageAfter(t, "/m/gestopt?ouder=1", nil), "Doxycycline")
}

func TestFirstRun(t *testing.T) {
	c := newClient(t)
	c.desk.become(NoVault)
	if res := c.do("GET", "/", ""); res.Header.Get("Location") != "/nieuw" {
		t.Errorf("sent to %q", res.Header.Get("Location"))
	}
	for form, want := range map[string]string{
		"wachtzin=kort&nogmaals=kort":                                     "Kies 12 tekens of meer.",
		"wachtzin=een+lange+wachtzin&nogmaals=een+andere+wachtzin":        "De twee wachtzinnen zijn anders.",
		"wachtzin=%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9&nogmaals=whatever": "Kies 12 tekens of meer.",
	} {
		mustSay(t, bodyOf(t, c.do("POST", "/nieuw", form)), want)
		if c.desk.State() != NoVault {
			t.Fatalf("%s made a vault", form)
		}
	}
	for reason, want := range map[string]string{
		"digits": "Alleen cijfers", "repeated": "hetzelfde stukje", "walk": "rijtje letters", "common": "kiezen veel mensen",
	} {
		c.desk.fault = &WeakSecret{Reason: reason}
		mustSay(t, bodyOf(t, c.do("POST", "/nieuw", "wachtzin=een+lange+wachtzin&nogmaals=een+lange+wachtzin")), want)
		if c.desk.State() != NoVault {
			t.Fatalf("%s made a vault", reason)
		}
	}
	c.desk.fault = nil
	mustSay(t, bodyOf(t, c.do("POST", "/nieuw", "wachtzin=een+lange+wachtzin&nogmaals=een+lange+wachtzin")), "7K3M-Q9TD")
	if res := c.do("GET", "/", ""); res.StatusCode != 200 {
		t.Errorf("the first browser has no session: %d", res.StatusCode)
	}
	mustNotSay(t, bodyOf(t, c.do("POST", "/nieuw", "wachtzin=een+lange+wachtzin&nogmaals=een+lange+wachtzin")), "7K3M-Q9TD")
}

func TestWrongSecretsGiveNoSession(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault *WrongSecret
		want  string
	}{
		{"attempts left", &WrongSecret{Left: 3}, "Nog 3 pogingen; daarna wacht u 1 minuut."},
		{"one left", &WrongSecret{Left: 1}, "Nog 1 poging; daarna wacht u 1 minuut."},
		{"wait", &WrongSecret{Wait: 42 * time.Second}, "Wacht 42 seconden."},
		{"no count", &WrongSecret{}, "Dat klopt niet."},
	} {
		c := newClient(t)
		c.desk.become(Locked)
		c.desk.fault = tc.fault
		res := c.do("POST", "/unlock", "wachtzin=nee")
		mustSay(t, bodyOf(t, res), tc.want)
		if len(c.cookies) != 0 || c.desk.State() != Locked {
			t.Errorf("%s: cookies %v", tc.name, c.cookies)
		}
	}
	c := newClient(t)
	mustSay(t, bodyOf(t, c.do("POST", "/unlock", "wachtzin=")), "Typ uw wachtzin.")
}

// TestAnOpenVaultStillAsksForThePassphrase: another user of the machine gets no
// session because the vault happens to be open.
func TestAnOpenVaultStillAsksForThePassphrase(t *testing.T) {
	c := newClient(t)
	c.desk.fault = &WrongSecret{}
	c.do("POST", "/unlock", "wachtzin=nee")
	if res := c.do("GET", "/m", ""); res.StatusCode != 303 {
		t.Errorf("got %d", res.StatusCode)
	}
}

// TestSearchForgives: case, accents, other forms, other words, one letter
// wrong. What was typed is never in an address.
func TestSearchForgives(t *testing.T) {
	for _, tc := range []struct {
		query       string
		want, never []string
	}{
		{"METOP 100", []string{"1 ding gevonden in uw bundel.", "1 keer per dag 1 tablet van 100 mg"}, []string{"50 mg"}},
		{"allergieën penicilline", []string{"0 dingen gevonden in uw bundel."}, nil},
		{"pénicilline", []string{"Penicilline", "Allergieën"}, nil},
		{"metropolol", []string{"0 dingen gevonden in uw bundel."}, nil},
		{"metoprolool", []string{"2 dingen gevonden in uw bundel.", "Metoprolol"}, nil},
		{"uitslagen", []string{"Uitslag onderzoek"}, nil},
		{"tensie", []string{"Bloeddruk"}, nil},
		{"bestaatniet", []string{"0 dingen gevonden in uw bundel."}, nil},
	} {
		t.Run(tc.query, func(t *testing.T) {
			c := newClient(t).unlock()
			text := bodyOf(t, c.do("POST", "/zoek", form("q", tc.query)))
			mustSay(t, text, tc.want...)
			mustNotSay(t, text, tc.never...)
		})
	}
}

// TestSearchLeavesHistoryOut and says how much there is beside what it shows.
func TestSearchLeavesHistoryOut(t *testing.T) {
	c := newClient(t).unlock()
	for i := range 130 {
		item := other("note", fmt.Sprint("many-", i), aggregator.Found, "Zeldzaam", "", "2025-05-02", storyGP, "Composition")
		if i < 10 {
			item.Section = aggregator.History
		}
		c.desk.o.Items = append(c.desk.o.Items, item)
	}
	text := bodyOf(t, c.do("POST", "/zoek", "q=zeldzaam"))
	mustSay(t, text, "120 dingen gevonden in uw bundel.", "U ziet de eerste 70.")
	if n := strings.Count(text, `<h3 class="name">`); n != mostFound {
		t.Errorf("%d rows", n)
	}
}

// TestSearchThatFails says so and shows nothing.
func TestSearchThatFails(t *testing.T) {
	c := newClient(t).unlock()
	c.desk.fault = ErrLocked
	if res := c.do("POST", "/zoek", "q=metoprolol"); res.Header.Get("Location") != "/unlock" {
		t.Errorf("%s to %q", res.Status, res.Header.Get("Location"))
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	c := newClient(t).unlock()
	for _, path := range []string{
		"/m/ooit", "/i/aaaaaaaaaaaa", "/v/aaaaaaaaaaaa", "/u/aaaaaaaaaaaa", "/u/" + storyKey("metoprolol-h"), "/i/" + storyKey("metoprolol-h") + "/7",
		"/g/0", "/g/99", "/g/x", "/e/0", "/e/99", "/d/0", "/d/99", "/d/kijk/x", "/z/x", "/nergens",
	} {
		res := c.do("GET", path, "")
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
		mustSay(t, bodyOf(t, res), "Deze pagina is er niet.")
	}
	for path, form := range map[string]string{"/z/haal": "bron=x", "/z/stop": "bron=x", "/z/verbind": "bron=x&n=0"} {
		if res := c.do("POST", path, form); res.StatusCode != http.StatusNotFound {
			t.Errorf("POST %s: %s", path, res.Status)
		}
	}
}

func TestALongRecordIsCut(t *testing.T) {
	if got := indent([]byte(`{"a":1}`)); got != "{\n  \"a\": 1\n}" {
		t.Errorf("laid out as %q", got)
	}
	if got := indent([]byte(`<xml/>`)); got != "<xml/>" {
		t.Errorf("no JSON became %q", got)
	}
}

func TestLongListsComeInParts(t *testing.T) {
	all := make([]aggregator.Item, 250)
	for _, tc := range []struct {
		from        string
		shown, next int
	}{{"", 100, 100}, {"100", 100, 200}, {"200", 50, 0}, {"-1", 100, 100}, {"999", 100, 100}, {"x", 100, 100}} {
		shown, next := cut(all, tc.from)
		if len(shown) != tc.shown || next != tc.next {
			t.Errorf("from %q: %d rows, next %d", tc.from, len(shown), next)
		}
	}
}

// TestProgressInBoxes: a box for each part, and what each looks like.
func TestProgressInBoxes(t *testing.T) {
	bar := newPartsBar(SourceProgress{Parts: []PartProgress{{Outcome: fhir.OK}, {Outcome: fhir.Empty}, {Outcome: fhir.Failed}, {Busy: true}, {}}})
	var got []string
	for _, b := range bar.Boxes {
		got = append(got, b.Class)
	}
	if diff := cmp.Diff([]string{"in", "in", "fail", "", ""}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if bar.Boxes[3].Half == 0 || bar.Boxes[4].Half != 0 {
		t.Error("only the busy part is half filled")
	}
	if newPartsBar(SourceProgress{}) != nil {
		t.Error("a bar without parts")
	}
}

// TestErrorsNameNoPerson: what goes into logs and errors is a code.
func TestErrorsNameNoPerson(t *testing.T) {
	cause := ErrNotFound
	for _, err := range []error{&Problem{Code: "P-503", Source: storyGP, Err: cause}, &WrongSecret{Left: 1}, &Refused{Reason: RefuseRange, Low: "1", High: "2"}} {
		if strings.Contains(err.Error(), "linde") || strings.Contains(err.Error(), "2") {
			t.Errorf("says %q", err)
		}
	}
}

// TestEveryProblemHasWords: the codes of product.md 6.13.
func TestEveryProblemHasWords(t *testing.T) {
	for _, code := range []string{"P-timeout", "P-503", "P-401", "P-403", "P-cancel", "P-nomatch", "P-age", "P-bad", "identity", "offline"} {
		c := newClient(t).unlock()
		c.desk.fault = &Problem{Code: code, Source: storyGP}
		res := c.do("POST", "/z/haal", "")
		text := bodyOf(t, res)
		mustSay(t, text, "Code "+code)
		mustNotSay(t, text, "Er ging iets mis in Bundel.", "{source}")
		if res.StatusCode != http.StatusBadGateway {
			t.Errorf("%s: %s", code, res.Status)
		}
	}
}

// TestATickNamesWhatAndWho: who hears the page knows what a tick shares.
func TestATickNamesWhatAndWho(t *testing.T) {
	mustSay(t, pageAfter(t, "/d", nil), `aria-label="Medicijnen (11) delen met Huisarts De Linde" checked`)
}
