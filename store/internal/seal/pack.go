package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

const (
	// MaxBody is the largest body of a record in bytes.
	MaxBody = 256 << 20
	// wholeMax is how large a packed record may be before its body is cut in chunks.
	wholeMax  = 256 << 10
	chunkSize = 64 << 10
)

// ErrTooLarge means that a body is larger than [MaxBody].
var ErrTooLarge = errors.New("too large to store")

// Entry is one record as the layers above know it. Meta is small, always kept
// with the name; Body may be large.
type Entry struct {
	Name   Name
	Meta   []byte
	Body   []byte
	Gone   bool   // tombstone
	Commit uint64 // the commit that wrote it; set on reading
}

// packer compresses and packs entries. It is safe for concurrent use.
type packer struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// sharedPacker is one for all vaults of the process: compressors hold
// megabytes, and a vault that rests must cost next to nothing. It never changes.
var sharedPacker = sync.OnceValues(newPacker)

func newPacker() (*packer, error) {
	// The seal already guards every bit, so no checksum of zstd's own.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, fmt.Errorf("start compression: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(MaxBody+1<<20))
	if err != nil {
		return nil, fmt.Errorf("start compression: %w", err)
	}
	return &packer{enc: enc, dec: dec}, nil
}

// squeeze compresses b where that makes it smaller.
func (p *packer) squeeze(b []byte) (codec byte, packed []byte) {
	if z := p.enc.EncodeAll(b, nil); len(z) < len(b) {
		return codecZstd, z
	}
	return codecRaw, b
}

// unsqueeze is bounded: a few kilobytes cannot grow beyond the largest body.
func (p *packer) unsqueeze(flags byte, b []byte) ([]byte, error) {
	switch flags & codecMask {
	case codecRaw:
		return b, nil
	case codecZstd:
		if out, err := p.dec.DecodeAll(b, nil); err == nil {
			return out, nil
		}
	}
	return nil, fault.Damaged("record")
}

// packed is an entry ready for sealing. chunks is empty for all but large ones.
type packed struct {
	flags   byte
	payload []byte
	chunks  [][]byte
}

// pack compresses name, meta and body as one. Only a record that stays large has
// its body taken out, so that a reader of names need not read bodies.
func (p *packer) pack(e Entry) (packed, error) {
	if len(e.Body) > MaxBody || len(e.Meta) > wholeMax/4 {
		return packed{}, ErrTooLarge
	}
	var out packed
	if e.Gone {
		out.flags = flagGone
	}
	front := appendFront(nil, e)
	codec, payload := p.squeeze(append(front, e.Body...))
	if len(payload) <= wholeMax {
		out.flags |= codec
		out.payload = payload
		return out, nil
	}
	codec, body := p.squeeze(e.Body)
	out.flags |= codec | flagChunked
	out.payload = appendList(front, body)
	for len(body) > 0 {
		n := min(chunkSize, len(body))
		out.chunks = append(out.chunks, body[:n])
		body = body[n:]
	}
	return out, nil
}

// appendFront repeats the name, so that a record found without its key can
// still be told.
func appendFront(b []byte, e Entry) []byte {
	b = append(b, byte(e.Name.Kind))
	b = appendPart(b, e.Name.encode())
	return appendPart(b, e.Meta)
}

// list says which chunks make the body: their total size and hash.
type list struct {
	size uint64
	sum  [sha256.Size]byte
}

func (l list) chunks() uint32 { return uint32((l.size + chunkSize - 1) / chunkSize) }

func appendList(b, body []byte) []byte {
	sum := sha256.Sum256(body)
	b = binary.AppendUvarint(b, uint64(len(body)))
	return append(b, sum[:]...)
}

// unpack reads an entry. With the chunked flag the body is not there yet and
// the list says where to find it.
func (p *packer) unpack(env envelope) (e Entry, l *list, err error) {
	payload := env.payload
	if env.flags&flagChunked == 0 {
		if payload, err = p.unsqueeze(env.flags, payload); err != nil {
			return Entry{}, nil, err
		}
	}
	if len(payload) == 0 {
		return Entry{}, nil, fault.Damaged("record")
	}
	name, rest, ok1 := cutPart(payload[1:])
	meta, body, ok2 := cutPart(rest)
	n, ok3 := decodeName(Kind(payload[0]), name)
	if !ok1 || !ok2 || !ok3 {
		return Entry{}, nil, fault.Damaged("record")
	}
	e = Entry{Name: n, Meta: meta, Gone: env.flags&flagGone != 0, Commit: env.commit}
	if env.flags&flagChunked != 0 {
		l, err = parseList(body)
		return e, l, err
	}
	e.Body = body
	return e, nil, nil
}

// parseList bounds the size before anybody makes room for it.
func parseList(b []byte) (*list, error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size == 0 || size > MaxBody || len(b)-n != sha256.Size {
		return nil, fault.Damaged("record")
	}
	l := &list{size: size}
	copy(l.sum[:], b[n:])
	return l, nil
}
