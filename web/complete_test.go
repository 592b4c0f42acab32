package web

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

// TestTheMatrixSaysWhatWasAskedAndWhatCame goes through every outcome.
func TestTheMatrixSaysWhatWasAskedAndWhatCame(t *testing.T) {
	for outcome, want := range map[fhir.Outcome]string{
		fhir.Complete: "opgehaald", fhir.Partial: "een deel", fhir.Empty: "niets gestuurd", fhir.Failed: "niet gelukt",
		fhir.NotGranted: "geen toestemming", fhir.NotOffered: "deelt dit nog niet",
	} {
		v := &view{words: wordsIn("nl"), o: &aggregator.Overview{}, now: storyNow}
		cell := v.wholeCell(storyGP, "plan", []aggregator.Completeness{{Source: storyGP, Subject: "plan", Outcome: outcome, Asked: storyNow}})
		if cell.Text != want || cell.Soft != "vandaag" {
			t.Errorf("%s is said as %q, %q", outcome, cell.Text, cell.Soft)
		}
	}
	v := &view{words: wordsIn("nl"), o: &aggregator.Overview{}}
	if cell := v.wholeCell(storyGP, "plan", nil); cell.Text != "niet gevraagd" || cell.Soft != "" {
		t.Errorf("what nobody asked is said as %+v", cell)
	}
}

// TestTheWorstAnswerCounts: of several services about one kind. One that does
// not have it is of no concern where another gave it.
func TestTheWorstAnswerCounts(t *testing.T) {
	for _, tc := range []struct {
		of   []fhir.Outcome
		want fhir.Outcome
	}{
		{[]fhir.Outcome{fhir.Complete, fhir.Empty}, fhir.Complete},
		{[]fhir.Outcome{fhir.Empty, fhir.Complete}, fhir.Complete},
		{[]fhir.Outcome{fhir.Complete, fhir.Failed}, fhir.Failed},
		{[]fhir.Outcome{fhir.Partial, fhir.Complete, fhir.Empty}, fhir.Partial},
		{[]fhir.Outcome{fhir.Empty, fhir.NotGranted}, fhir.NotGranted},
		{[]fhir.Outcome{fhir.NotGranted, fhir.Complete}, fhir.NotGranted},
		{[]fhir.Outcome{fhir.Empty}, fhir.Empty},
	} {
		var of []aggregator.Completeness
		for _, o := range tc.of {
			of = append(of, aggregator.Completeness{Outcome: o})
		}
		if got := worstOf(of).Outcome; got != tc.want {
			t.Errorf("%v is said as %s, want %s", tc.of, got, tc.want)
		}
	}
}

func TestTheMatrixOfTheExample(t *testing.T) {
	nl := goTo(t, "nl", "GET", "/z/volledig", "", askedAll)
	mustSay(t, nl, "Bij 2 zorgverleners ontbreekt iets.", "Deze bron levert alleen de laatste waarden.", "laat iets weg",
		"Huisarts De Linde reageert niet. Dat ligt niet aan u.", "U ziet de gegevens van 3 april 2025.", "Code P-503")
	mustSay(t, goTo(t, "en", "GET", "/z/volledig", "", askedAll), "Something is missing at 2 care providers.", "did not work", "not asked")
	var cells [][]string
	c := newClient(t)
	askedAll(c.desk)
	v := &view{words: wordsIn("nl"), s: c.s, o: c.desk.o, now: storyNow}
	row, _ := v.wholeRow("lab", v.sources())
	for _, cell := range row.Cells {
		cells = append(cells, []string{cell.Who, cell.Text})
	}
	want := [][]string{{"Streekziekenhuis", "7 opgehaald"}, {"Huisarts De Linde", "niet gelukt"}, {"Apotheek Zuid", "niet gevraagd"}}
	if diff := cmp.Diff(want, cells); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, any := v.wholeRow("coverage", v.sources()); any {
		t.Error("a kind that nobody was asked for has a row")
	}
}

