package web

import (
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
)

// longTexts has a note of a general practitioner, and one of the person, that do
// not fit in a list.
func longTexts(d *storyDesk) {
	note := &aggregator.Note{Sections: []aggregator.NoteSection{
		{Code: "E", Title: "Wat de huisarts vond", Text: "Hoge bloeddruk.\nGeen klachten van het hart. " + strings.Repeat("De metingen thuis waren wisselend. ", 12)},
		{Code: "P", Title: "Wat we afspraken", Text: "Over 3 maanden terug.\nEerst bloed prikken."},
		{Text: "Aangevuld op 3 mei."},
	}}
	for i := range d.o.Items {
		if item := &d.o.Items[i]; item.ID == storyID("note", "n1") {
			item.Title, item.Author, item.Value = "Gesprek op het spreekuur", "B. Smit", note
			item.Detail = note.Sections[0].Text + "\n" + note.Sections[1].Text
		}
	}
	for i := range d.own {
		if d.own[i].ID == "e5" {
			d.own[i].Value = "Vragen voor de cardioloog.\n\nMag ik sporten?\n" + strings.Repeat("En hoe ver mag ik fietsen? ", 15)
		}
	}
}
