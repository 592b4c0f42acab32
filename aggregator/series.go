package aggregator

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// unitKey is a unit of a test, as written; unitFit is what follows from those
// two whatever the value, worked out once.
type (
	unitKey struct{ analyte, expects, system, code, unit string }
	unitFit struct {
		misfits bool
		same    bool   // it is the unit of the test
		scale   string // what makes values comparable
	}
)

func (m *merger) fit(a Analyte, q fhir.Quantity) unitFit {
	k := unitKey{a.Key, a.Expects, q.System, q.Code, q.Unit}
	f, known := m.fits[k]
	if !known {
		f = unitFit{misfits: a.misfits(q), same: fhir.SameUnit(q, fhir.Quantity{Code: a.Unit, System: fhir.UCUM}), scale: a.scale(q)}
		m.fits[k] = f
	}
	return f
}

// scale is the unit of the test where values convert to it, else the base unit,
// else the spelling.
func (a Analyte) scale(q fhir.Quantity) string {
	if _, _, ok := a.measure(q); ok {
		return a.Unit
	}
	if _, unit, ok := q.Canonical(); ok {
		return unit
	}
	return q.Symbol()
}

// settleScale works out on what scale the value is, and the help value on it.
func (m *merger) settleScale(o *observation) {
	o.scale, o.converted = "text", fhir.Quantity{}
	if o.quantity.IsZero() {
		return
	}
	f := m.fit(o.analyte.Analyte, o.quantity)
	o.scale = f.scale
	if !f.same {
		o.converted = o.analyte.converted(o.quantity)
	}
}

// series is the key of results that may be compared: one analyte, one material,
// one scale (merge.md 4.6). Methods that matter are analytes of their own.
func (o *observation) series() string {
	return strings.Join([]string{"lab", o.analyte.Key, o.specimen, o.scale}, "|")
}

// hasSeries: what contradicts itself, or has no name at all, is compared with
// nothing.
func (o *observation) hasSeries() bool { return !o.analyte.contradicts && o.analyte.Key != "" }

// chartKey is what the names of series and charts follow from; chartNames are
// those: a life has many results and few series.
type (
	chartKey   struct{ series, chart, scale, lab, method string }
	chartNames struct{ series, chart, line string }
)

func (o *observation) chartNames(key string, known map[chartKey]chartNames) chartNames {
	k := chartKey{key, firstNonEmpty(o.analyte.Chart, o.analyte.Key), o.scale, o.labKey, o.method}
	n, ok := known[k]
	if !ok {
		n = chartNames{
			series: groupID(key), chart: groupID("chart|" + k.chart + "|" + o.scale),
			line: groupID(strings.Join([]string{"line", key, o.labKey, fold(o.method)}, "|")),
		}
		known[k] = n
	}
	return n
}

// chartOn fills in what a chart needs.
func (o *observation) chartOn(v *Result, key string, names map[chartKey]chartNames) {
	n := o.chartNames(key, names)
	v.Series, v.Chart, v.Line = n.series, n.chart, n.line
	v.Harmonised = o.analyte.harmonisedWith(o.method)
	v.Converted = o.converted
}

// Point is one dot of a chart.
type Point struct {
	Items  []string      // ids of the items that say it; more than one when they may be the same result
	Result Result        // of the first of them
	Value  fhir.Quantity // in the unit of the series
	Beside fhir.Quantity // the lower of a blood pressure
}

// Converted tells whether the value was computed: what was delivered is in Result.
func (p Point) Converted() bool { return !p.Result.Converted.IsZero() }

// Points gives the dots of a chart, oldest first. Which of them are joined
// follows from Result: by a line where Line is equal, by a dashed one between
// neighbours of one Series where it is Harmonised, else not at all. Ranges are of
// the point they come with and never make a band (merge.md 4.6).
func (o *Overview) Points(chart string) []Point {
	var points []Point
	at := map[string]int{}
	add := func(item string, r *Result) {
		if r.Chart != chart || !r.Plottable && !r.Open {
			return
		}
		if i, seen := at[r.Dot]; seen && r.Dot != "" {
			points[i].Items = append(points[i].Items, item)
			return
		}
		at[r.Dot] = len(points)
		points = append(points, r.point(item))
	}
	for i := range o.Items { // results are large and many: they are looked at where they are
		v, ok := o.Items[i].Value.(*Result)
		if !ok || chart == "" {
			continue
		}
		add(o.Items[i].ID, v)
		for j := range v.Components {
			add(o.Items[i].ID, &v.Components[j])
		}
	}
	slices.SortFunc(points, func(a, b Point) int {
		return cmp.Or(a.Result.At.Compare(b.Result.At), strings.Compare(a.Items[0], b.Items[0]), strings.Compare(a.Result.Name, b.Result.Name))
	})
	return points
}

func (r *Result) point(item string) Point {
	p := Point{Items: []string{item}, Result: *r, Value: r.Quantity}
	switch {
	case !r.Converted.IsZero():
		p.Value = r.Converted
	case !r.Systolic.IsZero():
		p.Value, p.Beside = r.Systolic, r.Diastolic
	}
	return p
}
