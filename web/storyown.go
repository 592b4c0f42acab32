package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// storyOwn has entries of four kinds: one that was changed, one that was taken
// away, and more of one kind than stand on the first page.
func storyOwn() []Own {
	at := time.Date(2025, 5, 18, 6, 0, 0, 0, time.UTC)
	kept := func(id string, kind Kind, value string, days, stored int) Own {
		return Own{ID: id, Stored: at.AddDate(0, 0, -stored), Entry: Entry{Kind: kind, Value: value, At: at.AddDate(0, 0, -days)}}
	}
	changed := kept("e1", BloodPressure, "132/84", 0, 0)
	changed.Note = "Na het wandelen"
	first := kept("e1", BloodPressure, "123/84", 0, 2)
	gone := kept("e3", Glucose, "6.3", 9, 9)
	removed := kept("e3", Glucose, "6.3", 9, 1)
	removed.Removed = true
	medicine := kept("e4", OwnMedicine, "Paracetamol 500 mg", 30, 30)
	medicine.Detail = "Als het nodig is 1 tablet"
	all := []Own{first, changed, kept("e2", BloodPressure, "138/86", 1, 1), gone, removed, medicine, kept("e5", OwnNote, "Vragen of ik mag sporten.", 3, 3)}
	out := kept("d2", OwnDocument, "Foto van de wond", 40, 5)
	out.Removed = true
	all = append(
		all, kept("d1", OwnDocument, "scan0001", 20, 20), kept("d1", OwnDocument, "Brief van de fysio", 20, 18),
		kept("d2", OwnDocument, "Foto van de wond", 40, 40), out,
	)
	for i := range 7 {
		all = append(all, kept(fmt.Sprint("w", i), Weight, fmt.Sprint(81+i%2, ".", i), 30*i, 30*i))
	}
	return all
}

func (d *storyDesk) Own(context.Context) ([]Own, error) {
	newest := map[string]Own{}
	var out []Own
	for _, o := range d.own {
		newest[o.ID] = o
	}
	for _, o := range newest {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b Own) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, d.fault
}

func (d *storyDesk) OwnHistory(_ context.Context, id string) ([]Own, error) {
	var out []Own
	for _, o := range d.own {
		if o.ID == id {
			out = append(out, o)
		}
	}
	if len(out) == 0 {
		return nil, ErrNotFound
	}
	return out, nil
}

func (d *storyDesk) Change(_ context.Context, id string, e Entry) (string, error) {
	if d.question == "" && d.fault == nil {
		d.own = append(d.own, Own{ID: id, Stored: storyNow, Entry: e})
	}
	return d.question, d.fault
}

// turn adds a version that differs from the last only in whether it is removed.
func (d *storyDesk) turn(id string, removed bool) error {
	all, err := d.OwnHistory(context.Background(), id)
	if err != nil || all[len(all)-1].Removed == removed {
		return ErrNotFound
	}
	last := all[len(all)-1]
	last.Removed, last.Stored = removed, storyNow
	d.own = append(d.own, last)
	return d.fault
}

func (d *storyDesk) Remove(_ context.Context, id string) error  { return d.turn(id, true) }
func (d *storyDesk) Restore(_ context.Context, id string) error { return d.turn(id, false) }

func (d *storyDesk) Targets(context.Context) ([]aggregator.Target, error) { return d.targets, d.fault }

func (d *storyDesk) SetTarget(_ context.Context, t aggregator.Target) error {
	if d.fault == nil {
		d.targets = append([]aggregator.Target{t}, d.targets...)
	}
	return d.fault
}

func (d *storyDesk) DropTarget(context.Context, string) error {
	d.targets = nil
	return d.fault
}

