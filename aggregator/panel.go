package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// observations reads entries and joins groups of results to their members, so
// that a member has what its group says (merge.md 4.1).
func (m *merger) observations(entries []*entry) []*obsStatement {
	all := make([]*obsStatement, len(entries))
	for i, e := range entries {
		all[i] = m.readObservation(e)
	}
	// They are in the order of their keys, so that one can be looked up.
	find := func(e *entry) *obsStatement {
		if e == nil {
			return nil
		}
		i, ok := slices.BinarySearchFunc(all, e, func(s *obsStatement, e *entry) int { return compareEntries(s.entry, e) })
		if !ok || all[i].entry != e {
			return nil
		}
		return all[i]
	}
	for _, s := range all {
		m.findMembers(s, find)
	}
	m.readReports(find)
	for _, s := range all {
		m.settleBelow(s)
	}
	return all
}

func (m *merger) findMembers(s *obsStatement, find func(*entry) *obsStatement) {
	for _, r := range s.val.said.Members {
		if strings.HasPrefix(r.URL, "#") {
			continue
		}
		target := m.book.follow(s.entry, r)
		child := find(target)
		switch {
		case target == nil:
			s.val.missing++
		case child != nil && child != s && !slices.Contains(s.val.members, child):
			s.val.members = append(s.val.members, child)
			child.val.parents = append(child.val.parents, s)
		}
	}
}

// readReports gives the results of a report what they do not say themselves, and
// the name of the report. The report itself stays a record of its own.
func (m *merger) readReports(find func(*entry) *obsStatement) {
	for _, e := range m.entries {
		reading, ok := e.reportReading()
		if !ok {
			continue
		}
		o := &observation{said: &clinical.Observation{Effective: reading.Effective}, finding: &finding{code: reading.Code}, at: reading.Effective.Start}
		if len(reading.Specimens) == 1 { // of several nobody says which
			o.said.Specimen = reading.Specimens[0]
		}
		var who []fhir.Reference
		for _, p := range reading.Performers {
			who = append(who, p.Who)
		}
		o.lab, o.labKey = m.performer(e, who)
		report := &obsStatement{entry: e, val: o}
		for _, r := range reading.Results {
			if child := find(m.book.follow(e, r)); child != nil {
				child.val.parents = append(child.val.parents, report)
			}
		}
	}
}

// reportReading reads a report on results.
func (e *entry) reportReading() (*clinical.Report, bool) {
	if e.Type != "DiagnosticReport" {
		return nil, false
	}
	reading, _ := e.read()
	report, ok := reading.(*clinical.Report)
	return report, ok
}

// settleBelow settles groups before their members. A circle of groups ends
// where it began.
func (m *merger) settleBelow(s *obsStatement) {
	if s.val.settled {
		return
	}
	s.val.settled = true
	for _, p := range s.val.parents {
		if isObservation(p.entry) {
			m.settleBelow(p)
		}
	}
	m.settleResult(s)
}

// isPanel: it has no value of its own, only members or components.
func (o *observation) isPanel() bool {
	return len(o.said.Members)+len(o.said.Components) > 0 && o.valueText() == ""
}

// parts are the findings inside an observation: its components, and members
// that it carries itself.
func (m *merger) parts(s *obsStatement) []*observation {
	var all []*observation
	for _, c := range s.val.said.Components {
		all = append(all, m.part(s, findingOf(c.Code, c.Value, c.Ranges, c.Flags)))
	}
	for _, r := range s.val.said.Members {
		id, ok := strings.CutPrefix(r.URL, "#")
		if !ok {
			continue
		}
		resource := fhir.Resource{Ref: fhir.Ref{Type: "Observation", ID: id}, Version: s.Version}
		reading, _ := clinical.ReadNode(resource, s.node().Contained(id))
		if o, ok := reading.(*clinical.Observation); ok {
			all = append(all, m.part(s, findingOf(o.Code, o.Value, o.Ranges, o.Flags)))
		}
	}
	return all
}

