package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// A file grows by a quarter at once, for each time costs a flush of its own, and
// by at least and at most this much: bbolt's own 16 MB would make every small
// store that large. What is left over is cut off when it is closed.
const growLeast, growMost = 64 << 10, 16 << 20

// sparse is how large the memory map is from the start; growing it would wait
// for every reader.
const sparse = 64 << 20

// File is an open bbolt file, a [seal.KV]. It is safe for concurrent use.
type File struct {
	path   string
	db     *bbolt.DB
	file   *os.File // bbolt's own, for reading past it
	broken atomic.Bool
	trust  trust
}

// Open opens a file that is there. Every page is looked at before bbolt may follow
// it (see trust). It waits at most wait for another program to close the file.
// Errors are those of package fault.
func Open(path string, wait time.Duration) (*File, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.ErrNoStore
	case err != nil:
		return nil, fault.Pathless("open the store", err)
	case !info.Mode().IsRegular(): // a link could lead anywhere
		return nil, fmt.Errorf("%w: not a regular file", fault.ErrNoStore)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fault.ErrExposed
	}
	f := &File{path: path}
	if err := f.open(path, wait, 0); err != nil {
		return nil, err
	}
	if err := f.mine(); err != nil {
		_ = f.db.Close()
		return nil, err
	}
	f.sign()
	return f, nil
}

// mine sees that the file still has its name, now that it is locked: who locked
// it before may have put a new one in its place. Then it looks at what every use
// of it needs.
func (f *File) mine() error {
	ours, err := f.file.Stat()
	if err != nil {
		return fault.Pathless("open the store", err)
	}
	named, err := os.Lstat(f.path)
	if err != nil || !os.SameFile(ours, named) {
		return &fault.InUseError{PID: f.signed()}
	}
	_ = os.Remove(draftOf(f.path)) // of a copy that a crash ended
	_ = os.Remove(draftOf(snapshotOf(f.path)))
	return f.begin()
}

// open hands the file to bbolt through a hook: the same open file is looked at
// first, so it cannot be exchanged between the look and the use.
func (f *File) open(path string, wait time.Duration, how int) error {
	options := options(wait)
	if runtime.GOOS != "windows" { // there the file itself would become so large
		options.InitialMmapSize = sparse
	}
	options.OpenFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
		file, err := os.OpenFile(name, flag&^os.O_CREATE|how, mode) // #nosec G304 -- the caller's own store
		if err != nil {
			return nil, err
		}
		f.file = file
		if how != 0 { // new
			return file, nil
		}
		if _, err := preflight(file, f.size); err != nil {
			_ = file.Close()
			return nil, err
		}
		return file, nil
	}
	err := f.guard(func() (err error) {
		f.db, err = bbolt.Open(path, 0o600, options)
		return err
	})
	if err == nil {
		return nil
	}
	if f.broken.Load() {
		f.abandon()
	}
	if errors.Is(err, berrors.ErrTimeout) {
		return &fault.InUseError{Waited: wait, PID: f.signed()}
	}
	return fault.Pathless("open the store", err)
}

// options keep the list of free pages on disk: without it every open would
// read the whole tree (security-store.md 1.9).
func options(wait time.Duration) *bbolt.Options {
	wait = max(wait, time.Millisecond) // none would be for ever
	return &bbolt.Options{Timeout: wait, FreelistType: bbolt.FreelistMapType, NoStatistics: true}
}

// guard turns a panic or a memory fault of bbolt on a damaged file into an
// error. After one, the file is not used any more.
func (f *File) guard(run func() error) (err error) {
	if f.broken.Load() {
		return fault.Damaged("page")
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			f.broken.Store(true)
			err = fault.Damaged("page")
		}
	}()
	return run()
}

func (f *File) size() (int64, error) {
	info, err := f.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Check looks at the first pages and the size again, and with pages at all
// pages. Nobody may write meanwhile.
func (f *File) Check(pages bool) error {
	m, err := preflight(f.file, f.size)
	if err != nil || !pages {
		return err
	}
	return checkTree(f.file, m)
}

// View runs fn on one moment of the file.
func (f *File) View(fn func(seal.KVTx) error) error {
	return f.guard(func() error {
		return f.db.View(func(t *bbolt.Tx) error { return fn(tx{t, f}) })
	})
}

// Update runs fn and commits, unless fn gives an error. It returns after the
// disk has it.
func (f *File) Update(fn func(seal.KVTx) error) error {
	var inner error
	err := f.guard(func() error {
		return f.db.Update(func(t *bbolt.Tx) error {
			f.db.AllocSize = int(min(max(t.Size()/4, growLeast), growMost)) // used when it commits
			if inner = f.trustAll(); inner == nil {
				inner = fn(tx{t, f})
			}
			return inner
		})
	})
	if err != nil && inner == nil {
		return fault.Pathless("write the store", err)
	}
	return err
}

// Close ends the use of the file, after the transactions that run. After a
// panic bbolt is left alone: its locks may never come free, but the file's must.
func (f *File) Close() error {
	f.unsign()
	if !f.broken.Load() {
		f.trim()
		err := f.guard(func() error { return fault.Pathless("close the store", f.db.Close()) })
		if !f.broken.Load() {
			return err
		}
	}
	f.abandon()
	return nil
}

// trim cuts off what a file that was written to has not yet used. No page was
// ever there, so whether it happens or not makes no difference to what is read.
func (f *File) trim() {
	if f.file == nil || !f.trust.all.Load() || runtime.GOOS == "windows" { // where a mapped file cannot be cut
		return
	}
	if m, err := preflight(f.file, f.size); err == nil {
		_ = f.file.Truncate(int64(m.pages) * m.pageSize)
	}
}

// abandon frees the file when bbolt gave up half way and kept its lock.
func (f *File) abandon() {
	if f.file != nil {
		unlock(f.file)
		_ = f.file.Close()
	}
}

// tx narrows a bbolt transaction to what the layer above may do.
type tx struct {
	*bbolt.Tx
	file *File
}

func (t tx) Bucket(name []byte) (seal.Bucket, error) {
	if b := t.Tx.Bucket(name); b != nil {
		return bucket{b, t.file}, nil
	}
	return nil, nil
}

func (t tx) Create(name []byte) (seal.Bucket, error) {
	b, err := t.CreateBucket(name)
	return bucket{b, t.file}, err
}

func (t tx) Drop(name []byte) error { return t.DeleteBucket(name) }

func (t tx) Names() (names [][]byte, err error) {
	err = t.Tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
		names = append(names, name)
		return nil
	})
	return names, err
}

// bucket is one of bbolt's. What is left of its faults is a panic, which guard
// turns into an error.
type bucket struct {
	*bbolt.Bucket
	file *File
}

func (b bucket) Get(key []byte) ([]byte, error) {
	if err := b.file.trustPath(uint64(b.Root()), key); err != nil {
		return nil, err
	}
	return b.Bucket.Get(key), nil
}

func (b bucket) ForEach(fn func(key, value []byte) error) error {
	if err := b.file.trustBucket(uint64(b.Root())); err != nil {
		return err
	}
	return b.Bucket.ForEach(fn)
}
