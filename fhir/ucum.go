package fhir

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Unit is a unit of the UCUM subset of merge.md 4.5, in exact arithmetic: a
// factor to base units, the power of each base unit, and a kind that keeps
// units apart which only look alike. The zero Unit is "unknown".
type Unit struct {
	factor *big.Rat
	offset *big.Rat       // of Cel and [degF]: base = value*factor + offset
	dims   map[string]int // base unit or arbitrary unit -> power
	kind   string         // "{1.73_m2}", "mol/mol", "{score}", ...
	name   string         // of the dimension and kind
}

// commonUnits are the units that most values carry, read once.
var commonUnits = sync.OnceValue(func() map[string]Unit {
	known := map[string]Unit{}
	for _, code := range strings.Fields("1 % mmol/L umol/L nmol/L pmol/L mmol/mol mg/mmol mg/L g/L ug/L mg/dL g/dL U/L mU/L m[iU]/L [iU]/L " +
		"mL/min mL/min/{1.73_m2} 10*9/L 10*12/L L/L fL {INR} mm[Hg] /min {breaths}/min kg g mg ug cm m Cel mL L mm/h s min h d wk mo a") {
		known[code], _ = parseUnit(unitSpelling(code))
	}
	return known
})

// ParseUnit reads a UCUM code, or one of the spellings that Dutch systems use
// for it ("mmol/l", "x10E9/L", "ml/min/1.73m2").
func ParseUnit(code string) (Unit, bool) {
	if u, ok := commonUnits()[code]; ok {
		return u, u.factor != nil
	}
	return parseUnit(unitSpelling(code))
}

// parseUnit reads a UCUM code. What it gives is never changed afterwards.
func parseUnit(code string) (Unit, bool) {
	if code == "" {
		return Unit{}, false
	}
	if isAnnotation(code) { // nothing but words: comparable with the same words only
		u := Unit{factor: big.NewRat(1, 1), kind: code}
		u.name = u.baseName()
		return u, true
	}
	p := unitParser{text: code, amounts: map[string]int{}}
	u, ok := p.term()
	if !ok || p.at != len(p.text) {
		return Unit{}, false
	}
	u.kind += p.kind
	// A ratio of amounts is not a bare number: 48 mmol/mol is not 4.8 %.
	for _, base := range [...]string{"mol", "g"} {
		if p.amounts[base] > 0 && u.dims[base] == 0 {
			u.kind += base + "/" + base
		}
	}
	u.name = u.baseName()
	return u, true
}

func isAnnotation(code string) bool {
	return len(code) > 2 && code[0] == '{' && strings.IndexByte(code, '}') == len(code)-1
}

// base is the name of the dimension and kind: equal names are commensurable.
func (u Unit) base() string { return u.name }

func (u Unit) baseName() string {
	var parts []string
	for name, power := range u.dims {
		if power != 0 {
			parts = append(parts, name+strconv.Itoa(power))
		}
	}
	slices.Sort(parts)
	name := strings.Join(parts, ".")
	if name == "" {
		name = "1"
	}
	if u.kind != "" {
		name += " " + u.kind
	}
	return name
}

func (u Unit) equal(v Unit) bool {
	return u.factor != nil && v.factor != nil && u.base() == v.base() && u.factor.Cmp(v.factor) == 0 && sameOffset(u, v)
}

func sameOffset(u, v Unit) bool {
	if u.offset == nil || v.offset == nil {
		return u.offset == v.offset
	}
	return u.offset.Cmp(v.offset) == 0
}

// toBase and fromBase are exact and each other's inverse.
func (u Unit) toBase(v *big.Rat) *big.Rat {
	out := new(big.Rat).Mul(v, u.factor)
	if u.offset != nil {
		out.Add(out, u.offset)
	}
	return out
}

func (u Unit) fromBase(v *big.Rat) *big.Rat {
	out := new(big.Rat).Set(v)
	if u.offset != nil {
		out.Sub(out, u.offset)
	}
	return out.Quo(out, u.factor)
}

