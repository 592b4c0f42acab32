package aggregator

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Gated is the section of what the person does not want to see yet.
const Gated Section = "gated"

// Viewer is who looks, and when. The zero Viewer with a moment is the person.
type Viewer struct {
	At    time.Time  // the moment of looking, not the one the overview speaks about
	Rules []GateRule // of a delegate: the strictest of theirs and the person's counts
	Child bool       // the record is a child's: nothing opens within childWait days
}

// childWait is how many days a result about a child stays closed for those who
// look along (product.md 6.9).
const childWait = 7

// View is the overview as the viewer may see it; every page, list, search,
// count, chart, print and message is made of one. What is closed keeps its
// kind, its source and its date, and nothing else: no name, no value, no
// series, no difference with others. The overview itself is not changed, and a
// view of a view is the same view.
func (o *Overview) View(v Viewer) *Overview {
	out := *o
	out.Items = make([]Item, len(o.Items))
	closed := map[string]bool{} // ids, and days of a group on which something is closed
	gated := map[string]bool{}  // groups with something closed
	for i, item := range o.Items {
		out.Items[i] = item
		if at := o.opening(item, v); item.Section == Gated || !at.open(v.At) {
			out.Items[i] = o.gated(item, at)
			closed[item.ID] = true
			if item.Group != "" {
				closed[item.Group+"|"+item.When], gated[item.Group] = true, true
			}
		}
	}
	for i := range out.Items {
		out.Items[i].hideTwin(closed)
	}
	out.Groups = openGroups(o.Groups, out.Items, gated)
	gatedFirst(out.Items)
	out.places = newPlaces(out.Items)
	return &out
}

// opening is when the item opens for the viewer.
func (o *Overview) opening(item Item, v Viewer) opening {
	var latest opening
	if g := item.gate.rule; g != nil {
		latest = g.opens(item.gate.issued())
	} else {
		for _, r := range item.gate.records {
			latest = later(latest, r.opens(o.gates))
		}
	}
	for _, r := range item.gate.records {
		if len(v.Rules) > 0 {
			latest = later(latest, r.opens(v.Rules))
		}
		if v.Child {
			latest = later(latest, opening{at: r.issued.AddDate(0, 0, childWait)})
		}
	}
	return latest
}

// issued is when the last record of an item was issued.
func (f gateFacts) issued() time.Time {
	var last time.Time
	for _, r := range f.records {
		if r.issued.After(last) {
			last = r.issued
		}
	}
	return last
}

// opens applies the rules about kinds and sources: the strictest of those that
// name either, else the one for everything, else only when the person chooses.
func (r gateRecord) opens(rules []GateRule) opening {
	if !r.covered {
		return opening{}
	}
	var strictest, general *opening
	letters := false
	for _, g := range rules {
		if len(g.Records) > 0 || g.Kind != "" && g.Kind != r.kind || g.Source != "" && g.Source != r.source {
			continue
		}
		at := g.opens(r.issued)
		if g.Kind == "" && g.Source == "" {
			general = &at
			continue
		}
		letters = letters || g.Kind == KindLetter
		if strictest != nil {
			at = later(at, *strictest)
		}
		strictest = &at
	}
	switch {
	case r.kind == KindLetter && !letters:
		return opening{}
	case strictest != nil:
		return *strictest
	case general != nil:
		return *general
	}
	return opening{rank: 1}
}

// Closed is the Value of an item that is closed: what the person has to know to
// choose when to see it, beside its sources and its date.
type Closed struct {
	Kind   string    // KindLab and the like
	Issued time.Time // from when WaitDays counts
	Opens  time.Time // when it opens by itself; zero: when the person says so
	Never  bool      // the person does not want to see it
}

// gated is all that may be seen of an item that is closed until then.
func (o *Overview) gated(item Item, until opening) Item {
	if item.Section == Gated {
		return item
	}
	closed := &Closed{Kind: KindReport, Issued: item.gate.issued(), Never: until.rank == 2}
	if until.rank == 0 {
		closed.Opens = until.at
	}
	out := Item{
		ID: item.ID, Subject: item.Subject, Section: Gated, When: item.When,
		Conflicts: []Conflict{}, Joins: []Join{}, Fields: map[string]Field{}, SharedWith: []string{}, aliases: item.aliases,
	}
	var names []string
	for _, p := range item.Parts {
		if isSupport(p.Role) || slices.ContainsFunc(out.Parts, func(q Part) bool { return q.Source == p.Source }) {
			continue
		}
		out.Parts = append(out.Parts, Part{Source: p.Source, Role: RoleRecord})
		names = append(names, o.named(p.Source))
	}
	for _, r := range item.gate.records {
		closed.Kind = r.kind
	}
	out.Title, out.Author, out.Value = textsFor(o.lang).kinds[closed.Kind], joinText(", ", names...), closed
	return out
}

// openGroups leaves out groups of which too little is open to be one, and names
// the others after what is open.
func openGroups(groups []Group, items []Item, gated map[string]bool) []Group {
	out := []Group{}
	for _, g := range groups {
		if !gated[g.ID] {
			out = append(out, g)
			continue
		}
		var open []int
		for i, item := range items {
			if item.Group == g.ID {
				open = append(open, i)
			}
		}
		series := g.Advice == ""
		if len(open) >= 2 || series && len(open) == 1 {
			if !series {
				g.Title = items[open[0]].Title
			}
			out = append(out, g)
			continue
		}
		for _, i := range open {
			items[i].Group = ""
		}
	}
	return out
}

// gatedFirst puts what is closed first within its subject, in an order that
// tells nothing of it. The rest stays in order.
func gatedFirst(items []Item) {
	for from := 0; from < len(items); {
		to := from
		for to < len(items) && items[to].Subject == items[from].Subject {
			to++
		}
		slices.SortStableFunc(items[from:to], compareGated)
		from = to
	}
}

func compareGated(a, b Item) int {
	x, y := a.Section == Gated, b.Section == Gated
	if x && y {
		return cmp.Or(strings.Compare(b.When, a.When), strings.Compare(a.ID, b.ID))
	}
	return boolCompare(y, x)
}