// part makes an observation of a finding inside one, from which it has time,
// material and laboratory.
func (m *merger) part(s *obsStatement, f finding) *observation {
	o := *s.val
	o.finding, o.note, o.members, o.missing, o.kept = &f, "", nil, 0, nil
	m.measure(s.provider(), &o)
	class, contradicts := settleSpecimen(fhir.Coded{Text: s.val.specimen}, o.analyte.Specimen)
	o.specimen = class
	o.analyte.contradicts = o.analyte.contradicts || contradicts
	return &o
}

// showParts shows the parts of an observation that are no items of their own.
func (b *labBench) showParts(l *line, s *obsStatement) {
	v := l.Value.(*Result)
	for _, o := range b.parts(s) {
		if b.lineAs(s, o) != nil {
			continue
		}
		v.Components = append(v.Components, b.component(o))
		if o.analyte.contradicts {
			l.conflict("C-CODE", b.texts.conflict["C-CODE"])
		}
		if o.analyte.outside(o.quantity) {
			l.conflict("C-SANITY", b.texts.conflict["C-SANITY"])
		}
	}
}

func (b *labBench) component(o *observation) Result {
	v := b.resultOf(o)
	if o.isVoid() || !o.hasSeries() {
		v.Plottable, v.Open = false, false
	}
	if o.hasSeries() {
		o.chartOn(v, seriesPrefix+o.series(), b.names)
	}
	return *v
}

// lineAs finds the item that says the same as a part: one record of the same
// provider with the same analyte, moment and value (merge.md 4.4).
func (b *labBench) lineAs(s *obsStatement, part *observation) *line {
	if b.byMoment == nil {
		b.byMoment = map[string][]int{}
		for i, r := range b.records {
			if o := r.lead.val; !o.at.IsZero() && b.lines[i].Section == Found {
				k := o.momentKey(r.lead.provider())
				b.byMoment[k] = append(b.byMoment[k], i)
			}
		}
	}
	for _, i := range b.byMoment[part.momentKey(s.provider())] {
		if o := b.records[i].lead.val; o.said != s.val.said && sameValue(o, part) {
			return b.lines[i]
		}
	}
	return nil
}

func (o *observation) momentKey(provider string) string {
	return strings.Join([]string{provider, o.analyte.Key, o.specimen, minute(o.at)}, "|")
}

// panelLines makes a line of every group of results.
func (b *labBench) panelLines(panels []*obsStatement) []*line {
	for _, p := range panels {
		p.keys[byRelation], p.keys[byContent] = b.memberKey(p), p.val.panelKey(p.provider())
	}
	var records []*obsRecord
	apart := map[*obsRecord]bool{}
	for _, r := range oneAndTheSame(panels, samePanel) {
		stands, gone := withdrawn(r)
		for _, part := range [...]*obsRecord{stands, gone} {
			if part != nil {
				settleLead(part)
				records = append(records, part)
				apart[part] = part == gone && stands != nil
			}
		}
	}
	larger := b.foldSmaller(records)
	var lines []*line
	for i, r := range records {
		if larger[i] >= 0 {
			continue
		}
		set := []*obsRecord{r}
		for j, k := range larger {
			if k == i {
				set = append(set, records[j])
			}
		}
		l := b.panelLine(set)
		l.setApart(apart[r])
		lines = append(lines, l)
	}
	return lines
}

func samePanel(a, b *obsStatement) bool { return momentsAgree(a.val.at, b.val.at) }

