package aggregator

import (
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

// noAnalytes is the table of somebody who knows no test at all.
type noAnalytes struct{}

func (noAnalytes) Analyte(fhir.Coding) (Analyte, bool) { return Analyte{}, false }

// TestWhatIsKeptDoesNotShow merges the same statements again and again, each
// time with other input or other records: what is kept from one overview to
// the next gives what a first reading gives.
func TestWhatIsKeptDoesNotShow(t *testing.T) {
	all := manyRecords(600)
	changed := manyRecord(`{"resourceType":"Observation","id":"o0","status":"cancelled","code":{"text":"anders"}}`, 0)
	changed.Number, changed.Fetched = 2, caseT
	s, err := Read(seq(all[:400]))
	if err != nil {
		t.Fatal(err)
	}
	here := slices.Clone(all[:400])
	for _, step := range []struct {
		name string
		in   Input
		add  []fhir.Record
		gone string
	}{
		{name: "first", in: Input{AsOf: caseT}},
		{name: "again", in: Input{AsOf: caseT}},
		{name: "in English", in: Input{AsOf: caseT, Lang: "en"}},
		{name: "with another table", in: Input{AsOf: caseT, Analytes: noAnalytes{}}},
		{name: "years ago", in: Input{AsOf: caseT.AddDate(-4, 0, 0)}},
		{name: "with more records", in: Input{AsOf: caseT}, add: all[400:]},
		{name: "with a new version", in: Input{AsOf: caseT}, add: []fhir.Record{changed}},
		{name: "without a source", in: Input{AsOf: caseT}, gone: manyOrigins[1].Source},
		{name: "with it again", in: Input{AsOf: caseT}, add: all[:50]},
	} {
		if err := s.Add(seq(step.add)); err != nil {
			t.Fatal(err)
		}
		here = append(here, step.add...)
		if step.gone != "" {
			s.Forget(step.gone)
			here = slices.DeleteFunc(here, func(r fhir.Record) bool { return r.Origin.Source == step.gone })
		}
		got, err := s.Merge(step.in)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Merge(seq(here), step.in)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(bytesOf(t, want), bytesOf(t, got)); diff != "" {
			t.Fatalf("%s (-read anew +kept):\n%s", step.name, diff)
		}
	}
}

func TestAPanicOnAnotherProcessorReachesTheCaller(t *testing.T) {
	var done atomic.Int64
	defer func() {
		if got := recover(); got != "odd record" {
			t.Errorf("recovered %v", got)
		}
		if done.Load() == 0 {
			t.Error("nothing else was done")
		}
	}()
	inParallel(1000, func(i int) {
		if i == 500 {
			panic("odd record")
		}
		done.Add(1)
	})
	t.Error("no panic")
}

func TestEverythingIsDoneOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		times := make([]atomic.Int64, n)
		inParallel(n, func(i int) { times[i].Add(1) })
		for i := range times {
			if got := times[i].Load(); got != 1 {
				t.Errorf("%d of %d was done %d times", i, n, got)
			}
		}
	}
}
