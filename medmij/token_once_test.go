package medmij

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"
)

// stumbling is a listener whose first connections end in another way.
type stumbling struct {
	net.Listener
	accepted atomic.Int32
	first    int32
	end      func(net.Conn)
}

func (s *stumbling) Accept() (net.Conn, error) {
	for {
		conn, err := s.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if s.accepted.Add(1) > s.first {
			return conn, nil
		}
		go s.end(conn)
	}
}

// tokenEndpoint serves tokens over TLS behind such a listener, and counts the
// codes that arrive.
func tokenEndpoint(t *testing.T, first int32, end func(net.Conn, *tls.Config)) (client Transport, address string, l *stumbling, codes *atomic.Int32) {
	t.Helper()
	ca := newAuthority(t)
	codes = new(atomic.Int32)
	cfg := &tls.Config{Certificates: []tls.Certificate{*ca.issue(t, local, soon())}, MinVersion: tls.VersionTLS12}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l = &stumbling{Listener: plain, first: first, end: func(c net.Conn) { end(c, cfg) }}
	server := &httptest.Server{Listener: l, TLS: cfg, Config: &http.Server{
		ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.PostFormValue("code") == "code-canary" || r.PostFormValue("refresh_token") == "refresh-canary-1" {
				codes.Add(1)
			}
			tokenServer(goodAnswer)(w, r)
		}),
	}}
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(plain.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return direct(t, TLS{Roots: ca.pool}, true, local, "localhost"), "https://" + local + ":" + port + "/token", l, codes
}

// What was not sent may be offered again, and nothing else.
func TestTOK_05_OnlyWhatWasNotSentIsOfferedAgain(t *testing.T) {
	closed := func(c net.Conn, _ *tls.Config) { c.Close() }
	for _, c := range []struct {
		name  string
		first int32
		end   func(net.Conn, *tls.Config)
		good  bool
		tries int32
	}{
		{"nothing wrong", 0, nil, true, 1},
		{"closed before the handshake, once", 1, closed, true, 2},
		{"closed before the handshake, always", 100, closed, false, 3},
		{"closed halfway the handshake", 1, func(c net.Conn, _ *tls.Config) {
			_, _ = c.Read(make([]byte, 10))
			c.Close()
		}, true, 2},
		{"closed after the handshake", 1, func(c net.Conn, cfg *tls.Config) {
			s := tls.Server(c, cfg)
			_ = s.HandshakeContext(t.Context())
			s.Close()
		}, false, 1},
		{"closed after the request", 1, func(c net.Conn, cfg *tls.Config) {
			s := tls.Server(c, cfg)
			_, _ = s.Read(make([]byte, 4096))
			s.Close()
		}, false, 1},
		{"half an answer", 1, func(c net.Conn, cfg *tls.Config) {
			s := tls.Server(c, cfg)
			_, _ = s.Read(make([]byte, 4096))
			_, _ = io.WriteString(s, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"access_token\"")
			s.Close()
		}, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			transport, address, l, codes := tokenEndpoint(t, c.first, c.end)
			err := exchangeAt(t, transport, address)
			if (err == nil) != c.good || l.accepted.Load() != c.tries {
				t.Errorf("%v after %d connections, want %d", err, l.accepted.Load(), c.tries)
			}
			if c.good && codes.Load() != 1 || codes.Load() > 1 {
				t.Errorf("the code arrived %d times", codes.Load())
			}
			if !c.good && errors.Is(err, ErrNotSent) != (c.tries == 3) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestARefreshThatWasNotSentIsSentAgain(t *testing.T) {
	t.Parallel()
	transport, address, l, tokens := tokenEndpoint(t, 1, func(c net.Conn, _ *tls.Config) { c.Close() })
	s := newSetup(t, nil, func(c *Config) { c.Transport = transport })
	g := grantFor("49")
	g.Token = address
	if next, err := s.Refresh(t.Context(), g); err != nil || next.Generation != 1 || l.accepted.Load() != 2 || tokens.Load() != 1 {
		t.Errorf("%v after %d connections", err, l.accepted.Load())
	}
	ids := map[string]bool{}
	for _, e := range s.events {
		if e.Request != nil {
			ids[e.Request.ID] = true
		}
	}
	if len(ids) != 2 {
		t.Errorf("%d request ids for two tries", len(ids))
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	d := direct(t, TLS{Roots: newAuthority(t).pool}, true, local, "localhost")
	start := time.Now()
	err := exchangeAt(t, d, "https://"+local+":1/token")
	if codeOf(err) != CodeUnavailable || !errors.Is(err, ErrNotSent) || time.Since(start) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	// A transport of somebody else's that does not say so is believed to have sent.
	s := newSetup(t, nil, func(c *Config) { c.Transport = failingTransport{} })
	l, q := begin(t, s, connection("49"), Collect)
	if _, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"c"}, "state": {q.Get("state")}}); codeOf(err) != CodeUnavailable {
		t.Errorf("%v", err)
	}
	tried := 0
	for _, e := range s.events {
		if e.Event.Type == eventToken {
			tried++
		}
	}
	if tried != 1 {
		t.Errorf("tried %d times", tried)
	}
}

// failingTransport cannot reach anybody, and does not say how far it came.
type failingTransport struct{}

func (failingTransport) Allowed(*url.URL) error { return nil }

func (failingTransport) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
}
