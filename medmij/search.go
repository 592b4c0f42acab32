package medmij

import (
	"cmp"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// index finds providers by the words people use for them. Each distinct word
// is there once, and most are never looked at, so that 5,000 providers are
// searched in a few milliseconds.
type index struct {
	providers []*Provider
	byText    map[string][]int32 // providers by word, while adding

	words    []word          // sorted by text
	text     string          // of all words, each with a line end
	starts   []int           // of the words in text
	byLength map[int][]int32 // words without digits, which typing errors are forgiven in
}

type word struct {
	text      string
	letters   uint64 // which letters it has: a quick look before counting edits
	providers []int32
}

// What a query is looked at for.
const (
	maxQuery = 500 // bytes
	maxAsked = 8   // words: nobody looks for a provider with more
)

// Search gives the providers that match the query best, best first, at most
// limit. It looks at name, kind, street, place, postcode and numbers,
// forgives a typo or two in longer words, and does not look at accents or
// case. An empty query finds nothing.
func (d *Directory) Search(query string, limit int) []Provider {
	return d.index.search(query, limit)
}

func (x *index) add(p *Provider) {
	if x.byText == nil {
		x.byText = map[string][]int32{}
	}
	number := int32(len(x.providers))
	x.providers = append(x.providers, p)
	seen := map[string]bool{}
	put := func(s string) {
		if s == "" || seen[s] {
			return
		}
		seen[s] = true
		x.byText[s] = append(x.byText[s], number)
	}
	fields := []string{p.Display, bareName(p.Name), p.Street, p.Postcode, p.City, p.AGB, kindWords(p.Kind)}
	for _, c := range p.Codes {
		fields = append(fields, c.Value)
	}
	for _, field := range fields {
		words := foldWords(field)
		for i, w := range words {
			put(w)
			if i > 0 { // "De Linde" is also found as "delinde", "9712 AB" as "9712ab"
				put(words[i-1] + w)
			}
		}
	}
}

// finish makes the index ready to be searched.
func (x *index) finish() {
	x.byLength = map[int][]int32{}
	var text strings.Builder
	for i, s := range slices.Sorted(maps.Keys(x.byText)) {
		x.words = append(x.words, word{s, letters(s), x.byText[s]})
		x.starts = append(x.starts, text.Len())
		text.WriteString(s + "\n")
		if !strings.ContainsAny(s, digitRunes) {
			x.byLength[len(s)] = append(x.byLength[len(s)], int32(i))
		}
	}
	x.text, x.byText = text.String(), nil
}

type hit struct {
	provider int32
	words    int
	score    float64
}

func (x *index) search(query string, limit int) []Provider {
	asked := foldWords(strings.ToValidUTF8(query[:min(len(query), maxQuery)], ""))
	if len(asked) == 0 || limit <= 0 {
		return nil
	}
	hits := make([]hit, len(x.providers))
	best := make([]float64, len(x.providers))
	most := 0
	for _, q := range asked[:min(len(asked), maxAsked)] {
		clear(best)
		x.match(q, best)
		for i, score := range best {
			if score > 0 {
				hits[i].provider = int32(i)
				hits[i].words++
				hits[i].score += score
				most = max(most, hits[i].words)
			}
		}
	}
	// Those that match the most words: a word that is nowhere excludes nobody.
	hits = slices.DeleteFunc(hits, func(h hit) bool { return h.words < max(most, 1) })
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.score, a.score),
			cmp.Compare(x.providers[a.provider].Display, x.providers[b.provider].Display),
			cmp.Compare(a.provider, b.provider))
	})
	var found []Provider
	for _, h := range hits[:min(limit, len(hits))] {
		found = append(found, *x.providers[h.provider])
	}
	return found
}

// match notes how well each provider's best word fits the word asked for: 1
// for the same word, less for the beginning, a part, and a misspelled one. A
// word that few have says more than one that many have.
func (x *index) match(q string, best []float64) {
	note := func(i int, fit float64) {
		w := &x.words[i]
		fit *= 1 + math.Log(float64(len(x.providers)+1)/float64(len(w.providers)))/10
		for _, p := range w.providers {
			best[p] = max(best[p], fit)
		}
	}
	first, _ := slices.BinarySearchFunc(x.words, q, func(w word, q string) int { return strings.Compare(w.text, q) })
	for i := first; i < len(x.words) && strings.HasPrefix(x.words[i].text, q); i++ {
		if x.words[i].text == q {
			note(i, 1)
			continue
		}
		note(i, 0.75+0.15*float64(len(q))/float64(len(x.words[i].text)))
	}
	if len(q) >= 4 {
		x.containing(q, func(i int) { note(i, 0.65) })
	}
	x.misspelled(q, func(i, mistakes int) { note(i, 0.75-0.15*float64(mistakes)) })
}

// containing yields the words that have q inside.
func (x *index) containing(q string, yield func(word int)) {
	for from := 0; ; {
		at := strings.Index(x.text[from:], q)
		if at < 0 {
			return
		}
		i, found := slices.BinarySearch(x.starts, from+at)
		if !found {
			i--
		}
		yield(i)
		from = x.starts[i] + len(x.words[i].text)
	}
}

// misspelled yields the words that q may have been meant for.
func (x *index) misspelled(q string, yield func(word, mistakes int)) {
	mask, allowed := letters(q), typos(q)
	if allowed == 0 {
		return
	}
	for n := len(q) - allowed; n <= len(q)+allowed; n++ {
		for _, i := range x.byLength[n] {
			// Most words are told apart by their letters, without counting.
			if differing(mask, x.words[i].letters) > 2*allowed {
				continue
			}
			if d := edits(q, x.words[i].text, allowed); d > 0 && d <= allowed {
				yield(int(i), d)
			}
		}
	}
}

const digitRunes = "0123456789"

// typos is how many mistakes a word may have. A number has none: another
// postcode is another place.
func typos(q string) int {
	switch {
	case len(q) < 4 || strings.ContainsAny(q, digitRunes):
		return 0
	case len(q) < 8:
		return 1
	}
	return 2
}

// edits counts insertions, deletions, replacements and swaps of neighbours;
// more than limit is limit+1.
func edits(a, b string, limit int) int {
	const longest = 64
	if len(a) >= longest || len(b) >= longest {
		return limit + 1
	}
	var rows [3][longest]uint8
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = uint8(j)
	}
	for i := 1; i <= len(a); i++ {
		row[0] = uint8(i)
		lowest := row[0]
		for j := 1; j <= len(b); j++ {
			cost := uint8(1)
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			lowest = min(lowest, row[j])
		}
		// From here it can only get worse.
		if int(lowest) > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(int(last[len(b)]), limit+1)
}

func letters(s string) uint64 {
	var mask uint64
	for i := range len(s) {
		mask |= 1 << (s[i] & 63)
	}
	return mask
}

func differing(a, b uint64) int { return bits.OnesCount64(a ^ b) }

// foldWords gives the words of a text in small letters without accents and
// signs.
func foldWords(s string) []string {
	s = norm.NFD.String(strings.ToLower(s))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return r
		}
		return ' '
	}, s)
	return strings.Fields(s)
}
