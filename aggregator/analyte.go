package aggregator

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// analyte is what a laboratory test measures, under one key whichever code
// system named it.
type analyte struct {
	key         string
	name        string
	contradicts bool // two codes in one result name two analytes
	low, high   string
	unit        string
}

// analyteRow is a row of the table of merge.md 4.7. Codes are LOINC ("l:") or
// NHG table 45 ("n:"). Limits are what no living person exceeds: a value
// outside is marked, never dropped.
type analyteRow struct {
	key, name, codes, unit, low, high string
}

var analytes = [...]analyteRow{
	{"glu-v", "Glucose (niet nuchter)", "n:371 l:14749-6 l:2345-7", "mmol/L", "0.5", "60"},
	{"glu-v-f", "Glucose nuchter", "n:372 l:14771-0 l:1558-6", "mmol/L", "0.5", "60"},
	{"glu-c-f", "Glucose capillair nuchter", "n:3208 l:14770-2", "mmol/L", "0.5", "60"},
	{"hba1c", "HbA1c", "n:2816 l:59261-8", "mmol/mol", "10", "200"},
	{"hba1c-n", "HbA1c (NGSP)", "l:4548-4", "%", "3", "20"},
	{"creat", "Kreatinine", "n:523 l:14682-9 l:2160-0", "umol/L", "10", "3000"},
	{"creat-cl", "Kreatinineklaring", "n:524", "mL/min", "1", "300"},
	{"egfr-epi", "eGFR (CKD-EPI)", "n:3583 l:62238-1", "mL/min/{1.73_m2}", "1", "200"},
	{"egfr-epi21", "eGFR (CKD-EPI 2021)", "l:98979-8", "mL/min/{1.73_m2}", "1", "200"},
	{"egfr-mdrd", "eGFR (MDRD)", "n:1919 l:77147-7", "mL/min/{1.73_m2}", "1", "200"},
	{"na", "Natrium", "n:624 l:2947-0 l:2951-2", "mmol/L", "100", "190"},
	{"k", "Kalium", "n:513 l:6298-4 l:2823-3", "mmol/L", "1.5", "10"},
	{"acr", "Albumine/kreatinine urine", "n:40 l:30000-4 l:9318-7", "mg/mmol", "0", "1500"},
	{"alb-u", "Albumine urine", "n:38 l:14957-5", "mg/L", "0", "20000"},
	{"bili", "Bilirubine", "n:111 l:14631-6 l:1975-2", "umol/L", "0", "1000"},
	{"inr", "INR", "n:509 l:6301-6", "{INR}", "0.5", "15"},
	{"inr-c", "INR (vingerprik)", "l:46418-0", "{INR}", "0.5", "15"},
	{"chol", "Cholesterol totaal", "l:14647-2 l:2093-3", "mmol/L", "0.5", "30"},
	{"hdl", "HDL-cholesterol", "l:14646-4 l:2085-9", "mmol/L", "0.1", "8"},
	{"ldl-c", "LDL-cholesterol", "n:542 l:39469-2 l:13457-7", "mmol/L", "0.1", "25"},
	{"ldl-d", "LDL-cholesterol (direct)", "n:2683 l:69419-0 l:18262-6", "mmol/L", "0.1", "25"},
	{"trig", "Triglyceriden", "l:14927-8 l:2571-8", "mmol/L", "0.1", "100"},
	{"hb", "Hemoglobine", "l:59260-0 l:718-7 l:93846-4", "mmol/L", "1.5", "15"},
	{"ht", "Hematocriet", "l:20570-8 l:4544-3", "L/L", "0.1", "0.75"},
	{"mcv", "MCV", "l:30428-7 l:787-2", "fL", "40", "150"},
	{"leuk", "Leukocyten", "l:26464-8 l:6690-2", "10*9/L", "0.1", "500"},
	{"trom", "Trombocyten", "l:26515-7 l:777-3", "10*9/L", "1", "3000"},
	{"crp", "CRP", "l:1988-5", "mg/L", "0", "700"},
	{"tsh", "TSH", "l:3016-3", "m[iU]/L", "0", "500"},
	{"ft4", "Vrij T4", "l:14920-3 l:3024-7", "pmol/L", "1", "150"},
	{"ferr", "Ferritine", "l:24373-3 l:2276-4", "ug/L", "1", "50000"},
	{"b12", "Vitamine B12", "l:14685-6 l:2132-9", "pmol/L", "30", "3000"},
	{"vitd", "Vitamine D", "n:1416 l:14635-7", "nmol/L", "5", "600"},
	{"alat", "ALAT", "l:1742-6", "U/L", "1", "20000"},
	{"asat", "ASAT", "l:1920-8", "U/L", "1", "20000"},
	{"ggt", "Gamma-GT", "l:2324-2", "U/L", "1", "5000"},
	{"af", "Alkalische fosfatase", "l:6768-6", "U/L", "5", "5000"},
	{"ck", "CK", "n:193 l:2157-6", "U/L", "5", "200000"},
	{"alb-s", "Albumine", "l:1751-7", "g/L", "5", "70"},
	{"ntprobnp", "NT-proBNP", "l:33762-6", "ng/L", "1", "100000"},
}

