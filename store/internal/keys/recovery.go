package keys

import (
	"math/big"
	"strings"
)

const (
	recoveryBytes = 20 // 160 bits
	alphabet      = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	checkAlphabet = alphabet + "*~$=U" // Crockford: the number modulo 37
)

// FormatRecovery writes 20 bytes as eight groups of four Crockford characters
// and a check character.
func FormatRecovery(secret []byte) string {
	n := new(big.Int).SetBytes(secret)
	check := checkAlphabet[new(big.Int).Mod(n, big.NewInt(37)).Int64()]
	digits := make([]byte, 32)
	low := big.NewInt(31)
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = alphabet[new(big.Int).And(n, low).Int64()]
		n.Rsh(n, 5)
	}
	var s strings.Builder
	for i := 0; i < len(digits); i += 4 {
		s.Write(digits[i : i+4])
		s.WriteByte('-')
	}
	s.WriteByte(check)
	return s.String()
}

// ParseRecovery reads a code as people type it: any case, O for 0, I and L for
// 1, spaces and dashes anywhere. It tells whether the check character fits.
func ParseRecovery(code string) (secret []byte, ok bool) {
	digits := strings.NewReplacer("-", "", " ", "", "\t", "", "\n", "", "\r", "", "O", "0", "I", "1", "L", "1").
		Replace(strings.ToUpper(code))
	if len(digits) != 33 {
		return nil, false
	}
	n := new(big.Int)
	for _, c := range []byte(digits[:32]) {
		v := strings.IndexByte(alphabet, c)
		if v < 0 {
			return nil, false
		}
		n.Or(n.Lsh(n, 5), big.NewInt(int64(v)))
	}
	if checkAlphabet[new(big.Int).Mod(n, big.NewInt(37)).Int64()] != digits[32] {
		return nil, false
	}
	return n.FillBytes(make([]byte, recoveryBytes)), true
}
