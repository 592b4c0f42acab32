package web

import (
	"math"
	"strconv"
)

// scale is the vertical axis of a chart: four numbers at equal steps.
type scale struct {
	From, Step  float64
	Top, Bottom float64 // in the drawing
}

// axisSteps is how many steps an axis has.
const axisSteps = 3

// newScale finds an axis that holds every value and every range. A range never
// fills more than four fifths of the height: a value near its limit must not
// look as if it lay at the edge of what is possible.
func newScale(low, high, widestRange, top, bottom float64) scale {
	span := high - low
	if span <= 0 {
		span = max(math.Abs(high)*0.2, 1)
	}
	step := niceStep(max(span*1.15, widestRange/0.8) / axisSteps)
	for {
		unit := math.Pow(10, math.Floor(math.Log10(step)))
		from := math.Round(((low+high)/2-step*axisSteps/2)/unit) * unit
		if from < 0 && low >= 0 {
			from = 0
		}
		if from <= low && from+axisSteps*step >= high {
			return scale{From: from, Step: step, Top: top, Bottom: bottom}
		}
		step = niceStep(step * 1.01)
	}
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

// Y is where a value stands.
func (s scale) Y(value float64) float64 {
	part := (value - s.From) / (s.Step * axisSteps)
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
