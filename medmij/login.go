package medmij

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Login is a login that has begun and not ended. It can be stored as JSON, in
// the vault, and survives a restart. What proves that the browser that comes
// back is the one that left is stored as a hash only: URL and Handle are there
// on the value that Begin returns, and nowhere else.
type Login struct {
	// URL is where the person's browser goes. It holds the state: it is not
	// stored, not logged, and sent with no-store and no-referrer.
	URL string `json:"-"`
	// Handle goes into a cookie of the browser (SameSite=Lax, HttpOnly, path
	// of the redirect address) and comes back to Finish.
	Handle string `json:"-"`

	Connection    Connection `json:"connection"`
	Purpose       Direction  `json:"purpose"`
	Services      []string   `json:"services"`
	Scope         string     `json:"scope"`
	RedirectURI   string     `json:"redirectURI"`
	StateHash     string     `json:"stateHash"`
	HandleHash    string     `json:"handleHash"`
	CorrelationID string     `json:"correlationID"`
	Created       time.Time  `json:"created"`
	Expires       time.Time  `json:"expires"`
}

// String, Format and LogValue keep the state and the provider out of logs.
func (l Login) String() string { return "[login]" }

// Format implements [fmt.Formatter].
func (l Login) Format(s fmt.State, _ rune) { fmt.Fprint(s, l.String()) }

// LogValue implements [slog.LogValuer].
func (l Login) LogValue() slog.Value { return slog.StringValue(l.String()) }

// Matches tells whether a callback with this state belongs to the login, so
// that a caller can find it among those stored.
func (l Login) Matches(state string) bool { return sameSecret(state, l.StateHash) }

func sameSecret(secret, hash string) bool {
	return subtle.ConstantTimeCompare([]byte(hashOf(secret)), []byte(hash)) == 1
}

// Begin starts a login at a connection: to collect, or to share with exactly
// one service. Without services, collecting asks for all that the table knows.
// The caller stores the Login and sends the browser to URL, with no-store and
// no-referrer. With [Direct] nothing is sent; a [Gateway] is asked for the
// address.
//
// The error is an [*Error] with [CodeTrust] when an endpoint is not on the
// Whitelist, with [CodeLists] when the lists are too old to tell, with
// [ErrNotSupported] for representation of another person, for a subscription
// and for what a gateway cannot carry, and another one when the connection
// cannot be asked for this.
func (c *Client) Begin(ctx context.Context, conn Connection, purpose Direction, services ...string) (Login, error) {
	if err := ctx.Err(); err != nil {
		return Login{}, err
	}
	services, err := c.askable(conn, purpose, services)
	if err != nil {
		return Login{}, fmt.Errorf("medmij: begin login: %w", err)
	}
	now, state := c.cfg.Now(), newSecret()
	l := Login{
		Handle: newSecret(), Connection: conn, Purpose: purpose, Services: services,
		Scope: scopeFor(conn, purpose, services), RedirectURI: c.cfg.RedirectURI,
		StateHash: hashOf(state), CorrelationID: newUUID(),
		Created: now, Expires: now.Add(c.cfg.Limits.Login),
	}
	l.HandleHash = hashOf(l.Handle)
	if err := c.checkEndpoints(conn); err != nil {
		return Login{}, &Error{Code: codeOf(err), Op: "begin login", Trace: l.CorrelationID, Err: err}
	}
	if l.URL, err = c.issuer.authorize(ctx, &l, state); err != nil {
		return Login{}, err
	}
	return l, nil
}

// authorizing notes in the chain log that the browser is sent away.
func (c *Client) authorizing(l Login, request, address string) {
	c.event(eventAuthorization, l.CorrelationID, Event{Request: &EventRequest{
		ID: request, Method: "GET", ClientID: c.cfg.ClientID, ServerID: hostOf(address),
		URI: address, ProviderID: bareName(l.Connection.Provider),
	}})
}

// askable are the services to ask consent for: those asked, or all that can be
// collected.
func (c *Client) askable(conn Connection, purpose Direction, asked []string) ([]string, error) {
	if purpose != Collect && purpose != Share || slices.ContainsFunc(asked, isExtension) {
		return nil, fmt.Errorf("representation and subscription: %w", ErrNotSupported)
	}
	var known []string
	for _, offer := range conn.Services {
		if s, ok := c.serviceByID(offer.ID); ok && s.Direction == purpose {
			known = append(known, s.ID)
		}
	}
	for _, id := range asked {
		if !slices.Contains(known, id) {
			return nil, fmt.Errorf("service %q cannot be asked here", id)
		}
	}
	if len(asked) > 0 {
		known = slices.Clone(asked)
	}
	switch {
	case len(known) == 0:
		return nil, errors.New("there is nothing to ask here")
	case len(known) > 1 && (purpose == Share || conn.Dialect == Dialect12):
		return nil, errors.New("only one service can be asked at a time")
	}
	return known, nil
}

// isExtension tells a scope item of the extensions of MedMij from a service.
func isExtension(item string) bool {
	return item == string(OnBehalfOf) || item == string(OnBehalfOfChild) || strings.HasPrefix(item, "subscribe~")
}

func (c *Client) checkEndpoints(conn Connection) error {
	for _, endpoint := range [...]string{conn.Authorization, conn.Token} {
		u, err := url.Parse(endpoint)
		if err != nil {
			return ErrAddress
		}
		if err := c.cfg.Transport.Allowed(u); err != nil {
			return err
		}
	}
	return nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
