package fhir

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Where a BSN can be at all is found without regular expressions: most
// resources hold none of the words and numbers that lead to one.

// signs are what a quick look at JSON finds: what names a BSN, and whether a
// number may be there that could be one. An escaped letter or digit could hide
// either. Most resources have no sign at all.
type signs struct {
	word    bool // "bsn" or "burgerservicenummer"
	oid     bool // the OID of the naming system
	code    bool // the code of the identifier type
	escaped bool
	number  bool
}

func (s signs) named() bool { return s.word || s.oid || s.code || s.escaped }

// look is sure of every sign that it does not find.
func look(raw []byte) signs { return signs{true, true, true, true, true}.in(raw) }

// in looks at a part of what was looked at, for the signs that the whole has.
func (s signs) in(part []byte) signs {
	s.escaped = s.escaped && bytes.Contains(part, []byte(`\u`))
	s.word = s.word && nextWord(part, 0) < len(part)
	s.code = s.code && bytes.Contains(part, []byte("NNNLD"))
	if s.oid || s.number {
		oid, number := lookAtDigits(part)
		s.oid, s.number = s.oid && oid, s.number && number
	}
	s.number = s.number || s.escaped
	return s
}

// lookAtDigits finds the OID of the BSN and numbers that could be one.
func lookAtDigits(raw []byte) (oid, number bool) {
	for from, to := nextRun(raw, 0); from < len(raw); from, to = nextRun(raw, to) {
		switch to - from {
		case len(oidPart):
			oid = oid || hasOID(raw, from)
		case 3, 4, 9:
			end := numberTo(raw, from, to)
			number = number || end != 0 && standsApart(raw, from) && passes11(raw[from:end])
		}
	}
	return oid, number
}

// oidPart is the one long part of the OID of the BSN, and where it stands there.
const (
	oidPart   = "113883"
	oidPartAt = len("2.16.840.1.")
)

func hasOID(raw []byte, part int) bool {
	from := part - oidPartAt
	return from >= 0 && bytes.HasPrefix(raw[from:], []byte(bsnOID))
}

// mayHoldBSN is a quick no for most JSON.
func mayHoldBSN(raw []byte) bool {
	return hasSign(raw) || bytes.Contains(raw, []byte("NNNLD")) || bytes.Contains(raw, []byte(`\u00`))
}

// hasSign tells whether a name or number of the BSN's naming systems is there.
func hasSign(raw []byte) bool {
	return nextWord(raw, 0) < len(raw) || bytes.Contains(raw, []byte(bsnOID))
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
	for from, to = nextRun(raw, i); from < len(raw); from, to = nextRun(raw, to) {
		if end := numberTo(raw, from, to); end != 0 && standsApart(raw, from) {
			return from, end
		}
	}
	return from, to
}

// nextRun finds the next run of three digits or more from i on. Every form of a
// BSN starts with one.
func nextRun(raw []byte, i int) (from, to int) {
	for from = i; from+8 <= len(raw); from += 6 {
		if marks := threeDigits(binary.LittleEndian.Uint64(raw[from:])); marks != 0 {
			from += bits.TrailingZeros64(marks) / 8
			return from, digitsEnd(raw, from)
		}
	}
	for ; from+3 <= len(raw); from++ {
		if to = digitsEnd(raw, from); to-from >= 3 {
			return from, to
		}
	}
	return len(raw), len(raw)
}

// threeDigits marks which of the first six bytes of w start three digits, by
// their top bits.
func threeDigits(w uint64) uint64 {
	w ^= '0' * ones // now a digit is below ten
	other := (w&^high + (0x80-10)*ones) | w
	digits := ^other & high
	return digits & (digits >> 8) & (digits >> 16)
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
