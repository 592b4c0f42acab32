package aggregator

import (
	"slices"
	"strings"

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
	ids  []fhir.Ident // business identifiers that may serve as a key
	keys [identityLevels][]string
}

// record is one or more statements that are the same record: copies and views
// of it. The lead speaks for it.
type record[T any] struct {
	members   []*statement[T] // sorted by key
	lead      *statement[T]
	rules     []string // for members[1:]: why it is the same as an earlier one
	collision bool     // keys said "same", content said "no"
}

// statementIDs gives the identifiers that name the statement itself
// (merge.md 1.2 rules 4 and 5): not those of orders, messages or treatments.
func statementIDs(e *entry) []fhir.Ident {
	var ids []fhir.Ident
	for _, id := range e.node.Idents("identifier") {
		switch {
		case id.Use == "old" || id.Use == "secondary":
		case id.Type == "PLAC" || id.Type == "FILL" || id.Type == "ACSN":
		case len(id.Value) < 3:
		default:
			if id.System == "" {
				id.System = "local:" + e.provider()
			}
			ids = append(ids, id)
		}
	}
	return ids
}

// identify finds which statements are one record. The outcome does not depend
// on their order: where a component holds two statements that cannot be the
// same, all its edges of the weakest level are dropped, never a single one.
func identify[T any](all []*statement[T], compatible func(a, b *statement[T]) bool) []*record[T] {
	addIdentifierKeys(all)
	slices.SortFunc(all, func(a, b *statement[T]) int { return compareEntries(a.entry, b.entry) })
	var records []*record[T]
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
			if !compatible(a, b) || a.clash || b.clash || (level >= byContent && differentIDs(a, b)) {
				return false
			}
		}
	}
	return true
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

// addIdentifierKeys makes K1 keys of the identifiers, but for those a source
// uses for several of its own records.
func addIdentifierKeys[T any](all []*statement[T]) {
	seen := map[string]*statement[T]{}
	degenerate := map[string]bool{}
	for _, s := range all {
		for _, id := range s.ids {
			k := s.Origin.Source + "|" + s.Origin.Service + "|" + id.Key()
			if other := seen[k]; other != nil && other.ID != s.ID {
				degenerate[k] = true
			}
			seen[k] = s
		}
	}
	for _, s := range all {
		for _, id := range s.ids {
			if !degenerate[s.Origin.Source+"|"+s.Origin.Service+"|"+id.Key()] {
				s.keys[byIdentifier] = append(s.keys[byIdentifier], id.Key())
			}
		}
	}
}

// components joins statements that share a key of at most the given level.
// Both the components and their members come in the order of all.
func components[T any](all []*statement[T], level int) [][]*statement[T] {
	sets := newSets(len(all))
	first := map[string]int{}
	for i, s := range all {
		for l := byIdentifier; l <= level; l++ {
			for _, k := range s.keys[l] {
				k = levelRules[l] + "|" + k
				if j, ok := first[k]; ok {
					sets.join(i, j)
				} else {
					first[k] = i
				}
			}
		}
	}
	var out [][]*statement[T]
	for _, members := range sets.groups() {
		part := make([]*statement[T], len(members))
		for i, m := range members {
			part[i] = all[m]
		}
		out = append(out, part)
	}
	return out
}

func newRecord[T any](members []*statement[T], level int, collided bool) *record[T] {
	r := &record[T]{members: members, lead: members[0], collision: collided}
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

// compareLead puts first the one that speaks for a record (merge.md 1.7):
// originals before copies, then the newest, then the smallest key.
func compareLead(a, b *entry) int {
	if c := boolCompare(isCopy(a.node), isCopy(b.node)); c != 0 {
		return c
	}
	if hasUpdated(a.Record) && hasUpdated(b.Record) && !a.Updated.Equal(b.Updated) {
		return b.Updated.Compare(a.Updated)
	}
	return compareEntries(a, b)
}

const copyIndicator = "http://nictiz.nl/fhir/StructureDefinition/ext-CopyIndicator"

func isCopy(n fhir.Node) bool {
	return n.Ext(copyIndicator).Value().Bool() || n.Get("reportedBoolean").Bool()
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// hash is the content of the record, as the one that speaks for it says it. A
// decision of the person about the record holds without a word while this is
// the same.
func (r *record[T]) hash() Hash { return r.lead.entry.hash }

// key is the key of the record's smallest member: the smallest identifier,
// else source, service, type and id.
func (r *record[T]) key() string {
	smallest := ""
	for _, m := range r.members {
		for _, k := range m.keys[byIdentifier] {
			if !r.collision && (smallest == "" || k < smallest) {
				smallest = k
			}
		}
	}
	if smallest != "" {
		return smallest
	}
	return r.members[0].entry.key()
}

// aliases are the keys that any of its members would have had alone.
func (r *record[T]) aliases() []string {
	var all []string
	for _, m := range r.members {
		all = append(all, m.entry.key())
		all = append(all, m.keys[byIdentifier]...)
	}
	return all
}

// joinText joins non-empty texts.
func joinText(sep string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "" }), sep)
}
