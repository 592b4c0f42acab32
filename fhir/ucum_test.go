package fhir

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestTablesOfUnitsAreSound(t *testing.T) {
	for symbol, a := range atoms {
		r, ok := new(big.Rat).SetString(a.factor)
		if !ok || r.Sign() <= 0 {
			t.Errorf("factor of %s", symbol)
		}
		if _, ok := new(big.Rat).SetString(a.offset); a.offset != "" && !ok {
			t.Errorf("offset of %s", symbol)
		}
		if u, ok := ParseUnit(symbol); !ok || u.factor.Cmp(r) != 0 {
			t.Errorf("%s does not parse to itself: %s", symbol, u)
		}
	}
	for _, p := range prefixes {
		if _, ok := new(big.Rat).SetString(p.factor); !ok {
			t.Errorf("prefix %s", p.symbol)
		}
	}
	for alias, code := range unitAliases {
		if _, ok := ParseUnit(code); !ok {
			t.Errorf("alias %s names %s, which is no unit", alias, code)
		}
		if a, b := (Quantity{Unit: alias}), (Quantity{Code: code}); !SameUnit(a, b) {
			t.Errorf("alias %s is not %s", alias, code)
		}
	}
}

func TestUnitsThatAreOne(t *testing.T) {
	for _, group := range [][]string{
		{"mmol/l", "mmol/L", "mmol.L-1"},
		{"umol/L", "µmol/L", "μmol/l", "{umol/L}", "{µmol/L}", "{micromol/l}", "micromol/L"},
		{"mL/min/{1.73_m2}", "ml/min/{1.73m2}", "ml/min/1.73m2", "mL/min/1.73m²"},
		{"mmol/(24.h)", "mmol/24h", "{mmol/24h}", "mmol/d"},
		{"{INR}", "INR", "[{NR}"},
		{"10*9/L", "10^9/l", "x10E9/L", "10⁹/L", "×10⁹/L", "/nL"},
		{"mm[Hg]", "mmHg", "mm Hg"},
		{"Cel", "°C", "gr C", "℃"},
		{"/min", "{breaths}/min", "{beats}/min", "1/min", "bpm"},
		{"/fL", "/fl"},
		{"meq/L", "mEq/L"},
		{"[iU]/L", "IU/L", "IE/l"},
		{"wk", "7.d", "week"},
		{"kg/m2", "kg/m²", "kg.m-2"},
	} {
		for _, spelling := range group {
			if !SameUnit(Quantity{Code: group[0]}, Quantity{Unit: spelling}) {
				u, _ := ParseUnit(spelling)
				t.Errorf("%s and %s differ: %s", group[0], spelling, u)
			}
		}
	}
}

func TestUnitsThatMustNeverConvert(t *testing.T) {
	for _, pair := range [][2]string{
		{"U/L", "[iU]/L"},
		{"[iU]", "[arb'U]"},
		{"{INR}", "1"},
		{"{INR}", "%"},
		{"mmol/mol", "%"},
		{"mg/g", "%"},
		{"mmol/mol", "mg/g"},
		{"mL/min", "mL/min/{1.73_m2}"},
		{"mmol/L", "mg/dL"},
		{"{score}", "1"},
		{"{score}", "{PackYears}"},
		{"meq/L", "mmol/L"},
		{"mosm/kg", "mmol/kg"},
		{"[drp]", "mL"},
		{"1", "{dosis}"},
		{"deg", "1"},
		{"Cel", "s"},
	} {
		a, b := Quantity{Value: "1", Code: pair[0]}, Quantity{Value: "1", Code: pair[1]}
		if Commensurable(a, b) || EqualValue(a, b) {
			t.Errorf("%s converts to %s", pair[0], pair[1])
		}
		if _, ok := a.In(pair[1]); ok {
			t.Errorf("%s in %s", pair[0], pair[1])
		}
	}
}

func TestUnitsThatAreNotKnown(t *testing.T) {
	for _, code := range []string{
		"", "foo", "109/L", "1012/L", "mmol//L", "mmol/", "(mmol", "mmol)", "{open", "[open", "m1000", "m0", "mg mL", "Cel/min", "Cel2", "mCel.s",
		"((((((((((m))))))))))", "0", "m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m",
	} {
		if u, ok := ParseUnit(code); ok {
			t.Errorf("%q is %s", code, u)
		}
	}
	a, b := Quantity{Value: "1", Unit: "blikje"}, Quantity{Value: "1", Unit: "flesje"}
	if Commensurable(a, b) || !Commensurable(a, a) || !SameUnit(a, a) || !EqualValue(a, a) || EqualValue(a, b) {
		t.Error("an unknown unit must be comparable with itself alone")
	}
	if v, unit, ok := a.Canonical(); !ok || unit != "=blikje" || v.RatString() != "1" {
		t.Error("canonical form of an unknown unit")
	}
	if Commensurable(Quantity{Value: "1"}, Quantity{Value: "1", Code: "1"}) {
		t.Error("no unit is not the unit one")
	}
	if (Unit{}).String() != "unknown" {
		t.Error("zero unit")
	}
}

