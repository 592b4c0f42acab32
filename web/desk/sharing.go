package desk

import (
	"context"
	"fmt"
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
)

// subjects that a sharing choice may name.
var subjects = []string{
	"medication", "allergy", "vital", "lab", "letter", "problem", "vaccination", "appointment", "note", "procedure",
	"encounter", "plan", "device", "alert", "directive", "lifestyle", "questionnaire", "coverage",
}

// IsSubject tells whether a sharing choice may name it.
func IsSubject(name string) bool { return slices.Contains(subjects, name) }

// Share stores the choice that the recipient may see an item (by id) or a
// subject, or with stop that it may not. A refusal for an item is a choice of
// its own, since it goes before a choice for its subject.
func (d *Desk) Share(ctx context.Context, target, recipient string, stop bool) error {
	choice, err := d.choiceFor(ctx, target, recipient)
	if err != nil {
		return err
	}
	choice.Permit = !stop
	choice.Revoked = stop && choice.Subject != ""
	return d.putChoices(ctx, choice)
}

func (d *Desk) choiceFor(ctx context.Context, target, recipient string) (share.Choice, error) {
	c := share.Choice{Recipient: recipient, Since: d.Now()}
	providers, err := d.Providers(ctx)
	if err != nil {
		return c, err
	}
	c.Name = providers[recipient].Name
	if IsSubject(target) {
		c.Subject = target
		return c, nil
	}
	// A result may be shared that the person does not want to see: the choice
	// needs its records. What is closed is not sent (Preview, Send).
	o, err := d.overview(ctx, d.Now(), "")
	if err != nil {
		return c, err
	}
	item, ok := o.all.Find(target)
	if !ok {
		return c, fmt.Errorf("%w: no item or subject with this name", ErrNotFound)
	}
	c.Pins = share.PinsOf(item)
	return c, nil
}

func (d *Desk) putChoices(ctx context.Context, choices ...share.Choice) error {
	for _, c := range choices {
		r, err := c.Resource()
		if err != nil {
			return err
		}
		if err := d.note(ctx, accessOf(c)); err != nil {
			return err
		}
		if err := d.putOwn(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// ItemOf finds the item that a choice is about; none when its records are
// gone, or when it is about a subject.
func ItemOf(o *aggregator.Overview, c share.Choice) (aggregator.Item, bool) {
	for _, item := range o.Items {
		pins := share.PinsOf(item)
		if slices.ContainsFunc(c.Pins, func(p share.Pin) bool { return slices.Contains(pins, p) }) {
			return item, true
		}
	}
	return aggregator.Item{}, false
}
