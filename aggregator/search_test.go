package aggregator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// searchable makes an overview of "title|detail|rest" rows.
func searchable(rows ...string) *Overview {
	o := &Overview{Sources: []SourceStatus{{Source: "gp", Provider: "Huisartsenpraktijk De Linde"}}}
	for i, row := range rows {
		part := append(strings.Split(row, "|"), "", "")
		o.Items = append(o.Items, Item{ID: fmt.Sprintf("lab:%d", i), Subject: "lab", Section: Found, Title: part[0], Detail: part[1], Author: part[2]})
	}
	return o
}

func TestSearch(t *testing.T) {
	x := NewIndex(searchable(
		"Bloeddruk|128/82 mmHg", "Cholesterol totaal|5,1 mmol/L", "Kreatinine|85 µmol/L|Laboratorium Noord", "METOPROLOL 50MG TABLET|2 tabletten",
		"Metoprolol 100 mg|1 tablet", "Allergieën onderzoek|getest", "Diabetes mellitus type 2", "Ontslagbrief|over bloeddruk", "Consult|niets|Dr. Bloeddruk",
		"Vitamine B12|40 pmol/L", "Bloeddrukmeting thuis", "Astma",
	))
	for _, c := range []struct {
		query string
		want  []string // titles, in order
	}{
		{"bloeddruk", []string{"Bloeddruk", "Bloeddrukmeting thuis", "Ontslagbrief", "Consult"}}, // title, then detail, then rest
		{"TENSIE", []string{"Bloeddruk", "Bloeddrukmeting thuis", "Ontslagbrief", "Consult"}},
		{"lipiden", []string{"Cholesterol totaal"}},
		{"suikerziekte", []string{"Diabetes mellitus type 2"}},
		{"allergieen", []string{"Allergieën onderzoek"}},
		{"allergie", []string{"Allergieën onderzoek"}},
		{"metoprolol 50mg", []string{"METOPROLOL 50MG TABLET"}},
		{"metopralol", []string{"METOPROLOL 50MG TABLET", "Metoprolol 100 mg"}}, // a letter wrong
		{"metoprlool", []string{"METOPROLOL 50MG TABLET", "Metoprolol 100 mg"}}, // two swapped
		{"metoprool", []string{"METOPROLOL 50MG TABLET", "Metoprolol 100 mg"}},  // one missing
		{"metoprollool", nil}, // two wrong
		{"astam", []string{"Astma"}},
		{"asta", nil},         // too short to guess
		{"vitamine b13", nil}, // a digit is no typing error
		{"tabletten", []string{"METOPROLOL 50MG TABLET", "Metoprolol 100 mg"}},
		{"kreat noord", []string{"Kreatinine"}},
		{"kreatinine zuid", nil}, // every word counts
		{"nierfunctie", []string{"Kreatinine"}},
		{"", nil},
		{"  .,!", nil},
	} {
		var got []string
		for _, h := range x.Search(c.query, 10) {
			got = append(got, h.Item.Title)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.query, got, c.want)
		}
	}
	if n := len(x.Search("e", 2)); n > 2 {
		t.Errorf("%d hits, asked for 2", n)
	}
}

func TestSearchFindsByProvider(t *testing.T) {
	o := searchable("Kreatinine")
	o.Items[0].Parts = []Part{{Source: "gp", Type: "Observation", ID: "1", Role: RoleRecord}}
	if len(NewIndex(o).Search("linde", 5)) != 1 {
		t.Error("not found by the name of the provider")
	}
}

func TestSearchPutsHistoryLast(t *testing.T) {
	o := searchable("Kreatinine", "Onderzoek|kreatinine")
	o.Items[0].Section = History
	if hits := NewIndex(o).Search("kreatinine", 5); len(hits) != 2 || hits[0].Item.Title != "Onderzoek" {
		t.Errorf("%+v", hits)
	}
}

// TestSearchNowLeavesHistoryOut, and counts all that it found.
func TestSearchNowLeavesHistoryOut(t *testing.T) {
	o := searchable("Bezinking|1|Lab", "Bezinking|2|Lab", "Bezinking|3|Lab", "Kalium|4|Lab")
	o.Items[1].Section = History
	x := NewIndex(o)
	for _, c := range []struct {
		query          string
		limit, want, n int
	}{{"bezinking", 10, 2, 2}, {"bezinking", 1, 1, 2}, {"bezinking", 0, 0, 2}, {"lab", 10, 3, 3}, {"nergens", 10, 0, 0}, {"", 10, 0, 0}} {
		hits, n := x.SearchNow(c.query, c.limit)
		if len(hits) != c.want || n != c.n {
			t.Errorf("%q, at most %d: %d of %d", c.query, c.limit, len(hits), n)
		}
		all := x.Search(c.query, len(o.Items))
		for i, h := range hits {
			if h.Item.ID != all[i].Item.ID || h.Score != all[i].Score {
				t.Errorf("%q: %s %d, want %s %d", c.query, h.Item.ID, h.Score, all[i].Item.ID, all[i].Score)
			}
		}
	}
}

func TestSynonymTable(t *testing.T) {
	if len(synonyms) < 60 {
		t.Errorf("%d rows", len(synonyms))
	}
	for _, row := range synonyms {
		for _, term := range strings.Split(row, "|") {
			if strings.Join(searchWords(term), " ") != term {
				t.Errorf("%q is not as it is looked up", term)
			}
		}
		if strings.Count(row, "|") == 0 {
			t.Errorf("%q has nothing beside it", row)
		}
	}
}

func TestOneLetterOff(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"abcde", "abcde", false},
		{"abcde", "abcdf", true},
		{"abcde", "abcd", true},
		{"abcde", "abcdef", true},
		{"abcde", "bacde", true},
		{"abcde", "abced", true},
		{"abcde", "xbcdy", false},
		{"abcde", "abcdefg", false},
		{"abc12", "abc13", false},
		{"", "a", false},
	} {
		if oneLetterOff(c.a, c.b) != c.want || oneLetterOff(c.b, c.a) != c.want {
			t.Errorf("%s %s: want %v", c.a, c.b, c.want)
		}
	}
}

// manyItems is a large record: 10,000 items with 6,000 different words.
func manyItems() *Overview {
	rows := make([]string, 10_000)
	for i := range rows {
		rows[i] = fmt.Sprintf("Uitslag analyt%d bloeddruk|%d mmol/L gemeten bij patient|Laboratorium nummer%d", i%4000, i%100, i%2000)
	}
	return searchable(rows...)
}

// BenchmarkSearch has a budget of 5 ms per search in 10,000 items.
func BenchmarkSearch(b *testing.B) {
	x := NewIndex(manyItems())
	for _, query := range []string{"bloeddruk", "tensie", "analyt17", "analit3999", "uitslag laboratorium", "nergens"} {
		b.Run(strings.ReplaceAll(query, " ", "+"), func(b *testing.B) {
			for b.Loop() {
				x.Search(query, 20)
			}
		})
	}
}

func BenchmarkIndex(b *testing.B) {
	o := manyItems()
	for b.Loop() {
		NewIndex(o)
	}
}
