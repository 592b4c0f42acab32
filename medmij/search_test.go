package medmij

import (
	"fmt"
	"strings"
	"testing"
	"time"
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

// manyProviders is a list as large as the real one.
func manyProviders(n int) *Directory {
	first := strings.Fields("huisarts apotheek tandarts kliniek praktijk gezondheidscentrum ziekenhuis fysio")
	second := strings.Fields("linde beuk eik zon maan ster noord zuid oost west molen brug haven plein dorp veld bos duin")
	places := strings.Fields("Groningen Utrecht Amsterdam Rotterdam Leiden Zwolle Deventer Arnhem Breda Tilburg Maastricht")
	zal := &ZAL{}
	var book []Address
	for i := range n {
		name := fmt.Sprintf("%s-%s%s%d", first[i%8], second[i%17], second[(i/17)%18], i%9999)
		zal.Providers = append(zal.Providers, ListedProvider{Name: name + "@medmij"})
		book = append(book, Address{
			Name: name, Display: fmt.Sprintf("%s De %s %s", first[i%8], second[i%17], second[(i/17)%18]),
			Street: fmt.Sprintf("%sstraat %d", second[i%18], i%200), Postcode: fmt.Sprintf("%d AB", 1000+i%9000), City: places[i%11],
		})
	}
	return NewDirectory(nil, zal, nil, nil, book)
}

func TestSearchIsFastEnough(t *testing.T) {
	d := manyProviders(5000)
	for _, q := range []string{"huisarts linde groningen", "apotheek zon 9712", "zeikenhuis mastricht", "gezondheidscentrm"} {
		best := time.Hour
		for range 5 { // the best of five: the machine has other work too
			start := time.Now()
			if len(d.Search(q, 20)) == 0 {
				t.Errorf("%s: nothing", q)
			}
			best = min(best, time.Since(start))
		}
		// Well above what it takes, well below what a person notices.
		if best > 200*time.Millisecond {
			t.Errorf("%s takes %v", q, best)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	d := manyProviders(5000)
	b.ResetTimer()
	for b.Loop() {
		d.Search("huisarts lnide groningen", 20)
	}
}
