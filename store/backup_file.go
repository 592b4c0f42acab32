package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/bundel-pgo/bundel/store/internal/bolt"
	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// BackupFile makes a backup at a path where there is nothing, reads it back and
// verifies it ([CheckBackup]). Only then it gets its name: after an error there is
// no file. Errors: those of [Store.Backup] and CheckBackup, and ErrExists.
func (s *Store) BackupFile(ctx context.Context, path string, passphrase []byte) (Report, error) {
	report, err := s.backupFile(ctx, path, passphrase)
	if err != nil {
		return report, fmt.Errorf("backup: %w", err)
	}
	return report, nil
}

func (s *Store) backupFile(ctx context.Context, path string, passphrase []byte) (report Report, err error) {
	if _, err := os.Lstat(path); err == nil {
		return report, ErrExists
	}
	draft, err := draftIn(filepath.Dir(path), func(w io.Writer) error { return s.Backup(ctx, w, passphrase) })
	if err != nil {
		return report, err
	}
	defer func() { _ = os.Remove(draft) }()
	f, err := os.Open(draft) // #nosec G304 -- made just now
	if err != nil {
		return report, fault.Pathless("read the backup", err)
	}
	report, err = CheckBackup(ctx, f, Passphrase(passphrase), s.cfg)
	if err = errors.Join(err, fault.Pathless("read the backup", f.Close())); err != nil {
		return report, err
	}
	return report, bolt.Name(draft, path)
}

// Backed is a backup in a folder.
type Backed struct {
	Name    string   // of the file
	Report  Report   // of reading it back
	Dropped []string // names of older ones that were removed, oldest first
}

// BackupFolder makes a backup in a folder, called after the moment
// ([BackupName]), as [Store.BackupFile] does; the folder is made when it is not
// there (mode 0700). Then it removes the ones that need not be kept ([Expired]).
//
// It removes only what this store wrote: two people may use one folder. The store
// remembers its backups in a document (Setting "store/backups"); one it does not
// know, because the store was restored from an older one, stays. When a file
// cannot be removed the backup is there all the same, beside the error.
func (s *Store) BackupFolder(ctx context.Context, folder string, passphrase []byte, keep Keep) (Backed, error) {
	b := Backed{Name: BackupName(s.cfg.Now())}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return b, fault.Pathless("backup: make the folder", err)
	}
	var err error
	if b.Report, err = s.BackupFile(ctx, filepath.Join(folder, b.Name), passphrase); err != nil {
		return b, err
	}
	if b.Dropped, err = s.tidy(ctx, folder, b.Name, keep); err != nil {
		return b, fmt.Errorf("backup: remove older ones: %w", err)
	}
	return b, nil
}

const (
	backupsName = "store/backups"
	backupsMost = 500 // more would not fit in a document
)

// tidy remembers the new backup and removes the ones that are no longer needed.
func (s *Store) tidy(ctx context.Context, folder, name string, keep Keep) (dropped []string, err error) {
	known, err := s.backups(ctx)
	if err != nil {
		return nil, err
	}
	mark, err := markOf(filepath.Join(folder, name))
	if err != nil {
		return nil, err
	}
	known[mark] = name
	ours, err := oursIn(folder, known)
	if err != nil {
		return nil, err
	}
	for _, old := range Expired(slices.Collect(maps.Keys(ours)), keep) {
		if old == name { // by a clock that went back
			continue
		}
		rmErr := os.Remove(filepath.Join(folder, old))
		if err = errors.Join(err, fault.Pathless("remove a backup", rmErr)); rmErr == nil {
			dropped = append(dropped, old)
			delete(known, ours[old])
		}
	}
	return dropped, errors.Join(err, s.keepBackups(ctx, known))
}

// oursIn gives the marks of the backups in a folder that this store made, by name.
func oursIn(folder string, known map[string]string) (map[string]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fault.Pathless("read the folder", err)
	}
	ours := map[string]string{}
	for _, e := range entries {
		if _, named := backupTime(e.Name()); !named || !e.Type().IsRegular() {
			continue
		}
		if mark, err := markOf(filepath.Join(folder, e.Name())); err == nil && known[mark] == e.Name() {
			ours[e.Name()] = mark
		}
	}
	return ours, nil
}

// markOf tells a file from all others by its beginning, in which age has a random
// salt.
func markOf(path string) (string, error) {
	f, err := os.Open(path) // #nosec G304 -- a backup in the caller's own folder
	if err != nil {
		return "", fault.Pathless("read a backup", err)
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, 256)
	if _, err := io.ReadFull(f, head); err != nil {
		return "", fault.Pathless("read a backup", err)
	}
	sum := sha256.Sum256(head)
	return fmt.Sprintf("%x", sum[:12]), nil
}

// backups gives the names of the backups that this store made, by mark.
func (s *Store) backups(ctx context.Context) (map[string]string, error) {
	known := map[string]string{}
	raw, err := s.Load(ctx, Setting, backupsName)
	if errors.Is(err, ErrNotFound) {
		return known, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &known)
	}
	return known, err
}

// keepBackups forgets the oldest when there are too many: those stay for ever.
func (s *Store) keepBackups(ctx context.Context, known map[string]string) error {
	if len(known) > backupsMost {
		names := slices.Sorted(maps.Values(known))
		least := names[len(names)-backupsMost]
		maps.DeleteFunc(known, func(_, name string) bool { return name < least })
	}
	raw, err := json.Marshal(known)
	if err != nil {
		return fmt.Errorf("remember the backup: %w", err)
	}
	return s.Keep(ctx, Setting, backupsName, raw)
}
