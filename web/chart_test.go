package web

import (
	"bytes"
	goflag "flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

var update = goflag.Bool("update", false, "write the golden files anew")

// TestChartsLookAsTheyDid compares drawings with golden files.
func TestChartsLookAsTheyDid(t *testing.T) {
	desk := newStoryDesk()
	s, err := New(Config{Desk: desk})
	if err != nil {
		t.Fatal(err)
	}
	defer s.idle.Stop()
	v := &view{words: wordsIn("nl"), s: s, o: desk.o, now: storyNow}
	withTargets(desk)
	many(desk)
	for _, tc := range []struct {
		name, item string
		goals      []goal
	}{
		{"creatinine", "kreat-5", nil}, {"pressure", "bp-2", v.goalsOf(desk.targets[1])}, {"weight", "weight-15", nil}, {"many", "row-1", nil},
	} {
		item := v.itemNamed(t, tc.item)
		points, labs := v.points(resultOf(item))
		if len(points) < 2 || len(labs) == 0 {
			t.Fatalf("%s: %d points", tc.name, len(points))
		}
		for _, l := range []layout{wideLayout, narrowLayout} {
			var out bytes.Buffer
			if err := s.pages["nl"]["series"].ExecuteTemplate(&out, "chart", v.newChart(points, tc.goals, seriesUnit(resultOf(item)), l)); err != nil {
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

// itemNamed is an item of the example.
func (v *view) itemNamed(t *testing.T, name string) aggregator.Item {
	t.Helper()
	item, ok := v.o.Find(storyKey(name))
	if !ok {
		t.Fatalf("no item %s", name)
	}
	return item
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
	if p, ok := v.pointOf(aggregator.Point{Result: *r, Value: r.Quantity}); !ok || !p.Open || p.Text != "<5" {
		t.Error("less than 5 is not an open sign with its words")
	}
}

func TestOnlyEqualUnitsShareAChart(t *testing.T) {
	v := &view{words: wordsIn("nl"), o: storyOverview(), now: storyNow}
	item := v.itemNamed(t, "kreat-5")
	all, _ := v.points(resultOf(item))
	first := v.o.InGroup("g2")[0].Value.(*aggregator.Result)
	first.Quantity.Unit = "mg/dL"
	points, _ := v.points(resultOf(item))
	if len(points) != len(all)-1 {
		t.Errorf("%d of %d results were drawn", len(points), len(all))
	}
	entries := v.entriesWith(item, resultOf(item))
	if row := v.tableRow(entries[0], "µmol/L"); !strings.Contains(row.Value, "µmol/L") || len(entries) != len(all) {
		t.Errorf("the table leaves out the unit of another unit: %q", row.Value)
	}
}
