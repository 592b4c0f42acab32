package aggregator

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Why a decision cannot be made, beside *Refused.
var (
	ErrNoItem     = errors.New("no such item or part")
	ErrTogether   = errors.New("they are on one line already")
	ErrSameRecord = errors.New("they are copies of one record")
	ErrNoConflict = errors.New("the item has no such conflict")
	ErrNoDecision = errors.New("no such decision that counts")
	ErrGated      = errors.New("the person chose not to see this yet")
	ErrNoStranger = errors.New("nothing of this source waits for the person")
)

// Decider makes decisions about the items of one overview. It is not safe for
// concurrent use. What it gives is stored as it is: nothing changes before.
type Decider struct {
	m   *merger
	o   *Overview
	now time.Time
	by  string
}

// Decider looks at the statements as Merge does. now is when the person
// decides; by is who decides for them, empty for the person.
func (s *Statements) Decider(in Input, now time.Time, by string) (*Decider, error) {
	if in.AsOf.IsZero() {
		return nil, ErrNoMoment
	}
	m := newMerger(s, in)
	return &Decider{m, m.run().View(Viewer{At: now}), now, by}, nil
}

func (d *Decider) decision(op Op) Decision {
	seq := 0
	for _, r := range d.m.rulings {
		seq = max(seq, r.Seq)
	}
	return Decision{Seq: seq + 1, Op: op, At: d.now, By: d.by}
}

