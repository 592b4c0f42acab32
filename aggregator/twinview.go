package aggregator

import (
	"maps"
	"slices"
)

// against notes whose results the conflict with this text is with.
func (l *line) against(text string, others ...*entry) {
	if l.others == nil {
		l.others = map[string][]*entry{}
	}
	l.others[text] = append(l.others[text], others...)
}

// isAgainst tells whether a conflict of the line is with a result in the other.
func (l *line) isAgainst(o *line) bool {
	for _, others := range l.others {
		if slices.ContainsFunc(others, func(e *entry) bool { return slices.Contains(o.members, e) }) {
			return true
		}
	}
	return false
}

// nameOthers names in the conflicts of results the items that they are with,
// when every line has its id.
func (m *merger) nameOthers() {
	ids := map[*entry]string{}
	for _, l := range m.lines {
		for _, e := range l.members {
			if isObservation(e) {
				ids[e] = l.ID
			}
		}
	}
	for _, l := range m.lines {
		l.copies = l.idsOf(l.copyOf, ids)
		for i, c := range l.Conflicts {
			l.Conflicts[i].With = l.idsOf(l.others[c.Text], ids)
		}
	}
}

// idsOf are the ids of the other items that hold the records, each once, sorted.
func (l *line) idsOf(records []*entry, ids map[*entry]string) []string {
	var out []string
	for _, e := range records {
		if id := ids[e]; id != "" && id != l.ID {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// hideTwin takes away what an open result says about a closed one: that it is
// the same, or that it differs. One that is not named is closed when anything of
// its series and day is.
func (i *Item) hideTwin(closed map[string]bool) {
	if i.Section == Gated {
		return
	}
	day := closed[i.Group+"|"+i.When]
	i.Conflicts = withoutClosed(i.Conflicts, closed, day)
	shut := func(id string) bool { return closed[id] }
	if day || slices.ContainsFunc(i.copies, shut) {
		i.Fields = maps.Clone(i.Fields)
		delete(i.Fields, "possibleCopy")
	}
}

// withoutClosed are the conflicts that are left when what is closed is not there.
// What is still open can differ as before.
func withoutClosed(all []Conflict, closed map[string]bool, day bool) []Conflict {
	if !slices.ContainsFunc(all, func(c Conflict) bool { return c.Code == valueDiffers }) {
		return all
	}
	out := []Conflict{}
	for _, c := range all {
		if c.Code == valueDiffers {
			named := len(c.With) > 0
			c.With = slices.DeleteFunc(slices.Clone(c.With), func(id string) bool { return closed[id] })
			if len(c.With) == 0 && (named || day) {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}
