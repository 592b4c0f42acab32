package fhir

import (
	"maps"
	"math/big"
	"strings"
	"sync"
)

// gStandaardUnits is table 902 of the G-Standaard, the units of doses.
const gStandaardUnits = "urn:oid:2.16.840.1.113883.2.4.4.1.900.2"

// doseUnit is a unit of a dose: its UCUM form and its words, one and more, in
// Dutch and English.
type doseUnit struct {
	ucum           string
	one, more      string
	oneEn, moreEn  string
	otherSpellings string // parted by spaces; words of the source that mean the same
}

// doseUnits is keyed by the code in table 902. A piece is a bare number in
// UCUM; a dose (puff, measure) is kept apart from it.
var doseUnits = map[string]doseUnit{
	"245": {"1", "stuk", "stuks", "piece", "pieces", "st stks tablet tabletten capsule capsules zetpil zetpillen pleister pleisters"},
	"208": {"{dosis}", "dosis", "doses", "dose", "doses", "dosissen inhalatie inhalaties pufje pufjes"},
	"215": {"g", "gram", "gram", "gram", "grams", "g gr"},
	"229": {"mg", "mg", "mg", "mg", "mg", "milligram"},
	"233": {"mL", "ml", "ml", "ml", "ml", "milliliter milliliters cc"},
	"217": {"[iU]", "IE", "IE", "IU", "IU", "internat.eenh. ie"},
	"211": {"U", "eenheid", "eenheden", "unit", "units", "e"},
	"303": {"[drp]", "druppel", "druppels", "drop", "drops", "dr"},
}

// otherDoseWords are words for units outside the table, so that a
// contradiction with a code is noticed.
var otherDoseWords = map[string]string{
	"microgram": "ug", "mcg": "ug", "liter": "L", "millimeter": "mm", "mm": "mm", "centimeter": "cm",
	"internationale eenheid": "[iU]", "internationale eenheden": "[iU]", "kilogram": "kg", "mmol": "mmol", "meter": "m",
}

// wordUnit gives the UCUM unit a word stands for.
func wordUnit(word string) (string, bool) {
	ucum, ok := unitsByWord()[foldText(word)]
	return ucum, ok
}

// unitsByWord is keyed by all words for units, folded.
var unitsByWord = sync.OnceValue(func() map[string]string {
	byWord := maps.Clone(otherDoseWords)
	for _, u := range doseUnits {
		for _, w := range append(strings.Fields(u.otherSpellings), u.one, u.more) {
			w = strings.ToLower(strings.TrimRight(w, "."))
			if _, taken := otherDoseWords[w]; !taken {
				byWord[w] = u.ucum
			}
		}
	}
	return byWord
})

// unitConflict tells whether the code of a unit and its word contradict each
// other. UCUM has one code, "1", for pieces and doses.
func unitConflict(q Quantity) bool {
	byWord, ok := wordUnit(q.Unit)
	if !ok || q.Code == "" {
		return false
	}
	if q.System == UCUM && q.Code == "1" {
		return byWord != "1" && byWord != "{dosis}"
	}
	code, _, known := q.unit()
	word, valid := ParseUnit(byWord)
	return known && valid && !code.equal(word)
}

// translates tells whether a quantity and its translation say the same.
func translates(q, t Quantity) bool {
	if q.System == UCUM && q.Code == "1" && t.System == gStandaardUnits && (t.Code == "245" || t.Code == "208") {
		x, okX := q.Rat()
		y, okY := t.Rat()
		return okX && okY && x.Cmp(y) == 0
	}
	x, unitX, okX := q.Canonical()
	y, unitY, okY := t.Canonical()
	if !okX || !okY || strings.HasPrefix(unitX, "=") || strings.HasPrefix(unitY, "=") {
		return okX && okY // a unit that is not known cannot contradict
	}
	return unitX == unitY && x.Cmp(y) == 0
}

// doseQuantity puts the unit in the form of UCUM where it is one of table 902
// or a bare number with a word.
func doseQuantity(q Quantity) Quantity {
	if u, ok := doseUnits[q.Code]; ok && q.System == gStandaardUnits {
		q.System, q.Code = UCUM, u.ucum
		return q
	}
	word, ok := wordUnit(q.Unit)
	if ok && (q.Code == "" || (q.Code == "1" && word == "{dosis}")) {
		q.System, q.Code = UCUM, word
	}
	return q
}

// DoseCanonical is the amount in base units and the name of those, as
// [Quantity.Canonical] gives them, with the units of table 902 of the
// G-Standaard and the usual words for a piece understood.
func DoseCanonical(q Quantity) (*big.Rat, string, bool) { return doseQuantity(q).Canonical() }

// doseKey writes an amount so that equal amounts are equal texts.
func doseKey(q Quantity) string {
	if q.IsZero() {
		return ""
	}
	value, unit, ok := DoseCanonical(q)
	if !ok {
		return "?" + q.Value
	}
	return value.RatString() + " " + unit
}
