package aggregator

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Names bring products side by side and never on one line (merge.md 0.4).

// vagueWords begin the names of many products and say nothing about which one.
const vagueWords = " insuline natrium kalium calcium magnesium zinkoxide ureum vitamine hydro acidum "

// nameWords is what the rules read from the name of a product.
type nameWords struct {
	substance  string
	substances []string
	key        string // see nameKey
	readable   string
	folded     string
}

func readNameWords(p product) *nameWords {
	return &nameWords{p.readSubstance(), slices.Clip(p.readSubstances()), p.readNameKey(), readable(p.name), fold(p.name)}
}

func (p product) substance() string {
	if p.words != nil {
		return p.words.substance
	}
	return p.readSubstance()
}

func (p product) substances() []string {
	if p.words != nil {
		return p.words.substances
	}
	return p.readSubstances()
}

// readSubstance gives the word by which products are put side by side: the first long
// word of the name that says something.
func (p product) readSubstance() string {
	for _, word := range strings.FieldsFunc(fold(p.name), notLetter) {
		if len(word) >= 5 && !strings.Contains(vagueWords, " "+word+" ") {
			return word
		}
	}
	return ""
}

// readSubstances gives the words of the name of a combination, such as
// LOSARTAN/HYDROCHLOORTHIAZIDE; one word for a single product.
func (p product) readSubstances() []string {
	var words []string
	head, _, _ := strings.Cut(fold(p.name), " ")
	for _, word := range strings.FieldsFunc(head, func(r rune) bool { return r == '/' || r == '+' }) {
		if len(word) >= 5 && strings.IndexFunc(word, unicode.IsDigit) < 0 {
			words = append(words, word)
		}
	}
	if len(words) > 1 {
		return words
	}
	if w := p.readSubstance(); w != "" {
		return []string{w}
	}
	return nil
}

// sameSubstance: the same ingredients, or names of which one begins with the
// other (metoprolol, metoprololsuccinaat). Enough to show a difference.
func (p product) sameSubstance(q product) bool {
	if len(p.ingredients) > 0 && len(q.ingredients) > 0 {
		return strings.Join(p.ingredients, "+") == strings.Join(q.ingredients, "+")
	}
	if len(p.substances()) != len(q.substances()) {
		return false
	}
	return kindred(p.substance(), q.substance())
}

// strength matches an amount in a name, such as 2.5MG.
var strength = regexp.MustCompile(`[0-9]+(\.[0-9]+)?(/[0-9]+(\.[0-9]+)?)* ?(mg|mcg|ug|g|ml|ie|e|%)`)

// otherStrength tells whether the names do not name the same strength. It
// only words the advice.
func otherStrength(p, q product) bool {
	a, b := strength.FindString(p.nameKey()), strength.FindString(q.nameKey())
	return a == "" || strings.ReplaceAll(a, " ", "") != strings.ReplaceAll(b, " ", "")
}

// kindred words: one begins with the other.
func kindred(a, b string) bool {
	return a != "" && b != "" && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

// nameKey is the name for comparing free text: folded, with decimal points.
func (p product) nameKey() string {
	if p.words != nil {
		return p.words.key
	}
	return p.readNameKey()
}

func (p product) readNameKey() string {
	key := []rune(fold(p.name))
	for i, r := range key {
		if r == ',' && i > 0 && i+1 < len(key) && unicode.IsDigit(key[i-1]) && unicode.IsDigit(key[i+1]) {
			key[i] = '.'
		}
	}
	return string(key)
}

// readable writes a name that is all in capitals as people would: words of
// four letters and more in lower case, but for the first letter of the name.
func readable(name string) string {
	words := strings.Split(name, " ")
	for i, w := range words {
		if len(w) < 4 || w != strings.ToUpper(w) || strings.ContainsAny(w, "0123456789") {
			continue
		}
		words[i] = strings.ToLower(w)
		if i == 0 {
			words[i] = strings.ToUpper(w[:1]) + strings.ToLower(w[1:])
		}
	}
	return strings.Join(words, " ")
}

func notLetter(r rune) bool { return (r < 'a' || r > 'z') && r < 128 }
