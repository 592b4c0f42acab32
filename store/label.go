package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/bundel-pgo/bundel/store/internal/bolt"
	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// Label is what is on the outside of a store: who has the file can read it
// without any key, and who can change the file can change it.
type Label struct {
	// Name is 16 letters that tell this store from others and nothing else, for
	// what is kept of it elsewhere: a device secret in the keyring of the system. It
	// stays when keys change. Copies of a store share it.
	Name string
	// Keys is what opens the store, a kind for each slot.
	Keys []KeyKind
}

// Has tells whether a key of this kind opens the store.
func (l Label) Has(kind KeyKind) bool { return slices.Contains(l.Keys, kind) }

// ReadLabel reads the label of a store that is not open. It proves nothing: a
// key that is found by it must still open the store. Errors: those of [Open] that
// are not about a key.
func ReadLabel(path string, cfg Config) (Label, error) {
	file, err := bolt.Open(path, cfg.withDefaults().Wait)
	if err != nil {
		return Label{}, fmt.Errorf("read the label: %w", err)
	}
	h, err := readHeader(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return Label{}, fmt.Errorf("read the label: %w", err)
	}
	return labelOf(h), nil
}

// Label gives the label of an open store, proved.
func (s *Store) Label() (Label, error) {
	h, _, err := s.slots()
	if err != nil {
		return Label{}, fmt.Errorf("read the label: %w", err)
	}
	return labelOf(h), nil
}

func labelOf(h keys.Header) Label {
	l := Label{Name: nameFor("bundel.label.1", h.StoreID)}
	for _, s := range h.Slots {
		l.Keys = append(l.Keys, kindOf(s))
	}
	return l
}

// nameFor names what is kept of a store outside its file. Without the file nobody
// can match the names for two purposes.
func nameFor(purpose string, storeID [16]byte) string {
	sum := sha256.Sum256(append([]byte(purpose), storeID[:]...))
	return hex.EncodeToString(sum[:8])
}
