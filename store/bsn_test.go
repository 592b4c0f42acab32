package store

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

func TestMayHoldBSN(t *testing.T) {
	for text, want := range map[string]bool{
		"999990019": true, "x999990019": true, "9999.90.019": true, "999 990 019": true, "a 99999001 9": true,
		"999990018": false, "9999900190": false, "99999": false, "": false, "2020-01-01": false, `\u0039`: true,
		"10000008": true, "10000009": false,
	} {
		if got := mayHoldBSN([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// Whatever holds a BSN in a place made for one passes the quick look too.
func TestMayHoldBSNMissesNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(10_000_000, 999_999_999).Filter(func(n int) bool { return passes11(digitsOf(n)) }).Draw(t, "bsn")
		text := fmt.Sprintf(rapid.SampledFrom([]string{
			`{"identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"%09d"}]}`,
			`{"identifier":[{"value":"%09d","type":{"text":"BSN"}}]}`,
			`{"x":"Patient?identifier=http://fhir.nl/fhir/NamingSystem/bsn|%09d"}`,
			`{"text":{"div":"<p>BSN: %09d.</p>"}}`,
		}).Draw(t, "place"), n)
		if fhir.HasBSN([]byte(text)) && !mayHoldBSN([]byte(text)) {
			t.Fatal(text)
		}
	})
}

func digitsOf(n int) (d []byte) {
	for _, c := range fmt.Appendf(nil, "%09d", n) {
		d = append(d, c-'0')
	}
	return d
}
