package aggregator

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// presence is the whole stretch in which a treatment was there; without any
// known period it was always there.
func (t *treatment) presence() span {
	if len(t.spans) == 0 {
		return span{time.Time{}, forever}
	}
	all := span{forever, time.Time{}}
	for _, s := range t.spans {
		all.start = earlier(all.start, s.start)
		if s.end.After(all.end) {
			all.end = s.end
		}
	}
	return all
}

// overlapping cuts treatments into runs whose presence overlaps.
func overlapping(ts []*treatment) [][]*treatment {
	slices.SortFunc(ts, func(a, b *treatment) int {
		return cmp.Or(a.presence().start.Compare(b.presence().start), strings.Compare(a.key(), b.key()))
	})
	var runs [][]*treatment
	var end time.Time
	for _, t := range ts {
		p := t.presence()
		if len(runs) == 0 || p.start.After(end) {
			runs = append(runs, nil)
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], t)
		if p.end.After(end) {
			end = p.end
		}
	}
	return runs
}

// mayShareLine is the rule of merge.md 2.7 for a whole run; where it fails
// every member keeps its own line, since any pairing would be arbitrary.
func mayShareLine(run []*treatment) bool {
	prescribers, suppliers := 0, 0
	providers := map[string]bool{}
	shared := span{time.Time{}, forever}
	for _, t := range run {
		s := t.slots()
		prescribers += count(s.prescriber)
		suppliers += count(s.supplier)
		p := t.presence()
		shared.end = earlier(shared.end, p.end)
		if p.start.After(shared.start) {
			shared.start = p.start
		}
		for _, who := range t.providers() {
			if providers[who] {
				return false
			}
			providers[who] = true
		}
	}
	switch {
	case prescribers > 1 || suppliers > 1 || shared.start.After(shared.end):
		return false
	case prescribers+suppliers == 0 && !sameStartDay(run):
		return false
	}
	return sameClass(run)
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func sameStartDay(run []*treatment) bool {
	day := ""
	for _, t := range run {
		start := t.presence().start
		if start.IsZero() {
			continue // unknown fits any
		}
		d := start.In(t.now.start.Location()).Format(time.DateOnly)
		if day != "" && d != day {
			return false
		}
		day = d
	}
	return true
}

// sameClass: a course derived from hand-overs fits any, unless something was
// collected after another one stopped.
func sameClass(run []*treatment) bool {
	var class Section
	for _, t := range run {
		if t.inferred {
			continue
		}
		if class != "" && t.class != class {
			return false
		}
		class = t.class
	}
	if class == Current || class == "" {
		return true
	}
	return !slices.ContainsFunc(run, func(t *treatment) bool { return t.inferred && t.class == Current })
}
