package share

import (
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
)

// ballot is the choices of one recipient that are in force, by what they name,
// as places in Policy.Choices: for asking about tens of thousands of items where
// hundreds have a choice of their own.
type ballot struct {
	subjects []int         // for a subject
	items    map[Pin][]int // for an item, by each record that it names
}

// forMany is the policy for asking about many items at once. It is never given
// away: it does not see it when a choice is changed.
func (p Policy) forMany() Policy {
	p = p.Indexed()
	p.ballots = map[string]*ballot{}
	for i, c := range p.Choices {
		if !p.inForce(c) {
			continue
		}
		b := p.ballots[c.Recipient]
		if b == nil {
			b = &ballot{items: map[Pin][]int{}}
			p.ballots[c.Recipient] = b
		}
		if c.Subject != "" {
			b.subjects = append(b.subjects, i)
			continue
		}
		for _, pin := range c.Pins {
			b.items[pin] = append(b.items[pin], i)
		}
	}
	return p
}

// each gives the choices for a recipient that are in force, each once. Those for
// single items that name no record of this one may be left out.
func (p Policy) each(item aggregator.Item, recipient string, do func(Choice)) {
	if p.ballots == nil {
		for _, c := range p.Choices {
			if c.Recipient == recipient && p.inForce(c) {
				do(c)
			}
		}
		return
	}
	b := p.ballots[recipient]
	if b == nil {
		return
	}
	for _, i := range b.subjects {
		do(p.Choices[i])
	}
	if len(b.items) == 0 {
		return
	}
	var named []int
	anyPin(item, func(pin Pin) bool {
		for _, i := range b.items[pin] {
			if !slices.Contains(named, i) {
				named = append(named, i)
			}
		}
		return false
	})
	for _, i := range named {
		do(p.Choices[i])
	}
}
