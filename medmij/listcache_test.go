package medmij

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cachingApp is a program that is started again and again, with one cache and one
// clock.
type cachingApp struct {
	*testing.T
	dir    string
	server *listServer
	now    time.Time
	log    *bytes.Buffer
}

func newCachingApp(t *testing.T) *cachingApp {
	t.Helper()
	s := newListServer()
	s.set("book.json", `[{"name":"kliniek-zon&zee","display":"Zon en Zee"}]`)
	return &cachingApp{T: t, dir: filepath.Join(t.TempDir(), "lists"), server: s, now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
}

func (a *cachingApp) config(c *ListsConfig) {
	c.Cache, c.Now = a.dir, func() time.Time { return a.now }
	c.AddressBook = "https://lists.example.nl/book.json"
}

// start is a start of the program with its first look at the lists.
func (a *cachingApp) start() (*Lists, error) {
	a.Helper()
	var l *Lists
	l, a.log = listsAt(a.server, a.config)
	err := l.Refresh(a.Context())
	return l, err
}

// numbered is the Volgnummer of the Whitelist.
func numbered(n string) string { return strings.Replace(goodWhitelist, ">481<", ">"+n+"<", 1) }

// cached runs the program once with a good server, and then takes that away.
func (a *cachingApp) cached() {
	a.Helper()
	if _, err := a.start(); err != nil || a.log.Len() > 0 {
		a.Fatal(err, a.log)
	}
	a.server.down = true
}

func TestAnAppStartsWhileTheListServerIsDown(t *testing.T) {
	a := newCachingApp(t)
	a.cached()
	a.now = a.now.Add(23 * time.Hour)
	l, err := a.start()
	if err == nil {
		t.Error("the server is down, and nothing is said")
	}
	d, err := l.Directory()
	if err != nil {
		t.Fatal(err)
	}
	if found := d.Search("zee", 1); !d.Allowed(apiHost) || len(found) != 1 || found[0].Display != "Zon en Zee" || len(found[0].Connections) != 1 ||
		d.ServiceName("49") != "Huisartsgegevens" || d.Organization("pgo.example.nl") != "Mijn Testdossier" {
		t.Errorf("%+v", found)
	}
	// The age is that of the look, not that of the start.
	a.now = a.now.Add(2 * time.Hour)
	if _, err := l.Directory(); !errors.Is(err, ErrStale) {
		t.Errorf("25 hours after the look: %v", err)
	}
	if l, _ = a.start(); l.Last() == nil {
		t.Error("what is stored cannot be shown")
	}
	if _, err := l.Directory(); !errors.Is(err, ErrStale) {
		t.Errorf("started 25 hours after the look: %v", err)
	}
	a.server.down = false
	if err := l.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Directory(); err != nil {
		t.Errorf("when the server is back: %v", err)
	}
	// The same list again is a new look at it.
	a.server.down = true
	a.now = a.now.Add(20 * time.Hour)
	if l, _ = a.start(); l.stale(a.now) {
		t.Error("the last look was not noted")
	}
}

// index reads and changes the index of the cache.
func (a *cachingApp) index(change func(*cacheIndex)) {
	a.Helper()
	path := filepath.Join(a.dir, cacheIndexFile)
	raw, err := os.ReadFile(path)
	if err != nil {
		a.Fatal(err)
	}
	var index cacheIndex
	if err := json.Unmarshal(raw, &index); err != nil {
		a.Fatal(err)
	}
	change(&index)
	if raw, err = json.Marshal(index); err != nil {
		a.Fatal(err)
	}
	a.write(cacheIndexFile, string(raw))
}

func (a *cachingApp) write(file, content string) {
	a.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, file), []byte(content), 0o600); err != nil {
		a.Fatal(err)
	}
}

// plant puts a list into the cache as if it had been fetched.
func (a *cachingApp) plant(file, list string) {
	a.Helper()
	sum := sha256.Sum256([]byte(list))
	name := hex.EncodeToString(sum[:])
	a.write(name+cacheSuffix, list)
	a.index(func(x *cacheIndex) { x.Lists[file] = cacheEntry{Sum: name, Number: 999, Checked: a.now} })
}

func (a *cachingApp) listFile(file string) (path string) {
	a.Helper()
	a.index(func(x *cacheIndex) { path = filepath.Join(a.dir, x.Lists[file].Sum+cacheSuffix) })
	return path
}

