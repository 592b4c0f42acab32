package share

import (
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
)

// Effect is what a set of choices changes for one recipient, by ids of items in
// the order of the overview.
type Effect struct {
	Recipient Recipient
	Added     []string // they will see it
	Removed   []string // they will not see it any more; copies they have, they keep
}

// Would tells what the choices of after would add and take away against those
// of before, per recipient, sorted by ID. Recipients for whom nothing changes
// are left out. view is as the person sees it.
func Would(view *aggregator.Overview, before, after Policy) []Effect {
	before, after = before.forMany(), after.forMany()
	var all []Effect
	for _, to := range recipients(before, after) {
		e := Effect{Recipient: to}
		for _, item := range view.Items {
			switch was, is := before.Allows(item, to.ID), after.Allows(item, to.ID); {
			case is && !was:
				e.Added = append(e.Added, item.ID)
			case was && !is:
				e.Removed = append(e.Removed, item.ID)
			}
		}
		if len(e.Added)+len(e.Removed) > 0 {
			all = append(all, e)
		}
	}
	return all
}

// recipients are those that any of the policies names, sorted by ID, as the last
// one that knows them has their name.
func recipients(policies ...Policy) []Recipient {
	byID := map[string]Recipient{}
	var ids []string
	for _, p := range policies {
		for _, c := range p.Choices {
			if _, ok := byID[c.Recipient]; !ok {
				ids = append(ids, c.Recipient)
			}
			byID[c.Recipient] = c.To()
		}
	}
	slices.Sort(ids)
	all := make([]Recipient, len(ids))
	for i, id := range ids {
		all[i] = byID[id]
	}
	return all
}

// Ask is a question to the person: the item was shared with the recipient, and
// more belongs to it now. Until they choose again it is not shared.
type Ask struct {
	Recipient Recipient
	Item      string // id
	New       []Pin  // what joined
}

// Asks gives the items that were shared and have a part now that the person was
// not asked about, per recipient, in the order of the overview.
func (p Policy) Asks(view *aggregator.Overview) []Ask {
	p = p.forMany()
	var all []Ask
	known := recipients(p)
	for _, item := range view.Items {
		for _, to := range known {
			if pins := p.joined(item, to.ID); len(pins) > 0 {
				all = append(all, Ask{to, item.ID, pins})
			}
		}
	}
	return all
}

// joined gives the pins that no permit for the item knows, when a permit knows
// others of it; none when the item is shared, or cannot be, or was refused.
func (p Policy) joined(item aggregator.Item, recipient string) []Pin {
	if p.Allows(item, recipient) || item.Section == aggregator.Gated || from(item, recipient) || doubtful(item) {
		return nil
	}
	known, refused := false, false
	p.each(item, recipient, func(c Choice) {
		touches := c.touches(item)
		refused = refused || !c.Permit && (touches || c.Subject == item.Subject)
		known = known || touches
	})
	if !known || refused { // as for nearly all items
		return nil
	}
	return slices.DeleteFunc(PinsOf(item), func(pin Pin) bool {
		return slices.ContainsFunc(p.Choices, func(c Choice) bool { return c.Recipient == recipient && p.inForce(c) && c.pins(pin) })
	})
}

// Supersedes tells whether the choice takes the place of an older one: it is
// about the same recipient and subject, or about the same item, which may have
// had other records then. Without that an item of which a part was refused
// could never be shared again.
func (c Choice) Supersedes(old Choice) bool {
	if c.Recipient != old.Recipient || c.Subject != old.Subject {
		return false
	}
	return c.Subject != "" || slices.ContainsFunc(c.Pins, func(p Pin) bool { return slices.Contains(old.Pins, p) })
}
