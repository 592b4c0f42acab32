package aggregator

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// DecisionState is a decision and what became of it in this overview.
type DecisionState struct {
	Seq    int       `json:"seq"`
	Op     Op        `json:"op"`
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"`
	Note   string    `json:"note,omitempty"`
	State  string    `json:"state"`            // one of the States
	Reason string    `json:"reason,omitempty"` // why it is suspended or not applied: a code of Refused
	Text   string    `json:"text"`             // both, in words
	Items  []string  `json:"items"`            // ids of the items it is about now
	Undoes int       `json:"undoes,omitempty"` // Seq of the decision that an undo takes back
}

// The states of a decision.
const (
	StateApplied   = "applied"
	StateUndone    = "undone"    // taken back
	StateOlder     = "older"     // a later decision about the same records counts
	StateDormant   = "dormant"   // a record it is about is not here; it revives when that returns
	StateSuspended = "suspended" // the records changed so that it would be refused now
	StateRefused   = "refused"   // it would connect what the person keeps apart, or cannot tell which record is meant
	StateChanged   = "changed"   // applied, but the records changed since
	StateReturned  = "returned"  // a dismissed conflict is back, since its records changed
)

// ruling is a decision that is looked at in one run, with the records it
// stands for now.
type ruling struct {
	Decision
	a, b   []*entry
	state  string
	reason string
	lines  []*line
}

// rule reads the rules and decisions of the person; they are resolved once it is known which records
// there are.
func (m *merger) rule() {
	m.gates = gates(m.entries)
	all := readDecisions(m.entries)
	if m.UntilDecision > 0 {
		all = slices.DeleteFunc(all, func(d Decision) bool { return d.Seq > m.UntilDecision })
	}
	gone := undone(all)
	for _, d := range all {
		r := &ruling{Decision: d, state: StateApplied}
		if gone[d.Seq] {
			r.state = StateUndone
		}
		m.rulings = append(m.rulings, r)
	}
}

// resolve finds the records that the decisions are about, and which of the
// decisions count. Of one that was undone the records are still told.
func (m *merger) resolve() {
	m.resolveAnswers()
	for _, r := range m.rulings {
		if r.Op == OpUndo || r.Op == OpAccept || r.Op == OpDeny {
			continue
		}
		r.a, r.b = m.findAll(r.A), m.findAll(r.B)
		if r.state == StateUndone {
			continue
		}
		if len(r.a) == 0 || (len(r.b) == 0 && r.Op != OpDismiss) {
			r.state = StateDormant
		}
	}
	for i, r := range m.rulings {
		if r.links() && slices.ContainsFunc(m.rulings[i+1:], r.samePair) {
			r.state = StateOlder
		}
	}
	for _, r := range m.rulings {
		if r.state == StateApplied && r.Op == OpSeparate {
			m.cuts = append(m.cuts, r)
		}
	}
}

func (m *merger) findAll(refs []StableRef) []*entry {
	var all []*entry
	for _, ref := range refs {
		all = append(all, m.refs().find(ref)...)
	}
	slices.SortFunc(all, compareEntries)
	return slices.Compact(all)
}

// links tells whether the decision is about keeping records together or apart.
func (r *ruling) links() bool {
	return r.state == StateApplied && (r.Op == OpJoin || r.Op == OpConfirm || r.Op == OpSeparate)
}

// samePair tells whether o is about the same two sides: then the latest counts.
func (r *ruling) samePair(o *ruling) bool {
	return o.links() && (slices.Equal(r.a, o.a) && slices.Equal(r.b, o.b) || slices.Equal(r.a, o.b) && slices.Equal(r.b, o.a))
}

// covers tells whether x is on one side and y on the other.
func (r *ruling) covers(x, y *entry) bool {
	return slices.Contains(r.a, x) && slices.Contains(r.b, y) || slices.Contains(r.a, y) && slices.Contains(r.b, x)
}

// apart tells whether the person keeps two records off one line: for a pair the
// latest decision counts.
func (m *merger) apart(x, y *entry) bool {
	if len(m.cuts) == 0 {
		return false
	}
	apart := false
	for _, r := range m.rulings {
		if r.links() && r.covers(x, y) {
			apart = r.Op == OpSeparate
		}
	}
	return apart
}

func (m *merger) anyApart(a, b []*entry) bool {
	for _, x := range a {
		if slices.ContainsFunc(b, func(y *entry) bool { return m.apart(x, y) }) {
			return true
		}
	}
	return false
}

// divide cuts what a rule would put on one line where the person keeps records
// apart. What they decided about stays with what it was not separated from;
// what is new, and would fit both sides, goes to neither (merge.md 7). Without
// such a decision it gives all of them as one.
func divide[T any](m *merger, things []T, entries func(T) []*entry) [][]T {
	if len(m.cuts) == 0 || len(things) < 2 {
		return [][]T{things}
	}
	named := make([]bool, len(things))
	for i, x := range things {
		for j, y := range things {
			named[i] = named[i] || i != j && m.anyApart(entries(x), entries(y))
		}
	}
	if !slices.Contains(named, true) {
		return [][]T{things}
	}
	sides := newSets(len(things))
	for i := range things {
		for j := range i {
			if named[i] && named[j] && !m.anyApart(entries(things[i]), entries(things[j])) {
				sides.join(i, j)
			}
		}
	}
	var out [][]T
	for _, members := range sides.groups() {
		part := make([]T, len(members))
		for i, at := range members {
			part[i] = things[at]
			if !named[at] {
				m.loose = append(m.loose, entries(things[at])...)
			}
		}
		out = append(out, loosened(m, part, entries)...)
	}
	return out
}

// loosened takes a side apart altogether when the decisions do not agree on it.
func loosened[T any](m *merger, side []T, entries func(T) []*entry) [][]T {
	for i, x := range side {
		for _, y := range side[:i] {
			if m.anyApart(entries(x), entries(y)) {
				var out [][]T
				for _, z := range side {
					out = append(out, []T{z})
				}
				return out
			}
		}
	}
	return [][]T{side}
}

// entriesOf are the records that are one.
func entriesOf[T any](r *record[T]) []*entry {
	all := make([]*entry, len(r.members))
	for i, s := range r.members {
		all[i] = s.entry
	}
	return all
}

// acceptedPatient tells whether the person said of this Patient, as it is now:
// this is me (merge.md S15).
func (m *merger) acceptedPatient(e *entry) bool { return m.wordOn(e) == OpAccept }

// decisionStates tells what became of every decision.
func (m *merger) decisionStates() []DecisionState {
	out := []DecisionState{}
	for _, r := range m.rulings {
		s := DecisionState{Seq: r.Seq, Op: r.Op, At: r.At, By: r.By, Note: r.Note, State: r.state, Reason: r.reason, Items: []string{}, Undoes: r.Undoes}
		for _, l := range r.lines {
			if !slices.Contains(s.Items, l.ID) {
				s.Items = append(s.Items, l.ID)
			}
		}
		slices.Sort(s.Items)
		s.Text = joinText(": ", m.texts.ops[r.Op], joinText(" ", m.texts.states[r.state], m.texts.refusals[r.reason]))
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b DecisionState) int { return cmp.Compare(a.Seq, b.Seq) })
	return out
}

// factWords puts what changed into words: "dosering: eerst X, nu Y".
func (m *merger) factWords(changed []Fact) string {
	var all []string
	for _, f := range changed {
		all = append(all, m.texts.fieldName(f.Name)+": "+joinText(" → ", firstNonEmpty(f.Key, "?"), firstNonEmpty(f.Words, "?")))
	}
	return strings.Join(all, "; ")
}
