package web

import (
	"strings"
	"time"
)

// chart is a drawing of a series: one column for each result, so that none
// hides another and each keeps its own range; from 13 results on a true time
// axis (look.md 4). What looks alike is one path: a life has many results.
type chart struct {
	Class  string // "wide" or "narrow"
	W, H   int
	Size   int // of its letters
	Unit   string
	UnitY  int
	Axis   []axisLine
	Ranges strokes // by hatch: "", "a" or "b"
	Limits strokes
	Lines  strokes
	Points strokes
	Texts  []label
}

// axisLine is one line of the scale, with its number.
type axisLine struct {
	X1, X2, TextX, Y float64
	Text             string
}

// path is a line or a shape of the drawing.
type path struct{ D, Class string }

// strokes are paths, one for each class.
type strokes []path

// add draws more with a class.
func (s *strokes) add(class, d string) {
	for i := range *s {
		if (*s)[i].Class == class {
			(*s)[i].D += d
			return
		}
	}
	*s = append(*s, path{D: d, Class: class})
}

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
	most              int // columns that fit; zero: all
	dots              int // results that can be told apart on a time axis
}

var (
	wideLayout   = layout{"wide", 760, 320, 14, 46, 24, 276, 295, 312, 0, 150}
	narrowLayout = layout{"narrow", 330, 300, 15, 36, 26, 254, 274, 292, 4, 60}
)

// fewest is from how many results on there is a true time axis, on which only
// the values that tell most are written.
const fewest = 13

// newChart draws the points, oldest first, and the target where there is one.
func (w *words) newChart(points []point, goals []goal, unit string, l layout) *chart {
	if len(points) < fewest && l.most > 0 && len(points) > l.most {
		points = points[len(points)-l.most:]
	}
	all := len(points)
	points = thin(points, l)
	c := &chart{Class: l.class, W: l.w, H: l.h, Size: l.size, Unit: unit, UnitY: int(l.top) - 12}
	s := newScale(extentOf(points, goals), l.top, l.bottom)
	for i := range axisSteps + 1 {
		y := s.Y(s.From + float64(i)*s.Step)
		c.Axis = append(c.Axis, axisLine{X1: l.left, X2: float64(l.w), TextX: l.left - 7, Y: y, Text: w.Number(s.text(i))})
	}
	p := painter{chart: c, words: w, layout: l, scale: s, columns: columnsOf(points, l), size: 1, few: all < fewest}
	if len(points) > dense {
		p.size = 0.6
	}
	p.draw(points, goals)
	return c
}

// dense is from how many results on the signs are drawn smaller.
const dense = 36

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
	for i := range out {
		out[i].x = l.moment(points[i].At.Low(), points[0].At.Low(), points[n-1].At.Low())
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

// moment is where a moment stands on a time axis from first to last.
func (l layout) moment(at, first, last time.Time) float64 {
	part := float64(at.Unix()-first.Unix()) / float64(max(last.Unix()-first.Unix(), 1))
	return round(l.left + 36 + part*(float64(l.w)-l.left-72))
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
