package aggregator

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	stemmer "github.com/blevesearch/snowballstem/dutch"
	"golang.org/x/text/unicode/norm"
)

// Index finds items of one overview by what people type. Make it of a view:
// then what is closed cannot be found by its name. It is safe for concurrent
// use and holds health data in memory.
type Index struct {
	items    []Item
	words    []indexWord
	synonyms synonymTable
}

// indexWord is a word that occurs somewhere, with its stem and where it occurs.
type indexWord struct {
	text, stem string
	places     []place
}

// place is an item and how much a word there weighs.
type place struct{ item, weight int32 }

// Hit is an item that was found; a higher score is a better one.
type Hit struct {
	Item  Item
	Score int
}

// What a word weighs: the title before the detail before the rest.
const (
	inTitle  int32 = 100
	inDetail int32 = 30
	inRest   int32 = 10
)

// How well a word fits, in tenths: as it is, another form of it, another word
// for it, its beginning, a part of a longer word, one letter wrong.
const (
	fitExact   = 10
	fitStem    = 9
	fitSynonym = 7
	fitPrefix  = 6
	fitInside  = 4
	fitTypo    = 3
)

// NewIndex reads the items of an overview once.
func NewIndex(o *Overview) *Index {
	x := &Index{items: o.Items, synonyms: newSynonyms()}
	at := map[string]int{}
	add := func(item int, weight int32, texts ...string) {
		for _, text := range texts {
			for _, w := range searchWords(text) {
				i, ok := at[w]
				if !ok {
					i = len(x.words)
					at[w] = i
					x.words = append(x.words, indexWord{text: w, stem: stemOf(w)})
				}
				x.words[i].add(place{int32(item), weight})
			}
		}
	}
	for i, item := range o.Items {
		add(i, inTitle, item.Title, item.Name())
		add(i, inDetail, item.Detail)
		add(i, inRest, item.Author)
		for _, f := range item.Fields {
			add(i, inRest, f.Text)
		}
		if g, ok := o.Group(item.Group); ok {
			add(i, inRest, g.Title)
		}
		for _, p := range item.Parts {
			add(i, inRest, o.ProviderName(p.Source))
		}
	}
	return x
}

// add keeps the heaviest place of a word in an item.
func (w *indexWord) add(p place) {
	if n := len(w.places); n > 0 && w.places[n-1].item == p.item {
		w.places[n-1].weight = max(w.places[n-1].weight, p.weight)
		return
	}
	w.places = append(w.places, p)
}

// Search gives at most limit items in which every word that was typed occurs
// in some form, best first; those that fit equally well in the order of the
// overview. History comes last.
func (x *Index) Search(query string, limit int) []Hit {
	total, found := x.find(query)
	return x.hits(total, found, limit)
}

// SearchNow is Search without history. It tells how many items there are as
// well: of a long life a word may be in tens of thousands.
func (x *Index) SearchNow(query string, limit int) (hits []Hit, n int) {
	total, found := x.find(query)
	found = slices.DeleteFunc(found, func(i int) bool { return x.items[i].Section == History })
	return x.hits(total, found, limit), len(found)
}

func (x *Index) hits(total []int32, found []int, limit int) []Hit {
	hits := make([]Hit, min(limit, len(found)))
	for i := range hits {
		hits[i] = Hit{x.items[found[i]], int(total[found[i]])}
	}
	return hits
}

// find gives the score of each item, and those that were found, best first.
func (x *Index) find(query string) (total []int32, found []int) {
	for _, clause := range x.synonyms.clauses(searchWords(query)) {
		found := x.clause(clause)
		if total == nil {
			total = found
			continue
		}
		for i := range total {
			if total[i] = total[i] + found[i]; found[i] == 0 || total[i] == found[i] {
				total[i] = 0
			}
		}
	}
	for i, score := range total {
		if score == 0 {
			continue
		}
		if x.items[i].Section == History {
			total[i] = 1
		}
		found = append(found, i)
	}
	slices.SortFunc(found, func(a, b int) int { return cmp.Or(cmp.Compare(total[b], total[a]), cmp.Compare(a, b)) })
	return total, found
}

// clause gives the best score of each item for one thing that was typed.
func (x *Index) clause(c clause) []int32 {
	best := make([]int32, len(x.items))
	for _, alternative := range c {
		if len(alternative.words) == 1 {
			x.word(alternative.words[0], alternative.fit, best)
			continue
		}
		all := make([]int32, len(x.items))
		x.word(alternative.words[0], alternative.fit, all)
		for _, w := range alternative.words[1:] {
			also := make([]int32, len(x.items))
			x.word(w, alternative.fit, also)
			for i := range all {
				all[i] = min(all[i], also[i])
			}
		}
		for i := range best {
			best[i] = max(best[i], all[i])
		}
	}
	return best
}

// word raises the score of each item in which the word occurs, up to a fit.
func (x *Index) word(w string, most int, best []int32) {
	stem := stemOf(w)
	for i := range x.words {
		fit := min(most, fitOf(w, stem, &x.words[i]))
		if fit == 0 {
			continue
		}
		for _, p := range x.words[i].places {
			best[p.item] = max(best[p.item], int32(fit)*p.weight)
		}
	}
}

func fitOf(w, stem string, in *indexWord) int {
	switch {
	case in.text == w:
		return fitExact
	case in.stem == stem:
		return fitStem
	case len(w) >= 2 && strings.HasPrefix(in.text, w):
		return fitPrefix
	case len(w) >= 4 && strings.Contains(in.text, w):
		return fitInside
	case len(w) >= 5 && oneLetterOff(w, in.text):
		return fitTypo
	}
	return 0
}

// oneLetterOff tells whether one letter is wrong, missing, too many, or two
// neighbours are swapped. A digit is never a typing error: 40 mg is not 50 mg.
func oneLetterOff(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(a) < 4 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if hasDigit(a[i:min(i+2, len(a))]) || hasDigit(b[i:min(i+2, len(b))]) {
		return false
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i == len(a) {
		return false // equal
	}
	swapped := i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	return swapped || a[i+1:] == b[i+1:]
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// searchWords are the words of a text in small letters without accents.
func searchWords(text string) []string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}

// stemOf takes the ending off a Dutch word.
func stemOf(w string) string {
	env := snowballstem.NewEnv(w)
	stemmer.Stem(env)
	return env.Current()
}
