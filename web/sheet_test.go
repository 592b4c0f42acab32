package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// TestOwnMeasurements: the mean has the decimals of the measurements, only the
// last month counts, and what cannot be counted is said.
func TestOwnMeasurements(t *testing.T) {
	weight := func(name, day, value, comparator string) aggregator.Item {
		q := fhir.Quantity{Value: value, Unit: "kg", Comparator: comparator}
		return result("vital", name, "g4", aggregator.Result{Name: "Gewicht", Quantity: q, Text: value + " kg", At: fhir.ParseDate(day), Own: true, Chart: "weight", Plottable: true}, fhir.Self)
	}
	for _, tc := range []struct {
		name         string
		items        []aggregator.Item
		figure, text string
		lines        int
	}{
		{"none", nil, "", "", 0},
		{"one is no mean", []aggregator.Item{weight("a", "2025-05-12", "81.4", "")}, "81.4 kg", "12 mei 2025", 0},
		{"a mean", []aggregator.Item{weight("a", "2025-05-10", "81.4", ""), weight("b", "2025-05-12", "81.0", "")}, "81,2", "2 metingen, 10 mei t/m 12 mei", 1},
		{"one of long ago", []aggregator.Item{weight("a", "2024-05-10", "99", ""), weight("b", "2025-05-10", "81", ""), weight("c", "2025-05-12", "83", "")}, "82", "2 metingen, 10 mei t/m 12 mei", 1},
		{"one that is no number", []aggregator.Item{weight("a", "2025-05-09", "20", "<"), weight("b", "2025-05-10", "81", ""), weight("c", "2025-05-12", "83", "")}, "82", "2 metingen, 10 mei t/m 12 mei · 1 niet meegeteld", 1},
		{"all of long ago", []aggregator.Item{weight("a", "2024-05-10", "99", "")}, "", "", 0},
	} {
		o := storyOverview()
		o.Items = tc.items
		v := &view{words: wordsIn("nl"), o: o, now: storyNow, s: &Server{}}
		var s spark
		if parts := v.ownParts(); len(parts) > 0 {
			s = *parts[0].Spark
		}
		if s.Figure != tc.figure || strings.ReplaceAll(s.Text, nbsp, " ") != tc.text || len(s.Lines) != tc.lines {
			t.Errorf("%s: %q, %q, %d lines", tc.name, s.Figure, s.Text, len(s.Lines))
		}
	}
}

// TestASparkStaysInItsDrawing for any measurements.
func TestASparkStaysInItsDrawing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var points []point
		for range rapid.IntRange(2, 40).Draw(t, "n") {
			points = append(points, point{Value: rapid.Float64Range(-1e6, 1e6).Draw(t, "value")})
		}
		var s spark
		s.draw(points)
		if s.X < 0 || s.X > 298 || s.Y < sparkTop-1 || s.Y > sparkBottom+1 || strings.Contains(s.Lines[0], "NaN") {
			t.Fatalf("ends at %v, %v: %s", s.X, s.Y, s.Lines[0])
		}
	})
}

