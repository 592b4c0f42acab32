package share

import (
	"crypto/rand"
	"strings"
)

// crockford is an alphabet of 32 without letters that look like digits.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// drawCode draws n characters of 5 bits each from the system's random source.
func drawCode(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // never fails, by its contract
	for i, b := range raw {
		raw[i] = crockford[b&31]
	}
	return string(raw)
}

// readCode reads a code of n characters as people type it: small letters,
// spaces and dashes, O for zero, I and L for one.
func readCode(typed string, n int) (code string, ok bool) {
	code = strings.Map(func(r rune) rune {
		switch r {
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		case ' ', '\t', '\n', '\r', '-', '\u00a0', '\u2013':
			return -1
		}
		return r
	}, strings.ToUpper(typed))
	return code, len(code) == n && strings.Trim(code, crockford) == ""
}
