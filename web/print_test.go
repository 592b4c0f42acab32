package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// everyPart ticks all of the full overview.
func everyPart() []string {
	var out []string
	for _, subject := range append(coreSubjects[:], moreSubjects[:]...) {
		out = append(out, "deel", subject)
	}
	return out
}

// printed gives the text of a sheet of the example, after a change to it.
func printed(t *testing.T, number int, change func(*storyDesk), pairs ...string) string {
	t.Helper()
	c := newClient(t).unlock()
	if change != nil {
		change(c.desk)
	}
	return c.printed(number, pairs...)
}

func (c *client) printed(number int, pairs ...string) string {
	c.t.Helper()
	res := c.do("POST", fmt.Sprint("/p/", number), form(pairs...))
	if res.StatusCode != http.StatusOK {
		c.t.Fatalf("/p/%d: %s", number, res.Status)
	}
	return plainText(c.t, bodyOf(c.t, res))
}

// TestSheetsSayWhatTheyMust in both languages: who it is about, when it was
// made, from which sources of when, and what is missing.
func TestSheetsSayWhatTheyMust(t *testing.T) {
	for _, tc := range []struct {
		story       string
		want, never []string
	}{
		{"print-visit", []string{
			"Anna de Vries · 3 februari 1961", "Woensdag 21 mei 2025, 10:30", "Welke dosis metoprolol is de juiste?", "Metoprolol 2 versies", "S: 1 × per dag 1 tablet van 100 mg", "H en A: 1 × per dag 1 tablet van 50 mg",
			"Tijdelijk gestopt", "ernstig: huiduitslag, benauwd", "Streekziekenhuis: geen allergieën bekend (10 januari 2016). Onbekend bij Apotheek Zuid.", "Metoprolol 50 mg naar 100 mg",
			"85 µmol/L (60–110)", "58 mmol/mol (20–42) ▲ hoger", "135/85 mmHg gemiddeld", "2 metingen, 17 mei t/m 18 mei", "A = Apotheek Zuid, 3 april", "Z = zelf ingevuld",
			"Ontbreekt tandarts · zorgverleners die niet zijn verbonden · Apotheek Zuid na 3 april", "Gemaakt op 20 mei 2025",
		}, []string{"Kweek", "Ibuprofen 400", "Samengevoegd", "Niet afgedrukt", "Koemelk"}},
		{"print-visit-empty", []string{"Wij weten niets over medicijnen.", "Wij weten niets over allergieën."}, []string{"geen medicijnen"}},
		{"print-visit-wrong", []string{"Dit is te lang. Er passen 120 tekens op.", "Kies een dag die al geweest is."}, []string{"Medicijnen nu"}},
		{"print-visit-closed", []string{"Niet afgedrukt: 8 dingen die de patiënt zelf nog niet heeft gezien."}, []string{"Uitslag van het laboratorium"}},
		{"print-list", []string{"hoge bloeddruk", "Colecalciferol", "Ibuprofen", "Kort geleden gestopt · t/m 2-5-25", "Oxazepam", "Meegegeven op 5-1-25; niemand schreef dat u het gebruikt", "Vraag uw apotheker welke klopt.", "Let op bij medicijnen: nieren"}, []string{"Doxycycline"}},
		{"print-pass", []string{"Dit is geen officieel reisdocument.", "This is not an official travel document.", "Schengen- of medische verklaring", "Huisarts De Linde, +31 50 012 34 00", "Piet de Vries, echtgenoot", "Medicine passport"}, nil},
		{"print-card", []string{"Allergie: Penicilline: ernstig: huiduitslag, benauwd", "Bel: Piet de Vries, echtgenoot, +31 50 012 34 56", "Streekziekenhuis: 1 keer per dag 1 tablet van 100 mg", "Allergy: Penicilline", "1/3 · gemaakt op 20 mei 2025"}, nil},
		{"print-full", []string{"verbeterd, was 89", "voorlopig", "Koemelk", "Jodium", "Doxycycline", "Hoge bloeddruk", "Ontslagbrief"}, nil},
		{"print-full-from", []string{"Metoprolol", "Koemelk", "Doxycycline", "vanaf 1 januari 2025"}, []string{"verbeterd, was 89", "Kweek"}},
		{"print-letter", []string{"Dorpsstraat 1", "Huisarts De Linde", "Lindelaan 3", "artikel 15 van de AVG", "Het gaat om mijn bezoek van 2 mei 2025.", "geboren op 3 februari 1961"}, []string{"Bronnen", "Apotheek Zuid", "Ontbreekt"}},
		{"print-letter-whom", []string{"Kies er één."}, []string{"Geachte"}},
	} {
		t.Run(tc.story, func(t *testing.T) {
			w, _ := pageOf(t, "/nl/"+tc.story)
			text := plainText(t, strings.ReplaceAll(w.Body.String(), nbsp, " "))
			mustSay(t, text, tc.want...)
			mustNotSay(t, text, tc.never...)
			w, _ = pageOf(t, "/en/"+tc.story)
			mustNotSay(t, w.Body.String(), "⟦")
		})
	}
}