// otherSpecimen are codes that name a listed analyte in another material: a
// result that carries one beside the listed code contradicts itself.
const otherSpecimen = " 14683-7 2161-8 2829-0 "

func analyteOf(code fhir.Coded, q fhir.Quantity) analyte {
	var found analyteRow
	contradicts := false
	for _, c := range code.Coding {
		row, ok := analyteRowOf(c)
		switch {
		case ok && found.key != "" && row.key != found.key:
			contradicts = true
		case ok:
			found = row
		}
	}
	for _, c := range code.Coding {
		contradicts = contradicts || (found.key != "" && c.System == fhir.LOINC && strings.Contains(otherSpecimen, " "+c.Code+" "))
	}
	if found.key == "" || contradicts {
		return analyte{key: ownCode(code), contradicts: contradicts}
	}
	a := analyte{key: found.key, name: found.name, low: found.low, high: found.high, unit: found.unit}
	// A unit of another kind cannot belong to this analyte.
	a.contradicts = !q.IsZero() && q.Symbol() != "" && a.misfits(q)
	return a
}

func analyteRowOf(c fhir.Coding) (analyteRow, bool) {
	prefix := ""
	switch c.System {
	case fhir.LOINC:
		prefix = "l:"
	case fhir.NHG45:
		prefix = "n:"
	default:
		return analyteRow{}, false
	}
	for _, row := range analytes {
		for _, code := range strings.Fields(row.codes) {
			if code == prefix+c.Code {
				return row, true
			}
		}
	}
	return analyteRow{}, false
}

// ownCode is the key of an analyte outside the table: its own code, or its
// name when it has none.
func ownCode(code fhir.Coded) string {
	for _, c := range code.Coding {
		if c.Code != "" {
			return c.System + "|" + c.Code
		}
	}
	if text := fold(code.Display()); text != "" {
		return "txt:" + text
	}
	return ""
}

// misfits: neither the unit of the table nor a mass per volume, which several
// laboratories still use for the same analyte.
func (a analyte) misfits(q fhir.Quantity) bool {
	if _, ok := fhir.ParseUnit(firstNonEmpty(q.Code, q.Unit)); !ok {
		return false // an unknown spelling proves nothing
	}
	for _, unit := range [...]string{a.unit, "g/L", "%"} {
		if fhir.Commensurable(q, fhir.Quantity{Value: "1", Code: unit, System: fhir.UCUM}) {
			return false
		}
	}
	return true
}

// outside tells whether the value is one that no living person has.
func (a analyte) outside(q fhir.Quantity) bool {
	low, ok := fhir.ParseDecimal(a.low)
	high, good := fhir.ParseDecimal(a.high)
	if !ok || !good {
		return false
	}
	value, ok := q.In(a.unit)
	return ok && (value.Cmp(low) < 0 || value.Cmp(high) > 0)
}