// line finds the line of an item, and the part that "ITEM#2" names, -1 for none.
func (d *Decider) line(id string) (*line, int, error) {
	id, number, hasPart := strings.Cut(id, "#")
	item, ok := d.o.Find(id)
	if !ok {
		return nil, 0, ErrNoItem
	}
	if item.Section == Gated {
		return nil, 0, ErrGated
	}
	l := d.lineOf(item)
	if l == nil {
		return nil, 0, ErrNoItem
	}
	if !hasPart {
		return l, -1, nil
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(l.members) {
		return nil, 0, ErrNoItem
	}
	return l, n - 1, nil
}

func (d *Decider) lineOf(item Item) *line {
	i := slices.IndexFunc(d.m.lines, func(l *line) bool { return l.ID == item.ID })
	if i < 0 {
		return nil
	}
	return d.m.lines[i]
}

func (d *Decider) refs(l *line, of []*entry) []StableRef {
	refs := make([]StableRef, len(of))
	for i, e := range of {
		refs[i] = d.m.refTo(e, l.Subject)
	}
	return refs
}

// Join puts two items on one line. The error is ErrNoItem, ErrTogether or a
// *Refused.
func (d *Decider) Join(a, b string) (Decision, error) {
	x, _, err := d.line(a)
	if err != nil {
		return Decision{}, err
	}
	y, _, err := d.line(b)
	switch {
	case err != nil:
		return Decision{}, err
	case x == y:
		return Decision{}, ErrTogether
	}
	if reason := d.m.mayJoin(x, y); reason != "" {
		return Decision{}, &Refused{reason}
	}
	out := d.decision(OpJoin)
	out.A, out.B = d.refs(x, x.members), d.refs(y, y.members)
	return out, nil
}

// Separate keeps two items, or parts of one, off one line for good. A part is
// "ITEM#2", counted as in Explain; the item itself then stands for the rest of
// it. Copies of one record cannot be separated: ErrSameRecord.
func (d *Decider) Separate(a, b string) (Decision, error) {
	x, part, err := d.line(a)
	if err != nil {
		return Decision{}, err
	}
	y, other, err := d.line(b)
	switch {
	case err != nil:
		return Decision{}, err
	case x == y && part < 0 && other < 0:
		return Decision{}, ErrNoItem
	}
	left, right := x.recordOf(part), y.recordOf(other)
	if x == y && part < 0 {
		left = without(left, right)
	} else if x == y && other < 0 {
		right = without(right, left)
	}
	if len(left) == 0 || len(right) == 0 || slices.ContainsFunc(left, func(e *entry) bool { return slices.Contains(right, e) }) {
		return Decision{}, ErrSameRecord
	}
	out := d.decision(OpSeparate)
	out.A, out.B = d.refs(x, left), d.refs(y, right)
	return out, nil
}

func without(all, some []*entry) []*entry {
	return slices.DeleteFunc(slices.Clone(all), func(e *entry) bool { return slices.Contains(some, e) })
}

// recordOf gives the members that are one record with member i, by exact keys;
// all members for -1.
func (l *line) recordOf(i int) []*entry {
	if i < 0 {
		return l.members
	}
	same := sameRecords(l.Joins, len(l.members))
	var all []*entry
	for k, e := range l.members {
		if same.find(k) == same.find(i) {
			all = append(all, e)
		}
	}
	return all
}

// sameRecords are the parts, from 0 to n, that exact keys say are one record.
func sameRecords(joins []Join, n int) *sets {
	same := newSets(n)
	for _, j := range joins {
		if j.A < n && j.B < n && slices.Contains(levelRules[1:], j.Rule) {
			same.join(j.A, j.B)
		}
	}
	return same
}

// Separable tells whether the person can take a part, counted from 0, off the
// item: not when the part only supports another, and not when every other part
// is a copy of it. [Decider.Separate] has the last word.
func (i Item) Separable(part int) bool {
	if part < 0 || part >= len(i.Parts) || isSupport(i.Parts[part].Role) {
		return false
	}
	same := sameRecords(i.Joins, len(i.Parts))
	for k, p := range i.Parts {
		if !isSupport(p.Role) && same.find(k) != same.find(part) {
			return true
		}
	}
	return false
}

// ConfirmSame says once more, or of what the app joined by itself, that an item
// is one thing: what its parts say now is what later changes are held against.
func (d *Decider) ConfirmSame(id string) (Decision, error) {
	l, _, err := d.line(id)
	if err != nil {
		return Decision{}, err
	}
	first := l.recordOf(0)
	rest := without(l.members, first)
	if len(rest) == 0 {
		return Decision{}, ErrSameRecord
	}
	out := d.decision(OpConfirm)
	out.A, out.B = d.refs(l, first), d.refs(l, rest)
	for _, r := range d.m.rulings {
		// The same two sides as before, so that this is the latest word on them.
		if r.state == StateChanged && len(r.lines) == 1 && r.lines[0] == l {
			out.A, out.B = d.refs(l, r.a), d.refs(l, r.b)
		}
	}
	return out, nil
}

// Dismiss notes that the person saw a conflict of an item. It stays in sight,
// smaller, and is back as soon as something in it changes.
func (d *Decider) Dismiss(id, code string) (Decision, error) {
	l, _, err := d.line(id)
	if err != nil {
		return Decision{}, err
	}
	if !l.has(code) {
		return Decision{}, ErrNoConflict
	}
	out := d.decision(OpDismiss)
	out.Code, out.A = code, d.refs(l, l.members)
	for _, o := range d.m.inConflict(l, code)[1:] {
		out.B = append(out.B, d.refs(o, o.members)...)
	}
	return out, nil
}

// Undo takes back a decision, which may itself be an undo. The state is as it
// was before; the list of decisions is longer.
func (d *Decider) Undo(seq int) (Decision, error) {
	i := slices.IndexFunc(d.m.rulings, func(r *ruling) bool { return r.Seq == seq })
	if i < 0 || d.m.rulings[i].state == StateUndone {
		return Decision{}, ErrNoDecision
	}
	out := d.decision(OpUndo)
	out.Undoes = seq
	return out, nil
}

// Wait says when the person wants to see an item: WaitNot opens it. It gives
// the rule, which is the record of that choice.
func (d *Decider) Wait(id string, rule GateRule) (GateRule, error) {
	item, ok := d.o.Find(id)
	if !ok {
		return rule, ErrNoItem
	}
	l := d.lineOf(item)
	if l == nil {
		return rule, ErrNoItem
	}
	rule.Kind, rule.Source, rule.At = "", "", d.now
	for _, e := range l.members {
		// The rule keeps no word of what the record says.
		ref := d.m.refTo(e, l.Subject)
		ref.Facts = nil
		rule.Records = append(rule.Records, ref)
	}
	return rule, nil
}

// Accept says that the Patients of a source who differ from the person are the
// person: what waits in quarantine comes into the overview. A Patient that
// changes waits again.
func (d *Decider) Accept(source string) (Decision, error) { return d.identity(OpAccept, source) }
