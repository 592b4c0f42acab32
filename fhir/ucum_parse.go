package fhir

import (
	"maps"
	"math/big"
	"strconv"
	"strings"
)

// unitParser reads a UCUM term: components joined by "." and "/", with
// exponents, parentheses and annotations.
type unitParser struct {
	text    string
	at      int
	depth   int
	kind    string
	amounts map[string]int // how often mol and g occur, in either direction
}

// maxUnitNesting and maxPower keep hostile units small.
const (
	maxUnitNesting = 8
	maxPower       = 24
)

func (p *unitParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// term is components joined by "." and "/"; a leading "/" is one over.
func (p *unitParser) term() (Unit, bool) {
	if p.depth++; p.depth > maxUnitNesting {
		return Unit{}, false
	}
	defer func() { p.depth-- }()
	u := Unit{factor: big.NewRat(1, 1), dims: map[string]int{}}
	sign := 1
	if p.peek() == '/' {
		sign = -1
		p.at++
	}
	for parts := 0; parts < 20; parts++ {
		part, ok := p.component()
		if !ok || !u.multiply(part, sign) {
			return Unit{}, false
		}
		switch p.peek() {
		case '.':
			sign = 1
		case '/':
			sign = -1
		default:
			return u, parts == 0 || u.offset == nil
		}
		p.at++
	}
	return Unit{}, false
}

// component is a term in parentheses, an annotation or a symbol.
func (p *unitParser) component() (Unit, bool) {
	if p.peek() == '(' {
		p.at++
		u, ok := p.term()
		if !ok || p.peek() != ')' {
			return Unit{}, false
		}
		p.at++
		return u, true
	}
	if p.peek() == '{' {
		return Unit{factor: big.NewRat(1, 1)}, p.annotation()
	}
	symbol, power, ok := p.symbol()
	if !ok {
		return Unit{}, false
	}
	u, ok := atom(symbol)
	if !ok || (u.offset != nil && power != 1) {
		return Unit{}, false
	}
	for base := range u.dims {
		p.amounts[base]++
	}
	u, ok = u.raise(power)
	if p.peek() == '{' {
		ok = ok && p.annotation()
	}
	return u, ok
}

// annotation skips {...}. Only those that change what is measured become part
// of the kind.
func (p *unitParser) annotation() bool {
	end := strings.IndexByte(p.text[p.at:], '}')
	if end < 0 {
		return false
	}
	note := p.text[p.at : p.at+end+1]
	p.at += end + 1
	if keptAnnotations[note] {
		p.kind += note
	}
	return true
}

var keptAnnotations = map[string]bool{"{1.73_m2}": true, "{INR}": true, "{dosis}": true}

// symbol takes a symbol and the exponent behind it. A whole number is a symbol
// of its own; "10*" is ten.
func (p *unitParser) symbol() (symbol string, power int, ok bool) {
	start, inBracket := p.at, false
	for ; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		if inBracket {
			inBracket = c != ']'
			continue
		}
		if c == '[' {
			inBracket = true
		} else if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '%' || c == '\'') {
			break
		}
	}
	symbol = p.text[start:p.at]
	if symbol == "" {
		return p.number()
	}
	power, ok = p.exponent()
	return symbol, power, ok && !inBracket
}

// number is a whole number, or ten to a power.
func (p *unitParser) number() (symbol string, power int, ok bool) {
	start := p.at
	for p.peek() >= '0' && p.peek() <= '9' {
		p.at++
	}
	symbol = p.text[start:p.at]
	if c := p.peek(); symbol == "10" && (c == '*' || c == '^') {
		p.at++
		power, ok = p.exponent()
		return symbol, power, ok
	}
	return symbol, 1, symbol != ""
}

func (p *unitParser) exponent() (int, bool) {
	start := p.at
	if c := p.peek(); c == '-' || c == '+' {
		p.at++
	}
	for p.peek() >= '0' && p.peek() <= '9' {
		p.at++
	}
	if p.at == start {
		return 1, true
	}
	n, err := strconv.Atoi(p.text[start:p.at])
	return n, err == nil && n != 0 && n >= -maxPower && n <= maxPower
}

// multiply puts v, or one over v, into u.
func (u *Unit) multiply(v Unit, sign int) bool {
	v, ok := v.raise(sign)
	if !ok {
		return false
	}
	if v.offset != nil {
		u.offset = v.offset
	}
	u.factor = new(big.Rat).Mul(u.factor, v.factor)
	for base, power := range v.dims {
		u.dims[base] += power
	}
	return true
}

func (u Unit) raise(power int) (Unit, bool) {
	if power == 1 {
		return u, true
	}
	if u.offset != nil {
		return Unit{}, false // degrees of temperature have no powers
	}
	out := Unit{factor: big.NewRat(1, 1), dims: map[string]int{}, kind: u.kind}
	step := u.factor
	if power < 0 {
		step = new(big.Rat).Inv(step)
	}
	for range max(power, -power) {
		out.factor.Mul(out.factor, step)
	}
	for base, p := range u.dims {
		out.dims[base] = p * power
	}
	return out, true
}

// atom resolves a symbol: as it is, or a prefix and a metric unit.
func atom(symbol string) (Unit, bool) {
	if a, ok := atoms[symbol]; ok {
		return a.unit(), true
	}
	for i := range prefixes {
		rest, ok := strings.CutPrefix(symbol, prefixes[i].symbol)
		if a, found := atoms[rest]; ok && found && a.metric {
			u := a.unit()
			u.factor.Mul(u.factor, ratOf(prefixes[i].factor))
			return u, true
		}
	}
	return number(symbol)
}

// number is a bare factor. "10⁹/L" that has lost its superscript reads
// "109/L", so only factors are taken that people write.
func number(symbol string) (Unit, bool) {
	n, err := strconv.Atoi(symbol)
	isPower := strings.Trim(symbol, "0") == "1"
	if err != nil || n < 1 || n > 1_000_000 || (n > 100 && !isPower) {
		return Unit{}, false
	}
	return Unit{factor: big.NewRat(int64(n), 1)}, true
}

func (a unitAtom) unit() Unit {
	u := Unit{factor: ratOf(a.factor), dims: maps.Clone(a.dims)}
	if a.offset != "" {
		u.offset = ratOf(a.offset)
	}
	return u
}

// ratOf reads a factor of the tables, which a test checks.
func ratOf(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return big.NewRat(1, 1)
	}
	return r
}
