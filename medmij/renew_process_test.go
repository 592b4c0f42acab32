package medmij

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The test binary runs itself with these set; see TestChildProcess.
const (
	childDir    = "BUNDEL_TEST_DIR"    // where the grant is
	childTokens = "BUNDEL_TEST_TOKENS" // address of the token endpoint
	childLock   = "BUNDEL_TEST_LOCK"   // address of the lock
	childDies   = "BUNDEL_TEST_DIES"   // not empty: at the moment that the grant was stored
)

// fileKeeper keeps one grant in a file, as a store of an app would: whole or
// not at all.
type fileKeeper struct{ dir, lock string }

func (k fileKeeper) path() string { return filepath.Join(k.dir, "grant.json") }

func (k fileKeeper) save(_ context.Context, g *Grant) error {
	raw, err := json.Marshal(g)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(k.dir, "new-")
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), k.path())
}

func (k fileKeeper) load() (*Grant, error) {
	raw, err := os.ReadFile(k.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	g := new(Grant)
	return g, json.Unmarshal(raw, g)
}

func (k fileKeeper) reload(context.Context, *Grant) (*Grant, error) { return k.load() }

// hold asks for a turn and keeps it until the connection closes, which it also
// does when the process ends.
func (k fileKeeper) hold(ctx context.Context, name string) (func(), error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", k.lock)
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintln(conn, name); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() { conn.Close() }, nil
}

// turns gives one connection a turn at a time, once go-ahead is closed, and
// tells who is waiting.
func turns(t *testing.T, goAhead <-chan struct{}) (address string, waiting <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	names, queue := make(chan string, 100), make(chan net.Conn, 100)
	go func() {
		defer close(queue)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			name := make([]byte, 33)
			_, _ = io.ReadFull(conn, name)
			names <- strings.TrimSpace(string(name))
			queue <- conn
		}
	}()
	go func() {
		<-goAhead
		for conn := range queue {
			_, _ = conn.Write([]byte{1})
			_, _ = io.Copy(io.Discard, conn) // until it is closed
			conn.Close()
		}
	}()
	return l.Addr().String(), names
}

// toServer is a transport that brings every request to one plain server.
type toServer struct{ at string }

func (toServer) Allowed(*url.URL) error { return nil }

func (s toServer) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = "http", s.at
	return http.DefaultTransport.RoundTrip(req)
}

// TestChildProcess is what the other tests of this file run in a process of its
// own; by itself it does nothing.
func TestChildProcess(t *testing.T) {
	k := fileKeeper{os.Getenv(childDir), os.Getenv(childLock)}
	if k.dir == "" {
		return // runs in a process of its own only
	}
	c, err := New(Config{
		ClientID: "pgo.example.nl", RedirectURI: "https://pgo.example.nl/cb", Transport: toServer{os.Getenv(childTokens)},
		Hold: k.hold, Reload: k.reload,
		Save: func(ctx context.Context, g *Grant) error {
			if err := k.save(ctx, g); err != nil || os.Getenv(childDies) == "" {
				return err
			}
			self, err := os.FindProcess(os.Getpid())
			if err != nil {
				return err
			}
			_ = self.Kill()
			select {} // not a step further
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	old, err := k.load()
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			g, err := c.Refresh(t.Context(), old)
			if err != nil {
				t.Error(err)
				return
			}
			fmt.Printf("RESULT %d %s\n", g.Generation, g.AccessToken)
		})
	}
	wg.Wait()
}

// child starts such a process over a folder.
func child(t *testing.T, k fileKeeper, tokens string, more ...string) (wait func() (string, error)) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestChildProcess$", "-test.v")
	cmd.Env = append(os.Environ(), childDir+"="+k.dir, childLock+"="+k.lock, childTokens+"="+tokens)
	cmd.Env = append(cmd.Env, more...)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() (string, error) {
		err := cmd.Wait()
		return out.String(), err
	}
}

func TestREF_05_TwoProcessesRenewOnce(t *testing.T) {
	handler, calls := rotating()
	server := httptest.NewServer(handler)
	defer server.Close()
	goAhead := make(chan struct{})
	address, waiting := turns(t, goAhead)
	k := fileKeeper{t.TempDir(), address}
	if err := k.save(t.Context(), grantFor("49")); err != nil {
		t.Fatal(err)
	}
	tokens := strings.TrimPrefix(server.URL, "http://")
	one, two := child(t, k, tokens), child(t, k, tokens)
	// Both hold the old grant in memory and wait for their turn.
	if a, b := <-waiting, <-waiting; a != b || a != grantFor("49").lockName() {
		t.Errorf("they wait for %q and %q", a, b)
	}
	close(goAhead)
	for _, wait := range []func() (string, error){one, two} {
		out, err := wait()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if n := strings.Count(out, "RESULT 1 access-canary-2\n"); n != 20 {
			t.Errorf("%d of 20 got the one new token\n%s", n, out)
		}
	}
	if calls.Load() != 1 {
		t.Errorf("%d refreshes by two processes", calls.Load())
	}
	if g, err := k.load(); err != nil || g.RefreshToken != "refresh-canary-2" || g.Generation != 1 {
		t.Errorf("stored: %v", err)
	}
}

func TestREF_03_ACrashAfterTheAnswerLosesNoToken(t *testing.T) {
	handler, calls := rotating()
	server := httptest.NewServer(handler)
	defer server.Close()
	goAhead := make(chan struct{})
	close(goAhead)
	address, _ := turns(t, goAhead)
	k := fileKeeper{t.TempDir(), address}
	if err := k.save(t.Context(), grantFor("49")); err != nil {
		t.Fatal(err)
	}
	tokens := strings.TrimPrefix(server.URL, "http://")
	out, err := child(t, k, tokens, childDies+"=yes")()
	var died *exec.ExitError
	if !errors.As(err, &died) || died.Success() || strings.Contains(out, "RESULT") {
		t.Fatalf("the process should have died before it used the token: %v\n%s", err, out)
	}
	if g, err := k.load(); err != nil || calls.Load() != 1 || g.RefreshToken != "refresh-canary-2" || g.AccessToken != "access-canary-2" {
		t.Fatalf("after the crash: %v", err)
	}
	// The lock went with the process, and the next one goes on with the new token.
	s := newSetup(t, nil, func(c *Config) {
		c.Transport, c.Save, c.Hold, c.Reload = toServer{tokens}, k.save, k.hold, k.reload
	})
	if g, err := s.Refresh(t.Context(), grantFor("49")); err != nil || g.AccessToken != "access-canary-2" || calls.Load() != 1 {
		t.Errorf("with the grant from before the crash: %v", err)
	}
	stored, err := k.load()
	if err != nil {
		t.Fatal(err)
	}
	if g, err := s.Refresh(t.Context(), stored); err != nil || g.RefreshToken != "refresh-canary-3" {
		t.Errorf("with the stored grant: %v", err)
	}
}
