package web

import (
	"bytes"
	"cmp"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// pageOf gives what the storybook answers.
func pageOf(t *testing.T, path string) (*httptest.ResponseRecorder, *html.Node) {
	t.Helper()
	w := httptest.NewRecorder()
	Storybook().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	doc, err := html.Parse(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatalf("%s is no HTML: %v", path, err)
	}
	return w, doc
}

// nodes gives the elements with one of the names.
func nodes(doc *html.Node, names ...string) []*html.Node {
	var out []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(names, n.Data) {
			out = append(out, n)
		}
	}
	return out
}

func attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func textOf(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// TestEveryStoryIsOneOfItsKind: none is hidden by another one of the same name,
// none shows what another shows, and each answers the status that it means to.
func TestEveryStoryIsOneOfItsKind(t *testing.T) {
	names, shows := map[string]bool{}, map[string]string{}
	for _, st := range stories() {
		if names[st.name] {
			t.Errorf("%s is there twice", st.name)
		}
		names[st.name] = true
		key := strings.Join([]string{st.method, st.path, st.form, st.visit}, " ")
		if other, ok := shows[key]; ok && st.desk == nil {
			t.Errorf("%s shows what %s shows", st.name, other)
		} else if st.desk == nil {
			shows[key] = st.name
		}
		want := cmp.Or(st.status, http.StatusOK)
		if w, _ := pageOf(t, "/nl/"+st.name); w.Code != want {
			t.Errorf("%s answers %d, and means %d", st.name, w.Code, want)
		}
	}
}

// TestEveryPageKeepsTheRules walks every page, language and state.
func TestEveryPageKeepsTheRules(t *testing.T) {
	for _, st := range stories() {
		for _, lang := range []string{"nl", "en"} {
			t.Run(st.name+"/"+lang, func(t *testing.T) {
				w, doc := pageOf(t, "/"+lang+"/"+st.name)
				if w.Code >= 300 && w.Code < 400 {
					t.Fatalf("sent on to %s", w.Header().Get("Location"))
				}
				if got := w.Body.Len(); got > 60_000 {
					t.Errorf("the page is %d bytes, more than 60 kB", got)
				}
				checkPage(t, w.Body.String(), doc, lang, slices.Contains([]string{"leave", "confirm", "plan-leave", "example"}, st.name))
			})
		}
	}
}

func checkPage(t *testing.T, source string, doc *html.Node, lang string, mayLeave bool) {
	t.Helper()
	if got, _ := attr(nodes(doc, "html")[0], "lang"); got != lang {
		t.Errorf("lang = %q", got)
	}
	if n := len(nodes(doc, "h1")); n != 1 {
		t.Errorf("%d h1", n)
	}
	if n := len(nodes(doc, "main")); n != 1 {
		t.Errorf("%d main", n)
	}
	if strings.Contains(source, "⟦") || strings.Contains(source, "ZgotmplZ") || strings.Contains(source, "{n}") {
		t.Error("a text is missing or a value was refused by the template")
	}
	checkTitle(t, textOf(nodes(doc, "title")[0]))
	checkIDs(t, doc)
	checkLabels(t, doc)
	checkHeadings(t, doc)
	checkInline(t, doc, mayLeave)
	if found := bsnIn(source); found != "" {
		t.Errorf("%s on the page could be a BSN", found)
	}
}

var nineDigits = regexp.MustCompile(`\b\d{9}\b`)

// bsnIn finds nine digits that pass the eleven test of a BSN.
func bsnIn(source string) string {
	for _, found := range nineDigits.FindAllString(source, -1) {
		sum := -int(found[8] - '0')
		for i := range 8 {
			sum += (9 - i) * int(found[i]-'0')
		}
		if sum%11 == 0 {
			return found
		}
	}
	return ""
}

func TestABSNOnAPageIsFound(t *testing.T) {
	for source, want := range map[string]string{
		"<p>nr. 111222333</p>": "111222333", "<p>999990019</p>": "999990019", "<p>111222334</p>": "", "<p>1112223330</p>": "", "<p>geen</p>": "",
	} {
		if got := bsnIn(source); got != want {
			t.Errorf("%s: found %q", source, got)
		}
	}
}

// healthWords may not stand in a title or an address: both end up in the
// history of the browser.
var healthWords = regexp.MustCompile(`(?i)medic|medij|allerg|uitslag|result|brief|letter|huisarts|apothe|ziekenhuis|hospital|linde|zuid|streek|metop|kreat|bloed|blood|dosis|dose|pil`)

func checkTitle(t *testing.T, title string) {
	t.Helper()
	if title == "" || healthWords.MatchString(title) {
		t.Errorf("title %q is empty or not neutral", title)
	}
}

func checkIDs(t *testing.T, doc *html.Node) {
	t.Helper()
	seen := map[string]bool{}
	for n := range doc.Descendants() {
		if id, ok := attr(n, "id"); ok {
			if seen[id] {
				t.Errorf("id %q stands twice", id)
			}
			seen[id] = true
		}
	}
	for n := range doc.Descendants() {
		for _, key := range []string{"for", "aria-describedby", "aria-labelledby"} {
			if id, ok := attr(n, key); ok && !seen[id] {
				t.Errorf("%s=%q points at nothing", key, id)
			}
		}
	}
}

func checkLabels(t *testing.T, doc *html.Node) {
	t.Helper()
	labelled := map[string]bool{}
	for _, l := range nodes(doc, "label") {
		id, _ := attr(l, "for")
		labelled[id] = true
	}
	for _, n := range nodes(doc, "input", "select", "textarea") {
		id, _ := attr(n, "id")
		typ, _ := attr(n, "type")
		if typ != "hidden" && !labelled[id] {
			t.Errorf("field %q has no label", id)
		}
	}
	for _, n := range nodes(doc, "button", "a") {
		_, named := attr(n, "aria-label")
		if textOf(n) == "" && !named {
			t.Error("a button or link without a name")
		}
	}
	for _, n := range nodes(doc, "svg") {
		_, hidden := attr(n, "aria-hidden")
		if label, _ := attr(n, "aria-label"); !hidden && label == "" {
			t.Error("a drawing that is neither hidden nor named")
		}
	}
}

func checkHeadings(t *testing.T, doc *html.Node) {
	t.Helper()
	last := 0
	for _, h := range nodes(doc, "h1", "h2", "h3", "h4") {
		level := int(h.Data[1] - '0')
		if level > last+1 {
			t.Errorf("%s %q comes right after level %d", h.Data, textOf(h), last)
		}
		last = level
	}
}

func checkInline(t *testing.T, doc *html.Node, mayLeave bool) {
	t.Helper()
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if _, ok := attr(n, "src"); n.Data == "style" || n.Data == "script" && !ok {
			t.Errorf("inline %s", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("inline %s on %s", a.Key, n.Data)
			}
			if a.Key != "href" && a.Key != "src" && a.Key != "action" {
				continue
			}
			local := strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//") || strings.HasPrefix(a.Val, "#")
			if !local && !mayLeave {
				t.Errorf("%s=%q leads elsewhere", a.Key, a.Val)
			}
			if local && healthWords.MatchString(a.Val) {
				t.Errorf("address %q is not neutral", a.Val)
			}
		}
	}
}

