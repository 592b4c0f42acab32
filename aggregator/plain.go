package aggregator

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// plainLines is the engine of the subjects that have no rules of their own
// yet: one line per record, copies under one identifier together, nothing
// else merged.
func plainLines(m *merger, entries []*entry) []*line {
	var all []*statement[struct{}]
	for _, e := range entries {
		all = append(all, &statement[struct{}]{entry: e, ids: statementIDs(e)})
	}
	var lines []*line
	for _, r := range identify(all, sameType) {
		lines = append(lines, m.plainLine(r))
	}
	return lines
}

func sameType(a, b *statement[struct{}]) bool {
	return a.Type == b.Type && fold(plainTitle(a.node)) == fold(plainTitle(b.node))
}

func (m *merger) plainLine(r *record[struct{}]) *line {
	l := single(r)
	e := r.lead.entry
	n := e.node
	said := m.saying(e)
	l.Title = joinText(": ", m.texts.negation[said.not], firstNonEmpty(said.title, plainTitle(n), m.referredTitle(e), m.texts.typeName(e.Type)))
	when := firstDate(said.when, plainWhen(n))
	l.When = when.Day()
	l.Author = firstNonEmpty(m.firstWho(e, "author", "performer", "recorder", "asserter", "requester", "participant", "careManager"), m.whoOf(e, said.author))
	l.Detail = joinText(" · ", said.detail, m.plainDetail(e))
	l.Section = m.plainSection(e, when)
	if said.not == "problem" && l.Section == Active {
		l.Section = Inactive
	}
	l.sortKey = newestFirst(when) + fold(l.Title)
	if r.collision {
		l.conflict("C-COLLISION", m.texts.conflict["C-COLLISION"])
	}
	if said.uncertain {
		l.conflict("C-MODIFIER", m.texts.conflict["C-MODIFIER"])
	}
	return l
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
	n := e.node
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
	n := e.node
	if text := m.noteText(n); text != "" {
		return text
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

// noteText is the text of the sections of a note: that is where general
// practitioners write, and nowhere else.
func (m *merger) noteText(n fhir.Node) string {
	var lines []string
	for _, s := range n.All("section") {
		code := s.Get("code").Coded()
		head := firstNonEmpty(m.texts.journal[code.Code("")], s.Str("title"), code.Display())
		if text := fhir.Narrative(s.Str("text", "div")); text != "" {
			lines = append(lines, joinText(": ", head, text))
		}
	}
	for _, p := range n.All("payload") {
		lines = append(lines, p.Str("contentString"))
	}
	if x := n.Ext(ownNoteExt); x.Exists() {
		lines = append(lines, x.Value().Text())
	}
	return strings.Join(lines, "\n")
}

// plainSection maps status to section, per kind of record.
func (m *merger) plainSection(e *entry, when fhir.Date) Section {
	n := e.node
	status := firstNonEmpty(statusCode(n, "clinicalStatus", "active", "inactive", "resolved", "remission", "recurrence", "relapse"), n.Str("status"))
	if status == "entered-in-error" || statusCode(n, "verificationStatus", "entered-in-error") != "" {
		return History
	}
	switch e.Type {
	case "Condition", "EpisodeOfCare":
		if status == "inactive" || status == "resolved" || status == "remission" || status == "finished" || status == "cancelled" {
			return Inactive
		}
		return Active
	case "Appointment":
		switch {
		case status == "cancelled" || status == "noshow":
			return Cancelled
		case !when.IsZero() && when.High().Before(m.AsOf):
			return Past
		}
		return Planned
	}
	return Found
}
