package fhir

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Eight bytes are looked at in one step; ones repeats a byte eight times and
// high is the top bit of each.
const (
	ones = 0x0101010101010101
	high = 0x80 * ones
)

// zeroBytes marks the bytes of w that are zero with their top bit. The lowest
// mark is always right, and none is only there when there is no zero.
func zeroBytes(w uint64) uint64 { return (w - ones) &^ w & high }

// plainEnd gives where the text from i on stops to be plain: at a quote, a
// backslash, a control character or the first byte that is not ASCII.
func plainEnd(raw []byte, i int) int {
	for ; i+8 <= len(raw); i += 8 {
		w := binary.LittleEndian.Uint64(raw[i:])
		special := (w-0x20*ones)&^w&high | w&high | zeroBytes(w^'"'*ones) | zeroBytes(w^'\\'*ones)
		if special != 0 {
			return i + bits.TrailingZeros64(special)/8
		}
	}
	for ; i < len(raw); i++ {
		if c := raw[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return i
		}
	}
	return i
}

// nameEnd gives the place of the closing quote of the name at i. It takes
// plain names only: an escape may write another name in other letters.
func nameEnd(raw []byte, i int) int {
	if i == len(raw) || raw[i] != '"' {
		return no
	}
	if i = plainEnd(raw, i+1); i == len(raw) || raw[i] != '"' {
		return no
	}
	return i
}

// stringEnd gives the end of the string that starts at i.
func stringEnd(raw []byte, i int) int {
	for i++; ; {
		i = plainEnd(raw, i)
		switch {
		case i == len(raw) || raw[i] < 0x20:
			return no
		case raw[i] == '"':
			return i + 1
		case raw[i] == '\\':
			if i = escapeEnd(raw, i); i == no {
				return no
			}
		default:
			r, size := utf8.DecodeRune(raw[i:])
			if r == utf8.RuneError && size == 1 {
				return no
			}
			i += size
		}
	}
}

// escapeEnd gives the end of the escape at i. A surrogate is left to those who
// look whether its other half is there.
func escapeEnd(raw []byte, i int) int {
	if i+1 == len(raw) {
		return no
	}
	switch raw[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		return unicodeEnd(raw, i+2)
	}
	return no
}

func unicodeEnd(raw []byte, i int) int {
	if i+4 > len(raw) {
		return no
	}
	for _, c := range raw[i : i+4] {
		if !isHex(c) {
			return no
		}
	}
	if (raw[i] == 'd' || raw[i] == 'D') && raw[i+1] >= '8' {
		return no
	}
	return i + 4
}

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// numberEnd gives the end of the number at i.
func numberEnd(raw []byte, i int) int {
	from := i
	if i < len(raw) && raw[i] == '-' {
		i++
	}
	first := i
	if i = digitsEnd(raw, i); i == no || raw[first] == '0' && i > first+1 {
		return no
	}
	if i < len(raw) && raw[i] == '.' {
		if i = digitsEnd(raw, i+1); i == no {
			return no
		}
	}
	if i < len(raw) && (raw[i] == 'e' || raw[i] == 'E') {
		if i++; i < len(raw) && (raw[i] == '+' || raw[i] == '-') {
			i++
		}
		if i = digitsEnd(raw, i); i == no {
			return no
		}
	}
	if i-from > maxNumber {
		return no
	}
	return i
}

// digitsEnd gives the end of the digits at i, of which there must be one.
func digitsEnd(raw []byte, i int) int {
	from := i
	for i < len(raw) && isDigit(raw[i]) {
		i++
	}
	if i == from {
		return no
	}
	return i
}

func literalEnd(raw []byte, i int, word string) int {
	if i+len(word) > len(raw) || string(raw[i:i+len(word)]) != word {
		return no
	}
	return i + len(word)
}

// skipSpace gives the place of the next byte that is no white space.
func skipSpace(raw []byte, i int) int {
	for i < len(raw) && raw[i] <= ' ' && isSpace(raw[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
