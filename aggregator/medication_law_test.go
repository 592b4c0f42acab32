package aggregator

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

// drawCourses makes up to eight building blocks of up to three providers that
// follow, stop and contradict each other at random.
func drawCourses(t *rapid.T) []fhir.Record {
	sets := map[string][]object{}
	providers := []string{"gp", "ph", "ho"}
	n := rapid.IntRange(1, 8).Draw(t, "blocks")
	for i := range n {
		p := rapid.SampledFrom(providers).Draw(t, "provider")
		sets[p] = append(sets[p], drawBlock(t, i))
	}
	var all []fhir.Record
	for _, p := range providers {
		all = append(all, at(p, "48", fhir.R4, sets[p]...)...)
	}
	return all
}

func drawBlock(t *rapid.T, i int) object {
	id, prk := fmt.Sprint("b", i), rapid.SampledFrom([]string{"111", "111", "111", "222"}).Draw(t, "prk")
	kind := rapid.SampledFrom([]string{"MA", "MA", "MA", "stop", "stop", "TA", "TA", "MGB", "request", "MVE"}).Draw(t, "kind")
	if kind == "MVE" {
		return handover(id, prk, drawDay(t, "handed"), rapid.SampledFrom([]int{0, 7, 30, 90}).Draw(t, "days")).object
	}
	var r rx
	switch kind {
	case "TA":
		r = administration(id, prk)
	case "MGB":
		r = use(id, prk)
		r.object["status"] = rapid.SampledFrom([]string{"active", "completed", "not-taken", "on-hold"}).Draw(t, "status")
		r.object["dateAsserted"] = drawDay(t, "asserted")
	case "request":
		r = plain(id, prk)
		r.object["status"] = rapid.SampledFrom([]string{"active", "completed", "draft", "on-hold", "unknown"}).Draw(t, "status")
	default:
		r = agreement(id, prk)
	}
	if rapid.IntRange(0, 4).Draw(t, "asNeeded") == 0 && kind != "MGB" {
		r = r.asNeeded()
	} else {
		r = r.times(rapid.IntRange(1, 2).Draw(t, "times"))
	}
	end := ""
	if kind == "stop" || rapid.Bool().Draw(t, "ends") {
		end = drawDay(t, "end")
	}
	r = r.period(drawDay(t, "start"), end).registered(drawDay(t, "registered") + "T09:00:00+01:00").ident(fmt.Sprint("ID", i))
	if kind == "stop" {
		r = r.stop(rapid.SampledFrom([]string{"385655000", "410546004", "89925002"}).Draw(t, "stop"))
	}
	if i > 0 && rapid.Bool().Draw(t, "follows") {
		r = r.follows("priorPrescription", fmt.Sprint("ID", rapid.IntRange(0, i-1).Draw(t, "prior")))
	}
	if tr := rapid.SampledFrom([]string{"", "t", "t", "u"}).Draw(t, "treatment"); tr != "" {
		r = r.treatment(tr)
	}
	return r.object
}

// drawDay keeps to few days, so that equal moments are common.
func drawDay(t *rapid.T, what string) string {
	return caseT.AddDate(0, 0, 5*rapid.IntRange(-30, 8).Draw(t, what)).Format(time.DateOnly)
}

// engine runs the steps of the medication engine up to its treatments.
func engine(t *rapid.T, records []fhir.Record, asOf time.Time) (*merger, []*medRecord) {
	s, err := Read(seq(records))
	if err != nil {
		t.Fatal(err)
	}
	m := newMerger(s, Input{AsOf: asOf})
	var all []*medStatement
	for _, e := range m.entries {
		all = append(all, m.readMedication(e))
	}
	return m, identify(all, sameMedication)
}

// TestAtMostOneAgreementIsValid is P6: in no stream do two agreements hold at
// one moment.
func TestAtMostOneAgreementIsValid(t *testing.T) {
	lawChecks(t, func(t *rapid.T) {
		m, records := engine(t, drawCourses(t), caseT)
		for _, b := range m.bundles(records) {
			b.settle()
			for _, part := range b.parts {
				for role, layer := range part.layers {
					for _, stream := range b.streams(layer) {
						checkOneValid(t, role, stream)
					}
				}
			}
		}
	})
}

func checkOneValid(t *rapid.T, role string, stream []*segment) {
	for _, s := range stream {
		if s.void == "" && s.end.Before(s.start) {
			t.Fatalf("%s %s ends before it begins", role, s.rec.key())
		}
		for _, moment := range [...]time.Time{s.start, s.end} {
			valid := 0
			for _, other := range stream {
				if other.at(moment) {
					valid++
				}
			}
			if valid > 1 {
				t.Fatalf("%d %s are valid at %s", valid, role, moment)
			}
		}
	}
}

