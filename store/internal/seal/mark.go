package seal

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// Mark is the last commit that one writer made. The head holds one for each
// writer, so that a writer finds out when the file it gets back lacks what it
// wrote, also when somebody else has gone on from an older copy.
type Mark struct {
	By     []byte `json:"by"`
	Commit uint64 `json:"commit"`
}

// maxMarks is how many writers are remembered: a person has few machines.
const maxMarks = 16

// SignAs says who writes from now on, and by which clock.
func (v *Vault) SignAs(by []byte, now func() time.Time) {
	v.write.Lock()
	defer v.write.Unlock()
	v.by, v.now = by, now
}

// mark notes who makes this commit. It never changes the slice in place: the head
// before it is still in use.
func (h *Head) mark(by []byte, at time.Time) {
	h.At = at.UnixNano()
	marks := slices.DeleteFunc(slices.Clone(h.Marks), func(m Mark) bool { return bytes.Equal(m.By, by) })
	if len(marks) == maxMarks { // the oldest is first
		h.Unmarked, marks = marks[0].Commit, marks[1:]
	}
	h.Marks = append(marks, Mark{By: by, Commit: h.Commit})
}

// Marked is the last commit of a writer that this head follows on. Of a writer
// that is not on the list it is the newest one that may have made way.
func (h *Head) Marked(by []byte) uint64 {
	for _, m := range h.Marks {
		if bytes.Equal(m.By, by) {
			return m.Commit
		}
	}
	return h.Unmarked
}

// Hash tells one head from every other, also of the same commit.
func (h *Head) Hash() [sha256.Size]byte { return sha256.Sum256(h.raw) }

func (v *Vault) anchorAAD() []byte { return append([]byte("bundel.anchor.1"), v.storeID[:]...) }

// StoreID is the identity in the plain header.
func (v *Vault) StoreID() [16]byte { return v.storeID }

// SealAnchor seals what is kept outside the file with the key of the head, bound
// to this store and to being an anchor. It is called for a commit once, so both
// together stay within what one key may seal.
func (v *Vault) SealAnchor(plain []byte) []byte {
	return v.keys.AEAD(keys.Head).Seal([]byte{recordVersion, algGCM}, nil, plain, v.anchorAAD())
}

// OpenAnchor is the way back; nil when this store's key did not make it.
func (v *Vault) OpenAnchor(value []byte) []byte {
	if len(value) < 2 || value[0] != recordVersion || value[1] != algGCM {
		return nil
	}
	plain, err := v.keys.AEAD(keys.Head).Open(nil, nil, value[2:], v.anchorAAD())
	if err != nil {
		return nil
	}
	return plain
}
