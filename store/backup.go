package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"

	"github.com/bundel-pgo/bundel/store/internal/bolt"
	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/seal"
	"github.com/bundel-pgo/bundel/store/internal/wrap"
)

// copier is a Backend that can write one moment of itself as a file.
type copier interface{ CopyTo(w io.Writer) error }

// Backup writes the store as it is at one moment to w: the whole sealed file, in
// an age file that opens with the passphrase, by [Restore] or by the age tool. The
// passphrase must be one that opens this store, else ErrWrongKey: a typing error
// would make a backup that nobody opens. It is used in its NFKC form.
//
// Reading and writing go on meanwhile; [Store.Forget], [Store.Compact] and Close
// wait for it, and what comes after them too, so w should not be slow. It takes
// twice as long as opening, 256 MB of memory, and the time to write the file.
// After an error what w has is cut, and Restore says so.
//
// A backup holds the key slots of its day: it opens with the passphrase of then,
// for ever, and not with the recovery code. What is forgotten later stays in it
// (security-store.md 1.8).
func (s *Store) Backup(ctx context.Context, w io.Writer, passphrase []byte) error {
	if err := s.Check(Passphrase(passphrase)); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	secret := normalise(passphrase)
	defer clear(secret)
	seals, err := wrap.ForPassphrase(secret, s.cfg.work())
	if err == nil {
		err = s.backup(ctx, w, seals)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

// BackupTo is [Store.Backup] for the owners of public keys of age ("age1..."; all
// or none of them post-quantum) instead of a passphrase. Any one of them opens the
// file; to open the store in it a key of the store is needed as well.
func (s *Store) BackupTo(ctx context.Context, w io.Writer, recipients ...string) error {
	seals, err := wrap.ForKeys(recipients)
	if err == nil {
		err = s.backup(ctx, w, seals)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

// work is what a passphrase costs in a backup: less than age's own only where the
// passphrase of the store was made to cost less than it may, as in a test.
func (c Config) work() int {
	if c.KDF.Memory == 0 {
		return wrap.Work
	}
	return min(wrap.Work, max(bits.Len32(c.KDF.Memory)+1, 2)) // 64 MiB is Work
}

func (s *Store) backup(ctx context.Context, w io.Writer, seals wrap.Seals) error {
	out := &outlet{ctx: ctx, w: w}
	sealed, err := wrap.Seal(out, seals)
	if err == nil {
		err = s.copyTo(sealed)
	}
	if err == nil {
		err = sealed.Close()
	}
	if out.err != nil { // what happened, before others put it in their words
		return fault.Pathless("write the backup", out.err)
	}
	return err
}

// outlet stops when the caller does, and remembers why it stopped.
type outlet struct {
	ctx context.Context
	w   io.Writer
	err error
}

func (o *outlet) Write(p []byte) (n int, err error) {
	if o.err == nil {
		o.err = o.ctx.Err()
	}
	if o.err == nil {
		n, o.err = o.w.Write(p)
	}
	if o.err == nil && n < len(p) {
		o.err = io.ErrShortWrite
	}
	return n, o.err
}

// copyTo writes the whole file. Where there is none, or where what was forgotten
// still lies between what is in use, a new one is made.
func (s *Store) copyTo(w io.Writer) error {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		return ErrClosed
	}
	if file, ok := s.kv.(copier); ok && !s.vault.Head().Owed {
		return file.CopyTo(w)
	}
	return inScratch(func(dir string) error {
		path := filepath.Join(dir, "copy")
		if err := bolt.Create(path, func(to seal.KV) error { return copyAll(s.kv, to) }); err != nil {
			return err
		}
		f, err := os.Open(path) // #nosec G304 -- made just now
		if err != nil {
			return fault.Pathless("read the copy", err)
		}
		_, err = io.Copy(w, f)
		return errors.Join(fault.Pathless("read the copy", err), f.Close())
	})
}

// inScratch runs fn with a folder for sealed copies, which only this account can
// enter and which is gone afterwards.
func inScratch(fn func(dir string) error) error {
	dir, err := os.MkdirTemp("", "bundel-*")
	if err != nil {
		return fault.Pathless("make a folder for a copy", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return fn(dir)
}

// copyAtOnce is how many bytes one transaction of a copy writes.
const copyAtOnce = 4 << 20

// copyAll brings all buckets of one moment to an empty Backend.
func copyAll(from, to Backend) error {
	return from.View(func(tx BackendTx) error {
		names, err := tx.Names()
		for _, name := range names {
			if err == nil {
				err = copyBucket(tx, to, name)
			}
		}
		return err
	})
}

func copyBucket(tx BackendTx, to Backend, name []byte) error {
	from, err := tx.Bucket(name)
	if err != nil {
		return err
	}
	if err := to.Update(func(tx BackendTx) error { _, err := tx.Create(name); return err }); err != nil {
		return err
	}
	var some [][2][]byte
	size := 0
	flush := func() error {
		err := to.Update(func(tx BackendTx) error { return putAll(tx, name, some) })
		some, size = nil, 0
		return err
	}
	err = from.ForEach(func(k, v []byte) error {
		some = append(some, [2][]byte{k, v})
		if size += len(k) + len(v); size < copyAtOnce {
			return nil
		}
		return flush()
	})
	if err != nil || len(some) == 0 {
		return err
	}
	return flush()
}

func putAll(tx BackendTx, name []byte, all [][2][]byte) error {
	b, err := tx.Bucket(name)
	for _, pair := range all {
		if err == nil {
			err = b.Put(pair[0], pair[1])
		}
	}
	return err
}
