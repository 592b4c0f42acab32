package glossary

import (
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

const small = `# two words

lab | Kalium | K | nhg:513 loinc:2823-3 | Een zout in het bloed.
exam | Écho | echografie; sonografie | | Foto's met geluid.
`

func read(t *testing.T, text string) *Book {
	t.Helper()
	b, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadKeepsEverything(t *testing.T) {
	want := []Term{
		{Kind: Exam, Name: "Écho", Other: []string{"echografie", "sonografie"}, Text: "Foto's met geluid."},
		{
			Kind: Lab, Name: "Kalium", Other: []string{"K"}, Text: "Een zout in het bloed.",
			Codes: []fhir.Coding{{System: fhir.NHG45, Code: "513"}, {System: fhir.LOINC, Code: "2823-3"}},
		},
	}
	if diff := cmp.Diff(want, read(t, small).Terms()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := read(t, "\ufeff"+small).Terms(); len(got) != 2 {
		t.Errorf("a file with a mark at its beginning has %d words", len(got))
	}
}

func TestBadLinesAreNamed(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		line       int
		reason     string
	}{
		{"four pieces", "# x\nlab | Kalium | K | uitleg\n", 2, "4 pieces"},
		{"six pieces", "lab | a | b | | c | d\n", 1, "6 pieces"},
		{"no such kind", "\n\nbloed | Kalium | | | uitleg\n", 3, "kind"},
		{"no name", "lab | | K | | uitleg\n", 1, "a name of 0"},
		{"a long name", "lab | " + strings.Repeat("a", 81) + " | | | uitleg\n", 1, "a name of 81"},
		{"no explanation", "lab | Kalium | K | |\n", 1, "0 characters"},
		{"a long explanation", "lab | Kalium | K | | " + strings.Repeat("a", 401) + "\n", 1, "401 characters"},
		{"a code without system", "lab | Kalium | K | 2823-3 | uitleg\n", 1, "a code that is not"},
		{"a code of nothing", "lab | Kalium | K | loinc: | uitleg\n", 1, "a code that is not"},
		{"a name twice", "lab | Kalium | | | a\nlab | KÁLIUM | | | b\n", 2, "a name that stands twice"},
		{"a name twice in one word", "lab | Kalium | K; k | | a\n", 1, "a name that stands twice"},
		{"another name twice", "lab | Kalium | zout | | a\nlab | Zout | | | b\n", 2, "a name that stands twice"},
		{"a code twice", "lab | a | | nhg:1 | a\nlab | b | | nhg:1 | b\n", 2, "a code that stands twice"},
		{"no text", "lab | Kal\x00ium | K | | a\n", 1, "no text"},
		{"broken letters", "lab | Kal\xffium | K | | a\n", 1, "no text"},
		{"a line without end", "# x\n" + strings.Repeat("a", longestLine+1), 2, "too long"},
	} {
		_, err := Read(strings.NewReader(tc.text))
		var bad *LineError
		if !errors.As(err, &bad) || bad.Line != tc.line || !strings.Contains(bad.Reason, tc.reason) {
			t.Errorf("%s: %v, want line %d with %q", tc.name, err, tc.line, tc.reason)
		}
		if err != nil && strings.Contains(err.Error(), "Kalium") {
			t.Errorf("%s: the error quotes the line", tc.name)
		}
	}
}

func TestAReaderThatFailsSaysSo(t *testing.T) {
	if _, err := Read(iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if _, err := ReadFile(fstest.MapFS{}, "nl"); err == nil {
		t.Error("a folder without the file is read")
	}
	var bad *LineError
	if _, err := ReadFile(fstest.MapFS{"en.txt": {Data: []byte("x")}}, "en"); !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), "en: ") {
		t.Error(err)
	}
}

func TestFind(t *testing.T) {
	b := read(t, small)
	for _, tc := range []struct {
		name string
		find func() (Term, bool)
		want string
	}{
		{"name", func() (Term, bool) { return b.ByName("Kalium") }, "Kalium"},
		{"capitals and spaces", func() (Term, bool) { return b.ByName("  kALIUM ") }, "Kalium"},
		{"other name without accent", func() (Term, bool) { return b.ByName("Echo") }, "Écho"},
		{"part of a name", func() (Term, bool) { return b.ByName("Kali") }, ""},
		{"no name", func() (Term, bool) { return b.ByName("") }, ""},
		{"code", func() (Term, bool) { return b.ByCode(fhir.Coding{System: fhir.NHG45, Code: "513"}) }, "Kalium"},
		{"code with words", func() (Term, bool) {
			return b.ByCode(fhir.Coding{System: fhir.LOINC, Code: "2823-3", Display: "Potassium"})
		}, "Kalium"},
		{"code of another system", func() (Term, bool) { return b.ByCode(fhir.Coding{System: fhir.LOINC, Code: "513"}) }, ""},
		{"nil book", func() (Term, bool) { return (*Book)(nil).ByName("Kalium") }, ""},
		{"nil book by code", func() (Term, bool) { return (*Book)(nil).ByCode(fhir.Coding{}) }, ""},
	} {
		got, ok := tc.find()
		if got.Name != tc.want || ok != (tc.want != "") {
			t.Errorf("%s: %q %v", tc.name, got.Name, ok)
		}
	}
}

func TestSearch(t *testing.T) {
	b := read(t, small+"lab | Kaliumjodide | | | Een zout.\nexam | Hartecho | | | Echo van het hart.\n")
	for typed, want := range map[string][]string{
		"kal": {"Kalium", "Kaliumjodide"}, "ECHO": {"Écho", "Hartecho"}, "grafie": {"Écho"}, "": nil, "  ": nil, "niets": nil,
	} {
		var got []string
		for _, term := range b.Search(typed) {
			got = append(got, term.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", typed, diff)
		}
	}
}

func TestLetters(t *testing.T) {
	for name, want := range map[string]string{"Écho": "E", "kalium": "K", "24-uurs meting": "#", "µg": "#", "": "#"} {
		if got := (Term{Name: name}).Letter(); got != want {
			t.Errorf("%q stands under %q", name, got)
		}
	}
}

// builtInBook is what Bundel itself explains.
func builtInBook(t *testing.T, lang string) *Book {
	t.Helper()
	b, err := ReadFile(BuiltIn(), lang)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestBothLanguagesExplainTheSame: as many words of every kind, with the same
// codes, and in English the Dutch name too, for that is what providers write.
func TestBothLanguagesExplainTheSame(t *testing.T) {
	nl, en := builtInBook(t, "nl"), builtInBook(t, "en")
	if len(nl.Terms()) < 150 || len(nl.Terms()) != len(en.Terms()) {
		t.Fatalf("%d words in Dutch, %d in English", len(nl.Terms()), len(en.Terms()))
	}
	for _, term := range nl.Terms() {
		other, ok := en.ByName(term.Name)
		if !ok || other.Kind != term.Kind || !slices.Equal(other.Codes, term.Codes) {
			t.Errorf("%s is %+v in English", term.Name, other)
		}
		for _, c := range term.Codes {
			if found, ok := en.ByCode(c); !ok || found.Name != other.Name {
				t.Errorf("%s has a code that leads to %q", term.Name, found.Name)
			}
		}
	}
	for _, kind := range Kinds() {
		if !slices.ContainsFunc(nl.Terms(), func(term Term) bool { return term.Kind == kind }) {
			t.Errorf("there is no word of kind %s", kind)
		}
	}
}

// judging are words that tell what is usual, or what to do: an explanation never
// does.
var judging = map[string]*regexp.Regexp{
	"nl": regexp.MustCompile(`(?i)\b(goed|goede|slecht|slechte|normaal|normale|abnormaal|afwijkend|te hoog|te laag|gezond|gezonde|gevaarlijk|moet|moeten|raadpleeg|neem|vraag|bel|stop|medicatie|anamnese|contra-indicatie|toediening|verstrekking|consult|zorgaanbieder)\b|!`),
	"en": regexp.MustCompile(`(?i)\b(good|bad|normal|abnormal|too high|too low|healthy|unhealthy|dangerous|should|must|ask your|call|consult|advise)\b|!`),
}

func TestExplanationsArePlain(t *testing.T) {
	for lang, forbidden := range judging {
		words, sentences := 0, 0
		for _, term := range builtInBook(t, lang).Terms() {
			if found := forbidden.FindString(term.Text); found != "" {
				t.Errorf("%s: %s says %q", lang, term.Name, found)
			}
			if !strings.HasSuffix(term.Text, ".") {
				t.Errorf("%s: %s does not end with a full stop", lang, term.Name)
			}
			parts := strings.Split(strings.TrimSuffix(term.Text, "."), ". ")
			if len(parts) > 2 {
				t.Errorf("%s: %s has %d sentences", lang, term.Name, len(parts))
			}
			for _, part := range parts {
				n := len(strings.Fields(part))
				if words, sentences = words+n, sentences+1; n > 22 {
					t.Errorf("%s: %s has a sentence of %d words", lang, term.Name, n)
				}
			}
		}
		if mean := float64(words) / float64(sentences); mean > 15 {
			t.Errorf("%s: sentences of %.1f words", lang, mean)
		}
	}
}

// FuzzRead: whatever a file holds, it is read or refused with a line, and what
// was read can be found by every name and code.
func FuzzRead(f *testing.F) {
	f.Add(small)
	f.Add("lab|a|b|nhg:1|c")
	f.Add("lab | a | a | |")
	f.Add("\ufeff# x\r\nexam | İ | ß; SS | | uitleg\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := Read(strings.NewReader(text))
		if err != nil {
			var bad *LineError
			if !errors.As(err, &bad) || bad.Line < 1 || bad.Line > strings.Count(text, "\n")+1 {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, term := range b.Terms() {
			for _, name := range append([]string{term.Name}, term.Other...) {
				if found, ok := b.ByName(name); !ok || found.Name != term.Name {
					t.Fatalf("%q leads to %q", name, found.Name)
				}
			}
			for _, c := range term.Codes {
				if found, _ := b.ByCode(c); found.Name != term.Name {
					t.Fatalf("%v leads to %q", c, found.Name)
				}
			}
		}
	})
}
