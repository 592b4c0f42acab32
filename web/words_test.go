package web

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

func TestBothLanguagesHaveEveryText(t *testing.T) {
	nl, en := wordsIn("nl"), wordsIn("en")
	for key, text := range nl.table {
		other, ok := en.table[key]
		if !ok || text == "" || other == "" {
			t.Errorf("%s is not in both languages", key)
			continue
		}
		if diff := cmp.Diff(placeholders(text), placeholders(other)); diff != "" {
			t.Errorf("%s has other placeholders (-nl +en):\n%s", key, diff)
		}
		if strings.Contains(text, " | ") != strings.Contains(other, " | ") {
			t.Errorf("%s has forms for one and more in one language only", key)
		}
	}
	if len(nl.table) != len(en.table) {
		t.Errorf("%d texts in Dutch, %d in English", len(nl.table), len(en.table))
	}
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// TestEveryTextIsUsed finds keys that the code asks for and that do not exist,
// and texts that nothing asks for.
func TestEveryTextIsUsed(t *testing.T) {
	direct := regexp.MustCompile(`(?:\bt |\.T\(|[vw]\.Or\(|latest\(|addPart\(v\.T\(|month\()"([^"]+)"(\+?)| t "([^"]+)"`)
	table := wordsIn("nl").table
	used := map[string]bool{}
	for _, pattern := range []string{"*.go", "html/*.html"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range direct.FindAllStringSubmatch(string(data), -1) {
				key := m[1] + m[3]
				used[key] = true
				if _, ok := table[key]; !ok && !strings.HasSuffix(key, ".") {
					t.Errorf("%s asks for %q, which does not exist", name, key)
				}
			}
			for _, m := range regexp.MustCompile(`"([a-z0-9]+(?:\.[a-z]+)*\.)"`).FindAllStringSubmatch(string(data), -1) {
				used[m[1]] = true
			}
		}
	}
	for key := range table {
		if !isUsed(key, used) {
			t.Errorf("nothing asks for %q", key)
		}
	}
}

// isUsed also takes a key whose beginning is asked for with something behind it.
func isUsed(key string, used map[string]bool) bool {
	if used[key] || strings.HasSuffix(key, ".rest") && isUsed(strings.TrimSuffix(key, ".rest"), used) {
		return true
	}
	for i := range key {
		if key[i] == '.' && used[key[:i+1]] {
			return true
		}
	}
	return false
}

// TestDutchIsPlain checks what a program can of plain language: short
// sentences, and none of the words that patients do not use.
func TestDutchIsPlain(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)medicatie|consult\b|anamnese|contra-indicatie|toediening|verstrekking|resource|token|synchron|zorgaanbieder|niet aanwezig|helaas|oeps|succesvol|!`)
	for key, text := range wordsIn("nl").table {
		if found := forbidden.FindString(text); found != "" {
			t.Errorf("%s says %q", key, found)
		}
		for _, sentence := range regexp.MustCompile(`[.?:|]`).Split(text, -1) {
			if n := len(strings.Fields(sentence)); n > 22 {
				t.Errorf("%s has a sentence of %d words", key, n)
			}
		}
	}
}

// TestDutchIsShortAndActive checks the two measures of product.md 6.16 that hold
// for all texts together: sentences of 15 words at most on average, and no more
// than one in five in the passive voice. A part of a page is no exception: the
// texts are grouped by the first part of their key.
func TestDutchIsShortAndActive(t *testing.T) {
	passive := regexp.MustCompile(`(?i)\b(wordt|worden|werd|werden)\b`)
	type measure struct{ sentences, words, passive int }
	of := map[string]*measure{"": {}}
	for key, text := range wordsIn("nl").table {
		group, _, _ := strings.Cut(key, ".")
		if of[group] == nil {
			of[group] = &measure{}
		}
		for _, sentence := range regexp.MustCompile(`[.?:|]\s|[.?:|]$`).Split(text, -1) {
			n := len(strings.Fields(sentence))
			if n < 3 { // a label or a button is no sentence
				continue
			}
			for _, m := range []*measure{of[""], of[group]} {
				m.sentences, m.words = m.sentences+1, m.words+n
				if passive.MatchString(sentence) {
					m.passive++
				}
			}
		}
	}
	for group, m := range of {
		if m.words > 15*m.sentences {
			t.Errorf("texts %q: %d words in %d sentences", group, m.words, m.sentences)
		}
		if m.sentences >= 5 && m.passive*5 > m.sentences {
			t.Errorf("texts %q: %d of %d sentences are passive", group, m.passive, m.sentences)
		}
	}
	if m := of[""]; m.sentences < 500 {
		t.Errorf("only %d sentences were read", m.sentences)
	} else {
		t.Logf("%d sentences, %.1f words each, %d passive", m.sentences, float64(m.words)/float64(m.sentences), m.passive)
	}
}

func TestTextsAreFilledIn(t *testing.T) {
	nl, en := wordsIn("nl"), wordsIn("en")
	for _, tc := range []struct{ name, got, want string }{
		{"one", nl.T("m.answer.nu", "n", 1), "U gebruikt nu 1 medicijn."},
		{"more", nl.T("m.answer.nu", "n", 6), "U gebruikt nu 6 medicijnen."},
		{"none", nl.T("m.answer.nu", "n", 0), "U gebruikt nu 0 medicijnen."},
		{"thousands in Dutch", nl.T("m.answer.nu", "n", 1234), "U gebruikt nu 1.234 medicijnen."},
		{"thousands in English", en.T("m.answer.nu", "n", 1234567), "You use 1,234,567 medicines now."},
		{"fewer than none", nl.T("m.answer.nu", "n", -558), "U gebruikt nu -558 medicijnen."},
		{"more than anybody has", nl.T("m.answer.nu", "n", 70_000_001), "U gebruikt nu 70.000.001 medicijnen."},
		{"less than nothing", nl.write(-12345), "-12.345"},
		{"a figure in a list", nl.Count(50000), "50.000"},
		{"a text that looks like a number stays", nl.write("2026"), "2026"},
		{"unknown key", nl.T("nope"), "⟦nope⟧"},
		{"list of three", nl.List([]string{"a", "b", "c"}), "a, b en c"},
		{"list of one", nl.List([]string{"a"}), "a"},
		{"English list", en.List([]string{"a", "b"}), "a and b"},
		{"Dutch decimal keeps its digits", nl.Number("36.60"), "36,60"},
		{"small number in words", nl.Count(3), "drie"},
		{"large number in digits", nl.Count(13), "13"},
		{"day", nl.When("2025-05-12"), "12" + nbsp + "mei" + nbsp + "2025"},
		{"month", en.When("2025-05"), "May" + nbsp + "2025"},
		{"year", nl.When("2009"), "2009"},
		{"no date", nl.When("gisteren"), ""},
		{"a moment late on the day before in Greenwich is today here", nl.Moment(storyNow, storyNow), "vandaag om 11:20"},
		{"under a column", nl.short(fhir.ParseDate("2025-05-12"), true, false), "12" + nbsp + "mei"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, tc.got, tc.want)
		}
	}
}

// TestNoTextStandsTwice: of two texts with one key the first would be lost
// without a word.
func TestNoTextStandsTwice(t *testing.T) {
	for _, lang := range []string{"nl", "en"} {
		data, err := wordFiles.ReadFile("words/" + lang + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for line := range strings.Lines(string(data)) {
			key, _, ok := strings.Cut(line, " = ")
			if ok && !strings.HasPrefix(line, "#") && seen[key] {
				t.Errorf("%s has two texts for %q", lang, key)
			}
			seen[key] = true
		}
	}
}
