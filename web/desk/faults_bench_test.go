package desk_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web/desk"
)

const (
	passphrase = "een lange wachtzin"
	gpSource   = "medmij:huisarts-delinde@medmij"
)

var anna = mock.Visitor{Persona: "anna", Indefinite: true}

// home is a vault in which everything of anna was collected before. Each case
// works on a copy of it.
type home struct {
	dir     string
	date    time.Time // T of the records, the same for all networks
	records map[recordKey]string
	free    chan *providers // those that no case is using
}

// providers are a running mock, which one case after another uses.
type providers struct {
	*mock.Network
	hook atomic.Pointer[func(endpoint string)] // is told of every request
}

// start starts providers: those of the demonstration, with a service of one
// query, and laboratory results that come in pages.
func (h *home) start(t *testing.T) *providers {
	t.Helper()
	all := new(providers)
	cfg := mock.Demo()
	cfg.Intercept = func(endpoint string, next http.Handler) http.Handler {
		if f := all.hook.Load(); f != nil {
			(*f)(endpoint)
		}
		return next
	}
	cfg.Date, cfg.Seed = h.date, 7
	for i := range cfg.Providers {
		p := &cfg.Providers[i]
		if p.Name == "huisarts-delinde" && !slices.Contains(p.Services, "58") {
			p.Services = append(p.Services, "58")
		}
		if p.Name == "ziekenhuis-noordzee" {
			p.PageSize = map[string]int{"Observation": 10}
		}
	}
	all.Network = mock.Start(t, cfg)
	return all
}

func providerOf(service string) string {
	switch service {
	case "46", "48", "51":
		return "ziekenhuis-noordzee"
	case "35":
		return "apotheek-dezon"
	}
	return "huisarts-delinde"
}

