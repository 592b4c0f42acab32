package share

import (
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
)

// Policy is all choices together. The zero Policy shares nothing.
type Policy struct{ Choices []Choice }

// Allows tells whether the recipient may see the item now. What came from a
// provider is never offered to that provider again, and an item whose identity
// is in doubt is not shared at all (merge.md 6.3).
func (p Policy) Allows(item aggregator.Item, recipient string) bool {
	if from(item, recipient) || doubtful(item) {
		return false
	}
	onItem, onSubject := p.weigh(item, recipient)
	if onItem.any() {
		return onItem.allows()
	}
	return onSubject.allows()
}

// votes counts choices of equal weight: one no is enough.
type votes struct{ yes, no int }

func (v votes) any() bool    { return v.yes+v.no > 0 }
func (v votes) allows() bool { return v.yes > 0 && v.no == 0 }

func (v *votes) add(permit bool) {
	if permit {
		v.yes++
	} else {
		v.no++
	}
}

func (p Policy) weigh(item aggregator.Item, recipient string) (onItem, onSubject votes) {
	for _, c := range p.Choices {
		switch {
		case c.Recipient != recipient || c.Revoked:
		case c.Subject != "":
			// What a source marked as restricted needs a choice of its own.
			if c.Subject == item.Subject && (!c.Permit || !restricted(item)) {
				onSubject.add(c.Permit)
			}
		case c.touches(item):
			// A permit covers just the records it was given for; a refusal
			// covers whatever they became part of.
			onItem.add(c.Permit && c.covers(item))
		}
	}
	return onItem, onSubject
}

func (c Choice) touches(item aggregator.Item) bool {
	return slices.ContainsFunc(PinsOf(item), func(p Pin) bool { return slices.Contains(c.Pins, p) })
}

func (c Choice) covers(item aggregator.Item) bool {
	return !slices.ContainsFunc(PinsOf(item), func(p Pin) bool { return !slices.Contains(c.Pins, p) })
}

func from(item aggregator.Item, recipient string) bool {
	return slices.ContainsFunc(PinsOf(item), func(p Pin) bool { return p.Source == recipient })
}

func doubtful(item aggregator.Item) bool {
	return slices.ContainsFunc(item.Conflicts, func(c aggregator.Conflict) bool {
		return c.Code == "C-COLLISION" || c.Code == "C-PRODUCT"
	})
}

func restricted(item aggregator.Item) bool {
	letter, ok := item.Value.(*aggregator.Letter)
	return ok && letter.Hidden
}

// Recipients gives the recipients that may see the item, sorted.
func (p Policy) Recipients(item aggregator.Item) []string {
	out := []string{}
	for _, c := range p.Choices {
		if !slices.Contains(out, c.Recipient) && p.Allows(item, c.Recipient) {
			out = append(out, c.Recipient)
		}
	}
	slices.Sort(out)
	return out
}

// For gives the overview exactly as the recipient may see it. Nothing in it
// tells that something was left out: no counts, no gaps in groups, no list of
// sources or of what could not be read.
func (p Policy) For(o *aggregator.Overview, recipient string) *aggregator.Overview {
	out := &aggregator.Overview{
		AsOf: o.AsOf, Person: o.Person,
		Sources: []aggregator.SourceStatus{}, Items: []aggregator.Item{},
		Groups: []aggregator.Group{}, Unread: []aggregator.Unread{}, Notices: []aggregator.Notice{},
	}
	for _, item := range o.Items {
		if !p.Allows(item, recipient) {
			continue
		}
		item.Group, item.SharedWith = "", []string{}
		out.Items = append(out.Items, item)
	}
	return out
}

// Annotate fills in with whom each item is shared.
func (p Policy) Annotate(o *aggregator.Overview) {
	for i := range o.Items {
		o.Items[i].SharedWith = p.Recipients(o.Items[i])
	}
}
