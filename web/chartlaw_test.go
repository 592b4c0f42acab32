package web

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// drawnResults makes results of up to three laboratories and the person, with
// ranges, limits, preliminary values and values far outside.
func drawnResults(t *rapid.T, most int) *aggregator.Overview {
	o := &aggregator.Overview{}
	n := rapid.IntRange(2, most).Draw(t, "n")
	pressures := rapid.Bool().Draw(t, "pressures")
	q := func(f float64) fhir.Quantity {
		return fhir.Quantity{Value: strconv.FormatFloat(f, 'f', 2, 64), Unit: "u"}
	}
	for i := range n {
		lab := rapid.IntRange(0, 3).Draw(t, "lab")
		value := rapid.Float64Range(0, 1).Draw(t, "value") * math.Pow(10, float64(rapid.IntRange(-1, 4).Draw(t, "size")))
		r := aggregator.Result{
			Name: "Proef", Quantity: q(value), Text: "x", Chart: "c", Series: fmt.Sprint("s", lab%2), Line: fmt.Sprint("l", lab), Plottable: true, Analyte: "a",
			Harmonised: rapid.Bool().Draw(t, "agrees"), Own: lab == 3, Lab: fmt.Sprint("Lab ", lab), Status: "final",
			At: fhir.DateOf(storyNow.Add(-time.Duration(rapid.IntRange(0, 5e6).Draw(t, "minutes")) * time.Minute)),
		}
		if rapid.Bool().Draw(t, "ranged") {
			low := rapid.Float64Range(0, 100).Draw(t, "low")
			r.Low, r.High = q(low), q(low+rapid.Float64Range(0.1, 100).Draw(t, "span"))
			if rapid.Bool().Draw(t, "one limit") {
				r.Low = fhir.Quantity{}
			}
		}
		switch {
		case pressures:
			r.Systolic, r.Diastolic, r.Quantity = q(value+10), q(value), fhir.Quantity{}
		case rapid.IntRange(0, 5).Draw(t, "limit") == 0:
			r.Quantity.Comparator, r.Open = "<", true
		}
		if rapid.IntRange(0, 5).Draw(t, "early") == 0 {
			r.Status = "preliminary"
		}
		o.Items = append(o.Items, aggregator.Item{ID: fmt.Sprintf("lab:%012d", i), Subject: "lab", Section: aggregator.Found, Group: r.Series, Value: &r})
	}
	return o
}

var numbers = regexp.MustCompile(`-?[0-9]+(\.[0-9]+)?`)

// TestNothingIsDrawnOutsideTheDrawing, and no number of it is none: whatever
// the values, ranges and targets.
func TestNothingIsDrawnOutsideTheDrawing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := &view{words: wordsIn("nl"), o: drawnResults(t, 30), now: storyNow}
		of := v.o.Items[0].Value.(*aggregator.Result)
		points, _ := v.points(of)
		goals := []goal{{Value: rapid.Float64Range(0, 1000).Draw(t, "goal")}}
		for _, l := range []layout{wideLayout, narrowLayout} {
			c := v.newChart(points, goals, "u", l)
			if text := fmt.Sprint(*c); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Fatal("a number is none")
			}
			for _, p := range slices.Concat(c.Ranges, c.Limits, c.Lines, c.Points) {
				checkInside(t, c, p.D)
			}
			for _, text := range c.Texts {
				if text.X < 0 || text.X > float64(c.W) || text.Y < 0 || text.Y > float64(c.H) {
					t.Fatalf("a text stands at %v %v", text.X, text.Y)
				}
			}
		}
	})
}

// checkInside follows where each piece of a path begins, and the corners that
// are given in full.
func checkInside(t *rapid.T, c *chart, d string) {
	for _, piece := range strings.FieldsFunc(d, func(r rune) bool { return r == 'M' || r == 'L' }) {
		xy := numbers.FindAllString(piece, 2)
		x, _ := strconv.ParseFloat(xy[0], 64)
		y, _ := strconv.ParseFloat(xy[1], 64)
		if x < 0 || x > float64(c.W) || y < 0 || y > float64(c.H) {
			t.Fatalf("%s lies outside %d by %d", piece, c.W, c.H)
		}
	}
}

// TestEveryPointIsInTheTable: the table is the equal of the chart.
func TestEveryPointIsInTheTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := &view{words: wordsIn("nl"), o: drawnResults(t, 30), now: storyNow}
		item := v.o.Items[0]
		of := item.Value.(*aggregator.Result)
		entries := v.entriesWith(item, of)
		for _, dot := range v.o.Points(of.Chart) {
			for _, id := range dot.Items {
				if !slices.ContainsFunc(entries, func(e seriesEntry) bool { return e.item.ID == id }) {
					t.Fatalf("%s is drawn and not in the table", id)
				}
			}
		}
		for _, e := range entries {
			if row := v.tableRow(e, "u"); row.Value == "" || row.Lab == "" {
				t.Fatalf("a row says nothing: %+v", row)
			}
		}
	})
}

