package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"log/slog"
	"slices"

	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// Anchor keeps a few bytes about one store in a place where whoever puts back an
// older copy of the store does not reach: how far the store had come. They are
// sealed with a key of the store. Config.State keeps them in a folder; who has
// the store in one database can keep them in another. It is called by one
// goroutine at a time.
type Anchor interface {
	// Load gives what was saved last, nothing when that never happened.
	Load() ([]byte, error)
	// Save replaces it, all or nothing; it must survive what the store survives.
	// Nothing to save takes it away: the store is no more.
	Save(sealed []byte) error
}

// anchored is what the anchor holds. Its layout is final.
type anchored struct {
	Commit uint64
	Hash   [sha256.Size]byte // of the head at that commit
	At     int64             // when that was seen here, in nanoseconds since 1970
	By     [8]byte           // as who this machine writes, random
	Own    uint64            // the last commit it made itself
}

// dropAnchor compares the store with its anchor, before anything is written. An
// anchor that is missing or does not open keeps nobody out: who could spoil it
// could take it away as well. It is told ([Store.Notices]) and put in the log.
func (s *Store) dropAnchor() error {
	anchor := s.cfg.Anchor
	if anchor == nil && s.cfg.State != "" {
		anchor = folderAnchor(s.cfg.State, s.vault.StoreID())
	}
	if anchor == nil {
		return nil
	}
	said, code := readAnchor(anchor, s.vault)
	head := s.vault.Head()
	if code == "" {
		if older := said.missedBy(head); older != nil {
			if !s.cfg.AcceptOlder {
				return older
			}
			code = OlderAccepted
		}
	}
	s.keepAnchor(anchor, said, code)
	if code != "" && (code != AnchorNew || head.Commit > 1) { // at 1 it was made just now
		s.notice(code, head.Commit, said.Commit)
	}
	if code == OlderAccepted {
		s.told(s.keeper.save())
	}
	return nil
}

// keepAnchor begins to keep one. After anything but a plain match this machine
// writes under a new name: what follows is another history than what it wrote
// under the old one. An anchor that could not be read is left alone, since it may
// be a good one.
func (s *Store) keepAnchor(anchor Anchor, said anchored, code WarningCode) {
	if code == AnchorUnread {
		return
	}
	if code != "" {
		said = anchored{}
		_, _ = rand.Read(said.By[:])
	}
	s.vault.SignAs(said.By[:], s.cfg.Now)
	s.keeper.anchor, s.keeper.vault, s.keeper.now, s.keeper.said = anchor, s.vault, s.cfg.Now, said
}

// readAnchor gives what the anchor says, or a code for why it says nothing.
func readAnchor(anchor Anchor, vault *seal.Vault) (said anchored, code WarningCode) {
	sealed, err := anchor.Load()
	switch {
	case err != nil:
		return said, AnchorUnread
	case len(sealed) == 0:
		return said, AnchorNew
	}
	if _, err := binary.Decode(vault.OpenAnchor(sealed), binary.BigEndian, &said); err != nil {
		return anchored{}, AnchorSpoilt
	}
	return said, ""
}

// missedBy tells what the head lacks of what the anchor saw; nil for nothing. A
// head that is ahead is well: a crash comes between the two, and so does another
// machine.
func (a anchored) missedBy(head *seal.Head) *RolledBackError {
	older := head.Commit < a.Commit
	same := head.Commit == a.Commit && head.Hash() == a.Hash
	forked := !older && !same && (head.Commit == a.Commit || head.Marked(a.By[:]) < a.Own)
	if !older && !forked {
		return nil
	}
	err := &RolledBackError{Have: head.Commit, Want: a.Commit, WantAt: moment(a.At), Forked: forked}
	if head.At != 0 {
		err.HaveAt = moment(head.At)
	}
	return err
}

// notice remembers a code and puts it in the person's own log: that a store was
// opened on nothing but its own word must be seen later.
func (s *Store) notice(code WarningCode, have, want uint64) {
	s.notices = append(s.notices, Warning{Code: code})
	level := slog.LevelWarn
	if code == AnchorNew {
		level = slog.LevelInfo
	}
	s.cfg.Log.Log(context.Background(), level, "the anchor of the store", "notice", code)
	entry, err := json.Marshal(struct {
		Store  WarningCode `json:"store"`
		Commit uint64      `json:"commit"`
		Anchor uint64      `json:"anchor,omitempty"`
	}{code, have, want})
	if err == nil {
		err = s.vault.Update(func(tx *seal.Tx) error { return tx.AppendLine(s.cfg.Now(), entry) })
	}
	if err != nil {
		s.cfg.Log.Warn("a notice about the store is not in its log", "notice", code, "error", err)
	}
}

// Notices gives what Open noticed about the anchor and let pass. Each is in the
// log too, as JSON with the code in "store".
func (s *Store) Notices() []Warning { return slices.Clone(s.notices) }