// TestSheetsLookAsTheyDid compares each sheet in both languages with a golden file.
func TestSheetsLookAsTheyDid(t *testing.T) {
	for _, name := range []string{"print-visit", "print-list", "print-pass", "print-card", "print-full", "print-letter"} {
		for _, lang := range []string{"nl", "en"} {
			w, _ := pageOf(t, "/"+lang+"/"+name)
			_, sheets, found := strings.Cut(w.Body.String(), "<article")
			if !found {
				t.Fatalf("%s has no sheet", name)
			}
			sheets, _, _ = strings.Cut(sheets, "</main>")
			golden(t, name+"-"+lang+".html", strings.ReplaceAll("<article"+sheets, "><", ">\n<")+"\n")
		}
	}
}

// TestNoSheetNamesWhatIsClosed unless the person ticked it, and then only how
// many there are; a letter never does.
func TestNoSheetNamesWhatIsClosed(t *testing.T) {
	for i, what := range papers() {
		pairs := append(everyPart(), "taal", "nl", "aan", "anders", "wie", "Apotheek")
		open := printed(t, i+1, closed, pairs...)
		if without := printed(t, i+1, nil, pairs...); open != without {
			t.Errorf("%s is another sheet when something is closed", what.key)
		}
		told := printed(t, i+1, closed, append(pairs, "dicht", "ja")...)
		mustNotSay(t, told, "Uitslag van het laboratorium", "14-5-2025", "16-5-25")
		if got := strings.Contains(told, "Niet afgedrukt"); got == isLetter(what.key) {
			t.Errorf("%s with the tick says that something is closed: %v", what.key, got)
		}
	}
}

// TestNoSheetHasACitizenNumber looks for nine digits that pass the test of the
// Dutch citizen service number.
func TestNoSheetHasACitizenNumber(t *testing.T) {
	for _, st := range printStories() {
		w, _ := pageOf(t, "/nl/"+st.name)
		for _, n := range regexp.MustCompile(`\b\d{9}\b`).FindAllString(w.Body.String(), -1) {
			if citizenNumber(n) {
				t.Errorf("%s shows %s", st.name, n)
			}
		}
	}
	if !citizenNumber("999990019") || citizenNumber("999990018") {
		t.Error("the test for a citizen number does not work")
	}
}

func citizenNumber(text string) bool {
	sum := 0
	for i, r := range text[:8] {
		sum += (9 - i) * int(r-'0')
	}
	return (sum-int(text[8]-'0'))%11 == 0
}

