package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// plainLines is the engine of the subjects whose records are shown one by one
// (merge.md 1): copies of one record together, nothing else merged. What
// several providers note about the same thing stands side by side.
func plainLines(m *merger, entries []*entry) []*line {
	all := make([]*sayStatement, len(entries))
	for i, e := range entries {
		all[i] = &sayStatement{entry: e, val: m.saying(e), ids: statementIDs(e)}
	}
	records := identify(all, sameSaying)
	lines := make([]*line, len(records))
	for i, r := range records {
		lines[i] = m.plainLine(r)
	}
	groupSayings(records, lines)
	return lines
}

type (
	sayStatement = statement[*saying]
	sayRecord    = record[*saying]
)

// sameSaying: one identifier cannot mean two things.
func sameSaying(a, b *sayStatement) bool {
	if a.Type != b.Type {
		return false
	}
	return a.val.folded == b.val.folded || a.val.folded == "" || b.val.folded == "" || shareAny(a.val.about, b.val.about)
}

func shareAny(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// plainLine shows a record as the member that speaks for it says it; what that
// one leaves out, the next member fills in.
func (m *merger) plainLine(r *sayRecord) *line {
	l := single(r)
	lead := r.lead.val
	all := r.speakers()
	var when fhir.Date
	title, author, detail := "", "", ""
	for _, s := range all {
		title, author, detail = firstNonEmpty(title, s.val.title), firstNonEmpty(author, s.val.who), firstNonEmpty(detail, s.val.detail)
		when = firstDate(when, s.val.when)
	}
	l.Title = joinText(": ", m.texts.negation[lead.not], firstNonEmpty(title, m.texts.typeName(r.lead.Type)))
	l.When, l.Author, l.Detail = when.Day(), author, detail
	l.Section = lead.section
	if lead.note != nil && detail == lead.detail {
		l.Value = lead.note
	}
	if r.void {
		l.Section = History
	}
	l.sortKey = newestFirst(when) + fold(l.Title)
	m.plainConflicts(l, r)
	return l
}

func (m *merger) plainConflicts(l *line, r *sayRecord) {
	if r.collision {
		l.conflict("C-COLLISION", m.texts.conflict["C-COLLISION"])
	}
	if slices.ContainsFunc(r.members, func(s *sayStatement) bool { return s.val.uncertain }) {
		l.conflict("C-MODIFIER", m.texts.conflict["C-MODIFIER"])
	}
	if slices.ContainsFunc(r.diffs(), func(field string) bool { return telling[field] }) {
		l.conflict("C-COPY", m.texts.conflict["C-COPY"])
	}
}

// telling are the fields in which a difference between two views of a record
// is worth showing. The rest differs with the release and the data service.
var telling = map[string]bool{
	"Code": true, "Codes": true, "Value": true, "Onset": true, "Abatement": true, "Performed": true, "Effective": true, "When": true,
	"Start": true, "Period": true, "Clinical": true, "Verification": true, "Given": true, "Done": true, "Not": true, "Lot": true,
	"Title": true, "Description": true, "Decision": true, "Permitted": true, "Conclusion": true, "Sections": true,
}

// groupSayings puts lines of several providers about one thing side by side.
// They are never one line: each may mean something else by it.
func groupSayings(records []*sayRecord, lines []*line) {
	sets := joinByKey(len(records), func(i int) []string { return records[i].lead.val.about })
	for _, members := range sets.groups() {
		key := ""
		sources := map[string]bool{}
		for _, i := range members {
			for _, k := range records[i].lead.val.about {
				if key == "" || k < key {
					key = k
				}
			}
			if !lines[i].void {
				sources[records[i].lead.Origin.Source] = true
			}
		}
		for _, i := range members {
			lines[i].about = key
			if len(sources) > 1 && !lines[i].void {
				lines[i].groupKey = records[i].lead.Type + "|" + key
				lines[i].groupTitle, lines[i].advice = lines[i].Title, records[i].lead.val.advice
			}
		}
	}
}

// plainTitle looks where the types keep their name.
func plainTitle(n fhir.Node) string {
	if title := anyExt(n, "EpisodeOfCare-Title", "ext-EpisodeOfCare.EpisodeOfCareName").Value().Text(); title != "" {
		return title
	}
	switch n.Str("resourceType") {
	case "Patient", "Practitioner", "RelatedPerson", "Person":
		return n.Names("name")
	case "Organization":
		return organisationName(n)
	case "Composition", "Questionnaire":
		if title := n.Str("title"); title != "" {
			return title
		}
	}
	for _, name := range [...]string{"code", "vaccineCode", "medicationCodeableConcept", "category", "type", "serviceType", "specialty", "oralDiet", "class"} {
		if text := n.Get(name).Coded().Display(); text != "" {
			return text
		}
	}
	return firstNonEmpty(n.Str("description"), n.Get("description").Coded().Display(), n.Str("title"), n.Str("name"))
}

// referredTitle names a record by what it points at: an episode by its
// condition, the use of a device by the device, a role by its person.
func (m *merger) referredTitle(e *entry) string {
	n := e.node()
	for _, r := range [...]fhir.Reference{
		n.Get("diagnosis", "condition").Reference(), n.Get("device").Reference(),
		n.Get("codeReference").Reference(), n.Get("practitioner").Reference(), n.Get("payor").Reference(),
	} {
		target := m.book.node(e, r)
		if title := firstNonEmpty(plainTitle(target), r.Display); title != "" {
			return title
		}
	}
	return ""
}

func plainWhen(n fhir.Node) fhir.Date {
	for _, prefix := range [...]string{"effective", "performed", "occurrence", "onset", "timing"} {
		if p := n.When(prefix); !p.Start.IsZero() {
			return p.Start
		}
	}
	for _, name := range [...]string{"start", "date", "recordedDate", "assertedDate", "authoredOn", "issued", "dateTime", "recordedOn", "startDate", "created", "sent"} {
		if d := n.Date(name); !d.IsZero() {
			return d
		}
	}
	for _, name := range [...]string{"period", "whenUsed", "servicedPeriod"} {
		if p := n.Get(name).Period(); !p.Start.IsZero() {
			return p.Start
		}
	}
	return n.Get("performedPeriod").Period().Start
}

// plainDetail shows what the record says in words: a note in full, else a
// value, a status and a remark.
func (m *merger) plainDetail(e *entry) string {
	n := e.node()
	if note := m.noteOf(n); note != nil {
		return note.text()
	}
	var o finding
	var parts []string
	if said, _ := e.read(); said != nil {
		if v, ok := said.(*clinical.Observation); ok {
			o = findingOf(v.Code, v.Value, nil, nil)
			parts = componentWords(v.Components, m.Lang)
		}
	}
	return joinText(" · ", o.words(m.Lang), strings.Join(parts, ", "), n.Str("valueString"),
		n.Str("comment"), n.Str("note", "text"), n.Str("conclusion"))
}
