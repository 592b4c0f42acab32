package web

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// TestTwoValuesOfOneMoment: where they are told, each beside who says it.
func TestTwoValuesOfOneMoment(t *testing.T) {
	const both, other = "Kreatinine van 12 mei 2025", "97 µmol/L"
	kreat := storyKey("kreat-5")
	for _, tc := range []struct {
		name, path  string
		desk        func(*storyDesk)
		want, never []string
	}{
		{"the overview tells that they differ, and of what", "/", twoValues, []string{"Verschil tussen uw zorgverleners", "Het gaat om " + both + ".", "Bekijk het verschil " + both}, []string{other}},
		{"what was seen does not wait", "/", valuesSeen, nil, []string{both}},
		{"the list has both", "/u", twoValues, []string{"Kreatinine Verschil", "Huisarts De Linde: " + other, "Streekziekenhuis: 85 µmol/L", "Bekijk het verschil " + both}, []string{"Binnen de referentie\u00adwaarden van dit lab (60–110)"}},
		{"the list has an earlier one beside the last", "/u", valuesBefore, []string{"Kreatinine Verschil", "90 µmol/L", "Op 12 mei 2025 staan er verschillende waarden:", "Huisarts De Linde: " + other, "Streekziekenhuis: 85 µmol/L"}, nil},
		{"what was seen still has both, and no mark", "/u", valuesSeen, []string{"Huisarts De Linde: " + other, "Streekziekenhuis: 85 µmol/L"}, []string{"Kreatinine Verschil"}},
		{"a result leads to it", "/u/" + kreat, twoValues, []string{"Bekijk het verschil"}, nil},
		{"everything about a result leads to it", "/i/" + kreat, twoValues, []string{"Bekijk het verschil"}, nil},
		{"another result of the series does not", "/u/" + storyKey("kreat-4"), twoValues, nil, []string{"Bekijk het verschil"}},
		{"the page has both and nothing else", "/v/" + kreat, twoValues, []string{
			"Naast elkaar: " + both, "Op één moment staan er verschillende waarden.", "Wij kiezen er geen.", "Streekziekenhuis", "Huisarts De Linde",
			"85 µmol/L", other, "12 mei 2025 om 08:15", "(60–110)", "(64–104)", "Streeklab", "Labnoord", "Wij veranderen niets bij uw zorgverleners.",
			"Vraag onthouden", "Zet op afspraakblad", "Vraag om een verandering", "Alle gegevens Streekziekenhuis", "Alle gegevens Huisarts De Linde",
		}, []string{"82 µmol/L", "86 µmol/L", "88 µmol/L", "Ja, dit klopt", "Is dit hetzelfde?", "medicijn"}},
		{"what was seen is still side by side", "/v/" + kreat, valuesSeen, []string{"85 µmol/L", other, "Door u gezien:"}, []string{"Vraag onthouden"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := plainText(t, pageAfter(t, tc.path, tc.desk))
			mustSay(t, text, tc.want...)
			mustNotSay(t, text, tc.never...)
		})
	}
}

// TestBothValuesAreMarked, on the list and on the page, and neither before the other.
func TestBothValuesAreMarked(t *testing.T) {
	for _, path := range []string{"/u", "/v/" + storyKey("kreat-5"), "/v/" + storyKey("kreat-h")} {
		text := pageAfter(t, path, twoValues)
		mustSay(t, text, "<mark>85 µmol/L</mark>", "<mark>97 µmol/L</mark>")
		if strings.Index(text, "<mark>97") > strings.Index(text, "<mark>85") {
			t.Errorf("%s: another order", path)
		}
	}
}

// TestAClosedResultIsNotBesideAnOpenOne: not even that there is a difference.
func TestAClosedResultIsNotBesideAnOpenOne(t *testing.T) {
	shut := func(d *storyDesk) {
		twoValues(d)
		for i := range d.o.Items {
			if d.o.Items[i].ID == storyID("lab", "kreat-h") {
				d.o.Items[i] = sealed("lab", "kreat-h", storyGP, "2025-05-12", aggregator.Closed{Kind: aggregator.KindLab})
			}
		}
	}
	for _, path := range []string{"/", "/u", "/u/" + storyKey("kreat-5"), "/i/" + storyKey("kreat-5")} {
		mustNotSay(t, pageAfter(t, path, shut), "97 µmol/L", "/v/"+storyKey("kreat-5"), "Kreatinine van 12 mei 2025")
	}
	c := newClient(t).unlock()
	shut(c.desk)
	for key, want := range map[string]string{"kreat-5": "/u/", "kreat-h": "/k/"} {
		if res := c.do("GET", "/v/"+storyKey(key), ""); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != want+storyKey(key) {
			t.Errorf("%s: %s to %q", key, res.Status, res.Header.Get("Location"))
		}
	}
}

