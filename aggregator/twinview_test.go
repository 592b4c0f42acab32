package aggregator

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

// valueAt is a result of one laboratory test, of a moment.
func valueAt(source, id, value, when string) []fhir.Record {
	return at(source, "48", fhir.R4, result(id, fhir.LOINC, "14682-9", value, "umol/L", when))
}

// specimenAt is one that names its specimen, so that its series is another.
func specimenAt(source, id, value, when string) []fhir.Record {
	r := result(id, fhir.LOINC, "14682-9", value, "umol/L", when)
	r["specimen"] = object{"display": "Serum"}
	return at(source, "48", fhir.R4, r)
}

// against gives of each open result the sources that its differences are with.
func against(o *Overview) map[string][]string {
	out := map[string][]string{}
	for _, item := range o.Items {
		for _, c := range item.Conflicts {
			for _, id := range c.With {
				other, _ := o.Find(id)
				out[item.Parts[0].ID] = append(out[item.Parts[0].ID], other.Parts[0].ID)
			}
		}
	}
	for _, ids := range out {
		slices.Sort(ids)
	}
	return out
}

const lastYear = "2025-01-10T08:00:00+01:00"

// TestADifferenceNamesTheOthers of its own moment, and not the rest of the series.
func TestADifferenceNamesTheOthers(t *testing.T) {
	for name, c := range map[string]struct {
		records [][]fhir.Record
		want    map[string][]string
	}{
		"two": {
			[][]fhir.Record{valueAt("gp", "a", "85", lastYear), valueAt("ho", "b", "92", lastYear), valueAt("ho", "c", "85", "2024-03-01T08:00:00+01:00")},
			map[string][]string{"a": {"b"}, "b": {"a"}},
		},
		"two moments": {
			[][]fhir.Record{valueAt("gp", "a", "85", lastYear), valueAt("ho", "b", "92", lastYear), valueAt("gp", "c", "70", "2024-03-01T08:00:00+01:00"), valueAt("ho", "d", "71", "2024-03-01T08:00:00+01:00")},
			map[string][]string{"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"c"}},
		},
		"three": {
			[][]fhir.Record{valueAt("gp", "a", "85", lastYear), valueAt("ho", "b", "92", lastYear), valueAt("ap", "c", "99", lastYear)},
			map[string][]string{"a": {"b", "c"}, "b": {"a", "c"}, "c": {"a", "b"}},
		},
		"a copy is no difference": {
			[][]fhir.Record{valueAt("gp", "a", "85", lastYear), valueAt("ho", "b", "92", lastYear), valueAt("ap", "c", "85", lastYear)},
			map[string][]string{"a": {"b"}, "b": {"a", "c"}, "c": {"b"}},
		},
		"of one provider": {
			[][]fhir.Record{valueAt("gp", "a", "85", lastYear), valueAt("gp", "b", "92", lastYear)},
			map[string][]string{"a": {"b"}, "b": {"a"}},
		},
		"another minute": {
			[][]fhir.Record{valueAt("gp", "a", "85", lastYear), valueAt("ho", "b", "92", "2025-01-10T08:01:00+01:00")},
			map[string][]string{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVault(t, c.records...)
			if diff := cmp.Diff(c.want, against(v.overview())); diff != "" {
				t.Error(diff)
			}
			slices.Reverse(v.records)
			if diff := cmp.Diff(c.want, against(v.overview())); diff != "" {
				t.Errorf("in another order: %s", diff)
			}
		})
	}
}

// TestAClosedResultDiffersFromNothing, also from one of another series, and what
// is open keeps the difference that it has with others.
func TestAClosedResultDiffersFromNothing(t *testing.T) {
	for name, c := range map[string]struct {
		others [][]fhir.Record
		want   map[string][]string
	}{
		"of one series":          {[][]fhir.Record{valueAt("ho", "b", "92", recently)}, map[string][]string{}},
		"of another series":      {[][]fhir.Record{specimenAt("ho", "b", "92", recently)}, map[string][]string{}},
		"a copy of another":      {[][]fhir.Record{specimenAt("ho", "b", "85", recently)}, map[string][]string{}},
		"beside an open one":     {[][]fhir.Record{valueAt("ho", "b", "92", recently), valueAt("ap", "c", "99", recently)}, map[string][]string{"a": {"c"}, "c": {"a"}}},
		"that differs from none": {[][]fhir.Record{valueAt("ho", "b", "92", "2026-01-10T08:30:00+01:00")}, map[string][]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVault(t, append(c.others, valueAt("gp", "a", "85", recently))...)
			v.keep(GateRule{Kind: KindLab, Wait: WaitNot, At: caseT})
			v.keep(GateRule{Source: "medmij:ho@medmij", Wait: WaitNever, At: caseT})
			whole := v.overview()
			view := whole.View(me)
			if tells(whole) == (name == "that differs from none") {
				t.Fatal("the case does not compare what it should")
			}
			if gatedCount(view) != 1 {
				t.Fatalf("%d closed", gatedCount(view))
			}
			if diff := cmp.Diff(c.want, against(view)); diff != "" {
				t.Error(diff)
			}
			for _, item := range view.Items {
				_, told := item.Fields["possibleCopy"]
				if told || item.Differs() != (c.want[item.Parts[0].ID] != nil) {
					t.Errorf("%s tells of what is closed: %v", item.Parts[0].ID, item.Conflicts)
				}
			}
			if diff := cmp.Diff(view.Items, view.View(me).Items, cmp.AllowUnexported(Item{}), cmp.FilterPath(unexportedFacts, cmp.Ignore())); diff != "" {
				t.Errorf("a view of a view is another: %s", diff)
			}
		})
	}
}

// tells whether any item says that another is the same, or differs.
func tells(o *Overview) bool {
	return slices.ContainsFunc(o.Items, func(item Item) bool { return item.Differs() || item.Fields["possibleCopy"].Text != "" })
}

func unexportedFacts(p cmp.Path) bool {
	last := p.Last().String()
	return last == ".gate" || last == ".Value"
}

// TestSeeingADifferenceIsAboutItsMoment: that of another day stays, and one more
// value of the moment brings it back.
func TestSeeingADifferenceIsAboutItsMoment(t *testing.T) {
	const before = "2024-03-01T08:00:00+01:00"
	v := newVault(
		t, valueAt("gp", "a", "85", lastYear), valueAt("ho", "b", "92", lastYear), valueAt("ap", "e", "85", lastYear),
		valueAt("gp", "c", "70", before), valueAt("ho", "d", "71", before),
	)
	v.must(v.decider().Dismiss(v.of("gp", "a"), valueDiffers))
	open := func() (ids []string) {
		for _, item := range v.overview().Items {
			if item.Differs() {
				ids = append(ids, item.Parts[0].ID)
			}
		}
		slices.Sort(ids)
		return ids
	}
	if diff := cmp.Diff([]string{"c", "d"}, open()); diff != "" {
		t.Error(diff)
	}
	v.records = append(v.records, valueAt("xx", "f", "99", lastYear)...)
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e", "f"}, open()); diff != "" {
		t.Error(diff)
	}
}
