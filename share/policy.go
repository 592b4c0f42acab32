package share

import (
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
)

// Policy is all choices together, at the moment of deciding; without one, no
// choice has ended yet. The zero Policy shares nothing.
type Policy struct {
	Choices []Choice
	At      time.Time
}

// Allows tells whether the recipient may see the item now. What came from a
// provider is never offered to that provider again; an item whose identity is
// in doubt, that was withdrawn, or that the person did not see yet is not shared
// at all; and what is labelled as restricted, or is about relatives, only by a
// choice for just that item (merge.md 6.3, product.md 6.9).
func (p Policy) Allows(item aggregator.Item, recipient string) bool {
	if from(item, recipient) || doubtful(item) {
		return false
	}
	onItem, onSubject := p.weigh(item, recipient)
	if onItem.any() || delicate(item) {
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
		case c.Recipient != recipient || c.Revoked || c.ended(p.At):
		case c.Subject != "":
			// What a source marked as restricted needs a choice of its own.
			if c.Subject == item.Subject && (!c.Permit || !delicate(item)) {
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
	return item.Section == aggregator.Gated || item.Section == aggregator.History || slices.ContainsFunc(item.Conflicts, func(c aggregator.Conflict) bool {
		return c.Code == "C-COLLISION" || c.Code == "C-PRODUCT"
	})
}

// delicate: a choice for all of a subject does not reach it.
func delicate(item aggregator.Item) bool {
	return item.Restricted() || slices.ContainsFunc(item.Parts, func(p aggregator.Part) bool { return p.Type == "FamilyMemberHistory" })
}

func (c Choice) ended(at time.Time) bool { return !c.Until.IsZero() && !c.Until.After(at) }

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
