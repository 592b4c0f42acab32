package desk

import (
	"context"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web"
)

// named makes the recipient of wishes for somebody new: one for all of them.
func named(wishes []web.Wish) []web.Wish {
	out := slices.Clone(wishes)
	made := share.Recipient{}
	for i, w := range out {
		if w.To.ID != "" {
			continue
		}
		if made.ID == "" {
			made = share.NewRecipient(share.ToPerson, w.To.Name, w.To.Role)
		}
		out[i].To = made
	}
	return out
}

// wished gives the choices that make wishes true: those for subjects first, since
// an item may need no choice of its own after them.
func (d *Desk) wished(ctx context.Context, wishes []web.Wish) ([]share.Choice, error) {
	o, err := d.overview(ctx, time.Time{}, "")
	if err != nil {
		return nil, err
	}
	_, policy, err := d.permitted(ctx, "")
	if err != nil {
		return nil, err
	}
	now := wish{o, policy, d.Now()}
	var all []share.Choice
	for _, ofItem := range [...]bool{false, true} {
		for _, w := range wishes {
			if ofItem != (w.Item != "") {
				continue
			}
			c, needed, err := now.choice(w)
			if err != nil {
				return nil, err
			}
			if needed {
				all = append(all, c)
				now.policy = with(now.policy, []share.Choice{c}, now.at)
			}
		}
	}
	return all, nil
}

// wish turns wishes into choices, at a moment.
type wish struct {
	o      made
	policy share.Policy
	at     time.Time
}

func (n wish) choice(w web.Wish) (c share.Choice, needed bool, err error) {
	if w.Item != "" {
		return n.item(w)
	}
	if !IsSubject(w.Subject) {
		return c, false, ErrNotFound
	}
	c = n.begin(w)
	c.Subject, c.Pins = w.Subject, pinsOf(n.o, w.Subject, w.Unseen)
	c.Later, c.Revoked = w.Permit && w.Later, !w.Permit
	for _, old := range n.policy.Choices {
		// Changing how far a choice reaches does not make it last longer.
		if old.ID() == c.ID() && old.Permit && w.Permit && w.Until.IsZero() {
			c.Until = old.Until
		}
	}
	return c, true, nil
}

func (n wish) begin(w web.Wish) share.Choice {
	c := share.Choice{Recipient: w.To.ID, Name: w.To.Name, Role: w.To.Role, Permit: w.Permit, Since: n.at, IncludeUnseen: w.Permit && w.Unseen}
	if w.Permit {
		c.Until = w.Until
	}
	return c
}

// item gives the choice about an item. One that is as its subject without a
// choice of its own gets none, and loses the one it had.
func (n wish) item(w web.Wish) (c share.Choice, needed bool, err error) {
	full, ok := n.o.all.Find(w.Item)
	if !ok {
		return c, false, ErrNotFound
	}
	seen, ok := n.o.view.Find(w.Item)
	if !ok {
		seen = full
	}
	c = n.begin(w)
	c.Pins = share.PinsOf(full)
	without := c
	without.IncludeUnseen, without.Revoked, without.Until = false, true, time.Time{}
	if with(n.policy, []share.Choice{without}, n.at).Allows(seen, w.To.ID) == w.Permit {
		return without, n.owns(full, w.To.ID), nil
	}
	return c, true, nil
}

// owns tells whether the item has a choice of its own for the recipient.
func (n wish) owns(item aggregator.Item, recipient string) bool {
	pins := share.PinsOf(item)
	return slices.ContainsFunc(n.policy.Choices, func(c share.Choice) bool {
		return c.Recipient == recipient && c.Subject == "" && slices.ContainsFunc(c.Pins, func(p share.Pin) bool { return slices.Contains(pins, p) })
	})
}

// Show is Preview for somebody who looks along at this screen until a moment.
// The ledger has a line of it, with the records that are on the screen.
func (d *Desk) Show(ctx context.Context, recipient, lang string, until time.Time) (*aggregator.Overview, error) {
	return d.showing(ctx, recipient, lang, share.Line{Act: share.ActOpen, How: "screen", Until: until.UTC().Format(time.RFC3339)})
}

// Paper is Preview to put on paper: without what is closed here, since nothing of
// that can be on it. The ledger has a line of it. Whether it was printed, and what
// becomes of the paper, nobody can know.
func (d *Desk) Paper(ctx context.Context, recipient, lang string) (*aggregator.Overview, error) {
	o, err := d.showing(ctx, recipient, lang, share.Line{Act: share.ActExport, How: "print"})
	if err != nil {
		return nil, err
	}
	paper := *o
	paper.Items = slices.DeleteFunc(slices.Clone(o.Items), func(i aggregator.Item) bool { return i.Section == aggregator.Gated })
	return &paper, nil
}

// showing is Preview with a line in the ledger that says how, and names what can be
// seen. There is none when that is nothing.
func (d *Desk) showing(ctx context.Context, recipient, lang string, l share.Line) (*aggregator.Overview, error) {
	if err := d.noteEnded(ctx); err != nil {
		return nil, err
	}
	view, policy, err := d.permitted(ctx, lang)
	if err != nil {
		return nil, err
	}
	o := policy.Preview(view, recipient)
	if !slices.ContainsFunc(o.Items, func(i aggregator.Item) bool { return l.How != "print" || i.Section != aggregator.Gated }) {
		return o, nil
	}
	to, err := d.recipient(ctx, share.Recipient{ID: recipient})
	if err != nil {
		return nil, err
	}
	l.To, l.Name, l.Role = to.ID, to.Name, to.Role
	for _, item := range o.Items {
		if item.Section != aggregator.Gated {
			l.Pins = append(l.Pins, share.PinsOf(item)...)
		}
	}
	if err := d.LogShare(ctx, l); err != nil {
		return nil, err
	}
	return o, nil
}
