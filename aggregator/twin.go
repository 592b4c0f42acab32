package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// maxBucket is how many results of one series and day are compared with each
// other; more are first told apart by their minute, then by their value
// (merge.md 10).
const maxBucket = 200

// findTwins notes results that may be one result sent by two providers, and
// results of one moment that differ (merge.md 4.3 rules 3 and 5).
func (b *labBench) findTwins() {
	var found []int
	for i, r := range b.records {
		o := r.lead.val
		if !o.at.IsZero() && b.lines[i].Section == Found && o.hasSeries() && !o.isNoResult() && o.valueText() != "" {
			found = append(found, i)
		}
	}
	twins := newSets(len(b.records))
	links := map[int]int{}
	b.inBuckets(found, 0, func(i, j int) {
		if b.twin(i, j) {
			twins.join(i, j)
			links[i]++
			links[j]++
		}
	})
	for _, set := range twins.groups() {
		b.oneDot(set, links)
	}
}

// buckets are ever finer keys of results that may be twins.
var buckets = [...]func(*observation) [3]string{
	func(o *observation) [3]string { return [3]string{o.analyte.Key, o.scale, o.at.Day()} },
	func(o *observation) [3]string { return [3]string{minute(o.at)} },
	func(o *observation) [3]string { return [3]string{o.valueText()} },
}

// inBuckets calls pair for every two results of one bucket.
func (b *labBench) inBuckets(all []int, level int, pair func(i, j int)) {
	key := func(i int) [3]string { return buckets[level](b.records[i].lead.val) }
	for _, some := range inOrder(all, key) {
		if len(some) > maxBucket {
			if level+1 < len(buckets) {
				b.inBuckets(some, level+1, pair)
			}
			continue // more equal values of one moment than a person can look at
		}
		for n, i := range some {
			for _, j := range some[:n] {
				pair(j, i)
			}
		}
	}
}

// inOrder gathers those with one key, in the order in which the keys come.
func inOrder[K comparable](all []int, key func(int) K) [][]int {
	at := make(map[K]int, len(all))
	sets := newSets(len(all))
	for n, i := range all {
		k := key(i)
		if first, ok := at[k]; ok {
			sets.join(first, n)
		} else {
			at[k] = n
		}
	}
	groups := sets.groups()
	for _, g := range groups {
		for i, n := range g {
			g[i] = all[n]
		}
	}
	return groups
}

// twin compares two results of one analyte and day. It tells whether they may
// be one, and notes a difference.
func (b *labBench) twin(i, j int) bool {
	p, q := b.records[i].lead, b.records[j].lead
	x, y := p.val, q.val
	if x.specimen != "" && y.specimen != "" && x.specimen != y.specimen {
		return false
	}
	exact := x.at.Precision() >= fhir.PrecisionMinute && y.at.Precision() >= fhir.PrecisionMinute
	if exact && minute(x.at) != minute(y.at) {
		return false
	}
	equal, elsewhere := sameValue(x, y), p.provider() != q.provider()
	switch {
	case equal && elsewhere && (exact || (sameRange(x, y) && fhir.SameUnit(x.quantity, y.quantity))):
		b.noteTwin(b.lines[i], q)
		b.noteTwin(b.lines[j], p)
		return true
	case exact && !equal && elsewhere:
		b.valuesDiffer(i, j, b.texts.conflict[valueDiffers])
	case exact && !equal && !x.quantity.IsZero() && !y.quantity.IsZero():
		b.valuesDiffer(i, j, b.texts.otherValueHere())
	}
	return false
}

// valueDiffers is the code of a difference between results of one moment.
const valueDiffers = "C-LAB-VALUE"

func (b *labBench) valuesDiffer(i, j int, text string) {
	b.lines[i].conflict(valueDiffers, text)
	b.lines[j].conflict(valueDiffers, text)
	b.lines[i].against(text, b.records[j].lead.entry)
	b.lines[j].against(text, b.records[i].lead.entry)
}

func sameRange(x, y *observation) bool {
	return x.low.Value == y.low.Value && x.high.Value == y.high.Value
}

func (b *labBench) noteTwin(l *line, other *obsStatement) {
	name := b.providerName(other.provider())
	if old := l.Fields["possibleCopy"].Text; old != "" && !strings.Contains(old, name) {
		name = joinText(", ", strings.TrimPrefix(old, b.texts.possibleCopy("")), name)
	}
	l.field("possibleCopy", b.texts.possibleCopy(name), l.members[0])
	l.copyOf = append(l.copyOf, other.entry)
}

// oneDot draws twins as one dot, but only when each of them is a twin of every
// other: a difference is never hidden behind a dot.
func (b *labBench) oneDot(set []int, links map[int]int) {
	if len(set) < 2 || slices.ContainsFunc(set, func(i int) bool { return links[i] != len(set)-1 }) {
		return
	}
	var key string
	for _, i := range set {
		if k := b.lines[i].key; key == "" || k < key {
			key = k
		}
	}
	for _, i := range set {
		b.lines[i].Value.(*Result).Dot = groupID("dot|" + key)
	}
}
