package aggregator

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// compareLead puts first the one that speaks for a record (merge.md 1.7):
// originals before copies, what is still given before what is not, then the
// newest, then the fullest, then the smallest key. What the person wrote comes
// before what came back of it. Which of two providers wrote a record is not
// known, so that rule of the design is not here.
func compareLead(a, b *entry) int {
	if c := cmp.Or(boolCompare(!a.Origin.IsSelf(), !b.Origin.IsSelf()), boolCompare(a.copied, b.copied)); c != 0 {
		return c
	}
	if c := boolCompare(!a.Gone.IsZero(), !b.Gone.IsZero()); c != 0 {
		return c
	}
	if hasUpdated(a.Record) && hasUpdated(b.Record) && !a.Updated.Equal(b.Updated) {
		return b.Updated.Compare(a.Updated)
	}
	if x, y := a.content().filled, b.content().filled; x != y {
		return y - x
	}
	return compareEntries(a, b)
}

// speakers gives the members of a record that may speak for it, the lead
// first: a field that one leaves empty is taken from the next.
func (r *record[T]) speakers() []*statement[T] {
	all := slices.Clone(r.members)
	slices.SortStableFunc(all, func(a, b *statement[T]) int {
		if c := boolCompare(a != r.lead, b != r.lead); c != 0 {
			return c
		}
		return boolCompare(a.copied, b.copied)
	})
	return all
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

// firstSeen and lastSeen are the first and the last collection that gave the
// entry, in any version.
func (e *entry) firstSeen() time.Time {
	first := e.Fetched
	for _, r := range e.older {
		if r.Fetched.Before(first) {
			first = r.Fetched
		}
	}
	return first
}

func (e *entry) lastSeen() time.Time {
	if e.LastSeen.After(e.Fetched) {
		return e.LastSeen
	}
	return e.Fetched
}

// givenTogether tells whether one data service gave both at some time.
func givenTogether(a, b *entry) bool {
	return a.Origin == b.Origin && !a.lastSeen().Before(b.firstSeen()) && !b.lastSeen().Before(a.firstSeen())
}

// couldFollow: of two entries of one data service, one took the place of the
// other under a new id: the other was gone before it came (merge.md 1.5).
func couldFollow(a, b *entry) bool {
	if a.Origin != b.Origin {
		return true
	}
	if b.firstSeen().Before(a.firstSeen()) {
		a, b = b, a
	}
	return !a.Gone.IsZero() && !givenTogether(a, b)
}

// diffs names the fields that other members of the record fill in otherwise
// than the lead does, sorted (merge.md 1.7). Members that it took the place of
// are earlier versions, no copies.
func (r *record[T]) diffs() []string {
	var all []string
	for _, m := range r.members {
		if m == r.lead || m.entry.hash == r.lead.entry.hash || replaced(m.entry, r.lead.entry) {
			continue
		}
		lead, other := r.lead.fields(), m.fields()
		for name, text := range other {
			if lead[name] != "" && lead[name] != text {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func replaced(old, by *entry) bool {
	return old.Origin == by.Origin && !old.Gone.IsZero() && by.Gone.IsZero()
}

// fields gives what the entry says per field of its reading.
func (e *entry) fields() map[string]string {
	w := &contentWriter{root: e.node()}
	if said, _ := e.read(); said != nil {
		w.reading(said)
	}
	slices.Sort(w.lines)
	out := map[string]string{}
	for _, l := range w.lines {
		path, value, _ := strings.Cut(l, "=")
		name, _, _ := strings.Cut(strings.TrimPrefix(path, "."), ".")
		out[name] += path + "=" + value + "\n"
	}
	return out
}