// TestAxisHoldsTheRanges: everything lies on the axis or at its end; a range
// fills neither too little nor too much of it.
func TestAxisHoldsTheRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := &view{words: wordsIn("nl"), o: drawnResults(t, 12), now: storyNow}
		points, _ := v.points(v.o.Items[0].Value.(*aggregator.Result))
		e := extentOf(points, nil)
		s := newScale(e, 0, 100)
		length := s.Step * axisSteps
		if e.Low >= 0 && s.From < 0 {
			t.Fatalf("an axis below zero for values above it: %v", s.From)
		}
		if fill := e.Widest / length; fill > mostFill+1e-6 {
			t.Fatalf("the range fills %v", fill)
		}
		if !math.IsInf(e.RangeLow, 1) && (s.beyond(e.RangeLow) != 0 || s.beyond(e.RangeHigh) != 0) {
			t.Fatal("a range lies beyond the axis")
		}
		whole := s.beyond(e.Low) == 0 && s.beyond(e.High) == 0
		if !whole && e.Tallest/length < leastFill-1e-6 {
			t.Fatalf("the axis was cut and a range still fills only %v", e.Tallest/length)
		}
	})
}

// TestThinningKeepsTheShape: the first, the last, the lowest and the highest
// of all stay, in order, and there are few enough.
func TestThinningKeepsTheShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var points []point
		for i := range rapid.IntRange(2, 900).Draw(t, "n") {
			points = append(points, point{
				At: fhir.DateOf(storyNow.Add(time.Duration(i*i) * time.Hour)), Value: rapid.Float64Range(0, 100).Draw(t, "value"),
				Lab: rapid.IntRange(0, 2).Draw(t, "lab"), Line: "l", Series: "s",
			})
		}
		kept := thin(points, narrowLayout)
		if len(kept) > max(narrowLayout.dots, 0) {
			t.Fatalf("%d are left", len(kept))
		}
		value := func(p point) float64 { return p.Value }
		if kept[0] != points[0] || kept[len(kept)-1] != points[len(points)-1] || extreme(kept, value) != extreme(points, value) {
			t.Fatal("the ends or the extremes are gone")
		}
		if !slices.IsSortedFunc(kept, func(a, b point) int { return a.At.Compare(b.At) }) {
			t.Fatal("they are out of order")
		}
	})
}

func extreme(points []point, value func(point) float64) [2]float64 {
	low, high := value(points[0]), value(points[0])
	for _, p := range points {
		low, high = min(low, value(p)), max(high, value(p))
	}
	return [2]float64{low, high}
}

// TestLinesJoinOnlyWhatMayBeJoined is merge.md 4.6.
func TestLinesJoinOnlyWhatMayBeJoined(t *testing.T) {
	p := func(series, line string, harmonised, open bool) point {
		return point{Series: series, Line: line, Harmonised: harmonised, Open: open}
	}
	for _, tc := range []struct {
		name   string
		points []point
		want   []segment
	}{
		{"one laboratory", []point{p("s", "a", false, false), p("s", "a", false, false)}, []segment{{0, 1, false}}},
		{"two that do not agree", []point{p("s", "a", false, false), p("s", "b", false, false), p("s", "a", false, false)}, []segment{{0, 2, false}}},
		{"two that agree", []point{p("s", "a", true, false), p("s", "b", true, false), p("s", "a", true, false)}, []segment{{0, 1, true}, {1, 2, true}}},
		{"one of them does not say its method", []point{p("s", "a", true, false), p("s", "b", false, false)}, nil},
		{"two series in one chart", []point{p("s", "a", true, false), p("t", "b", true, false)}, nil},
		{"a limit between two values", []point{p("s", "a", false, false), p("s", "a", false, true), p("s", "a", false, false)}, []segment{{0, 2, false}}},
		{"no line at all", []point{p("s", "", false, false), p("s", "", false, false)}, nil},
	} {
		if got := joinsOf(tc.points); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

// TestDrawingsAreXML: what was put together by hand is well formed.
func TestDrawingsAreXML(t *testing.T) {
	for _, name := range []string{"result", "result-many", "result-outlier", "result-pressure-target", "result-target"} {
		w, doc := pageOf(t, "/nl/"+name)
		if w.Code != 200 || len(nodes(doc, "svg")) == 0 {
			t.Fatalf("%s: %d", name, w.Code)
		}
		for _, svg := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(w.Body.String(), -1) {
			for d := xml.NewDecoder(strings.NewReader(svg)); ; {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
		}
	}
}
