package web

import (
	"math"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// numberLine is one value on a line with the reference range of its own
// laboratory (look.md 4), in units of a drawing of 300 by 84.
type numberLine struct {
	Label  string // the whole of it as a sentence
	Value  string
	X      float64 // of the value
	ValueX float64 // of the number above it
	Arrow  string  // path, when the value lies beyond the line
	From   float64 // the range
	To     float64
	Low    string // what stands under its ends; empty for an end that is open
	High   string
	Middle float64
	Inside string
	Lower  string // words at the outside; empty where they would touch a limit
	Higher string
	Own    bool

	H       int       // of the drawing: higher where the target is named under it
	Targets []float64 // where the target of the person lies
	TargetX float64   // of its name
	low     float64   // a value, and
	base    float64   // where low lies; From, unless that end is open
	scale   float64
}

// Width is that of the range.
func (n *numberLine) Width() float64 { return n.To - n.From }

const (
	lineFrom, lineTo = 8.0, 292.0
	// rangeFrom and rangeTo are where the range lies when the value is near it.
	rangeFrom, rangeTo = 72.0, 228.0
	// leastRange is the width under which a range can no longer be read.
	leastRange = 0.15 * 300
)

// numberLine draws a result; nil when it has no number or no range.
func (v *view) numberLine(r *aggregator.Result, goals ...goal) *numberLine {
	value, ok := number(r.Quantity)
	low, hasLow := number(r.Low)
	high, hasHigh := number(r.High)
	if !ok || r.Quantity.Comparator != "" || !hasLow && !hasHigh || hasLow && hasHigh && low >= high {
		return nil
	}
	n := &numberLine{Value: v.Number(r.Quantity.Value), Inside: v.T("u.inside"), Own: r.Own, H: 84}
	if !hasLow {
		low = min(0, high-math.Abs(high))
	}
	if !hasHigh {
		high = low + max(math.Abs(low), 1)
	}
	n.place(value, low, high, goals)
	n.Middle = (n.From + n.To) / 2
	if hasLow {
		n.Low = v.Number(r.Low.Value)
	} else {
		n.From, n.Middle = lineFrom, (lineFrom+n.To)/2
	}
	if hasHigh {
		n.High = v.Number(r.High.Value)
	} else {
		n.To, n.Middle = lineTo, (n.From+lineTo)/2
	}
	n.mark(goals)
	v.lineWords(n, r)
	return n
}

// place sets where the range and the value lie. The range shrinks for a value
// far from it, but not to nothing: then the value sits at the end of the line
// with an arrow.
func (n *numberLine) place(value, low, high float64, goals []goal) {
	least, most := value, value
	for _, g := range goals {
		least, most = min(least, g.Value), max(most, g.Value)
	}
	n.From, n.To = rangeFrom, rangeTo
	scale := (rangeTo - rangeFrom) / (high - low)
	const edge = 16.0
	switch {
	case n.From+(most-low)*scale > lineTo-edge:
		scale = max((lineTo-edge-n.From)/(most-low), leastRange/(high-low))
		n.To = n.From + (high-low)*scale
	case n.From+(least-low)*scale < lineFrom+edge:
		scale = max((n.To-lineFrom-edge)/(high-least), leastRange/(high-low))
		n.From = n.To - (high-low)*scale
	}
	n.low, n.scale, n.base = low, scale, n.From
	n.X = n.From + (value-low)*scale
	if n.X > lineTo {
		n.X, n.Arrow = lineTo-8, "M288 37l8 7-8 7"
	}
	if n.X < lineFrom {
		n.X, n.Arrow = lineFrom+8, "M12 37l-8 7 8 7"
	}
	n.ValueX = min(max(n.X, 20), 280)
}

// mark shows the target of the person; what lies beyond the line is said in
// words only.
func (n *numberLine) mark(goals []goal) {
	for _, g := range goals {
		if x := round(n.base + (g.Value-n.low)*n.scale); x > lineFrom && x < lineTo {
			n.Targets, n.H = append(n.Targets, x), 106
			n.TargetX = min(max(x, 64), 236)
		}
	}
}

// lineWords puts the words at the outside where there is room for them, and
// says the whole in a sentence.
func (v *view) lineWords(n *numberLine, r *aggregator.Result) {
	const wide, gap = 8.2, 10.0
	half := func(s string) float64 { return float64(utf8.RuneCountInString(s)) * wide / 2 }
	lower, higher := v.T("u.lower"), v.T("u.higher")
	if n.Low != "" && n.From-half(n.Low)-gap > lineFrom+2*half(lower) {
		n.Lower = lower
	}
	if n.High != "" && n.To+half(n.High)+gap < lineTo-2*half(higher) {
		n.Higher = higher
	}
	if n.Width() < 2*half(n.Inside)+half(n.Low)+half(n.High)+gap {
		n.Inside = ""
	}
	n.Label = v.T("u.line", "value", brief(r.Text), "range", v.rangeText(r))
	if words := v.flagWords(r); words != "" {
		n.Label += " " + words
	}
}

// number is the value of a quantity for drawing; what is written comes from
// its text.
func number(q fhir.Quantity) (float64, bool) {
	rat, ok := q.Rat()
	if !ok {
		return 0, false
	}
	f, _ := rat.Float64()
	return f, true
}
