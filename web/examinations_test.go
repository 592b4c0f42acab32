package web

import (
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/aggregator"
)

// TestExaminationsStandAmongTheResults (product.md 6.2, 6.7): with a tab for each
// kind that there is anything of, and its count.
func TestExaminationsStandAmongTheResults(t *testing.T) {
	c := newClient(t).unlock()
	examined(c.desk)
	if page := bodyOf(t, c.do("GET", "/u", "")); !strings.Contains(page, `>Onderzoek <span>2</span></a>`) {
		t.Error("no tab counts the examinations")
	}
	for _, tc := range []struct {
		path     string
		say, not []string
	}{
		{"/u", []string{"Alles", "Lab", "Metingen", "Kreatinine", "Bloeddruk", "Röntgenfoto van de borst", "6 mei 2025"}, nil},
		{"/u?deel=exam", []string{"Röntgenfoto van de borst", "Verslag van de longfunctie", "20 november 2024"}, []string{"Kreatinine", "Bloeddruk"}},
		{"/u?deel=lab", []string{"Kreatinine"}, []string{"Röntgenfoto", "Bloeddruk"}},
		{"/u?deel=vital", []string{"Bloeddruk"}, []string{"Röntgenfoto", "Kreatinine"}},
		{"/u?deel=nothing", []string{"Kreatinine", "Röntgenfoto van de borst"}, nil},
	} {
		page := bodyOf(t, c.do("GET", tc.path, ""))
		mustSay(t, page, tc.say...)
		for _, name := range namesOn(page) {
			if slices.ContainsFunc(tc.not, func(not string) bool { return strings.Contains(name, not) }) {
				t.Errorf("%s shows %s", tc.path, name)
			}
		}
	}
}

// TestATreatmentIsNoExamination: what was done stays under treatments only.
func TestATreatmentIsNoExamination(t *testing.T) {
	c := newClient(t).unlock()
	c.desk.o.Items = append(c.desk.o.Items, aggregator.Item{
		ID: storyID("procedure", "x"), Subject: "procedure", Section: aggregator.Found, Title: "Knieoperatie", When: "2024-01-02",
		Parts: []aggregator.Part{part(storyHospital, "48", "Procedure", aggregator.RoleRecord)},
	})
	page := bodyOf(t, c.do("GET", "/u", ""))
	mustNotSay(t, page, "Knieoperatie", "Onderzoek")
}

// TestOnlyExaminations: the page does not say that there are no results.
func TestOnlyExaminations(t *testing.T) {
	c := newClient(t).unlock()
	c.desk.o.Items = nil
	examined(c.desk)
	page := bodyOf(t, c.do("GET", "/u", ""))
	mustSay(t, page, "U hebt 2 onderzoeken.", "Röntgenfoto van de borst")
	if strings.Contains(page, `class="tabs"`) {
		t.Error("there is nothing to choose between")
	}
}
