package web

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/aggregator"
)

// cardFace is one side of the card for an emergency, 85 by 54 mm.
type cardFace struct {
	Title string
	Name  string // with the date of birth
	Lines []cardLine
	Foot  string
}

// cardLine is one line: a bold beginning and the rest.
type cardLine struct{ Strong, Text string }

// A face holds so many lines of so many characters.
const (
	faceLines = 9
	faceWidth = 48
)

// cardFields ask whom to call, and who the general practitioner is: who finds the
// card can ask there what does not fit on it.
func (v *view) cardFields() []printField {
	fields := append([]printField{v.sheetLanguages(true)}, v.contactFields()...)
	return append(fields, printField{Name: "huisarts", Kind: fieldText, Label: v.T("pr.card.gp.ask"), Hint: v.T("pr.doctor.hint"), Max: 80})
}

// cardSheet is the card to cut out, in as many sides as are needed: an allergy
// is never left off because the card is full.
func (v *view) cardSheet(ctx context.Context, in typed) ([]sheet, error) {
	return v.inEach(ctx, in, func(v *view) sheet {
		s := v.newSheet("card")
		s.add(sheetPart{Name: v.T("pr.card.cut"), Text: []string{v.T("pr.card.how")}, Faces: v.faces(in)})
		return s
	})
}

// faces are the sides: whom to call and allergies first, then medicines.
func (v *view) faces(in typed) []cardFace {
	var first, second []cardLine
	if contact := filled(in.get("naaste"), in.get("telefoon")); len(contact) > 0 {
		first = append(first, cardLine{v.T("pr.card.call"), strings.Join(contact, ", ")})
	}
	if gp := in.get("huisarts"); gp != "" {
		first = append(first, cardLine{v.T("pr.card.gp"), gp})
	}
	for _, r := range rowsOf(v.allergyPart()) {
		first = append(first, cardLine{v.T("pr.card.allergy", "what", r.Cells[1].Text), dotted(append(filled(r.Cells[2].Text), r.Cells[2].Lines...)...)})
	}
	for _, text := range append(v.allergyPart().Text, v.allergyPart().Aside...) {
		first = append(first, cardLine{"", text})
	}
	for _, r := range rowsOf(v.alertPart()) {
		first = append(first, cardLine{v.T("flag.mind"), r.Cells[1].Text})
	}
	for _, b := range v.medicinesNow() {
		second = append(second, cardLine{clean(b.title), v.allDoses(b)})
	}
	if len(second) == 0 {
		second = append(second, cardLine{"", strings.Join(v.nothing("m", medicineTypes), " ")})
	}
	out := append(v.split(v.T("pr.card.first"), first), v.split(v.T("pr.card.second"), second)...)
	for i := range out {
		out[i].Foot = v.T("pr.card.foot", "day", v.madeOn(v.now), "i", i+1, "n", len(out))
	}
	return out
}

// rowsOf are the rows of a part; none when it has no table.
func rowsOf(p sheetPart) []sheetRow {
	if p.Table == nil {
		return nil
	}
	return p.Table.Rows
}

// allDoses are the doses of all versions, each with who says it.
func (v *view) allDoses(b bundle) string {
	var out []string
	for _, item := range b.items {
		text := clean(doseOf(item))
		if name := clean(item.Name()); name != clean(b.title) {
			text = strings.TrimSuffix(name+": "+text, ": ")
		}
		if len(b.items) > 1 {
			text = v.List(v.names(speakers(item))) + ": " + text
		}
		if item.Section != aggregator.Current {
			text += " (" + v.Or("section."+string(item.Section), "") + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// split puts lines on as many sides as they need.
func (v *view) split(title string, lines []cardLine) []cardFace {
	name := strings.TrimSuffix(clean(v.o.Person.Name)+" · "+v.When(v.o.Person.BirthDate), " · ")
	var out []cardFace
	room := 0
	for _, l := range lines {
		need := 1 + utf8.RuneCountInString(l.Strong+l.Text)/faceWidth
		if len(out) == 0 || need > room {
			out, room = append(out, cardFace{Title: title, Name: name}), faceLines
		}
		face := &out[len(out)-1]
		face.Lines = append(face.Lines, l)
		room -= need
	}
	return out
}
