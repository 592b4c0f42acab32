// Package keys makes and keeps the keys of a store (security-store.md 1.5):
// slots open the vault key, the vault key opens the key table, and every key in
// the table is random. So a passphrase can change without rewriting a record.
package keys

import (
	"crypto/hkdf"
	"crypto/sha256"
	"time"

	"golang.org/x/crypto/argon2"
)

// Size is the length of every key in bytes.
const Size = 32

// KDF is the cost of turning a passphrase into a key with Argon2id.
type KDF struct {
	Time    uint32 // passes over the memory
	Memory  uint32 // KiB
	Threads uint8  // lanes
}

// The floor is RFC 9106's second choice; the ceilings keep a forged header from
// eating the machine's memory or time.
const (
	floorTime, floorMemory, floorThreads = 3, 64 << 10, 4
	maxTime, maxMemory, maxThreads       = 16, 2 << 20, 16
	calibrateTo                          = 1 << 20 // KiB
)

// acceptable tells whether the cost may be spent at all.
func (k KDF) acceptable() bool {
	return k.Time >= 1 && k.Time <= maxTime && k.Threads >= 1 && k.Threads <= maxThreads &&
		k.Memory >= 8*uint32(k.Threads) && k.Memory <= maxMemory
}

func (k KDF) derive(passphrase, salt []byte) []byte {
	return argon2.IDKey(passphrase, salt, k.Time, k.Memory, k.Threads, Size)
}

// Calibrate doubles the memory from the floor until one derivation takes about
// 0.75 s by measure, and at most 1 GiB. It never goes below the floor.
func Calibrate(measure func(KDF) time.Duration) KDF {
	// The step that comes nearest to 0.75 s on a scale of doublings is the first
	// one above 0.75 s divided by the square root of two.
	const enough = 530 * time.Millisecond
	k := KDF{Time: floorTime, Memory: floorMemory, Threads: floorThreads}
	for measure(k) < enough && k.Memory < calibrateTo {
		k.Memory *= 2
	}
	return k
}

// Measure runs one derivation and tells how long it took. It reads the
// monotonic clock of the machine: cost is about this machine, not about the
// moment.
func Measure(k KDF) time.Duration {
	began := time.Now()
	clear(k.derive(make([]byte, 16), make([]byte, saltSize)))
	return time.Since(began)
}

// extract makes a key of a secret that is long and random already.
func extract(secret, salt []byte) []byte {
	ikm, err := hkdf.Extract(sha256.New, secret, salt)
	if err != nil {
		panic("keys: hkdf extract: " + err.Error())
	}
	return ikm
}

// expand takes a key for one purpose out of ikm.
func expand(ikm []byte, purpose string) []byte {
	key, err := hkdf.Expand(sha256.New, ikm, purpose, Size)
	if err != nil {
		panic("keys: hkdf length is constant: " + err.Error())
	}
	return key
}
