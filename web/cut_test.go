package web

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// TestPartsAreCut: every row is on one page, in order, and no page has more
// than fit.
func TestPartsAreCut(t *testing.T) {
	whole := func() *listPage {
		p := &listPage{}
		for part, n := range []int{3, 4, 1} {
			var rows []row
			for i := range n {
				rows = append(rows, row{Name: fmt.Sprintf("%d%d", part, i)})
			}
			p.addPart(fmt.Sprint(part), rows)
		}
		return p
	}
	for most := 1; most <= 9; most++ {
		var names []string
		for from := 0; ; {
			p := whole()
			next, rest := p.cut(fmt.Sprint(from), most)
			n := 0
			for _, part := range p.Parts {
				for _, r := range part.Rows {
					names, n = append(names, r.Name), n+1
				}
			}
			if n > most {
				t.Fatalf("%d rows on a page of %d", n, most)
			}
			if got := len(names) + len(rest); got != 8 {
				t.Fatalf("%d on a page: %d rows and %d after it", most, len(names), len(rest))
			}
			if len(rest) == 0 {
				break
			}
			from = next
		}
		if got := strings.Join(names, " "); got != "00 01 02 10 11 12 13 20" {
			t.Errorf("%d on a page: %s", most, got)
		}
	}
	for _, from := range []string{"99", "-1", "x", ""} {
		p := whole()
		if next, rest := p.cut(from, 2); next != 2 || len(rest) != 6 || p.Parts[0].Rows[0].Name != "00" {
			t.Errorf("from %q: next %d, %d after it", from, next, len(rest))
		}
	}
}

// TestWhatIsOutOfSightIsSaid: how many rows are on other pages, and how many of
// those have a mark, whether they are made already or not.
func TestWhatIsOutOfSightIsSaid(t *testing.T) {
	v := &view{words: wordsIn("nl"), path: "/a"}
	difference := []flag{{"Verschil", "mark"}}
	for name, tc := range map[string]struct {
		rows []row
		want string
	}{
		"one":          {[]row{{}}, "Toon de volgende (nog 1)"},
		"many":         {[]row{{}, {Flags: []flag{{"van u", "own"}}}, {}}, "Toon de volgende (nog 3)"},
		"a difference": {[]row{{}, {Flags: difference}}, "Toon de volgende (nog 2, bij 1 is er iets om op te letten)"},
		"not made yet": {rowsLater([]int{1, 2, 3}, func(int) row { panic("made") }, func(n int) bool { return n > 1 }), "Toon de volgende (nog 3, bij 2 is er iets om op te letten)"},
	} {
		if got := v.moreText(tc.rows); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	p := &listPage{Parts: []listPart{{Rows: rowsLater([]string{"a", "b", "c"}, func(s string) row { return row{Name: s} }, func(string) bool { return false })}}}
	r := httptest.NewRequest("GET", "/a?ouder=1&vanaf=1&ok=1", nil)
	if p.fit(v, r, 1); p.Parts[0].Rows[0].Name != "b" || p.Further == nil || p.Further.Href != "/a?ouder=1&vanaf=2" {
		t.Errorf("%+v, %+v", p.Parts, p.Further)
	}
}

// TestManyVersionsInOneRow: the first stand there, the rest is counted and a link
// away, and what the person says of them stays in sight.
func TestManyVersionsInOneRow(t *testing.T) {
	v := &view{words: wordsIn("nl"), o: &aggregator.Overview{}, now: storyNow}
	for n, want := range map[int]string{mostVersions: "", mostVersions + 1: "Er staat er nog 1 naast.", 90: "Er staan er nog 70 naast."} {
		b := bundle{title: "Metoprolol"}
		for i := range n {
			b.items = append(b.items, aggregator.Item{ID: fmt.Sprint("medication:", i), Detail: fmt.Sprint(i, " tabletten"), Parts: []aggregator.Part{{Source: fmt.Sprint("bron", i%30)}}})
		}
		b.items = append(b.items, aggregator.Item{ID: "medication:own", About: []string{"medication:1"}, Detail: "ik niet", Parts: []aggregator.Part{{Source: fhir.Self}}})
		r := v.medicineRow(b)
		text := ""
		for _, l := range r.Lines {
			for _, s := range l.Spans {
				text += s.Text + "\n"
			}
		}
		if want != "" != strings.Contains(text, "naast") || !strings.Contains(text, want) || !strings.Contains(text, "ik niet") {
			t.Errorf("%d versions: %s", n, text)
		}
		lines := min(n, mostVersions) + 1
		if want != "" {
			lines++
		}
		if len(r.Lines) != lines || want != "" && (len(r.Actions) != 1 || r.Actions[0].Href == "") || want != "" && len(r.Chips) != min(n, 30)+1 {
			t.Errorf("%d versions: %d lines, %d actions, %d sources", n, len(r.Lines), len(r.Actions), len(r.Chips))
		}
	}
}
