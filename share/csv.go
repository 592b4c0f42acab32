package share

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// byteOrderMark tells spreadsheets that the text is UTF-8.
const byteOrderMark = "\uFEFF"

// csvColumns are the names of the columns, in Dutch and English:
//
//	subject    what kind of line it is
//	standing   current, paused, active, result, ...
//	what       the name of the line
//	details    dose, reaction, result in words
//	value      the number as delivered, with a point
//	unit       of the value and the limits
//	low, high  the laboratory's own limits
//	date       "2026-05-12", or less precise
//	source     who says it
//	own        "ja" or "yes" when the person added it
//	codes      "system|code", separated by spaces
//	mind       differences between sources, and oddities
var csvColumns = map[string][]string{
	fhir.Dutch:   {"Onderwerp", "Stand", "Wat", "Bijzonderheden", "Waarde", "Eenheid", "Ondergrens", "Bovengrens", "Datum", "Volgens", "Zelf toegevoegd", "Codes", "Let op"},
	fhir.English: {"Subject", "Standing", "What", "Details", "Value", "Unit", "Low limit", "High limit", "Date", "According to", "Added by the person", "Codes", "Mind"},
}

// CSV writes the extract as one table (RFC 4180, UTF-8 with a byte order mark):
// a row per line, or one per source where sources differ. All subjects are in
// it. A cell that a spreadsheet would take for a formula begins with an
// apostrophe. The errors are those of w.
func (e Extract) CSV(w io.Writer) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	d := &document{extract: e, words: wordsIn(e.lang())}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(csvColumns[e.lang()]); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	for _, item := range e.Overview.Items {
		for _, v := range e.voices(item) {
			if err := out.Write(d.cells(v)); err != nil {
				return fmt.Errorf("write a table: %w", err)
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	return nil
}

// cells are those of one voice. Numbers keep the digits and the point of their
// source, so that a program can read them.
func (d *document) cells(v voice) []string {
	lang := d.extract.lang()
	value, ok := v.item.Value.(*aggregator.Result)
	if !ok {
		value = &aggregator.Result{}
	}
	seen, own := d.row(v), ""
	if v.own {
		own = csvWords[lang]["own"]
	}
	cells := []string{
		firstNonEmpty(csvWords[lang][v.item.Subject], v.item.Subject), firstNonEmpty(csvWords[lang]["in "+string(v.item.Section)], string(v.item.Section)),
		seen[0], seen[1], value.Quantity.Comparator + value.Quantity.Value,
		firstNonEmpty(value.Quantity.Symbol(), value.Systolic.Symbol()), value.Low.Value, value.High.Value,
		v.item.When, seen[3], own, codesOf(v.code), seen[4],
	}
	for i, c := range cells {
		cells[i] = HarmlessCell(clean(c))
	}
	return cells
}

// codesOf gives every code with its system.
func codesOf(c fhir.Coded) string {
	var all []string
	for _, coding := range c.Coding {
		if coding.Code != "" {
			all = append(all, coding.System+"|"+coding.Code)
		}
	}
	return strings.Join(all, " ")
}

// HarmlessCell keeps a spreadsheet from running what a source wrote: Excel,
// LibreOffice and Sheets take a cell for a formula by its first character. A
// plain number stays one.
func HarmlessCell(cell string) string {
	if cell == "" || !strings.ContainsAny(cell[:1], "=+-@\t\r\n|%") && !strings.ContainsRune("＝＋－＠", []rune(cell)[0]) {
		return cell
	}
	if _, ok := fhir.ParseDecimal(cell); ok {
		return cell
	}
	return "'" + cell
}

// csvWords are the names of subjects and, after "in ", of sections.
var csvWords = map[string]map[string]string{
	fhir.Dutch: {
		"own": "ja", "medication": "Medicijn", "allergy": "Allergie", "vital": "Meting", "lab": "Uitslag", "letter": "Brief", "problem": "Klacht of diagnose",
		"vaccination": "Vaccinatie", "appointment": "Afspraak", "note": "Aantekening", "procedure": "Ingreep of aanvraag", "encounter": "Contact", "plan": "Plan",
		"device": "Hulpmiddel", "alert": "Waarschuwing", "directive": "Behandelwens", "lifestyle": "Leefstijl", "questionnaire": "Vragenlijst", "coverage": "Verzekering",
		"person": "Persoon", "provider": "Zorgverlener", "other": "Overig",
		"in current": "nu", "in planned": "gepland", "in later": "gepland", "in recent": "pas gestopt", "in past": "voorbij", "in paused": "even gestopt",
		"in cancelled": "afgezegd", "in unclear": "niet zeker", "in gone": "niet meer aangeleverd", "in active": "actief", "in inactive": "niet meer actief",
		"in refuted": "weerlegd", "in none-known": "geen bekend", "in result": "vastgelegd",
	},
	fhir.English: {
		"own": "yes", "medication": "Medicine", "allergy": "Allergy", "vital": "Measurement", "lab": "Test result", "letter": "Letter", "problem": "Problem or diagnosis",
		"vaccination": "Vaccination", "appointment": "Appointment", "note": "Note", "procedure": "Procedure or request", "encounter": "Visit", "plan": "Plan",
		"device": "Device", "alert": "Alert", "directive": "Treatment wish", "lifestyle": "Way of life", "questionnaire": "Questionnaire", "coverage": "Insurance",
		"person": "Person", "provider": "Care provider", "other": "Other",
		"in current": "now", "in planned": "planned", "in later": "planned", "in recent": "ended not long ago", "in past": "over", "in paused": "paused",
		"in cancelled": "cancelled", "in unclear": "not certain", "in gone": "no longer delivered", "in active": "active", "in inactive": "no longer active",
		"in refuted": "refuted", "in none-known": "none known", "in result": "recorded",
	},
}
