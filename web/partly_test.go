package web

import (
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// TestAPartThatFailedWaitsForThePerson: the home names what did not come, from
// whom, and what to do, and never calls everything up to date.
func TestAPartThatFailedWaitsForThePerson(t *testing.T) {
	for _, tc := range []struct {
		name        string
		change      func(*storyDesk)
		want, never []string
	}{
		{
			"a question failed", partly,
			[]string{"Eén ding wacht op u.", "Huisarts De Linde: niet alles is opgehaald", "Dit ontbreekt: labuitslagen en metingen.", "reageert niet", "Probeer opnieuw", "Uw gegevens zijn niet compleet.", "Van Huisarts De Linde ontbreekt: labuitslagen en metingen."},
			[]string{"Alles is bijgewerkt.", "De rest is bijgewerkt.", "Er wacht niets op u."},
		},
		{
			"only what is known of the kinds of records says so", func(d *storyDesk) {
				calm(d)
				d.o.Completeness = []aggregator.Completeness{{Subject: "letter", Source: storyHospital, Service: "51", Outcome: fhir.Partial, Asked: storyNow}}
			},
			[]string{"Eén ding wacht op u.", "Dit ontbreekt: brieven.", "De reden is niet bekend."},
			[]string{"Alles is bijgewerkt."},
		},
		{
			"a data service failed before any question", func(d *storyDesk) {
				calm(d)
				d.o.Sources = append(d.o.Sources, aggregator.SourceStatus{Source: storyGP, Provider: "Huisarts De Linde", Service: "51", Outcome: fhir.Failed, Fetched: storyNow})
			},
			[]string{"Dit ontbreekt: een deel van de gegevens."},
			[]string{"Alles is bijgewerkt."},
		},
		{
			"a login is asked for before another try", func(d *storyDesk) {
				partly(d)
				d.o.Sources[1].Queries[1].Outcome, d.o.Sources[1].Queries[1].Detail = fhir.Failed, "P-401"
			},
			[]string{"allergieën", `action="/z/verbind"`},
			[]string{"Probeer opnieuw"},
		},
		{
			"while it is fetched there is nothing to press", func(d *storyDesk) {
				partly(d)
				d.progress[1].Finished = time.Time{}
			},
			[]string{"niet alles is opgehaald"},
			[]string{"Probeer opnieuw"},
		},
		{
			"nobody waits for who is disconnected", func(d *storyDesk) {
				partly(d)
				_ = d.Disconnect(t.Context(), storyGP)
			},
			[]string{"Er wacht niets op u.", "Van Huisarts De Linde ontbreekt"},
			[]string{"niet alles is opgehaald", "Alles is bijgewerkt."},
		},
		{
			"not offered is no fault", func(d *storyDesk) {
				calm(d)
				d.o.Sources[2].Queries[2].Outcome = fhir.NotOffered
			},
			[]string{"Er wacht niets op u.", "Alles is bijgewerkt."},
			[]string{"niet compleet"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := pageAfter(t, "/", func(d *storyDesk) {
				d.progress = storyProgress()
				d.progress[1].Finished = storyNow
				tc.change(d)
			})
			mustSay(t, text, tc.want...)
			mustNotSay(t, text, tc.never...)
			if n := strings.Count(text, "button main"); n > 1 {
				t.Errorf("%d main buttons", n)
			}
		})
	}
}

// TestASourceThatFailedIsNotSaidToHaveGivenNothing when it gave something before.
func TestASourceThatFailedIsNotSaidToHaveGivenNothing(t *testing.T) {
	fails := func(good time.Time) string {
		return pageAfter(t, "/", func(d *storyDesk) {
			calm(d)
			d.o.Sources[2].Outcome, d.o.Sources[2].Detail = fhir.Failed, "P-503"
			d.o.Completeness = []aggregator.Completeness{{Subject: "medication", Source: storyPharmacy, Service: "31", Outcome: fhir.Failed, Asked: storyNow, Good: good}}
		})
	}
	before := fails(storyNow.AddDate(0, 0, -2))
	mustSay(t, before, "Ophalen bij Apotheek Zuid lukte niet. U ziet de gegevens van 18 mei 2025.", "Apotheek Zuid: ophalen is niet gelukt")
	mustNotSay(t, before, "gaf nog niets", "niet alles is opgehaald", "Van Apotheek Zuid ontbreekt", "De rest is bijgewerkt.")
	mustSay(t, fails(time.Time{}), "Apotheek Zuid gaf nog niets.")
}

// TestACollectingThatWorkedInPartSaysSo: in a word, with each reason, its code and
// the button that belongs to it.
func TestACollectingThatWorkedInPartSaysSo(t *testing.T) {
	bad := func(codes ...string) func(*storyDesk) {
		return func(d *storyDesk) {
			d.progress = d.progress[:1]
			for i, code := range codes {
				d.progress[0].Parts[i].Outcome, d.progress[0].Parts[i].Code = fhir.Failed, code
			}
		}
	}
	for _, tc := range []struct {
		name        string
		change      func(*storyDesk)
		want, never []string
	}{
		{"one reason", bad("P-503"), []string{"Deels gelukt", "Niet gelukt: medicijnen.", "Streekziekenhuis reageert niet.", "Code P-503", "Probeer opnieuw", "Bij 1 lukte het deels.", "214 gegevens"}, []string{"Klaar"}},
		{"two reasons", bad("P-503", "P-401"), []string{"Code P-503, P-401", "medicijnen en allergieën", `action="/z/verbind"`}, []string{"Probeer opnieuw", "Klaar"}},
		{"the same twice", bad("P-503", "P-503"), []string{"Code P-503<"}, []string{"P-503, P-503"}},
		{"no reason", bad(""), []string{"Deels gelukt", "Niet gelukt: medicijnen.", "Probeer opnieuw"}, []string{"Code", "Klaar"}},
		{"a consent that lacks", func(d *storyDesk) {
			bad("P-403")(d)
			d.progress[0].Parts[0].Outcome = fhir.NotGranted
		}, []string{"Deels gelukt", "Code P-403"}, []string{"Klaar"}},
		{"all of it", bad(), []string{"Klaar"}, []string{"Deels gelukt", "Probeer opnieuw", "lukte het deels"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := pageAfter(t, "/z/bezig", tc.change)
			mustSay(t, text, tc.want...)
			mustNotSay(t, text, tc.never...)
		})
	}
}
