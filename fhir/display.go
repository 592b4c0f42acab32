package fhir

import (
	"strconv"
	"strings"
)

// The languages texts are made in; anything but English is Dutch.
const (
	Dutch   = "nl"
	English = "en"
)

// noBreak keeps a number and its unit, and the parts of a date, on one line.
const noBreak = "\u00a0"

// Number writes a decimal as the language does: "1234.50" is "1.234,50" in
// Dutch and "1,234.50" in English. All digits stay. What is no plain decimal
// is given back as it is.
func Number(value, lang string) string {
	sign, digits := "", value
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	whole, frac, hasFrac := strings.Cut(digits, ".")
	if !allDigits(whole) || (hasFrac && !allDigits(frac)) {
		return value
	}
	group, point := ".", ","
	if lang == English {
		group, point = ",", "."
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if hasFrac {
		whole += point + frac
	}
	return sign + whole
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// Words writes the value and unit as delivered, for people: "5,10 mmol/L".
// Empty when there is no value.
func (q Quantity) Words(lang string) string {
	if q.Value == "" {
		return ""
	}
	text := Number(q.Value, lang)
	switch q.Comparator {
	case "":
	case "<=":
		text = "≤" + noBreak + text
	case ">=":
		text = "≥" + noBreak + text
	default:
		text = q.Comparator + noBreak + text
	}
	switch unit := UnitWords(q.Symbol()); unit {
	case "":
		return text
	case "%":
		return text + unit
	default:
		return text + noBreak + unit
	}
}

// UnitWords writes a unit as people know it: "mm[Hg]" is "mmHg", "Cel" is
// "°C", "10*9/L" is "×10⁹/L"; annotations such as "{INR}" are left out. The
// words of a unit are never translated.
func UnitWords(unit string) string {
	if unit == "1" {
		return ""
	}
	if text, ok := wholeUnits[unit]; ok {
		return text
	}
	unit = dropAnnotations(unit)
	if rest, ok := strings.CutPrefix(unit, "10*"); ok {
		end := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		unit = "×10" + superscript(rest[:end]) + rest[end:]
	}
	return unitSymbols.Replace(unit)
}

var wholeUnits = map[string]string{
	"Cel": "°C", "[degF]": "°F", "a": "jaar", "mL/min/{1.73_m2}": "mL/min/1,73" + noBreak + "m²", "deg": "°",
	"[pH]": "", "[diop]": "dpt", "ug": "µg", "um": "µm", "us": "µs", "uL": "µL", "ul": "µl",
}

var unitSymbols = strings.NewReplacer(
	"m[Hg]", "mHg", "m[H2O]", "mH₂O", "[iU]", "IE", "[IU]", "IE", "[arb'U]", "E", "[drp]", "druppels",
	"umol", "µmol", "ug/", "µg/", "/uL", "/µL", "/ul", "/µl", "(24.h)", "24"+noBreak+"uur", "kg/m2", "kg/m²",
)

func dropAnnotations(unit string) string {
	for {
		start := strings.IndexByte(unit, '{')
		end := strings.IndexByte(unit, '}')
		if start < 0 || end < start {
			return strings.TrimSpace(unit)
		}
		unit = unit[:start] + unit[end+1:]
	}
}

func superscript(digits string) string {
	var b strings.Builder
	for _, d := range digits {
		b.WriteRune([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[d-'0'])
	}
	return b.String()
}

var months = map[string][12]string{
	Dutch: {
		"januari", "februari", "maart", "april", "mei", "juni",
		"juli", "augustus", "september", "oktober", "november", "december",
	},
	English: {
		"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December",
	},
}

// Words writes the date as precisely as it is known: "12 mei 2025", "mei 2025"
// or "2025". Text that is no date is given back as it is.
func (d Date) Words(lang string) string {
	if d.IsZero() {
		return d.text
	}
	if lang != English {
		lang = Dutch
	}
	t := d.low.In(Amsterdam())
	year := strconv.Itoa(t.Year())
	switch month := months[lang][t.Month()-1]; d.precision {
	case PrecisionYear:
		return year
	case PrecisionMonth:
		return month + noBreak + year
	default:
		return strconv.Itoa(t.Day()) + noBreak + month + noBreak + year
	}
}

// WordsTime writes the date and, when it is known, the time in Amsterdam:
// "12 mei 2025, 14:05 uur".
func (d Date) WordsTime(lang string) string {
	words := d.Words(lang)
	if d.precision < PrecisionMinute {
		return words
	}
	words += ", " + d.low.In(Amsterdam()).Format("15:04")
	if lang != English {
		words += noBreak + "uur"
	}
	return words
}
