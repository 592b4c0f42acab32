package medmij

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Config configures [New]. RedirectURI and Transport are required, and ClientID
// is unless Transport is a [Gateway].
type Config struct {
	// ClientID is the host name of the app on the list of OAuth clients. Through
	// a Gateway that one's name is used at providers; here empty is its host.
	ClientID string
	// RedirectURI is where the browser comes back: https, on the host
	// ClientID, without port, query or fragment. With Dev, and with a Gateway,
	// it may be plain http on 127.0.0.1, [::1] or localhost, with a port; with
	// a Gateway it may be any https address that is registered there.
	RedirectURI string
	// Transport is a [Direct] or a [Gateway]. One of the caller's own is used
	// as Direct is.
	Transport Transport
	Limits    Limits
	// Services are rows besides those of [Services], or instead of the row with
	// the same id.
	Services []Service

	// Save stores a Grant durably before the tokens in it are used. Without it
	// grants cannot be renewed. It is called by one goroutine at a time per
	// connection and must not call the Client.
	Save func(context.Context, *Grant) error
	// Hold and Reload are for an app of several processes over one store, where
	// two could renew one grant and use up its token twice. Hold waits until
	// nobody else holds the name (32 hexadecimal digits, free of secrets and
	// safe as the name of a file) and holds it until release is called; a lock
	// that outlives a process that crashed locks everybody out, so use one that
	// ends with its process: of the store itself, of a database, flock. Reload
	// reads the newest stored grant of the same connection while the name is
	// held; nil means that it was deleted. Set both or neither; without them
	// only the goroutines of one Client are kept apart. Neither may call the
	// Client.
	Hold   func(ctx context.Context, name string) (release func(), err error)
	Reload func(context.Context, *Grant) (*Grant, error)
	// Chain gets the events of the chain log, from several goroutines at once;
	// nil drops them.
	Chain func(Event)
	// SessionID names the person's session in the chain log; empty is random.
	SessionID string

	Log       *slog.Logger     // nil is slog.Default
	Now       func() time.Time // nil is time.Now
	UserAgent string           // empty is "bundel"
	Dev       bool             // see RedirectURI
	// PKCE adds a code challenge (S256) to the authorization request. MedMij
	// does not ask for it; providers must ignore it, and some do not. It does
	// nothing with a Gateway.
	PKCE bool
	// LegacyTypes also accepts answers of type application/json and
	// application/json+fhir.
	LegacyTypes bool
}

// Client speaks to providers for one app. It is safe for concurrent use.
type Client struct {
	cfg     Config
	issuer  issuer
	places  places
	session string
	flight  singleflight.Group

	mu     sync.Mutex
	hosts  map[string]chan struct{} // requests under way, per host
	latest map[string]renewed       // newest grant known, per consent
	locks  map[string]*sync.Mutex   // per consent
	spent  map[string]time.Time     // logins that were finished, by state hash, until they expire
	used   map[string]bool          // tokens that something was shared with, by hash
}

// New makes a Client, or says which setting is wrong.
func New(cfg Config) (*Client, error) {
	if cfg.Transport == nil {
		return nil, errors.New("medmij: a client needs a Transport")
	}
	gateway, through := cfg.Transport.(*Gateway)
	if through {
		cfg.ClientID = cmp.Or(cfg.ClientID, gateway.base.Hostname())
	}
	if err := checkRedirect(cfg, through); err != nil {
		return nil, fmt.Errorf("medmij: %w", err)
	}
	if (cfg.Hold == nil) != (cfg.Reload == nil) {
		return nil, errors.New("medmij: Hold and Reload go together")
	}
	c := &Client{
		cfg: cfg.withDefaults(), session: cmp.Or(cfg.SessionID, newUUID()),
		hosts: map[string]chan struct{}{}, latest: map[string]renewed{}, locks: map[string]*sync.Mutex{}, spent: map[string]time.Time{}, used: map[string]bool{},
	}
	if through {
		c.issuer, c.places = gateway.issuer(c), gateway
		c.cfg.Chain = gateway.withoutHandles(c.cfg.Chain)
	} else {
		c.issuer, c.places = provider{c}, plainPlaces{}
	}
	return c, nil
}

func (cfg Config) withDefaults() Config {
	cfg.Limits = cfg.Limits.withDefaults()
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	cfg.UserAgent = cmp.Or(cfg.UserAgent, "bundel")
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Chain == nil {
		cfg.Chain = func(Event) {}
	}
	return cfg
}

func checkRedirect(cfg Config, through bool) error {
	if !through && !hostPattern.MatchString(cfg.ClientID) {
		return errors.New("the client id is not a host name")
	}
	u, err := url.Parse(cfg.RedirectURI)
	if err != nil || u.Fragment != "" || u.RawQuery != "" || u.User != nil || strings.ContainsAny(cfg.RedirectURI, "?#") {
		return errors.New("the redirect address may not have a query, fragment or user")
	}
	switch host := u.Hostname(); {
	case (cfg.Dev || through) && u.Scheme == "http" && (host == "127.0.0.1" || host == "::1" || isLoopbackName(host)):
		return nil
	case through && u.Scheme == "https" && u.Host != "":
		return nil
	case u.Scheme != "https" || u.Host != cfg.ClientID:
		return errors.New("the redirect address must be https on the host of the client id")
	}
	return nil
}

// acquire waits until a request to the host may go, at most PerHost at once
// over everything this Client does.
func (c *Client) acquire(ctx context.Context, host string) (release func(), err error) {
	c.mu.Lock()
	slots, ok := c.hosts[host]
	if !ok {
		slots = make(chan struct{}, c.cfg.Limits.PerHost)
		c.hosts[host] = slots
	}
	c.mu.Unlock()
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
