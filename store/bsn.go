package store

import "bytes"

// mayHoldBSN tells whether there is a number in b that could be a BSN: eight or
// nine digits, together or with a dot or a space between some, that pass the
// 11-test. It is a quick no before fhir.HasBSN, which knows the places, for bytes
// that fhir.Parse masked already. Escaped digits count as a yes.
func mayHoldBSN(b []byte) bool {
	if bytes.Contains(b, []byte(`\u00`)) {
		return true
	}
	// Of eight in a row every eighth byte is one: most are passed over.
	for i := 7; i < len(b)+7; {
		at := min(i, len(b)-1)
		if !inNumber(b, at) {
			i += 8
			continue
		}
		from, to := at, at
		for from > 0 && inNumber(b, from-1) {
			from--
		}
		for to < len(b) && inNumber(b, to) {
			to++
		}
		if numberPasses(b[from:to]) {
			return true
		}
		i = to + 8
	}
	return false
}

// inNumber holds for a digit, and for one dot or space between two.
func inNumber(b []byte, i int) bool {
	c := b[i]
	return isDigit(c) || (c == '.' || c == ' ') && i > 0 && i+1 < len(b) && isDigit(b[i-1]) && isDigit(b[i+1])
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func numberPasses(b []byte) bool {
	digits := make([]byte, 0, 9)
	for _, c := range b {
		switch {
		case !isDigit(c):
		case len(digits) == cap(digits):
			return false
		default:
			digits = append(digits, c-'0')
		}
	}
	return passes11(digits)
}

// passes11 is the check every BSN satisfies: the sum of its digits with the
// weights 9 to 2 and -1 is a multiple of eleven.
func passes11(digits []byte) bool {
	if len(digits) < 8 || len(digits) > 9 {
		return false
	}
	sum, weight := 0, len(digits)
	for _, d := range digits {
		if weight == 1 {
			weight = -1
		}
		sum += int(d) * weight
		weight--
	}
	return sum%11 == 0
}
