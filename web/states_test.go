package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/bundel-pgo/bundel/fhir"
)

// goTo asks for a page in a language, after a change to the example, and gives
// its text as one line.
func goTo(t *testing.T, lang, method, path, form string, change func(*storyDesk)) string {
	t.Helper()
	c := newClient(t).unlock()
	c.do("POST", "/taal", "taal="+lang+"&terug=/")
	if change != nil {
		change(c.desk)
	}
	res := c.do(method, path, form)
	doc, err := html.Parse(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(textOf(nodes(doc, "body")[0]), nbsp, " ")
}

// failed is the example in which the pharmacy failed with a code.
func failed(code string) func(*storyDesk) {
	return func(d *storyDesk) {
		d.o.Sources[2].Outcome, d.o.Sources[2].Detail = fhir.Failed, code
		d.progress[2].Code = code
	}
}

// refusedLogin is the example in which a provider that is in no overview yet
// sends the person back with a code.
func refusedLogin(code string) func(*storyDesk) {
	return func(d *storyDesk) { d.fault = &Problem{Code: code, Source: "medmij:vanderlinde@medmij"} }
}

// TestEveryStateHasItsScreen walks the table of product.md 6.13: each state is
// said on the page where it belongs, in both languages, with what to do. Where
// MedMij forbids to tell two things apart, the sentence is the wider one.
func TestEveryStateHasItsScreen(t *testing.T) {
	pharmacy := "/z/" + sourceKey(storyPharmacy)
	for _, tc := range []struct {
		code, path string
		change     func(*storyDesk)
		nl, en     []string
	}{
		{"empty-first", "/", empty, []string{"U hebt nog geen zorgverlener toegevoegd.", "Zorgverlener toevoegen"}, []string{"You have not added a care provider yet.", "Add a care provider"}},
		{
			"empty-source", pharmacy, askedAll,
			[]string{"Apotheek Zuid stuurde op 3 april 2025 geen allergieën. Misschien is er niets, misschien deelt Apotheek Zuid het niet."},
			[]string{"Apotheek Zuid sent no allergies on 3 April 2025. Perhaps there is nothing, perhaps Apotheek Zuid does not share it."},
		},
		{
			"not-offered", pharmacy, askedAll,
			[]string{"Apotheek Zuid deelt deze gegevens nog niet.", "Vraag het aan Apotheek Zuid."},
			[]string{"Apotheek Zuid does not share these data yet.", "Ask Apotheek Zuid."},
		},
		{"loading", "/z", nil, []string{"Bezig met ophalen bij Huisarts De Linde…", "Stop"}, []string{"Fetching from Huisarts De Linde…", "Stop"}},
		{"partial", pharmacy, askedAll, []string{"2 van 3 onderdelen zijn opgehaald.", "Wat ontbreekt"}, []string{"2 of 3 parts were fetched.", "What is missing"}},
		{"stale", "/z", nil, []string{"Deze gegevens zijn van 3 april 2025.", "Nu bijwerken"}, []string{"These data are of 3 April 2025.", "Update now"}},
		{
			"offline", "/z/bezig", failed("offline"),
			[]string{"U bent niet verbonden met internet.", "U ziet de gegevens van 3 april 2025.", "Probeer opnieuw"},
			[]string{"You are not connected to the internet.", "You see the data of 3 April 2025.", "Try again"},
		},
		{
			"P-timeout", "/z/bezig", failed("P-timeout"),
			[]string{"Apotheek Zuid reageert niet op tijd. Dat ligt niet aan u.", "U ziet de gegevens van 3 april 2025.", "Probeer opnieuw", "Code P-timeout"},
			[]string{"Apotheek Zuid does not respond in time. That is not your fault.", "Try again", "Code P-timeout"},
		},
		{
			"P-503", "/z/bezig", nil,
			[]string{"Apotheek Zuid reageert niet. Dat ligt niet aan u.", "U ziet de gegevens van 3 april 2025.", "Probeer opnieuw", "Code P-503"},
			[]string{"Apotheek Zuid does not respond. That is not your fault.", "You see the data of 3 April 2025.", "Try again", "Code P-503"},
		},
		{"P-401", "/z", failed("P-401"), []string{"Uw toestemming bij Apotheek Zuid is verlopen. Log opnieuw in.", "Opnieuw inloggen"}, []string{"Your permission at Apotheek Zuid has ended. Log in again.", "Log in again"}},
		{
			"P-403", "/z", failed("P-403"),
			[]string{"Apotheek Zuid geeft geen toegang. Uw bewaarde gegevens blijven staan.", "Vraag Apotheek Zuid wat u kunt doen."},
			[]string{"Apotheek Zuid gives no access. Your saved records stay.", "Ask Apotheek Zuid what you can do."},
		},
		{
			"P-cancel", callbackPath, refusedLogin("P-cancel"),
			[]string{"U hebt geen toestemming gegeven, of Huisarts Van der Linde heeft geen gegevens voor u.", "U kunt opnieuw beginnen.", "Naar zorgverleners"},
			[]string{"You gave no permission, or Huisarts Van der Linde has no records for you.", "You can start again.", "To care providers"},
		},
		{
			"P-nomatch", callbackPath, refusedLogin("P-nomatch"),
			[]string{"Huisarts Van der Linde kent u niet als patiënt.", "Staat u daar ingeschreven?", "Naar zorgverleners"},
			[]string{"Huisarts Van der Linde does not know you as a patient.", "Are you registered there?"},
		},
		{
			"P-age", callbackPath, refusedLogin("P-age"),
			[]string{"U moet 16 jaar of ouder zijn om hier gegevens op te halen.", "Vraag Huisarts Van der Linde om uw gegevens."},
			[]string{"You must be 16 or older to fetch records here.", "Ask Huisarts Van der Linde for your records."},
		},
		{
			"P-bad", pharmacy, nil,
			[]string{"Apotheek Zuid stuurde gegevens die wij niet konden lezen (1 stuk). De rest ziet u wel.", "dubbele naam in de gegevens"},
			[]string{"Apotheek Zuid sent 1 record that we could not read. You do see the rest."},
		},
		{
			"identity", pharmacy, func(d *storyDesk) { d.o.Unread[0].Reason = "quarantine" },
			[]string{"De naam bij Apotheek Zuid is anders dan die van u. Wij voegen niets samen."},
			[]string{"The name at Apotheek Zuid differs from yours. We join nothing."},
		},
		{"lock-warn", "/", nil, []string{"U wordt over 60 seconden uitgelogd.", "Blijf ingelogd"}, []string{"60 seconds"}},
	} {
		t.Run(tc.code, func(t *testing.T) {
			for lang, want := range map[string][]string{"nl": tc.nl, "en": tc.en} {
				if tc.path == callbackPath {
					mustSay(t, visitLogin(t, lang, tc.change), want...)
					continue
				}
				mustSay(t, goTo(t, lang, "GET", tc.path, "", tc.change), want...)
			}
		})
	}
	t.Run("wrong-pass", func(t *testing.T) {
		wrong := func(d *storyDesk) { d.fault = &WrongSecret{Left: 4} }
		mustSay(t, goTo(t, "nl", "POST", "/unlock", "wachtzin=nee", wrong), "Dat klopt niet.", "4 pogingen")
		mustSay(t, goTo(t, "en", "POST", "/unlock", "wachtzin=nee", wrong), "4 ")
		wait := func(d *storyDesk) { d.fault = &WrongSecret{Wait: time.Minute} }
		mustSay(t, goTo(t, "nl", "POST", "/unlock", "wachtzin=nee", wait), "Te veel pogingen. Wacht 60 seconden.")
	})
}

// visitLogin begins a login and comes back from a provider that sends an error.
func visitLogin(t *testing.T, lang string, change func(*storyDesk)) string {
	t.Helper()
	c := newClient(t).unlock()
	c.do("POST", "/taal", "taal="+lang+"&terug=/")
	c.do("POST", "/z/verbind", "n=0&bron="+url.QueryEscape("medmij:vanderlinde@medmij"))
	desk := &refusingDesk{storyDesk: c.desk}
	change(c.desk)
	desk.refuse, c.desk.fault = c.desk.fault, nil
	c.s.Desk = desk
	res := c.do("GET", callbackPath+"?error=access_denied&state=x", "")
	if res.StatusCode != http.StatusBadGateway {
		t.Errorf("coming back: %s", res.Status)
	}
	doc, err := html.Parse(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	text := textOf(nodes(doc, "body")[0])
	mustNotSay(t, text, "@medmij")
	return text
}

// refusingDesk is a desk at whose providers no login works.
type refusingDesk struct {
	*storyDesk
	refuse error
}

func (d *refusingDesk) Finish(_ context.Context, _ url.Values, _ string) (string, bool, error) {
	return "", false, d.refuse
}
