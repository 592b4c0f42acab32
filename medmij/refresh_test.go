package medmij

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// listFolder is a folder with the four lists, to be changed by a test.
func listFolder(t *testing.T) (dir string, write func(file, content string)) {
	t.Helper()
	dir = t.TempDir()
	write = func(file, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for file, list := range fourLists() {
		write(file, list)
	}
	return dir, write
}

func fourLists() map[string]string {
	return map[string]string{FileWhitelist: goodWhitelist, FileZAL: goodZAL, FileOCL: goodOCL, FileGNL: goodGNL}
}

// listServer is a server of lists without a network.
type listServer struct {
	mu     sync.Mutex
	lists  map[string]string
	tags   bool // offers ETag and Last-Modified, and looks at what comes back
	never  bool // says that nothing changed, whatever it is asked
	down   bool
	asked  []string // file, and the condition if there was one
	moment []time.Time
}

func newListServer() *listServer { return &listServer{lists: fourLists()} }

func (s *listServer) set(file, list string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists[file] = list
}

func (s *listServer) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file := strings.TrimPrefix(r.URL.Path, "/")
	tag, since := r.Header.Get("If-None-Match"), r.Header.Get("If-Modified-Since")
	s.asked, s.moment = append(s.asked, strings.TrimSpace(file+" "+tag)), append(s.moment, time.Now())
	w := httptest.NewRecorder()
	list, ok := s.lists[file]
	now := fmt.Sprintf(`"%x"`, len(list)*31+strings.Count(list, "2"))
	switch {
	case s.down:
		return nil, errors.New("connection refused")
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	case s.never, s.tags && tag == now && since != "":
		w.WriteHeader(http.StatusNotModified)
	default:
		if s.tags {
			w.Header().Set("ETag", now)
			w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 08:15:00 GMT")
		}
		_, _ = w.WriteString(list)
	}
	return w.Result(), nil
}

// listsAt reads from the server; what it logs is there too.
func listsAt(s *listServer, change ...func(*ListsConfig)) (*Lists, *bytes.Buffer) {
	log := new(bytes.Buffer)
	cfg := ListsConfig{URL: "https://lists.example.nl/", Log: slog.New(slog.NewTextHandler(log, nil))}
	for _, f := range change {
		f(&cfg)
	}
	l := NewLists(cfg)
	l.http.Transport = s
	return l, log
}

func TestListsFromAFolder(t *testing.T) {
	dir, write := listFolder(t)
	write(FileAddressBook, `[{"name":"kliniek-zon&zee","display":"Kliniek Zon en Zee","kind":"hospital","city":"Zandvoort"}]`)
	write(FileZAKL, goodZAKL)
	l := NewLists(ListsConfig{Dir: dir})
	if _, err := l.Directory(); !errors.Is(err, ErrNoLists) || l.Last() != nil {
		t.Errorf("before: %v", err)
	}
	if err := l.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	d, err := l.Directory()
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"zandvoort", "90099999"} {
		found := d.Search(query, 5)
		if len(found) != 1 || found[0].Display != "Kliniek Zon en Zee" || len(found[0].Connections) != 1 || !d.Allowed(apiHost) {
			t.Errorf("%s: %+v", query, found)
		}
	}
}

