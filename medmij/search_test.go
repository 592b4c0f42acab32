package medmij

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSearchFindsAProvider(t *testing.T) {
	d := smallDirectory()
	for _, c := range []struct{ name, query, want string }{
		{"its name", "De Linde", "huisarts-delinde"},
		{"one word", "linde", "huisarts-delinde"},
		{"small letters", "huisartsenpraktijk de beuk", "huisarts-debeuk"},
		{"words together", "delinde", "huisarts-delinde"},
		{"a beginning", "lind", "huisarts-delinde"},
		{"a typo", "lnide", "huisarts-delinde"},
		{"a letter too few", "huisartenpraktijk beuk", "huisarts-debeuk"},
		{"two typos in a long word", "zeikenhius", "ziekenhuis-noordzee"},
		{"kind and place", "apotheek groningen", "apotheek-dezon"},
		{"place with a typo", "huisarts gronignen", "huisarts-delinde"},
		{"postcode", "9712 AB", "huisarts-delinde"},
		{"postcode together", "9712ab", "huisarts-delinde"},
		{"street", "lindelaan 3", "huisarts-delinde"},
		{"AGB code", "01099999", "huisarts-delinde"},
		{"an accent left out", "cafe zorg", "praktijk-cafe"},
		{"an accent where there is none", "lindé", "huisarts-delinde"},
		{"a place that starts with an apostrophe", "s gravenhage", "ziekenhuis-noordzee"},
		{"a word that is nowhere beside one that is", "dokterspost beuk", "huisarts-debeuk"},
		{"no address at all", "zon zee", "kliniek-zon&zee"},
		{"the MedMij name", "kliniek-zon&zee", "kliniek-zon&zee"},
	} {
		found := d.Search(c.query, 3)
		if len(found) == 0 || found[0].Name != c.want+"@medmij" {
			t.Errorf("%s: %q gives %+v", c.name, c.query, names(found))
		}
	}
}

func names(found []Provider) (all []string) {
	for _, p := range found {
		all = append(all, p.Name)
	}
	return all
}

func TestSearchFindsNothingWhereNothingIs(t *testing.T) {
	d := smallDirectory()
	for _, query := range []string{"", "  ", "&&&", "qqqqqqqq", "9713"} {
		if found := d.Search(query, 5); len(found) > 0 {
			t.Errorf("%q gives %v", query, names(found))
		}
	}
	if found := d.Search("groningen", 1); len(found) != 1 {
		t.Errorf("limit 1 gives %d", len(found))
	}
	if found := (&Directory{}).Search("linde", 5); found != nil {
		t.Errorf("an empty directory gives %v", found)
	}
}

// searchable is a directory of names as there are, in the order they are listed.
func searchable(lines ...string) *Directory {
	zal := &ZAL{}
	var book []Address
	for i, line := range lines {
		f := strings.Split(line, ", ")
		name := fmt.Sprintf("aanbieder%d", i)
		zal.Providers = append(zal.Providers, ListedProvider{Name: name + "@medmij"})
		book = append(book, Address{Name: name, Display: f[0], Street: f[1], Postcode: f[2], City: f[3], Kind: kindOf(strings.ToLower(f[0]))})
	}
	return NewDirectory(nil, zal, nil, nil, book)
}

func TestSearchRanks(t *testing.T) {
	d := searchable(
		"Huisartsenpraktijk De Lindeboom, Kerkstraat 1, 3511 AA, Utrecht",
		"Huisartsenpraktijk De Linde, Dorpsstraat 12, 9712 AB, Groningen",
		"Huisartsenpraktijk De Linde, Lindelaan 4, 8011 CD, Zwolle",
		"Apotheek Linde, Markt 3, 7411 EF, Deventer",
		"Apotheek Groningen Noord, Lindestraat 9, 9717 GH, Groningen",
		"Ziekenhuis Noordzee, Havenweg 100, 9723 ZZ, Groningen",
		"Huisartsen Noordzeeweg, Noordzeeweg 8, 2586 KL, ’s-Gravenhage",
		"Tandartspraktijk J. Jansen, Singel 7, 3512 MN, Utrecht",
		"Tandartspraktijk P. Janssen, Singel 9, 3512 MN, Utrecht",
		"Fysiotherapie Jansen & Smit, Brink 2, 9401 PQ, Assen",
		"Gezondheidscentrum Oost-Indië, Oosterpark 1, 1091 RS, Amsterdam",
		"Huisarts Müller-Öztürk, Plein 5, 6811 TU, Arnhem",
	)
	for _, c := range []struct {
		query string
		want  []string // the beginning of what is found: display name and place
	}{
		{"linde", []string{"Apotheek Linde Deventer", "Huisartsenpraktijk De Linde Groningen", "Huisartsenpraktijk De Linde Zwolle"}},
		{"de linde zwolle", []string{"Huisartsenpraktijk De Linde Zwolle"}},
		{"huisarts linde groningen", []string{"Huisartsenpraktijk De Linde Groningen"}},
		{"apotheek groningen", []string{"Apotheek Groningen Noord Groningen"}},
		{"lindeboom", []string{"Huisartsenpraktijk De Lindeboom Utrecht"}},
		{"noordzee", []string{"Ziekenhuis Noordzee Groningen", "Huisartsen Noordzeeweg ’s-Gravenhage"}},
		{"jansen", []string{"Fysiotherapie Jansen & Smit Assen", "Tandartspraktijk J. Jansen Utrecht", "Tandartspraktijk P. Janssen Utrecht"}},
		{"tandarts janssen utrecht", []string{"Tandartspraktijk P. Janssen Utrecht", "Tandartspraktijk J. Jansen Utrecht"}},
		{"9717gh", []string{"Apotheek Groningen Noord Groningen"}},
		{"lindelaan 4", []string{"Huisartsenpraktijk De Linde Zwolle"}},
		{"oostindie amsterdam", []string{"Gezondheidscentrum Oost-Indië Amsterdam"}},
		{"muller ozturk", []string{"Huisarts Müller-Öztürk Arnhem"}},
		{"zeikenhuis gronigen", []string{"Ziekenhuis Noordzee Groningen"}},
		{"den haag huisarts noordzeeweg", []string{"Huisartsen Noordzeeweg ’s-Gravenhage"}},
	} {
		var got []string
		for _, p := range d.Search(c.query, len(c.want)) {
			got = append(got, p.Display+" "+p.City)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.query, diff)
		}
	}
}

