package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
)

// wordy is a text of many lines that ends with a word of its own.
func wordy(end string) string {
	return strings.Repeat("De patiënt vertelt over de afgelopen weken.\n", 80) + end
}

// TestThePageOfAThingSaysAllOfIt: a list cuts a long text, the page of the thing
// does not, whatever it is and wherever the text stands.
func TestThePageOfAThingSaysAllOfIt(t *testing.T) {
	for _, tc := range []struct {
		name, item, list string
		change           func(*aggregator.Item)
	}{
		{"the conclusion of a report", "n1", "/g/7", func(i *aggregator.Item) { i.Detail = wordy("Eindwoord") }},
		{"a name", "p1", "/g/1", func(i *aggregator.Item) { i.Title = wordy("Eindwoord") }},
		{"a dose", "metformine", "/m", func(i *aggregator.Item) { i.Fields["dose"] = aggregator.Field{Text: wordy("Eindwoord")} }},
		{"a note", "metformine", "/m", func(i *aggregator.Item) { i.Notes = []string{wordy("Eindwoord")} }},
		{"a difference", "metformine", "/m", func(i *aggregator.Item) {
			i.Conflicts = []aggregator.Conflict{{Code: "C-DOSE", Text: wordy("Eindwoord")}}
		}},
		{"a remark on a result", "hba1c", "/u", func(i *aggregator.Item) { i.Value.(*aggregator.Result).Note = wordy("Eindwoord") }},
		{"a remark on an allergy", "penicilline", "/a", func(i *aggregator.Item) { i.Value.(*aggregator.Allergy).Note = wordy("Eindwoord") }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			change := func(d *storyDesk) {
				for i := range d.o.Items {
					if d.o.Items[i].Key() == storyKey(tc.item) {
						tc.change(&d.o.Items[i])
					}
				}
			}
			mustSay(t, pageAfter(t, "/i/"+storyKey(tc.item), change), "Eindwoord")
			if tc.list != "/g/7" {
				mustNotSay(t, pageAfter(t, tc.list, change), "Eindwoord")
			}
		})
	}
}

// TestAJournalStandsUnderItsHeadings: what the doctor found and what was agreed
// are two things, and the remark that they wrote it for themselves is said once.
func TestAJournalStandsUnderItsHeadings(t *testing.T) {
	text := pageAfter(t, "/i/"+storyKey("n1"), longTexts)
	mustSay(t, text, "<h2>Wat de huisarts vond</h2>", "<h2>Wat we afspraken</h2>", "<p>Hoge bloeddruk.</p>", "<p>Over 3 maanden terug.</p><p>Eerst bloed prikken.</p>", "<p>Aangevuld op 3 mei.</p>")
	if n := strings.Count(text, "Uw huisarts schreef dit voor zichzelf; vraag gerust na."); n != 1 {
		t.Errorf("the remark stands there %d times", n)
	}
	text = pageAfter(t, "/i/"+storyKey("n1"), func(d *storyDesk) {
		longTexts(d)
		for i := range d.o.Items {
			if note, ok := d.o.Items[i].Value.(*aggregator.Note); ok {
				note.Sections = []aggregator.NoteSection{{Code: "8648-8", Title: "Beloop", Text: "Opname verliep goed."}}
			}
		}
	})
	mustSay(t, text, "<h2>Beloop</h2>")
	mustNotSay(t, text, "voor zichzelf")
}

func TestAnOwnNoteIsReadableWhole(t *testing.T) {
	text := pageAfter(t, "/e/mijn/e5", longTexts)
	mustSay(t, text, "<p>Vragen voor de cardioloog.</p><p>Mag ik sporten?</p>", strings.Repeat("En hoe ver mag ik fietsen? ", 14))
	c := newClient(t).unlock()
	longTexts(c.desk)
	res := c.do("POST", "/e/mijn/e5/pas", form("waarde", "Korter.", "dag", "2025-05-20", "tijd", "09:00"))
	if res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.Status)
	}
	text = bodyOf(t, c.do("GET", "/e/mijn/e5", ""))
	mustSay(t, text, "Korter.", "Mag ik sporten?<br>En hoe ver", strings.Repeat("En hoe ver mag ik fietsen? ", 14))
}

func TestParagraphs(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", " \n", nil},
		{"one line", "Hoge bloeddruk.", []string{"Hoge bloeddruk."}},
		{"lines of every system, and empty ones", "Een\r\n\n  Twee\n\tDrie", []string{"Een", "Twee", "Drie"}},
		{"what turns the reading direction is seen", "a\u202eb", []string{"a⟲b"}},
	} {
		if diff := cmp.Diff(tc.want, paragraphs(tc.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

// TestNoFieldShowsAWordOfTheCode also looks at fields that only some sources give,
// and those of a line that the person joined.
func TestNoFieldShowsAWordOfTheCode(t *testing.T) {
	fields := map[string]aggregator.Field{
		"systolic": {Text: "132 mmHg"}, "dose+": {Text: "1 tablet"}, "last-section": {Text: "Nu"}, "restricted": {Text: "V"}, "collected": {Text: "2025-05-12"},
		"verification": {Text: "zeker"},
	}
	for lang, want := range map[string][]string{
		"nl": {"Bovendruk", "Hoe u het gebruikt", "Stond eerst bij", "Beperkt zichtbaar", "zeer beperkt", "Laatst opgehaald", "12 mei 2025", "Hoe zeker"},
		"en": {"Upper pressure", "How you use it", "Stood first under", "Limited view", "very limited", "Last collected", "12 May 2025"},
	} {
		text := goTo(t, lang, "GET", "/i/"+storyKey("p1"), "", func(d *storyDesk) {
			for i := range d.o.Items {
				if d.o.Items[i].Key() == storyKey("p1") {
					d.o.Items[i].Fields = fields
				}
			}
		})
		mustSay(t, text, want...)
		mustNotSay(t, text, "dose+", "systolic", "last-section", "collected ")
	}
}