// What is damaged is ignored and told of; the others, and the server, are used.
func TestADamagedCache(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(a *cachingApp)
		log    string // what it says, empty for nothing
		whole  bool   // the Whitelist is still in force
	}{
		{"nothing", func(*cachingApp) {}, "", true},
		{"no index", func(a *cachingApp) { _ = os.Remove(filepath.Join(a.dir, cacheIndexFile)) }, "", false},
		{"an empty index", func(a *cachingApp) { a.write(cacheIndexFile, "") }, "cached lists ignored", false},
		{"half an index", func(a *cachingApp) { a.write(cacheIndexFile, `{"source":`) }, "cached lists ignored", false},
		{"an index of something else", func(a *cachingApp) { a.write(cacheIndexFile, `{"canary":1}`) }, "", false},
		{"an index of null", func(a *cachingApp) { a.write(cacheIndexFile, `null`) }, "", false},
		{"an endless index", func(a *cachingApp) { a.write(cacheIndexFile, strings.Repeat(" ", maxIndexBytes+1)+"{}") }, "cached lists ignored", false},
		{"another list server", func(a *cachingApp) { a.index(func(x *cacheIndex) { x.Source = "https://other.example.nl/" }) }, "", false},
		{"no Whitelist", func(a *cachingApp) { _ = os.Remove(a.listFile(FileWhitelist)) }, "cached list ignored", false},
		{"a changed Whitelist", func(a *cachingApp) {
			a.write(filepath.Base(a.listFile(FileWhitelist)), strings.Replace(goodWhitelist, "api.dva", "canary", 1))
		}, "cached list ignored", false},
		{"an invalid Whitelist", func(a *cachingApp) { a.plant(FileWhitelist, strings.Replace(goodWhitelist, "api.dva", "CANARY", 1)) }, "cached list ignored", false},
		{"another list as Whitelist", func(a *cachingApp) { a.plant(FileWhitelist, goodGNL) }, "cached list ignored", false},
		{"a path for a hash", func(a *cachingApp) {
			a.index(func(x *cacheIndex) { x.Lists[FileWhitelist] = cacheEntry{Sum: "../../canary", Checked: a.now} })
		}, "cached list ignored", false},
		{"an unknown list", func(a *cachingApp) { a.plant("canary.xml", goodGNL) }, "", true},
		{"no names of services", func(a *cachingApp) { _ = os.Remove(a.listFile(FileGNL)) }, "cached list ignored", true},
		{"a bad address book", func(a *cachingApp) { a.plant(FileAddressBook, "{canary") }, "cached list ignored", true},
	} {
		a := newCachingApp(t)
		a.cached()
		c.damage(a)
		l, _ := a.start()
		if _, err := l.Directory(); (err == nil) != c.whole {
			t.Errorf("%s: %v", c.name, err)
		}
		said := a.log.String()
		if c.log == "" && said != "" || !strings.Contains(said, c.log) || strings.Contains(strings.ToLower(said), "canary") {
			t.Errorf("%s: the log says %s", c.name, said)
		}
		a.server.down = false
		if err := l.Refresh(t.Context()); err != nil {
			t.Errorf("%s: with a server: %v", c.name, err)
		}
		a.server.down = true
		again, _ := a.start()
		if d, err := again.Directory(); err != nil || !d.Allowed(apiHost) || d.ServiceName("49") != "Huisartsgegevens" || strings.Contains(a.log.String(), "ignored") {
			t.Errorf("%s: the cache was not made good: %v, %s", c.name, err, a.log)
		}
	}
}

