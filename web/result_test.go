package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// A range that was not compared is not a range that is missing.
func TestWhyNothingIsSaidOfTheRange(t *testing.T) {
	kg := func(v string) fhir.Quantity { return fhir.Quantity{Value: v, Unit: "mg/L"} }
	const none, apart, measured = "Dit lab gaf geen referentie", "is daar niet mee vergeleken", "Bij deze meting staan geen referentie"
	for _, tc := range []struct {
		name, subject string
		result        aggregator.Result
		want          string
	}{
		{"no range", "lab", aggregator.Result{Text: "5", Quantity: kg("5")}, none},
		{"under a limit", "lab", aggregator.Result{Text: "<0,6", Quantity: fhir.Quantity{Comparator: "<", Value: "0.6", Unit: "mg/L"}, Low: kg("0"), High: kg("5")}, apart},
		{"a range of words", "lab", aggregator.Result{Text: "spoor", RangeText: "negatief"}, apart},
		{"another unit", "lab", aggregator.Result{Text: "5", Quantity: kg("5"), High: fhir.Quantity{Value: "1", Unit: "mmol/L"}}, apart},
		{"a doctor's measurement", "vital", aggregator.Result{Text: "5"}, measured},
		{"a doctor's measurement with a range", "vital", aggregator.Result{Text: "5", RangeText: "onder 6"}, apart},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.result.Name, tc.result.At = "CRP", fhir.ParseDate("2025-05-12")
			got := pageAfter(t, "/u/"+storyKey("crp"), func(d *storyDesk) {
				item := result(tc.subject, "crp", "", tc.result, storyGP)
				item.ID = storyID("lab", "crp")
				d.o.Items = append(d.o.Items, item)
			})
			mustSay(t, got, tc.want)
			mustNotSay(t, got, slices.DeleteFunc([]string{none, apart, measured}, func(s string) bool { return s == tc.want })...)
		})
	}
}

// A period never takes away the way back, and the table is of that period.
func TestAPeriodHoldsItsOwnResults(t *testing.T) {
	const few = "In deze periode is er te weinig"
	for _, tc := range []struct {
		name, key, query string
		want, never      []string
	}{
		{"all", "kreat-6", "", []string{"Alle uitslagen in een tabel", ">82<"}, []string{few, "buiten deze periode"}},
		{"a year", "kreat-6", "?j=1", []string{"Uitslagen van deze periode", "4 uitslagen vallen buiten deze periode", ">Alles</a>"}, []string{few, ">82<"}},
		{"nothing in it", "weight-1", "?j=1", []string{few, ">Alles</a>", "15 uitslagen vallen buiten deze periode"}, []string{`class="chart"`, "<table"}},
		{"one result", "hba1c", "?j=1", []string{"Alle uitslagen in een tabel"}, []string{">Alles</a>", few}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := pageAfter(t, "/u/"+storyKey(tc.key)+tc.query, func(*storyDesk) {})
			mustSay(t, got, tc.want...)
			mustNotSay(t, got, tc.never...)
		})
	}
}

// One thing to do is a button, the rest are links; of one's own nothing is asked.
func TestTheQuestionIsTheButton(t *testing.T) {
	const button = `<a class="button" href="/x/`
	mustSay(t, pageAfter(t, "/u/"+storyKey("kreat-6"), func(*storyDesk) {}), button, ">Deel</a>", ">Dit klopt niet</a>")
	mustNotSay(t, pageAfter(t, "/u/"+storyKey("weight-1"), func(*storyDesk) {}), button, ">Dit klopt niet</a>")
}

// What the person should reach stands in the list as on the page of the result.
func TestTheListTellsTheTarget(t *testing.T) {
	const words, mark = "Uw streefwaarde: onder 64 mmol/mol.", ">uw streefwaarde</text>"
	mustSay(t, pageAfter(t, "/u", withTargets), words, mark)
	mustNotSay(t, pageAfter(t, "/u", nil), "streefwaarde")
}

// Sharing one thing begins at that thing alone.
func TestSharingOneThing(t *testing.T) {
	key := storyKey("kreat-6")
	href := "/d/3?ding=" + key
	for _, from := range []string{"/u/", "/i/"} {
		mustSay(t, pageAfter(t, from+key, nil), `href="`+href+`"`)
	}
	got := pageAfter(t, href, nil)
	mustSay(t, got, "Wie mag dit zien: Kreatinine?")
	if n := strings.Count(got, `name="rij"`); n != 1 {
		t.Errorf("%d rows", n)
	}
	for _, path := range []string{"/d/1?ding=" + key, "/d/3?ding=nothing"} {
		if res := newClient(t).unlock().do("GET", path, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}
