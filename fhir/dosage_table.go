package fhir

import (
	"math/big"
	"slices"
	"strconv"
)

const (
	nhg25  = "https://referentiemodel.nhg.org/tabellen/nhg-tabel-25-gebruiksvoorschrift#aanvullend-numeriek"
	routes = "urn:oid:2.16.840.1.113883.2.4.4.9" // table 7 of the G-Standaard
)

// codeWords is a code with its words.
type codeWords struct{ code, nl, en string }

func (c codeWords) in(lang string) string {
	if lang == English {
		return c.en
	}
	return c.nl
}

func indexCode(table []codeWords, code string) int {
	return slices.IndexFunc(table, func(c codeWords) bool { return c.code == code })
}

var weekdays = []codeWords{
	{"mon", "maandag", "Monday"},
	{"tue", "dinsdag", "Tuesday"},
	{"wed", "woensdag", "Wednesday"},
	{"thu", "donderdag", "Thursday"},
	{"fri", "vrijdag", "Friday"},
	{"sat", "zaterdag", "Saturday"},
	{"sun", "zondag", "Sunday"},
}

// dayParts are codes of HL7 EventTiming, in the order of a day. Others are not
// understood, so that the text of the source is shown.
var dayParts = []codeWords{
	{"WAKE", "bij het opstaan", "on waking"},
	{"ACM", "voor het ontbijt", "before breakfast"},
	{"CM", "bij het ontbijt", "at breakfast"},
	{"PCM", "na het ontbijt", "after breakfast"},
	{"MORN", "'s ochtends", "in the morning"},
	{"ACD", "voor de lunch", "before lunch"},
	{"CD", "bij de lunch", "at lunch"},
	{"PCD", "na de lunch", "after lunch"},
	{"AFT", "'s middags", "in the afternoon"},
	{"ACV", "voor het avondeten", "before dinner"},
	{"CV", "bij het avondeten", "at dinner"},
	{"PCV", "na het avondeten", "after dinner"},
	{"EVE", "'s avonds", "in the evening"},
	{"HS", "voor het slapengaan", "before going to sleep"},
	{"NIGHT", "'s nachts", "at night"},
	{"AC", "voor de maaltijd", "before a meal"},
	{"C", "bij de maaltijd", "with a meal"},
	{"PC", "na de maaltijd", "after a meal"},
}

// instructions are the codes of NHG table 25 with words of our own; of any
// other code the words of the source are used.
var instructions = []codeWords{
	{"1137", "zo nodig", "as needed"},
	{"1028", "bij pijn", "for pain"},
	{"1387", "bij hoest", "for cough"},
	{"1140", "zo nodig bij pijn", "as needed for pain"},
	{"1018", "aanbrengen", "apply"},
	{"1033", "dun aanbrengen", "apply thinly"},
	{"1128", "voor de nacht", "for the night"},
	{"1010", "1 uur voor de maaltijd", "1 hour before a meal"},
}

// productForms are words a source may use for a piece; they stay what they are.
var productForms = map[string]doseUnit{
	"tablet": {one: "tablet", more: "tabletten", oneEn: "tablet", moreEn: "tablets"}, "capsule": {one: "capsule", more: "capsules", oneEn: "capsule", moreEn: "capsules"},
	"zetpil": {one: "zetpil", more: "zetpillen", oneEn: "suppository", moreEn: "suppositories"}, "pleister": {one: "pleister", more: "pleisters", oneEn: "patch", moreEn: "patches"},
	"inhalatie": {one: "inhalatie", more: "inhalaties", oneEn: "inhalation", moreEn: "inhalations"}, "pufje": {one: "pufje", more: "pufjes", oneEn: "puff", moreEn: "puffs"},
}

