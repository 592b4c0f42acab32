package aggregator

import (
	"cmp"
	"slices"
	"strings"
)

// ChangeKind is how an item changed between two moments.
type ChangeKind string

// The kinds of changes.
const (
	ChangedNew       ChangeKind = "new"
	ChangedStopped   ChangeKind = "stopped"   // a medicine that was in use
	ChangedCorrected ChangeKind = "corrected" // the source corrected or withdrew it
	ChangedGone      ChangeKind = "gone"      // its source no longer gives it
	ChangedRemoved   ChangeKind = "removed"   // the person erased it
	ChangedJoined    ChangeKind = "joined"    // two items became one
	ChangedSeparated ChangeKind = "separated" // one item became two
	ChangedOther     ChangeKind = "changed"
)

// Change is what happened to one item between two overviews.
type Change struct {
	Kind    ChangeKind    `json:"kind"`
	ID      string        `json:"id"` // of the item now, or as it was when there is none
	Subject string        `json:"subject"`
	Title   string        `json:"title"`
	When    string        `json:"when"`
	Sources []string      `json:"sources"` // who speaks of it
	Fields  []FieldChange `json:"fields"`
	ByTime  bool          `json:"byTime,omitempty"` // nobody said anything new: time passed
}

// FieldChange is one field that says something else. Field is a name of
// Item.Fields, or title, detail, when, section or conflict.
type FieldChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Changes tells what is different in after. All three are overviews of one
// language, seen by one viewer (View): before is what was known then, spoken
// about then; same is what is known now, spoken about then; after is what is
// known now, spoken about now. So what sources said is told from what only time
// did: of the latter a change is told only when an item came to stand in
// another section, marked ByTime. Give after for same when both speak about one
// moment. The result is sorted by subject, kind, title and id, and never null.
func Changes(before, same, after *Overview) []Change {
	known := byRecord(same)
	changes := between(byRecord(before), known)
	if after != same {
		for _, c := range between(known, byRecord(after)) {
			if c.onlySection() {
				c.ByTime = true
				changes = append(changes, c)
			}
		}
	}
	order := map[string]int{}
	for i, s := range subjects() {
		order[s.name] = i
	}
	titles := map[string]string{} // after a first collection everything is new
	for _, c := range changes {
		if _, known := titles[c.Title]; !known {
			titles[c.Title] = fold(c.Title)
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(order[a.Subject], order[b.Subject]), strings.Compare(string(a.Kind), string(b.Kind)),
			strings.Compare(titles[a.Title], titles[b.Title]), strings.Compare(a.ID, b.ID))
	})
	return changes
}

// onlySection keeps of a change what counts as the work of time.
func (c *Change) onlySection() bool {
	c.Fields = slices.DeleteFunc(c.Fields, func(f FieldChange) bool { return f.Field != "section" })
	return len(c.Fields) > 0
}

// between compares two overviews item by item. Items are the same when they
// share a record.
func between(was, is *recorded) []Change {
	changes := []Change{}
	for i := range is.o.Items {
		changes = append(changes, itemChange(i, was, is)...)
	}
	for i := range was.o.Items {
		old := &was.o.Items[i]
		switch now := is.matching(was, i); {
		case len(now) == 0 && shown(old):
			changes = append(changes, newChange(was.o, old, ChangedRemoved))
		case len(now) > 1 && shown(old):
			changes = append(changes, newChange(was.o, old, ChangedSeparated))
		}
	}
	return changes
}

// shown leaves out the people and places that records name, and what was
// history already.
func shown(i *Item) bool {
	return i.Section != History && i.Subject != "provider" && i.Subject != "person" && i.Subject != "other"
}

func itemChange(i int, was, is *recorded) []Change {
	now, before := &is.o.Items[i], was.matching(is, i)
	switch {
	case len(before) == 0:
		if !shown(now) {
			return nil
		}
		return []Change{newChange(is.o, now, ChangedNew)}
	case len(before) > 1 && shown(now):
		return []Change{newChange(is.o, now, ChangedJoined)}
	}
	old := &was.o.Items[before[0]]
	if !shown(old) && !shown(now) || len(is.matching(was, before[0])) > 1 { // or it was separated
		return nil
	}
	fields := fieldChanges(old, now)
	if len(fields) == 0 {
		return nil
	}
	c := newChange(is.o, now, kindOfChange(old, now))
	c.Fields = fields
	return []Change{c}
}

