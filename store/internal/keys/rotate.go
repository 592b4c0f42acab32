package keys

import "github.com/bundel-pgo/bundel/store/internal/fault"

// Rotation is a new vault key that is not in use yet. The table it came from
// must not change or be zeroed before [Rotation.Done] or [Rotation.Undo].
type Rotation struct {
	t     *Table
	vault *[Size]byte
}

// Rotate makes a vault key of the next epoch.
func (t *Table) Rotate() *Rotation {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &Rotation{t, t.arena.random()}
}

// Maker makes slots for the new vault key.
func (r *Rotation) Maker(kdf KDF) Maker {
	return Maker{StoreID: r.t.storeID, Epoch: r.t.epoch + 1, VaultKey: r.vault[:], KDF: kdf}
}

// Wrap gives a key of the table wrapped under the new vault key. The key itself
// stays, so no record has to be sealed again.
func (r *Rotation) Wrap(id string) ([]byte, error) {
	r.t.mu.RLock()
	defer r.t.mu.RUnlock()
	if r.t.keys[id] == nil {
		return nil, fault.Damaged("key table")
	}
	return r.t.wrap(id, r.t.epoch+1, r.vault), nil
}

// Done takes the new vault key into use and wipes the old one.
func (r *Rotation) Done() {
	r.t.mu.Lock()
	defer r.t.mu.Unlock()
	r.t.arena.drop(r.t.vault)
	r.t.vault, r.t.epoch = r.vault, r.t.epoch+1
}

// Undo wipes the new vault key.
func (r *Rotation) Undo() {
	r.t.mu.Lock()
	defer r.t.mu.Unlock()
	r.t.arena.drop(r.vault)
}
