package aggregator

import (
	"errors"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// ErrRefused is what every *Refused is.
var ErrRefused = errors.New("these cannot be joined")

// Refused tells why two items cannot be put on one line.
type Refused struct{ Reason string }

// The reasons of Refused.
const (
	RefuseSubject  = "other-subject"
	RefuseProduct  = "other-product"
	RefuseRoute    = "other-route"
	RefuseAsNeeded = "as-needed" // as needed with at fixed times
	RefuseAgent    = "other-agent"
	RefuseValue    = "other-value"  // or another test, or another moment
	RefuseUnlike   = "unlike"       // the app does not put them side by side
	RefuseApart    = "apart"        // it would connect what was separated
	RefuseUnsure   = "which-record" // it is not clear any more which record is meant
)

// Error implements error; the reason is a code, not health data.
func (r *Refused) Error() string { return ErrRefused.Error() + ": " + r.Reason }

// Words is the reason in words, "nl" or "en".
func (r *Refused) Words(lang string) string { return textsFor(lang).refusals[r.Reason] }

// Unwrap makes it an [ErrRefused].
func (r *Refused) Unwrap() error { return ErrRefused }

// mayJoin gives the reason why the person cannot join two lines; empty when
// they can (merge.md 7). Decisions that exist are held to it on every run.
func (m *merger) mayJoin(a, b *line) string {
	switch {
	case a.Subject != b.Subject:
		return RefuseSubject
	case a.Subject == "medication":
		if reason := m.otherMedicine(a, b); reason != "" {
			return reason
		}
	case a.Subject == "allergy":
		if m.otherAgent(a, b) {
			return RefuseAgent
		}
	case a.Subject == "lab" || a.Subject == "vital":
		if otherResult(a, b) {
			return RefuseValue
		}
	}
	if a.groupKey != "" && a.groupKey == b.groupKey || m.ownBeside(a, b) {
		return ""
	}
	return RefuseUnlike
}

// mostJoinable bounds the pairs of a group that are looked at.
const mostJoinable = 12

// joinable are the ids of the lines of a group that can be joined with another.
func (m *merger) joinable(key string, lines []*line) []string {
	var ids []string
	if isSeries(key) || len(lines) > mostJoinable {
		return nil
	}
	for _, a := range lines {
		for _, b := range lines {
			if a != b && !a.isAnswer() && !b.isAnswer() && m.mayJoin(a, b) == "" && !m.anyApart(a.members, b.members) {
				ids = append(ids, a.ID)
				break
			}
		}
	}
	return ids
}

// ownBeside: what the person added may join anything with the same substance
// or agent, also when the app did not put them side by side.
func (m *merger) ownBeside(a, b *line) bool {
	if !a.Own() && !b.Own() {
		return false
	}
	for _, x := range a.members {
		for _, y := range b.members {
			switch a.Subject {
			case "medication":
				if m.productOf(x).sameSubstance(m.productOf(y)) {
					return true
				}
			case "allergy":
				if fold(x.node().Get("code").Coded().Display()) == fold(y.node().Get("code").Coded().Display()) {
					return true
				}
			}
		}
	}
	return false
}

// otherMedicine: what codes prove different is never one line, whoever asks
// (merge.md S5); nor as-needed with scheduled use, nor another route.
func (m *merger) otherMedicine(a, b *line) string {
	for _, x := range a.members {
		p, d := m.productOf(x), dosageOf(x)
		for _, y := range b.members {
			q, e := m.productOf(y), dosageOf(y)
			switch {
			case p.differs(q) || differentSubstance(p, q):
				return RefuseProduct
			case p.route != "" && q.route != "" && p.route != q.route:
				return RefuseRoute
			case d.AsNeeded() != e.AsNeeded() && d.Key() != "" && e.Key() != "":
				return RefuseAsNeeded
			}
		}
	}
	return ""
}

// dosageOf is how a medicine is to be used; nothing for any other record.
func dosageOf(e *entry) fhir.Dosage {
	if said, ok := first(e.read()).(*clinical.Medication); ok {
		return said.Dosage
	}
	return fhir.Dosage{}
}

// differentSubstance: names or ingredients that are known on both sides and
// are not the same.
func differentSubstance(p, q product) bool {
	known := len(p.ingredients) > 0 && len(q.ingredients) > 0 || p.substance() != "" && q.substance() != ""
	sameCode := p.strict() != "" && p.strict() == q.strict() || p.prk != "" && p.prk == q.prk || p.gpk != "" && p.gpk == q.gpk
	return known && !sameCode && !p.sameSubstance(q)
}

// otherAgent: a "none known" is no agent, so it joins nothing.
func (m *merger) otherAgent(a, b *line) bool {
	for _, x := range a.members {
		c := allergyOf(x).Code
		agent, known := m.agentOf(c)
		for _, y := range b.members {
			d := allergyOf(y).Code
			other, also := m.agentOf(d)
			if noneKnown(c) != "" || noneKnown(d) != "" || known && also && agent.To(other) != SameAgent {
				return true
			}
		}
	}
	return false
}

func otherResult(a, b *line) bool {
	v, ok := a.Value.(*Result)
	w, also := b.Value.(*Result)
	if !ok || !also || v.Series != w.Series || a.When == "" || a.When != b.When || !sameTime(v.At, w.At) {
		return true
	}
	if v.Quantity.IsZero() != w.Quantity.IsZero() {
		return true
	}
	if v.Quantity.IsZero() {
		return fold(v.Text) != fold(w.Text)
	}
	return !fhir.EqualValue(v.Quantity, w.Quantity)
}

func sameTime(a, b fhir.Date) bool {
	exact := a.Precision() >= fhir.PrecisionMinute && b.Precision() >= fhir.PrecisionMinute
	return !exact || minute(a) == minute(b)
}

// joinDecided puts lines together where the person says so: in order of
// deciding, skipping what would connect what they keep apart.
func (m *merger) joinDecided() {
	if len(m.rulings) == 0 {
		return
	}
	at := map[*entry]int{}
	for i, l := range m.lines {
		for _, e := range l.members {
			at[e] = i
		}
	}
	together := newUnion(len(m.lines))
	for _, r := range m.rulings {
		m.note(r, at)
		if r.links() && r.Op != OpSeparate {
			m.joinOne(r, at, together)
		}
	}
	m.foldLines(together.sets)
}

// union is sets of lines with their members at hand.
type union struct {
	*sets
	members map[int][]int // by root, of sets of more than one
}

func newUnion(n int) *union { return &union{newSets(n), map[int][]int{}} }

func (u *union) of(i int) []int {
	if all := u.members[u.find(i)]; all != nil {
		return all
	}
	return []int{i}
}

func (u *union) join(i, j int) {
	if u.find(i) == u.find(j) {
		return
	}
	all := slices.Concat(u.of(i), u.of(j))
	u.sets.join(i, j)
	u.members[u.find(i)] = all
}

// note remembers which lines a decision is about.
func (m *merger) note(r *ruling, at map[*entry]int) {
	for _, e := range slices.Concat(r.a, r.b) {
		if i, ok := at[e]; ok && !slices.Contains(r.lines, m.lines[i]) {
			r.lines = append(r.lines, m.lines[i])
		}
	}
}

// joinOne puts all lines of a decision together, or none of them.
func (m *merger) joinOne(r *ruling, at map[*entry]int, together *union) {
	if len(r.lines) == 0 {
		r.state = StateDormant
		return
	}
	if m.ambiguous(r, at) {
		r.state, r.reason = StateRefused, RefuseUnsure
		return
	}
	for i, l := range r.lines {
		for _, o := range r.lines[:i] {
			reason := m.mayUnite(together, at[l.members[0]], at[o.members[0]])
			if reason == RefuseApart {
				r.state, r.reason = StateRefused, reason
				return
			}
			r.reason = firstNonEmpty(r.reason, reason)
		}
	}
	if r.reason != "" {
		r.state = StateSuspended
		for _, l := range r.lines {
			l.conflict("C-JOIN-SUSPENDED", joinText(" ", m.texts.conflict["C-JOIN-SUSPENDED"], m.texts.refusals[r.reason]))
		}
		return
	}
	for _, l := range r.lines[1:] {
		together.join(at[l.members[0]], at[r.lines[0].members[0]])
	}
	m.noteChanges(r)
}

// ambiguous tells whether one name stands for records on several lines.
func (m *merger) ambiguous(r *ruling, at map[*entry]int) bool {
	for _, ref := range slices.Concat(r.A, r.B) {
		found := m.refs().find(ref)
		for _, e := range found {
			if at[e] != at[found[0]] {
				return true
			}
		}
	}
	return false
}

// mayUnite checks every pair of lines of the two sets; a separation weighs
// more than any other reason.
func (m *merger) mayUnite(together *union, i, j int) (reason string) {
	if together.find(i) == together.find(j) {
		return ""
	}
	for _, a := range together.of(i) {
		for _, b := range together.of(j) {
			if m.anyApart(m.lines[a].members, m.lines[b].members) {
				return RefuseApart
			}
			reason = firstNonEmpty(reason, m.mayJoin(m.lines[a], m.lines[b]))
		}
	}
	return reason
}

// noteChanges shows what changed since the person joined.
func (m *merger) noteChanges(r *ruling) {
	var changed []Fact
	for _, ref := range slices.Concat(r.A, r.B) {
		if now := m.refs().find(ref); len(now) > 0 {
			changed = append(changed, differing(ref.Facts, m.facts(now[0]))...)
		}
	}
	if len(changed) == 0 {
		return
	}
	r.state = StateChanged
	text := m.texts.conflict["C-JOIN-CHANGED"] + " " + m.factWords(changed)
	for _, l := range r.lines {
		l.conflict("C-JOIN-CHANGED", text)
	}
}
