package web

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how many characters of a text from a source a list shows.
const longest = 300

// clean makes a text from a source safe to read: no control characters, and
// marks that turn the reading direction are made visible, so that a text
// cannot look like another one (security-store.md C9).
func clean(text string) string {
	text = strings.ToValidUTF8(text, "�")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case turnsDirection(r):
			return '⟲'
		case unicode.Is(unicode.Cc, r), r == '\u200b', r == '\ufeff':
			return -1
		}
		return r
	}, text)
}

// soften lets a long name of a provider end a line before its last word, as in
// Huisartsen-praktijk (look.md 3: soft hyphens in known long words).
func soften(name string) string {
	return strings.NewReplacer("npraktijk", "n\u00adpraktijk", "kziekenhuis", "k\u00adziekenhuis", "scentrum", "s\u00adcentrum", "sapotheek", "s\u00adapotheek").Replace(name)
}

// turnsDirection tells whether a character changes the reading direction unseen.
func turnsDirection(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f'
}

// brief is a clean text, cut where it would fill the page.
func brief(text string) string {
	text = clean(text)
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	return string([]rune(text)[:longest]) + " …"
}
