package fhir

import "math/big"

// InMolar gives the exact value in another unit and what its rounding leaves
// open: half a unit of the last decimal. Where one unit is of mass and the other
// of amount of substance, mass is what turns them into each other, in g/mol: of
// what the value counts, or of what it is divided by (mg/g and mg/mmol). Without
// a mass those two never convert. The comparator is not part of it. It is for
// comparing and for the axis of a chart (merge.md 4.3 rule 4, 4.5).
func (q Quantity) InMolar(unit string, mass *big.Rat) (value, half *big.Rat, ok bool) {
	value, ok = q.Rat()
	from, _, known := q.unit()
	to, valid := ParseUnit(unit)
	if !ok || !known || !valid {
		return nil, nil, false
	}
	if from.equal(to) {
		return value, halfWidth(q.Value, Unit{factor: big.NewRat(1, 1)}), true
	}
	bridge, ok := molarBridge(from.base(), to.base(), mass)
	if !ok {
		return nil, nil, false
	}
	half = halfWidth(q.Value, from)
	half.Quo(half.Mul(half, bridge), to.factor)
	value = from.toBase(value)
	return to.fromBase(value.Mul(value, bridge)), half, true
}

const (
	massPerVolume   = "g1.m-3"
	amountPerVolume = "m-3.mol1"
	massPerMass     = "1 g/g"
	massPerAmount   = "g1.mol-1"
)

// molarBridge is what a value in one base unit is multiplied by to be in the
// other.
func molarBridge(from, to string, mass *big.Rat) (*big.Rat, bool) {
	if from == to {
		return big.NewRat(1, 1), true
	}
	if mass == nil || mass.Sign() <= 0 {
		return nil, false
	}
	switch [2]string{from, to} {
	case [2]string{massPerVolume, amountPerVolume}, [2]string{massPerAmount, massPerMass}:
		return new(big.Rat).Inv(mass), true
	case [2]string{amountPerVolume, massPerVolume}, [2]string{massPerMass, massPerAmount}:
		return mass, true
	}
	return nil, false
}