// TestClassesChangeAtTransitionsOnly is P7.
func TestClassesChangeAtTransitionsOnly(t *testing.T) {
	lawChecks(t, func(t *rapid.T) {
		s, err := Read(seq(drawCourses(t)))
		if err != nil {
			t.Fatal(err)
		}
		sections := func(at time.Time) (*Overview, map[string]Section) {
			o, err := s.Merge(Input{AsOf: at})
			if err != nil {
				t.Fatal(err)
			}
			out := map[string]Section{}
			for _, item := range o.Subject("medication") {
				out[item.ID] = item.Section
			}
			return o, out
		}
		now := caseT.AddDate(0, 0, rapid.IntRange(-200, 100).Draw(t, "day")).Add(time.Duration(rapid.IntRange(0, 86399).Draw(t, "second")) * time.Second)
		for range 4 {
			o, before := sections(now)
			next := o.Transitions()
			until := now.AddDate(3, 0, 0)
			if len(next) > 0 {
				until = next[0].Add(-time.Second)
			}
			if _, after := sections(until); fmt.Sprint(before) != fmt.Sprint(after) {
				t.Fatalf("between %s and %s: %v became %v", now, until, before, after)
			}
			if len(next) == 0 {
				return
			}
			now = next[0]
		}
	})
}

// TestNoLineHoldsAPairThatMustNotMerge is P13 and S5, and that the rules never
// need the second check.
func TestNoLineHoldsAPairThatMustNotMerge(t *testing.T) {
	merged := 0
	lawChecks(t, func(t *rapid.T) {
		m, records := engine(t, drawCourses(t), caseT)
		for _, c := range m.courses(m.settled(records)) {
			if len(c.treatments) > 1 {
				merged++
			}
			for i, a := range c.treatments {
				for _, b := range c.treatments[:i] {
					if neverMerge(factsOf([]*treatment{a, b})) {
						t.Fatalf("%s and %s share a line", a.key(), b.key())
					}
				}
			}
			for _, conflict := range c.Conflicts {
				if conflict.Code == "D-GUARD" {
					t.Fatalf("the rules would have merged %s", c.key)
				}
			}
		}
	})
	if merged == 0 {
		t.Error("no random case merged anything, so this proves nothing")
	}
}

// TestMedicationDoesNotDependOnOrder is P1 and S1 on random treatments.
func TestMedicationDoesNotDependOnOrder(t *testing.T) {
	lawChecks(t, func(t *rapid.T) {
		records := drawCourses(t)
		want := courseBytes(t, records)
		if got := courseBytes(t, rapid.Permutation(records).Draw(t, "order")); got != want {
			t.Fatalf("another order gives\n%s\nnot\n%s", got, want)
		}
	})
}

func courseBytes(t *rapid.T, records []fhir.Record) string {
	o, err := Merge(seq(records), Input{AsOf: caseT})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, item := range o.Items {
		for _, p := range item.Parts {
			seen[p.Source+"|"+p.ID]++
		}
	}
	for _, r := range records {
		if seen[r.Origin.Source+"|"+r.ID] != 1 {
			t.Fatalf("%s is in %d lines", r.ID, seen[r.Origin.Source+"|"+r.ID])
		}
	}
	raw, err := json.MarshalIndent(o, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestADoseThatChangesIsATransition: the pharmacy's agreement does not decide
// whether a medicine is used, and does say how; what stands beside it may be
// put on another line when it begins.
func TestADoseThatChangesIsATransition(t *testing.T) {
	begins := caseT.AddDate(0, 0, 5)
	records := at("gp", "48", fhir.R4,
		agreement("ma", "111").times(1).period("2026-01-01", "").registered("2026-01-01T09:00:00+01:00").ident("ID1").object,
		administration("ta", "111").times(2).period(begins.Format(time.DateOnly), "").registered("2026-01-01T09:00:00+01:00").follows("priorPrescription", "ID1").object)
	o, err := readAll(t, records).Merge(Input{AsOf: caseT})
	if err != nil {
		t.Fatal(err)
	}
	same := func(at time.Time) bool { return at.Format(time.DateOnly) == begins.Format(time.DateOnly) }
	if !slices.ContainsFunc(o.Transitions(), same) {
		t.Errorf("%v lacks %s", o.Transitions(), begins)
	}
}
