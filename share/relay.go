package share

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// RelayConfig is what a Relay needs.
type RelayConfig struct {
	// Data is an existing folder for the table, of the relay alone.
	Data string

	// PublicURL is how the world reaches the relay: https, but on this machine
	// itself. At most 76 characters, for the addresses in links have 128.
	PublicURL string

	Now func() time.Time // zero: time.Now

	// PerMinute is how many requests a network (IPv4 /24, IPv6 /48) may do in a
	// minute; zero: 120.
	PerMinute int

	// MaxFile and MaxLink bound a file, and the files of a link together, in
	// bytes as encrypted; zero: 4 MiB and 8 MiB.
	MaxFile, MaxLink int

	// MaxLinks is how many links there may be at a time; zero: 10,000.
	MaxLinks int

	// PasscodeMemory is what Argon2id takes for a passcode, in KiB; zero: 19 MiB.
	PasscodeMemory uint32
}

// Relay keeps encrypted files for who has their link (HL7 SHL IG 1.0.0;
// security-store.md 5.3). It sees no key, no name and no birth date: only
// ciphertext, hashes of ids, counters, and from where a link was opened, which
// only the owner of that link can ask. It logs nothing. A Relay is safe for
// concurrent use; one process has the table.
//
// It speaks plain HTTP, for a reverse proxy that does TLS and adds
// X-Forwarded-For; that header is believed from this machine only.
type Relay struct {
	RelayConfig
	table  *table
	nets   *limits       // of networks
	polls  *limits       // of links that may be asked again
	tries  *limits       // of networks that try codes
	checks chan struct{} // one for each passcode that is checked now
}

const (
	tableFile = "relay.db"
	tombLife  = 30 * 24 * time.Hour // how long the owner can read what happened
	sweepTime = time.Minute

	// pollSeconds is how long a recipient waits before asking again.
	pollSeconds = 10

	maxPublic = maxURL - len("/shl/") - handleLength - 43 - 1
)

// OpenRelay opens or makes the table in the folder of the configuration.
func OpenRelay(c RelayConfig) (*Relay, error) {
	var err error
	if c.PublicURL, err = RelayAddress(c.PublicURL); err != nil {
		return nil, err
	}
	c.fill()
	t, err := openTable(filepath.Join(c.Data, tableFile))
	if err != nil {
		return nil, err
	}
	return &Relay{
		RelayConfig: c, table: t,
		nets: newLimits(c.PerMinute, c.PerMinute), polls: newLimits(60/pollSeconds, 3), tries: newLimits(1, codeAttempts),
		checks: make(chan struct{}, 2),
	}, nil
}

// ErrPublicURL is returned for an address that cannot stand in a link.
var ErrPublicURL = errors.New("share: the address of a relay starts with https:// and has at most 76 characters")

// RelayAddress is the address of a relay as it stands in links: without a slash at
// its end. The error is ErrPublicURL: one rule for who runs a relay and for who
// makes a link at it. Plain http is for this machine only.
func RelayAddress(s string) (string, error) {
	s = strings.TrimSuffix(s, "/")
	if u, err := url.Parse(s); err != nil || !isAddress(s) || u.RawQuery != "" || len(s) > maxPublic {
		return "", ErrPublicURL
	}
	return s, nil
}

func (c *RelayConfig) fill() {
	if c.Now == nil {
		c.Now = time.Now
	}
	c.PerMinute = cmp.Or(c.PerMinute, 120)
	c.MaxFile, c.MaxLink = cmp.Or(c.MaxFile, 4<<20), cmp.Or(c.MaxLink, 8<<20)
	c.MaxLinks = cmp.Or(c.MaxLinks, 10_000)
	c.PasscodeMemory = cmp.Or(c.PasscodeMemory, codeMemory)
}

// Run throws away what expired, every minute, until ctx ends.
func (r *Relay) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepTime)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := r.Sweep(); err != nil {
				return err
			}
		}
	}
}

// Sweep throws away the files of links that expired, and after 30 days what is
// left of those links.
func (r *Relay) Sweep() error {
	now := r.Now()
	r.nets.prune(now)
	r.polls.prune(now)
	r.tries.prune(now)
	if err := r.table.sweep(now); err != nil {
		return fmt.Errorf("throw away expired links: %w", err)
	}
	return nil
}

// Close closes the table. No request may be under way.
func (r *Relay) Close() error { return r.table.db.Close() }

// Handler answers recipients, owners and visitors of the viewer.
func (r *Relay) Handler() http.Handler {
	base, err := url.Parse(r.PublicURL)
	if err != nil { // OpenRelay read it before
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /shl/{id}", r.serveManifest)
	mux.HandleFunc("GET /shl/{id}", r.serveDirect)
	mux.HandleFunc("GET /file/{ticket}", r.serveTicket)
	mux.HandleFunc("PUT /shl/{id}", r.servePut)
	mux.HandleFunc("DELETE /shl/{id}", r.serveRevoke)
	mux.HandleFunc("GET /shl/{id}/log", r.serveLog)
	mux.HandleFunc("OPTIONS /", servePreflight)
	r.viewerRoutes(mux)
	return r.guard(http.StripPrefix(base.Path, mux))
}

// guard has what holds for every answer: how often one may ask, and that
// nothing is kept or shown inside another page.
func (r *Relay) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Access-Control-Allow-Origin", "*") // viewers are pages of other sites
		h.Set("Access-Control-Expose-Headers", "Retry-After")
		if wait := r.nets.wait(networkOf(q), r.Now()); wait > 0 {
			tooMany(w, wait)
			return
		}
		next.ServeHTTP(w, q)
	})
}

// servePreflight: a POST of JSON from another site is asked for first. Owners
// are no browsers: their methods are not listed.
func servePreflight(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", "content-type")
	h.Set("Access-Control-Max-Age", "3600")
	w.WriteHeader(http.StatusNoContent)
}
