package store

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// anchorEvery is after how many commits the anchor follows. It also follows
// after a Put that stored something, after the file was made anew, and at Close;
// so only who stops the program the hard way and puts back a copy before the
// next opening can take away fewer commits than this.
const anchorEvery = 16

// keeper brings the anchor up to the store. The zero value keeps none.
type keeper struct {
	anchor Anchor
	vault  *seal.Vault
	now    func() time.Time

	mu    sync.Mutex
	said  anchored
	fresh int // commits since
}

// settle brings the anchor up to the store. It is called within life, while there
// are keys.
func (s *Store) settle() { s.told(s.keeper.follow()) }

// told is what becomes of an anchor that cannot be kept. It is no error of the
// caller: what was written is there, and the anchor says less than it could.
func (s *Store) told(err error) {
	if err != nil {
		s.cfg.Log.Warn("the anchor of the store could not be kept", "error", err)
	}
}

// secure is settle from outside a transaction.
func (s *Store) secure() {
	s.life.RLock()
	defer s.life.RUnlock()
	if !s.closed {
		s.settle()
	}
}

// committed counts one commit, and tells whether the anchor should follow now.
func (k *keeper) committed() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fresh++
	return k.anchor != nil && k.fresh >= anchorEvery
}

// follow does not bring the anchor back: another program may have gone on with
// the store since.
func (k *keeper) follow() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.anchor == nil || k.vault.Head().Hash() == k.said.Hash {
		return nil
	}
	if there, code := readAnchor(k.anchor, k.vault); code == "" && there.Commit > k.vault.Head().Commit {
		return nil
	}
	return k.save()
}

func (k *keeper) save() error {
	head := k.vault.Head()
	next := anchored{
		Commit: head.Commit, Hash: head.Hash(), At: k.now().UnixNano(), By: k.said.By, Own: head.Marked(k.said.By[:]),
	}
	plain, err := binary.Append(nil, binary.BigEndian, next)
	if err == nil {
		err = k.anchor.Save(k.vault.SealAnchor(plain))
	}
	k.fresh = 0 // also when it failed: not again at once
	if err == nil {
		k.said = next
	}
	return err
}

// drop takes the anchor of a store that is no more.
func (k *keeper) drop() error {
	if k.anchor == nil {
		return nil
	}
	return k.anchor.Save(nil)
}
