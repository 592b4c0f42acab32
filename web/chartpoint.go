package web

import (
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// point is one result of a series in a chart.
type point struct {
	At           fhir.Date
	Value        float64
	Text         string
	Second       float64 // of a blood pressure: the lower one
	SecondText   string
	Low, High    float64 // its own range
	HasLow       bool
	HasHigh      bool
	Lab          int // index of who measured it
	LabName      string
	Preliminary  bool
	Own          bool
	Open         bool   // the value is a limit: "<5"
	Line, Series string // what it is joined with
	Harmonised   bool
	hasSecondary bool
}

// goal is one limit of the target of the person.
type goal struct {
	Value float64
	Text  string
}

// goalsOf are the limits of a target, for drawing.
func (v *view) goalsOf(t aggregator.Target) []goal {
	var out []goal
	for _, text := range [...]string{t.Above, t.Below, t.Beside} {
		if value, ok := number(fhir.Quantity{Value: text}); ok && text != "" {
			out = append(out, goal{value, v.Number(text)})
		}
	}
	return out
}

// points gives the results that share a chart with this one and can be compared
// with it exactly, oldest first, and who measured them.
func (v *view) points(of *aggregator.Result) (points []point, labs []string) {
	unit := unitIn(of)
	for _, dot := range v.o.Points(of.Chart) {
		pt, ok := v.pointOf(dot)
		if !ok || dot.Result.At.IsZero() || !fhir.SameUnit(dot.Value, unit) && dot.Value.Symbol() != unit.Symbol() {
			continue
		}
		item, _ := v.o.Find(dot.Items[0])
		pt.LabName = labName(v, item, &dot.Result)
		if !slices.Contains(labs, pt.LabName) {
			labs = append(labs, pt.LabName)
		}
		pt.Lab = slices.Index(labs, pt.LabName)
		points = append(points, pt)
	}
	return points, labs
}

// unitIn is a quantity in the unit of the series of a result.
func unitIn(r *aggregator.Result) fhir.Quantity {
	switch {
	case !r.Converted.IsZero():
		return r.Converted
	case !r.Systolic.IsZero():
		return r.Systolic
	}
	return r.Quantity
}

// pointOf makes a point of a dot. Where the value was converted, the range
// stays with what the laboratory wrote: it is in the table.
func (v *view) pointOf(dot aggregator.Point) (point, bool) {
	r := &dot.Result
	p := point{
		At: r.At, Preliminary: preliminary(r), Own: r.Own, Open: r.Open || dot.Value.Comparator != "",
		Line: r.Line, Series: r.Series, Harmonised: r.Harmonised, Text: v.Number(dot.Value.Comparator + dot.Value.Value),
	}
	if !dot.Converted() {
		p.Low, p.HasLow = number(r.Low)
		p.High, p.HasHigh = number(r.High)
	}
	var ok bool
	p.Value, ok = number(dot.Value)
	if ok && !dot.Beside.IsZero() {
		p.Second, ok = number(dot.Beside)
		p.SecondText, p.hasSecondary = v.Number(dot.Beside.Value), true
	}
	return p, ok
}

// thin leaves out results where there are more than can be told apart. Of each
// stretch of time and each laboratory the first, the last, the lowest and the
// highest stay, so that the drawing keeps its shape.
func thin(points []point, l layout) []point {
	if len(points) <= l.dots {
		return points
	}
	columns := columnsOf(points, l)
	for width := 8.0; ; width *= 2 {
		kept := thinTo(points, columns, width)
		if len(kept) <= l.dots || width > 2*float64(l.w) {
			return kept
		}
	}
}

func thinTo(points []point, columns []column, width float64) []point {
	type stretch struct{ at, lab int }
	keep := map[stretch][]int{} // first, last, lowest, highest, and so of the lower pressure
	for i, p := range points {
		k := stretch{int(columns[i].x / width), p.Lab}
		all := keep[k]
		if all == nil {
			all = []int{i, i, i, i, i, i}
		}
		all[1] = i
		for place, lower := range [...]bool{points[i].Value < points[all[2]].Value, points[i].Value > points[all[3]].Value, p.Second < points[all[4]].Second, p.Second > points[all[5]].Second} {
			if lower {
				all[place+2] = i
			}
		}
		keep[k] = all
	}
	var kept []int
	for _, all := range keep {
		kept = append(kept, all...)
	}
	slices.Sort(kept)
	var out []point
	for _, i := range slices.Compact(kept) {
		out = append(out, points[i])
	}
	return out
}

// segment is a line between two points.
type segment struct {
	from, to int
	dashed   bool // of two laboratories that agree on the test
}

// joinsOf gives the lines: within one series, laboratory and method, and dashed
// between neighbours of laboratories that agree (merge.md 4.6). A limit ("<5")
// is joined with nothing.
func joinsOf(points []point) []segment {
	var out []segment
	line, series := map[string]int{}, map[string]int{}
	for i, p := range points {
		if p.Open || p.Line == "" {
			continue
		}
		before, inSeries := series[p.Series]
		same, inLine := line[p.Line]
		switch {
		case inSeries && points[before].Line != p.Line && p.Harmonised && points[before].Harmonised:
			out = append(out, segment{before, i, true})
		case inLine:
			out = append(out, segment{same, i, false})
		}
		line[p.Line], series[p.Series] = i, i
	}
	return out
}
