package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// labLines is the engine of the subject lab (merge.md 4): one line per result
// and per group of results, the results in series of what can be compared.
func labLines(m *merger, entries []*entry) []*line {
	all := m.observations(entries)
	var results, panels []*obsStatement
	for _, s := range all {
		if s.val.isPanel() {
			panels = append(panels, s)
		} else {
			results = append(results, s)
		}
	}
	b := &labBench{merger: m}
	for _, r := range oneAndTheSame(results, sameObservation) {
		stands, gone := withdrawn(r)
		if stands != nil {
			m.retracted(b.add(stands), gone)
		}
		if gone != nil {
			b.add(gone).setApart(stands != nil)
		}
	}
	for i, r := range b.records {
		b.showParts(b.lines[i], r.lead)
	}
	b.findTwins()
	b.lines = append(b.lines, b.panelLines(panels)...)
	return b.lines
}

// labBench is where the lines of the subject lab are made: lines[i] shows
// records[i].
type labBench struct {
	*merger
	records []*obsRecord
	lines   []*line

	byMoment map[string][]int // records by what is measured when, see lineAs
}

// add makes the line of a result.
func (b *labBench) add(r *obsRecord) *line {
	l := b.resultLine(r)
	o := r.lead.val
	v := l.Value.(*Result)
	l.Title = firstNonEmpty(o.analyte.Name, o.code.Display(), b.texts.unknownResult)
	v.Name, l.groupTitle = l.Title, l.Title
	b.placeInSeries(l, v, r.lead)
	b.helpWith(l, v, r)
	b.records, b.lines = append(b.records, r), append(b.lines, l)
	for _, s := range r.members {
		s.val.line = l
		for _, p := range s.val.parents {
			if !isObservation(p.entry) { // groups of results come later
				v.heldBy(p.val.code.Display())
			}
		}
	}
	return l
}

// heldBy notes the name of a group or report that holds the result.
func (r *Result) heldBy(name string) {
	if name != "" && !slices.Contains(r.Panels, name) {
		r.Panels = append(r.Panels, name)
		slices.Sort(r.Panels)
	}
}

// setApart keeps what was taken back from the line of what still stands, which
// has the key.
func (l *line) setApart(apart bool) {
	if apart {
		l.key = "withdrawn|" + l.key
	}
}

// placeInSeries puts a result in its series and marks what cannot be compared.
func (m *merger) placeInSeries(l *line, v *Result, s *obsStatement) {
	o := s.val
	if o.analyte.contradicts {
		l.conflict("C-CODE", m.texts.conflict["C-CODE"])
	}
	if o.hasSeries() {
		l.groupKey = seriesPrefix + o.series()
		o.chartOn(v, l.groupKey, m.names)
	} else {
		v.Plottable, v.Open = false, false
	}
	if m.outside(o) {
		l.conflict("C-SANITY", m.texts.conflict["C-SANITY"])
	}
}

// helpWith shows a converted value beside the original, marked as such.
func (m *merger) helpWith(l *line, v *Result, r *obsRecord) {
	o := r.lead.val
	help := v.Converted
	if help.IsZero() {
		help = m.otherHbA1c(o)
	}
	if !help.IsZero() && !o.analyte.contradicts {
		l.field("converted", m.texts.converted(help.Words(m.Lang)), r.lead.entry)
	}
}

// resultLine is what lab results and measurements have in common.
func (m *merger) resultLine(r *obsRecord) *line {
	settleLead(r)
	l := single(r)
	o := r.lead.val
	v := m.resultOf(o)
	v.Requester = m.requester(r.lead)
	l.Value, l.Section = v, Found
	l.Detail = v.Text
	l.When, l.Author = o.at.Day(), o.lab
	l.sortKey = newestFirst(o.at) + fold(o.code.Display())
	l.field("value", v.Text, r.lead.entry)
	l.field("range", m.texts.rangeWords(o.finding, m.Lang), r.lead.entry)
	if o.at.IsZero() {
		l.field("undated", m.texts.undated(), r.lead.entry)
	}
	m.correction(l, v, r)
	m.resultConflicts(l, v, r)
	return l
}

// resultOf is what one observation or component says, without its place in a series.
func (m *merger) resultOf(o *observation) *Result {
	v := &Result{
		Name:     firstNonEmpty(o.analyte.Name, o.code.Display(), m.texts.unknownResult),
		Quantity: o.quantity, Text: m.inWords(o), Low: o.low, High: o.high, RangeText: o.rangeTxt,
		At: o.at, Status: o.status, Lab: o.lab, Own: o.labKey == fhir.Self, Note: o.note, NoResult: o.isNoResult(),
		Analyte: o.analyte.Key, Specimen: o.specimen, Method: o.method,
	}
	v.Flag, v.Computed = o.shownFlag()
	usable := o.isNumber() && !o.at.IsZero() && o.said.Common().Certain
	v.Plottable, v.Open = usable && o.quantity.Comparator == "", usable && o.quantity.Comparator != ""
	return v
}

func (m *merger) resultConflicts(l *line, v *Result, r *obsRecord) {
	o := r.lead.val
	if o.isVoid() {
		l.Section = History
		v.Plottable, v.Open = false, false
	}
	if r.collision {
		l.conflict("C-COLLISION", m.texts.conflict["C-COLLISION"])
	}
	if !o.said.Common().Certain {
		l.conflict("C-MODIFIER", m.texts.conflict["C-MODIFIER"])
	}
	for _, s := range r.members {
		if s != r.lead && !superseded(s, r.lead) && s.val.valueText() != "" && !sameValue(s.val, o) {
			l.conflict("C-COPY", m.texts.conflict["C-COPY"])
		}
	}
}

// requester is who asked for the test and will discuss it.
func (m *merger) requester(s *obsStatement) string {
	for _, r := range s.val.said.BasedOn {
		n := m.book.node(s.entry, r)
		for _, who := range [...]fhir.Reference{n.Get("requester", "agent").Reference(), n.Get("requester").Reference()} {
			if name := m.book.who(s.entry, who); name != "" {
				return name
			}
		}
	}
	return ""
}

// retracted says on what stands that a provider took its own record of it back.
func (m *merger) retracted(l *line, gone *obsRecord) {
	if gone != nil {
		l.conflict("C-EIE", m.texts.mistake(m.providerName(gone.lead.provider()), l.speakers(m)))
	}
}

// speakers names the providers behind a line, once each.
func (l *line) speakers(m *merger) string {
	var names []string
	for _, e := range l.members {
		if name := m.providerName(e.provider()); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
