package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// Note is what was written about a contact, in its sections. The Detail of the
// item holds the same as one text.
type Note struct{ Sections []NoteSection }

// NoteSection is one piece of a note. Code is "S", "O", "E" or "P" in the journal
// of a general practitioner, else what the source has or empty.
type NoteSection struct{ Code, Title, Text string }

// noteOf reads the sections of a note: that is where general practitioners
// write, and nowhere else. It is nil when there is no text.
func (m *merger) noteOf(n fhir.Node) *Note {
	var note *Note
	for _, s := range n.All("section") {
		code := s.Get("code").Coded()
		note = note.with(NoteSection{
			Code:  code.Code(""),
			Title: firstNonEmpty(m.texts.journal[code.Code("")], s.Str("title"), code.Display()),
			Text:  fhir.Narrative(s.Str("text", "div")),
		})
	}
	for _, p := range n.All("payload") {
		note = note.with(NoteSection{Text: p.Str("contentString")})
	}
	return note.with(NoteSection{Text: n.Ext(ownNoteExt).Value().Text()})
}

// with is the note and a section more; nothing is added without a text.
func (n *Note) with(s NoteSection) *Note {
	switch {
	case s.Text == "":
		return n
	case n == nil:
		return &Note{Sections: []NoteSection{s}}
	}
	return &Note{Sections: slices.Concat(n.Sections, []NoteSection{s})}
}

// text is all of it as one text.
func (n *Note) text() string {
	if n == nil {
		return ""
	}
	var lines []string
	for _, s := range n.Sections {
		lines = append(lines, joinText(": ", s.Title, s.Text))
	}
	return strings.Join(lines, "\n")
}
