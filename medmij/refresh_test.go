package medmij

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
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
	write(FileWhitelist, goodWhitelist)
	write(FileZAL, goodZAL)
	write(FileOCL, goodOCL)
	write(FileGNL, goodGNL)
	return dir, write
}

func TestListsFromAFolder(t *testing.T) {
	dir, write := listFolder(t)
	write(FileAddressBook, `[{"name":"kliniek-zon&zee","display":"Kliniek Zon en Zee","kind":"hospital","city":"Zandvoort"}]`)
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
	found := d.Search("zandvoort", 5)
	if len(found) != 1 || found[0].Display != "Kliniek Zon en Zee" || len(found[0].Connections) != 1 || !d.Allowed(apiHost) {
		t.Errorf("%+v", found)
	}
}

func TestLST_04_TheLastGoodListStays(t *testing.T) {
	for _, c := range []struct{ name, file, content string }{
		{"not valid", FileWhitelist, strings.Replace(goodWhitelist, "<Volgnummer>481</Volgnummer>", "", 1)},
		{"LST-06 an older number", FileWhitelist, strings.Replace(strings.Replace(goodWhitelist, "481", "480", 1), "api.dva", "api3.dva", 1)},
		{"another list", FileZAL, goodGNL},
		{"a bad address book", FileAddressBook, "{"},
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
		if strings.HasPrefix(c.name, "LST-06") != strings.Contains(log.String(), "list_rollback_rejected") {
			t.Errorf("%s: the log says %s", c.name, log.String())
		}
	}
}

func TestANewListIsTaken(t *testing.T) {
	dir, write := listFolder(t)
	l := NewLists(ListsConfig{Dir: dir})
	if err := l.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(FileWhitelist, strings.Replace(strings.Replace(goodWhitelist, "481", "482", 1), "api.dva", "api3.dva", 1))
	if err := l.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d, _ := l.Directory(); d.Allowed(apiHost) || !d.Allowed("api3.dva.example.nl") {
		t.Error("the Whitelist in force is the old one")
	}
}

func TestLST_07_StaleListsAllowNothing(t *testing.T) {
	dir, write := listFolder(t)
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	l := NewLists(ListsConfig{Dir: dir, Now: func() time.Time { return now }})
	if err := l.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(FileWhitelist, "broken")
	now = now.Add(23 * time.Hour)
	_ = l.Refresh(t.Context())
	if _, err := l.Directory(); err != nil {
		t.Errorf("after 23 hours: %v", err)
	}
	now = now.Add(2 * time.Hour)
	if _, err := l.Directory(); !errors.Is(err, ErrStale) || l.Last() == nil {
		t.Errorf("after 25 hours: %v", err)
	}
	write(FileWhitelist, goodWhitelist)
	if err := l.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Directory(); err != nil {
		t.Errorf("after a good one: %v", err)
	}
}

func TestLST_02_ListsFromAnAddress(t *testing.T) {
	ca := newAuthority(t)
	var mu sync.Mutex
	var asked []string
	status := http.StatusOK
	port, _ := tlsServer(t, ca.issue(t, "stelselnode.medmij.localhost", time.Now().Add(time.Hour)), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.URL.String())
		if status == http.StatusFound {
			http.Redirect(w, r, "/other"+r.URL.Path, status)
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(status)
		list := map[string]string{
			FileWhitelist: goodWhitelist, FileZAL: goodZAL, FileOCL: goodOCL, FileGNL: goodGNL,
			FileAddressBook: `[{"name":"kliniek-zon&zee","display":"Zon en Zee"}]`,
		}[strings.TrimPrefix(r.URL.Path, "/")]
		_, _ = w.Write([]byte(list))
	}))
	address := "https://stelselnode.medmij.localhost:" + port + "/"
	l := NewLists(ListsConfig{URL: address, TLS: TLS{Roots: ca.pool}, Dev: true})
	if err := l.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if strings.Join(asked, " ") != "/"+FileWhitelist+"?api=2 /"+FileZAL+"?api=2 /"+FileOCL+"?api=2 /"+FileGNL+"?api=2" {
		t.Errorf("asked %v", asked)
	}
	withBook := NewLists(ListsConfig{URL: address, AddressBook: address + FileAddressBook, TLS: TLS{Roots: ca.pool}, Dev: true})
	if err := withBook.Refresh(t.Context()); err != nil || withBook.Last().Search("zee", 1)[0].Display != "Zon en Zee" {
		t.Errorf("with an address book: %v", err)
	}
	for _, status = range []int{http.StatusServiceUnavailable, http.StatusFound} {
		asked = nil
		if err := l.Refresh(t.Context()); err == nil || len(asked) != 4 {
			t.Errorf("%d: %v, asked %v", status, err, asked)
		}
		if d, err := l.Directory(); err != nil || !d.Allowed(apiHost) {
			t.Errorf("%d: the last good lists are gone", status)
		}
	}
	// LST-01: nothing is loaded from a node that cannot be trusted.
	untrusting := NewLists(ListsConfig{URL: address, TLS: TLS{Roots: newAuthority(t).pool}, Dev: true})
	var certificate *tls.CertificateVerificationError
	if err := untrusting.Refresh(t.Context()); !errors.As(err, &certificate) || untrusting.Last() != nil {
		t.Errorf("LST-01: %v", err)
	}
}

func TestLST_05_ListsAreRefreshedInTime(t *testing.T) {
	dir, write := listFolder(t)
	synctest.Test(t, func(t *testing.T) {
		l := NewLists(ListsConfig{Dir: dir, Log: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithCancel(t.Context())
		go l.Run(ctx)
		synctest.Wait()
		if d, err := l.Directory(); err != nil || !d.Allowed(apiHost) {
			t.Errorf("at the start: %v", err)
		}
		write(FileWhitelist, strings.Replace(strings.Replace(goodWhitelist, "481", "482", 1), "api.dva", "api3.dva", 1))
		time.Sleep(15*time.Minute + time.Second)
		synctest.Wait()
		if d, _ := l.Directory(); d.Allowed(apiHost) {
			t.Error("after 15 minutes the old list is in force")
		}
		cancel()
	})
}
