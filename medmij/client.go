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

// Config configures [New]. ClientID, RedirectURI and Transport are required.
type Config struct {
	// ClientID is the host name of the app on the list of OAuth clients.
	ClientID string
	// RedirectURI is where the browser comes back: https, on the host
	// ClientID, without port, query or fragment. With Dev it may be plain http
	// on 127.0.0.1, [::1] or localhost, with a port.
	RedirectURI string
	Transport   Transport
	Limits      Limits
	// Services are rows besides those of [Services], or instead of the row with
	// the same id.
	Services []Service

	// Save stores a Grant durably before the tokens in it are used. Without it
	// grants cannot be renewed. It is called by one goroutine at a time per
	// connection and must not call the Client.
	Save func(context.Context, *Grant) error
	// Chain gets the events of the chain log, from several goroutines at once;
	// nil drops them.
	Chain func(Event)
	// SessionID names the person's session in the chain log; empty is random.
	SessionID string

	Log       *slog.Logger     // nil is slog.Default
	Now       func() time.Time // nil is time.Now
	UserAgent string           // empty is "bundel"
	Dev       bool             // see RedirectURI
	// LegacyTypes also accepts answers of type application/json and
	// application/json+fhir.
	LegacyTypes bool
}

// Client speaks to providers for one app. It is safe for concurrent use.
type Client struct {
	cfg     Config
	session string
	flight  singleflight.Group

	mu     sync.Mutex
	hosts  map[string]chan struct{} // requests under way, per host
	latest map[string]renewed       // newest grant known, per consent
	locks  map[string]*sync.Mutex   // per consent
	spent  map[string]bool          // hashes of tokens that were sent with
}

// New makes a Client, or says which setting is wrong.
func New(cfg Config) (*Client, error) {
	if cfg.Transport == nil {
		return nil, errors.New("medmij: a client needs a Transport")
	}
	if err := checkRedirect(cfg); err != nil {
		return nil, fmt.Errorf("medmij: %w", err)
	}
	cfg.Limits = cfg.Limits.withDefaults()
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	cfg.UserAgent = cmp.Or(cfg.UserAgent, "bundel")
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Chain == nil {
		cfg.Chain = func(Event) {}
	}
	return &Client{
		cfg: cfg, session: cmp.Or(cfg.SessionID, newUUID()),
		hosts: map[string]chan struct{}{}, latest: map[string]renewed{}, locks: map[string]*sync.Mutex{}, spent: map[string]bool{},
	}, nil
}

func checkRedirect(cfg Config) error {
	if !hostPattern.MatchString(cfg.ClientID) {
		return errors.New("the client id is not a host name")
	}
	u, err := url.Parse(cfg.RedirectURI)
	if err != nil || u.Fragment != "" || u.RawQuery != "" || u.User != nil || strings.ContainsAny(cfg.RedirectURI, "?#") {
		return errors.New("the redirect address may not have a query, fragment or user")
	}
	switch host := u.Hostname(); {
	case cfg.Dev && u.Scheme == "http" && (host == "127.0.0.1" || host == "::1" || isLoopbackName(host)):
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
