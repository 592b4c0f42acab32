package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// product is a medicinal product as far as codes and names tell (merge.md 2.3).
type product struct {
	name        string
	risky       bool // one of the names it goes by in its resource is of high risk
	coded       []fhir.Coding
	zi, hpk     string
	prk, gpk    string
	atc         string
	ingredients []string // canonical set, sorted; empty when unknown
	route       string
	magistral   bool
	brandBound  bool // no other brand may take its place
	suspect     bool // name and code do not fit each other
	doubtful    bool // a code of it leads two ways, see crosswalk

	words *nameWords // of the name; nil: not kept
}

// productOf reads the product of a medication resource: by reference, by code,
// or from the display when the reference leads nowhere.
func (m *merger) productOf(e *entry) product {
	said, ok := first(e.read()).(*clinical.Medication)
	if !ok {
		said = &clinical.Medication{}
	}
	if code := said.ProductCode; !code.IsZero() {
		return newProduct(said, code, &clinical.Product{})
	}
	made := m.madeOf(e, said.Product)
	p := newProduct(said, made.Code, made)
	p.ingredients = m.ingredientSet(e, made)
	return p
}

// newProduct reads all but the ingredients, which may be records of their own.
func newProduct(said *clinical.Medication, code fhir.Coded, made *clinical.Product) product {
	p := product{name: firstNonEmpty(code.Display(), made.Description, said.Product.Display), coded: code.Coding}
	for _, c := range code.Coding {
		p.setCode(c)
		p.risky = p.risky || isRiskyName(c.Display)
	}
	p.risky = p.risky || isRiskyName(code.Text) || isRiskyName(said.Product.Display)
	p.magistral = p.magistral || (len(code.Coding) == 0 && len(made.Ingredients) > 0)
	p.route = said.Dosage.RouteKey()
	p.brandBound = isBrandBound(said)
	p.words = readNameWords(p)
	return p
}

// madeOf reads the Medication a reference leads to, contained or not.
func (m *merger) madeOf(e *entry, r fhir.Reference) *clinical.Product {
	var value clinical.Reading
	if strings.HasPrefix(r.URL, "#") {
		value, _ = clinical.ReadNode(fhir.Resource{Ref: fhir.Ref{Type: "Medication"}, Version: e.Version}, m.book.node(e, r))
	} else if at := m.book.follow(e, r); at != nil {
		value, _ = at.read()
	}
	if made, ok := value.(*clinical.Product); ok {
		return made
	}
	return &clinical.Product{}
}

// setCode notes a code at its level. Two different codes of one system in one
// resource contradict each other, so neither can be trusted.
func (p *product) setCode(c fhir.Coding) {
	value := gStandaard(c.Code)
	at := p.level(c.System)
	switch {
	case at == nil:
	case c.System == fhir.ATC:
		p.atc = strings.ToUpper(strings.TrimSpace(c.Code))
	case value == "":
	case isMagistral(value):
		p.magistral = true
	case *at != "" && *at != value:
		p.suspect = true
	default:
		*at = value
	}
}

// level is where the code of a system is kept.
func (p *product) level(system string) *string {
	switch system {
	case fhir.ZI:
		return &p.zi
	case fhir.HPK:
		return &p.hpk
	case fhir.PRK:
		return &p.prk
	case fhir.GPK:
		return &p.gpk
	case fhir.ATC:
		return &p.atc
	}
	return nil
}

// gStandaard normalises a number of the G-Standaard: leading zeros say nothing.
func gStandaard(code string) string {
	code = strings.TrimLeft(strings.TrimSpace(code), "0")
	if strings.Trim(code, "0123456789") != "" {
		return ""
	}
	return code
}

// isMagistral: numbers from ninety million on are local to a pharmacy, for what
// it makes itself, and are reused freely.
func isMagistral(code string) bool { return len(code) == 8 && code[0] == '9' }

// isBrandBound tells whether the prescriber asked for this very brand.
func isBrandBound(said *clinical.Medication) bool {
	if said.Substitution == clinical.No {
		return true
	}
	for _, c := range said.Additional {
		text := fold(c.Display())
		if strings.Contains(text, "niet vervangen") || strings.Contains(text, "medische noodzaak") {
			return true
		}
	}
	return false
}

// ingredientSet is the set of active substances, by code where all have one,
// by name where all have one.
func (m *merger) ingredientSet(e *entry, made *clinical.Product) []string {
	var codes, names []string
	active := 0
	for _, i := range made.Ingredients {
		if i.Active == clinical.No {
			continue
		}
		active++
		c := i.Code
		if at := m.book.follow(e, i.Substance); c.IsZero() && at != nil {
			c = at.node().Get("code").Coded()
		}
		for _, coding := range c.Coding {
			if coding.System == fhir.SNK || coding.System == fhir.SNOMED {
				codes = append(codes, coding.System+"|"+agentCode(coding))
				break
			}
		}
		if name := fold(c.Display()); name != "" {
			names = append(names, name)
		}
	}
	for _, set := range [...][]string{codes, names} {
		if len(set) == active && active > 0 {
			slices.Sort(set)
			return slices.Compact(set)
		}
	}
	return nil
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

// same tells whether two products are equal at level L0, L1 or L2.
func (p product) same(q product) bool {
	if p.prk != "" && q.prk != "" {
		return p.prk == q.prk
	}
	return (p.hpk != "" && p.hpk == q.hpk) || (p.zi != "" && p.zi == q.zi)
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

// isCoded tells whether there is a code at any level.
func (p product) isCoded() bool { return p.strict() != "" || p.gpk != "" || p.atc != "" }