// TestWhichDifferencesWait: those between providers, of the last year.
func TestWhichDifferencesWait(t *testing.T) {
	moved := func(to string) func(*storyDesk) {
		return func(d *storyDesk) {
			twoValues(d)
			for i, item := range d.o.Items {
				if len(otherValues(item)) > 0 {
					r := *resultOf(item)
					r.At = fhir.ParseDate(to)
					d.o.Items[i].Value, d.o.Items[i].When = &r, r.At.Day()
				}
			}
		}
	}
	spokenBy := func(source string) func(*storyDesk) {
		return func(d *storyDesk) {
			twoValues(d)
			at := slices.IndexFunc(d.o.Items, func(item aggregator.Item) bool { return item.ID == storyID("lab", "kreat-h") })
			d.o.Items[at].Parts[0].Source = source
		}
	}
	for name, tc := range map[string]struct {
		desk           func(*storyDesk)
		waits, flagged bool
	}{
		"this month":               {twoValues, true, true},
		"almost a year ago":        {moved("2024-05-21T08:00:00+02:00"), true, true},
		"long ago and still last":  {moved("2024-05-18T08:00:00+02:00"), false, true},
		"long ago":                 {moved("2023-05-18T08:00:00+02:00"), false, false},
		"one provider, two values": {spokenBy(storyHospital), false, true},
		"the person and a lab":     {spokenBy(fhir.Self), false, true},
		"withdrawn by one": {func(d *storyDesk) {
			twoValues(d)
			d.o.Items[len(d.o.Items)-1].Section = aggregator.History
		}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if waits := strings.Contains(pageAfter(t, "/", tc.desk), "Het gaat om Kreatinine"); waits != tc.waits {
				t.Errorf("waits: %v", waits)
			}
			if flagged := strings.Contains(pageAfter(t, "/u", tc.desk), `href="/v/`); flagged != tc.flagged {
				t.Errorf("on the list: %v", flagged)
			}
		})
	}
}

// TestAQuestionAboutTwoValues is kept with both, and comes back to them.
func TestAQuestionAboutTwoValues(t *testing.T) {
	c := newClient(t).unlock()
	twoValues(c.desk)
	key := storyKey("kreat-5")
	res := c.do("POST", "/x/"+key, form("blad", placeDifference, "antwoord", sayQuestion, "zelf", "Welke van de twee is goed"))
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/v/"+key+"?ok" {
		t.Fatalf("%s to %q", res.Status, res.Header.Get("Location"))
	}
	want := []Said{{Items: []string{storyID("lab", "kreat-h"), storyID("lab", "kreat-5")}, Text: "Welke van de twee is goed?"}}
	if diff := cmp.Diff(want, c.desk.answers); diff != "" {
		t.Error(diff)
	}
	text := bodyOf(t, c.do("POST", "/x/"+key, form("blad", placeDifference, "antwoord", sayQuestion)))
	mustSay(t, text, "Vul in wat u wilt zeggen.", "<mark>97 µmol/L</mark>", "Vraag onthouden")
}

// TestTwoValuesOnPaper: what goes along to the sheet names the moment and both.
func TestTwoValuesOnPaper(t *testing.T) {
	text := pageAfter(t, "/v/"+storyKey("kreat-5"), twoValues)
	mustSay(t, text, `name="vraag1" value="Kreatinine van 12 mei 2025: Huisarts De Linde: 97 µmol/L; Streekziekenhuis: 85 µmol/L. Wat klopt?"`)
	long := pageAfter(t, "/v/"+storyKey("kreat-5"), func(d *storyDesk) {
		twoValues(d)
		r := *resultOf(d.o.Items[len(d.o.Items)-1])
		r.Text = strings.Repeat("lang ", 30)
		d.o.Items[len(d.o.Items)-1].Value = &r
	})
	mustSay(t, long, `name="vraag1" value="Welke waarde klopt: Kreatinine van 12 mei 2025?"`)
}

// TestManyValuesOfOneMoment: the row stays short and says how many there are more.
func TestManyValuesOfOneMoment(t *testing.T) {
	many := func(d *storyDesk) {
		twoValues(d)
		for i := range mostVersions {
			name := fmt.Sprint("kreat-more-", i)
			d.o.Items = append(d.o.Items, creatinine(name, valuesAt, fmt.Sprint(100+i), "60", "110", "Labnoord", "final", ""))
			setAgainst(d, "kreat-5", name)
		}
	}
	list := pageAfter(t, "/u", many)
	if n := strings.Count(list, " µmol/L</mark>"); n != mostVersions {
		t.Errorf("%d values on one row", n)
	}
	mustSay(t, list, "Bekijk het verschil", "Er staan er nog 2 naast.")
	seen := map[string]bool{}
	for path := "/v/" + storyKey("kreat-5"); path != ""; {
		text := pageAfter(t, path, many)
		for _, m := range regexp.MustCompile(`<mark>(\d+) µmol/L</mark>`).FindAllStringSubmatch(text, -1) {
			seen[m[1]] = true
		}
		path = regexp.MustCompile(`/v/\w+\?vanaf=\d+`).FindString(text)
	}
	if len(seen) != mostVersions+2 {
		t.Errorf("%d values on the pages", len(seen))
	}
}