func TestWhatIsWrongChangesNothing(t *testing.T) {
	for _, c := range []struct{ name, file, content string }{
		{"not valid", FileWhitelist, strings.Replace(goodWhitelist, "<Volgnummer>481</Volgnummer>", "", 1)},
		{"an older number", FileWhitelist, strings.Replace(strings.Replace(goodWhitelist, "481", "480", 1), "api.dva", "api3.dva", 1)},
		{"another list", FileZAL, goodGNL},
		{"a bad address book", FileAddressBook, "{"},
		{"a bad link list", FileZAKL, goodGNL},
	} {
		dir, write := listFolder(t)
		var log bytes.Buffer
		l := NewLists(ListsConfig{Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err := l.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		write(c.file, c.content)
		if err := l.Refresh(t.Context()); err == nil {
			t.Errorf("%s: no error", c.name)
		}
		d, err := l.Directory()
		if err != nil || !d.Allowed(apiHost) || d.Len() != 1 {
			t.Errorf("%s: the last good list is gone: %v", c.name, err)
		}
		if (c.name == "an older number") != strings.Contains(log.String(), "list_rollback_rejected") {
			t.Errorf("%s: the log says %s", c.name, log.String())
		}
	}
}

func TestANewListIsTaken(t *testing.T) {
	for _, c := range []struct{ number, warning string }{{"482", ""}, {"481", "list changed without a new number"}} {
		s := newListServer()
		l, log := listsAt(s)
		if err := l.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.set(FileWhitelist, strings.Replace(strings.Replace(goodWhitelist, "481", c.number, 1), "api.dva", "api3.dva", 1))
		if err := l.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d, _ := l.Directory(); d.Allowed(apiHost) || !d.Allowed("api3.dva.example.nl") {
			t.Errorf("number %s: the Whitelist in force is the old one", c.number)
		}
		if c.warning != "" && !strings.Contains(log.String(), c.warning) || c.warning == "" && log.Len() > 0 {
			t.Errorf("number %s: the log says %s", c.number, log)
		}
	}
}

// What is not needed may be absent, come, and go again.
func TestOptionalLists(t *testing.T) {
	s := newListServer()
	l, _ := listsAt(s, func(c *ListsConfig) { c.ZAKL, c.AddressBook = "codes.xml", "https://lists.example.nl/book.json" })
	s.set("book.json", `[{"name":"kliniek-zon&zee","display":"Zon en Zee"}]`)
	for _, c := range []struct {
		name, list string
		found      int
	}{{"absent", "", 0}, {"there", goodZAKL, 1}, {"gone", "", 1}} {
		delete(s.lists, "codes.xml")
		if c.list != "" {
			s.set("codes.xml", c.list)
		}
		if err := l.Refresh(t.Context()); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if found := l.Last().Search("90099999", 1); len(found) != c.found {
			t.Errorf("%s: found %+v", c.name, found)
		}
		if found := l.Last().Search("zee", 1); len(found) != 1 || found[0].Display != "Zon en Zee" {
			t.Errorf("%s: %+v", c.name, found)
		}
	}
	delete(s.lists, "book.json")
	if err := l.Refresh(t.Context()); err == nil {
		t.Error("an address book that was asked for by name is gone, and nothing is said")
	}
}

func TestConditionalRequests(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	s := newListServer()
	s.tags = true
	l, _ := listsAt(s, func(c *ListsConfig) { c.Now = func() time.Time { return now } })
	refresh := func(conditions int) {
		t.Helper()
		s.asked = nil
		if err := l.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(strings.Join(s.asked, "\n"), `"`) / 2; n != conditions || len(s.asked) != 4 {
			t.Errorf("%d conditions in %q, want %d", n, s.asked, conditions)
		}
	}
	refresh(0)
	now = now.Add(15 * time.Minute)
	refresh(4)
	s.set(FileWhitelist, strings.Replace(strings.Replace(goodWhitelist, "481", "482", 1), "api.dva", "api33.dva", 1))
	refresh(4)
	if d, _ := l.Directory(); d.Allowed(apiHost) || !d.Allowed("api33.dva.example.nl") {
		t.Error("a new list did not come through")
	}
	// What did not change counts as looked at: it does not become stale.
	now = now.Add(30 * time.Minute)
	refresh(4)
	if got := l.checked; !got.Equal(now) {
		t.Errorf("checked at %v", got)
	}
	// A refused list is not what the server is asked about later.
	s.set(FileWhitelist, strings.Replace(goodWhitelist, "481", "1", 1))
	s.asked = nil
	for range 2 {
		if err := l.Refresh(t.Context()); err == nil {
			t.Error("an older list is accepted")
		}
	}
	if s.asked[0] != s.asked[4] {
		t.Errorf("asked %q and then %q", s.asked[0], s.asked[4])
	}
	// A server that always says "not modified" is believed for an hour.
	s.set(FileWhitelist, strings.Replace(goodWhitelist, "481", "483", 1))
	s.never, s.asked = true, nil
	now = now.Add(time.Hour)
	if err := l.Refresh(t.Context()); err == nil || strings.Contains(strings.Join(s.asked, ""), `"`) {
		t.Errorf("after an hour: %v, asked %q", err, s.asked)
	}
}

func TestLST_05_ListsAreRefreshedInTime(t *testing.T) {
	for _, every := range []time.Duration{0, 5 * time.Minute, 15 * time.Minute, 24 * time.Hour, -1} {
		synctest.Test(t, func(t *testing.T) {
			s := newListServer()
			l, _ := listsAt(s, func(c *ListsConfig) { c.Refresh = every })
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go l.Run(ctx)
			synctest.Wait()
			if d, err := l.Directory(); err != nil || !d.Allowed(apiHost) {
				t.Errorf("at the start: %v", err)
			}
			s.set(FileWhitelist, strings.Replace(strings.Replace(goodWhitelist, "481", "482", 1), "api.dva", "api3.dva", 1))
			time.Sleep(time.Hour + time.Second)
			synctest.Wait()
			if d, _ := l.Directory(); d.Allowed(apiHost) {
				t.Error("after an hour the old list is in force")
			}
			counts, last := map[string]int{}, map[string]time.Time{}
			for i, file := range s.asked {
				if before, ok := last[file]; ok && s.moment[i].Sub(before) > 15*time.Minute {
					t.Errorf("every %v: %v between two looks at %s", every, s.moment[i].Sub(before), file)
				}
				counts[file], last[file] = counts[file]+1, s.moment[i]
			}
			for file := range fourLists() {
				if counts[file] < 5 {
					t.Errorf("every %v: %s was read %d times in an hour", every, file, counts[file])
				}
			}
			cancel()
			synctest.Wait()
		})
	}
}

func TestRunTriesSoonerAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newListServer()
		s.down = true
		l, log := listsAt(s)
		ctx, cancel := context.WithCancel(t.Context())
		go l.Run(ctx)
		start := time.Now()
		time.Sleep(50 * time.Minute)
		synctest.Wait()
		var minutes []int
		for i, file := range s.asked {
			if file == FileWhitelist {
				minutes = append(minutes, int(s.moment[i].Sub(start)/time.Minute))
			}
		}
		if got := fmt.Sprint(minutes); got != "[0 1 3 7 15 30 45]" {
			t.Errorf("tried at minutes %s", got)
		}
		if _, err := l.Directory(); !errors.Is(err, ErrNoLists) || strings.Count(log.String(), "not refreshed") != 7 {
			t.Errorf("%v, %s", err, log)
		}
		s.mu.Lock()
		s.down = false
		s.mu.Unlock()
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		if _, err := l.Directory(); err != nil {
			t.Errorf("when the server is back: %v", err)
		}
		cancel()
		synctest.Wait()
	})
}
