package medmij

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
)

// The two ids of a chain, as MedMij spells them.
const (
	headerRequestID     = "MedMij-Request-ID"
	headerCorrelationID = "X-Correlation-ID"
)

// newUUID is a random UUID (version 4) in the usual form.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// newSecret is 256 random bits in 43 characters that need no encoding in a URL.
func newSecret() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashOf is how a secret is kept when it only has to be recognised.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// identify puts the two ids of a request in its headers. The map is written
// to directly so that the names go out as MedMij writes them.
func identify(req *http.Request, id, correlation string) {
	req.Header[headerRequestID] = []string{id}              //nolint:staticcheck // the spelling is wanted
	req.Header[headerCorrelationID] = []string{correlation} //nolint:staticcheck // the spelling is wanted
}