// TestEveryPageFileHasAStory keeps the storybook complete.
func TestEveryPageFileHasAStory(t *testing.T) {
	entries, err := os.ReadDir("html")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{"on": true} // shown after a login only, see the tests of the guard
	for _, st := range stories() {
		_, doc := pageOf(t, "/nl/"+st.name)
		for name, sign := range map[string]string{
			"overview": "home", "leaves": "leaves", "series": "line", "item": "facts", "record": "raw", "entry": "ask", "share": "matrix",
			"providers": "find", "source": "num", "leave": "main", "example": "code", "progress": "progress", "unlock": "poster", "first": "poster",
			"code": "code", "plain": "head", "list": "rows", "links": "name", "find": "find", "choose": "seal", "setting": "stop", "gates": "gates",
			"print": "options", "sheet": "paper", "plan": "acts", "end": "stop", "whole": "whole", "own": "pen", "target": "ask",
			"answer": "choose", "identity": "leaf",
			"wish": "wish", "person": "person", "visit": "visit",
			"link": "line", "filecode": "code", "parcel": "raw",
		} {
			if hasClass(doc, sign) {
				used[name] = true
			}
		}
	}
	for name, key := range map[string]string{"help": "nav.hulp", "terms": "t.h1", "log": "log.h1"} {
		_, doc := pageOf(t, "/nl/"+name)
		used[name] = textOf(nodes(doc, "h1")[0]) == wordsIn("nl").T(key)
	}
	_, doc := pageOf(t, "/nl/preview-paper")
	used["ready"] = textOf(nodes(doc, "h1")[0]) == wordsIn("nl").T("d.paper.h1")
	for _, e := range entries {
		name, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), ".html"), "page-")
		if ok && !used[name] {
			t.Errorf("no story shows %s", e.Name())
		}
	}
}

func hasClass(doc *html.Node, class string) bool {
	for n := range doc.Descendants() {
		if c, _ := attr(n, "class"); slices.Contains(strings.Fields(c), class) {
			return true
		}
	}
	return false
}

