package share

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwe"
)

// Kinds of a File (HL7 SHL IG 1.0.0).
const (
	TypeFHIR = "application/fhir+json"
	TypeCard = "application/smart-health-card"
	TypeAPI  = "application/smart-api-access"
)

// ErrSealed is returned for a file that the key does not open: it was changed
// on its way, or the key is of another link.
var ErrSealed = errors.New("share: the file cannot be opened with the key of this link")

// maxPlain bounds what a compressed file may grow to, in bytes.
const maxPlain = 64 << 20

// File is one file of a link, in the clear.
type File struct {
	ContentType string // TypeFHIR, TypeCard or TypeAPI
	FHIRVersion string // of TypeFHIR, as "4.0.1"; empty: that one
	Body        []byte
}

// Seal encrypts a file for its link: a compact JWE with a key that is used
// directly, AES-256-GCM, a new nonce, compressed before.
func Seal(f File, key []byte) ([]byte, error) {
	h := jwe.NewHeaders()
	if err := h.Set(jwe.ContentTypeKey, f.ContentType); err != nil {
		return nil, fmt.Errorf("encrypt a file to share: %w", err)
	}
	sealed, err := jwe.Encrypt(f.Body, jwe.WithKey(jwa.DIRECT(), key), jwe.WithContentEncryption(jwa.A256GCM()),
		jwe.WithCompress(jwa.Deflate()), jwe.WithProtectedHeaders(h))
	if err != nil {
		return nil, fmt.Errorf("encrypt a file to share: %w", err)
	}
	return sealed, nil
}

// Unseal decrypts a file of a link. Only what Seal may write is accepted: no
// other way of agreeing on a key, no other cipher. It gives ErrSealed, without
// the reason: whoever changed the file learns nothing.
func Unseal(sealed, key []byte) (File, error) {
	if len(key) != keySize || !isSealed(string(sealed)) {
		return File{}, ErrSealed
	}
	m := jwe.NewMessage()
	body, err := jwe.Decrypt(sealed, jwe.WithKey(jwa.DIRECT(), key), jwe.WithMaxDecompressBufferSize(maxPlain), jwe.WithMessage(m))
	if err != nil {
		return File{}, ErrSealed
	}
	cty, _ := m.ProtectedHeaders().ContentType()
	return File{ContentType: cty, Body: body}, nil
}

const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// isSealed tells whether a text is a compact JWE with a direct key, so that
// nobody places files in the clear by accident, and nobody makes us decrypt in
// another way.
func isSealed(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 5 || parts[1] != "" || strings.Trim(strings.Join(parts, ""), base64Letters) != "" {
		return false
	}
	raw, err := b64.DecodeString(parts[0])
	var h struct{ Alg, Enc string }
	return err == nil && json.Unmarshal(raw, &h) == nil && h.Alg == "dir" && h.Enc == "A256GCM"
}
