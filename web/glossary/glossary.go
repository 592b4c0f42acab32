package glossary

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/bundel-pgo/bundel/fhir"
)

//go:embed nl.txt en.txt
var builtIn embed.FS

// BuiltIn is the folder with the words of Bundel.
func BuiltIn() fs.FS { return builtIn }

// Kind is what sort of thing a word is about.
type Kind string

// The kinds of words.
const (
	Lab      Kind = "lab"
	Exam     Kind = "exam"
	Document Kind = "document"
	Medicine Kind = "medicine"
)

// Kinds are all kinds, in the order in which they are shown.
func Kinds() []Kind { return []Kind{Lab, Exam, Document, Medicine} }

// Term is one word.
type Term struct {
	Kind  Kind
	Name  string
	Other []string      // names for the same thing
	Codes []fhir.Coding // system and code only
	Text  string        // the explanation
}

// Letter is under which letter the word stands: A to Z, or # for another sign.
func (t Term) Letter() string {
	if name := fold(t.Name); name != "" && name[0] >= 'a' && name[0] <= 'z' {
		return strings.ToUpper(name[:1])
	}
	return "#"
}

// Book is the words of one language. The nil Book and the zero Book are empty. It
// does not change, so it may be used by several goroutines.
type Book struct {
	terms  []Term // by name
	byName map[string]int
	byCode map[fhir.Coding]int
}

// Terms are all words, sorted by name. The caller does not change them.
func (b *Book) Terms() []Term {
	if b == nil {
		return nil
	}
	return b.terms
}

// ByCode is the word with this code; only its system and code count.
func (b *Book) ByCode(c fhir.Coding) (Term, bool) {
	if b == nil {
		return Term{}, false
	}
	i, ok := b.byCode[fhir.Coding{System: c.System, Code: c.Code}]
	return b.at(i, ok)
}

// ByName is the word that is called so, capitals and accents aside. Part of a
// name is not enough.
func (b *Book) ByName(name string) (Term, bool) {
	if b == nil {
		return Term{}, false
	}
	i, ok := b.byName[fold(name)]
	return b.at(i, ok)
}

func (b *Book) at(i int, ok bool) (Term, bool) {
	if !ok {
		return Term{}, false
	}
	return b.terms[i], true
}

// Search gives the words of which a name holds what is typed, those that begin
// with it first. It finds nothing for an empty text.
func (b *Book) Search(typed string) []Term {
	typed = fold(typed)
	if typed == "" {
		return nil
	}
	var begin, hold []Term
	for _, t := range b.Terms() {
		names := append([]string{t.Name}, t.Other...)
		switch {
		case slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(fold(n), typed) }):
			begin = append(begin, t)
		case slices.ContainsFunc(names, func(n string) bool { return strings.Contains(fold(n), typed) }):
			hold = append(hold, t)
		}
	}
	return append(begin, hold...)
}

// fold makes names that differ in capitals, accents or spaces alike.
func fold(name string) string {
	var out strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		if !unicode.Is(unicode.Mn, r) {
			out.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}
