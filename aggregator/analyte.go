package aggregator

import (
	"math/big"
	"strings"
	"sync"

	"github.com/bundel-pgo/bundel/fhir"
)

// Analyte is what a code of a laboratory test says is measured (merge.md 4.2, 4.7).
type Analyte struct {
	Key        string   // equal for codes that measure the same; never empty
	Name       string   // in Dutch
	Unit       string   // UCUM, in which values are compared; empty for a result that is no number
	Expects    string   // UCUM unit of the property the code itself names: another kind of unit contradicts it; empty or "*": none
	Mass       *big.Rat // g/mol; nil: mass and amount of substance never convert
	Same       string   // a unit that in this test stands for Unit, such as mU/L for m[iU]/L
	Specimen   string   // class of material: serum (or plasma), plasma, blood, capillary, urine, urine-24h; empty when the code does not say
	Low, High  *big.Rat // in Unit: what no living person exceeds; nil: no limit
	Chart      string   // equal for tests that belong in one chart
	Harmonised string   // "*" when laboratories agree on it, or a word of the method with which they do
	Confidence string   // how sure the row is: "A", "B", "B/C", "C"
}

// AnalyteTable tells what a code measures. A vendor with a licensed table puts
// its own in [Input]. It must be safe for concurrent use and always answer the same.
type AnalyteTable interface {
	Analyte(fhir.Coding) (Analyte, bool)
}

// Analytes is the table of this package (merge.md 4.7), for who wants to extend it.
func Analytes() AnalyteTable { return builtInAnalytes() }

type analyteMap map[string]Analyte

func (t analyteMap) Analyte(c fhir.Coding) (Analyte, bool) {
	a, ok := t[c.System+"|"+c.Code]
	return a, ok
}

var builtInAnalytes = sync.OnceValue(func() analyteMap {
	t := analyteMap{}
	systems := map[string]string{"l": fhir.LOINC, "n": fhir.NHG45}
	for _, row := range analyteRows() {
		for _, text := range strings.Fields(row.codes) {
			prefix, code, _ := strings.Cut(text, ":")
			a := row.analyte()
			code = a.adjust(code, prefix == "l")
			t[systems[prefix]+"|"+code] = a
		}
	}
	return t
})

func (row analyteRow) analyte() Analyte {
	a := Analyte{
		Key: row.key, Name: row.name, Unit: row.unit, Same: unitsOfTests()[row.key], Specimen: row.specimen,
		Chart: firstNonEmpty(row.chart, row.key), Harmonised: row.harmonised, Confidence: row.conf,
	}
	a.Mass, _ = fhir.ParseDecimal(row.mass)
	a.Low, _ = fhir.ParseDecimal(row.low)
	a.High, _ = fhir.ParseDecimal(row.high)
	return a
}

// adjust takes off what a code of the table adds to its row, and gives the code.
func (a *Analyte) adjust(code string, hasProperty bool) string {
	if hasProperty {
		a.Expects = a.Unit // a code of NHG names no property
	}
	code, a.Specimen = cutOr(code, "~", a.Specimen)
	code, mass := cutOr(code, "@", "")
	if own, ok := fhir.ParseDecimal(mass); ok {
		a.Mass = own
	}
	code, a.Expects = cutOr(code, "=", a.Expects)
	return code
}

func cutOr(s, sep, otherwise string) (before, after string) {
	before, after, found := strings.Cut(s, sep)
	if !found {
		after = otherwise
	}
	return before, after
}

// analyte is what one result measures, by all its codes.
type analyte struct {
	Analyte
	known       bool // the table has it
	contradicts bool // its codes, or code and unit, do not go together
}

