package share

import (
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
)

// What leaving something out may mean. The recipient is never told; the person
// is (product.md 6.10, EHDS 8). The words belong to whoever shows the code.
const (
	// MissesDifference: sources differ about a line that is shared, and the
	// recipient reads one side only.
	MissesDifference = "S-DIFFERENCE"
	// MissesAllergies: medicines are shared and not all allergies.
	MissesAllergies = "S-ALLERGIES"
	// MissesMedicines: some medicines are shared and others in use are not.
	MissesMedicines = "S-MEDICINES"
	// MissesUnseen: results that the person does not see yet stay out.
	MissesUnseen = "S-UNSEEN"
	// SharesUnseen: results leave that the person does not see.
	SharesUnseen = "S-UNSEEN-SHARED"
	// MissesDelicate: what is marked as restricted or is about relatives needs
	// a choice of its own and stays out.
	MissesDelicate = "S-DELICATE"
	// MissesDoubt: it is not certain what these records are, so they stay out.
	MissesDoubt = "S-DOUBT"
	// MissesNew: these came after the choice for their subject and stay out.
	MissesNew = "S-NEW"
	// MissesJoined: something joined these, so they ask again and stay out.
	MissesJoined = "S-ASK"
)

// Consequence is one thing for the person to know, with the items it is about
// in the order of the overview.
type Consequence struct {
	Code  string
	Items []string // ids
}

// Consequences tells the person what the recipient misses, as far as it may
// matter, most grave first. Nothing is told of a recipient with whom nothing is
// shared.
func (p Policy) Consequences(view *aggregator.Overview, recipient string) []Consequence {
	p = p.forMany()
	t := tally{policy: p, recipient: recipient, whole: p.whole(view, recipient), asked: map[string]bool{}, given: map[string]bool{}, found: map[string][]string{}}
	for _, item := range view.Items {
		t.given[item.Subject] = t.given[item.Subject] || p.Allows(item, recipient)
		if _, known := t.asked[item.Subject]; !known {
			t.asked[item.Subject] = p.asked(item.Subject, recipient)
		}
	}
	for _, item := range view.Items {
		for _, code := range t.codes(item) {
			t.found[code] = append(t.found[code], item.ID)
		}
	}
	var all []Consequence
	for _, code := range [...]string{
		MissesAllergies, MissesDifference, MissesMedicines, MissesUnseen, SharesUnseen, MissesJoined, MissesNew, MissesDelicate, MissesDoubt,
	} {
		if ids := t.found[code]; len(ids) > 0 {
			all = append(all, Consequence{code, ids})
		}
	}
	return all
}

// tally collects the codes of one recipient.
type tally struct {
	policy       Policy
	recipient    string
	whole        map[string]bool // subjects of which they see all
	given, asked map[string]bool // subjects of which they see something, or were chosen whole
	found        map[string][]string
}

// asked tells whether a permit in force is for the whole subject.
func (p Policy) asked(subject, recipient string) bool {
	return slices.ContainsFunc(p.Choices, func(c Choice) bool {
		return c.Recipient == recipient && c.Subject == subject && c.Permit && p.inForce(c)
	})
}

// codes are those of one item.
func (t tally) codes(item aggregator.Item) []string {
	if t.policy.Allows(item, t.recipient) {
		return t.ofShared(item)
	}
	if from(item, t.recipient) {
		return nil // they said so themselves
	}
	var codes []string
	if inUse(item) && item.Subject == "allergy" && t.given["medication"] {
		codes = append(codes, MissesAllergies)
	}
	if inUse(item) && item.Subject == "medication" && t.given["medication"] {
		codes = append(codes, MissesMedicines)
	}
	if code := t.reason(item); code != "" {
		codes = append(codes, code)
	}
	return codes
}

// ofShared tells what is missing of a line that is there.
func (t tally) ofShared(item aggregator.Item) []string {
	if item.Section == aggregator.Gated {
		return []string{SharesUnseen}
	}
	for _, c := range item.Conflicts {
		if (c.IsDifference() || c.Code == "C-ALLERGY") && !mayTell(c, item.Subject, t.whole) {
			return []string{MissesDifference}
		}
	}
	return nil
}

// reason is why an item stays out although something of its subject is shared;
// empty when the person just did not choose it.
func (t tally) reason(item aggregator.Item) string {
	chosen := t.asked[item.Subject]
	switch {
	case item.Section == aggregator.History:
		return "" // withdrawn: nobody misses it
	case item.Section == aggregator.Gated && (chosen || t.given[item.Subject]):
		return MissesUnseen
	case item.Section == aggregator.Gated:
		return ""
	case len(t.policy.joined(item, t.recipient)) > 0:
		return MissesJoined
	case !chosen || t.refused(item):
		return ""
	case doubtful(item):
		return MissesDoubt
	case delicate(item):
		return MissesDelicate
	}
	return MissesNew
}

// refused tells whether the person said no to just this item.
func (t tally) refused(item aggregator.Item) bool {
	onItem, _ := t.policy.weigh(item, t.recipient, false)
	return onItem.no > 0
}

// inUse tells of a medicine or an allergy whether it counts now.
func inUse(item aggregator.Item) bool {
	switch item.Section {
	case aggregator.Current, aggregator.Paused, aggregator.Unclear, aggregator.Active:
		return true
	}
	return false
}
