package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// made gives a file with small and large values in two buckets, some deleted.
func made(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "db")
	err := Create(path, func(kv seal.KV) error {
		return kv.Update(func(tx seal.KVTx) error {
			_, err := tx.Create([]byte("small"))
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 4 {
		err := f.Update(func(tx seal.KVTx) error {
			b, err := tx.Bucket([]byte("small"))
			if err != nil {
				return err
			}
			if round == 0 {
				if b, err = tx.Create([]byte("large")); err != nil {
					return err
				}
			}
			for i := range 400 {
				key := fmt.Appendf(nil, "%016x", uint64(i*round+7)*0x9E3779B97F4A7C15)
				if err := b.Put(key, bytes.Repeat([]byte{byte(i)}, i*30)); err != nil {
					return err
				}
				if round == 3 && i%3 == 0 {
					if err := b.Delete(key); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenChecksAllPages(t *testing.T) {
	path := made(t)
	f, err := Open(path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Check(true); err != nil {
		t.Fatal(err)
	}
	m, _ := preflight(f.file, f.size)
	_ = f.Close()
	raw, _ := os.ReadFile(path)
	free := binary.LittleEndian.Uint64(raw[int64(m.freelist)*m.pageSize+pageHeader:])
	for name, change := range map[string]func(page func(uint64) []byte){
		"a page that calls itself another":   func(p func(uint64) []byte) { p(m.root)[0]++ },
		"a page of no known sort":            func(p func(uint64) []byte) { p(m.root)[8] = 0x40 },
		"more elements than fit":             func(p func(uint64) []byte) { p(m.root)[11] = 0xff },
		"a key outside its page":             func(p func(uint64) []byte) { p(m.root)[pageHeader+6] = 0xff },
		"a value outside its page":           func(p func(uint64) []byte) { p(m.root)[pageHeader+14] = 0xff },
		"an overflow beyond the end":         func(p func(uint64) []byte) { p(m.root)[14] = 0xff },
		"something that is no bucket":        func(p func(uint64) []byte) { p(m.root)[pageHeader] = 0 },
		"a used page in the free list":       func(p func(uint64) []byte) { binary.LittleEndian.PutUint64(p(m.freelist)[pageHeader:], m.root) },
		"a free page twice":                  func(p func(uint64) []byte) { binary.LittleEndian.PutUint64(p(m.freelist)[pageHeader+8:], free) },
		"a free list longer than its page":   func(p func(uint64) []byte) { p(m.freelist)[10], p(m.freelist)[11] = 0xff, 0x7f },
		"a free list that is something else": func(p func(uint64) []byte) { p(m.freelist)[8] = leafPage },
	} {
		broken := filepath.Join(t.TempDir(), "db")
		changed := bytes.Clone(raw)
		change(func(id uint64) []byte { return changed[int64(id)*m.pageSize : int64(id+1)*m.pageSize] })
		if err := os.WriteFile(broken, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		// Seen when it is opened, or else before anything is written.
		f, err := Open(broken, time.Second)
		if err == nil {
			err = f.Update(func(seal.KVTx) error { t.Errorf("%s: it can be written to", name); return nil })
			_ = f.Close()
		}
		if !errors.Is(err, fault.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		// The lock is free again even where bbolt gave up half way.
		_ = os.WriteFile(broken, raw, 0o600)
		if f, err := Open(broken, time.Millisecond); err != nil {
			t.Errorf("%s: the next opener: %v", name, err)
		} else {
			_ = f.Close()
		}
	}
}

// A branch that points at itself would make bbolt run out of stack, which no
// recover can stop.
func TestTreeWithALoop(t *testing.T) {
	path := made(t)
	raw, _ := os.ReadFile(path)
	r := bytes.NewReader(raw)
	root := rootOf(t, path, "small")
	m, err := preflight(r, func() (int64, error) { return int64(len(raw)), nil })
	if err != nil {
		t.Fatal(err)
	}
	loops := 0
	for id := uint64(2); id < m.pages; id++ {
		page := raw[int64(id)*m.pageSize:]
		if binary.LittleEndian.Uint64(page) != id || page[8] != branchPage {
			continue
		}
		old := binary.LittleEndian.Uint64(page[pageHeader+8:])
		binary.LittleEndian.PutUint64(page[pageHeader+8:], id)
		if err := checkTree(r, m); err != nil {
			loops++
		}
		way := &tree{f: r, meta: m, seen: map[uint64]bool{}}
		_ = way.path(root, nil, map[uint64]bool{}) // ends
		binary.LittleEndian.PutUint64(page[pageHeader+8:], old)
	}
	if loops == 0 {
		t.Error("no loop was noticed")
	}
	if err := checkTree(r, m); err != nil {
		t.Error(err)
	}
}

func rootOf(t *testing.T, path, name string) (root uint64) {
	t.Helper()
	f, err := Open(path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	_ = f.db.View(func(tx *bbolt.Tx) error {
		root = uint64(tx.Bucket([]byte(name)).Root())
		return nil
	})
	return root
}

// A page is looked at before a reader gets to it, and no other one is.
func TestReadingLooksAtItsWay(t *testing.T) {
	path := made(t)
	f, err := Open(path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var keys [][]byte
	err = f.View(func(tx seal.KVTx) error {
		b, err := tx.Bucket([]byte("small"))
		if err != nil {
			return err
		}
		return b.ForEach(func(k, _ []byte) error { keys = append(keys, bytes.Clone(k)); return nil })
	})
	_ = f.Close()
	if err != nil || len(keys) < 100 {
		t.Fatal(len(keys), err)
	}
	raw, _ := os.ReadFile(path)
	reads, stops := 0, 0
	for id := 2; id < len(raw)/4096; id++ {
		page := raw[id*4096:]
		if binary.LittleEndian.Uint64(page) != uint64(id) || page[8] != leafPage || id%7 > 0 {
			continue
		}
		changed := bytes.Clone(raw)
		changed[id*4096+11] = 0xff // more elements than fit
		broken := filepath.Join(t.TempDir(), "db")
		_ = os.WriteFile(broken, changed, 0o600)
		f, err := Open(broken, time.Second)
		if err != nil {
			continue // the bucket of buckets itself
		}
		for i := 0; i < len(keys); i += 11 {
			key := keys[i]
			err := f.View(func(tx seal.KVTx) error {
				b, err := tx.Bucket([]byte("small"))
				if err == nil {
					_, err = b.Get(key)
				}
				return err
			})
			switch {
			case err == nil:
				reads++
			case errors.Is(err, fault.ErrDamaged):
				stops++
			default:
				t.Fatal(err)
			}
		}
		_ = f.Close()
	}
	if reads == 0 || stops == 0 {
		t.Errorf("%d reads, %d of them stopped", reads, stops)
	}
	t.Logf("%d reads, %d stopped", reads, stops)
}

// Whoever waits for a file that is made anew meanwhile must not get the old one.
func TestCompactedFileIsTheOne(t *testing.T) {
	path := made(t)
	f, err := Open(path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	opened := make(chan error)
	go func() {
		other, err := Open(path, 10*time.Second)
		if err == nil {
			err = other.Close()
		}
		opened <- err
	}()
	for range 5 {
		if err := f.Compact(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(path, time.Millisecond); !errors.Is(err, fault.ErrInUse) {
		t.Errorf("beside the new file: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil && !errors.Is(err, fault.ErrInUse) {
		t.Errorf("who waited: %v", err)
	}
	if err := use(path); err != nil {
		t.Error(err)
	}
}

// A copy that was cut off is cleared away by whoever opens the file next.
func TestDraftIsCleared(t *testing.T) {
	path := made(t)
	if err := os.WriteFile(Draft(path), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := os.Stat(Draft(path)); err == nil {
		t.Error("it is still there")
	}
}

// FuzzLeaves reads the leaves of anything.
func FuzzLeaves(f *testing.F) {
	raw, _ := os.ReadFile(made(f))
	f.Add(raw[8192:20480])
	f.Fuzz(func(t *testing.T, b []byte) {
		total := 0
		err := Leaves(bytes.NewReader(b), int64(len(b)), func(k, v []byte) { total += len(k) + len(v) })
		if err != nil || total > 40*len(b)+1 && len(b) > 0 {
			t.Fatalf("%d bytes out of %d: %v", total, len(b), err)
		}
	})
}

// sign gives a changed meta page a sum that fits.
func sign(page []byte) {
	sum := fnv.New64a()
	sum.Write(page[pageHeader : pageHeader+56])
	binary.LittleEndian.PutUint64(page[pageHeader+56:], sum.Sum64())
}

func TestPreflight(t *testing.T) {
	raw, _ := os.ReadFile(made(t))
	le := binary.LittleEndian
	for name, change := range map[string]func(a, b []byte) int{
		"first page broken":          func(a, _ []byte) int { a[20]++; return len(raw) },
		"second page broken":         func(_, b []byte) int { b[70]++; return len(raw) },
		"no such page size":          func(a, _ []byte) int { le.PutUint32(a[24:], 5000); sign(a); return len(raw) },
		"two page sizes":             func(_, b []byte) int { le.PutUint32(b[24:], 8192); sign(b); return len(raw) },
		"root beyond the end":        func(a, _ []byte) int { le.PutUint64(a[32:], 1<<50); sign(a); return len(raw) },
		"no list of free pages":      func(a, _ []byte) int { le.PutUint64(a[48:], ^uint64(0)); sign(a); return len(raw) },
		"transactions far apart":     func(a, _ []byte) int { le.PutUint64(a[64:], 1000); sign(a); return len(raw) },
		"a file too short":           func(_, _ []byte) int { return 4096 * 5 },
		"a file of one page":         func(_, _ []byte) int { return 4096 },
		"a file of nothing":          func(_, _ []byte) int { return 0 },
		"another version of bbolt":   func(a, _ []byte) int { le.PutUint32(a[20:], 3); sign(a); return len(raw) },
		"another sort of file":       func(a, _ []byte) int { le.PutUint32(a[16:], 3); sign(a); return len(raw) },
		"more pages than the file":   func(a, b []byte) int { grow(a); grow(b); return len(raw) },
		"more pages than there are":  func(a, _ []byte) int { le.PutUint64(a[56:], 1<<60); sign(a); return len(raw) },
		"root in the first pages":    func(a, _ []byte) int { le.PutUint64(a[32:], 1); sign(a); return len(raw) },
		"free list in the first two": func(a, _ []byte) int { le.PutUint64(a[48:], 0); sign(a); return len(raw) },
	} {
		changed := bytes.Clone(raw)
		n := change(changed[:4096], changed[4096:])
		_, err := preflight(bytes.NewReader(changed[:n]), func() (int64, error) { return int64(n), nil })
		if !errors.Is(err, fault.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func grow(page []byte) {
	binary.LittleEndian.PutUint64(page[56:], 1<<20)
	sign(page)
}

func TestCreateCleansUp(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "db")
	broken := errors.New("no")
	if err := Create(path, func(seal.KV) error { return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
	if rest, _ := os.ReadDir(dir); len(rest) > 0 {
		t.Errorf("left behind: %v", rest)
	}
	// Two creators at once: the second one finds the name taken.
	err := Create(path, func(seal.KV) error { return os.WriteFile(path, []byte("first"), 0o600) })
	if b, _ := os.ReadFile(path); !errors.Is(err, fault.ErrExists) || string(b) != "first" {
		t.Errorf("%v, %q", err, b)
	}
}

func TestPanicEndsTheUse(t *testing.T) {
	path := made(t)
	f, err := Open(path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.View(func(seal.KVTx) error { panic("page 7 already freed") }); !errors.Is(err, fault.ErrDamaged) {
		t.Error(err)
	}
	if err := f.Update(func(seal.KVTx) error { return nil }); !errors.Is(err, fault.ErrDamaged) {
		t.Errorf("a write after that: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if f, err = Open(path, time.Millisecond); err != nil {
		t.Fatalf("the lock stayed: %v", err)
	}
	_ = f.Close()
}

func FuzzMeta(f *testing.F) {
	raw, _ := os.ReadFile(made(f))
	f.Add(raw[:8192], int64(len(raw)))
	f.Add(raw[:4096], int64(8192))
	f.Fuzz(func(t *testing.T, raw []byte, size int64) {
		m, err := preflight(bytes.NewReader(raw), func() (int64, error) { return size, nil })
		if err != nil {
			if !errors.Is(err, fault.ErrDamaged) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		if int64(m.pages)*m.pageSize > size || m.root >= m.pages {
			t.Fatalf("%+v passed in %d bytes", m, size)
		}
		_ = checkTree(bytes.NewReader(raw), m)
	})
}

// use opens a file, reads all of it and writes to it; what Open lets through
// must not make bbolt panic.
func use(path string) error {
	f, err := Open(path, time.Millisecond)
	if err != nil {
		return nil //nolint:nilerr // refused is fine
	}
	defer func() { _ = f.Close() }()
	if err = readAndWrite(f); errors.Is(err, fault.ErrDamaged) && !f.broken.Load() {
		return nil // noticed before bbolt got there
	}
	return err
}

func readAndWrite(f *File) error {
	err := f.View(func(tx seal.KVTx) error {
		return each(tx, func(b seal.Bucket) error {
			return b.ForEach(func(_, _ []byte) error { return nil })
		})
	})
	if err != nil {
		return err
	}
	return f.Update(func(tx seal.KVTx) error {
		return each(tx, func(b seal.Bucket) error {
			for i := range 50 {
				if err := b.Put(fmt.Appendf(nil, "%d", i*7919), make([]byte, 500)); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func each(tx seal.KVTx, fn func(seal.Bucket) error) error {
	names, err := tx.Names()
	for _, name := range names {
		var b seal.Bucket
		if b, err = tx.Bucket(name); err == nil {
			err = fn(b)
		}
		if err != nil {
			return err
		}
	}
	return err
}

// flipOne gives a file with one bit changed, most often where pages say what
// is in them.
func flipOne(raw []byte, seed uint64) []byte {
	random := rand.New(rand.NewPCG(seed, 1)) // #nosec G404 -- a test that can be repeated
	changed := bytes.Clone(raw)
	at := random.IntN(len(raw))
	if seed%4 > 0 {
		at = at/4096*4096 + random.IntN(200)
	}
	changed[at%len(raw)] ^= 1 << random.IntN(8)
	return changed
}

func TestWhatPassesCanBeUsed(t *testing.T) {
	raw, _ := os.ReadFile(made(t))
	raw = bytes.TrimRight(raw, "\x00")
	path := filepath.Join(t.TempDir(), "db")
	for seed := range uint64(300) {
		file := append(flipOne(raw, seed), make([]byte, 1<<20)...)
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := use(path); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

// FuzzTree changes one place of a good file: whatever passes, bbolt can use.
func FuzzTree(f *testing.F) {
	raw, _ := os.ReadFile(made(f))
	f.Add(uint32(3*4096+8), []byte{1})
	f.Add(uint32(4*4096+16), []byte{0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, at uint32, change []byte) {
		changed := bytes.Clone(raw)
		copy(changed[8192+int(at)%(len(raw)-8192):], change)
		path := filepath.Join(t.TempDir(), "db")
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := use(path); err != nil {
			t.Fatal(err)
		}
	})
}
