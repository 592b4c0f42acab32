package fhir

import (
	"bytes"
	"unicode/utf8"
)

// stars takes the place of a number in text.
const stars = "*********"

// maxSaid is how many characters may stand between the word for a BSN and the
// number it announces, such as the end of one table cell and the start of another.
const maxSaid = 60

// MaskText masks numbers in free text that could be a BSN: nine digits that
// pass the 11-test. It tells how many it masked.
func MaskText(s string) (string, int) {
	masked, n := maskNumbers([]byte(s))
	if n == 0 {
		return s, 0
	}
	return string(masked), n
}

// maskNumbers masks what nextSuspect finds and counts it.
func maskNumbers(text []byte) ([]byte, int) {
	var out []byte
	n, done := 0, 0
	for {
		from, to := nextSuspect(text, done)
		if from == len(text) {
			break
		}
		out = append(append(out, text[done:from]...), stars...)
		done = to
		n++
	}
	if n == 0 {
		return text, 0
	}
	return append(out, text[done:]...), n
}

// countNumbers counts what maskNumbers would mask.
func countNumbers(text []byte) (n int) {
	for from, to := nextSuspect(text, 0); from < len(text); from, to = nextSuspect(text, to) {
		n++
	}
	return n
}

// maskSaid masks the numbers that a text calls a BSN: in references, links and
// system strings, and in words. Text without one is given back as it is.
func maskSaid(text []byte) []byte {
	if !hasSign(text) {
		return text
	}
	text = replaceAll(text, "masked", nextNamed)
	return replaceAll(text, stars, nextAnnounced)
}

// finder finds a number from i on and the place to go on from. from is the
// length of text when there is none; to is from when it is to be left alone.
type finder func(text []byte, i int, signs *signFinder) (from, to, next int)

func replaceAll(text []byte, with string, find finder) []byte {
	var out []byte
	signs := signFinder{word: no, oid: no}
	done := 0
	for i := 0; ; {
		from, to, next := find(text, i, &signs)
		if from == len(text) {
			break
		}
		if to > from {
			out = append(append(out, text[done:from]...), with...)
			done = to
		}
		i = next
	}
	if done == 0 {
		return text
	}
	return append(out, text[done:]...)
}

// signFinder remembers where the next word and the next OID for a BSN stand, so
// that the text is searched once for each.
type signFinder struct{ word, oid int }

// next gives both from i on; the length of text stands for none.
func (f *signFinder) next(text []byte, i int) (word, oid int) {
	if f.word < i {
		f.word = nextWord(text, i)
	}
	if f.oid < i {
		f.oid = len(text)
		if at := bytes.Index(text[i:], []byte(bsnOID)); at >= 0 {
			f.oid = i + at
		}
	}
	return f.word, f.oid
}

// nextNamed finds the number behind the name of the naming system or its OID,
// or behind "bsn" and a bar.
func nextNamed(text []byte, i int, signs *signFinder) (from, to, next int) {
	for i < len(text) {
		word, oid := signs.next(text, i)
		sign := min(word, oid)
		switch {
		case sign == len(text):
			return sign, sign, sign
		case sign == oid:
			from = partEnd(text, oid+len(bsnOID), true)
		default:
			from = namedAt(text, word)
		}
		if from > 0 {
			if to = digitsEnd(text, from); to != no {
				return from, to, to
			}
		}
		i = sign + 1
	}
	return len(text), len(text), len(text)
}

// namedAt gives where the number would start that the word at i names, or 0.
func namedAt(text []byte, i int) int {
	if !hasFold(text, i, "bsn") {
		return 0
	}
	for _, before := range [...]string{"namingsystem/", `namingsystem\/`, "namingsystem%2f"} {
		if hasFold(text, i-len(before), before) {
			return partEnd(text, i+len("bsn"), true)
		}
	}
	if i > 0 && isWord(text[i-1]) {
		return 0
	}
	return partEnd(text, i+len("bsn"), false)
}

// partEnd gives the end of what parts a system from a value at i, or 0. Some
// signs do so only behind a system written in full.
func partEnd(text []byte, i int, full bool) int {
	for _, sign := range [...]string{"|", "%7c"} {
		if hasFold(text, i, sign) {
			return i + len(sign)
		}
	}
	for _, sign := range [...]string{".", "/", `\/`, "%2f"} {
		if full && hasFold(text, i, sign) {
			return i + len(sign)
		}
	}
	return 0
}

// nextAnnounced finds nine digits behind a word for a BSN; those that fail the
// 11-test are left alone.
func nextAnnounced(text []byte, i int, _ *signFinder) (from, to, next int) {
	for ; i < len(text); i++ {
		if i = nextWord(text, i); i == len(text) {
			break
		}
		from, to = announcedAt(text, i)
		if to == 0 {
			continue
		}
		if !passes11(text[from:to]) {
			return from, from, to
		}
		return from, to, to
	}
	return len(text), len(text), len(text)
}

// announcedAt gives the number that the word at i announces; to is 0 if none.
func announcedAt(text []byte, i int) (from, to int) {
	from = i + wordAt(text, i)
	if i > 0 && isWord(text[i-1]) || from < len(text) && isWord(text[from]) {
		return from, 0
	}
	for n := 0; from < len(text) && !isDigit(text[from]); n++ {
		if n == maxSaid || text[from] == '*' {
			return from, 0
		}
		_, size := utf8.DecodeRune(text[from:])
		from += size
	}
	end := digitsEnd(text, from)
	if end == no {
		return from, 0
	}
	return from, numberTo(text, from, end)
}
