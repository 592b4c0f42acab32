package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/fault"
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

// anchorEvery is after how many commits the anchor follows. It also follows
// after a Put that stored something, after the file was made anew, and at Close;
// so only who stops the program the hard way and puts back a copy before the
// next opening can take away fewer commits than this.
const anchorEvery = 16

// anchored is what the anchor holds. Its layout is final.
type anchored struct {
	Commit uint64
	Hash   [sha256.Size]byte // of the head at that commit
	At     int64             // when that was seen here, in nanoseconds since 1970
	By     [8]byte           // as who this machine writes, random
	Own    uint64            // the last commit it made itself
}

// keeper brings the anchor up to the store. The zero value keeps none.
type keeper struct {
	anchor Anchor
	vault  *seal.Vault
	now    func() time.Time

	mu    sync.Mutex
	said  anchored
	fresh int // commits since
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

// file is an anchor in a folder.
type file string

// folderAnchor has a name that tells one store from another and nothing else.
func folderAnchor(folder string, storeID [16]byte) file {
	name := sha256.Sum256(append([]byte("bundel.state.1"), storeID[:]...))
	return file(filepath.Join(folder, hex.EncodeToString(name[:8])+".anchor"))
}

func (f file) Load() ([]byte, error) {
	sealed, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return sealed, fault.Pathless("read the anchor", err)
}

// Save brings the bytes to the disk before they get the name. That the name
// itself is flushed is not waited for: an older anchor is no false alarm.
func (f file) Save(sealed []byte) error {
	if len(sealed) == 0 {
		err := os.Remove(string(f))
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return fault.Pathless("remove the anchor", err)
	}
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o700); err != nil {
		return fault.Pathless("make the folder of the anchor", err)
	}
	draft := string(f) + ".tmp" // one name, so that what a crash left is used again
	if err := writeSynced(draft, sealed); err != nil {
		return fault.Pathless("write the anchor", err)
	}
	return fault.Pathless("name the anchor", os.Rename(draft, string(f)))
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // #nosec G304 -- in the caller's own folder
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}
