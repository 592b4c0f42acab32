package fhir

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// unitAtom is a unit in base units m, g, s, K, C and mol, or a dimension of
// its own; factor is a fraction or decimal.
type unitAtom struct {
	factor string
	offset string
	metric bool // takes prefixes
	dims   map[string]int
}

var prefixes = []struct{ symbol, factor string }{
	{"G", "1e9"},
	{"M", "1e6"},
	{"k", "1e3"},
	{"h", "100"},
	{"d", "1/10"},
	{"c", "1/100"},
	{"m", "1/1000"},
	{"u", "1e-6"},
	{"n", "1e-9"},
	{"p", "1e-12"},
	{"f", "1e-15"},
}

// litre, energy and pressure are dimensions that several atoms share.
var (
	litre    = map[string]int{"m": 3}
	energy   = map[string]int{"g": 1, "m": 2, "s": -2}
	pressure = map[string]int{"g": 1, "m": -1, "s": -2}
)

func own(name string) map[string]int { return map[string]int{name: 1} }

// atoms are the units of merge.md 4.5 and what own measurements add. Arbitrary
// units, equivalents and osmoles are dimensions of their own, so that they
// never convert to anything.
var atoms = map[string]unitAtom{
	"m":   {factor: "1", metric: true, dims: own("m")},
	"g":   {factor: "1", metric: true, dims: own("g")},
	"s":   {factor: "1", metric: true, dims: own("s")},
	"K":   {factor: "1", metric: true, dims: own("K")},
	"C":   {factor: "1", metric: true, dims: own("C")},
	"mol": {factor: "1", metric: true, dims: own("mol")},

	"L":   {factor: "1/1000", metric: true, dims: litre},
	"l":   {factor: "1/1000", metric: true, dims: litre},
	"min": {factor: "60", dims: own("s")},
	"h":   {factor: "3600", dims: own("s")},
	"d":   {factor: "86400", dims: own("s")},
	"wk":  {factor: "604800", dims: own("s")},
	"mo":  {factor: "2629800", dims: own("s")},  // a twelfth of a
	"a":   {factor: "31557600", dims: own("s")}, // 365.25 d
	"Hz":  {factor: "1", metric: true, dims: map[string]int{"s": -1}},
	"kat": {factor: "1", metric: true, dims: map[string]int{"mol": 1, "s": -1}},

	"Pa":     {factor: "1000", metric: true, dims: pressure},
	"bar":    {factor: "1e8", metric: true, dims: pressure},
	"m[Hg]":  {factor: "133322000", metric: true, dims: pressure},
	"m[H2O]": {factor: "9806650", metric: true, dims: pressure},
	"J":      {factor: "1000", metric: true, dims: energy},
	"cal":    {factor: "4184", metric: true, dims: energy},
	"W":      {factor: "1000", metric: true, dims: map[string]int{"g": 1, "m": 2, "s": -3}},
	"V":      {factor: "1000", metric: true, dims: map[string]int{"g": 1, "m": 2, "s": -2, "C": -1}},

	"Cel":    {factor: "1", offset: "273.15", dims: own("K")},
	"[degF]": {factor: "5/9", offset: "45967/180", dims: own("K")},

	"[in_i]":  {factor: "0.0254", dims: own("m")},
	"[ft_i]":  {factor: "0.3048", dims: own("m")},
	"[lb_av]": {factor: "453.59237", dims: own("g")},
	"[oz_av]": {factor: "28.349523125", dims: own("g")},

	"%":        {factor: "1/100"},
	"[ppth]":   {factor: "1/1000"},
	"eq":       {factor: "1", metric: true, dims: own("eq")},
	"osm":      {factor: "1", metric: true, dims: own("osm")},
	"U":        {factor: "1", metric: true, dims: own("U")},
	"[iU]":     {factor: "1", metric: true, dims: own("[iU]")},
	"[IU]":     {factor: "1", metric: true, dims: own("[iU]")},
	"[arb'U]":  {factor: "1", metric: true, dims: own("[arb'U]")},
	"[CFU]":    {factor: "1", dims: own("[CFU]")},
	"[drp]":    {factor: "1", dims: own("[drp]")},
	"[pH]":     {factor: "1", dims: own("[pH]")},
	"deg":      {factor: "1", dims: own("deg")},
	"[diop]":   {factor: "1", dims: own("[diop]")},
	"[p'diop]": {factor: "1", dims: own("[p'diop]")},
}