// keptStories are the pages about what the person added before, and the values
// they should reach.
func keptStories() []story {
	entry := func(pairs ...string) string {
		return form(append(pairs, "dag", "2025-05-20", "tijd", "09:00")...)
	}
	hba1c, pressure := "/u/"+storyKey("hba1c"), "/u/"+storyKey("bp-2")
	return []story{
		{name: "mine", path: "/e/mijn"},
		{name: "mine-kind", path: "/e/mijn?soort=2"},
		{name: "mine-none", path: "/e/mijn", desk: func(d *storyDesk) { d.own = nil }},
		{name: "own", path: "/e/mijn/e1"},
		{name: "own-changed", path: "/e/mijn/e1?ok"},
		{name: "own-removed", path: "/e/mijn/e3"},
		{name: "own-long", path: "/e/mijn/e5", desk: longTexts},
		{name: "own-medicine", path: "/e/mijn/e4"},
		{name: "own-file", path: "/e/mijn/d1", desk: ownLetter},
		{name: "own-file-removed", path: "/e/mijn/d2"},
		{name: "change-file", path: "/e/mijn/d1/pas"},
		{name: "change-file-long", method: "POST", path: "/e/mijn/d1/pas", form: form("waarde", strings.Repeat("lang ", 30))},
		{name: "letters-added", path: "/b?eigen"},
		{name: "change", path: "/e/mijn/e1/pas"},
		{name: "change-wrong", method: "POST", path: "/e/mijn/e1/pas", form: entry("waarde", "132", "tweede", "laag", "opmerking", "Na het wandelen")},
		{name: "add-jump", method: "POST", path: "/e/2", form: entry("waarde", "92"), desk: func(d *storyDesk) { d.question = AskJump }},
		{name: "add-twice", method: "POST", path: "/e/2", form: entry("waarde", "81,0"), desk: func(d *storyDesk) { d.question = AskTwice }},
		{name: "target", path: hba1c + "/doel"},
		{name: "target-set", path: hba1c + "/doel", desk: withTargets},
		{name: "target-pressure", path: pressure + "/doel", desk: withTargets},
		{name: "target-wrong", method: "POST", path: hba1c + "/doel", form: form("onder", "laag", "woorden", "Liever wat lager.")},
		{name: "result-target", path: hba1c, desk: withTargets},
		{name: "result-pressure-target", path: pressure, desk: withTargets},
		{name: "result-many", path: "/u/" + storyKey("row-4999"), desk: many},
		{name: "result-many-older", path: "/u/" + storyKey("row-4999") + "?j=1&vanaf=100", desk: many},
		{name: "result-outlier", path: "/u/" + storyKey("kreat-5"), desk: outlier},
	}
}

// ownLetter has the file of the person among the letters.
func ownLetter(d *storyDesk) {
	mine := letter("own-1", "Brief van de fysio", "", "", "2025-04-28", aggregator.File{ContentType: "application/pdf", Part: 1})
	mine.Parts = []aggregator.Part{part(fhir.Self, "", "DocumentReference", aggregator.RoleRecord), part(fhir.Self, "", "Binary", aggregator.RoleFile)}
	mine.Parts[0].ID = "d1"
	d.o.Items = append(d.o.Items, mine)
}

// withTargets has a target for a test and for the blood pressure.
func withTargets(d *storyDesk) {
	d.targets = []aggregator.Target{
		{ID: "t1", Analyte: "hba1c", Name: "HbA1c", Unit: "mmol/mol", Below: "64", Words: "Onder de 64 is goed voor u.", At: storyNow},
		{ID: "t2", Analyte: "bloodpressure", Name: "Bloeddruk", Unit: "mmHg", Below: "140", Beside: "90", At: storyNow},
	}
}

// many has five thousand weights of the person, two a day.
func many(d *storyDesk) {
	for i := range 5000 {
		at := storyNow.Add(time.Duration(i-5000) * 12 * time.Hour)
		q := fhir.Quantity{Value: fmt.Sprintf("%d.%d", 78+(i/200+i%3)%9, i%10), Unit: "kg"}
		d.o.Items = append(d.o.Items, result("vital", fmt.Sprint("row-", i+1), "g9", aggregator.Result{
			Name: "Gewicht", Quantity: q, Text: fmt.Sprint(q.Value, nbsp, "kg"), At: fhir.DateOf(at), Own: true, Status: "final", Plottable: true, Series: "g9",
			Chart: "c9", Line: "l9", Analyte: "weight",
		}, fhir.Self))
	}
}

// outlier has a value far outside its range, a limit, and one that was converted.
func outlier(d *storyDesk) {
	far := creatinine("kreat-far", "2024-09-02", "912", "60", "110", "Streeklab", "final", "")
	limit := creatinine("kreat-limit", "2024-10-02", "40", "60", "110", "Streeklab", "final", "")
	r := limit.Value.(*aggregator.Result)
	r.Quantity.Comparator, r.Text, r.Open, r.Plottable, r.Flag = "<", "<"+r.Text, true, false, aggregator.Low
	far.Value.(*aggregator.Result).Flag = aggregator.High
	other := creatinine("kreat-mg", "2024-11-02", "1.0", "0.7", "1.2", "Labnoord", "final", "")
	r = other.Value.(*aggregator.Result)
	r.Quantity.Unit, r.Low.Unit, r.High.Unit, r.Text = "mg/dL", "mg/dL", "mg/dL", "1,0"+nbsp+"mg/dL"
	r.Converted = fhir.Quantity{Value: "88.4", Unit: "µmol/L"}
	d.o.Items = append(d.o.Items, far, limit, other)
}
