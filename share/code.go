package share

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
)

// The one-time code (security-store.md 5.3): ten characters that a person reads
// aloud. Lookup id and key come from one Argon2id over code and birth date, so
// that neither the relay nor who steals its file can try codes quickly, and
// the birth date never leaves the two computers.
//
// The cost is what a phone can do in plain JavaScript in seconds (viewer/argon2.js
// measures it): two rounds over 19 MiB. Codes live for an hour.
const (
	codeRounds  = 2
	codeMemory  = 19 << 10 // KiB
	codeThreads = 1
	codeSalt    = "bundel one-time code 1"

	codeLength = 10 // characters of 5 bits

	// handleLength is how much of a code the relay may see: enough to count the
	// wrong tries of one code, and of no use for guessing the 35 bits behind it.
	handleLength = 3

	codeLife     = time.Hour
	codeAttempts = 5
)

// Errors of a one-time code as typed.
var (
	ErrCode      = errors.New("share: this is not a one-time code: it has ten letters and digits")
	ErrBirthDate = errors.New("share: this is not a date of birth, as in 1961-04-02")
)

// FormatCode writes a code for reading aloud: "K7M2Q-4XD9A".
func FormatCode(code string) string {
	if len(code) != codeLength {
		return code
	}
	return code[:codeLength/2] + "-" + code[codeLength/2:]
}

// secrets of a code: the id of its manifest, that starts with its handle, and
// the key of its file.
func codeSecrets(typed, birthDate string) (id string, key []byte, err error) {
	code, ok := readCode(typed, codeLength)
	if !ok {
		return "", nil, ErrCode
	}
	if _, err := time.Parse(time.DateOnly, birthDate); err != nil {
		return "", nil, ErrBirthDate
	}
	root := argon2.IDKey([]byte(code+"|"+birthDate), []byte(codeSalt), codeRounds, codeMemory, codeThreads, keySize)
	defer clear(root)
	lookup, err := hkdf.Key(sha256.New, root, nil, "bundel code lookup", keySize)
	if err != nil {
		return "", nil, fmt.Errorf("split the secret of a code: %w", err)
	}
	if key, err = hkdf.Key(sha256.New, root, nil, "bundel code key", keySize); err != nil {
		return "", nil, fmt.Errorf("split the secret of a code: %w", err)
	}
	return code[:handleLength] + b64.EncodeToString(lookup), key, nil
}

// newPasscode draws eight digits.
func newPasscode() string {
	return strings.Map(func(rune) rune { return '0' + rune(digit()) }, "00000000")
}

// digit draws one digit, each as likely.
func digit() byte {
	var b [1]byte
	for {
		_, _ = rand.Read(b[:])
		if b[0] < 250 {
			return b[0] % 10
		}
	}
}