// TestAKindThatFailedSaysWhy: with the reason where there is one.
func TestAKindThatFailedSaysWhy(t *testing.T) {
	v := &view{words: wordsIn("nl"), o: storyOverview(), now: storyNow}
	c := aggregator.Completeness{Source: storyGP, Service: "49", Subject: "lab", Outcome: fhir.Failed, Asked: storyNow, Good: storyNow.Add(-48 * time.Hour)}
	text := func(r row) string {
		var all []string
		for _, l := range r.Lines {
			all = append(all, l.Spans[0].Text)
		}
		return strings.ReplaceAll(strings.Join(append(all, r.Note), " "), nbsp, " ")
	}
	mustSay(t, text(v.missingRow(storyGP, "lab", c)), "Dat ligt niet aan u.", "U ziet de gegevens van 18 mei 2025.", "Code P-503", "Gevraagd: vandaag")
	c.Service, c.Good = "48", time.Time{} // nothing is known of why
	got := text(v.missingRow(storyGP, "lab", c))
	mustSay(t, got, "Bij Huisarts De Linde lukte het ophalen hiervan niet")
	mustNotSay(t, got, "U ziet de gegevens", "Code")
}

// TestEveryQueryHasAName: what is fetched is said in words, in both languages,
// for every query of every data service, and never as the query itself.
func TestEveryQueryHasAName(t *testing.T) {
	n := 0
	for _, s := range medmij.Services() {
		if s.Direction != medmij.Collect {
			continue
		}
		for _, q := range s.Queries {
			n++
			for lang, other := range map[string]string{"nl": "Andere gegevens", "en": "Other records"} {
				if name := QueryName(q.Path, lang); name == other || strings.ContainsAny(name, "?=/{$⟦") {
					t.Errorf("%s of service %s is called %q in %s", q.Path, s.ID, name, lang)
				}
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d queries", n)
	}
	for query, want := range map[string]string{
		"Observation?category=http://hl7.org/fhir/observation-category|vital-signs": "Metingen",
		"Onbekend?x={today}": "Andere gegevens", "": "Andere gegevens",
	} {
		if got := QueryName(query, "nl"); got != want {
			t.Errorf("%q is called %q", query, got)
		}
	}
}

// TestProviderPageHasNoQueries: those are for who tests, not for the person.
func TestProviderPageHasNoQueries(t *testing.T) {
	for _, source := range []string{storyGP, storyHospital, storyPharmacy} {
		mustNotSay(t, pageAfter(t, "/z/"+sourceKey(source), nil), "periodofuse", "category=", "MedicationRequest", "code=")
	}
}

// TestQuestionsThatEndAlikeAreOneRow: their counts are added, and one that ended
// otherwise stands apart.
func TestQuestionsThatEndAlikeAreOneRow(t *testing.T) {
	v := &view{words: wordsIn("nl")}
	got := v.serviceRows([]fhir.QueryResult{
		{Query: "Condition?a=1", Outcome: fhir.OK, Resources: 2},
		{Query: "Condition?a=2", Outcome: fhir.OK, Resources: 3},
		{Query: "Condition?a=3", Outcome: fhir.Failed, Detail: "P-503", Trace: "t"},
		{Query: "Flag", Outcome: fhir.Empty},
	})
	want := []serviceRow{
		{What: "Klachten en aandoeningen", Outcome: "gegevens", Count: "5"},
		{What: "Klachten en aandoeningen", Outcome: "niet gelukt", Code: "P-503 · t", Bad: true},
		{What: "Waarschuwingen", Outcome: "niets"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProgressSaysWhatIsInAndWhatIsStillToDo(t *testing.T) {
	mustSay(t, goTo(t, "nl", "GET", "/z/bezig", "", nil), "Labuitslagen, bladzijde 3", "Uw naam en adres 1 · Nog te doen: Brieven", "U kunt deze pagina sluiten.")
	text := goTo(t, "nl", "GET", "/z/bezig", "", func(d *storyDesk) { d.progress[2].Code = "P-stopped" })
	mustSay(t, text, "Apotheek Zuid Gestopt", "U hebt het ophalen gestopt. Wat binnen was, blijft.", "Probeer opnieuw")
	mustNotSay(t, text, "Niet gelukt")
}

// TestProgressKeepsTheFocus: the page changes while the person is on it, so each
// button has a name by which the script finds it again, and no script is needed.
func TestProgressKeepsTheFocus(t *testing.T) {
	body := pageAfter(t, "/z/bezig", nil)
	mustSay(t, body, `<button id="p-`+sourceKey(storyGP)+`"`, `<button id="p-`+sourceKey(storyPharmacy)+`"`, `role="status"`, `<noscript><meta http-equiv="refresh" content="3"></noscript>`)
	for _, path := range []string{"/", "/z", "/z/plan", "/z/volledig"} {
		mustNotSay(t, pageAfter(t, path, nil), `http-equiv="refresh" content="3"`)
	}
}