// TestPagesSayWhatTheyMust holds the sentences that carry a rule: on the page,
// or never on it.
func TestPagesSayWhatTheyMust(t *testing.T) {
	for _, tc := range []struct {
		name  string
		story string
		want  []string
		never []string
	}{
		{"a difference is shown whole", "medicines", []string{
			"U gebruikt nu 6 medicijnen.", "Bij 1 medicijn zijn uw zorgverleners het niet eens.",
			"Streekziekenhuis: 1 keer per dag 1 tablet van 100 mg", "Huisarts De Linde en Apotheek Zuid: 1 keer per dag 1 tablet van 50 mg",
		}, nil},
		{"an empty answer is bounded by who was asked", "medicines-none", []string{"Bij Streekziekenhuis, Huisarts De Linde en Apotheek Zuid zijn geen medicijnen gevonden."}, []string{"U gebruikt nu 0"}},
		{"no known allergies is said with its source and date", "allergies-none", []string{"Geen bekende allergieën volgens Streekziekenhuis.", "10 januari 2016"}, nil},
		{"no known allergies never hides an allergy", "allergies", []string{"Penicilline", "Wie noemt geen allergieën?", "Onbekend bij Apotheek Zuid."}, []string{"Geen bekende allergieën volgens"}},
		{"what an own range says is not laid in the mouth of the lab", "result", []string{"Dat is binnen de referentie\u00adwaarden van dit lab.", "vergeleken door deze app", "één op de twintig"}, []string{"normaal", "goed"}},
		{"a corrected value stands struck before the new one", "result", []string{"89 86", "verbeterd", "voorlopig"}, nil},
		{"failure says whose it is", "progress", []string{"Apotheek Zuid reageert niet. Dat ligt niet aan u.", "U ziet de gegevens van 3 april 2025.", "Code P-503"}, nil},
		{"nothing is shared by default", "share", []string{"Alles wat u niet aankruist, blijft dicht.", "eigen keuze"}, nil},
		{"a preview of nothing says so", "preview-nothing", []string{"Apotheek Zuid ziet niets."}, []string{"Metoprolol"}},
		{"the sending tells of every item", "sent", []string{"1 ding is aangekomen bij Streekziekenhuis.", "1 ding is niet aangenomen.", "Niet gelukt"}, nil},
		{"the reason of a join is in words", "item-joined", []string{"Streekziekenhuis en Huisarts De Linde: zelfde medicijn, zelfde dosering."}, nil},
		{"the address of the provider is in sight", "leave", []string{"inloggen.delinde.example", "Niet bij ons."}, nil},
		{"what could not be read is named", "source", []string{"Wat wij niet konden lezen", "dubbele naam in de gegevens", "deelt dit nog niet"}, nil},
		{"a question comes before storing", "add-question", []string{"Klopt dit?", "212/110"}, nil},
		{"the record is text", "record", []string{`"resourceType": "MedicationRequest"`, "<p>Metoprolol</p>"}, nil},
		{"what was added stands by kind, and can be changed", "mine", []string{"U voegde 12 dingen toe.", "Toon alle 7", "Weggehaald", "weggehaald op 17 mei 2025 om 08:00"}, nil},
		{"an entry tells what it was before", "own", []string{"132/84 mmHg.", "Geschiedenis", "Veranderd op 18 mei 2025", "123/84 mmHg", "Toegevoegd op 16 mei 2025"}, []string{"gewist"}},
		{"what is removed can be brought back", "own-removed", []string{"U hebt dit weggehaald op 17 mei 2025 om 08:00. Het telt niet meer mee.", "Zet het terug"}, []string{"Verander dit"}},
		{"a jump names the value before", "add-jump", []string{"Klopt dit?", "U typte 92 kg.", "was dat 81,0 kg."}, nil},
		{"a double touch is asked about", "add-twice", []string{"U bewaarde net ook al 81,0 kg."}, nil},
		{"a target form asks what the doctor said", "target", []string{"Wat is uw streefwaarde?", "Wat zei uw arts daarbij?"}, []string{"Haal deze streefwaarde weg"}},
		{"a target is said and never judged", "result-target", []string{"Uw streefwaarde: onder 64 mmol/mol.", "Onder de 64 is goed voor u.", "uw streefwaarde"}, []string{"gehaald", "bereikt"}},
		{"a converted value stands beside the delivered one", "result-outlier", []string{"1,0 mg/dL", "omgerekend 88,4 µmol/L", "<40", "912"}, nil},
		{"what is left out of a drawing is said", "result-many", []string{"Niet alle 5.000 uitslagen passen in de tekening.", "Toon de volgende"}, nil},
		{"the recovery code is shown", "first-code", []string{"7K3M-Q9TD", "U ziet deze code maar één keer."}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, doc := pageOf(t, "/nl/"+tc.story)
			text := strings.ReplaceAll(textOf(nodes(doc, "main")[0]), nbsp, " ")
			for _, want := range tc.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not on the page:\n%s", want, text)
				}
			}
			for _, never := range tc.never {
				if strings.Contains(text, never) {
					t.Errorf("%q is on the page", never)
				}
			}
		})
	}
}
