package web

import (
	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// valueStories are those in which two laboratories give another value for one
// moment.
func valueStories() []story {
	page := "/v/" + storyKey("kreat-5")
	return []story{
		{name: "values-overview", path: "/", desk: twoValues},
		{name: "values-results", path: "/u", desk: twoValues},
		{name: "values-results-before", path: "/u", desk: valuesBefore},
		{name: "values-result", path: "/u/" + storyKey("kreat-5"), desk: twoValues},
		{name: "values-item", path: "/i/" + storyKey("kreat-5"), desk: twoValues},
		{name: "values", path: page, desk: twoValues},
		{name: "values-seen", path: page, desk: valuesSeen},
		{name: "values-no-words", method: "POST", path: "/x/" + storyKey("kreat-5"), form: form("blad", placeDifference, "antwoord", sayQuestion), desk: twoValues},
	}
}

// twoValues has a second laboratory, that of the general practitioner, which gives
// another value for the moment of a final result.
func twoValues(d *storyDesk) {
	other := creatinine("kreat-h", valuesAt, "97", "64", "104", "Labnoord", "final", "")
	other.Parts[0].Source = storyGP
	d.o.Items = append(d.o.Items, other)
	for i := range d.o.Items {
		if d.o.Items[i].ID == storyID("lab", "kreat-5") {
			r := *resultOf(d.o.Items[i])
			r.At = fhir.ParseDate(valuesAt)
			d.o.Items[i].Value = &r
		}
	}
	setAgainst(d, "kreat-5", "kreat-h")
}

// valuesAt is the moment of the two.
const valuesAt = "2025-05-12T08:15:00+02:00"

// setAgainst lets two results of the example say that they differ.
func setAgainst(d *storyDesk, a, b string) {
	for i := range d.o.Items {
		for _, pair := range [...][2]string{{a, b}, {b, a}} {
			if d.o.Items[i].ID == storyID("lab", pair[0]) {
				d.o.Items[i].Conflicts = append(d.o.Items[i].Conflicts, aggregator.Conflict{
					Code: valueDiffers, Text: "Op hetzelfde moment staat bij een andere zorgverlener een andere waarde.", With: []string{storyID("lab", pair[1])},
				})
			}
		}
	}
}

// valuesBefore has the two, and a later final result that speaks for the series.
func valuesBefore(d *storyDesk) {
	twoValues(d)
	d.o.Items = append(d.o.Items, creatinine("kreat-7", "2025-05-18", "90", "60", "110", "Streeklab", "final", ""))
}

// valuesSeen has the two after the person saw that they differ.
func valuesSeen(d *storyDesk) {
	twoValues(d)
	for i := range d.o.Items {
		for j := range d.o.Items[i].Conflicts {
			d.o.Items[i].Conflicts[j].Seen = true
		}
	}
}
