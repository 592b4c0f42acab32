package fhir

import (
	"math/big"
	"strings"
)

// Quantity is a number with a unit. Value is the decimal text as delivered.
type Quantity struct {
	Value, Comparator  string
	Unit, System, Code string
}

// Quantity reads this place as a Quantity.
func (n Node) Quantity() Quantity {
	n = n.first()
	return Quantity{
		Value:      strings.TrimSpace(n.Str("value")),
		Comparator: n.Str("comparator"),
		Unit:       n.Str("unit"),
		System:     System(n.Str("system")),
		Code:       strings.TrimSpace(n.Str("code")),
	}
}

// IsZero tells whether there is no value.
func (q Quantity) IsZero() bool { return q.Value == "" }

// Rat is the exact value. It refuses what is no plain decimal and exponents
// that no measurement has, so that "1e999999" cannot fill the memory.
func (q Quantity) Rat() (*big.Rat, bool) { return ParseDecimal(q.Value) }

// ParseDecimal reads a decimal of at most 64 characters exactly, with a
// decimal point and an exponent of at most two digits.
func ParseDecimal(s string) (*big.Rat, bool) {
	if s == "" || len(s) > 64 || strings.Trim(s, "+-0123456789.eE") != "" {
		return nil, false
	}
	if _, exp, ok := strings.Cut(strings.ToLower(s), "e"); ok && len(strings.TrimLeft(exp, "+-0")) > 2 {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// Symbol is the unit to show: the unit text; without it the UCUM code, unless
// that is the code for "no unit".
func (q Quantity) Symbol() string {
	if q.Unit != "" {
		return q.Unit
	}
	if q.Code == "1" {
		return ""
	}
	return q.Code
}

// Decimals counts the digits after the decimal point.
func Decimals(value string) int {
	_, frac, _ := strings.Cut(value, ".")
	return len(frac)
}
