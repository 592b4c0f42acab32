package web

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/aggregator"
)

// textPart is a piece of what an item says, in paragraphs.
type textPart struct {
	Heading, Note string
	Lines         []string
	Own           bool
}

// paragraphs are the lines of a text, whole: the page of the thing itself is the
// one place where nothing of it is cut.
func paragraphs(text string) []string {
	var out []string
	for line := range strings.Lines(clean(text)) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// isShort tells whether a text fits in the large sentence of a page.
func isShort(lines []string) bool {
	return len(lines) == 0 || len(lines) == 1 && utf8.RuneCountInString(lines[0]) <= longest
}

// tell puts on the page what the item says: in the large sentence when that is
// short, else under it.
func (p *detailPage) tell(v *view, item aggregator.Item) {
	if name := paragraphs(item.Name()); !isShort(name) {
		p.Text = append(p.Text, textPart{Lines: name, Own: item.Own()})
	}
	if note, ok := item.Value.(*aggregator.Note); ok && slices.ContainsFunc(note.Sections, titled) {
		p.Text = append(p.Text, v.noteParts(note)...)
		return
	}
	if lines := paragraphs(item.Detail); !isShort(lines) {
		p.Text = append(p.Text, textPart{Lines: lines, Own: item.Own()})
	} else {
		p.Rest = strings.Join(lines, "")
	}
}

func titled(s aggregator.NoteSection) bool { return s.Title != "" }

// noteParts are the sections of a note under their own headings. Of the journal
// of a general practitioner only what they found and agreed comes over MedMij
// (product.md 6.11).
func (v *view) noteParts(note *aggregator.Note) []textPart {
	var out []textPart
	said := false
	for _, s := range note.Sections {
		part := textPart{Heading: brief(s.Title), Lines: paragraphs(s.Text)}
		if (s.Code == "E" || s.Code == "P") && !said {
			part.Note, said = v.T("i.journal"), true
		}
		out = append(out, part)
	}
	return out
}

// notesOf is what is worth knowing about an item, with the remarks that a source
// made on a result or an allergy.
func notesOf(item aggregator.Item) []string {
	all := slices.Clone(item.Notes)
	switch value := item.Value.(type) {
	case *aggregator.Result:
		all = append(all, value.Note)
	case *aggregator.Allergy:
		all = append(all, value.Note)
	}
	var out []string
	for _, text := range all {
		for _, line := range paragraphs(text) {
			if !slices.Contains(out, line) {
				out = append(out, line)
			}
		}
	}
	return out
}
