package aggregator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

func TestANoteKeepsItsSections(t *testing.T) {
	m := &merger{texts: dutch()}
	for _, tc := range []struct {
		name, json, text string
		want             *Note
	}{
		{"nothing written", `{"resourceType":"Composition","section":[{"title":"Leeg"}]}`, "", nil},
		{
			"a journal", `{"resourceType":"Composition","section":[
				{"code":{"coding":[{"code":"E"}]},"text":{"div":"<div>Hoge bloeddruk.<br/>Geen klachten.</div>"}},
				{"code":{"coding":[{"code":"P"}]},"text":{"div":"<div>Over 3 maanden terug.</div>"}}]}`,
			"Wat de huisarts vond: Hoge bloeddruk.\nGeen klachten.\nWat we afspraken: Over 3 maanden terug.",
			&Note{Sections: []NoteSection{{"E", "Wat de huisarts vond", "Hoge bloeddruk.\nGeen klachten."}, {"P", "Wat we afspraken", "Over 3 maanden terug."}}},
		},
		{"another report", `{"resourceType":"Composition","section":[{"title":"Beloop","text":{"div":"<div>Goed.</div>"}}]}`, "Beloop: Goed.", &Note{Sections: []NoteSection{{"", "Beloop", "Goed."}}}},
		{"a message", `{"resourceType":"Communication","payload":[{"contentString":"Kom nuchter."}]}`, "Kom nuchter.", &Note{Sections: []NoteSection{{"", "", "Kom nuchter."}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := m.noteOf(fhir.Parse([]byte(tc.json), fhir.STU3).Node())
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.text() != tc.text {
				t.Errorf("as one text it is %q", got.text())
			}
		})
	}
}

func TestAddingASectionLeavesTheNoteAsItWas(t *testing.T) {
	one := (*Note)(nil).with(NoteSection{Text: "a"})
	two, other := one.with(NoteSection{Text: "b"}), one.with(NoteSection{Text: "c"})
	if len(one.Sections) != 1 || two.text() != "a\nb" || other.text() != "a\nc" {
		t.Errorf("%q, %q and %q", one.text(), two.text(), other.text())
	}
}
