package web

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/net/html"
)

// sheetsOf are the sheets of a story that prints.
func sheetsOf(t testing.TB, st story, lang string) []sheet {
	t.Helper()
	desk := newStoryDesk()
	if st.desk != nil {
		st.desk(desk)
	}
	s, err := New(Config{Desk: desk, Now: func() time.Time { return storyNow }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.idle.Stop() })
	r := st.request()
	r.SetPathValue("number", strings.TrimPrefix(st.path, "/p/"))
	v := &view{words: wordsIn(lang), s: s, o: desk.o, now: storyNow, path: st.path}
	page, err := paperSheet(v, nil, r)
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := page.(*sheetPage); ok {
		return p.Sheets
	}
	return nil
}

// printed are the stories that show sheets.
func sheetStories(t testing.TB) []story {
	t.Helper()
	return slices.DeleteFunc(printStories(), func(st story) bool { return st.method != http.MethodPost || sheetsOf(t, st, "nl") == nil })
}

// pdfDrawn matches one text that a PDF draws.
var pdfDrawn = regexp.MustCompile(`(?s)\(((?:\\.|[^\\)])*)\) ?Tj`)

// pdfTexts are the texts of a document in the order in which they are drawn.
func pdfTexts(data []byte) []string {
	var out []string
	for _, m := range pdfDrawn.FindAllSubmatch(data, -1) {
		raw := regexp.MustCompile(`(?s)\\(.)`).ReplaceAllFunc(m[1], func(b []byte) []byte {
			if b[1] == 'r' {
				return []byte{'\r'}
			}
			return b[1:]
		})
		var units []uint16
		for i := 0; i+1 < len(raw); i += 2 {
			units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
		}
		out = append(out, string(utf16.Decode(units)))
	}
	return out
}

// tight is a text without anything that a line end may stand for.
func tight(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("- \t\r\n\u00a0\u00ad\u200b\u202f", r) {
			return -1
		}
		return r
	}, text)
}

// TestAPDFSaysAllThatTheSheetSays: every word of every sheet, in both languages, is
// in the document, and no letter that the font lacks.
func TestAPDFSaysAllThatTheSheetSays(t *testing.T) {
	for _, st := range sheetStories(t) {
		for _, lang := range []string{"nl", "en"} {
			t.Run(st.name+"/"+lang, func(t *testing.T) {
				data, err := pdfOf(sheetsOf(t, st, lang), storyNow, true)
				if err != nil {
					t.Fatal(err)
				}
				said := tight(strings.Join(pdfTexts(data), ""))
				_, doc := pageOf(t, "/"+lang+"/"+st.name)
				words := 0
				for _, paper := range nodes(doc, "article") {
					for n := range paper.Descendants() {
						if n.Type != html.TextNode {
							continue
						}
						for _, word := range strings.Fields(n.Data) {
							if words++; !strings.Contains(said, tight(word)) {
								t.Errorf("%q is not in the document", word)
							}
						}
					}
				}
				if words < 20 {
					t.Errorf("only %d words were compared", words)
				}
			})
		}
	}
}

// TestNothingIsDrawnOverAnother: every text of a page stands within the margins,
// and no two texts in the same place.
func TestNothingIsDrawnOverAnother(t *testing.T) {
	place := regexp.MustCompile(`BT ([\d.-]+) ([\d.-]+) Td`)
	for _, st := range sheetStories(t) {
		data, err := pdfOf(sheetsOf(t, st, "nl"), storyNow, true)
		if err != nil {
			t.Fatal(err)
		}
		for n, page := range bytes.Split(data, []byte("endstream")) {
			seen := map[string]bool{}
			for _, m := range place.FindAllSubmatch(page, -1) {
				x, _ := strconv.ParseFloat(string(m[1]), 64)
				y, _ := strconv.ParseFloat(string(m[2]), 64)
				if mm := 72 / 25.4; x < marginLeft*mm-1 || x > contentRight*mm || y < (marginBottom-2)*mm || y > (paperHeight-marginTop)*mm {
					t.Errorf("%s, page %d: a text at %.0f, %.0f", st.name, n, x, y)
				}
				if at := string(m[0]); seen[at] {
					t.Errorf("%s, page %d: two texts at %s", st.name, n, at)
				} else {
					seen[at] = true
				}
			}
		}
	}
}

var pageObject = regexp.MustCompile(`/Type /Page\b[^s]`)

// TestPagesOfAPDF: the sheet for an appointment is one page; every page says which
// of how many it is.
func TestPagesOfAPDF(t *testing.T) {
	for _, st := range sheetStories(t) {
		sheets := sheetsOf(t, st, "nl")
		data, err := pdfOf(sheets, storyNow, true)
		if err != nil {
			t.Fatal(err)
		}
		n := len(pageObject.FindAll(data, -1))
		if n < len(sheets) || st.name == "print-visit" && n != 1 {
			t.Errorf("%s: %d pages of %d sheets", st.name, n, len(sheets))
		}
		texts := pdfTexts(data)
		for i := range n {
			if of := fmt.Sprintf("%d/%d", i+1, n); !slices.ContainsFunc(texts, func(text string) bool { return strings.HasSuffix(tight(text), of) }) {
				t.Errorf("%s: no page says %s", st.name, of)
			}
		}
	}
}

