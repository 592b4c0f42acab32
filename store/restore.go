package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/bundel-pgo/bundel/store/internal/bolt"
	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/wrap"
)

// Restore reads a backup and makes a store of it at a path where there is none.
// It is opened with the key and looked at ([Deep]) before it gets its name, so
// that there is either a sound store or nothing. The folder is made when it is not
// there (mode 0700), the file has mode 0600.
//
// A backup of [Store.Backup] needs the passphrase of the day it was made; one of
// [Store.BackupTo] a private key of age ("AGE-SECRET-KEY-...") among the
// identities, and any key of the store. A sealed file that is not in age, such as
// a snapshot, is taken as it is.
//
// Where the store was seen before ([Config.State]), that is noted to be over: the
// restored one opens without [Config.AcceptOlder].
//
// It writes as many bytes as it reads: nothing in a backup grows. Whoever reads
// from a stranger limits r; a passphrase that would cost more than 4 s or 1 GB is
// refused as damage.
//
// Errors: ErrExists, ErrNotBackup, ErrWrongKey, *DamagedError (cut or changed, with
// "backup", or a store that is itself damaged), ErrFull, *NewerError, and those of r.
func Restore(ctx context.Context, r io.Reader, key Key, to string, cfg Config, identities ...string) (Report, error) {
	report, err := restore(ctx, r, key, to, cfg, identities)
	if err != nil {
		return report, fmt.Errorf("restore: %w", err)
	}
	accept(to, key, cfg)
	return report, nil
}

// accept opens what was restored once, so that the anchor follows:
// who did that knows that it is older. When it fails the next opening asks.
func accept(path string, key Key, cfg Config) {
	if cfg.State == "" && cfg.Anchor == nil {
		return
	}
	log := cfg.withDefaults().Log
	cfg.AcceptOlder, cfg.Log = true, nil
	s, err := Open(path, key, cfg)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		log.Warn("the store was not opened", "error", err)
	}
}

func restore(ctx context.Context, r io.Reader, key Key, to string, cfg Config, identities []string) (report Report, err error) {
	if _, err := os.Lstat(to); err == nil {
		return report, ErrExists
	}
	plain, err := openBackup(r, key, identities)
	if err != nil {
		return report, err
	}
	folder := filepath.Dir(to)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return report, fault.Pathless("make the folder", err)
	}
	draft, err := draftIn(folder, func(w io.Writer) error { return pour(ctx, w, plain) })
	if err != nil {
		return report, err
	}
	defer func() { _ = os.Remove(draft) }()
	report, err = verifyFile(ctx, draft, key, cfg)
	if err == nil {
		err = bolt.Name(draft, to)
	}
	return report, err
}

// CheckBackup reads a backup as [Restore] does, and keeps nothing. It needs room
// for a copy in the folder for temporary files.
func CheckBackup(ctx context.Context, r io.Reader, key Key, cfg Config, identities ...string) (report Report, err error) {
	err = inScratch(func(dir string) error {
		report, err = restore(ctx, r, key, filepath.Join(dir, "copy"), cfg, identities)
		return err
	})
	if err != nil {
		return report, fmt.Errorf("check the backup: %w", err)
	}
	return report, nil
}

// draftIn makes a new file that is on the disk and has no name that counts. After
// an error there is none.
func draftIn(folder string, write func(io.Writer) error) (string, error) {
	f, err := os.CreateTemp(folder, ".bundel-*.tmp") // mode 0600
	if err != nil {
		return "", fault.Pathless("make a file", err)
	}
	err = write(f)
	if err == nil {
		err = fault.Pathless("write a file", f.Sync())
	}
	if err = errors.Join(err, fault.Pathless("write a file", f.Close())); err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// pour copies, and tells an error of reading from one of writing.
func pour(ctx context.Context, w io.Writer, r io.Reader) error {
	out := &outlet{ctx: ctx, w: w}
	_, err := io.Copy(out, r)
	if out.err != nil {
		return fault.Pathless("write the store", out.err)
	}
	return err
}

// openBackup gives the file in a backup. Nothing but a store goes on from here:
// with the right passphrase another file of age opens too.
func openBackup(r io.Reader, key Key, identities []string) (io.Reader, error) {
	const enough = 80 // for the head of age, and of a store
	in := bufio.NewReader(r)
	head, err := in.Peek(enough)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, fault.Pathless("read the backup", err)
	case bolt.IsFile(head):
		return in, nil
	case !wrap.IsSealed(head):
		return nil, ErrNotBackup
	}
	var keys wrap.Keys
	if p, ok := key.(passphrase); ok {
		secret := normalise(p.secret)
		defer clear(secret)
		keys.Passphrase(secret)
	}
	if err := keys.Private(identities); err != nil {
		return nil, err
	}
	sealed, err := wrap.Open(in, keys)
	if err != nil {
		return nil, err
	}
	plain := bufio.NewReader(sealed)
	head, err = plain.Peek(enough)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case !bolt.IsFile(head):
		return nil, ErrNotBackup
	}
	return plain, nil
}

// verifyFile opens a store that has no place yet and verifies all of it. It takes
// from the configuration only what reading needs: what is kept elsewhere about the
// store speaks of the one that is in use.
func verifyFile(ctx context.Context, path string, key Key, cfg Config) (Report, error) {
	s, err := Open(path, key, Config{Now: cfg.Now, Log: cfg.Log, Wait: cfg.Wait})
	if err != nil {
		return Report{}, err
	}
	report, err := s.Verify(ctx, Deep)
	return report, errors.Join(err, s.Close())
}
