package aggregator

import (
	"math/big"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

// comparable tells whether two results of one analyte can be put on one scale.
func (o *observation) comparable(other *observation) bool {
	if fhir.Commensurable(o.quantity, other.quantity) {
		return true
	}
	_, _, a := o.analyte.measure(o.quantity)
	_, _, b := other.analyte.measure(other.quantity)
	return a && b
}

// sameValue tells whether two results say the same (merge.md 4.3 rule 4).
// Between mass and substance the larger of both roundings is allowed.
func sameValue(x, y *observation) bool {
	if x.quantity.IsZero() || y.quantity.IsZero() {
		return x.quantity.IsZero() == y.quantity.IsZero() && sameText(x.finding, y.finding)
	}
	if fhir.Commensurable(x.quantity, y.quantity) {
		return fhir.EqualValue(x.quantity, y.quantity)
	}
	a, halfA, okA := x.analyte.measure(x.quantity)
	b, halfB, okB := y.analyte.measure(y.quantity)
	if !okA || !okB || x.quantity.Comparator != y.quantity.Comparator {
		return false
	}
	if halfB.Cmp(halfA) > 0 {
		halfA = halfB
	}
	diff := new(big.Rat).Sub(a, b)
	return diff.Abs(diff).Cmp(halfA) <= 0
}

// sameText compares results that are codes by their codes, others by their
// words.
func sameText(x, y *finding) bool {
	for _, c := range x.codes {
		if c.Code != "" && slices.ContainsFunc(y.codes, func(d fhir.Coding) bool { return c.System == d.System && c.Code == d.Code }) {
			return true
		}
	}
	return fold(x.text) == fold(y.text)
}

// converted is the help value: the result in the unit of its analyte, with as
// many significant digits as were delivered. Empty when it has that unit, or no
// scale in common with it.
func (a Analyte) converted(q fhir.Quantity) fhir.Quantity {
	unit := fhir.Quantity{Value: "1", Unit: a.Unit, Code: a.Unit, System: fhir.UCUM}
	value, _, ok := a.measure(q)
	if !ok || fhir.SameUnit(unit, q) {
		return fhir.Quantity{}
	}
	unit.Value, unit.Comparator = roundLike(value, q.Value), q.Comparator
	return unit
}

// roundLike writes a value with as many significant digits as the text has, and
// at least two.
func roundLike(value *big.Rat, text string) string {
	digits := significant(text)
	bound := new(big.Rat).Abs(value)
	ten := big.NewRat(10, 1)
	for limit := big.NewRat(1, 1); bound.Cmp(limit) >= 0 && digits > 0; limit.Mul(limit, ten) {
		digits--
	}
	for limit := big.NewRat(1, 10); bound.Sign() > 0 && bound.Cmp(limit) < 0 && digits < 12; limit.Quo(limit, ten) {
		digits++
	}
	return value.FloatString(digits)
}

// significant counts the digits of a decimal text that mean something, at least
// two and at most eight.
func significant(text string) int {
	n := 0
	for _, c := range text {
		if c == 'e' || c == 'E' {
			break
		}
		if c >= '1' && c <= '9' || (c == '0' && n > 0) {
			n++
		}
	}
	return min(max(n, 2), 8)
}

// The two ways to write HbA1c, as published by the IFCC: NGSP % = 0.09148 × IFCC
// + 2.152. They are two series; this is a line of help beside the value
// (merge.md 4.5, 4.6).
func (a Analyte) otherHbA1c(q fhir.Quantity) fhir.Quantity {
	value, _, ok := a.measure(q)
	if !ok || q.Comparator != "" {
		return fhir.Quantity{}
	}
	slope, offset := big.NewRat(9148, 100000), big.NewRat(2152, 1000)
	switch a.Key {
	case "hba1c", "hba1c-poc":
		value = new(big.Rat).Add(new(big.Rat).Mul(value, slope), offset)
		return fhir.Quantity{Value: value.FloatString(1), Unit: "%", Code: "%", System: fhir.UCUM}
	case "hba1c-n":
		value = new(big.Rat).Quo(new(big.Rat).Sub(value, offset), slope)
		return fhir.Quantity{Value: value.FloatString(0), Unit: "mmol/mol", Code: "mmol/mol", System: fhir.UCUM}
	}
	return fhir.Quantity{}
}
