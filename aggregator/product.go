package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// product is a medicinal product as far as codes and names tell (merge.md 2.3).
type product struct {
	name        string
	zi, hpk     string
	prk, gpk    string
	atc         string
	ingredients string // canonical set, empty when unknown
	route       string
	magistral   bool
	suspect     bool // name and code do not fit each other
}

// productOf reads the product of a medication resource: by reference, by code,
// or from the display when the reference leads nowhere.
func (m *merger) productOf(e *entry) product {
	n := e.node
	ref := n.Get("medicationReference").Reference()
	code, med := n.Get("medicationCodeableConcept").Coded(), fhir.Node{}
	if code.IsZero() {
		med = m.book.node(e, ref)
		code = med.Get("code").Coded()
	}
	p := product{name: firstNonEmpty(code.Display(), ref.Display)}
	for _, c := range code.Coding {
		p.setCode(c)
	}
	p.ingredients = ingredientSet(med)
	p.route = n.Get(dosageMember(e.Type), "route").Coded().Code("")
	return p
}

func (p *product) setCode(c fhir.Coding) {
	value := gStandaard(c.Code)
	switch {
	case c.System == fhir.ATC:
		p.atc = c.Code
	case strings.HasPrefix(c.Code, "90000000"):
		p.magistral = true // a local number, reused freely
	case value == "":
	case c.System == fhir.ZI:
		p.zi = value
	case c.System == fhir.HPK:
		p.hpk = value
	case c.System == fhir.PRK:
		p.prk = value
	case c.System == fhir.GPK:
		p.gpk = value
	}
}

// gStandaard normalises a number of the G-Standaard: leading zeros say nothing.
func gStandaard(code string) string {
	code = strings.TrimLeft(strings.TrimSpace(code), "0")
	if strings.Trim(code, "0123456789") != "" {
		return ""
	}
	return code
}

// ingredientSet is the set of active substances, by code where all have one,
// by name where all have one.
func ingredientSet(med fhir.Node) string {
	var codes, names []string
	ingredients := med.All("ingredient")
	for _, i := range ingredients {
		c := i.Get("itemCodeableConcept").Coded()
		for _, coding := range c.Coding {
			if coding.System == fhir.SNK || coding.System == fhir.SNOMED {
				codes = append(codes, coding.System+"|"+coding.Code)
				break
			}
		}
		if name := fold(c.Display()); name != "" {
			names = append(names, name)
		}
	}
	for _, set := range [...][]string{codes, names} {
		if len(set) == len(ingredients) && len(set) > 0 {
			slices.Sort(set)
			return strings.Join(slices.Compact(set), "+")
		}
	}
	return ""
}

// strict is the finest key on which two statements may be one line: the
// prescribable product, else the brand or package.
func (p product) strict() string {
	switch {
	case p.prk != "":
		return "prk:" + p.prk
	case p.hpk != "":
		return "hpk:" + p.hpk
	case p.zi != "":
		return "zi:" + p.zi
	}
	return ""
}

// differs tells whether codes prove two products different.
func (p product) differs(q product) bool {
	switch {
	case p.prk != "" && q.prk != "":
		return p.prk != q.prk
	case p.gpk != "" && q.gpk != "":
		return p.gpk != q.gpk
	case p.atc != "" && q.atc != "":
		return p.atc != q.atc
	}
	return false
}

// mergeable tells whether the product may stand on one line with an equal one.
func (p product) mergeable() bool { return !p.magistral && !p.suspect && p.strict() != "" }

// vagueWords begin the names of many products and say nothing about which one.
const vagueWords = " insuline natrium kalium calcium magnesium zinkoxide ureum vitamine hydro acidum "

// substance is the word by which products are put side by side, never on one
// line: the ingredients, or the first long word of the name.
func (p product) substance() string {
	for _, word := range strings.FieldsFunc(fold(p.name), notLetter) {
		if len(word) >= 5 && !strings.Contains(vagueWords, " "+word+" ") {
			return word
		}
	}
	return ""
}

// sameSubstance: the same ingredients, or names of which one begins with the
// other (metoprolol, metoprololsuccinaat). Enough to show a difference.
func (p product) sameSubstance(q product) bool {
	if p.ingredients != "" && q.ingredients != "" {
		return p.ingredients == q.ingredients
	}
	a, b := p.substance(), q.substance()
	return a != "" && b != "" && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
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

// crosswalk learns which products belong to which from the person's own data:
// a resource that carries several codes links them. A link with two parents
// proves nothing and is dropped (merge.md 2.3). It is made anew each time.
type crosswalk struct{ prkOfHPK, hpkOfZI, gpkOfPRK map[string]string }

func learnCrosswalk(all []*medStatement) crosswalk {
	c := crosswalk{map[string]string{}, map[string]string{}, map[string]string{}}
	for _, s := range all {
		p := s.val.product
		learn(c.prkOfHPK, p.hpk, p.prk)
		learn(c.hpkOfZI, p.zi, p.hpk)
		learn(c.gpkOfPRK, p.prk, p.gpk)
	}
	return c
}

const contradictory = "?"

func learn(m map[string]string, child, parent string) {
	if child == "" || parent == "" {
		return
	}
	if known, ok := m[child]; ok && known != parent {
		parent = contradictory
	}
	m[child] = parent
}

func (c crosswalk) parent(m map[string]string, child string) string {
	if p := m[child]; p != contradictory {
		return p
	}
	return ""
}

// complete fills in the levels that the person's own data tell.
func (c crosswalk) complete(p *product) {
	if p.hpk == "" {
		p.hpk = c.parent(c.hpkOfZI, p.zi)
	}
	if p.prk == "" {
		p.prk = c.parent(c.prkOfHPK, p.hpk)
	}
	if p.gpk == "" {
		p.gpk = c.parent(c.gpkOfPRK, p.prk)
	}
}

// markSuspects finds products whose name begins with the word of another
// code's names and of none of its own (merge.md 2.3, consistency check).
func markSuspects(all []*medStatement) {
	words := map[string]map[string]int{} // word -> prk -> how often
	total := map[string]int{}
	for _, s := range all {
		p := s.val.product
		if w := p.substance(); w != "" && p.prk != "" {
			if words[w] == nil {
				words[w] = map[string]int{}
			}
			words[w][p.prk]++
			total[p.prk]++
		}
	}
	for _, s := range all {
		p := &s.val.product
		own := words[p.substance()][p.prk]
		// Alone with this word under its code, while the word is at home elsewhere.
		p.suspect = p.prk != "" && own > 0 && own*2 < total[p.prk] && len(words[p.substance()]) > 1
	}
}
