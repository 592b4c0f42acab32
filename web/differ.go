package web

import (
	"slices"
	"strings"
	"unicode"
)

// differ splits texts that say the same of different things into spans and
// marks the words that are not in all of them, wherever they stand. A number
// takes its unit along: "100 mg" differs from "50 mg". When most of a text
// differs, marking says nothing and nothing is marked.
func differ(texts []string) [][]span {
	split := make([][]string, len(texts))
	for i, text := range texts {
		split[i] = strings.Fields(strings.ReplaceAll(text, nbsp, " "))
	}
	out := make([][]span, len(texts))
	for i, own := range split {
		marked := make([]bool, len(own))
		count := 0
		for j, word := range own {
			follows := j > 0 && marked[j-1] && isNumber(own[j-1]) && !isNumber(word)
			marked[j] = follows || !inAll(split, word)
			if marked[j] {
				count++
			}
		}
		if len(texts) < 2 || count*5 > len(own)*3 && len(own) > 2 {
			out[i] = []span{{Text: texts[i]}}
			continue
		}
		out[i] = unstop(join(own, marked))
	}
	return out
}

// stops end a clause and say nothing of a word.
const stops = ":;,."

// same is what two words have in common when only their case, or what ends
// the clause after them, differs.
func same(word string) string { return strings.ToLower(strings.TrimRight(word, stops)) }

// unstop keeps what ends a clause out of the marks.
func unstop(spans []span) (out []span) {
	end := ""
	for _, s := range spans {
		s.Text = end + s.Text
		end = ""
		if s.Marked {
			if word := strings.TrimRight(s.Text, stops); word != "" {
				s.Text, end = word, s.Text[len(word):]
			}
		}
		out = append(out, s)
	}
	if end != "" {
		out = append(out, span{Text: end})
	}
	return out
}

// inAll tells whether a word is in every text.
func inAll(split [][]string, word string) bool {
	for _, other := range split {
		if !slices.ContainsFunc(other, func(o string) bool { return same(o) == same(word) }) {
			return false
		}
	}
	return true
}

// isNumber tells whether a word is a number, with a point or a comma.
func isNumber(word string) bool {
	return word != "" && strings.IndexFunc(word, func(r rune) bool { return !unicode.IsDigit(r) && r != ',' && r != '.' }) < 0
}

// join makes spans of runs of words; the space between two spans belongs to
// the one that is not marked.
func join(words []string, marked []bool) []span {
	var out []span
	for i, word := range words {
		if n := len(out); n > 0 && out[n-1].Marked == marked[i] {
			sep := " "
			if marked[i] && isNumber(words[i-1]) {
				sep = nbsp
			}
			out[n-1].Text += sep + word
			continue
		}
		if n := len(out); n > 0 {
			if marked[i] {
				out[n-1].Text += " "
			} else {
				word = " " + word
			}
		}
		out = append(out, span{Text: word, Marked: marked[i]})
	}
	return out
}