var periodWords = map[string]struct{ one, more, oneEn, moreEn string }{
	"s":   {"seconde", "seconden", "second", "seconds"},
	"min": {"minuut", "minuten", "minute", "minutes"},
	"h":   {"uur", "uur", "hour", "hours"},
	"d":   {"dag", "dagen", "day", "days"},
	"wk":  {"week", "weken", "week", "weeks"},
	"mo":  {"maand", "maanden", "month", "months"},
	"a":   {"jaar", "jaar", "year", "years"},
}

// dosageWords are the words of one language.
type dosageWords struct {
	lang                                   string
	asNeeded, atMost, atLeast, everyWord   string
	time, timesWord, perOne, perMany       string
	to, and, andWord, first, then          string
	on, at, clock, everyDay                string
	eachTime, eachDose, from, until, again string
	pluralFrom                             *big.Rat
}

func wordsOf(lang string) *dosageWords {
	if lang == English {
		return &dosageWords{
			lang: English, asNeeded: "as needed", atMost: "at most ", atLeast: "at least ", everyWord: "every ",
			time: " time", timesWord: " times", perOne: " a ", perMany: " every ",
			to: " to ", and: " and ", andWord: " and ", first: "first ", then: ", then ",
			on: "on ", at: "at ", everyDay: "every day ",
			eachTime: "each time for ", eachDose: " each time", from: "from ", until: "until ", again: "again every ",
			pluralFrom: big.NewRat(11, 10),
		}
	}
	return &dosageWords{
		lang: Dutch, asNeeded: "zo nodig", atMost: "hoogstens ", atLeast: "minstens ", everyWord: "elke ",
		time: " keer", timesWord: " keer", perOne: " per ", perMany: " per ",
		to: " à ", and: " en ", andWord: " en ", first: "eerst ", then: ", daarna ",
		on: "op ", at: "om ", clock: " uur", everyDay: "elke dag ",
		eachTime: "telkens ", eachDose: " per keer", from: "vanaf ", until: "tot en met ", again: "steeds opnieuw na ",
		pluralFrom: big.NewRat(2, 1),
	}
}

// times writes "2 keer" or "1 à 2 keer".
func (w *dosageWords) times(low, high int) string {
	text := strconv.Itoa(high)
	if low != high {
		text = strconv.Itoa(low) + w.to + text
	}
	if high == 1 {
		return text + w.time
	}
	return text + w.timesWord
}

// per writes " per dag" or " per 3 weken".
func (w *dosageWords) per(value, unit string) string {
	one, many, isOne := w.period(value, unit)
	switch {
	case isOne && one == "hour":
		return " an hour"
	case isOne:
		return w.perOne + one
	}
	return w.perMany + Number(value, w.lang) + " " + many
}

// every writes "elke 8 uur" or "elke dag".
func (w *dosageWords) every(value, unit string) string {
	one, many, isOne := w.period(value, unit)
	switch {
	case isOne && w.lang == Dutch && (unit == "h" || unit == "a"):
		return "elk " + one
	case isOne:
		return w.everyWord + one
	}
	return w.everyWord + Number(value, w.lang) + " " + many
}

// span writes "7 dagen" or "1 à 2 weken".
func (w *dosageWords) span(low, high Quantity) string {
	text := Number(high.Value, w.lang)
	if low.Value != high.Value && !low.IsZero() {
		text = Number(low.Value, w.lang) + w.to + text
	}
	unit := high.Code
	if unit == "" {
		unit = unitSpelling(high.Unit)
	}
	one, many, isOne := w.period(high.Value, unit)
	if isOne {
		return text + " " + one
	}
	return text + " " + many
}

func (w *dosageWords) period(value, unit string) (one, many string, isOne bool) {
	p, ok := periodWords[unit]
	if !ok {
		return unit, unit, false
	}
	n, valid := ParseDecimal(value)
	isOne = valid && n.Cmp(big.NewRat(1, 1)) == 0
	if w.lang == English {
		return p.oneEn, p.moreEn, isOne
	}
	return p.one, p.more, isOne
}
