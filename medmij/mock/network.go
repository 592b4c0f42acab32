package mock

import (
	"context"
	crand "crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// The hosts of the development form. All but the last are on the Whitelist.
const (
	hostLists = "stelselnode.medmij.localhost"
	hostAPI   = "api.dva.medmij.localhost"
	hostLogin = "localhost"
	hostEvil  = "evil.medmij.localhost"
)

// Network is MedMij, running. It is safe for concurrent use. Its fields do not
// change after the start.
type Network struct {
	ListsURL       string // the four lists are files under it
	AddressBookURL string // JSON: names and places of the providers
	AdminURL       string // "/admin/requests" and so on come after it
	ClientID       string // the first client of the OAuth client list
	Personas       []Persona

	// The test authority, and a certificate for ClientID with its key: PEM, and
	// the same as files.
	CA, ClientCert, ClientKey             []byte
	CAFile, ClientCertFile, ClientKeyFile string

	cfg     Config
	started time.Time
	ports   struct{ lists, api, login string }
	world   world
	log     recorder
	servers []*http.Server
	gates   []*gate
	stop    context.CancelFunc
	tempDir string
	random  io.Reader

	mu       sync.Mutex // guards what follows
	ahead    time.Duration
	faults   []*activeFault
	sessions map[string]*session
	codes    map[string]*grant
	access   map[string]*grant
	refresh  map[string]*grant
	pages    map[string]page
	received []Delivery
	// published is how often faults changed the lists. It is not forgotten:
	// clients remember the number of a list.
	published int
}

// TB is the part of testing.TB that [Start] needs.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Start serves until the test ends. It fails the test when it cannot.
func Start(tb TB, cfg Config) *Network {
	tb.Helper()
	n, err := Serve(context.Background(), cfg)
	if err != nil {
		tb.Fatalf("mock: %v", err)
	}
	tb.Cleanup(func() { n.Close() })
	return n
}

// Serve starts the servers and returns. They run until ctx is done or
// [Network.Close] is called.
func Serve(ctx context.Context, cfg Config) (*Network, error) {
	cfg = cfg.withDefaults()
	n := &Network{cfg: cfg, started: cfg.Now(), random: crand.Reader, ClientID: cfg.Clients[0].Hostname}
	if cfg.Seed != 0 {
		n.random = seeded(cfg.Seed)
	}
	n.forget()
	var err error
	if n.world, err = build(cfg); err != nil {
		return nil, err
	}
	n.Personas = n.world.personas
	ctx, n.stop = context.WithCancel(ctx)
	if err := n.listen(ctx); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	if err := n.SetFaults(cfg.Faults...); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	context.AfterFunc(ctx, func() { n.Close() })
	return n, nil
}

// forget drops what was granted and set, as at the start.
func (n *Network) forget() {
	n.ahead, n.received = 0, nil
	n.replaceFaults(nil)
	n.sessions, n.pages = map[string]*session{}, map[string]page{}
	n.codes, n.access, n.refresh = map[string]*grant{}, map[string]*grant{}, map[string]*grant{}
}

// listen opens the three faces: lists and admin, token and FHIR, the pages. Each
// has a port of its own, since each treats TLS differently.
func (n *Network) listen(ctx context.Context) error {
	// Certificates follow the clock of the machine: TLS at the other side does.
	pki, err := newAuthority(time.Now())
	if err != nil {
		return err
	}
	if err := n.writeCertificates(pki); err != nil {
		return err
	}
	type face struct {
		port    int
		tls     tlsMode
		handler http.Handler
		at      *string
	}
	for _, f := range []face{
		{n.cfg.Port, tlsServer, n.listsFace(), &n.ports.lists},
		{0, tlsMutual, n.apiFace(), &n.ports.api},
		{0, tlsNone, n.loginFace(), &n.ports.login},
	} {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(f.port)))
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		_, *f.at, _ = net.SplitHostPort(l.Addr().String())
		n.serve(ctx, n.wrap(l, pki, f.tls), f.handler)
	}
	base := "https://" + net.JoinHostPort(hostLists, n.ports.lists)
	n.ListsURL, n.AddressBookURL, n.AdminURL = base+"/", base+"/addressbook.json", base
	return nil
}

