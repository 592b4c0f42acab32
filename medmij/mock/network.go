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
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
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
	ports   struct{ lists, api, login, api2, login2 string }
	world   world
	log     recorder
	pki     *authority
	servers []*http.Server
	gates   []*gate
	stop    context.CancelFunc
	tempDir string
	random  io.Reader

	mu       sync.Mutex // guards what follows
	ahead    time.Duration
	edition  int       // of the lists; not forgotten, since clients remember it
	reissue  bool      // the lists changed after the request that is being answered
	issued   time.Time // when that edition was
	faults   []*activeFault
	sessions map[string]*session
	codes    map[string]*grant
	access   map[string]*grant
	refresh  map[string]*grant
	pages    map[string]page
	received []Delivery

	libraries map[key]*library // as changed by what was sent
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
	if err := cfg.check(); err != nil {
		return nil, err
	}
	n := &Network{cfg: cfg, random: crand.Reader, ClientID: cfg.Clients[0].Hostname}
	if cfg.Seed != 0 {
		n.random = seeded(cfg.Seed)
	}
	var err error
	if n.world, err = build(cfg); err != nil {
		return nil, err
	}
	n.forget()
	n.edition, n.issued = firstEdition, n.now()
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
	n.libraries = maps.Clone(n.world.libraries)
}

// face is a listener: each treats TLS in its own way, so each has a port.
type face struct {
	port    int
	tls     tlsMode
	handler http.Handler
	at      *string
}

// faces are lists and admin, and of each platform token and FHIR, and the pages.
func (n *Network) faces() []face {
	pages := tlsNone
	if n.cfg.Official {
		pages = tlsServer
	}
	all := []face{
		{n.cfg.Port, tlsServer, n.listsFace(), &n.ports.lists},
		{0, tlsMutual, n.apiFace(1), &n.ports.api},
		{0, pages, n.loginFace(1), &n.ports.login},
	}
	if n.world.hasSecond() {
		all = append(all, face{0, tlsMutual, n.apiFace(2), &n.ports.api2}, face{0, pages, n.loginFace(2), &n.ports.login2})
	}
	return all
}

// listen opens the faces.
func (n *Network) listen(ctx context.Context) error {
	// Certificates follow the clock of the machine: TLS at the other side does.
	pki, err := authorityIn(n.cfg.Dir, time.Now())
	if err != nil {
		return err
	}
	n.pki = pki
	if err := n.writeCertificates(pki); err != nil {
		return err
	}
	for _, f := range n.faces() {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(f.port)))
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		_, *f.at, _ = net.SplitHostPort(l.Addr().String())
		n.serve(ctx, n.wrap(l, pki, f.tls), f.handler)
	}
	lists := n.address("https", hostLists, n.ports.lists)
	n.ListsURL, n.AddressBookURL = lists+"/", lists+"/addressbook.json"
	n.AdminURL = "https://" + net.JoinHostPort(hostLists, n.ports.lists)
	return nil
}

// serve runs one listener until Close. ctx ends requests that hang on purpose.
func (n *Network) serve(ctx context.Context, l net.Listener, h http.Handler) {
	// HTTP/1.1 only: several faults need the connection itself.
	s := &http.Server{
		Handler: marked(n.observe(h)), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
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

// marked says on every answer what this is (security-store.md M1).
func marked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Mock-Server", "true")
		next.ServeHTTP(w, r)
	})
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
	// A server that did not come as far as its listener does not close it.
	for _, g := range n.gates {
		errs = append(errs, g.Close())
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

// today is the date T of the records, put forward with the clock: what ages
// are counted at.
func (n *Network) today() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cfg.Date.Add(n.ahead)
}

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
		Lists       string            `json:"lists"`
		Admin       string            `json:"admin"`
		CA          string            `json:"ca"`
		ClientCert  string            `json:"clientCert"`
		ClientKey   string            `json:"clientKey"`
		Personas    []persona         `json:"personas"`
		AddressBook string            `json:"addressBook"`
		ClientID    string            `json:"clientID"`
		Ports       map[string]string `json:"ports,omitempty"`
	}{n.ListsURL, n.AdminURL, n.CAFile, n.ClientCertFile, n.ClientKeyFile, nil, n.AddressBookURL, n.ClientID, n.DevPorts()}
	for _, p := range n.Personas {
		line.Personas = append(line.Personas, persona{p.ID, p.Name, p.Token})
	}
	raw, err := json.Marshal(line)
	if err != nil {
		return "{}" // strings only: cannot happen
	}
	return string(raw)
}

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

// Publish gives the lists out anew: the next Volgnummer, and the time of now.
// What is in them stays.
func (n *Network) Publish() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.edition++
	n.issued = n.now()
}

// client finds an app on the OAuth client list.
func (n *Network) client(host string) (Client, bool) {
	i := slices.IndexFunc(n.cfg.Clients, func(c Client) bool { return c.Hostname == host })
	if i < 0 {
		return Client{}, false
	}
	return n.cfg.Clients[i], true
}