func TestSearchTakesAnyQuery(t *testing.T) {
	d := smallDirectory()
	for _, query := range []string{
		strings.Repeat("linde ", 1000), strings.Repeat("é", 10_000), "\xff\xfe", "\x00", "linde\nbeuk", strings.Repeat("x", 499) + "é",
	} {
		d.Search(query, 5)
	}
	if found := d.Search(strings.Repeat("linde ", 1000), 1); len(found) != 1 || found[0].Name != "huisarts-delinde@medmij" {
		t.Errorf("a long query gives %v", names(found))
	}
	if found := d.Search("inde", 5); len(found) == 0 || found[0].Name != "huisarts-delinde@medmij" {
		t.Errorf("a part of a word gives %v", names(found))
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"linde", "linde", 0}, {"lnide", "linde", 1}, {"line", "linde", 1}, {"lindee", "linde", 1}, {"beuk", "linde", 3}, {"", "ab", 2}} {
		if got := edits(c.a, c.b, 2); got != c.want {
			t.Errorf("%s to %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// manyProviders is a list as large as the real one, with names as they are in
// the Netherlands: kinds, people, trees and places, each of them in many.
func manyProviders(n int) *Directory {
	kinds := strings.Fields("Huisartsenpraktijk Apotheek Tandartspraktijk Kliniek Gezondheidscentrum Ziekenhuis Fysiotherapiepraktijk Verloskundigenpraktijk")
	first := strings.Fields("van de der ter ten den het op aan in")
	second := strings.Fields("Linde Beuk Eik Zon Maan Ster Noord Zuid Oost West Molen Brug Haven Plein Dorp Veld Bos Duin Hoeve Kreek Vaart Waard Heuvel Dijk Polder Esdoorn Kastanje Wilgen Meidoorn Berken")
	third := strings.Fields("huis hof weide zicht kamp dal berg stede burg laan singel gaarde horst rode lo beek meer stroom waard donk")
	places := strings.Fields("Groningen Utrecht Amsterdam Rotterdam Leiden Zwolle Deventer Arnhem Breda Tilburg Maastricht Haarlem Almere Eindhoven Nijmegen Enschede Apeldoorn Hilversum Middelburg Leeuwarden Assen Lelystad Dordrecht Zoetermeer")
	zal := &ZAL{}
	var book []Address
	for i := range n {
		word := second[i%30] + third[(i/30)%20]
		name := fmt.Sprintf("%s-%s%d", strings.ToLower(kinds[i%8]), strings.ToLower(word), i%9999)
		zal.Providers = append(zal.Providers, ListedProvider{Name: name + "@medmij"})
		book = append(book, Address{
			Name: name, Display: fmt.Sprintf("%s %s %s", kinds[i%8], first[(i/7)%10], word), AGB: fmt.Sprintf("%08d", 1000000+i*7),
			Street: fmt.Sprintf("%sstraat %d", second[(i/11)%30]+third[i%20], i%200), Postcode: fmt.Sprintf("%d %c%c", 1000+i%8999, 'A'+i%26, 'A'+i/26%26),
			City: places[i%24],
		})
	}
	return NewDirectory(nil, zal, nil, nil, book)
}

// searchQueries are what people type, and the worst there is to look for.
func searchQueries() map[string]string {
	return map[string]string{
		"plain":      "huisarts linde groningen",
		"typos":      "huisarts lindehius gronignen",
		"postcode":   "apotheek 9712 ab",
		"one letter": "a",
		"letters":    "a e i o h s t n",
		"longest":    "huisartsenpraktik gezondheidscentrm fysiotherapiepraktjik verloskundigenpratkijk tandartsprktijk kastanjegarade meidoornsingl zoetemreer",
		"nowhere":    "qqqqqqqqqqqq wwwwwwwwwwww xxxxxxxxxxxx vvvvvvvvvvvv jjjjjjjjjjjj yyyyyyyyyyyy uuuuuuuuuuuu ffffffffffff",
		"very long":  strings.Repeat("huisartsenpraktijk", 500),
	}
}

func TestSearchIsFastEnough(t *testing.T) {
	d := manyProviders(5000)
	for name, q := range searchQueries() {
		best := time.Hour
		for range 5 { // the best of five: the machine has other work too
			start := time.Now()
			d.Search(q, 20)
			best = min(best, time.Since(start))
		}
		// Well above what it takes, well below what a person notices.
		if best > 200*time.Millisecond {
			t.Errorf("%s takes %v", name, best)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	d := manyProviders(5000)
	for name, q := range searchQueries() {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				d.Search(q, 20)
			}
		})
	}
}