// drawn makes medicines and allergies of all kinds, alone and in groups.
func drawn(t *rapid.T) *aggregator.Overview {
	o := storyOverview()
	o.Items, o.Groups = nil, []aggregator.Group{{ID: "x", Title: "Samen"}, {ID: "y", Title: "Ook samen"}}
	place := rapid.SampledFrom([]aggregator.Section{aggregator.Current, aggregator.Paused, aggregator.Planned, aggregator.Recent, aggregator.Past, aggregator.Unclear, aggregator.Gone, aggregator.History})
	source := rapid.SampledFrom([]string{storyGP, storyHospital, fhir.Self})
	for i := range rapid.IntRange(0, 12).Draw(t, "medicines") {
		name := fmt.Sprint("Middel", i, "x")
		m := aggregator.Medicine{Name: name, Dose: strings.Repeat("lang ", rapid.IntRange(0, 90).Draw(t, "long")) + fmt.Sprint("neem", i, "y")}
		if rapid.Bool().Draw(t, "substance") {
			m.Substance = "Stof"
		}
		item := medicine(name, place.Draw(t, "section"), m, agreement(source.Draw(t, "source")))
		item.Group = rapid.SampledFrom([]string{"", "", "x", "y"}).Draw(t, "group")
		o.Items = append(o.Items, item)
	}
	kinds := rapid.SampledFrom([]aggregator.Section{aggregator.Active, aggregator.Unclear, aggregator.Inactive, aggregator.Refuted, aggregator.NoneKnown})
	for i := range rapid.IntRange(0, 8).Draw(t, "allergies") {
		name := fmt.Sprint("Allergie", i, "z")
		item := allergy(name, kinds.Draw(t, "section"), "2015", aggregator.Allergy{Agent: name}, agreement(source.Draw(t, "source")))
		item.Group = rapid.SampledFrom([]string{"", "x"}).Draw(t, "group")
		o.Items = append(o.Items, item)
	}
	return o
}

// TestNoSheetLosesAMedicineOrAnAllergy: whatever the overview holds, every
// medicine of now stands on the sheets with its name and the end of its dose,
// and every allergy that counts by its name; on the card too.
func TestNoSheetLosesAMedicineOrAnAllergy(t *testing.T) {
	c := newClient(t).unlock()
	forms := map[int][]string{1: nil, 2: nil, 3: {"taal", "nl"}, 4: {"taal", "en"}, 5: everyPart()}
	rapid.Check(t, func(t *rapid.T) {
		c.desk.o = drawn(t)
		texts := map[int]string{}
		for number, pairs := range forms {
			texts[number] = c.printed(number, pairs...)
		}
		for _, item := range c.desk.o.Items {
			for number, text := range texts {
				need := in(aggregator.Current, aggregator.Paused, aggregator.Active)(item) || item.Subject == "allergy" && item.Section == aggregator.Unclear
				if number == 2 {
					need = need || in(aggregator.Planned, aggregator.Recent, aggregator.Unclear, aggregator.Gone)(item)
				}
				m, isMedicine := item.Value.(*aggregator.Medicine)
				switch {
				case number == 5 && item.Section != aggregator.NoneKnown, need:
				default:
					continue
				}
				if !strings.Contains(text, item.Name()) || isMedicine && !strings.Contains(text, m.Dose[strings.LastIndex(m.Dose, " ")+1:]) {
					t.Fatalf("sheet %d lost %s (%s)", number, item.Name(), item.Section)
				}
			}
		}
	})
}

