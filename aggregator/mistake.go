package aggregator

import (
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

// saysMistake tells whether a record withdraws itself.
func saysMistake(n fhir.Node) bool {
	const eie = "entered-in-error"
	return n.Str("status") == eie || n.Str("docStatus") == eie || n.Get("verificationStatus").Coded().Code("") == eie ||
		statusCode(n, "verificationStatus", eie) != ""
}

// partMistakes takes what was entered in error out of a record that also holds
// statements which still stand. A mistake voids what has its identifier at the
// same provider, and the copies of that; it never voids what another provider
// says for itself (S8): that stays, marked C-EIE.
func partMistakes[T any](r *record[T]) []*record[T] {
	void, live := sortMistakes(r)
	if len(void) == 0 {
		return []*record[T]{r}
	}
	mistake := newRecord(void, r.level, r.collision)
	mistake.void = true
	// The withdrawal speaks, not a copy that does not know of it.
	for _, s := range void {
		if s.mistake && (!mistake.lead.mistake || compareLead(s.entry, mistake.lead.entry) < 0) {
			mistake.lead = s
		}
	}
	if len(live) == 0 {
		return []*record[T]{mistake}
	}
	standing := newRecord(live, r.level, r.collision)
	standing.mistaken = true
	return []*record[T]{mistake, standing}
}

func sortMistakes[T any](r *record[T]) (void, live []*statement[T]) {
	if !slices.ContainsFunc(r.members, func(s *statement[T]) bool { return s.mistake }) {
		return nil, r.members
	}
	for _, s := range r.members {
		if s.mistake || slices.ContainsFunc(r.members, func(v *statement[T]) bool { return v.mistake && voids(v, s) }) {
			void = append(void, s)
		} else {
			live = append(live, s)
		}
	}
	return void, live
}

// voids: s has the identifier of the mistake v, and is either a copy or of the
// same provider and no newer word on it.
func voids[T any](v, s *statement[T]) bool {
	if !shareID(v, s) {
		return false
	}
	newer := hasUpdated(v.Record) && hasUpdated(s.Record) && s.Updated.After(v.Updated)
	return s.copied && !v.copied || v.provider() == s.provider() && !newer
}

// raiseMistakes marks lines that still stand while another provider calls its
// own record of the same thing a mistake. Engines say what a line is about in
// its field about.
func (m *merger) raiseMistakes() {
	withdrawn := map[string][]*line{}
	for _, l := range m.lines {
		if l.about != "" && l.void {
			withdrawn[l.Subject+"|"+l.about] = append(withdrawn[l.Subject+"|"+l.about], l)
		}
	}
	for _, l := range m.lines {
		if l.void {
			continue
		}
		other := l.about != "" && slices.ContainsFunc(withdrawn[l.Subject+"|"+l.about], func(w *line) bool { return !shareSource(w, l) })
		said := slices.ContainsFunc(l.Conflicts, func(c Conflict) bool { return c.Code == "C-EIE" })
		if !said && (other || l.mistaken) {
			l.conflict("C-EIE", m.texts.conflict["C-EIE"])
		}
	}
}

func shareSource(a, b *line) bool {
	return slices.ContainsFunc(a.members, func(x *entry) bool {
		return slices.ContainsFunc(b.members, func(y *entry) bool { return x.provider() == y.provider() })
	})
}
