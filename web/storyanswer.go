package web

import (
	"context"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// Say takes every answer; the stories show it from their overview.
func (d *storyDesk) Say(_ context.Context, s Said) error {
	d.answers = append(d.answers, s)
	return d.fault
}

// answerStories are those in which the person says something of their own.
func answerStories() []story {
	high, allergy := storyKey("metoprolol-u"), storyKey("penicilline")
	answer := func(pairs ...string) string { return form(append([]string{"blad", placeDifference}, pairs...)...) }
	return []story{
		{name: "difference-said", path: "/v/" + high + "?ok", desk: storyAnswered},
		{name: "difference-nothing", method: "POST", path: "/x/" + high, form: answer()},
		{name: "difference-no-words", method: "POST", path: "/x/" + high, form: answer("antwoord", sayOther)},
		{name: "medicines-said", path: "/m", desk: storyAnswered},
		{name: "item-said", path: "/i/" + storyKey("metformine") + "?ok", desk: storyAnswered},
		{name: "say-medicine", path: "/x/" + storyKey("metformine"), desk: storyAnswered},
		{name: "say-allergy", path: "/x/" + allergy},
		{name: "say-nothing", method: "POST", path: "/x/" + allergy, form: form("blad", placeItem)},
		{name: "say-no-remark", method: "POST", path: "/x/" + storyKey("metformine"), form: form("blad", placeItem, "antwoord", sayRemark)},
		{name: "visit-question", method: "POST", path: "/p/1", form: form("wijzig", "1", "vraag1", "Metoprolol: klopt 50 mg of 100 mg?")},
	}
}

// storyAnswered is after the person said what they use of the medicine on which two
// differ, and that they stopped another.
func storyAnswered(d *storyDesk) {
	own := func(name, of, dose string, about ...string) aggregator.Item {
		item := medicine(name, aggregator.Current, aggregator.Medicine{Name: of, Dose: dose, Start: fhir.ParseDate("2025-05-20")}, part(fhir.Self, "", "MedicationStatement", "MGB"))
		for _, name := range about {
			item.About = append(item.About, storyID("medication", name))
		}
		return item
	}
	use := own("use", "Metoprolol", "1 keer per dag 1 tablet van 50 mg", "metoprolol-u", "metoprolol-h")
	stop := own("stop", "Metformine", "Ik gebruik dit niet meer", "metformine")
	use.Group, stop.Group, stop.Section = "g1", "g6", aggregator.Recent
	d.o.Items = append(d.o.Items, use, stop)
	for i := range d.o.Items {
		if d.o.Items[i].ID == storyID("medication", "metformine") {
			d.o.Items[i].Group = "g6"
		}
	}
	d.o.Groups = append(d.o.Groups, aggregator.Group{ID: "g6", Title: "Metformine"})
}