func TestAPDFTellsNothingAboutItself(t *testing.T) {
	st := sheetStories(t)[0]
	one, err := pdfOf(sheetsOf(t, st, "nl"), storyNow, false)
	if err != nil {
		t.Fatal(err)
	}
	again, err := pdfOf(sheetsOf(t, st, "nl"), storyNow, false)
	if err != nil || !bytes.Equal(one, again) {
		t.Errorf("the same sheet gives other bytes: %v", err)
	}
	for _, secret := range []string{"Vries", "Anna", "etoprolol"} {
		if bytes.Contains(one, []byte(secret)) {
			t.Errorf("%q can be read without opening a page", secret)
		}
	}
}

// TestColumnsAreAsWideAsInPrint: the two tables of widths say the same.
func TestColumnsAreAsWideAsInPrint(t *testing.T) {
	css, err := os.ReadFile(filepath.Join("look", "print.css"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range regexp.MustCompile(`([^{}]*)\{[^}]*[ ;]width: ([\d.]+)mm`).FindAllStringSubmatch(string(css), -1) {
		for _, selector := range strings.Split(m[1], ",") {
			found := regexp.MustCompile(`\.(cols|visit|facts|list|pass|full) \.(\w+)$`).FindStringSubmatch(strings.TrimSpace(selector))
			if found == nil {
				continue
			}
			n++
			kind := strings.Replace(found[1], "cols", "other", 1)
			if got := fmt.Sprint(columnWidth(kind, found[2])); got != m[2] {
				t.Errorf("%s: %s mm in print.css, %s in a PDF", strings.TrimSpace(selector), m[2], got)
			}
		}
	}
	if n < 15 {
		t.Errorf("only %d widths were compared", n)
	}
}

// TestALetterThatTheFontLacks: the page comes back, says so, and can be printed.
func TestALetterThatTheFontLacks(t *testing.T) {
	for text, lacks := range map[string]bool{"Łukasz Çelik, 5 µmol/L ≥ 3 ▲": false, "李": true, "😀": true, "\U0010fffe": true, "محمد": true} {
		c := newClient(t).unlock()
		c.desk.o.Person.Name = text
		res := c.do("POST", "/p/2", form("als", "pdf"))
		body := bodyOf(t, res)
		if pdf := res.Header.Get("Content-Type") == "application/pdf"; pdf == lacks || res.StatusCode != http.StatusOK {
			t.Errorf("%s: %s %s", text, res.Status, res.Header.Get("Content-Type"))
		}
		if lacks {
			mustSay(t, body, "letters die niet in een PDF kunnen", text)
		}
	}
}

func TestAPDFIsAFileToKeep(t *testing.T) {
	c := newClient(t).unlock()
	mustSay(t, bodyOf(t, c.do("POST", "/p/2", form("go", "1"))), "Bewaar als PDF")
	res := c.do("POST", "/p/2", form("als", "pdf"))
	if body := bodyOf(t, res); !strings.HasPrefix(body, "%PDF-") {
		t.Error("it is no PDF")
	}
	for name, want := range map[string]string{"Content-Type": "application/pdf", "Content-Disposition": `attachment; filename="bundel.pdf"`, "Cache-Control": "no-store"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestARowLongerThanAPageGoesOn over the next: nothing of it is lost.
func TestARowLongerThanAPageGoesOn(t *testing.T) {
	s := sheetsOf(t, sheetStories(t)[0], "nl")[0]
	var long []string
	for i := range 900 {
		long = append(long, fmt.Sprint("woord", i))
	}
	s.Parts = []sheetPart{{Name: "Lang", Table: &sheetTable{Kind: "facts", Rows: []sheetRow{{Cells: []cell{{Class: "nr", Text: "1"}, {Class: "what", Text: strings.Join(long, " ")}}}}}, Text: []string{strings.Join(long, " ")}}}
	data, err := pdfOf([]sheet{s}, storyNow, true)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]int{}
	for _, text := range pdfTexts(data) {
		said[text]++
	}
	for _, word := range long {
		if said[word] != 2 {
			t.Fatalf("%s is there %d times", word, said[word])
		}
	}
	if n := len(pageObject.FindAll(data, -1)); n < 3 {
		t.Errorf("%d pages", n)
	}
}

// BenchmarkPDF draws 50 pages of medicines.
func BenchmarkPDF(b *testing.B) {
	i := slices.IndexFunc(sheetStories(b), func(st story) bool { return st.name == "print-list" })
	s := sheetsOf(b, sheetStories(b)[i], "nl")[0]
	rows := s.Parts[0].Table.Rows
	for len(s.Parts[0].Table.Rows) < 1500 {
		s.Parts[0].Table.Rows = append(s.Parts[0].Table.Rows, rows...)
	}
	size, pages := 0, 0
	for b.Loop() {
		data, err := pdfOf([]sheet{s}, storyNow, false)
		if err != nil {
			b.Fatal(err)
		}
		size, pages = len(data), len(pageObject.FindAll(data, -1))
	}
	b.ReportMetric(float64(pages), "pages")
	b.ReportMetric(float64(size)/1000, "kB")
}

// TestPicturesOfPDFs writes the documents into $BUNDEL_PDF, to be looked at.
func TestPicturesOfPDFs(t *testing.T) {
	dir := os.Getenv("BUNDEL_PDF")
	if dir == "" {
		return
	}
	for _, st := range sheetStories(t) {
		data, err := pdfOf(sheetsOf(t, st, "nl"), storyNow, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, st.name+".pdf"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