// unitAliases maps spellings to UCUM (merge.md 4.5 and Dutch words). Where a
// spelling is UCUM already, case decides.
var unitAliases = map[string]string{
	"{umol/L}": "umol/L", "{micromol/l}": "umol/L", "micromol/l": "umol/L", "micromol/L": "umol/L",
	"ml/min/{1.73m2}": "mL/min/{1.73_m2}", "ml/min/1.73m2": "mL/min/{1.73_m2}", "mL/min/1.73m2": "mL/min/{1.73_m2}",
	"ml/min/1,73m2": "mL/min/{1.73_m2}", "mL/min/1,73m2": "mL/min/{1.73_m2}", "mL/min/1.73 m2": "mL/min/{1.73_m2}",
	"ml/min/1.73 m2": "mL/min/{1.73_m2}", "ml/min/{1.73_m2}": "mL/min/{1.73_m2}", "mL/min/{1.73m2}": "mL/min/{1.73_m2}",
	"mmol/24h": "mmol/(24.h)", "{mmol/24h}": "mmol/(24.h)", "mg/24h": "mg/(24.h)", "g/24h": "g/(24.h)",
	"INR": "{INR}", "[{NR}": "{INR}",
	"10^9/l": "10*9/L", "x10E9/L": "10*9/L", "x10E9/l": "10*9/L", "10E9/L": "10*9/L", "10E9/l": "10*9/L",
	"x10^9/L": "10*9/L", "x10^9/l": "10*9/L", "x10*9/L": "10*9/L", "10^12/l": "10*12/L",
	"x10E12/L": "10*12/L", "x10E12/l": "10*12/L", "10E12/L": "10*12/L", "10E12/l": "10*12/L",
	"x10^12/L": "10*12/L", "x10^12/l": "10*12/L", "x10*12/L": "10*12/L",
	"mm Hg": "mm[Hg]", "mmHg": "mm[Hg]", "mm hg": "mm[Hg]", "mmhg": "mm[Hg]", "cmH2O": "cm[H2O]", "cm H2O": "cm[H2O]",
	"°C": "Cel", "gr C": "Cel", "graden Celsius": "Cel", "graden celsius": "Cel", "°F": "[degF]", "degC": "Cel",
	"mcg": "ug", "microgram": "ug", "mcg/L": "ug/L", "mcg/l": "ug/L",
	"IU/L": "[iU]/L", "IE/L": "[iU]/L", "IE/l": "[iU]/L", "IU/l": "[iU]/L", "kIU/L": "k[iU]/L", "kIE/L": "k[iU]/L",
	"kU/l": "kU/L", "IU/mL": "[iU]/mL", "IE/ml": "[iU]/mL", "mIU/L": "m[iU]/L", "mIE/L": "m[iU]/L", "mU/l": "mU/L",
	"IU": "[iU]", "IE": "[iU]", "E": "U", "E/L": "U/L", "E/l": "U/L", "mEq/L": "meq/L", "Eq": "eq",
	"mosmol/kg": "mosm/kg", "mosmol/L": "mosm/L", "sec": "s", "msec": "ms", "bpm": "/min", "slagen/min": "/min",
	"/minuut": "/min", "per minuut": "/min", "uur": "h", "uren": "h", "dag": "d", "dagen": "d", "day": "d", "days": "d",
	"week": "wk", "weken": "wk", "weeks": "wk", "maand": "mo", "maanden": "mo", "jaar": "a", "year": "a", "years": "a",
	"minuten": "min", "gram": "g", "kilo": "kg", "kilogram": "kg", "milligram": "mg", "liter": "L", "milliliter": "mL",
	"centimeter": "cm", "meter": "m", "kg/m²": "kg/m2",
}

// unitSpelling folds a unit to UCUM. Superscripts go first: compatibility
// folding would make 109 of 10⁹.
func unitSpelling(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 64 {
		return ""
	}
	s = superscripts.Replace(s)
	s = norm.NFKC.String(s)
	s = strings.ReplaceAll(s, "μ", "u") // NFKC has made the micro sign a mu
	if alias, ok := unitAliases[s]; ok {
		return alias
	}
	return s
}

var superscripts = strings.NewReplacer(
	"×", "", "10⁹", "10*9", "10¹²", "10*12", "10⁶", "10*6", "10³", "10*3",
)
