package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// labLines is the engine of the subject lab (merge.md 4): one line per result,
// grouped in series of comparable results.
func labLines(m *merger, entries []*entry) []*line {
	records := m.observations(entries)
	var lines []*line
	for _, r := range records {
		l := m.resultLine(r)
		o := r.lead.val
		l.Title = firstNonEmpty(o.analyte.name, o.code.Display(), m.texts.unknownResult)
		l.groupTitle = l.Title
		v := l.Value.(*Result)
		v.Name = l.Title
		if o.members == 0 {
			l.groupKey = seriesPrefix + seriesOf(o)
			v.Series = groupID(l.groupKey)
		}
		m.checkCode(l, o)
		lines = append(lines, l)
	}
	m.findTwins(records, lines)
	return lines
}

func (m *merger) observations(entries []*entry) []*obsRecord {
	var all []*obsStatement
	for _, e := range entries {
		all = append(all, m.readObservation(e))
	}
	return identify(all, sameObservation)
}

// resultLine is what lab results and measurements have in common.
func (m *merger) resultLine(r *obsRecord) *line {
	l := single(r)
	o := r.lead.val
	v := &Result{
		Quantity: o.quantity, Text: o.words(m.Lang), Low: o.low, High: o.high, RangeText: o.rangeTxt,
		At: o.at, Status: o.status, Lab: o.lab, Own: r.lead.Origin.IsSelf(), Note: o.note,
		Requester: m.requester(r.lead.entry),
	}
	v.Flag, v.Computed = o.flagged()
	_, number := o.quantity.Rat()
	v.Plottable = number && o.quantity.Comparator == "" && !o.at.IsZero() && !o.odd
	v.Corrected = corrected(r)
	l.Value, l.Section = v, Found
	l.Detail = v.Text
	l.When, l.Author = o.at.Day(), o.lab
	l.sortKey = newestFirst(o.at) + fold(o.code.Display())
	l.field("value", v.Text, r.lead.entry)
	l.field("range", m.texts.rangeWords(o, m.Lang), r.lead.entry)
	if o.members > 0 && v.Text == "" {
		l.Detail = m.texts.panel(o.members)
	}
	m.resultConflicts(l, r)
	return l
}

func (m *merger) resultConflicts(l *line, r *obsRecord) {
	o := r.lead.val
	if o.status == "cancelled" || o.status == "entered-in-error" {
		l.Section = History
	}
	if o.isNoResult() || l.Section == History {
		l.Value.(*Result).Plottable = false
	}
	if r.collision {
		l.conflict("C-COLLISION", m.texts.conflict["C-COLLISION"])
	}
	if o.odd {
		l.conflict("C-MODIFIER", m.texts.conflict["C-MODIFIER"])
	}
	for _, s := range r.members {
		if s != r.lead && s.val.valueText() != "" && !sameValue(s.val, o) {
			l.conflict("C-COPY", m.texts.conflict["C-COPY"])
		}
	}
}

func sameValue(a, b *observation) bool {
	if !a.quantity.IsZero() && !b.quantity.IsZero() {
		return fhir.EqualValue(a.quantity, b.quantity)
	}
	return a.valueText() == b.valueText()
}

// corrected gives the value that an earlier version of the same result had.
func corrected(r *obsRecord) string {
	for _, s := range r.members {
		for i := len(s.older) - 1; i >= 0; i-- {
			var before observation
			before.readValue(s.older[i].Shown().Node())
			if text := before.quantity.Value; text != "" && text != s.val.quantity.Value {
				return text
			}
		}
	}
	return ""
}

// requester is who asked for the test and will discuss it.
func (m *merger) requester(e *entry) string {
	for _, r := range e.node.References("basedOn") {
		n := m.book.node(e, r)
		for _, who := range [...]fhir.Reference{n.Get("requester", "agent").Reference(), n.Get("requester").Reference()} {
			if name := m.book.who(e, who); name != "" {
				return name
			}
		}
	}
	return ""
}

// seriesOf is the key of results that may be compared: same analyte, same
// material, units of one kind (merge.md 4.6).
func seriesOf(o *observation) string {
	kind := "text"
	if !o.quantity.IsZero() {
		kind = o.quantity.Symbol()
		if _, unit, ok := o.quantity.Canonical(); ok {
			kind = unit
		}
	}
	return strings.Join([]string{"lab", o.analyte.key, kind}, "|")
}

// checkCode looks for results whose codes or unit contradict each other, and
// for values no person has.
func (m *merger) checkCode(l *line, o *observation) {
	if o.analyte.contradicts {
		l.conflict("C-CODE", m.texts.conflict["C-CODE"])
		l.Value.(*Result).Plottable = false
	}
	if o.analyte.outside(o.quantity) {
		l.conflict("C-SANITY", m.texts.conflict["C-SANITY"])
	}
}

// findTwins notes results that may be one result sent by two providers, and
// results of one moment that differ (merge.md 4.3 rules 3 and 5).
func (m *merger) findTwins(records []*obsRecord, lines []*line) {
	moments := map[string][]int{}
	for i, r := range records {
		o := r.lead.val
		if !o.at.IsZero() && o.members == 0 && lines[i].Section == Found {
			k := seriesOf(o) + "|" + o.at.Day()
			moments[k] = append(moments[k], i)
		}
	}
	for _, same := range moments {
		slices.Sort(same)
		for i, a := range same {
			for _, b := range same[:i] {
				m.twin(records[a], records[b], lines[a], lines[b])
			}
		}
	}
}

func (m *merger) twin(a, b *obsRecord, la, lb *line) {
	x, y := a.lead.val, b.lead.val
	if a.lead.provider() == b.lead.provider() || (x.specimen != "" && y.specimen != "" && x.specimen != y.specimen) {
		return
	}
	exact := x.at.Precision() >= fhir.PrecisionMinute && y.at.Precision() >= fhir.PrecisionMinute
	if exact && minute(x.at) != minute(y.at) {
		return
	}
	switch {
	case sameValue(x, y) && (exact || sameRange(x, y)):
		m.noteTwin(la, b)
		m.noteTwin(lb, a)
	case exact && !sameValue(x, y):
		for _, l := range [...]*line{la, lb} {
			l.conflict("C-LAB-VALUE", m.texts.conflict["C-LAB-VALUE"])
		}
	}
}

func sameRange(x, y *observation) bool {
	return x.low.Value == y.low.Value && x.high.Value == y.high.Value
}

func (m *merger) noteTwin(l *line, other *obsRecord) {
	l.field("possibleCopy", m.texts.possibleCopy(m.providerName(other.lead.provider())), l.members[0])
}
