package aggregator

import (
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

// The levels of identity keys (merge.md 1.1), hard to weak. Equal content at
// different providers (K5) is no identity: the engines may put it on one line.
const (
	byIdentifier = 1 + iota // K1: the same business identifier
	byRelation              // K2: an exact relation between kinds
	byContent               // K3: the same content through two services of one provider
	byHash                  // K4: the same canonical content at one provider
	identityLevels
)

var levelRules = [identityLevels]string{"", "same-identifier", "same-relation", "same-content", "same-record"}

// statement is an entry prepared for identity by the engine of its subject.
type statement[T any] struct {
	*entry
	val  T
	ids  []fhir.Ident // business identifiers that may serve as a key; facts().idKeys are their keys
	keys [identityLevels][]string
}

// record is one or more statements that are the same record: copies and views
// of it. The lead speaks for it.
type record[T any] struct {
	members   []*statement[T] // sorted by key
	lead      *statement[T]
	rules     []string // for members[1:]: why it is the same as an earlier one
	level     int      // the weakest level whose keys may join them
	collision bool     // keys said "same", content said "no"
	void      bool     // it was entered in error, and with it every copy here
	mistaken  bool     // another provider calls the same record a mistake (S8)
}

// identify finds which statements are one record, with what was entered in
// error apart from what still stands.
func identify[T any](all []*statement[T], compatible func(a, b *statement[T]) bool) []*record[T] {
	same := oneAndTheSame(all, compatible)
	records := make([]*record[T], 0, len(same))
	for _, r := range same {
		records = append(records, partMistakes(r)...)
	}
	return records
}

// oneAndTheSame finds which statements are one record. The outcome does not depend
// on their order: where a component holds two statements that cannot be the
// same, all its edges of the weakest level are dropped, never a single one.
func oneAndTheSame[T any](all []*statement[T], compatible func(a, b *statement[T]) bool) []*record[T] {
	slices.SortFunc(all, func(a, b *statement[T]) int { return compareEntries(a.entry, b.entry) })
	addIdentifierKeys(all, compatible)
	for _, s := range all {
		s.keys[byRelation] = append(s.keys[byRelation], s.echo...)
	}
	addHashKeys(all)
	records := make([]*record[T], 0, len(all))
	for _, component := range components(all, identityLevels-1) {
		records = append(records, split(component, identityLevels-1, false, compatible)...)
	}
	return records
}

// split makes records of a component, dropping levels while a pair in it is
// incompatible.
func split[T any](component []*statement[T], level int, collided bool, compatible func(a, b *statement[T]) bool) []*record[T] {
	if len(component) == 1 || allCompatible(component, level, compatible) {
		return []*record[T]{newRecord(component, level, collided)}
	}
	// Losing a business identifier as a key is a collision worth showing.
	collided = collided || level == byIdentifier
	var records []*record[T]
	for _, part := range components(component, level-1) {
		records = append(records, split(part, level-1, collided, compatible)...)
	}
	return records
}

func allCompatible[T any](component []*statement[T], level int, compatible func(a, b *statement[T]) bool) bool {
	for i, a := range component {
		for _, b := range component[i+1:] {
			if a.clash || b.clash || !compatible(a, b) || vetoed(a, b, level) {
				return false
			}
		}
	}
	return true
}

// vetoed: what a level cannot join, whatever the content (merge.md 1.6). By
// content alone, records with different identifiers stay two, and so do
// records that one data service gave at the same time: it says they are two.
func vetoed[T any](a, b *statement[T], level int) bool {
	switch {
	case level > byIdentifier && a.doubted != b.doubted:
		return true
	case level == byHash:
		return differentIDs(a, b) || !couldFollow(a.entry, b.entry)
	case level == byContent:
		return differentIDs(a, b)
	}
	return false
}

// differentIDs: two identifiers of one system with different values make two
// records, however equal they look (two boxes handed over on one day).
func differentIDs[T any](a, b *statement[T]) bool {
	for _, x := range a.ids {
		for _, y := range b.ids {
			if x.System == y.System && x.Value != y.Value && !shareID(a, b) {
				return true
			}
		}
	}
	return false
}

func shareID[T any](a, b *statement[T]) bool {
	for _, x := range a.ids {
		if slices.ContainsFunc(b.ids, func(y fhir.Ident) bool { return x.Key() == y.Key() }) {
			return true
		}
	}
	return false
}

// components joins statements that share a key of at most the given level.
// Both the components and their members come in the order of all.
func components[T any](all []*statement[T], level int) [][]*statement[T] {
	if len(all) == 1 {
		return [][]*statement[T]{all}
	}
	sets := newSets(len(all))
	for l := byIdentifier; l <= level; l++ {
		joinLevel(sets, all, l)
	}
	groups := sets.groups()
	out, room := make([][]*statement[T], len(groups)), make([]*statement[T], len(all))
	for g, members := range groups {
		out[g], room = room[:len(members):len(members)], room[len(members):]
		for i, m := range members {
			out[g][i] = all[m]
		}
	}
	return out
}

// joinLevel joins statements that share a key of one level.
func joinLevel[T any](sets *sets, all []*statement[T], level int) {
	n := 0
	for _, s := range all {
		n += len(s.keys[level])
	}
	first := make(map[string]int, n)
	for i, s := range all {
		for _, k := range s.keys[level] {
			if j, ok := first[k]; ok {
				sets.join(i, j)
			} else {
				first[k] = i
			}
		}
	}
}

func newRecord[T any](members []*statement[T], level int, collided bool) *record[T] {
	r := &record[T]{members: members, lead: members[0], level: level, collision: collided}
	if len(members) == 1 {
		r.collision = collided || members[0].clash
		return r
	}
	for i, m := range members {
		if i > 0 {
			r.rules = append(r.rules, sharedRule(members[:i], m, level))
		}
		r.collision = r.collision || m.clash
		if compareLead(m.entry, r.lead.entry) < 0 {
			r.lead = m
		}
	}
	return r
}

// sharedRule names the hardest level at which m shares a key with one of those
// before it.
func sharedRule[T any](before []*statement[T], m *statement[T], level int) string {
	for l := byIdentifier; l <= level; l++ {
		for _, b := range before {
			for _, k := range m.keys[l] {
				if slices.Contains(b.keys[l], k) {
					return levelRules[l]
				}
			}
		}
	}
	return levelRules[byIdentifier] // through a third one
}

// hidden says why a member does not speak: it is a copy, it was withdrawn with
// the record, or the lead took its place under another id.
func (r *record[T]) hidden(s *statement[T]) string {
	switch {
	case s == r.lead:
		return ""
	case replaced(s.entry, r.lead.entry):
		return "version"
	case r.void:
		return "void"
	}
	return "copy"
}

// key is the key of the record's smallest member: the smallest identifier,
// else source, service, type and id. What was voided does not take the
// identifier from what still stands.
func (r *record[T]) key() string {
	smallest := ""
	for _, m := range r.members {
		for _, k := range m.keys[byIdentifier] {
			if !r.collision && !r.void && (smallest == "" || k < smallest) {
				smallest = k
			}
		}
	}
	if smallest != "" {
		return smallest
	}
	return r.members[0].entry.key()
}

// aliases adds the keys that any of its members would have had alone.
func (r *record[T]) aliases(all []string) []string {
	for _, m := range r.members {
		all = append(all, m.entry.key())
		all = append(all, m.keys[byIdentifier]...)
	}
	return all
}
