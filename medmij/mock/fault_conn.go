package mock

import (
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// gate is the listener of a face. It counts connections, and can be shut and
// opened again while the server behind it goes on.
type gate struct {
	n     *Network
	port  string
	plain bool // without TLS

	mu     sync.Mutex
	inner  net.Listener // nil: shut
	opened chan struct{}
	closed bool
}

func newGate(n *Network, l net.Listener) *gate {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return &gate{n: n, port: port, inner: l, opened: make(chan struct{})}
}

// Accept implements [net.Listener]. It waits while the gate is shut.
func (g *gate) Accept() (net.Conn, error) {
	for {
		g.mu.Lock()
		inner, opened, closed := g.inner, g.opened, g.closed
		g.mu.Unlock()
		switch {
		case closed:
			return nil, net.ErrClosed
		case inner == nil:
			<-opened
			continue
		}
		conn, err := inner.Accept()
		if err == nil {
			return &gateConn{Conn: conn, gate: g, plain: g.plain, seen: g.n.log.connected(g.n.Now(), g.port, conn.RemoteAddr())}, nil
		}
		if !g.shutSince(inner) {
			return nil, err
		}
	}
}

// shutSince tells whether an error of a listener is only that of its end.
func (g *gate) shutSince(l net.Listener) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.inner != l
}

// Close implements [net.Listener].
func (g *gate) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil
	}
	g.closed = true
	if g.inner == nil {
		close(g.opened)
		return nil
	}
	return g.inner.Close()
}

// Addr implements [net.Listener].
func (g *gate) Addr() net.Addr { return gateAddr(net.JoinHostPort("127.0.0.1", g.port)) }

type gateAddr string

func (gateAddr) Network() string  { return "tcp" }
func (a gateAddr) String() string { return string(a) }

// shut closes the port, so that connecting is refused, or opens it again.
func (g *gate) shut(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed || shut == (g.inner == nil):
	case shut:
		_ = g.inner.Close() // there is nothing to do about an error
		g.inner, g.opened = nil, make(chan struct{})
	default:
		l, err := net.Listen("tcp", g.Addr().String())
		if err != nil {
			g.n.cfg.Log.Error("mock port cannot be opened again", "error", err)
			return
		}
		g.inner = l
		close(g.opened)
	}
}

// gateConn is a connection that was accepted.
type gateConn struct {
	net.Conn
	gate  *gate
	seen  *Connection
	plain bool // of a face without TLS: faults come at the first bytes

	once  sync.Once
	fault atomic.Pointer[Fault] // that this connection meets, of a kind for "host"
	err   error
}

// NetConn gives the connection inside, as that of tls.Conn does.
func (c *gateConn) NetConn() net.Conn { return c.Conn }

// Read implements [net.Conn].
func (c *gateConn) Read(p []byte) (int, error) {
	if !c.plain {
		return c.Conn.Read(p)
	}
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.once.Do(func() {
			host := c.gate.n.hostAt(c.gate.port)
			c.gate.n.log.shook(c.seen, host, "none")
			c.err = c.spoil(host)
		})
	}
	if c.err != nil {
		return 0, c.err
	}
	return n, err
}

// spoil looks for a fault of connections to the host and does what it says.
// The error ends the connection.
func (c *gateConn) spoil(host string) error {
	n := c.gate.n
	fault, due := n.connectionFault(host)
	if !due {
		return nil
	}
	c.fault.Store(&fault)
	n.log.faulted(c.seen, fault.Kind)
	if fault.Kind != "connection" {
		return nil
	}
	// crypto/tls would tell the client of the error: nothing may come after this.
	defer func() { _ = c.Close() }()
	switch fault.Value {
	case "reset":
		reset(c)
	case "hang":
		_, _ = io.Copy(io.Discard, c.Conn) // until the client or the network closes it
	case "garbage":
		_, _ = io.WriteString(c.Conn, "SSH-2.0-mock\r\n\x00\x01\x02\r\n\r\n")
	case "plain-http":
		_, _ = io.WriteString(c.Conn, "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\n\r\nThis port speaks plain HTTP.\n")
	}
	return io.ErrClosedPipe
}

// closeLinger is how long a closed connection still takes what the client
// sends: closing at once would break what the client has to read first.
const closeLinger = 2 * time.Second

// Close implements [net.Conn].
func (c *gateConn) Close() error {
	t, ok := c.Conn.(*net.TCPConn)
	fault := c.fault.Load()
	if !ok || fault == nil && !c.gate.n.log.unfinished(c.seen) || fault != nil && fault.Value == "hang" {
		return c.Conn.Close()
	}
	if t.CloseWrite() != nil {
		return t.Close()
	}
	go func() {
		defer t.Close()
		_ = t.SetReadDeadline(time.Now().Add(closeLinger))
		_, _ = io.Copy(io.Discard, t)
	}()
	return nil
}

// portOf is the port of a host; empty when there is no such host.
func (n *Network) portOf(host string) string { return n.hostPorts()[host] }

// hostAt is the host of the pages at a port: those have no TLS in which a
// client could name it.
func (n *Network) hostAt(port string) string {
	for host, at := range n.hostPorts() {
		if at == port && (host == hostLogin || n.cfg.Official) {
			return host
		}
	}
	return ""
}

// connectionFault takes the first fault that a connection to a host meets.
func (n *Network) connectionFault(host string) (Fault, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	due := n.take(func(f *activeFault) bool { return forHost(f.Fault, host) && !f.refuses() }, "", 1)
	if len(due) == 0 {
		return Fault{}, false
	}
	return due[0], true
}

func (f Fault) refuses() bool { return f.Kind == "connection" && f.Value == "refuse" }

func forHost(f Fault, host string) bool {
	return f.On == "host" || strings.TrimPrefix(f.On, "host:") == host && strings.HasPrefix(f.On, "host:")
}

// switchConnections is for callers that hold mu. It shuts and opens ports, and
// lets no connection of before outlive a fault of connections.
func (n *Network) switchConnections() {
	any, shut := false, map[string]bool{}
	for _, f := range n.faults {
		if !strings.HasPrefix(f.On, "host") {
			continue
		}
		any = true
		for host, port := range n.hostPorts() {
			shut[port] = shut[port] || f.refuses() && forHost(f.Fault, host)
		}
	}
	for _, s := range n.servers {
		s.SetKeepAlivesEnabled(!any)
	}
	for _, g := range n.gates {
		g.shut(shut[g.port])
	}
}