// An older list does not come in the place of a newer one: not in force, and
// not in the folder, whoever else writes there.
func TestAnOlderListDoesNotReplaceACachedOne(t *testing.T) {
	a := newCachingApp(t)
	a.server.set(FileWhitelist, numbered("481"))
	first, err := a.start()
	if err != nil {
		t.Fatal(err)
	}
	a.server.set(FileWhitelist, numbered("482"))
	if _, err := a.start(); err != nil {
		t.Fatal(err)
	}
	a.server.down = true
	if err := first.Refresh(t.Context()); err == nil { // it has 481, and writes the time
		t.Fatal("the server is down")
	}
	l, _ := a.start()
	if got := l.keepers[0].number; got != 482 {
		t.Errorf("number %d came from the cache", got)
	}
	a.server.down = false
	a.server.set(FileWhitelist, numbered("481"))
	if l, err = a.start(); err == nil || !strings.Contains(a.log.String(), "list_rollback_rejected") || l.keepers[0].number != 482 {
		t.Errorf("the server went back to 481: %v, %s", err, a.log)
	}
	// A refused list is no look at the Whitelist.
	a.now = a.now.Add(25 * time.Hour)
	if l, _ = a.start(); !errors.Is(func() error { _, err := l.Directory(); return err }(), ErrStale) {
		t.Error("a list of yesterday is in force")
	}
}

func TestTheCacheIsTidied(t *testing.T) {
	a := newCachingApp(t)
	a.cached()
	a.write("mine.txt", "not a list")
	young := filepath.Join(a.dir, "new-456"+cacheSuffix) // of another process, perhaps
	a.write(filepath.Base(young), "half a li")
	old := a.listFile(FileWhitelist)
	left := filepath.Join(a.dir, "new-123"+cacheSuffix)
	a.write(filepath.Base(left), "half a li")
	long := time.Now().Add(-2 * time.Hour)
	for _, path := range []string{old, left, filepath.Join(a.dir, "mine.txt")} {
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	a.server.down = false
	a.server.set(FileWhitelist, numbered("482"))
	if _, err := a.start(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{old: false, left: false, young: true, filepath.Join(a.dir, "mine.txt"): true, a.listFile(FileWhitelist): true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
	if info, err := os.Stat(a.dir); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others can look in the folder: %v", info.Mode())
	}
}

// A crash between the list and the index leaves the cache as it was.
func TestACrashWhileCaching(t *testing.T) {
	a := newCachingApp(t)
	a.cached()
	a.server.down = false
	a.server.set(FileWhitelist, numbered("482"))
	l, log := listsAt(a.server, a.config)
	l.fromCache()
	if _, err := l.take(t.Context(), l.keepers[0]); err != nil || log.Len() > 0 {
		t.Fatal(err)
	}
	a.server.down = true
	again, _ := a.start()
	if _, err := again.Directory(); err != nil || again.keepers[0].number != 481 {
		t.Errorf("number %d: %v", again.keepers[0].number, err)
	}
}

func TestACacheThatCannotBeWritten(t *testing.T) {
	a := newCachingApp(t)
	if err := os.WriteFile(a.dir, []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := a.start()
	if err != nil {
		t.Errorf("the lists are good: %v", err)
	}
	if _, err := l.Directory(); err != nil || !strings.Contains(a.log.String(), "list not cached") {
		t.Errorf("%v, %s", err, a.log)
	}
}

// Whatever is in the folder, nothing breaks and no wrong host is trusted.
func FuzzCache(f *testing.F) {
	sum := sha256.Sum256([]byte(goodWhitelist))
	name := hex.EncodeToString(sum[:])
	f.Add(`{"source":"s/`+FileWhitelist+`","lists":{"`+FileWhitelist+`":{"sha256":"`+name+`","number":481,"checked":"2026-06-01T12:00:00Z"}}}`, goodWhitelist)
	f.Add(`{"source":"s/`+FileWhitelist+`","seen":"9999-12-31T00:00:00Z","lists":{"`+FileZAL+`":{"sha256":"x"}}}`, "")
	f.Add(`{`, "<")
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, index, list string) {
		sum := sha256.Sum256([]byte(list))
		for file, content := range map[string]string{
			cacheIndexFile: index, hex.EncodeToString(sum[:]) + cacheSuffix: list,
		} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		l := NewLists(ListsConfig{Dir: "s", Cache: dir, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
		l.fromCache()
		if k := l.keepers[0]; k.have && (l.whitelist == nil || k.number == 0) {
			t.Fatal("a Whitelist without a number is in force")
		}
		if l.whitelist != nil {
			for _, n := range l.whitelist.Nodes {
				if !hostPattern.MatchString(n.Hostname) {
					t.Fatalf("host %q passed", n.Hostname)
				}
			}
		}
		if err := os.Remove(filepath.Join(dir, hex.EncodeToString(sum[:])+cacheSuffix)); err != nil {
			t.Fatal(err)
		}
	})
}
