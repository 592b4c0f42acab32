package web

import (
	"fmt"
	"slices"
	"strings"

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
	Breaks       bool // no line towards it
	hasSecondary bool
}

// chart is a drawing of a series: one column for each result, so that none
// hides another and each keeps its own range (look.md 4).
type chart struct {
	Class  string // "wide" or "narrow"
	W, H   int
	Size   int // of its letters
	Unit   string
	UnitY  int
	Axis   []axisLine
	Boxes  []box
	Lines  []path
	Points []marker
	Texts  []label
}

// axisLine is one line of the scale, with its number.
type axisLine struct {
	X1, X2, TextX, Y float64
	Text             string
}

// box is the range of one result; its limits have lines of their own.
type box struct {
	X, Y, W, H  float64
	Hatch       string // "a" or "b": which laboratory; empty for the first
	Top, Bottom bool
}

// X2 and Y2 are its far corner.
func (b box) X2() float64 { return round(b.X + b.W) }
func (b box) Y2() float64 { return round(b.Y + b.H) }

// path is a line of the drawing.
type path struct{ D, Class string }

// marker is the sign of one result: its shape tells the laboratory.
type marker struct{ D, Class string }

// label is a text in the drawing, in the middle of its place.
type label struct {
	X, Y  float64
	Text  string
	Class string
}

// layout is what differs between the wide and the narrow drawing.
type layout struct {
	class             string
	w, h, size        int
	left, top, bottom float64
	dateY, labY       float64
	most              int // results that fit; zero: all
}

var (
	wideLayout   = layout{"wide", 760, 320, 14, 46, 24, 276, 295, 312, 0}
	narrowLayout = layout{"narrow", 330, 300, 15, 36, 26, 254, 274, 292, 4}
)

// fewest is from how many results on there is a true time axis, on which only
// the values that tell most are written.
const fewest = 13

// newChart draws the points, oldest first.
func (w *words) newChart(points []point, unit string, l layout) *chart {
	if l.most > 0 && len(points) > l.most {
		points = points[len(points)-l.most:]
	}
	c := &chart{Class: l.class, W: l.w, H: l.h, Size: l.size, Unit: unit, UnitY: int(l.top) - 12}
	low, high, widest := extent(points)
	s := newScale(low, high, widest, l.top, l.bottom)
	for i := range axisSteps + 1 {
		y := s.Y(s.From + float64(i)*s.Step)
		c.Axis = append(c.Axis, axisLine{X1: l.left, X2: float64(l.w), TextX: l.left - 7, Y: y, Text: w.Number(s.text(i))})
	}
	columns := columnsOf(points, l)
	written := tellers(points)
	for i, p := range points {
		col := columns[i]
		c.addRange(p, col, s)
		c.addMarkers(p, col, s, written[i])
		if written[i] || len(points) < fewest {
			day := i == len(points)-1 || points[i].At.Low().Year() == points[len(points)-1].At.Low().Year()
			c.Texts = append(c.Texts,
				label{col.x, l.dateY, w.short(p.At, day, l.class == "wide"), "t-soft"},
				label{col.x, l.labY, shortName(p.LabName, int(col.w/8)), ""})
		}
	}
	c.connect(points, columns, s)
	return c
}

// column is where one result stands: the middle and the width of its box.
type column struct{ x, from, w float64 }

// columnsOf places the results: equal columns for a few, a true time axis for many.
func columnsOf(points []point, l layout) []column {
	n := len(points)
	out := make([]column, n)
	room := float64(l.w) - l.left
	if n < fewest {
		w := room / float64(n)
		for i := range out {
			from := l.left + float64(i)*w
			out[i] = column{x: round(from + w/2), from: round(from + 1), w: round(w - 2)}
		}
		return out
	}
	first, last := points[0].At.Low().Unix(), points[n-1].At.Low().Unix()
	for i := range out {
		part := float64(points[i].At.Low().Unix()-first) / float64(max(last-first, 1))
		out[i].x = round(l.left + 36 + part*(room-72))
	}
	for i := range out {
		from, to := l.left, float64(l.w)
		if i > 0 {
			from = (out[i-1].x + out[i].x) / 2
		}
		if i < n-1 {
			to = (out[i].x + out[i+1].x) / 2
		}
		out[i].from, out[i].w = round(from), round(max(to-from-1, 1))
	}
	return out
}

