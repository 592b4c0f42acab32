package aggregator

import (
	"cmp"
	"slices"
)

// letterVersions puts together the records that are versions of one letter,
// the one that speaks last: those with one masterIdentifier at one provider,
// and those that say that they replace another there. One masterIdentifier
// with other bytes at another provider is a collision: both stay.
func (m *merger) letterVersions(records []*letterRecord) [][]*letterRecord {
	byEntry := map[*entry]int{}
	byMaster := map[string][]int{}
	for i, r := range records {
		for _, s := range r.members {
			byEntry[s.entry] = i
			if s.val.master != "" {
				byMaster[s.val.master] = append(byMaster[s.val.master], i)
			}
		}
	}
	sets := newSets(len(records))
	replaced := m.joinReplaced(sets, records, byEntry)
	for _, same := range byMaster {
		joinMasters(sets, records, same)
	}
	var out [][]*letterRecord
	for _, members := range sets.groups() {
		versions := make([]*letterRecord, len(members))
		for i, j := range members {
			versions[i] = records[j]
		}
		slices.SortStableFunc(versions, func(a, b *letterRecord) int {
			return cmp.Or(boolCompare(!replaced[a], !replaced[b]), compareFiled(a, b), boolCompare(a.lead.val.sums() != "", b.lead.val.sums() != ""))
		})
		out = append(out, versions)
	}
	return out
}

// joinReplaced joins records with those they say that they replace, and gives
// the latter.
func (m *merger) joinReplaced(sets *sets, records []*letterRecord, byEntry map[*entry]int) map[*letterRecord]bool {
	replaced := map[*letterRecord]bool{}
	for i, r := range records {
		for _, s := range r.members {
			for _, target := range s.val.replaces {
				if j, ok := byEntry[m.book.follow(s.entry, target)]; ok && j != i && shareProvider(r, records[j]) {
					sets.join(i, j)
					replaced[records[j]] = true
				}
			}
		}
	}
	return replaced
}

// joinMasters joins records with one masterIdentifier, unless that stands for
// different bytes at two providers, or for versions without an order.
func joinMasters(sets *sets, records []*letterRecord, same []int) {
	for i, a := range same {
		for _, b := range same[:i] {
			x, y := records[a], records[b]
			differ := !sameBytes(x.lead.val, y.lead.val)
			switch {
			case a == b || sets.find(a) == sets.find(b):
			case differ && (!shareProvider(x, y) || compareFiled(x, y) == 0):
				x.collision, y.collision = true, true
			case !differ && !shareProvider(x, y) && manyBytes(records, same):
				x.collision, y.collision = true, true
			default:
				sets.join(a, b)
			}
		}
	}
}

// manyBytes: it cannot be said which of several letters one without bytes is.
func manyBytes(records []*letterRecord, same []int) bool {
	first := ""
	for _, i := range same {
		sums := records[i].lead.val.sums()
		if first != "" && sums != "" && sums != first {
			return true
		}
		first = firstNonEmpty(first, sums)
	}
	return false
}

func shareProvider(a, b *letterRecord) bool {
	return slices.ContainsFunc(a.members, func(x *letterStatement) bool {
		return slices.ContainsFunc(b.members, func(y *letterStatement) bool { return x.provider() == y.provider() })
	})
}

// compareFiled puts the letter that became available later last; 0 when that
// cannot be said.
func compareFiled(a, b *letterRecord) int {
	return cmp.Or(a.lead.val.filed.Compare(b.lead.val.filed), a.lead.Updated.Compare(b.lead.Updated))
}
