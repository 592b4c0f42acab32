package aggregator

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// words2 is a text in Dutch and English.
type words2 struct{ nl, en string }

func (w words2) in(lang string) string {
	if lang == "en" {
		return w.en
	}
	return w.nl
}

// vitalRow is a kind of measurement: its name and its codes in LOINC ("l:"),
// NHG table 45 ("n:") and SNOMED ("s:") (merge.md 4.7, 6.1).
type vitalRow struct {
	key   string
	name  words2
	codes string
}

var vitals = [...]vitalRow{
	{"bloodpressure", words2{"Bloeddruk", "Blood pressure"}, "l:85354-9 l:55284-4 s:75367002"},
	{"systolic", words2{"Bovendruk", "Systolic blood pressure"}, "l:8480-6 n:1744"},
	{"diastolic", words2{"Onderdruk", "Diastolic blood pressure"}, "l:8462-4 n:1740"},
	{"weight", words2{"Gewicht", "Weight"}, "l:29463-7 n:357"},
	{"height", words2{"Lengte", "Height"}, "l:8302-2 l:8306-3 l:8308-9 n:560"},
	{"temperature", words2{"Temperatuur", "Temperature"}, "l:8310-5 n:1357"},
	{"oxygen", words2{"Zuurstof in het bloed", "Oxygen saturation"}, "l:59408-5 l:2708-6 n:2680"},
	{"heartrate", words2{"Hartslag", "Heart rate"}, "l:8867-4 n:3963"},
	{"pulse", words2{"Polsslag", "Pulse"}, "l:8893-0 n:1875 s:366199006"},
	{"respiration", words2{"Ademhaling", "Breathing rate"}, "s:422834003 l:9279-1 n:1589"},
	{"glucose", words2{"Bloedsuiker (eigen meter)", "Blood sugar (own meter)"}, "l:14743-9 l:14760-3 l:14770-2"},
	{"bmi", words2{"BMI", "BMI"}, "l:39156-5 n:1272"},
	{"fluid", words2{"Vochtbalans", "Fluid balance"}, "s:364396009"},
}

func vitalOf(code fhir.Coded) vitalRow {
	for _, c := range code.Coding {
		prefix := map[string]string{fhir.LOINC: "l:", fhir.NHG45: "n:", fhir.SNOMED: "s:"}[c.System]
		for _, row := range vitals {
			if prefix != "" && strings.Contains(" "+row.codes+" ", " "+prefix+c.Code+" ") {
				return row
			}
		}
	}
	return vitalRow{}
}

// vitalLines is the engine of measurements, the person's own among them. Own
// measurements and those of a practice never share a series: meter, moment
// and method differ (merge.md 6.2).
func vitalLines(m *merger, entries []*entry) []*line {
	records := m.observations(entries)
	lines := make([]*line, 0, len(records))
	for _, r := range records {
		l := m.resultLine(r)
		v := l.Value.(*Result)
		row := vitalOf(r.lead.val.code)
		l.Title = firstNonEmpty(row.name.in(m.Lang), r.lead.val.code.Display(), m.texts.unknownResult)
		v.Name, l.groupTitle = l.Title, l.Title
		m.readPressure(l, v, r)
		key := firstNonEmpty(row.key, ownCode(r.lead.val.code))
		owner := "provider"
		if v.Own {
			owner = "own"
		}
		l.groupKey = seriesPrefix + strings.Join([]string{"vital", key, owner}, "|")
		v.Series = groupID(l.groupKey)
		lines = append(lines, l)
	}
	return lines
}

// readPressure shows a blood pressure as people write it: both numbers, of one
// measurement.
func (m *merger) readPressure(l *line, v *Result, r *obsRecord) {
	for _, c := range r.lead.node.All("component") {
		switch vitalOf(c.Get("code").Coded()).key {
		case "systolic":
			v.Systolic = c.Get("valueQuantity").Quantity()
		case "diastolic":
			v.Diastolic = c.Get("valueQuantity").Quantity()
		}
	}
	if v.Systolic.IsZero() || v.Diastolic.IsZero() {
		if v.Text == "" {
			m.listComponents(l, v, r)
		}
		return
	}
	both := v.Diastolic
	both.Unit = firstNonEmpty(both.Unit, v.Systolic.Unit)
	v.Text = fhir.Number(v.Systolic.Value, m.Lang) + "/" + both.Words(m.Lang)
	l.Detail = v.Text
	l.field("value", v.Text, r.lead.entry)
	v.Plottable = !v.At.IsZero() && l.Section == Found
}

// listComponents shows every part of a measurement that has no value of its own.
func (m *merger) listComponents(l *line, v *Result, r *obsRecord) {
	var parts []string
	for _, c := range r.lead.node.All("component") {
		var o observation
		o.readValue(c)
		if text := o.words(m.Lang); text != "" {
			parts = append(parts, joinText(" ", c.Get("code").Coded().Display(), text))
		}
	}
	v.Text = strings.Join(parts, ", ")
	l.Detail = firstNonEmpty(v.Text, l.Detail)
}
