package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
)

// spark is a small line of own measurements, with what it says in words.
type spark struct {
	Figure, Word, Text string
	Lines              []string // paths
	X, Y               float64  // of the last measurement
}

// The drawing of a spark line, in its own units.
const (
	sparkWidth, sparkTop, sparkBottom = 290.0, 6.0, 42.0
	ownDays                           = 30 // before the last one
	ownSince                          = 90 // days ago that the last one may be
)

// ownParts are the own measurements of the last month before the newest one,
// those that were measured last first.
func (v *view) ownParts() []sheetPart {
	var all [][]aggregator.Item
	for _, series := range v.seriesOf("vital") {
		if own := ownLately(series); len(own) > 0 && v.now.Sub(resultOf(own[len(own)-1]).At.Low()) < ownSince*24*time.Hour {
			all = append(all, own)
		}
	}
	slices.SortStableFunc(all, func(a, b []aggregator.Item) int {
		return resultOf(b[len(b)-1]).At.Compare(resultOf(a[len(a)-1]).At)
	})
	var out []sheetPart
	for _, own := range all[:min(len(all), mostOwn)] {
		out = append(out, sheetPart{Name: v.T("pr.part.own", "what", clean(resultName(own[0]))), Spark: v.newSpark(own)})
	}
	return out
}

// ownLately are the own measurements of a series in the month before the last.
func ownLately(series []aggregator.Item) []aggregator.Item {
	var own []aggregator.Item
	for _, item := range series {
		if r := resultOf(item); r.Own && !r.At.IsZero() {
			own = append(own, item)
		}
	}
	if len(own) == 0 {
		return nil
	}
	since := resultOf(own[len(own)-1]).At.Low().AddDate(0, 0, -ownDays)
	return slices.DeleteFunc(own, func(i aggregator.Item) bool { return resultOf(i).At.Low().Before(since) })
}

// newSpark gives the mean and the line of own measurements. What cannot be
// counted, such as "<5" or another unit, is left out of both and said.
func (v *view) newSpark(own []aggregator.Item) *spark {
	last := resultOf(own[len(own)-1])
	points := v.sparkPoints(own)
	if len(points) < 2 {
		return &spark{Figure: clean(last.Text), Text: v.Day(last.At)}
	}
	s := &spark{
		Figure: v.meanOf(own, points, false), Word: unitOf(last) + " " + v.T("pr.mean"),
		Text: v.T("pr.measured", "n", len(points), "from", v.dayHere(points[0].At.Low()), "to", v.dayHere(points[len(points)-1].At.Low())),
	}
	if points[0].hasSecondary {
		s.Figure += "/" + v.meanOf(own, points, true)
	}
	if left := len(own) - len(points); left > 0 {
		s.Text += " · " + v.T("pr.not-counted", "n", left)
	}
	s.draw(points)
	return s
}

// sparkPoints are the measurements that can be counted, oldest first.
func (v *view) sparkPoints(own []aggregator.Item) []point {
	points, _ := v.points(resultOf(own[len(own)-1]))
	since := resultOf(own[0]).At
	return slices.DeleteFunc(points, func(p point) bool { return !p.Own || p.Open || p.At.Compare(since) < 0 })
}

// meanOf is the mean of the measurements, with as many decimals as they have.
func (v *view) meanOf(own []aggregator.Item, points []point, second bool) string {
	decimals, sum := 0, 0.0
	for _, item := range own {
		value := resultOf(item).Quantity.Value
		if _, after, ok := strings.Cut(value, "."); ok {
			decimals = max(decimals, len(after))
		}
	}
	for _, p := range points {
		if second {
			sum += p.Second
		} else {
			sum += p.Value
		}
	}
	return v.Number(strconv.FormatFloat(sum/float64(len(points)), 'f', decimals, 64))
}

// draw makes a line of the measurements at equal steps, and a second one of
// the lower blood pressures.
func (s *spark) draw(points []point) {
	low, high := points[0].Value, points[0].Value
	for _, p := range points {
		low, high = min(low, p.Value), max(high, p.Value)
		if p.hasSecondary {
			low, high = min(low, p.Second), max(high, p.Second)
		}
	}
	y := func(value float64) float64 {
		if high == low {
			return (sparkTop + sparkBottom) / 2
		}
		return round(sparkBottom - (value-low)/(high-low)*(sparkBottom-sparkTop))
	}
	var upper, lower strings.Builder
	for i, p := range points {
		s.X, s.Y = round(4+sparkWidth*float64(i)/float64(len(points)-1)), y(p.Value)
		fmt.Fprintf(&upper, "%s%v %v", sparkStep(i), s.X, s.Y)
		fmt.Fprintf(&lower, "%s%v %v", sparkStep(i), s.X, y(p.Second))
	}
	s.Lines = []string{upper.String()}
	if points[0].hasSecondary {
		s.Lines = append(s.Lines, lower.String())
	}
}

// sparkStep is the letter of a path at a point.
func sparkStep(i int) string {
	if i == 0 {
		return "M"
	}
	return "L"
}
