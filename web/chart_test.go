package web

import (
	"bytes"
	goflag "flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

var update = goflag.Bool("update", false, "write the golden files anew")

// TestChartsLookAsTheyDid compares drawings with golden files.
func TestChartsLookAsTheyDid(t *testing.T) {
	s, err := New(Config{Desk: newStoryDesk()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.idle.Stop()
	v := &view{words: wordsIn("nl"), s: s, o: storyOverview(), now: storyNow}
	for _, tc := range []struct{ name, group, unit string }{
		{"creatinine", "g2", "µmol/L"}, {"pressure", "g3", "mmHg"}, {"weight", "g4", "kg"},
	} {
		points, labs := v.points(byTime(v.o.InGroup(tc.group)), tc.unit)
		if len(points) < 2 || len(labs) == 0 {
			t.Fatalf("%s: %d points", tc.name, len(points))
		}
		for _, l := range []layout{wideLayout, narrowLayout} {
			var out bytes.Buffer
			if err := s.pages["nl"]["series"].ExecuteTemplate(&out, "chart", v.newChart(points, tc.unit, l)); err != nil {
				t.Fatal(err)
			}
			golden(t, tc.name+"-"+l.class+".svg", strings.ReplaceAll(out.String(), "><", ">\n<")+"\n")
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s changed (-want +got):\n%s", name, diff)
	}
}

// TestAxisHoldsEverything: whatever the values, they lie on the axis, and a
// range never fills more than four fifths of it.
func TestAxisHoldsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(-1000, 1000).Draw(t, "low")
		span := rapid.Float64Range(0.001, 5000).Draw(t, "span")
		part := rapid.Float64Range(0, 1).Draw(t, "part")
		widest := span * part
		s := newScale(low, low+span, widest, 0, 100)
		if y := s.Y(low); y > 100.05 {
			t.Fatalf("the lowest value lies under the axis: %v", y)
		}
		if y := s.Y(low + span); y < -0.05 {
			t.Fatalf("the highest value lies above the axis: %v", y)
		}
		if fill := widest / (s.Step * axisSteps); fill > 0.8001 {
			t.Fatalf("the range fills %v", fill)
		}
		if low >= 0 && s.From < 0 {
			t.Fatalf("an axis below zero for values above it: %v", s.From)
		}
	})
}

func TestNumberLine(t *testing.T) {
	v := &view{words: wordsIn("nl"), o: storyOverview(), now: storyNow}
	q := func(value string) fhir.Quantity { return fhir.Quantity{Value: value} }
	for _, tc := range []struct {
		name             string
		value, low, high string
		none             bool
		inside, arrow    bool
		lowText          string
		highText         string
	}{
		{name: "in the middle", value: "85", low: "60", high: "110", inside: true, lowText: "60", highText: "110"},
		{name: "on the limit", value: "60", low: "60", high: "110", inside: true, lowText: "60", highText: "110"},
		{name: "above", value: "120", low: "60", high: "110", lowText: "60", highText: "110"},
		{name: "below", value: "50", low: "60", high: "110", lowText: "60", highText: "110"},
		{name: "far above has an arrow", value: "4000", low: "60", high: "110", arrow: true, lowText: "60", highText: "110"},
		{name: "far below has an arrow", value: "-4000", low: "60", high: "110", arrow: true, lowText: "60", highText: "110"},
		{name: "only an upper limit", value: "3,1", low: "", high: "5", none: true},
		{name: "only an upper limit, point", value: "3.1", low: "", high: "5", inside: true, highText: "5"},
		{name: "only a lower limit", value: "95", low: "90", high: "", inside: true, lowText: "90"},
		{name: "no range", value: "85", none: true},
		{name: "no number", value: "", low: "60", high: "110", none: true},
		{name: "a range turned round", value: "85", low: "110", high: "60", none: true},
		{name: "decimals stay as they came", value: "4.50", low: "3.5", high: "5.10", inside: true, lowText: "3,5", highText: "5,10"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := v.numberLine(&aggregator.Result{Quantity: q(tc.value), Low: q(tc.low), High: q(tc.high), Text: tc.value})
			if (n == nil) != tc.none {
				t.Fatalf("drawn: %v", n != nil)
			}
			if n == nil {
				return
			}
			if got := n.X >= n.From && n.X <= n.To; got != tc.inside {
				t.Errorf("inside = %v at %v of %v to %v", got, n.X, n.From, n.To)
			}
			if n.X < lineFrom || n.X > lineTo || n.Width() < leastRange-0.01 {
				t.Errorf("value at %v, range %v wide", n.X, n.Width())
			}
			if (n.Arrow != "") != tc.arrow || n.Low != tc.lowText || n.High != tc.highText {
				t.Errorf("arrow %q, limits %q and %q", n.Arrow, n.Low, n.High)
			}
		})
	}
}

func TestAComparatorIsNotDrawn(t *testing.T) {
	v := &view{words: wordsIn("nl"), o: storyOverview(), now: storyNow}
	r := &aggregator.Result{Quantity: fhir.Quantity{Value: "5", Comparator: "<"}, Low: fhir.Quantity{Value: "1"}, High: fhir.Quantity{Value: "9"}}
	if v.numberLine(r) != nil {
		t.Error("less than 5 was drawn at 5")
	}
	if _, ok := v.pointOf(r); ok {
		t.Error("less than 5 became a point")
	}
}

func TestOnlyEqualUnitsShareAChart(t *testing.T) {
	v := &view{words: wordsIn("nl"), o: storyOverview(), now: storyNow}
	items := v.o.InGroup("g2")
	other := *items[0].Value.(*aggregator.Result)
	other.Quantity.Unit = "mg/dL"
	items[0].Value = &other
	points, _ := v.points(items, "µmol/L")
	if len(points) != len(items)-1 {
		t.Errorf("%d of %d results were drawn", len(points), len(items))
	}
	rows := v.table(items, "µmol/L")
	if last := rows[len(rows)-1]; !strings.Contains(last.Value, "µmol/L") {
		t.Errorf("the table leaves out the unit of another unit: %q", last.Value)
	}
}
