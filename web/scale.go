package web

import (
	"math"
	"strconv"
)

// extent is what a chart has to hold.
type extent struct {
	Low, High           float64 // of all values, ranges and targets
	RangeLow, RangeHigh float64 // of all ranges
	Widest              float64 // of the ranges with two limits; zero when there are none
	Tallest             float64 // of all ranges, one with one limit measured from zero
}

// extentOf measures the points and the target.
func extentOf(points []point, goals []goal) extent {
	e := extent{Low: points[0].Value, High: points[0].Value, RangeLow: math.Inf(1), RangeHigh: math.Inf(-1)}
	hold := func(f float64) { e.Low, e.High = min(e.Low, f), max(e.High, f) }
	limit := func(f float64) {
		hold(f)
		e.RangeLow, e.RangeHigh = min(e.RangeLow, f), max(e.RangeHigh, f)
	}
	for _, p := range points {
		hold(p.Value)
		if p.hasSecondary {
			hold(p.Second)
		}
		if p.HasLow {
			limit(p.Low)
		}
		if p.HasHigh {
			limit(p.High)
			e.Tallest = max(e.Tallest, p.High-max(p.Low, 0))
		}
		if p.HasLow && p.HasHigh {
			e.Widest, e.Tallest = max(e.Widest, p.High-p.Low), max(e.Tallest, p.High-p.Low)
		}
	}
	for _, g := range goals {
		hold(g.Value)
	}
	return e
}

// scale is the vertical axis of a chart: four numbers at equal steps.
type scale struct {
	From, Step  float64
	Top, Bottom float64 // in the drawing
}

const (
	// axisSteps is how many steps an axis has.
	axisSteps = 3
	// leastFill and mostFill are how much of the height a range fills: a value
	// near its limit must not look as if it lay at the edge of what is possible,
	// and one far away must not make the range too thin to read.
	leastFill, mostFill = 0.15, 0.8
)

// newScale finds an axis that holds every value and every range; or, when that
// would make the ranges too thin, one that holds the ranges: what lies beyond
// it then stands at its end.
func newScale(e extent, top, bottom float64) scale {
	s := wholeScale(e, top, bottom)
	if e.Tallest > 0 && e.Tallest < leastFill*axisSteps*s.Step {
		if cut, ok := cutScale(e, top, bottom); ok {
			return cut
		}
	}
	return s
}

func wholeScale(e extent, top, bottom float64) scale {
	span := e.High - e.Low
	if span <= 0 {
		span = max(math.Abs(e.High)*0.2, 1)
	}
	step := niceStep(max(span*1.15, e.Widest/mostFill) / axisSteps)
	for {
		unit := math.Pow(10, math.Floor(math.Log10(step)))
		from := math.Round(((e.Low+e.High)/2-step*axisSteps/2)/unit) * unit
		if from < 0 && e.Low >= 0 {
			from = 0
		}
		if from <= e.Low && from+axisSteps*step >= e.High {
			return scale{From: from, Step: step, Top: top, Bottom: bottom}
		}
		step = niceStep(step * 1.01)
	}
}

// cutScale is the longest axis on which the ranges can still be read; not ok
// when they lie too far apart for one.
func cutScale(e extent, top, bottom float64) (s scale, ok bool) {
	step := niceBelow(e.Tallest / leastFill / axisSteps)
	unit := math.Pow(10, math.Floor(math.Log10(step)))
	length := axisSteps * step
	from := e.RangeLow - (length-(e.RangeHigh-e.RangeLow))/2 // values on both sides
	switch {
	case e.High-e.RangeHigh < length/3:
		from = max(e.High, e.RangeHigh) - length
	case e.RangeLow-e.Low < length/3:
		from = min(e.Low, e.RangeLow)
	}
	from = math.Floor(min(from, e.RangeLow)/unit) * unit
	if from+length < e.RangeHigh {
		from += unit
	}
	if from < 0 && e.Low >= 0 {
		from = 0
	}
	s = scale{From: from, Step: step, Top: top, Bottom: bottom}
	return s, s.beyond(e.RangeLow) == 0 && s.beyond(e.RangeHigh) == 0 && e.Widest <= mostFill*length
}

// niceStep is the next of 1, 2, 3, 5 times a power of ten.
func niceStep(step float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(step)))
	for _, nice := range [...]float64{1, 2, 3, 5, 10} {
		if nice*unit >= step*(1-1e-9) {
			return nice * unit
		}
	}
	return 10 * unit
}

// niceBelow is the last of 1, 2, 3, 5 times a power of ten before it.
func niceBelow(step float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(step)))
	for _, nice := range [...]float64{5, 3, 2} {
		if nice*unit <= step*(1+1e-9) {
			return nice * unit
		}
	}
	return unit
}

// beyond tells whether a value lies above (1) or below (-1) the axis.
func (s scale) beyond(value float64) int {
	const slack = 1e-9
	switch part := (value - s.From) / (s.Step * axisSteps); {
	case part > 1+slack:
		return 1
	case part < -slack:
		return -1
	}
	return 0
}

// Y is where a value stands; one beyond the axis at its end.
func (s scale) Y(value float64) float64 {
	part := min(max((value-s.From)/(s.Step*axisSteps), 0), 1)
	return round(s.Bottom - part*(s.Bottom-s.Top))
}

// decimals is how many decimals the numbers of the axis need.
func (s scale) decimals() int {
	return max(0, int(-math.Floor(math.Log10(s.Step)+1e-9)))
}

// text writes the number at step i.
func (s scale) text(i int) string {
	return strconv.FormatFloat(s.From+float64(i)*s.Step, 'f', s.decimals(), 64)
}

// round keeps drawings small and the same on every machine.
func round(f float64) float64 { return math.Round(f*10) / 10 }
