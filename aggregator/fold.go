package aggregator

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// fold makes free text comparable: compatibility forms, lower case, single
// spaces, no final full stop (merge.md 1.4). It decides nothing on its own.
func fold(s string) string {
	if isFolded(s) {
		return strings.TrimSuffix(s, ".")
	}
	s = strings.ToLower(norm.NFKC.String(s))
	return strings.TrimSuffix(strings.Join(strings.Fields(s), " "), ".")
}

// joinText joins non-empty texts.
func joinText(sep string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "" }), sep)
}

// isFolded tells quickly of the usual word that only its full stop can be
// taken off: ASCII in lower case, with single spaces.
func isFolded(s string) bool {
	space := true // so that it may not begin with one
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || (c >= 'A' && c <= 'Z') || (c == ' ' && space) {
			return false
		}
		space = c == ' '
	}
	return !space
}
