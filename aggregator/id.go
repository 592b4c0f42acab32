package aggregator

import (
	"crypto/sha256"
	"encoding/binary"
)

// letters12 turns a key into 12 letters: 56 bits of its SHA-256 in base 26.
// With 100,000 members the chance of two equal ones is one in ten million.
func letters12(key string) string {
	sum := sha256.Sum256([]byte(key))
	n := binary.BigEndian.Uint64(sum[:8])
	var out [12]byte
	for i := range out {
		out[i] = 'a' + byte(n%26)
		n /= 26
	}
	return string(out[:])
}

// itemID is the id of an item whose smallest member has the key.
func itemID(subject, key string) string { return subject + ":" + letters12(subject+"|"+key) }

// itemID is the id of an item of which the entry is the first member. What it
// was last time is kept.
func (e *entry) itemID(subject, key string) string {
	f := e.facts()
	if f.item.subject != subject || f.item.key != key {
		f.item = itemName{subject, key, itemID(subject, key)}
	}
	return f.item.id
}

type itemName struct{ subject, key, id string }

// groupID is the id of a group with the key.
func groupID(key string) string { return "g" + letters12("group|"+key) }