func newChange(o *Overview, i *Item, kind ChangeKind) Change {
	c := Change{Kind: kind, ID: i.ID, Subject: i.Subject, Title: i.Title, When: i.When, Sources: []string{}, Fields: []FieldChange{}}
	for _, p := range i.Parts {
		if name := o.named(p.Source); !isSupport(p.Role) && !slices.Contains(c.Sources, name) {
			c.Sources = append(c.Sources, name)
		}
	}
	return c
}

func kindOfChange(old, now *Item) ChangeKind {
	inUse := old.Section == Current || old.Section == Paused
	switch {
	case now.Section == Gone:
		return ChangedGone
	case inUse && (now.Section == Recent || now.Section == Past || now.Section == Cancelled):
		return ChangedStopped
	case now.Section == History:
		return ChangedCorrected
	}
	v, ok := old.Value.(*Result)
	w, also := now.Value.(*Result)
	if ok && also && v.Text != w.Text {
		return ChangedCorrected
	}
	return ChangedOther
}

// fieldChanges compares what two states of an item say. What is closed, then
// or now, is not compared: not even that it changed is said.
func fieldChanges(old, now *Item) []FieldChange {
	changes := []FieldChange{}
	if old.Section == Gated || now.Section == Gated {
		return changes
	}
	add := func(field, before, after string) {
		if before != after {
			changes = append(changes, FieldChange{field, before, after})
		}
	}
	add("title", old.Title, now.Title)
	add("detail", old.Detail, now.Detail)
	add("when", old.When, now.When)
	add("section", string(old.Section), string(now.Section))
	names := map[string]bool{}
	for name := range old.Fields {
		names[name] = true
	}
	for name := range now.Fields {
		names[name] = true
	}
	for name := range names {
		a, b := old.Fields[name].Text, now.Fields[name].Text
		if a != old.Detail && a != old.Title && b != now.Detail && b != now.Title {
			add(name, a, b)
		}
	}
	for _, pair := range conflictChanges(old, now) {
		add("conflict", pair[0], pair[1])
	}
	slices.SortFunc(changes, func(a, b FieldChange) int {
		return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Before, b.Before), strings.Compare(a.After, b.After))
	})
	return changes
}

func conflictChanges(old, now *Item) [][2]string {
	var pairs [][2]string
	has := func(i *Item, c Conflict) bool {
		return slices.ContainsFunc(i.Conflicts, func(d Conflict) bool { return d.Code == c.Code && d.Text == c.Text })
	}
	for _, c := range old.Conflicts {
		if !has(now, c) {
			pairs = append(pairs, [2]string{c.Text, ""})
		}
	}
	for _, c := range now.Conflicts {
		if !has(old, c) {
			pairs = append(pairs, [2]string{"", c.Text})
		}
	}
	return pairs
}

// recordsOf names the records of an item that speak for themselves, and its
// own id: of what is closed that is all there is.
func recordsOf(i *Item) []string {
	names := []string{i.ID}
	for _, p := range i.Parts {
		if !isSupport(p.Role) && p.ID != "" {
			names = append(names, p.Source+"|"+p.Service+"|"+p.Type+"|"+p.ID)
		}
	}
	return append(names, i.aliasIDs()...)
}

// recorded is an overview with the names of the records of each item, which are
// asked for again and again.
type recorded struct {
	o     *Overview
	names [][]string
	at    map[string]int // where the last item with a name stands
}

func byRecord(o *Overview) *recorded {
	r := &recorded{o, make([][]string, len(o.Items)), make(map[string]int, 2*len(o.Items))}
	for i := range o.Items {
		r.names[i] = recordsOf(&o.Items[i])
		for _, name := range r.names[i] {
			r.at[name] = i
		}
	}
	return r
}

// matching are the items here that share a record with an item of another
// overview, as places.
func (r *recorded) matching(other *recorded, i int) []int {
	var found []int
	for _, name := range other.names[i] {
		at, ok := r.at[name]
		if ok && r.o.Items[at].Subject == other.o.Items[i].Subject && !slices.Contains(found, at) {
			found = append(found, at)
		}
	}
	return found
}
