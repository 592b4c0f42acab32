package seal

import (
	"crypto/cipher"
	"encoding/binary"
	"math/bits"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

const (
	recordVersion = 1
	// algGCM is AES-256-GCM. 2 (XAES-256-GCM) and 3 (XChaCha20-Poly1305) are reserved.
	algGCM     = 1
	tagSize    = 16
	prefixSize = 1 + 1 + 4 // version, algorithm, epoch of the data key
)

// Flags of a record: the low four bits are the codec.
const (
	codecRaw  = 0
	codecZstd = 1
	// Codec 2 is zstd with a numbered dictionary: reserved, not written yet.
	codecMask   = 0x0f
	flagGone    = 0x10 // tombstone
	flagChunked = 0x20 // the body is in chunks
)

// place is what a sealed value is tied to. A value moved to another store,
// compartment or key, or a chunk to another position, does not open.
type place struct {
	store  [16]byte
	bucket []byte
	key    recordKey
	epoch  uint32
	chunk  *position
}

type position struct {
	number uint32
	last   bool
}

// aad is the data bound to a value; its layout is final.
func (p place) aad() []byte {
	b := make([]byte, 0, 64)
	b = append(b, "bundel.rec.1"...)
	b = append(b, p.store[:]...)
	b = append(b, p.bucket...)
	b = append(b, p.key[:]...)
	b = append(b, algGCM)
	b = binary.BigEndian.AppendUint32(b, p.epoch)
	if p.chunk != nil {
		b = binary.BigEndian.AppendUint32(b, p.chunk.number)
		b = append(b, lastByte(p.chunk.last))
	}
	return b
}

func lastByte(last bool) byte {
	if last {
		return 1
	}
	return 0
}

func (p place) seal(aead cipher.AEAD, plain []byte) []byte {
	b := make([]byte, 0, prefixSize+len(plain)+aead.Overhead())
	b = append(b, recordVersion, algGCM)
	b = binary.BigEndian.AppendUint32(b, p.epoch)
	return aead.Seal(b, nil, plain, p.aad())
}

func (p place) open(aead cipher.AEAD, value []byte) ([]byte, error) {
	if len(value) < prefixSize || value[0] != recordVersion || value[1] != algGCM ||
		binary.BigEndian.Uint32(value[2:]) != p.epoch {
		return nil, fault.Damaged("record")
	}
	plain, err := aead.Open(nil, nil, value[prefixSize:], p.aad())
	if err != nil {
		return nil, fault.Damaged("record")
	}
	return plain, nil
}

// envelope is the plaintext of a value: commit | flags | length | payload |
// zeros up to a Padmé size.
type envelope struct {
	commit  uint64
	flags   byte
	payload []byte
}

func (e envelope) encode() []byte {
	b := make([]byte, 0, padme(len(e.payload)+2*binary.MaxVarintLen64+1))
	b = binary.AppendUvarint(b, e.commit)
	b = append(b, e.flags)
	b = appendPart(b, e.payload)
	return append(b, make([]byte, padme(len(b))-len(b))...)
}

// decodeEnvelope does not look at the zeros: the seal covers them.
func decodeEnvelope(plain []byte) (envelope, error) {
	commit, n := binary.Uvarint(plain)
	if n <= 0 || n >= len(plain) {
		return envelope{}, fault.Damaged("record")
	}
	payload, _, ok := cutPart(plain[n+1:])
	if !ok {
		return envelope{}, fault.Damaged("record")
	}
	return envelope{commit: commit, flags: plain[n], payload: payload}, nil
}

// padme rounds a size up so that it tells only the order of magnitude and a few
// bits more: at most 12 % longer (PURBs, Nikitin et al. 2019).
func padme(n int) int {
	if n < 2 {
		return n
	}
	e := bits.Len(uint(n)) - 1
	s := bits.Len(uint(e))
	mask := 1<<max(0, e-s) - 1
	return (n + mask) &^ mask
}
