package share

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrReceipt is returned for a receipt that does not hold: it was changed, or
// was signed with another key.
var ErrReceipt = errors.New("share: this receipt does not hold")

// Receipt tells what was sent to a provider and what became of it. Digest is
// the SHA-256 of the bytes, in hex. There is one outcome per entry of the
// Bundle, in its order. It holds no health data and no token.
type Receipt struct {
	Time      time.Time      `json:"-"`
	Recipient string         `json:"aud"` // source of the provider
	Kind      Kind           `json:"kind"`
	Service   string         `json:"service"`
	Digest    string         `json:"sha256"`
	Code      string         `json:"code,omitempty"`  // why it failed as a whole: "P-401", ...
	Trace     string         `json:"trace,omitempty"` // correlation id, by which the provider knows it
	Entries   []EntryOutcome `json:"entries"`
}

// EntryOutcome is what became of one entry of the Bundle: Sent, Refused (or
// nothing left) or Unknown.
type EntryOutcome struct {
	Type   string `json:"type"`
	Result string `json:"result"`
}

// signed is what is inside the JWS: times are numbers there (RFC 7519).
type signed struct {
	At int64 `json:"iat"` // seconds since 1970
	Receipt
}

// Sign gives the receipt as a compact JWS (RFC 7515) with EdDSA (RFC 8037). The
// key is one of the vault: the signature shows that whoever had the vault wrote
// this, and that nothing was changed since. It does not show that the provider
// got it: only the provider could sign that.
//
// The signature is made with the standard library: one algorithm and one header
// leave nothing to choose, so nothing to confuse. Times are kept to the second.
func (r Receipt) Sign(key ed25519.PrivateKey) (string, error) {
	content, err := json.Marshal(signed{r.Time.Unix(), r})
	if err != nil {
		return "", fmt.Errorf("write a receipt: %w", err)
	}
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok || len(key) != ed25519.PrivateKeySize {
		return "", errors.New("share: a receipt needs an Ed25519 key")
	}
	text := b64.EncodeToString([]byte(receiptHeader(public))) + "." + b64.EncodeToString(content)
	return text + "." + b64.EncodeToString(ed25519.Sign(key, []byte(text))), nil
}

// receiptHeader is the one header that a receipt has: kid is the thumbprint of
// the key (RFC 7638).
func receiptHeader(key ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + b64.EncodeToString(key) + `"}`))
	return `{"alg":"EdDSA","kid":"` + b64.EncodeToString(sum[:]) + `","typ":"JWT"}`
}

// VerifyReceipt checks a receipt and reads it. The error is ErrReceipt, without
// the reason.
func VerifyReceipt(text string, key ed25519.PublicKey) (Receipt, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || len(key) != ed25519.PublicKeySize || parts[0] != b64.EncodeToString([]byte(receiptHeader(key))) {
		return Receipt{}, ErrReceipt
	}
	signature, err := b64.DecodeString(parts[2])
	if err != nil || !ed25519.Verify(key, []byte(parts[0]+"."+parts[1]), signature) {
		return Receipt{}, ErrReceipt
	}
	content, err := b64.DecodeString(parts[1])
	if err != nil {
		return Receipt{}, ErrReceipt
	}
	var s signed
	if json.Unmarshal(content, &s) != nil {
		return Receipt{}, ErrReceipt
	}
	s.Receipt.Time = time.Unix(s.At, 0).UTC()
	return s.Receipt, nil
}

// Fits tells whether the receipt is about just these bytes.
func (r Receipt) Fits(message []byte) bool { return r.Digest == digestOf(message) }
