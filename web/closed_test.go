package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/bundel-pgo/bundel/aggregator"
)

// TestClosedResultsInLists: what a list says of what is closed, and what not.
func TestClosedResultsInLists(t *testing.T) {
	for _, tc := range []struct {
		name, path string
		desk       func(*storyDesk)
		want       []string
		never      []string
	}{
		{"the overview counts the choices that wait", "/", closed, []string{
			"Vier dingen wachten op u.", "5 nieuwe uitslagen", "1 nieuwe brief", "U kiest zelf of u die ziet.", "6 nog niet bekeken", "Laatste van 19 mei 2025",
		}, nil},
		{"what was chosen does not wait", "/", allChosen, []string{"1 nieuwe uitslag"}, []string{"nieuwe uitslagen"}},
		{"results", "/u", closed, []string{
			"U hebt 5 soorten uitslagen.", "De laatste is van 19 mei 2025.", "5 nieuwe uitslagen", "Streekziekenhuis, laboratorium 16 mei 2025",
			"Huisarts De Linde, laboratorium 14 mei 2025 · 3 uitslagen", "Bekijk alles wat dicht is",
		}, []string{"Dicht tot", "16 mei 2025 · 1"}},
		{"nothing but closed results is not nothing", "/u", onlyClosed, []string{"U hebt 7 uitslagen nog niet gezien."}, []string{"geen uitslagen gevonden", "weten niets"}},
		{"those for which there is a choice", "/u", func(d *storyDesk) { closed(d); d.o.Items = d.o.Items[4:6] }, []string{
			"U hebt 2 uitslagen nog niet gezien.", "2 uitslagen zijn nog dicht", "Bekijk alles wat dicht is",
		}, []string{"nieuwe"}},
		{"letters", "/b", closed, []string{"U hebt 3 brieven.", "1 nieuwe brief", "Streekziekenhuis, brief Datum onbekend"}, nil},
		{"nothing but a closed letter", "/b", onlyClosed, []string{"U hebt 1 brief nog niet gezien."}, []string{"geen brieven"}},
		{"another subject", "/g/5", closed, []string{"U hebt 1 uitslag nog niet gezien.", "Streekziekenhuis, beeldonderzoek 15 mei 2025"}, []string{"0 gegevens"}},
		{"another subject is in the list of subjects", "/g", closed, []string{"Behandelingen (1)"}, nil},
		{"everything", "/k", closed, []string{"6 dingen zijn nieuw en nog dicht.", "Dicht tot 21 mei 2025", "Dicht, tot u anders kiest", "Veranderen"}, nil},
		{"nothing to choose", "/k", nil, []string{"Er is niets om te kiezen."}, nil},
		{"sharing leaves it out and says so", "/d", closed, []string{"8 dingen zijn nog dicht. Wij delen ze niet.", "Labuitslagen (8)"}, nil},
		{"sharing says nothing when nothing is closed", "/d", nil, nil, []string{"nog dicht"}},
		{"an answer after choosing", "/u?ok", allChosen, []string{"Uw keuze is bewaard."}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := plainText(t, pageAfter(t, tc.path, tc.desk))
			mustSay(t, text, tc.want...)
			mustNotSay(t, text, tc.never...)
		})
	}
}

// plainText is what is to be read in the main part of a page.
func plainText(t *testing.T, page string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(textOf(nodes(doc, "main")[0]), " ,", ",")
}

// TestEachClosedResultCanBeReached from the overview, by links alone.
func TestEachClosedResultCanBeReached(t *testing.T) {
	c := choosing(t)
	seen := map[string]bool{}
	todo := []string{"/"}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		res := c.do("GET", path, "")
		doc, err := html.Parse(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range nodes(doc, "a") {
			if href, _ := attr(a, "href"); strings.HasPrefix(href, "/k") && !seen[href] {
				seen[href] = true
				todo = append(todo, href)
			}
		}
	}
	for i := range 8 {
		if path := fmt.Sprint("/k/", storyKey(fmt.Sprint("shut-", i+1))); !seen[path] {
			t.Errorf("nothing leads to result %d", i+1)
		}
	}
}

// TestManyClosedResults come in parts, and each page stays small.
func TestManyClosedResults(t *testing.T) {
	c := newClient(t).unlock()
	for i := range 250 {
		day := storyNow.AddDate(0, 0, -i).Format("2006-01-02")
		c.desk.o.Items = append(c.desk.o.Items, sealed("lab", fmt.Sprint("many-", i), storyGP, day, aggregator.Closed{Kind: aggregator.KindDNA}))
	}
	rows := 0
	for _, path := range []string{"/k", "/k?vanaf=100", "/k?vanaf=200"} {
		text := bodyOf(t, c.do("GET", path, ""))
		rows += strings.Count(text, `<h3 class="seal">`)
		if strings.Contains(text, "Toon de volgende") != (path != "/k?vanaf=200") || len(text) > 80_000 {
			t.Errorf("%s: %d bytes", path, len(text))
		}
	}
	if rows != 250 {
		t.Errorf("%d rows", rows)
	}
	if n := strings.Count(bodyOf(t, c.do("GET", "/u", "")), `<h3 class="seal">`); n != mostClosed {
		t.Errorf("%d closed rows on the page of results", n)
	}
}

// TestWhatIsClosedIsAtNoOtherAddress: every address of an item leads to the
// choice while it is closed, and the choice leads to the item when it is open.
func TestWhatIsClosedIsAtNoOtherAddress(t *testing.T) {
	c := choosing(t)
	shut, letter, open := storyKey("shut-1"), storyKey("shut-8"), storyKey("kreat-5")
	for path, want := range map[string]string{
		"/u/" + shut: "/k/" + shut, "/i/" + shut: "/k/" + shut, "/v/" + shut: "/k/" + shut, "/i/" + shut + "/0": "/k/" + shut,
		"/b/" + letter + "/0": "/k/" + letter, "/i/" + letter: "/k/" + letter,
		"/k/" + open: "/u/" + open, "/k/" + open + "/samen": "/u", "/k/" + storyKey("letter-1"): "/i/" + storyKey("letter-1"),
	} {
		res := c.do("GET", path, "")
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != want {
			t.Errorf("%s: %s to %q, want %q", path, res.Status, res.Header.Get("Location"), want)
		}
	}
	for _, path := range []string{"/k/aaaaaaaaaaaa", "/k/aaaaaaaaaaaa/samen"} {
		if res := c.do("GET", path, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

// TestTheBarSaysThreeThings: who, what kind and when, in both languages, and
// the button says what it is about to who hears it.
func TestTheBarSaysThreeThings(t *testing.T) {
	for lang, want := range map[string][]string{
		"nl": {"Huisarts De Linde, laboratorium 14 mei 2025 · 3 uitslagen", "Kiezen Huisarts De Linde · laboratorium · 14 mei 2025"},
		"en": {"Huisarts De Linde, laboratory 14 May 2025 · 3 results", "Choose Huisarts De Linde · laboratory · 14 May 2025"},
	} {
		_, doc := pageOf(t, "/"+lang+"/closed-results")
		mustSay(t, strings.ReplaceAll(rawText(doc), nbsp, " "), want...)
	}
}

// rawText is the text of a document as it stands there.
func rawText(doc *html.Node) string {
	var out strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			out.WriteString(n.Data)
		}
	}
	return out.String()
}
