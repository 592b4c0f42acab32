package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// Kind says what a record is; it is part of its name.
type Kind byte

// The kinds of record. Index and Many are reserved.
const (
	Resource Kind = 1
	Index    Kind = 2
	Receipt  Kind = 3
	Chunk    Kind = 4
	Many     Kind = 5
	Log      Kind = 6
	Token    Kind = 7 // and login
	Setting  Kind = 8
)

// Name is the logical key of a record within its compartment.
type Name struct {
	Kind  Kind
	Parts []string
	// Order puts a record after those with a lower one, when it is not 0. It
	// shows in the file, and keeps a write from touching pages all over it.
	Order uint64
}

// Number is a part that is a number; it sorts as numbers do.
func Number(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }

// ParseNumber reads a part made by [Number].
func ParseNumber(s string) (uint64, bool) {
	if len(s) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64([]byte(s)), true
}

// encode joins the parts so that no two names give the same bytes.
func (n Name) encode() []byte {
	var b []byte
	for _, p := range n.Parts {
		b = appendPart(b, []byte(p))
	}
	return b
}

func decodeName(kind Kind, b []byte) (Name, bool) {
	n := Name{Kind: kind}
	for len(b) > 0 {
		part, rest, ok := cutPart(b)
		if !ok {
			return Name{}, false
		}
		n.Parts = append(n.Parts, string(part))
		b = rest
	}
	return n, true
}

func appendPart(b, part []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(part))), part...)
}

func cutPart(b []byte) (part, rest []byte, ok bool) {
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) {
		return nil, nil, false
	}
	return b[w : w+int(n)], b[w+int(n):], true
}

type recordKey [16]byte

// hide turns a name into the key in the file: without K_name nobody can tell
// which record it is, nor guess. The order of an ordered one comes first.
func hide(kName []byte, compartment []byte, n Name) (k recordKey) {
	mac := hmac.New(sha256.New, kName)
	mac.Write([]byte{1})
	mac.Write(compartment)
	mac.Write([]byte{byte(n.Kind)})
	mac.Write(n.encode())
	if n.Order == 0 {
		copy(k[:], mac.Sum(nil))
		return k
	}
	binary.BigEndian.PutUint64(k[:], n.Order)
	copy(k[8:], mac.Sum(nil))
	return k
}

// chunk is the name of one chunk of the record n.
func (n Name) chunk(i uint32) Name {
	number := binary.BigEndian.AppendUint32(nil, i)
	return Name{Kind: Chunk, Parts: []string{string([]byte{byte(n.Kind)}), string(n.encode()), string(number)}}
}