func TestSomeSubstancesNeedACertificate(t *testing.T) {
	s := newClient(t).s
	for name, want := range map[string]bool{
		"OXAZEPAM 10MG TABLET": true, "Diazepam": true, "Codeïne 10 mg": false, "PARACETAMOL/CODEINE 500/20MG": true, "Medicinale cannabis": true, "Metoprolol": false, "": false,
	} {
		if got := s.needsCertificate(aggregator.Item{Title: name}); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	if !s.needsCertificate(aggregator.Item{Title: "Merk", Value: &aggregator.Medicine{Substance: "Zolpidem"}}) {
		t.Error("a substance is not looked at")
	}
	s.Certificate = []string{"metoprolol"}
	if !s.needsCertificate(aggregator.Item{Title: "METOPROLOL 50MG"}) || s.needsCertificate(aggregator.Item{Title: "Oxazepam"}) {
		t.Error("the list cannot be chosen")
	}
}

// TestACardHasAsManySidesAsItNeeds: nothing is left off and no side is too full.
func TestACardHasAsManySidesAsItNeeds(t *testing.T) {
	v := &view{words: wordsIn("nl"), o: storyOverview(), now: storyNow, s: &Server{}}
	rapid.Check(t, func(t *rapid.T) {
		var lines []cardLine
		for i := range rapid.IntRange(1, 40).Draw(t, "n") {
			lines = append(lines, cardLine{fmt.Sprint(i), strings.Repeat("x", rapid.IntRange(0, 200).Draw(t, "long"))})
		}
		var got []cardLine
		for _, face := range v.split("NOOD", lines) {
			room := 0
			for _, l := range face.Lines {
				room += 1 + len(l.Strong+l.Text)/faceWidth
			}
			if room > faceLines || face.Name == "" {
				t.Fatalf("%d lines on a side", room)
			}
			got = append(got, face.Lines...)
		}
		if diff := cmp.Diff(lines, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestDatesInNarrowColumns(t *testing.T) {
	for _, tc := range []struct{ lang, date, want string }{
		{"nl", "2025-05-08", "8-5-25"}, {"nl", "2025-05-08T23:30:00Z", "9-5-25"}, {"nl", "2009", "2009"}, {"nl", "2025-05", "mei 2025"}, {"nl", "", ""}, {"en", "2025-05-08", "8 May 25"},
	} {
		v := &view{words: wordsIn(tc.lang), s: &Server{}}
		if got := strings.ReplaceAll(v.slimDay(tc.date), nbsp, " "); got != tc.want {
			t.Errorf("%s in %s: %q", tc.date, tc.lang, got)
		}
	}
}

// TestWhatIsMissingIsSaid: of each source, and always that others are not there.
func TestWhatIsMissingIsSaid(t *testing.T) {
	o := storyOverview()
	o.Unread = nil
	o.Sources[1].Fetched = time.Time{}
	o.Completeness = []aggregator.Completeness{
		{Subject: "lab", Source: storyHospital, Outcome: fhir.Failed},
		{Subject: "lab", Source: storyHospital, Outcome: fhir.Partial},
		{Subject: "letter", Source: storyHospital, Outcome: fhir.NotGranted},
		{Subject: "allergy", Source: storyHospital, Outcome: fhir.Empty},
		{Subject: "lab", Source: storyGP, Outcome: fhir.Failed},
	}
	v := &view{words: wordsIn("nl"), o: o, now: storyNow, s: &Server{}}
	want := []string{"zorgverleners die niet zijn verbonden", "Streekziekenhuis: labuitslagen en brieven, niet of niet helemaal gekomen", "Huisarts De Linde: alles", "Apotheek Zuid na 3" + nbsp + "april"}
	if diff := cmp.Diff(want, v.lacks()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWhatASourceLeavesOutIsOnEverySheet: what is not shared is told apart from
// what did not come, and what is left out of what came is told too.
func TestWhatASourceLeavesOutIsOnEverySheet(t *testing.T) {
	latest := aggregator.Gap{Code: "only-latest", Text: "Deze bron levert alleen de laatste waarden."}
	of := func(service, subject string, outcome fhir.Outcome, gaps ...aggregator.Gap) aggregator.Completeness {
		return aggregator.Completeness{Service: service, Subject: subject, Source: storyHospital, Outcome: outcome, Gaps: gaps}
	}
	notShared := "Streekziekenhuis deelt dit niet: "
	for _, tc := range []struct {
		name string
		all  []aggregator.Completeness
		want []string
	}{
		{"everything came", []aggregator.Completeness{of("48", "lab", fhir.Complete)}, nil},
		{"not shared", []aggregator.Completeness{of("48", "procedure", fhir.NotOffered), of("48", "lab", fhir.Complete)}, []string{notShared + "behandelingen"}},
		{"shared by another service", []aggregator.Completeness{of("48", "lab", fhir.NotOffered), of("49", "lab", fhir.Complete)}, nil},
		{"not shared, and not come", []aggregator.Completeness{of("48", "letter", fhir.NotOffered), of("48", "lab", fhir.Failed)}, []string{"Streekziekenhuis: labuitslagen, niet of niet helemaal gekomen", notShared + "brieven"}},
		{"left out, once for all it is about", []aggregator.Completeness{of("48", "lab", fhir.Complete, latest), of("48", "vital", fhir.Complete, latest), of("49", "lab", fhir.Complete, latest)}, []string{"Streekziekenhuis, labuitslagen en metingen: deze bron levert alleen de laatste waarden"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := storyOverview()
			o.Completeness = tc.all
			v := &view{words: wordsIn("nl"), o: o, now: storyNow, s: &Server{}}
			if diff := cmp.Diff(tc.want, v.lacksOf(storyHospital)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, line := range tc.want {
				for _, kind := range []string{"visit", "list", "pass", "card", "full"} {
					if !slices.Contains(v.newSheet(kind).Missing, line) {
						t.Errorf("%s does not say %q", kind, line)
					}
				}
			}
		})
	}
}

// TestTheDoctorCanSignAndBeCalled: the list has room to sign, and the card has the
// general practitioner when the person names one, before what can fill a side.
func TestTheDoctorCanSignAndBeCalled(t *testing.T) {
	mustSay(t, printed(t, 2, nil), "Handtekening en stempel")
	mustSay(t, bodyOf(t, newClient(t).unlock().do("GET", "/p/4", "")), `name="huisarts"`)
	gp := "De Linde, +31 50 012 34 00"
	page := printed(t, 4, nil, "taal", "nl en", "naaste", "Piet", "huisarts", gp)
	mustSay(t, page, "Huisarts: "+gp, "GP: "+gp)
	if strings.Index(page, "De Linde, ") > strings.Index(page, "Allergie: ") {
		t.Error("the allergies push it to another side")
	}
	mustNotSay(t, printed(t, 4, nil, "taal", "nl"), "Huisarts: ")
	mustSay(t, printed(t, 4, nil, "taal", "nl", "huisarts", strings.Repeat("a", 81)), "Dit is te lang.")
}
