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

	// closed are, by id, the results that the person does not see yet, in full.
	// Without them none of those can be shared; see WithClosed.
	closed map[string]aggregator.Item

	ballots map[string]*ballot // by recipient; nil: look through Choices, see forMany
}

// WithClosed gives the policy the results that are closed in the view, so that
// those can leave that the person shares unseen. all is the overview that the
// view was made of; it is for deciding only and must not reach a page.
func (p Policy) WithClosed(view, all *aggregator.Overview) Policy {
	p.closed = map[string]aggregator.Item{}
	for i := range view.Items {
		if item := &view.Items[i]; item.Section == aggregator.Gated {
			if full, ok := all.Find(item.ID); ok {
				p.closed[item.ID] = full
			}
		}
	}
	return p
}

// Allows tells whether the recipient may see the item now. What came from a
// provider is never offered to that provider again; an item whose identity is
// in doubt or that was withdrawn is not shared at all; what is labelled as
// restricted, or is about relatives, only by a choice for just that item
// (merge.md 6.3); and what the person did not see yet only with the explicit
// word, for just its records (product.md 6.9).
func (p Policy) Allows(item aggregator.Item, recipient string) bool {
	full, unseen := item, item.Section == aggregator.Gated
	if unseen {
		known := false
		if full, known = p.closed[item.ID]; !known {
			return false
		}
	}
	if from(full, recipient) || doubtful(full) {
		return false
	}
	onItem, onSubject := p.weigh(full, recipient, unseen)
	if onItem.any() || delicate(full) {
		return onItem.allows()
	}
	return onSubject.allows()
}

// votes counts choices of equal weight: one no is enough. A permit that was
// given for less than the item is now is stale: it allows nothing, and keeps a
// choice for the subject from deciding, unless another permit covers it all.
type votes struct{ yes, no, stale int }

func (v votes) any() bool    { return v.yes+v.no+v.stale > 0 }
func (v votes) allows() bool { return v.yes > 0 && v.no == 0 }

// weigh counts the choices about an item in full; unseen tells that the person
// did not see it, so that only permits with the word for that count.
func (p Policy) weigh(item aggregator.Item, recipient string, unseen bool) (onItem, onSubject votes) {
	p.each(item, recipient, func(c Choice) {
		switch {
		case c.Subject == item.Subject && c.Subject != "":
			onSubject.count(c, c.reaches(item, unseen))
		case c.Subject == "" && c.touches(item):
			onItem.count(c, c.covers(item) && (!unseen || c.IncludeUnseen))
			if c.Permit && !c.covers(item) {
				onItem.stale++
			}
		}
	})
	return onItem, onSubject
}

// count adds the vote of a choice. A refusal covers whatever its records became
// part of; a permit just what it reaches.
func (v *votes) count(c Choice, reaches bool) {
	switch {
	case !c.Permit:
		v.no++
	case reaches:
		v.yes++
	}
}

// reaches tells whether a permit for a subject is for this item too. What a
// source marked as restricted needs a choice of its own.
func (c Choice) reaches(item aggregator.Item, unseen bool) bool {
	if delicate(item) {
		return false
	}
	if unseen {
		return c.IncludeUnseen && c.covers(item)
	}
	return c.Later || c.covers(item)
}

func (p Policy) inForce(c Choice) bool { return !c.Revoked && !c.ended(p.At) }

func (c Choice) touches(item aggregator.Item) bool { return anyPin(item, c.pins) }

// covers tells whether all records of the item are pinned. An item without
// records of its own is covered by nothing.
func (c Choice) covers(item aggregator.Item) bool {
	any := false
	return !anyPin(item, func(p Pin) bool {
		any = true
		return !c.pins(p)
	}) && any
}

// pins tells whether the choice names the record.
func (c Choice) pins(p Pin) bool {
	if c.known.is(c.Pins) {
		return c.known.has[p]
	}
	return slices.Contains(c.Pins, p)
}

// Indexed is the same policy for asking about many items: a choice for a subject
// may name tens of thousands of records. A policy that is kept is indexed once.
func (p Policy) Indexed() Policy {
	p.Choices = slices.Clone(p.Choices)
	for i := range p.Choices {
		if c := &p.Choices[i]; !c.known.is(c.Pins) {
			c.known = newPinSet(c.Pins)
		}
	}
	return p
}

func from(item aggregator.Item, recipient string) bool {
	return anyPin(item, func(p Pin) bool { return p.Source == recipient })
}

func doubtful(item aggregator.Item) bool {
	return item.Section == aggregator.History || slices.ContainsFunc(item.Conflicts, func(c aggregator.Conflict) bool {
		return c.Code == "C-COLLISION" || c.Code == "C-PRODUCT"
	})
}

// delicate: a choice for all of a subject does not reach it.
func delicate(item aggregator.Item) bool {
	return item.Restricted() || slices.ContainsFunc(item.Parts, func(p aggregator.Part) bool { return p.Type == "FamilyMemberHistory" })
}

func (c Choice) ended(at time.Time) bool { return !c.Until.IsZero() && !c.Until.After(at) }

// Recipients gives the recipients that may see the item, sorted.
func (p Policy) Recipients(item aggregator.Item) []string { return p.among(recipients(p), item) }

// among is Recipients for who asks about many items.
func (p Policy) among(all []Recipient, item aggregator.Item) []string {
	out := []string{}
	for _, to := range all {
		if p.Allows(item, to.ID) {
			out = append(out, to.ID)
		}
	}
	return out
}

// For gives what leaves for the recipient: the overview exactly as they may see
// it, with what the person shares unseen opened. Nothing in it tells that
// something was left out: no counts, no gaps in groups, no list of sources or of
// what could not be read, and no words of a line about another line that is
// not there. The person is shown Preview.
func (p Policy) For(view *aggregator.Overview, recipient string) *aggregator.Overview {
	p = p.forMany()
	whole := p.whole(view, recipient)
	return p.pick(view, recipient, func(item aggregator.Item) aggregator.Item {
		if item.Section == aggregator.Gated {
			item = p.closed[item.ID]
		}
		return alone(item, whole)
	})
}

// Preview is what For gives as the person may see it: what is shared unseen
// stays closed in it.
func (p Policy) Preview(view *aggregator.Overview, recipient string) *aggregator.Overview {
	p = p.forMany()
	whole := p.whole(view, recipient)
	return p.pick(view, recipient, func(item aggregator.Item) aggregator.Item {
		if item.Section == aggregator.Gated {
			item.SharedWith = []string{}
			return item
		}
		return alone(item, whole)
	})
}

// pick gives an overview of what the recipient may see and nothing else, each
// line as show makes it.
func (p Policy) pick(view *aggregator.Overview, recipient string, show func(aggregator.Item) aggregator.Item) *aggregator.Overview {
	out := &aggregator.Overview{
		AsOf: view.AsOf, Person: view.Person,
		Sources: []aggregator.SourceStatus{}, Items: []aggregator.Item{},
		Groups: []aggregator.Group{}, Unread: []aggregator.Unread{}, Notices: []aggregator.Notice{},
	}
	for _, item := range view.Items {
		if p.Allows(item, recipient) {
			out.Items = append(out.Items, show(item))
		}
	}
	return out
}

// Annotate fills in with whom each item is shared.
func (p Policy) Annotate(o *aggregator.Overview) {
	p = p.forMany()
	all := recipients(p)
	for i := range o.Items {
		o.Items[i].SharedWith = p.among(all, o.Items[i])
	}
}