// serve runs one listener until Close. ctx ends requests that hang on purpose.
func (n *Network) serve(ctx context.Context, l net.Listener, h http.Handler) {
	// HTTP/1.1 only: several faults need the connection itself.
	s := &http.Server{
		Handler: n.observe(h), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    quiet(), TLSNextProto: http2Faults(),
	}
	n.servers = append(n.servers, s)
	go func() {
		if err := s.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			n.cfg.Log.Error("mock server ended", "error", err)
		}
	}()
}

// Close ends all servers and connections and removes the temporary folder. It
// may be called more than once.
func (n *Network) Close() error {
	if n.stop != nil {
		n.stop()
	}
	var errs []error
	for _, s := range n.servers {
		errs = append(errs, s.Close())
	}
	if n.tempDir != "" {
		errs = append(errs, os.RemoveAll(n.tempDir))
	}
	return errors.Join(errs...)
}

// Now is the time on the clock of the network.
func (n *Network) Now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now()
}

// now is for callers that hold mu.
func (n *Network) now() time.Time { return n.cfg.Now().Add(n.ahead) }

// Advance puts the clock forward.
func (n *Network) Advance(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ahead += d
}

// Reset drops faults, recorded requests, sessions, tokens and what was
// received, and sets the clock right.
func (n *Network) Reset() {
	n.log.clear()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.forget()
}

// ReadyLine is the line of JSON that tells a program where everything is. It
// holds the fixed tokens of the personas and no others.
func (n *Network) ReadyLine() string {
	type persona struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		Token string `json:"token"`
	}
	line := struct {
		Lists       string    `json:"lists"`
		Admin       string    `json:"admin"`
		CA          string    `json:"ca"`
		ClientCert  string    `json:"clientCert"`
		ClientKey   string    `json:"clientKey"`
		Personas    []persona `json:"personas"`
		AddressBook string    `json:"addressBook"`
		ClientID    string    `json:"clientID"`
	}{n.ListsURL, n.AdminURL, n.CAFile, n.ClientCertFile, n.ClientKeyFile, nil, n.AddressBookURL, n.ClientID}
	for _, p := range n.Personas {
		line.Personas = append(line.Personas, persona{p.ID, p.Name, p.Token})
	}
	raw, err := json.Marshal(line)
	if err != nil {
		return "{}" // strings only: cannot happen
	}
	return string(raw)
}

// The addresses of the other two faces; lists.go writes them down.
func (n *Network) loginURL() string { return "http://" + net.JoinHostPort(hostLogin, n.ports.login) }
func (n *Network) apiURL() string   { return "https://" + net.JoinHostPort(hostAPI, n.ports.api) }

// secret is a string of 256 unguessable bits.
func (n *Network) secret() string {
	var b [32]byte
	if _, err := io.ReadFull(n.random, b[:]); err != nil {
		panic("mock: no random numbers: " + err.Error()) // neither source fails
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}

type lockedRandom struct {
	mu  sync.Mutex
	src *rand.ChaCha8
}

// seeded gives numbers that are the same in every run. They are for tests: who
// knows the seed knows every token.
func seeded(seed uint64) io.Reader {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	return &lockedRandom{src: rand.NewChaCha8(key)}
}

func (r *lockedRandom) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.src.Read(p)
}

// client finds an app on the OAuth client list.
func (n *Network) client(host string) (Client, bool) {
	i := slices.IndexFunc(n.cfg.Clients, func(c Client) bool { return c.Hostname == host })
	if i < 0 {
		return Client{}, false
	}
	return n.cfg.Clients[i], true
}