// extent is the lowest and the highest of all values and ranges, and the
// widest range.
func extent(points []point) (low, high, widest float64) {
	low, high = points[0].Value, points[0].Value
	for _, p := range points {
		all := []float64{p.Value}
		if p.hasSecondary {
			all = append(all, p.Second)
		}
		if p.HasLow {
			all = append(all, p.Low)
		}
		if p.HasHigh {
			all = append(all, p.High)
		}
		if p.HasLow && p.HasHigh {
			widest = max(widest, p.High-p.Low)
		}
		low, high = min(low, slices.Min(all)), max(high, slices.Max(all))
	}
	return low, high, widest
}

// addRange draws the box of one result's own range.
func (c *chart) addRange(p point, col column, s scale) {
	if !p.HasLow && !p.HasHigh {
		return
	}
	b := box{X: col.from, W: col.w, Y: s.Top, Top: p.HasHigh, Bottom: p.HasLow}
	if p.HasHigh {
		b.Y = s.Y(p.High)
	}
	bottom := s.Bottom
	if p.HasLow {
		bottom = s.Y(p.Low)
	}
	b.H = round(bottom - b.Y)
	if p.Lab > 0 {
		b.Hatch = [...]string{"a", "b"}[min(p.Lab, 2)-1]
	}
	c.Boxes = append(c.Boxes, b)
}

// addMarkers draws the sign of one result, and writes its value when that is to be
// written. A blood pressure has two.
func (c *chart) addMarkers(p point, col column, s scale, written bool) {
	class := "f-ink"
	if p.Own {
		class = "f-pen"
	}
	if p.Preliminary {
		class = "f-open"
	}
	put := func(value float64, text string, below bool) {
		y := s.Y(value)
		c.Points = append(c.Points, marker{shape(p.Lab, col.x, y), class})
		if !written {
			return
		}
		class := "halo"
		if !p.HasLow && !p.HasHigh {
			class = "t-bold"
		}
		at := y - 15
		if below {
			at = y + 25
		}
		c.Texts = append(c.Texts, label{col.x, round(at), text, class})
	}
	put(p.Value, p.Text, false)
	if p.hasSecondary {
		put(p.Second, p.SecondText, true)
	}
}

// shape is the sign of the n-th laboratory around a point: a disc, a square, a
// diamond, a triangle.
func shape(lab int, x, y float64) string {
	switch lab {
	case 0:
		return fmt.Sprintf("M%v %va7 7 0 1 0 14 0a7 7 0 1 0-14 0z", round(x-7), y)
	case 1:
		return fmt.Sprintf("M%v %vh13v13h-13z", round(x-6.5), round(y-6.5))
	case 2:
		return fmt.Sprintf("M%v %vl8 8-8 8-8-8z", x, round(y-8))
	}
	return fmt.Sprintf("M%v %vl8 14h-16z", x, round(y-9))
}

// connect draws the line between final values; it is dotted towards a
// preliminary one and left out where values cannot be compared exactly.
func (c *chart) connect(points []point, columns []column, s scale) {
	draw := func(value func(point) float64) {
		for i := 1; i < len(points); i++ {
			if points[i].Breaks {
				continue
			}
			class := "l-ink"
			if points[i].Own && points[i-1].Own {
				class = "l-pen"
			}
			if points[i].Preliminary || points[i-1].Preliminary {
				class += " l-dots"
			}
			d := fmt.Sprintf("M%v %vL%v %v", columns[i-1].x, s.Y(value(points[i-1])), columns[i].x, s.Y(value(points[i])))
			c.Lines = append(c.Lines, path{d, class})
		}
	}
	draw(func(p point) float64 { return p.Value })
	if points[0].hasSecondary {
		draw(func(p point) float64 { return p.Second })
	}
}

// tellers are the points whose value is written: all of a few; of many the
// first, the last, the lowest and the highest.
func tellers(points []point) []bool {
	out := make([]bool, len(points))
	low, high := 0, 0
	for i, p := range points {
		out[i] = len(points) < fewest
		if p.Value < points[low].Value {
			low = i
		}
		if p.Value > points[high].Value {
			high = i
		}
	}
	out[0], out[len(out)-1], out[low], out[high] = true, true, true, true
	return out
}

// shortName cuts a name to what fits under a column.
func shortName(name string, most int) string {
	if r := []rune(name); len(r) > max(most, 3) {
		return strings.TrimSpace(string(r[:max(most, 3)-1])) + "…"
	}
	return name
}