// TestTheFormSaysWhatIsWrong and keeps what was typed.
func TestTheFormSaysWhatIsWrong(t *testing.T) {
	v := &view{words: wordsIn("nl"), now: storyNow}
	ticks := []printOption{{"a", "A", true}, {"b", "B", true}}
	for _, tc := range []struct {
		name string
		f    printField
		want string
	}{
		{"fits", printField{Kind: fieldText, Max: 3, Value: "één"}, ""},
		{"too long", printField{Kind: fieldText, Max: 3, Value: "vier"}, "Dit is te lang. Er passen 3 tekens op."},
		{"an empty day", printField{Kind: fieldDate}, ""},
		{"today", printField{Kind: fieldDate, Value: "2025-05-20"}, ""},
		{"tomorrow", printField{Kind: fieldDate, Value: "2025-05-21"}, "Kies een dag die al geweest is."},
		{"no day", printField{Kind: fieldDate, Value: "gisteren"}, "Kies een dag die al geweest is."},
		{"too many", printField{Kind: fieldTicks, Max: 1, Options: ticks}, "Kies er hoogstens 1."},
		{"any number", printField{Kind: fieldTicks, Options: ticks}, ""},
		{"none of a choice", printField{Kind: fieldChoice, Options: ticks[:0]}, "Kies er één."},
		{"two of a choice", printField{Kind: fieldChoice, Options: ticks}, "Kies er één."},
	} {
		if got := v.wrongField(tc.f); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	c := newClient(t).unlock()
	body := bodyOf(t, c.do("POST", "/p/1", form("vraag2", "Mag ik <zwemmen>?", "uitslag", storyKey("hba1c"), "wijzig", "ja")))
	mustSay(t, body, `value="Mag ik &lt;zwemmen&gt;?"`, fmt.Sprintf("value=%q checked", storyKey("hba1c")))
	mustNotSay(t, body, fmt.Sprintf("value=%q checked", storyKey("kreat-5")), "Medicijnen nu")
}

// TestPrintingNeedsTheSameGuards: another site cannot ask for a sheet, and
// there is none without a session.
func TestPrintingNeedsTheSameGuards(t *testing.T) {
	c := newClient(t)
	if res := c.do("POST", "/p/1", ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a session: %s", res.Status)
	}
	c.unlock()
	if res := c.do("POST", "/p/1", "", header("Sec-Fetch-Site", "cross-site")); res.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %s", res.Status)
	}
	for _, path := range []string{"/p/0", "/p/99", "/p/x"} {
		if res := c.do("POST", path, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

// TestWhatChangedSinceADay: what came in since but is older is no change; what
// by its own date began or ended since is one, told once.
func TestWhatChangedSinceADay(t *testing.T) {
	for _, tc := range []struct {
		name, since string
		changes     []aggregator.Change
		want        []string
	}{
		{"by the dates alone", "2025-05-01", nil, []string{"+ Amoxicilline 14-5-25", "+ Metoprolol 8-5-25", "– Ibuprofen 2-5-25"}},
		{"nothing lately", "2025-05-20", nil, nil},
		{"new to us and old", "2025-05-15", []aggregator.Change{{Kind: aggregator.ChangedNew, Subject: "medication", ID: storyID("medication", "simvastatine"), When: "2020-09-09"}}, nil},
		{"told once", "2025-05-10", []aggregator.Change{{Kind: aggregator.ChangedNew, Subject: "medication", ID: storyID("medication", "amoxicilline"), When: "2025-05-14"}}, []string{"+ Amoxicilline 14-5-25"}},
		{"by time, of another subject, by the person", "2025-05-15", []aggregator.Change{
			{Kind: aggregator.ChangedOther, Subject: "medication", ByTime: true}, {Kind: aggregator.ChangedNew, Subject: "letter", When: "2025-05-16"}, {Kind: aggregator.ChangedJoined, Subject: "medication"},
		}, nil},
		{"taken away", "2025-05-15", []aggregator.Change{{Kind: aggregator.ChangedGone, Subject: "allergy", Title: "Noten", When: "2025-05-16"}}, []string{"– Noten 16-5-25"}},
	} {
		v := &view{words: wordsIn("nl"), o: storyOverview(), now: storyNow}
		lines, told := v.changedLines(tc.changes, tc.since)
		var got []string
		for _, l := range append(lines, v.datedLines(tc.since, told)...) {
			got = append(got, l.sign+" "+l.name+" "+l.when)
		}
		slices.Sort(got)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

// BenchmarkSheets is the making of sheets for somebody with 50,000 records; it
// has a second (product.md 6.16).
func BenchmarkSheets(b *testing.B) {
	desk := newStoryDesk()
	for i := range 50_000 {
		desk.o.Items = append(desk.o.Items, creatinine(fmt.Sprint("many-", i), "2024-01-02", fmt.Sprint(60+i%50), "60", "110", "Streeklab", "final", ""))
	}
	s, err := New(Config{Desk: desk, Port: 8080, Now: func() time.Time { return storyNow }})
	if err != nil {
		b.Fatal(err)
	}
	defer s.idle.Stop()
	r := httptest.NewRequest(http.MethodPost, "/p/1", nil)
	given := httptest.NewRecorder()
	s.sessions.begin(given, r, storyNow)
	for _, bc := range []struct {
		name, path string
		pairs      []string
	}{{"visit", "/p/1", []string{"sinds", "2025-03-01"}}, {"list", "/p/2", nil}, {"full", "/p/5", everyPart()}} {
		b.Run(bc.name, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, bc.path, strings.NewReader(form(bc.pairs...)))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.AddCookie(given.Result().Cookies()[0])
				w := httptest.NewRecorder()
				if s.inner.ServeHTTP(w, r); w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
				b.ReportMetric(float64(w.Body.Len())/1e6, "MB/page")
			}
		})
	}
}
