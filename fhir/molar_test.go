package fhir

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestMassAndSubstance(t *testing.T) {
	for _, c := range []struct {
		name, value, from, to, mass, want, half string
		ok                                      bool
	}{
		{"glucose", "90", "mg/dL", "mmol/L", "180.156", "4.9957", "0.0278", true},
		{"and back", "5.0", "mmol/L", "mg/dL", "180.156", "90.0780", "0.9008", true},
		{"creatinine", "1.0", "mg/dL", "umol/L", "113.12", "88.4017", "4.4201", true},
		{"albumin by creatinine", "30", "mg/g", "mg/mmol", "113.12", "3.3936", "0.0566", true},
		{"and back", "3.4", "mg/mmol", "mg/g", "113.12", "30.0566", "0.4420", true},
		{"same unit, other spelling", "5.40", "mmol/l", "mmol/L", "", "5.4000", "0.0050", true},
		{"same dimension without a mass", "85", "umol/L", "mmol/L", "", "0.0850", "0.0005", true},
		{"no mass", "90", "mg/dL", "mmol/L", "", "", "", false},
		{"a mass of nothing", "90", "mg/dL", "mmol/L", "0", "", "", false},
		{"a mass does not make enzymes moles", "90", "U/L", "mmol/L", "180", "", "", false},
		{"a mass does not make days of litres", "90", "mg/dL", "mmol/(24.h)", "180", "", "", false},
		{"no number", "veel", "mg/dL", "mmol/L", "180", "", "", false},
		{"unknown unit", "90", "knots", "mmol/L", "180", "", "", false},
		{"to an unknown unit", "90", "mg/dL", "knots", "180", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			mass, _ := ParseDecimal(c.mass)
			value, half, ok := Quantity{Value: c.value, Code: c.from, System: UCUM}.InMolar(c.to, mass)
			if ok != c.ok {
				t.Fatalf("ok is %v", ok)
			}
			if ok && (value.FloatString(4) != c.want || half.FloatString(4) != c.half) {
				t.Errorf("got %s +- %s, want %s +- %s", value.FloatString(4), half.FloatString(4), c.want, c.half)
			}
		})
	}
}

// TestMolarRoundTripIsExact is P10: there and back is the very same number.
func TestMolarRoundTripIsExact(t *testing.T) {
	pairs := [][2]string{{"mg/dL", "mmol/L"}, {"g/L", "umol/L"}, {"ng/mL", "pmol/L"}, {"mg/g", "mg/mmol"}, {"umol/L", "mmol/L"}}
	rapid.Check(t, func(rt *rapid.T) {
		pair := rapid.SampledFrom(pairs).Draw(rt, "units")
		if rapid.Bool().Draw(rt, "backwards") {
			pair[0], pair[1] = pair[1], pair[0]
		}
		mass := big.NewRat(rapid.Int64Range(1, 1e8).Draw(rt, "mass"), 1000)
		text := rapid.StringMatching(`[1-9][0-9]{0,3}(\.[0-9]{1,3})?`).Draw(rt, "value")
		q := Quantity{Value: text, Code: pair[0], System: UCUM}
		there, half, ok := q.InMolar(pair[1], mass)
		if !ok || half.Sign() <= 0 {
			rt.Fatalf("%v to %s: ok %v, half %v", q, pair[1], ok, half)
		}
		from, _ := ParseUnit(pair[0])
		to, _ := ParseUnit(pair[1])
		bridge, ok := molarBridge(to.base(), from.base(), mass)
		if !ok {
			rt.Fatal("no way back")
		}
		back := to.toBase(there)
		back = from.fromBase(back.Mul(back, bridge))
		if exact, _ := q.Rat(); back.Cmp(exact) != 0 {
			rt.Fatalf("%s became %s", exact.RatString(), back.RatString())
		}
	})
}

// TestCommensurableIsAnEquivalence is P10.
func TestCommensurableIsAnEquivalence(t *testing.T) {
	units := []string{"mmol/L", "umol/L", "mg/dL", "g/L", "U/L", "[iU]/L", "%", "mmol/mol", "mg/g", "mg/mmol", "{INR}", "mL/min", "mL/min/{1.73_m2}", "10*9/L", "knots", "", "Cel", "[degF]"}
	q := func(unit string) Quantity { return Quantity{Value: "1", Code: unit, System: UCUM} }
	for _, a := range units {
		if !Commensurable(q(a), q(a)) {
			t.Errorf("%q is not like itself", a)
		}
		for _, b := range units {
			if Commensurable(q(a), q(b)) != Commensurable(q(b), q(a)) {
				t.Errorf("%q and %q depend on order", a, b)
			}
			for _, c := range units {
				if Commensurable(q(a), q(b)) && Commensurable(q(b), q(c)) && !Commensurable(q(a), q(c)) {
					t.Errorf("%q is like %q is like %q, but not the first the last", a, b, c)
				}
			}
		}
	}
}