// memberKeys are the items that a group of results holds, sorted.
func (b *labBench) memberKeys(p *obsStatement) []string {
	var keys []string
	for _, s := range p.val.members {
		if l := s.val.line; l != nil {
			keys = append(keys, l.key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// memberKey is the K2 key of groups: the same members, all of them here.
func (b *labBench) memberKey(p *obsStatement) []string {
	keys := b.memberKeys(p)
	if len(keys) < 2 || p.val.missing > 0 || len(p.val.said.Components) > 0 {
		return nil
	}
	return []string{strings.Join(keys, "|")}
}

// panelKey is the K3 key of groups: code, moment and laboratory, at one provider.
func (o *observation) panelKey(provider string) []string {
	if o.at.Precision() < fhir.PrecisionMinute || o.labKey == "" || o.analyte.Key == "" {
		return nil
	}
	return []string{strings.Join([]string{provider, o.analyte.Key, o.labKey, minute(o.at)}, "|")}
}

// foldSmaller finds groups whose members are all in a larger group of the same
// laboratory and moment: larger[i] is that of records[i], or -1.
func (b *labBench) foldSmaller(records []*obsRecord) (larger []int) {
	byMoment := map[string][]int{}
	for i, r := range records {
		larger = append(larger, -1)
		o := r.lead.val
		if o.isVoid() || o.at.IsZero() || o.labKey == "" || o.missing > 0 || len(o.said.Components) > 0 {
			continue
		}
		k := o.labKey + "|" + minute(o.at)
		byMoment[k] = append(byMoment[k], i)
	}
	for _, some := range byMoment {
		if len(some) <= maxBucket {
			b.foldAmong(records, some, larger)
		}
	}
	return larger
}

func (b *labBench) foldAmong(records []*obsRecord, some, larger []int) {
	keys := map[int][]string{}
	for _, i := range some {
		keys[i] = b.memberKeys(records[i].lead)
	}
	// Largest first, so that a group is folded into one that stays.
	slices.SortStableFunc(some, func(i, j int) int { return len(keys[j]) - len(keys[i]) })
	for n, i := range some {
		for _, j := range some[:n] {
			if larger[j] < 0 && len(keys[i]) > 0 && len(keys[i]) < len(keys[j]) && allIn(keys[i], keys[j]) {
				larger[i] = j
				break
			}
		}
	}
}

// allIn: every key of the smaller list is in the larger one; both are sorted.
func allIn(small, large []string) bool {
	return !slices.ContainsFunc(small, func(k string) bool {
		_, found := slices.BinarySearch(large, k)
		return !found
	})
}

// panelLine shows a group of results; records after the first are smaller
// groups that are folded into it.
func (b *labBench) panelLine(records []*obsRecord) *line {
	l := b.resultLine(records[0])
	for _, r := range records[1:] {
		l.takeIn(r)
	}
	v := l.Value.(*Result)
	o := records[0].lead.val
	l.Title = firstNonEmpty(o.code.Display(), b.texts.unknownResult)
	v.Name, v.Plottable, v.Open = l.Title, false, false
	b.showParts(l, records[0].lead)
	for _, r := range records {
		for _, s := range r.members {
			b.hold(l, v, s)
		}
	}
	slices.Sort(v.Members)
	v.Missing = o.missing
	l.Detail = joinText(" · ", b.texts.panel(len(v.Members)+len(v.Components)), b.texts.missing(v.Missing))
	l.field("missing", b.texts.missing(v.Missing), records[0].lead.entry)
	return l
}

// takeIn shows a smaller group on the line of a larger one.
func (l *line) takeIn(r *obsRecord) {
	for _, s := range r.members {
		p := s.part(RoleRecord)
		p.Hidden = "folded"
		l.members, l.Parts = append(l.members, s.entry), append(l.Parts, p)
		l.Joins = append(l.Joins, Join{A: 0, B: len(l.members) - 1, Rule: "smaller-panel"})
	}
	l.aliases = r.aliases(l.aliases)
}

// hold notes which items a group holds, and on each of them the group.
func (b *labBench) hold(l *line, v *Result, p *obsStatement) {
	var held []*line
	for _, s := range p.val.members {
		held = append(held, s.val.line)
	}
	for _, part := range b.parts(p) {
		held = append(held, b.lineAs(p, part))
	}
	for _, child := range held {
		if child == nil {
			continue
		}
		if id := itemID("lab", child.key); !slices.Contains(v.Members, id) {
			v.Members = append(v.Members, id)
		}
		child.Value.(*Result).heldBy(l.Title)
	}
}
