package aggregator

import (
	"slices"
	"strings"
)

// foldLines makes one line of each set. Nothing of any of them is lost: every
// part, every conflict, every different instruction stays in sight, and the
// line stands in the most visible section that any of them had.
func (m *merger) foldLines(together *sets) {
	folded := make([]*line, 0, len(m.lines))
	into := map[*line]*line{}
	for _, members := range together.groups() {
		set := make([]*line, len(members))
		for i, at := range members {
			set[i] = m.lines[at]
		}
		slices.SortFunc(set, compareVisible)
		for _, l := range set[1:] {
			m.foldInto(set[0], l)
			into[l] = set[0]
		}
		folded = append(folded, set[0])
	}
	m.lines = folded
	for _, r := range m.rulings {
		for i, l := range r.lines {
			if lead := into[l]; lead != nil {
				r.lines[i] = lead
			}
		}
	}
}

// compareVisible puts first the line that speaks: the most visible one, a care
// provider's before the person's own.
func compareVisible(a, b *line) int {
	if c := sectionOrder(a.Section) - sectionOrder(b.Section); c != 0 {
		return c
	}
	if c := boolCompare(a.Own(), b.Own()); c != 0 {
		return c
	}
	return strings.Compare(a.key, b.key)
}

func (m *merger) foldInto(l, o *line) {
	offset := len(l.Parts)
	l.members = append(l.members, o.members...)
	l.Parts = append(l.Parts, o.Parts...)
	for _, j := range o.Joins {
		l.Joins = append(l.Joins, Join{j.A + offset, j.B + offset, j.Rule})
	}
	l.Joins = append(l.Joins, Join{0, offset, "own-decision"})
	for name, f := range o.Fields {
		f.Part += offset
		l.otherField(name, f)
	}
	for _, c := range o.Conflicts {
		l.conflict(c.Code, c.Text)
	}
	for text, others := range o.others {
		l.against(text, others...)
	}
	l.copyOf = append(l.copyOf, o.copyOf...)
	if l.Subject == "allergy" && l.Section == Active && o.Section != Active {
		l.conflict("C-ALG", m.texts.conflict["C-ALG"])
	}
	if o.Detail != "" && fold(o.Detail) != fold(l.Detail) {
		l.Detail = joinText(" / ", l.Detail, o.Detail)
		if _, ok := l.Value.(*Note); ok {
			l.Value = nil // the sections of one are not what is said now
		}
	}
	if o.key < l.key {
		l.key = o.key
	}
	l.aliases = append(l.aliases, o.aliases...)
	if l.groupKey == "" {
		l.groupKey, l.groupTitle, l.advice = o.groupKey, o.groupTitle, o.advice
	}
}

// otherField keeps what a joined line says of a field beside what is there.
func (l *line) otherField(name string, f Field) {
	if l.Fields == nil {
		l.Fields = map[string]Field{}
	}
	for n := name; ; n += "+" {
		old, taken := l.Fields[n]
		if !taken {
			l.Fields[n] = f
			return
		}
		if fold(old.Text) == fold(f.Text) {
			return
		}
	}
}

// askWhere marks what is new and would fit both sides of a separation.
func (m *merger) askWhere() {
	for _, l := range m.lines {
		if slices.ContainsFunc(l.members, func(e *entry) bool { return slices.Contains(m.loose, e) }) && !m.joined(l) {
			l.conflict("C-BELONGS", m.texts.conflict["C-BELONGS"])
		}
	}
}

func (m *merger) joined(l *line) bool {
	return slices.ContainsFunc(l.Joins, func(j Join) bool { return j.Rule == "own-decision" })
}
