package fhir

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Where a BSN can be at all is found without regular expressions: most
// resources hold none of the words and numbers that lead to one.

// oidTail is the end of the OID of the BSN, which little else has.
const oidTail = "83.2.4.6.3"

// signs are what a quick look at JSON finds: whether a BSN may be named, and
// whether a number may be there that could be one. Most resources have neither.
type signs struct{ bsn, number bool }

// look is sure when it says no. An escaped letter or digit could hide
// anything, so it counts as a maybe.
func look(raw []byte) signs {
	if bytes.Contains(raw, []byte(`\u`)) {
		return signs{bsn: mayHoldBSN(raw), number: true}
	}
	from, _ := nextSuspect(raw, 0)
	return signs{bsn: hasSign(raw) || bytes.Contains(raw, []byte("NNNLD")), number: from < len(raw)}
}

// mayHoldBSN is the half of look that is about the name of a BSN.
func mayHoldBSN(raw []byte) bool {
	return hasSign(raw) || bytes.Contains(raw, []byte("NNNLD")) || bytes.Contains(raw, []byte(`\u00`))
}

// hasSign tells whether a name or number of the BSN's naming systems is there.
func hasSign(raw []byte) bool {
	return nextWord(raw, 0) < len(raw) || bytes.Contains(raw, []byte(oidTail)) && bytes.Contains(raw, []byte(bsnOID))
}

// nextWord gives where "bsn" or "burgerservicenummer" starts from i on, in any
// case, or the length of raw.
func nextWord(raw []byte, i int) int {
	for ; i+10 <= len(raw); i += 8 {
		for marks := wordMarks(raw[i : i+10]); marks != 0; marks &= marks - 1 {
			at := i + bits.TrailingZeros64(marks)/8
			if wordAt(raw, at) > 0 {
				return at
			}
		}
	}
	for ; i < len(raw); i++ {
		if raw[i]|0x20 == 'b' && wordAt(raw, i) > 0 {
			return i
		}
	}
	return len(raw)
}

// wordMarks marks which of the first eight bytes start "bsn" or "bur", by their
// top bits. It may mark more, never less: letters that differ from those by
// the same bits look the same.
func wordMarks(raw []byte) uint64 {
	const lower, second, third = 0x20 * ones, ('s' ^ 'u') * ones, ('n' ^ 'r') * ones
	b := binary.LittleEndian.Uint64(raw) | lower
	su := binary.LittleEndian.Uint64(raw[1:]) | lower | second
	nr := binary.LittleEndian.Uint64(raw[2:]) | lower | third
	return zeroBytes((b ^ 'b'*ones) | (su ^ ('s'|'u')*ones) | (nr ^ ('n'|'r')*ones))
}

// wordAt gives the length of the word for a BSN that starts at i, or 0.
func wordAt(raw []byte, i int) int {
	for _, word := range [...]string{"bsn", "burgerservicenummer"} {
		if hasFold(raw, i, word) {
			return len(word)
		}
	}
	return 0
}

// hasFold tells whether word, in lower case, stands at i in any case.
func hasFold(raw []byte, i int, word string) bool {
	if i < 0 || i+len(word) > len(raw) {
		return false
	}
	for j := range len(word) {
		c := raw[i+j]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[j] {
			return false
		}
	}
	return true
}

// nextNumber finds the next nine digits from i on, together or in the groups
// people write (4-2-3 and 3-3-3 with points or spaces), that stand apart from
// other letters and digits. from is the length of raw when there is none.
func nextNumber(raw []byte, i int) (from, to int) {
	// Every form holds three digits in a row, so every third byte is looked at.
	for at := i + 2; at < len(raw); at += 3 {
		if !isDigit(raw[at]) {
			continue
		}
		from = at
		for from > i && isDigit(raw[from-1]) {
			from--
		}
		for at+1 < len(raw) && isDigit(raw[at+1]) {
			at++
		}
		if to = numberTo(raw, from, at+1); to != 0 && standsApart(raw, from) {
			return from, to
		}
	}
	return len(raw), len(raw)
}

// numberTo gives the end of the nine digits whose first group is from..to, or 0.
func numberTo(raw []byte, from, to int) int {
	switch to - from {
	case 9:
	case 4:
		to = groupEnd(raw, groupEnd(raw, to, 2), 3)
	case 3:
		to = groupEnd(raw, groupEnd(raw, to, 3), 3)
	default:
		return 0
	}
	if to < len(raw) && isWord(raw[to]) {
		return 0
	}
	return to
}

// groupEnd gives the end of a point or space and n digits at i, or 0.
func groupEnd(raw []byte, i, n int) int {
	if i == 0 || i+1+n > len(raw) || raw[i] != '.' && raw[i] != ' ' {
		return 0
	}
	for j := range n {
		if !isDigit(raw[i+1+j]) {
			return 0
		}
	}
	return i + 1 + n
}

// standsApart tells whether no letter or digit touches what starts at i. In a
// JSON string the letter may belong to an escape, such as that of a line break.
func standsApart(raw []byte, i int) bool {
	return i == 0 || !isWord(raw[i-1]) || i > 1 && raw[i-2] == '\\'
}

// isWord tells what a number must not touch, or it is part of something else.
func isWord(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

// nextSuspect finds the next number that could be a BSN, as nextNumber does.
func nextSuspect(raw []byte, i int) (from, to int) {
	for from, to = nextNumber(raw, i); from < len(raw) && !passes11(raw[from:to]); {
		from, to = nextNumber(raw, to)
	}
	return from, to
}

// passes11 is the check every BSN satisfies: the weighted sum of its digits,
// 9 down to 2 and then -1, is a multiple of eleven.
func passes11(number []byte) bool {
	sum, weight := 0, 9
	for i := range len(number) {
		if !isDigit(number[i]) {
			continue
		}
		if weight == 1 {
			weight = -1
		}
		sum += int(number[i]-'0') * weight
		weight--
	}
	return sum != 0 && sum%11 == 0
}
