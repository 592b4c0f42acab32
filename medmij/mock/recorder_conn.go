package mock

import (
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"time"
)

// Connection is one TCP connection that was accepted, whether or not a request
// came over it. A client that repeats by itself what it sent is seen here.
type Connection struct {
	Number    int       `json:"number"`
	Time      time.Time `json:"time"`
	Port      string    `json:"port"`
	Host      string    `json:"host,omitempty"` // as asked for in TLS; empty when it did not come that far
	Handshake string    `json:"handshake"`      // "done", "none" (no TLS here), or "failed": not finished
	Versions  []string  `json:"versions,omitempty"`
	Ciphers   []string  `json:"ciphers,omitempty"` // that the client offered
	Requests  int       `json:"requests"`
	Fault     string    `json:"fault,omitempty"`

	remote string
}

// Connections gives the connections so far, oldest first. With hosts only those
// to them: what did not come as far as naming a host is told by its port.
func (n *Network) Connections(hosts ...string) []Connection {
	ports := n.hostPorts()
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	found := []Connection{}
	for _, c := range n.log.connections {
		wanted := func(host string) bool { return c.Host == host || c.Host == "" && c.Port == ports[host] }
		if len(hosts) == 0 || slices.ContainsFunc(hosts, wanted) {
			found = append(found, *c)
		}
	}
	return found
}

// connected records a connection at the moment it is accepted.
func (r *recorder) connected(at time.Time, port string, remote net.Addr) *Connection {
	c := &Connection{Time: at, Port: port, Handshake: "failed", remote: remote.String()}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.connects++
	c.Number = r.connects
	if len(r.connections) >= maxExchanges {
		r.connections = slices.Clone(r.connections[maxExchanges/10:])
	}
	r.connections = append(r.connections, c)
	return c
}

// offered records what the client offered in its first message.
func (r *recorder) offered(c *Connection, hello *tls.ClientHelloInfo) {
	var versions, ciphers []string
	for _, v := range hello.SupportedVersions {
		if v >= tls.VersionTLS10 && v <= tls.VersionTLS13 {
			versions = append(versions, tls.VersionName(v))
		}
	}
	for _, id := range hello.CipherSuites {
		ciphers = append(ciphers, tls.CipherSuiteName(id))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c.Host, c.Versions, c.Ciphers = hello.ServerName, versions, ciphers
}

// shook records that the connection is ready for requests.
func (r *recorder) shook(c *Connection, host, handshake string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.Host, c.Handshake = host, handshake
}

// unfinished tells whether a handshake was not completed.
func (r *recorder) unfinished(c *Connection) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return c.Handshake == "failed"
}

func (r *recorder) faulted(c *Connection, kind string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.Fault = kind
}

// carries is for callers that hold mu. It finds the connection of a request by
// the address at the other side, of which no two are open at once.
func (r *recorder) carries(req *http.Request) int {
	for _, c := range slices.Backward(r.connections) {
		if c.remote == req.RemoteAddr {
			c.Requests++
			return c.Number
		}
	}
	return 0
}
