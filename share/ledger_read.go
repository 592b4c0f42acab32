package share

import (
	"slices"
	"time"
)

// Ledger is what was ever shared, with whom and how, oldest first.
type Ledger []Line

// ReadLedger reads lines in their canonical form and checks the chain: a
// *BrokenError names the first line that is wrong, and the lines before it are
// given with it.
//
// A chain proves that no line in it was changed, taken out or put in between.
// That none was taken off its end, the store proves with its seals.
func ReadLedger(lines [][]byte) (Ledger, error) {
	var all Ledger
	prev := hashedNothing
	for i, raw := range lines {
		l, err := ParseLine(raw)
		if err != nil || l.Number != uint64(i)+1 || l.Prev != prev {
			return all, &BrokenError{uint64(i) + 1}
		}
		all, prev = append(all, l), chainHash(raw)
	}
	return all, nil
}

// VerifyLedger is ReadLedger for who wants to know only whether it is whole.
func VerifyLedger(lines [][]byte) error {
	_, err := ReadLedger(lines)
	return err
}

// Of gives the lines about a recipient, oldest first.
func (g Ledger) Of(recipient string) Ledger {
	return g.where(func(l Line) bool { return l.To == recipient })
}

// Shared gives the lines that name a record, oldest first: who may see it, and
// who got it.
func (g Ledger) Shared(pin Pin) Ledger {
	return g.where(func(l Line) bool {
		return slices.Contains(l.Pins, pin) || slices.ContainsFunc(l.Outcomes, func(r Outcome) bool { return r.Pin == pin })
	})
}

// Left tells of every record that left, or may have, to whom it first went and
// when, in the order of the ledger. What was only chosen or previewed is not in
// it, nor what a provider refused or never got.
func (g Ledger) Left() []Leaving {
	type key struct {
		to  string
		pin Pin
	}
	var all []Leaving
	gone := map[key]bool{}
	under := map[key]bool{} // sent, and nothing was heard of it yet
	note := func(l Line, pin Pin) {
		if k := (key{l.To, pin}); !gone[k] {
			gone[k] = true
			all = append(all, Leaving{l.To, pin, l.At, l.How})
		}
	}
	for _, l := range g {
		for _, pin := range l.Pins {
			switch l.Act {
			case ActExport, ActPublish:
				note(l, pin)
			case ActSend:
				under[key{l.To, pin}] = true
			}
		}
		for _, o := range l.Outcomes {
			delete(under, key{l.To, o.Pin})
			if o.Code != Refused && o.Code != Failed {
				note(l, o.Pin)
			}
		}
	}
	for _, l := range g {
		for _, pin := range l.Pins {
			if l.Act == ActSend && under[key{l.To, pin}] {
				note(l, pin)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Leaving) int { return a.At.Compare(b.At) })
	return all
}

// Leaving is that a record went to somebody.
type Leaving struct {
	Recipient string
	Pin       Pin
	At        time.Time
	How       string
}

func (g Ledger) where(holds func(Line) bool) Ledger {
	var all Ledger
	for _, l := range g {
		if holds(l) {
			all = append(all, l)
		}
	}
	return all
}