func newHome(t *testing.T) *home {
	t.Helper()
	h := &home{dir: t.TempDir(), date: time.Now(), free: make(chan *providers, rowsAtOnce)}
	for range rowsAtOnce {
		h.free <- h.start(t)
	}
	b := newFaultBench(t, h, h.dir, mock.FaultCase{})
	if _, err := b.Create(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	b.refresh()
	for _, service := range []string{"49", "35", "46"} {
		b.collect(b.login(service))
	}
	b.ownMeasurement()
	for doc, err := range must(b.Vault()).List(t.Context(), store.Token) {
		if err != nil {
			t.Fatal(err)
		}
		// Each case logs in by itself.
		if err := must(b.Vault()).Drop(t.Context(), store.Token, doc.Name); err != nil {
			t.Fatal(err)
		}
	}
	h.records = b.records()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return h
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// faultBench is one case: a desk on a copy of the vault, at providers of its
// own.
type faultBench struct {
	*testing.T
	*desk.Desk
	home   *home
	net    *providers
	ahead  atomic.Int64 // of the clock of the desk
	logs   *syncBuffer
	grant  *medmij.Grant
	fresh  []recordKey // stored since the fault
	number int         // of the last request before the fault
	conns  int
}

// syncBuffer is a log that goroutines share.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (h *home) bench(t *testing.T, c mock.FaultCase) *faultBench {
	t.Helper()
	dir := t.TempDir()
	for _, e := range must(os.ReadDir(h.dir)) {
		raw := must(os.ReadFile(filepath.Join(h.dir, e.Name())))
		// Nobody else may read a vault, or it is not opened.
		if err := os.WriteFile(filepath.Join(dir, e.Name()), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := newFaultBench(t, h, dir, c)
	if err := b.Open(store.Passphrase([]byte(passphrase))); err != nil {
		t.Fatal(err)
	}
	return b
}

func newFaultBench(t *testing.T, h *home, dir string, c mock.FaultCase) *faultBench {
	t.Helper()
	b := &faultBench{T: t, home: h, logs: new(syncBuffer), net: <-h.free}
	t.Cleanup(func() {
		b.watch(nil)
		b.net.Reset()
		h.free <- b.net
	})
	creds := medmij.TLS{Roots: x509.NewCertPool()}
	creds.Roots.AppendCertsFromPEM(b.net.CA)
	lists := creds
	if !slices.Contains(c.Setup, mock.NoCertificate) {
		pair := must(tls.X509KeyPair(b.net.ClientCert, b.net.ClientKey))
		creds.Certificate = &pair
	}
	d, err := desk.New(desk.Config{
		Path: filepath.Join(dir, "vault.bundel"), Store: store.Config{KDF: store.KDF{Time: 1, Memory: 8 << 10, Threads: 1}},
		Now: func() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) },
		Log: slog.New(slog.NewTextHandler(b.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		MedMij: &desk.MedMij{
			ClientID: b.net.ClientID, Redirect: "http://127.0.0.1:1/oauth/callback", TLS: creds, Dev: true, Limits: limitsOf(c),
			Lists: medmij.ListsConfig{URL: b.net.ListsURL, AddressBook: b.net.AddressBookURL, TLS: lists},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Desk = d
	t.Cleanup(func() { _ = d.Close() })
	return b
}

// limitsOf keeps tests quick: what takes a second between tries in the field
// takes milliseconds here.
func limitsOf(c mock.FaultCase) medmij.Limits {
	l := medmij.Limits{Backoff: 5 * time.Millisecond}
	if slices.Contains(c.Setup, mock.ShortLimits) {
		l.PageCall, l.TokenCall, l.Handshake, l.BinaryCall = 1500*time.Millisecond, 1500*time.Millisecond, 1500*time.Millisecond, 10*time.Second
		l.Page, l.Binary, l.Pages = 1<<20, 1<<20, 5
	}
	return l
}

// watch is told of every request before it is answered; nil ends it.
func (b *faultBench) watch(f func(endpoint string)) {
	if f == nil {
		b.net.hook.Store(nil)
		return
	}
	b.net.hook.Store(&f)
}

func (b *faultBench) refresh() {
	b.Helper()
	if err := b.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// login gives a grant as a person would get it.
func (b *faultBench) login(service string) *medmij.Grant {
	b.Helper()
	started, err := b.begin(providerOf(service))
	if err != nil {
		b.Fatal(err)
	}
	done, err := b.Finish(b.Context(), started.Handle, b.visit(started, anna))
	if err != nil {
		b.Fatal(err)
	}
	return done.Grant
}

// begin starts a login at the connection of a provider that gives records.
func (b *faultBench) begin(name string) (desk.Started, error) {
	p, err := b.FindProvider(b.Context(), name)
	if err != nil {
		return desk.Started{}, err
	}
	for _, c := range p.Connections {
		for _, o := range c.Services {
			if s, ok := medmij.ServiceByID(o.ID); ok && s.Direction == medmij.Collect {
				return b.Begin(b.Context(), c)
			}
		}
	}
	return desk.Started{}, desk.ErrNotFound
}

func (b *faultBench) visit(started desk.Started, v mock.Visitor) url.Values {
	b.Helper()
	back, err := b.net.Visit(b.Context(), started.Address, v)
	if err != nil {
		b.Fatal(err)
	}
	return back.Query()
}

func (b *faultBench) collect(g *medmij.Grant) []fhir.Receipt {
	b.Helper()
	receipts, err := b.Collect(b.Context(), nil, g)
	if err != nil {
		b.Errorf("collect: %v", err)
	}
	return receipts
}

// ownMeasurement adds a weight that is shared with the GP, so that there is
// something to send.
func (b *faultBench) ownMeasurement() {
	b.Helper()
	if _, err := b.Add(b.Context(), aggregator.OwnEntry{Kind: "weight", Value: "81.4"}); err != nil {
		b.Fatal(err)
	}
	if err := b.Share(b.Context(), "vital", gpSource, false); err != nil {
		b.Fatal(err)
	}
}

func (b *faultBench) overview() *aggregator.Overview {
	b.Helper()
	o, err := b.Overview(b.Context(), time.Time{}, "nl")
	if err != nil {
		b.Fatal(err)
	}
	return o
}

// recordKey names one version of one record.
type recordKey struct {
	origin fhir.Origin
	ref    fhir.Ref
	number int
}

func (k recordKey) String() string { return fmt.Sprintf("%s version %d", k.ref.Type, k.number) }

// is tells whether a part of an item is this version.
func (k recordKey) is(p aggregator.Part) bool {
	ref := fhir.Ref{Type: p.Type, ID: p.ID}
	return k.origin == fhir.Origin{Source: p.Source, Service: p.Service} && k.ref == ref && fmt.Sprint(k.number) == p.Version
}

// records gives the sum of every version of every record.
func (b *faultBench) records() map[recordKey]string {
	b.Helper()
	all := map[recordKey]string{}
	for r, err := range must(b.Vault()).Records(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
		sum := sha256.Sum256(r.Bytes())
		all[recordKey{r.Origin, r.Ref, r.Number}] = fmt.Sprintf("%x", sum)
	}
	return all
}

// mark begins counting requests anew.
func (b *faultBench) mark() {
	for _, e := range b.net.Requests() {
		b.number = max(b.number, e.Number)
	}
	for _, c := range b.net.Connections() {
		b.conns = max(b.conns, c.Number)
	}
}

func (b *faultBench) since(endpoints ...string) []mock.Exchange {
	return slices.DeleteFunc(b.net.Requests(endpoints...), func(e mock.Exchange) bool { return e.Number <= b.number })
}

// seen counts requests at an endpoint, or connections to a host.
func (b *faultBench) seen(at string) int {
	host, isHost := strings.CutPrefix(at, "host:")
	if !isHost {
		return len(b.since(at))
	}
	return len(slices.DeleteFunc(b.net.Connections(host), func(c mock.Connection) bool { return c.Number <= b.conns }))
}

// codeOf is the code that the pages give an error (see desk.Pages).
func codeOf(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, desk.ErrBinding):
		return medmij.CodeLogin // the desk found no login for it: the same to a person
	case errors.Is(err, desk.ErrNotFound):
		return "not-found"
	}
	return medmij.CodeOf(err)
}

// checkWords: a code without words of its own would leave the person with
// "something went wrong". Only the statuses that nobody should meet do.
func (b *faultBench) checkWords(c mock.FaultCase) {
	b.Helper()
	code := c.Expect.Code
	if code == "" || code == "not-found" || c.Expect.Outcome == fhir.OK || // a remark only, for the log
		slices.Contains([]string{"P-400", "P-406", "P-415"}, code) {
		return
	}
	f := medmij.FailureOf(code)
	for lang, words := range map[string]medmij.Words{"nl": f.Dutch, "en": f.English} {
		if f.Code != code || words.What == "" || words.Step == "" {
			b.Errorf("no words for %s in %q", code, lang)
		}
	}
}

// visitorOf is the person at the pages.
func visitorOf(c mock.FaultCase) mock.Visitor {
	v := anna
	for setup, stop := range map[mock.Setup]string{mock.StopLanding: "cancel", mock.StopLogin: "login-cancel", mock.StopConsent: "deny"} {
		if slices.Contains(c.Setup, setup) {
			v.Stop = stop
		}
	}
	if slices.Contains(c.Setup, mock.Nobody) {
		v.Persona, v.Name = "", "Iemand Anders"
	}
	return v
}

func (b *faultBench) advance(d time.Duration) {
	b.ahead.Add(int64(d))
	b.net.Advance(d)
}
