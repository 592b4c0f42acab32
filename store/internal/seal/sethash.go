package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/bits"
)

// SetHash is the keyed multiset hash of a compartment (MSet-Add-Hash): the sum
// modulo 2^256 of a keyed hash of every member. The order of adding does not
// matter, and nobody without the key can take out, put back or double a member
// without changing it.
type SetHash [4]uint64 // most significant first

func (h *SetHash) add(g SetHash) {
	var carry uint64
	for i := 3; i >= 0; i-- {
		h[i], carry = bits.Add64(h[i], g[i], carry)
	}
}

func (h *SetHash) sub(g SetHash) {
	var borrow uint64
	for i := 3; i >= 0; i-- {
		h[i], borrow = bits.Sub64(h[i], g[i], borrow)
	}
}

// member is the hash of one record: where it is and the tag over its content.
func member(kSet, bucket []byte, key recordKey, value []byte) (h SetHash) {
	mac := hmac.New(sha256.New, kSet)
	mac.Write(bucket)
	mac.Write(key[:])
	mac.Write(value[max(0, len(value)-tagSize):])
	sum := mac.Sum(nil)
	for i := range h {
		h[i] = binary.BigEndian.Uint64(sum[8*i:])
	}
	return h
}

// MarshalText writes 64 hex digits.
func (h SetHash) MarshalText() ([]byte, error) {
	var b []byte
	for _, lane := range h {
		b = binary.BigEndian.AppendUint64(b, lane)
	}
	return hex.AppendEncode(nil, b), nil
}

// UnmarshalText reads 64 hex digits.
func (h *SetHash) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != 32 {
		return errors.New("set hash must be 64 hex digits")
	}
	for i := range h {
		h[i] = binary.BigEndian.Uint64(b[8*i:])
	}
	return nil
}