func TestConversionsAreExact(t *testing.T) {
	for _, tc := range []struct{ value, from, to, want string }{
		{"1", "g", "mg", "1000"},
		{"5.4", "mmol/L", "umol/L", "5400"},
		{"37", "Cel", "[degF]", "493/5"},
		{"98.6", "[degF]", "Cel", "37"},
		{"0", "Cel", "K", "5463/20"},
		{"120", "mm[Hg]", "kPa", "199983/12500"},
		{"100", "kcal", "kJ", "2092/5"},
		{"42", "%", "L/L", "21/50"},
		{"2", "/d", "/wk", "14"},
		{"10", "mg/dL", "g/L", "1/10"},
		{"72", "/min", "Hz", "6/5"},
		{"70", "kg", "[lb_av]", "1000000000/6479891"},
	} {
		got, ok := Quantity{Value: tc.value, Code: tc.from}.In(tc.to)
		if !ok || got.RatString() != tc.want {
			t.Errorf("%s %s in %s: %v, want %s", tc.value, tc.from, tc.to, got, tc.want)
		}
	}
	if _, ok := (Quantity{Value: "veel", Code: "g"}).In("mg"); ok {
		t.Error("a text converts")
	}
}

func TestEqualValue(t *testing.T) {
	q := func(comparator, value, code string) Quantity {
		return Quantity{Comparator: comparator, Value: value, Code: code}
	}
	for _, tc := range []struct {
		name string
		a, b Quantity
		want bool
	}{
		{"trailing zero", q("", "1.0", "mmol/L"), q("", "1.00", "mmol/l"), true},
		{"exact within one unit", q("", "5.4", "mmol/L"), q("", "5.40000001", "mmol/L"), false},
		{"whole and decimal in one unit", q("", "2", "g"), q("", "2.3", "g"), false},
		{"rounded between units", q("", "0.08", "mmol/L"), q("", "78", "umol/L"), true},
		{"beyond the rounding", q("", "0.08", "mmol/L"), q("", "74", "umol/L"), false},
		{"at the edge", q("", "0.08", "mmol/L"), q("", "75", "umol/L"), true},
		{"comparators differ", q("<", "5", "g"), q("", "5", "g"), false},
		{"comparators equal", q("<", "5", "g"), q("<", "5000", "mg"), true},
		{"below is not the value", q("<", "5", "g"), q("", "4", "g"), false},
		{"ten times out", q("", "164", "g"), q("", "1640", "g"), false},
		{"no number", q("", "x", "g"), q("", "x", "g"), false},
		{"temperature", q("", "37.0", "Cel"), q("", "98.6", "[degF]"), true},
	} {
		if EqualValue(tc.a, tc.b) != tc.want || EqualValue(tc.b, tc.a) != tc.want {
			t.Errorf("%s: not %v", tc.name, tc.want)
		}
	}
}

func TestUnitOfAQuantity(t *testing.T) {
	for _, tc := range []struct {
		name string
		q    Quantity
		want string // in base units
	}{
		{"code before text", Quantity{Value: "1", System: UCUM, Code: "g", Unit: "mg"}, "1 g1"},
		{"text when the code is bad", Quantity{Value: "1", System: UCUM, Code: "??", Unit: "mg"}, "1/1000 g1"},
		{"table 902", Quantity{Value: "2", System: gStandaardUnits, Code: "233", Unit: "x"}, "1/500000 m3"},
		{"table 902, code not known", Quantity{Value: "2", System: gStandaardUnits, Code: "999"}, "2 =" + gStandaardUnits + "|999"},
		{"a code of another system", Quantity{Value: "2", System: "http://x", Code: "g", Unit: "g"}, "2 =http://x|g"},
	} {
		v, unit, ok := tc.q.Canonical()
		if !ok || v.RatString()+" "+unit != tc.want {
			t.Errorf("%s: %v %s", tc.name, v, unit)
		}
	}
}

func TestUnitLaws(t *testing.T) {
	codes := []string{"g", "mg", "kg", "mmol/L", "umol/L", "mol/m3", "Cel", "K", "[degF]", "mm[Hg]", "kPa", "h", "d", "/min", "L", "mL", "%", "L/L", "10*9/L", "/nL"}
	rapid.Check(t, func(rt *rapid.T) {
		a, b := rapid.SampledFrom(codes).Draw(rt, "a"), rapid.SampledFrom(codes).Draw(rt, "b")
		value := rapid.StringMatching(`-?[0-9]{1,6}(\.[0-9]{1,4})?`).Draw(rt, "value")
		q := Quantity{Value: value, Code: a}
		there, ok := q.In(b)
		if ok != Commensurable(q, Quantity{Code: b}) {
			rt.Fatalf("%s in %s: %v", a, b, ok)
		}
		if !ok {
			return
		}
		u, _ := ParseUnit(a)
		v, _ := ParseUnit(b)
		back := u.fromBase(v.toBase(there))
		if want, _ := q.Rat(); back.Cmp(want) != 0 {
			rt.Fatalf("%s %s to %s and back is %s", value, a, b, back)
		}
		if !EqualValue(q, q) {
			rt.Fatal("a value differs from itself")
		}
	})
}

// TestCommonUnitsAreReadAsAnyOther: what is kept of a common unit is what
// reading it would give, and nobody can change it.
func TestCommonUnitsAreReadAsAnyOther(t *testing.T) {
	for code, kept := range commonUnits() {
		fresh, ok := parseUnit(unitSpelling(code))
		if !ok || kept.String() != fresh.String() {
			t.Errorf("%s is kept as %s and read as %s", code, kept, fresh)
		}
		squared, ok := parseUnit(code + "." + code)
		if ok && kept.String() != fresh.String() {
			t.Errorf("%s changed to %s by %s", code, kept, squared)
		}
	}
}
