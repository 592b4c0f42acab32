package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// sayEncounter tells of a contact: what kind, why and where.
func (m *merger) sayEncounter(e *entry, v *clinical.Encounter) saying {
	why := joinText(", ", codedWords(v.Reasons), m.named(e, append(slices.Clone(v.ReasonRefs), v.Diagnoses...)...))
	return saying{
		title: firstNonEmpty(codedWords(v.Types), m.contactKind(v.Class)), when: v.Period.Start,
		author: append(participants(v.Participants), v.Provider),
		detail: joinText(" · ", why, m.named(e, v.Places...), m.until(longStay(v.Period)),
			m.labelled("from", v.AdmittedFrom.Display()), m.labelled("to", v.DischargedTo.Display())),
		section: encounterSection(v.Status.Code),
	}
}

// contactKind puts the HL7 code of a kind of contact into words; its display is
// English in every Dutch source.
func (m *merger) contactKind(c fhir.Coded) string {
	for _, coding := range c.Coding {
		if word := m.texts.contact[coding.Code]; word != "" && (strings.Contains(coding.System, "ActCode") || strings.Contains(coding.System, "ActEncounterCode")) {
			return word
		}
	}
	return c.Display()
}

func encounterSection(status string) Section {
	switch status {
	case "planned":
		return Planned
	case "cancelled":
		return Cancelled
	}
	return Found
}

// longStay is the end of a stay of more than a day.
func longStay(p fhir.Period) fhir.Date {
	if p.End.Day() == p.Start.Day() {
		return fhir.Date{}
	}
	return p.End
}

// sayNote tells what was written about a contact.
func (m *merger) sayNote(e *entry, n *clinical.Note) saying {
	s := saying{title: firstNonEmpty(n.Title, n.Type.Display()), when: n.Date, author: n.Authors, note: m.noteOf(e.node())}
	if n.Status.Code == "amended" {
		s.note = s.note.with(NoteSection{Text: m.texts.label["amended"]})
	}
	s.detail = s.note.text()
	return s
}

// linkContacts puts notes, letters and reports beside the contact they belong
// to, and a letter beside the note it renders: related, never one
// (merge.md 5). A line that already stands in a group keeps it.
func (m *merger) linkContacts() {
	at := map[*entry]int{}
	for i, l := range m.lines {
		for _, e := range l.members {
			if isContact(l) {
				at[e] = i
			}
		}
	}
	if len(at) == 0 {
		return
	}
	sets := newSets(len(m.lines))
	for i, l := range m.lines {
		if l.groupKey != "" {
			continue
		}
		for _, e := range l.members {
			for _, r := range contactsOf(e) {
				if j, ok := at[m.book.follow(e, r)]; ok && m.lines[j].groupKey == "" {
					sets.join(i, j)
				}
			}
		}
	}
	for _, members := range sets.groups() {
		if len(members) > 1 {
			m.linkGroup(members)
		}
	}
}

// isContact: what notes and letters point at and may stand beside.
func isContact(l *line) bool {
	return l.Subject == "encounter" || l.Subject == "note" || l.Subject == "letter"
}

func (m *merger) linkGroup(members []int) {
	key, title := "", ""
	for _, i := range members {
		if k := m.lines[i].key; key == "" || k < key {
			key, title = k, m.lines[i].Title
		}
	}
	for _, i := range members {
		l := m.lines[i]
		l.groupKey, l.groupTitle, l.advice = "contact|"+key, title, "belongs"
	}
}

// contactsOf gives what a note, letter or report says it belongs to.
func contactsOf(e *entry) []fhir.Reference {
	said, _ := e.read()
	switch v := said.(type) {
	case *clinical.Note:
		refs := []fhir.Reference{v.Encounter}
		for _, s := range v.Sections {
			refs = append(refs, documentsOnly(s.Entries)...)
		}
		return refs
	case *clinical.Document:
		return slices.Concat(v.Related, v.Relates, v.Members)
	case *clinical.Report:
		return []fhir.Reference{v.Context}
	}
	return nil
}

func documentsOnly(all []fhir.Reference) []fhir.Reference {
	return slices.DeleteFunc(slices.Clone(all), func(r fhir.Reference) bool { return r.Ref.Type != "DocumentReference" })
}