// analyteOf reads the codes of a result. Two codes of two tests, or a unit that
// the property of the code cannot have, make a result that is compared with
// nothing: 4.6 % of mappings in use are wrong (merge.md 4.6).
func (m *merger) analyteOf(code fhir.Coded, q fhir.Quantity) analyte {
	var found analyte
	for _, c := range code.Coding {
		a, ok := m.Analytes.Analyte(c)
		switch {
		case !ok:
		case !found.known:
			found = analyte{Analyte: a, known: true}
		case a.Key != found.Key:
			found.contradicts = true
		case found.Expects == "":
			found.Analyte = a // the code that says most
		}
	}
	if found.contradicts || namesAMeasurement(code) {
		return analyte{Analyte: Analyte{Key: ownCode(code)}, contradicts: true}
	}
	if !found.known {
		found.Key = ownCode(code)
		if row := vitalOf(code); row.key != "" {
			found.Key = "vital:" + row.key // whichever codes stand beside it
		}
		found.Chart = found.Key
		return found
	}
	found.contradicts = !q.IsZero() && m.fit(found.Analyte, q).misfits
	return found
}

// analyteAt is analyteOf for a result of a provider: a code without a system means
// something there only.
func (m *merger) analyteAt(provider string, f finding) analyte {
	a := m.analyteOf(f.code, f.quantity)
	if strings.HasPrefix(a.Key, "|") {
		a.Key = "local:" + provider + a.Key
		a.Chart = a.Key
	}
	return a
}

// namesAMeasurement: a code of a measurement of the body beside a number of NHG
// that is not one, such as a temperature that is also a Chlamydia test.
func namesAMeasurement(code fhir.Coded) bool {
	row := vitalOf(fhir.Coded{Coding: codingsOf(code, fhir.LOINC)})
	if row.key == "" || row.key == "glucose" || !strings.Contains(row.codes, "n:") {
		return false
	}
	for _, c := range codingsOf(code, fhir.NHG45) {
		if !strings.Contains(" "+row.codes+" ", " n:"+c.Code+" ") {
			return true
		}
	}
	return false
}

func codingsOf(code fhir.Coded, system string) []fhir.Coding {
	var all []fhir.Coding
	for _, c := range code.Coding {
		if c.System == system {
			all = append(all, c)
		}
	}
	return all
}

// ownCode is the key of an analyte outside the table: its own code, that of the
// laboratory before one of LOINC, or its name when it has none.
func ownCode(code fhir.Coded) string {
	key := ""
	for _, c := range code.Coding {
		if c.Code != "" && c.System != fhir.NullFlavor && (key == "" || strings.HasPrefix(key, fhir.LOINC+"|")) {
			key = c.System + "|" + c.Code
		}
	}
	if text := fold(code.Display()); key == "" && text != "" {
		return "txt:" + text
	}
	return key
}

// misfits: the unit cannot belong to the property of the code, or to this test
// at all. A spelling that is not known proves nothing.
func (a Analyte) misfits(q fhir.Quantity) bool {
	unit := fhir.Quantity{Value: "1", Code: q.Code, Unit: q.Unit, System: q.System}
	if _, known := fhir.ParseUnit(firstNonEmpty(q.Code, q.Unit)); q.IsZero() || !known || a.Unit == "" || a.Expects == "*" {
		return false
	}
	if _, _, ok := unit.InMolar(a.Same, nil); ok {
		return false
	}
	if a.Expects != "" {
		_, _, ok := unit.InMolar(a.Expects, nil)
		return !ok
	}
	_, _, ok := unit.InMolar(a.Unit, a.Mass)
	return !ok
}

// measure gives the exact value in the unit of the test, with half of its rounding.
func (a Analyte) measure(q fhir.Quantity) (value, half *big.Rat, ok bool) {
	if a.Unit == "" {
		return nil, nil, false
	}
	if value, half, ok = q.InMolar(a.Unit, a.Mass); ok {
		return value, half, true
	}
	return q.InMolar(a.Same, nil)
}

// outside tells whether the value is one that no living person has.
func (a Analyte) outside(q fhir.Quantity) bool {
	value, _, ok := a.measure(q)
	if !ok {
		return false
	}
	return (a.Low != nil && value.Cmp(a.Low) < 0) || (a.High != nil && value.Cmp(a.High) > 0)
}

// harmonisedWith tells whether laboratories that use the method agree.
func (a Analyte) harmonisedWith(method string) bool {
	return a.Harmonised == "*" || (a.Harmonised != "" && strings.Contains(fold(method), a.Harmonised))
}
