package keys

// Drop wipes one key and lets go of it; the fixed ones stay.
func (t *Table) Drop(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if k := t.keys[id]; k != nil {
		clear(k[:])
	}
	delete(t.keys, id)
	delete(t.aeads, id)
}
