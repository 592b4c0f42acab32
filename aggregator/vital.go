package aggregator

import (
	"strings"
	"sync"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// words2 is a text in Dutch and English.
type words2 struct{ nl, en string }

func (w words2) in(lang string) string {
	if lang == "en" {
		return w.en
	}
	return w.nl
}

// vitalRow is a kind of measurement: its name, its codes in LOINC ("l:"), NHG
// table 45 ("n:") and SNOMED ("s:"), and the UCUM unit of its chart (merge.md 4.7,
// 6.1). NHG 1913, 1915,
// 2055, 2056 and 2408 look like rows of this table but are not certain: what
// they measure is shown, and joined with nothing.
type vitalRow struct {
	key   string
	name  words2
	codes string
	unit  string
}

var vitals = [...]vitalRow{
	{"bloodpressure", words2{"Bloeddruk", "Blood pressure"}, "l:85354-9 l:55284-4 s:75367002", "mm[Hg]"},
	{"systolic", words2{"Bovendruk", "Systolic blood pressure"}, "l:8480-6 n:1744", "mm[Hg]"},
	{"diastolic", words2{"Onderdruk", "Diastolic blood pressure"}, "l:8462-4 n:1740", "mm[Hg]"},
	{"weight", words2{"Gewicht", "Weight"}, "l:29463-7 n:357", "kg"},
	{"height", words2{"Lengte", "Height"}, "l:8302-2 l:8306-3 l:8308-9 n:560", "cm"},
	{"temperature", words2{"Temperatuur", "Temperature"}, "l:8310-5 n:1357", "Cel"},
	{"oxygen", words2{"Zuurstof in het bloed", "Oxygen saturation"}, "l:59408-5 l:2708-6 n:2680", "%"},
	{"heartrate", words2{"Hartslag", "Heart rate"}, "l:8867-4 n:3963", "/min"},
	{"pulse", words2{"Polsslag", "Pulse"}, "l:8893-0 n:1875 s:366199006", "/min"},
	{"respiration", words2{"Ademhaling", "Breathing rate"}, "s:422834003 l:9279-1 n:1589", "/min"},
	{"glucose", words2{"Bloedsuiker (eigen meter)", "Blood sugar (own meter)"}, "l:14743-9 l:14760-3 l:14770-2", "mmol/L"},
	{"bmi", words2{"BMI", "BMI"}, "l:39156-5 n:1272", "kg/m2"},
	{"fluid", words2{"Vochtbalans", "Fluid balance"}, "s:364396009", "mL"},
}

func vitalOf(code fhir.Coded) vitalRow {
	for _, c := range code.Coding {
		if i, ok := vitalsByCode()[identKey{c.System, c.Code}]; ok {
			return vitals[i]
		}
	}
	return vitalRow{}
}

var vitalsByCode = sync.OnceValue(func() map[identKey]int {
	systems := map[string]string{"l": fhir.LOINC, "n": fhir.NHG45, "s": fhir.SNOMED}
	rows := map[identKey]int{}
	for i, row := range vitals {
		for _, text := range strings.Fields(row.codes) {
			prefix, code, _ := strings.Cut(text, ":")
			rows[identKey{systems[prefix], code}] = i
		}
	}
	return rows
})

// vitalLines is the engine of measurements, the person's own among them. Own
// measurements and those of a practice never share a series: meter, moment
// and method differ (merge.md 6.2). They do share a chart.
func vitalLines(m *merger, entries []*entry) []*line {
	var lines []*line
	var records []*obsRecord
	takenBack := map[*obsRecord]*obsRecord{}
	for _, r := range oneAndTheSame(m.observations(entries), sameObservation) {
		stands, gone := withdrawn(r)
		if stands != nil {
			records = append(records, stands)
			takenBack[stands] = gone
		}
		if gone != nil {
			l := m.vitalLine(gone)
			l.setApart(stands != nil)
			lines = append(lines, l)
		}
	}
	partner := pressurePairs(records)
	for i, r := range records {
		switch j := partner[i]; {
		case j < 0:
			l := m.vitalLine(r)
			m.retracted(l, takenBack[r])
			lines = append(lines, l)
		case isPart(r, "systolic"):
			l := m.pressureLine(r, records[j])
			m.retracted(l, takenBack[r])
			m.retracted(l, takenBack[records[j]])
			lines = append(lines, l)
		}
	}
	return lines
}

func (m *merger) vitalLine(r *obsRecord) *line {
	l := m.resultLine(r)
	o := r.lead.val
	v := l.Value.(*Result)
	row := vitalOf(o.code)
	l.Title = firstNonEmpty(row.name.in(m.Lang), o.code.Display(), m.texts.unknownResult)
	m.readPressure(l, v, r)
	if v.Systolic.IsZero() && v.Text == "" {
		v.Text = strings.Join(componentWords(o.said.Components, m.Lang), ", ")
		l.Detail = firstNonEmpty(v.Text, l.Detail)
	}
	m.vitalSeries(l, v, o, row)
	return l
}

// vitalSeries keeps own and other measurements apart, in one chart. Glucose
// shares its chart with that of the laboratory.
func (m *merger) vitalSeries(l *line, v *Result, o *observation, row vitalRow) {
	v.Name, l.groupTitle = l.Title, l.Title
	key, test := firstNonEmpty(row.key, ownCode(o.code)), Analyte{Unit: row.unit, Mass: o.analyte.Mass}
	owner := "provider"
	if v.Own {
		owner = "own"
	}
	if key == "" { // nothing says what was measured
		v.Plottable, v.Open = false, false
		return
	}
	scale := row.unit
	if _, _, ok := test.measure(v.Quantity); !ok && !v.Quantity.IsZero() {
		scale = o.scale // such as a weight in no unit at all
	}
	l.groupKey = seriesPrefix + strings.Join([]string{"vital", key, scale, owner}, "|")
	v.Series, v.Analyte, v.Converted = groupID(l.groupKey), key, test.converted(v.Quantity)
	if !v.Converted.IsZero() {
		l.field("converted", m.texts.converted(v.Converted.Words(m.Lang)), l.members[0])
	}
	v.Line = groupID(strings.Join([]string{"line", l.groupKey, o.labKey, fold(o.method)}, "|"))
	if key == "glucose" {
		v.Chart = groupID("chart|glu|" + scale)
		return
	}
	v.Chart = groupID("chart|vital|" + key + "|" + scale)
}

// readPressure shows a blood pressure as people write it: both numbers, of one
// measurement.
func (m *merger) readPressure(l *line, v *Result, r *obsRecord) {
	for _, c := range r.lead.val.said.Components {
		switch vitalOf(c.Code).key {
		case "systolic":
			v.Systolic = c.Value.Quantity
		case "diastolic":
			v.Diastolic = c.Value.Quantity
		}
	}
	if v.Systolic.IsZero() || v.Diastolic.IsZero() {
		v.Systolic, v.Diastolic = fhir.Quantity{}, fhir.Quantity{}
		return
	}
	m.showPressure(l, v)
	l.field("value", v.Text, r.lead.entry)
}

func (m *merger) showPressure(l *line, v *Result) {
	both := v.Diastolic
	both.Unit = firstNonEmpty(both.Unit, v.Systolic.Unit)
	v.Text = fhir.Number(v.Systolic.Value, m.Lang) + "/" + both.Words(m.Lang)
	l.Detail = v.Text
	v.Plottable = !v.At.IsZero() && l.Section == Found
}

// componentWords shows every part of a measurement with its name.
func componentWords(components []clinical.Component, lang string) []string {
	var parts []string
	for _, c := range components {
		f := findingOf(c.Code, c.Value, nil, nil)
		if text := f.words(lang); text != "" {
			parts = append(parts, joinText(" ", c.Code.Display(), text))
		}
	}
	return parts
}
