package aggregator

import "slices"

// markSeen makes smaller what the person dismissed, as long as nothing about
// it changed (merge.md 2.11, ALG-23).
func (m *merger) markSeen() {
	for _, r := range m.rulings {
		if r.Op != OpDismiss || r.state != StateApplied {
			continue
		}
		if !m.unchanged(r) {
			r.state = StateReturned
			continue
		}
		for _, l := range r.lines {
			for i := range l.Conflicts {
				l.Conflicts[i].Seen = l.Conflicts[i].Seen || l.Conflicts[i].Code == r.Code
			}
		}
	}
}

// unchanged tells whether a dismissed conflict is still between the same
// records, saying the same.
func (m *merger) unchanged(r *ruling) bool {
	for _, ref := range slices.Concat(r.A, r.B) {
		found := m.refs().find(ref)
		if len(found) == 0 || !slices.ContainsFunc(found, func(e *entry) bool { return m.lastingHash(e) == ref.Hash }) {
			return false
		}
	}
	known := slices.Concat(r.a, r.b)
	for _, l := range r.lines {
		for _, o := range m.lines {
			if o != l && !l.disagrees(o, r.Code) {
				continue
			}
			if slices.ContainsFunc(o.members, func(e *entry) bool { return !slices.Contains(known, e) }) {
				return false
			}
		}
	}
	return true
}

// disagrees tells whether two lines are in one conflict. The group of a result is
// its series: there only what it is compared with at that moment counts.
func (l *line) disagrees(o *line, code string) bool {
	if code == valueDiffers {
		return o != l && (l.isAgainst(o) || o.isAgainst(l))
	}
	return o != l && l.groupKey != "" && o.groupKey == l.groupKey && o.has(code)
}

// inConflict are a line and all that is in one conflict with it, also through
// others: what is seen of one is seen of all.
func (m *merger) inConflict(l *line, code string) []*line {
	found := []*line{l}
	for at := 0; at < len(found); at++ {
		for _, o := range m.lines {
			if found[at].disagrees(o, code) && !slices.Contains(found, o) {
				found = append(found, o)
			}
		}
	}
	return found
}

func (l *line) has(code string) bool {
	return slices.ContainsFunc(l.Conflicts, func(c Conflict) bool { return c.Code == code })
}
