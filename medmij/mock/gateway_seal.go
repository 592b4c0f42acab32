package mock

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// sealer makes handles: what only the gateway can make and read. The same
// content gives the same handle, so that apps can tell equal ones.
type sealer struct {
	aead cipher.AEAD
	key  []byte
}

var errHandle = errors.New("not a handle of this gateway")

func newSealer(random io.Reader) (sealer, error) {
	key := make([]byte, 32)
	if _, err := io.ReadFull(random, key); err != nil {
		return sealer{}, fmt.Errorf("key of the gateway: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, fmt.Errorf("key of the gateway: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	return sealer{aead, key}, err
}

// mac is the start of a HMAC: a nonce that differs with the content.
func (s sealer) mac(purpose string, content []byte, size int) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(purpose))
	h.Write(content)
	return h.Sum(nil)[:size]
}

// handle seals a value for a purpose; a handle for another purpose is none.
func (s sealer) handle(purpose string, v any) string {
	content, err := json.Marshal(v)
	if err != nil {
		panic("mock: " + err.Error()) // strings only
	}
	nonce := s.mac(purpose, content, s.aead.NonceSize())
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, content, []byte(purpose)))
}

func (s sealer) open(purpose, handle string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(handle)
	if err != nil || len(raw) < s.aead.NonceSize() {
		return errHandle
	}
	nonce, sealed := raw[:s.aead.NonceSize()], raw[s.aead.NonceSize():]
	content, err := s.aead.Open(nil, nonce, sealed, []byte(purpose))
	if err != nil || json.Unmarshal(content, into) != nil {
		return errHandle
	}
	return nil
}

// jwe gives an address the looks and the length of what the ministry's
// gateway hands out: five parts, of which the second would be a wrapped key.
func (s sealer) jwe(address string) string {
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RSA-OAEP-256","enc":"A256GCM"}`))
	wrapped := ""
	for i := range 8 {
		wrapped += string(s.mac(fmt.Sprint("jwe", i), []byte(address), sha256.Size))
	}
	key := base64.RawURLEncoding.EncodeToString([]byte(wrapped))
	sealed := s.handle("jwe", address)
	nonce, rest := sealed[:16], sealed[16:]
	return strings.Join([]string{header, key, nonce, rest[:len(rest)-22], rest[len(rest)-22:]}, ".")
}

func (s sealer) openJWE(handle string) (address string, err error) {
	parts := strings.Split(handle, ".")
	if len(parts) != 5 {
		return "", errHandle
	}
	return address, s.open("jwe", strings.Join(parts[2:], ""), &address)
}
