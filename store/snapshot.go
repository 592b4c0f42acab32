package store

import "time"

// snapshotEvery is how old the snapshot beside a store may become
// (security-store.md 1.8).
const snapshotEvery = 7 * 24 * time.Hour

// snapshotter is a Backend that can keep a copy of itself beside it, unless there
// is one that was made within a time.
type snapshotter interface {
	Snapshot(now time.Time, within time.Duration) error
}

// keepPrevious makes the snapshot, before the first write of an open store: what
// was sound until now. Reading never changes a store, so this is also before a
// store of an earlier schema is written to. Without room for it the write goes on:
// a person who cannot save is worse off than one without a spare copy.
//
// While something that was forgotten is still in the file there is none.
func (s *Store) keepPrevious() {
	if !s.cfg.Snapshots {
		return
	}
	s.snapshot.Do(func() {
		file, ok := s.kv.(snapshotter)
		head := s.vault.Head()
		if !ok || head.Owed {
			return
		}
		within := snapshotEvery
		if head.Older() {
			within = 0
		}
		if err := file.Snapshot(s.cfg.Now(), within); err != nil {
			s.cfg.Log.Warn("no snapshot could be made beside the store", "error", err)
		}
	})
}
