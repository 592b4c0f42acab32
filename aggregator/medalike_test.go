package aggregator

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

// told is what comparisons leave behind on a line.
type told struct {
	Advice, Words string
	Conflicts     []Conflict
	Level         int
}

func toldOf(c *course) told {
	return told{c.advice, c.adviceWords, c.finished().Conflicts, c.level}
}

// coursesOf are the lines of medication as they are before any comparison.
func coursesOf(tb testing.TB, records []fhir.Record) (*merger, []*course) {
	tb.Helper()
	s, err := Read(seq(records))
	if err != nil {
		tb.Fatal(err)
	}
	m := newMerger(s, Input{AsOf: caseT})
	m.rule()
	m.setAside()
	m.prepare()
	m.resolve()
	m.claim()
	var all []*medStatement
	for _, e := range m.claimed["medication"] {
		all = append(all, m.readMedication(e))
	}
	walk := learnCrosswalk(all)
	for _, s := range all {
		walk.complete(&s.val.product)
	}
	markSuspects(all)
	return m, m.courses(m.settled(identify(all, sameMedication)))
}

// TestAlikeIsAsPairByPair compares a group as the engine does and pair by pair:
// to compare one of those that are alike must tell all of them the same.
func TestAlikeIsAsPairByPair(t *testing.T) {
	check := func(tb testing.TB, records []fhir.Record) {
		m, group := coursesOf(tb, records)
		_, pairs := coursesOf(tb, records)
		if len(group) < 2 {
			return
		}
		m.settleGroup(group, "k")
		for i, a := range pairs {
			for _, b := range pairs[:i] {
				if b == pairs[0] || !a.isIdle() || !b.isIdle() {
					m.compare(a, b)
				}
			}
		}
		for i := range group {
			if diff := cmp.Diff(toldOf(pairs[i]), toldOf(group[i])); diff != "" {
				tb.Fatalf("course %d, pair by pair (-) and alike (+):\n%s", i, diff)
			}
		}
	}
	check(t, manyRecords(600))
	check(t, manyMedicines(60))
	lawChecks(t, func(rt *rapid.T) { check(lawTB{t, rt}, drawCourses(rt)) })
}

// lawTB lets a helper of tests report to rapid.
type lawTB struct {
	testing.TB
	rt *rapid.T
}

func (l lawTB) Fatal(args ...any)                 { l.rt.Fatal(args...) }
func (l lawTB) Fatalf(format string, args ...any) { l.rt.Fatalf(format, args...) }
