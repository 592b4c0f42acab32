package aggregator

import (
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

// crosswalk knows which products belong to which, learned from the person's
// own data: a resource that carries several codes links them. A code with two
// parents at one level proves nothing, so that link is dropped and told
// (D-CROSSWALK, merge.md 2.3). It is made anew each time, so that it cannot
// remember an error.
type crosswalk map[link]string

// link is a code and the level at which its parent is looked for.
type link struct{ system, code, above string }

// levels are the systems of product codes, fine to coarse.
var levels = [...]string{fhir.ZI, fhir.HPK, fhir.PRK, fhir.GPK, fhir.ATC}

const contradictory = "?"

func learnCrosswalk(all []*medStatement) crosswalk {
	c := crosswalk{}
	for _, s := range all {
		p := &s.val.product
		for i, system := range levels {
			if *p.level(system) == "" {
				continue
			}
			for _, above := range levels[i+1:] {
				c.learn(link{system, *p.level(system), above}, *p.level(above))
			}
		}
	}
	return c
}

func (c crosswalk) learn(l link, parent string) {
	if l.code == "" || parent == "" {
		return
	}
	if known, ok := c[l]; ok && known != parent {
		parent = contradictory
	}
	c[l] = parent
}

// complete fills in the levels that the person's own data tell, from the
// finest code up. A product whose own code leads two ways is doubtful.
func (c crosswalk) complete(p *product) {
	for i, system := range levels {
		for _, above := range levels[i+1:] {
			if *p.level(system) == "" {
				continue
			}
			parent := c[link{system, *p.level(system), above}]
			switch {
			case parent == contradictory && above != fhir.ATC: // several ATC codes for one product are common
				p.doubtful = true
			case parent != contradictory && *p.level(above) == "":
				*p.level(above) = parent
			}
		}
	}
}

// markSuspects finds products of which a name belongs to another code of that
// system and to none of the other names of its own code (merge.md 2.3,
// consistency check). Brand and generic names of one code are normal and
// belong to no other.
func markSuspects(all []*medStatement) {
	book := displays{byCode: map[fhir.Coding][]string{}, byWord: map[string][]fhir.Coding{}, known: map[fhir.Coding]display{}}
	for _, s := range all {
		for _, c := range s.val.product.coded {
			book.add(c)
		}
	}
	for _, s := range all {
		p := &s.val.product
		p.suspect = p.suspect || slices.ContainsFunc(p.coded, book.misnamed)
	}
}

// displays are the names that codes go by, as words that say something.
type displays struct {
	byCode map[fhir.Coding][]string // names of a code, without its display
	byWord map[string][]fhir.Coding // codes of a word
	known  map[fhir.Coding]display  // what was read before
}

// display is a code of the G-Standaard alone, its name, and the first word of
// the name that says something.
type display struct {
	code       fhir.Coding
	name, word string
}

func (d displays) read(c fhir.Coding) (code fhir.Coding, name, word string) {
	found, ok := d.known[c]
	if !ok {
		found.code, found.name, found.word = displayed(c)
		d.known[c] = found
	}
	return found.code, found.name, found.word
}

func (d displays) add(c fhir.Coding) {
	code, name, word := d.read(c)
	if word == "" || slices.Contains(d.byCode[code], name) {
		return
	}
	d.byCode[code] = append(d.byCode[code], name)
	if !slices.Contains(d.byWord[word], code) {
		d.byWord[word] = append(d.byWord[word], code)
	}
}

func displayed(c fhir.Coding) (code fhir.Coding, name, word string) {
	code = fhir.Coding{System: c.System, Code: gStandaard(c.Code)}
	if code.Code == "" || code.System == fhir.ATC || !slices.Contains(levels[:], code.System) || isMagistral(code.Code) {
		return code, "", ""
	}
	return code, fold(c.Display), product{name: c.Display}.substance()
}

func (d displays) misnamed(c fhir.Coding) bool {
	code, name, word := d.read(c)
	if word == "" || len(d.byCode[code]) < 2 {
		return false
	}
	for _, other := range d.byCode[code] {
		if other != name && kindred(product{name: other}.substance(), word) {
			return false
		}
	}
	return slices.ContainsFunc(d.byWord[word], func(other fhir.Coding) bool { return other.System == code.System && other != code })
}
