package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// subjects that a sharing choice may name.
var subjects = []string{
	"medication", "allergy", "vital", "lab", "letter", "problem", "vaccination", "appointment", "note", "procedure",
	"encounter", "plan", "device", "alert", "directive", "lifestyle", "questionnaire", "coverage",
}

// IsSubject tells whether a sharing choice may name it.
func IsSubject(name string) bool { return slices.Contains(subjects, name) }

// Share stores the choice that the recipient may see an item (by id) or what
// there is of a subject now, or with stop that it may not. A refusal for an item
// is a choice of its own, since it goes before a choice for its subject.
func (d *Desk) Share(ctx context.Context, target, recipient string, stop bool) error {
	choice, err := d.ChoiceFor(ctx, target, share.Recipient{ID: recipient}, false)
	if err != nil {
		return err
	}
	choice.Permit = !stop
	choice.Revoked = stop && choice.Subject != ""
	return d.Choose(ctx, choice)
}

// ChoiceFor begins a choice about an item (by id) or a subject, with the records
// that it has now. The caller says whether it is a permit, until when, and
// whether it reaches what comes later. With unseen the records of results that
// the person does not see yet are in it as well, and they may leave. An empty
// name or role of the recipient is filled in when it is known.
func (d *Desk) ChoiceFor(ctx context.Context, target string, to share.Recipient, unseen bool) (share.Choice, error) {
	to, err := d.recipient(ctx, to)
	if err != nil {
		return share.Choice{}, err
	}
	c := share.Choice{Recipient: to.ID, Name: to.Name, Role: to.Role, Since: d.Now(), IncludeUnseen: unseen}
	o, err := d.overview(ctx, time.Time{}, "")
	if err != nil {
		return c, err
	}
	if IsSubject(target) {
		c.Subject = target
		c.Pins = pinsOf(o, target, unseen)
		return c, nil
	}
	// A result may be shared that the person does not want to see: the choice
	// needs its records. It leaves when they saw it, or with unseen.
	item, ok := o.all.Find(target)
	if !ok {
		return c, fmt.Errorf("%w: no item or subject with this name", ErrNotFound)
	}
	c.Pins = share.PinsOf(item)
	return c, nil
}

// pinsOf are the records of a subject as it is now. Those of what is closed are
// not in it unless the person says so: opening it later must not share it.
func pinsOf(o made, subject string, unseen bool) []share.Pin {
	var pins []share.Pin
	known := map[share.Pin]bool{} // of a long life a subject has tens of thousands
	for _, item := range o.view.Subject(subject) {
		if item.Section == aggregator.Gated {
			if !unseen {
				continue
			}
			item, _ = o.all.Find(item.ID)
		}
		for _, p := range share.PinsOf(item) {
			if !known[p] {
				known[p], pins = true, append(pins, p)
			}
		}
	}
	return pins
}

// Choose stores choices, all or none, and takes back those that they take the
// place of. The ledger has a line of each first.
func (d *Desk) Choose(ctx context.Context, choices ...share.Choice) error {
	d.deciding.Lock()
	defer d.deciding.Unlock()
	policy, err := d.Policy(ctx)
	if err != nil {
		return err
	}
	return d.putChoices(ctx, replacing(policy, choices, d.Now())...)
}

// replacing gives the choices with the older ones that they take the place of,
// revoked.
func replacing(p share.Policy, choices []share.Choice, at time.Time) []share.Choice {
	all := slices.Clone(choices)
	for _, old := range p.Choices {
		replaced := func(c share.Choice) bool { return c.Supersedes(old) && c.ID() != old.ID() }
		same := func(c share.Choice) bool { return c.ID() == old.ID() }
		if slices.ContainsFunc(choices, replaced) && !slices.ContainsFunc(choices, same) {
			old.Revoked, old.Since = true, at
			all = append(all, old)
		}
	}
	return all
}

// putChoices notes the choices in the ledger and stores them, in one page.
func (d *Desk) putChoices(ctx context.Context, choices ...share.Choice) error {
	var all []fhir.Resource
	for _, c := range choices {
		r, err := c.Resource()
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	for _, c := range choices {
		if err := d.LogShare(ctx, lineOf(c)); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	return d.putOwn(ctx, all...)
}

// lineOf is the line of the ledger about a choice.
func lineOf(c share.Choice) share.Line {
	l := share.Line{
		Act: share.ActDeny, To: c.Recipient, Name: c.Name, Role: c.Role, Share: c.ID(), About: c.Subject,
		Later: c.Later, Unseen: c.IncludeUnseen, Pins: c.Pins,
	}
	if c.Permit {
		l.Act = share.ActPermit
	}
	if c.Revoked {
		l.Act = share.ActRevoke
	}
	if !c.Until.IsZero() {
		l.Until = c.Until.UTC().Format(time.RFC3339)
	}
	return l
}

// noteEnded ends the choices of which the time is over: each has a line in the
// ledger, once, and is inactive from then on.
func (d *Desk) noteEnded(ctx context.Context) error {
	d.deciding.Lock()
	defer d.deciding.Unlock()
	policy, err := d.Policy(ctx)
	if err != nil {
		return err
	}
	var ended []fhir.Resource
	for _, c := range policy.Choices {
		if c.Until.IsZero() || c.Until.After(policy.At) {
			continue
		}
		l := lineOf(c)
		l.Act = share.ActExpire
		c.Revoked = true
		r, err := c.Resource()
		if err == nil {
			err = d.LogShare(ctx, l)
		}
		if err != nil {
			return err
		}
		ended = append(ended, r)
	}
	if len(ended) == 0 {
		return nil
	}
	return d.putOwn(ctx, ended...)
}

// ItemOf finds the item that a choice is about; none when its records are
// gone, or when it is about a subject.
func ItemOf(o *aggregator.Overview, c share.Choice) (aggregator.Item, bool) {
	at := itemsOf(o, []share.Choice{c})[0]
	if at < 0 {
		return aggregator.Item{}, false
	}
	return o.Items[at], true
}

// itemsOf is ItemOf of many choices in one pass: for each the place of its item,
// -1 for none.
func itemsOf(o *aggregator.Overview, choices []share.Choice) []int {
	places := make([]int, len(choices))
	naming := map[share.Pin][]int{} // the choices that name a record
	for i, c := range choices {
		places[i] = -1
		for _, p := range c.Pins {
			if c.Subject == "" {
				naming[p] = append(naming[p], i)
			}
		}
	}
	if len(naming) == 0 {
		return places
	}
	for at := range o.Items {
		for _, p := range share.PinsOf(o.Items[at]) {
			for _, i := range naming[p] {
				if places[i] < 0 {
					places[i] = at
				}
			}
		}
	}
	return places
}
