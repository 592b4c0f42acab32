package glossary

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/fhir"
)

// LineError is a line that cannot be read. It never quotes the line.
type LineError struct {
	Line   int // from 1
	Reason string
}

// Error says which line, and why.
func (e *LineError) Error() string { return fmt.Sprintf("glossary: line %d: %s", e.Line, e.Reason) }

// Limits of a file: a page shows the words, and memory holds them.
const (
	longestLine = 4_000   // bytes
	longestName = 80      // characters
	longestText = 400     // characters
	mostTerms   = 100_000 // words
)

// ReadFile reads the words of a language, "nl" or "en", from a folder. Errors are
// those of fs.ReadFile and of [Read].
func ReadFile(folder fs.FS, lang string) (*Book, error) {
	f, err := folder.Open(lang + ".txt")
	if err != nil {
		return nil, fmt.Errorf("read the glossary: %w", err)
	}
	defer f.Close()
	b, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", lang, err)
	}
	return b, nil
}

// Read reads a file of words. A bad line is a *LineError with its number; a
// reader that fails gives its own error.
func Read(r io.Reader) (*Book, error) {
	b := &Book{byName: map[string]int{}, byCode: map[fhir.Coding]int{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine)
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		t, reason := parse(line)
		if reason == "" {
			reason = b.add(t)
		}
		if reason != "" {
			return nil, &LineError{n, reason}
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, &LineError{n + 1, "too long"}
	case err != nil:
		return nil, fmt.Errorf("read the glossary: %w", err)
	}
	b.sort()
	return b, nil
}

// parse reads one line; the reason is empty when it is right.
func parse(line string) (t Term, reason string) {
	if !utf8.ValidString(line) || strings.ContainsFunc(line, unicode.IsControl) {
		return t, "signs that are no text"
	}
	pieces := strings.Split(line, "|")
	if len(pieces) != 5 {
		return t, fmt.Sprintf("%d pieces, want 5 with | between them", len(pieces))
	}
	for i := range pieces {
		pieces[i] = strings.TrimSpace(pieces[i])
	}
	t = Term{Kind: Kind(pieces[0]), Name: pieces[1], Text: pieces[4]}
	for name := range strings.SplitSeq(pieces[2], ";") {
		if name = strings.TrimSpace(name); name != "" {
			t.Other = append(t.Other, name)
		}
	}
	if !slices.Contains(Kinds(), t.Kind) {
		return t, "the kind is not lab, exam, document or medicine"
	}
	if n := utf8.RuneCountInString(t.Text); n == 0 || n > longestText {
		return t, fmt.Sprintf("an explanation of %d characters, want 1 to %d", n, longestText)
	}
	t.Codes, reason = codes(pieces[3])
	return t, reason
}

// codes reads the piece with the codes.
func codes(piece string) (all []fhir.Coding, reason string) {
	systems := map[string]string{"loinc": fhir.LOINC, "nhg": fhir.NHG45, "atc": fhir.ATC}
	for _, text := range strings.Fields(piece) {
		prefix, code, _ := strings.Cut(text, ":")
		if systems[prefix] == "" || code == "" {
			return nil, "a code that is not loinc:, nhg: or atc: with something behind it"
		}
		all = append(all, fhir.Coding{System: systems[prefix], Code: code})
	}
	return all, ""
}

// add takes a word in; the reason is why it may not.
func (b *Book) add(t Term) (reason string) {
	if len(b.terms) == mostTerms {
		return "too many words"
	}
	for _, name := range append([]string{t.Name}, t.Other...) {
		key := fold(name)
		if _, twice := b.byName[key]; twice {
			return "a name that stands twice"
		}
		if n := utf8.RuneCountInString(name); key == "" || n > longestName {
			return fmt.Sprintf("a name of %d characters, want 1 to %d", n, longestName)
		}
		b.byName[key] = len(b.terms)
	}
	for _, c := range t.Codes {
		if _, twice := b.byCode[c]; twice {
			return "a code that stands twice"
		}
		b.byCode[c] = len(b.terms)
	}
	b.terms = append(b.terms, t)
	return ""
}

// sort puts the words in order and points at them anew.
func (b *Book) sort() {
	slices.SortFunc(b.terms, func(x, y Term) int {
		return cmp.Or(cmp.Compare(x.Letter(), y.Letter()), cmp.Compare(fold(x.Name), fold(y.Name)))
	})
	for i, t := range b.terms {
		for _, name := range append([]string{t.Name}, t.Other...) {
			b.byName[fold(name)] = i
		}
		for _, c := range t.Codes {
			b.byCode[c] = i
		}
	}
}