// unit finds the unit of a quantity: its code, else its text. The name is for
// units that cannot be parsed, which equal only themselves.
func (q Quantity) unit() (u Unit, name string, ok bool) {
	if q.System == gStandaardUnits {
		if dose, found := doseUnits[q.Code]; found {
			u, ok = ParseUnit(dose.ucum)
			return u, dose.ucum, ok
		}
		return Unit{}, q.System + "|" + q.Code, false
	}
	if q.System == "" || q.System == UCUM {
		if u, ok := ParseUnit(q.Code); ok {
			return u, q.Code, true
		}
		if q.System == UCUM || q.Code == "" {
			if u, ok := ParseUnit(q.Unit); ok {
				return u, q.Unit, true
			}
		}
	}
	return Unit{}, joinWith("|", []string{q.System, cmp.Or(q.Code, q.Unit)}), false
}

// Canonical gives the exact value in base units and the name of those. A unit
// that is not known is its own base unit; ok is false when there is no number.
// The comparator is not part of it.
func (q Quantity) Canonical() (value *big.Rat, unit string, ok bool) {
	value, ok = q.Rat()
	if !ok {
		return nil, "", false
	}
	u, name, known := q.unit()
	if !known {
		return value, "=" + name, true
	}
	return u.toBase(value), u.base(), true
}

// Commensurable tells whether the values can be put on one scale. Units that
// are not known, or absent, are commensurable with the identical one only.
func Commensurable(a, b Quantity) bool {
	u, nameA, okA := a.unit()
	v, nameB, okB := b.unit()
	if !okA || !okB {
		return okA == okB && nameA == nameB
	}
	return u.base() == v.base()
}

// SameUnit tells whether both are written in one unit, in any spelling.
func SameUnit(a, b Quantity) bool {
	u, nameA, okA := a.unit()
	v, nameB, okB := b.unit()
	if !okA || !okB {
		return okA == okB && nameA == nameB
	}
	return u.equal(v)
}

// In gives the exact value in another unit, for comparing and for the axis of
// a chart; what is shown is always the value as delivered.
func (q Quantity) In(unit string) (*big.Rat, bool) {
	value, ok := q.Rat()
	from, _, known := q.unit()
	to, valid := ParseUnit(unit)
	if !ok || !known || !valid || from.base() != to.base() {
		return nil, false
	}
	if from.equal(to) {
		return value, true
	}
	return to.fromBase(from.toBase(value)), true
}

// EqualValue tells whether both say the same value (merge.md 4.3 rule 4): the
// comparators are equal, and the numbers are equal exactly within one unit, or
// within the larger of both roundings between two units.
func EqualValue(a, b Quantity) bool {
	x, okX := a.Rat()
	y, okY := b.Rat()
	if !okX || !okY || a.Comparator != b.Comparator || !Commensurable(a, b) {
		return false
	}
	if SameUnit(a, b) {
		return x.Cmp(y) == 0
	}
	u, _, _ := a.unit()
	v, _, _ := b.unit()
	diff := new(big.Rat).Sub(u.toBase(x), v.toBase(y))
	half := halfWidth(a.Value, u)
	if other := halfWidth(b.Value, v); other.Cmp(half) > 0 {
		half = other
	}
	return diff.Abs(diff).Cmp(half) <= 0
}

// halfWidth is half a unit of the last decimal, in base units.
func halfWidth(value string, u Unit) *big.Rat {
	half := big.NewRat(1, 2)
	tenth := big.NewRat(1, 10)
	for range Decimals(value) {
		half.Mul(half, tenth)
	}
	return half.Mul(half, u.factor)
}

// String gives the base units with the factor, for tests and traces.
func (u Unit) String() string {
	if u.factor == nil {
		return "unknown"
	}
	return fmt.Sprintf("%s %s", u.factor.RatString(), u.base())
}
