package aggregator

import (
	"math/big"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// TestAnalyteTableIsSound: every unit is known, no code is in two rows, and
// limits are in order.
func TestAnalyteTableIsSound(t *testing.T) {
	seen := map[string]string{}
	for _, row := range analyteRows() {
		for _, code := range strings.Fields(row.codes) {
			name := strings.FieldsFunc(code, func(r rune) bool { return strings.ContainsRune("=@~", r) })[0]
			if seen[name] != "" {
				t.Errorf("%s is in %s and %s", name, seen[name], row.key)
			}
			seen[name] = row.key
		}
		a := row.analyte()
		if _, ok := fhir.ParseUnit(row.unit); !ok && row.unit != "" {
			t.Errorf("%s: unit %q", row.key, row.unit)
		}
		if (a.Mass == nil) != (row.mass == "") || (a.Low == nil) != (row.low == "") || (a.Low != nil && a.Low.Cmp(a.High) >= 0) {
			t.Errorf("%s: mass or limits", row.key)
		}
		if !strings.Contains("A B C B/C", row.conf) || row.conf == "" || row.name == "" {
			t.Errorf("%s: confidence %q, name %q", row.key, row.conf, row.name)
		}
	}
	if len(builtInAnalytes()) != len(seen) {
		t.Errorf("%d codes in the rows, %d in the table", len(seen), len(builtInAnalytes()))
	}
}

// TestFactorsOfTheDesign compares the conversions with the factors that
// merge.md 4.7 prints.
func TestFactorsOfTheDesign(t *testing.T) {
	for code, want := range map[string]string{
		"2345-7 mg/dL": "0.05551", "2160-0 mg/dL": "88.40", "9318-7 mg/g": "0.1131", "1975-2 mg/dL": "17.10",
		"2093-3 mg/dL": "0.02586", "2571-8 mg/dL": "0.01129", "718-7 g/dL": "0.6206", "3024-7 ng/dL": "12.87",
		"2132-9 pg/mL": "0.7378", "14732-2 ng/mL": "2.266", "14635-7 ng/mL": "2.496", "17861-6 mg/dL": "0.2495",
		"22664-7 mg/dL": "0.1665", "3094-0 mg/dL": "0.3570", "14933-6 mg/dL": "0.05948", "14879-1 mg/dL": "0.3229",
		"2601-3 mg/dL": "0.4114", "3016-3 mU/L": "1", "4544-3 %": "0.01",
	} {
		number, unit, _ := strings.Cut(code, " ")
		a, ok := Analytes().Analyte(fhir.Coding{System: fhir.LOINC, Code: number})
		if !ok {
			t.Errorf("no %s", number)
			continue
		}
		got, _, ok := a.measure(fhir.Quantity{Value: "1", Code: unit, System: fhir.UCUM})
		exact, _ := fhir.ParseDecimal(want)
		if !ok || new(big.Rat).Abs(new(big.Rat).Sub(new(big.Rat).Quo(got, exact), big.NewRat(1, 1))).Cmp(big.NewRat(1, 1000)) > 0 {
			t.Errorf("%s: %v, want %s", code, got, want)
		}
	}
}

func TestWhatIsNeverConverted(t *testing.T) {
	for _, c := range [][3]string{
		{"2276-4", "pmol/L", "ferritin"},
		{"1742-6", "[iU]/L", "an enzyme"},
		{"33762-6", "pmol/L", "NT-proBNP"},
		{"59261-8", "%", "two ways to write HbA1c"},
		{"2857-1", "pmol/L", "PSA"},
		{"6301-6", "%", "INR"},
		{"62292-8", "nmol/L", "vitamin D of two kinds"},
	} {
		a, _ := Analytes().Analyte(fhir.Coding{System: fhir.LOINC, Code: c[0]})
		if _, _, ok := a.measure(fhir.Quantity{Value: "1", Code: c[1], System: fhir.UCUM}); ok {
			t.Errorf("%s converts to %s", c[2], c[1])
		}
	}
}

func TestPropertyAndUnit(t *testing.T) {
	for _, c := range []struct {
		name, system, code, unit string
		want                     bool
	}{
		{"substance code in substance", fhir.LOINC, "14682-9", "umol/L", false},
		{"substance code in mass", fhir.LOINC, "14682-9", "mg/dL", true},
		{"mass code in substance", fhir.LOINC, "2160-0", "umol/L", true},
		{"a code of NHG names no property", fhir.NHG45, "523", "mg/dL", false},
		{"but a test cannot be in anything", fhir.NHG45, "523", "U/L", true},
		{"number concentration", fhir.LOINC, "6690-2", "g/L", true},
		{"a spelling nobody knows proves nothing", fhir.LOINC, "14682-9", "eenheden", false},
		{"either is in use", fhir.LOINC, "33762-6", "pmol/L", false},
		{"by the table", fhir.LOINC, "3016-3", "mU/L", false},
	} {
		a, ok := Analytes().Analyte(fhir.Coding{System: c.system, Code: c.code})
		if got := a.misfits(fhir.Quantity{Value: "1", Code: c.unit, System: fhir.UCUM}); !ok || got != c.want {
			t.Errorf("%s: %v (known %v)", c.name, got, ok)
		}
	}
}

func TestCodesThatContradict(t *testing.T) {
	m := newMerger(&Statements{}, Input{AsOf: caseT})
	nhg := func(code string) fhir.Coding { return fhir.Coding{System: fhir.NHG45, Code: code} }
	loinc := func(code string) fhir.Coding { return fhir.Coding{System: fhir.LOINC, Code: code} }
	for _, c := range []struct {
		name  string
		codes []fhir.Coding
		key   string
		bad   bool
	}{
		{"one test in two systems", []fhir.Coding{nhg("523"), loinc("14682-9")}, "creat", false},
		{"serum and urine", []fhir.Coding{nhg("523"), loinc("14683-7")}, fhir.NHG45 + "|523", true},
		{"LOINC first, the own code names it", []fhir.Coding{loinc("14683-7"), nhg("523")}, fhir.NHG45 + "|523", true},
		{"a number that is not of temperature", []fhir.Coding{nhg("2283"), loinc("8310-5")}, fhir.NHG45 + "|2283", true},
		{"temperature in both", []fhir.Coding{nhg("1357"), loinc("8310-5")}, "vital:temperature", false},
		{"not in the table", []fhir.Coding{loinc("99999-9")}, fhir.LOINC + "|99999-9", false},
		{"a code that says nothing", []fhir.Coding{{System: fhir.NullFlavor, Code: "OTH"}}, "txt:iets", false},
	} {
		got := m.analyteOf(fhir.Coded{Coding: c.codes, Text: "iets"}, fhir.Quantity{})
		if got.Key != c.key || got.contradicts != c.bad {
			t.Errorf("%s: %q, contradicts %v", c.name, got.Key, got.contradicts)
		}
	}
}

func TestSpecimenClasses(t *testing.T) {
	sct := func(code string) fhir.Coded {
		return fhir.Coded{Coding: []fhir.Coding{{System: fhir.SNOMED, Code: code}}}
	}
	for _, c := range []struct {
		name     string
		material fhir.Coded
		implied  string
		want     string
		bad      bool
	}{
		{"nothing said", fhir.Coded{}, "", "", false},
		{"only the code says", fhir.Coded{}, "serum", "serum", false},
		{"only the source says", sct("119364003"), "", "serum", false},
		{"what was drawn for what was measured", sct("119297000"), "serum", "serum", false},
		{"LOINC pools serum and plasma", sct("119361006"), "serum", "serum", false},
		{"a finger prick is another material", sct("122554006"), "serum", "capillary", false},
		{"in words", fhir.Coded{Text: "Capillair bloed"}, "", "capillary", false},
		{"urine of a day", fhir.Coded{Text: "urine"}, "urine-24h", "urine-24h", false},
		{"urine under a code for serum", sct("122575003"), "serum", "urine", true},
		{"a swab is a class of its own", fhir.Coded{Text: "Wondvocht"}, "", "wondvocht", false},
	} {
		got, bad := settleSpecimen(c.material, c.implied)
		if got != c.want || bad != c.bad {
			t.Errorf("%s: %q %v", c.name, got, bad)
		}
	}
}

func TestRoundLike(t *testing.T) {
	for _, c := range [][3]string{
		{"4.99567", "90", "5.0"},
		{"88.4017", "1.0", "88"},
		{"8.68783", "14.0", "8.69"},
		{"0.0555", "1", "0.056"},
		{"1234.5", "12", "1235"},
		{"0", "5.0", "0.00"},
		{"-3.2", "3.20", "-3.20"},
		{"10", "10.00", "10.00"},
	} {
		v, _ := new(big.Rat).SetString(c[0])
		if got := roundLike(v, c[1]); got != c[2] {
			t.Errorf("%s like %s is %s, want %s", c[0], c[1], got, c[2])
		}
	}
}
