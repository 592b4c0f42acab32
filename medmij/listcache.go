package medmij

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	cacheIndexFile = "index.json"
	maxIndexBytes  = 64 << 10
	cacheSuffix    = ".list" // of a list; its name is the hash of what is in it
)

// listCache is the folder with the last good lists. An index says which files
// count; putting a new index in place of the old one, in one step, is what
// makes a change. Whatever is not in it, or not as it says, does not count.
type listCache struct {
	dir    string
	source string // where the lists come from: those of another network do not count
	read   bool
	index  cacheIndex
	bad    map[string]bool // hashes of lists that were no good
}

type cacheIndex struct {
	Source string                `json:"source"`
	Seen   time.Time             `json:"seen"` // the latest moment on the clock
	Lists  map[string]cacheEntry `json:"lists"`
}

type cacheEntry struct {
	Sum     string    `json:"sha256"`
	Number  uint64    `json:"number"`
	Checked time.Time `json:"checked"`
}

var errCache = errors.New("cache is damaged")

// fromCache takes the lists of the cache at the first Refresh, and puts them in
// force at once: fetching may take long when the network is down.
func (l *Lists) fromCache() {
	c := l.cache
	if c == nil || c.read {
		return
	}
	c.read, c.bad = true, map[string]bool{}
	var err error
	c.index, err = c.load()
	if err != nil {
		l.cfg.Log.Warn("cached lists ignored", "error", err)
	}
	for _, k := range l.keepers {
		e, ok := c.index.Lists[k.name]
		if !ok {
			continue
		}
		if err := l.acceptCached(k, e); err != nil {
			delete(c.index.Lists, k.name)
			c.bad[e.Sum] = true
			l.cfg.Log.Warn("cached list ignored", "list", k.name, "error", err)
		}
	}
	l.mu.Lock()
	l.seen = c.index.latest()
	l.mu.Unlock()
	l.publish(true)
}

// latest is the latest moment that the index knows of.
func (x cacheIndex) latest() time.Time {
	t := x.Seen
	for _, e := range x.Lists {
		if e.Checked.After(t) {
			t = e.Checked
		}
	}
	return t
}

func (l *Lists) acceptCached(k *keeper, e cacheEntry) error {
	raw, sum, err := l.cache.list(e, k.limit)
	if err != nil {
		return err
	}
	if err := l.accept(k, raw, sum); err != nil {
		return err
	}
	k.checked = e.Checked
	return nil
}

// load reads the index. Without one, or with one of another source, it is
// empty and not an error.
func (c *listCache) load() (cacheIndex, error) {
	empty := cacheIndex{Source: c.source, Lists: map[string]cacheEntry{}}
	raw, err := readLimited(filepath.Join(c.dir, cacheIndexFile), maxIndexBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return empty, nil
	}
	if err != nil {
		return empty, err
	}
	var index cacheIndex
	if err := json.Unmarshal(raw, &index); err != nil {
		return empty, errCache
	}
	if index.Source != c.source || index.Lists == nil {
		return empty, nil
	}
	return index, nil
}

// list reads a list of the index and checks that it is that one.
func (c *listCache) list(e cacheEntry, limit int64) ([]byte, [sha256.Size]byte, error) {
	none := [sha256.Size]byte{}
	if b, err := hex.DecodeString(e.Sum); err != nil || len(b) != sha256.Size {
		return nil, none, errCache
	}
	raw, err := readLimited(filepath.Join(c.dir, e.Sum+cacheSuffix), limit)
	if err != nil {
		return nil, none, err
	}
	sum := sha256.Sum256(raw)
	if hex.EncodeToString(sum[:]) != e.Sum {
		return nil, none, errCache
	}
	return raw, sum, nil
}

// keepCached writes a list into the cache, where it does not count until
// toCache.
func (l *Lists) keepCached(k *keeper, raw []byte) {
	c := l.cache
	if c == nil {
		return
	}
	sum := hex.EncodeToString(k.sum[:])
	if err := writeWhole(c.dir, sum+cacheSuffix, raw); err != nil {
		l.cfg.Log.Warn("list not cached", "list", k.name, "error", err)
		return
	}
	c.index.Lists[k.name] = cacheEntry{Sum: sum, Number: k.number}
}

// toCache notes what is at hand and when it was checked.
func (l *Lists) toCache() {
	c := l.cache
	if c == nil || len(c.index.Lists) == 0 {
		return
	}
	l.mu.RLock()
	c.index.Seen = l.seen
	l.mu.RUnlock()
	for _, k := range l.keepers {
		// One that could not be written is there as it was before.
		if e, ok := c.index.Lists[k.name]; ok && e.Sum == hex.EncodeToString(k.sum[:]) {
			e.Checked = k.checked.Round(0)
			c.index.Lists[k.name] = e
		}
	}
	if err := c.update(); err != nil {
		l.cfg.Log.Warn("lists not cached", "error", err)
	}
}

// update puts a new index in place and removes what it does not name. A list
// with a higher number, which another process put there, stays.
func (c *listCache) update() error {
	index := c.index
	index.Lists = maps.Clone(index.Lists)
	if other, err := c.load(); err == nil {
		for name, e := range other.Lists {
			if e.Number <= index.Lists[name].Number || c.bad[e.Sum] {
				continue
			}
			if _, _, err := c.list(e, maxZALBytes); err == nil {
				index.Lists[name] = e
			}
		}
	}
	raw, err := json.Marshal(index)
	if err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	if err := writeWhole(c.dir, cacheIndexFile, raw); err != nil {
		return err
	}
	return c.tidy(index)
}

// tidy removes lists that are in the index no more. Those of the last hour
// stay: another process may be about to name them.
func (c *listCache) tidy(index cacheIndex) error {
	named := map[string]bool{}
	for _, e := range index.Lists {
		named[e.Sum+cacheSuffix] = true
	}
	files, err := os.ReadDir(c.dir)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), cacheSuffix) || named[f.Name()] {
			continue
		}
		if info, gone := f.Info(); gone == nil && time.Since(info.ModTime()) > time.Hour {
			err = errors.Join(err, os.Remove(filepath.Join(c.dir, f.Name())))
		}
	}
	return err
}

// writeWhole writes a file so that it is there as a whole or not at all.
func writeWhole(dir, name string, content []byte) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "new-*"+cacheSuffix)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, name))
}
