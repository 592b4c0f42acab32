package medmij

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/oauth2"
)

// renewed is the newest grant of a consent, and whether it was stored.
type renewed struct {
	grant *Grant
	saved bool
}

var errNoSave = errors.New("medmij: renewing a grant needs Config.Save")

// Refresh gets a new access token for a grant with a refresh token. The new
// grant is stored through Config.Save before it is returned. Callers of one
// consent share one request; whoever comes with an older grant gets the newest.
//
// When the consent has ended, the grant returned beside the error has no
// tokens any more, is stored like that, and the error is [ErrConsentEnded].
func (c *Client) Refresh(ctx context.Context, g *Grant) (*Grant, error) {
	if c.cfg.Save == nil {
		return nil, errNoSave
	}
	// The request is not cut off when the first caller goes away: a token that
	// was rotated and not stored would be lost.
	ctx = context.WithoutCancel(ctx)
	result, err, _ := c.flight.Do(g.consent(), func() (any, error) { return c.refresh(ctx, g) })
	newest, _ := result.(*Grant)
	return newest, err
}

func (c *Client) refresh(ctx context.Context, g *Grant) (*Grant, error) {
	defer c.lock(g)()
	known := c.newest(g)
	if known.Generation > g.Generation && known.State == GrantActive {
		return known, c.save(ctx, known)
	}
	g = known // perhaps of the same generation, with what else is known by now
	if !g.Renewable() {
		return g, &Error{Code: CodeExpired, Op: "renew grant", Trace: g.CorrelationID, Err: ErrConsentEnded}
	}
	call := &tokenCall{c: c, conn: g.Connection, correlation: newUUID(), grantType: renewal, initiatedBy: initiatedBySystem}
	// A refresh that may have arrived is never sent again: the token in it may
	// be used up.
	token, err := c.renewToken(ctx, g, call)
	next := *g
	next.Generation++
	next.CorrelationID = call.correlation
	if err != nil {
		err = c.tokenError("renew grant", CodeExpired, call, err)
		// Trouble is no end: only the provider can say that consent ended.
		if codeOf(err) != CodeExpired {
			return nil, err
		}
		next.State, next.AccessToken, next.RefreshToken = GrantConsentEnded, "", ""
		return &next, errors.Join(&Error{Code: CodeExpired, Op: "renew grant", Trace: call.correlation, Err: ErrConsentEnded},
			c.save(ctx, &next))
	}
	next.AccessToken, next.RefreshToken = token.AccessToken, token.RefreshToken
	next.Expiry = c.cfg.Now().Add(lifeOf(token))
	if err := c.save(ctx, &next); err != nil {
		return nil, err
	}
	return &next, nil
}

// renewToken sends one request. The library puts the old refresh token in the
// answer when the provider gives no new one.
func (c *Client) renewToken(ctx context.Context, g *Grant, call *tokenCall) (*oauth2.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Limits.TokenCall)
	defer cancel()
	ctx = context.WithValue(ctx, oauth2.HTTPClient, call.client())
	cfg := c.oauth(Login{Connection: g.Connection})
	token, err := cfg.TokenSource(ctx, &oauth2.Token{RefreshToken: g.RefreshToken}).Token()
	if err != nil {
		return nil, err
	}
	return token, checkToken(token)
}

// save remembers the grant even when it could not be stored, so that the next
// caller tries to store it again and not to renew with a used token.
func (c *Client) save(ctx context.Context, g *Grant) error {
	c.mu.Lock()
	done := c.latest[g.consent()]
	c.mu.Unlock()
	if done.saved && done.grant == g {
		return nil
	}
	err := c.cfg.Save(ctx, g)
	c.mu.Lock()
	c.latest[g.consent()] = renewed{grant: g, saved: err == nil}
	c.mu.Unlock()
	if err != nil {
		return fmt.Errorf("medmij: store renewed grant: %w", err)
	}
	return nil
}

// newest is the newest grant known of the same consent: g itself when there is
// no other. A fixed token that was handed over later has the same generation
// as the one before it, and is not mistaken for it.
func (c *Client) newest(g *Grant) *Grant {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.latest[g.consent()].grant
	if known == nil || known.Generation < g.Generation ||
		known.Generation == g.Generation && known.AccessToken != g.AccessToken {
		return g
	}
	return known
}

// lock keeps changes of one consent apart, so that none overwrites another.
func (c *Client) lock(g *Grant) (unlock func()) {
	c.mu.Lock()
	l, ok := c.locks[g.consent()]
	if !ok {
		l = new(sync.Mutex)
		c.locks[g.consent()] = l
	}
	c.mu.Unlock()
	l.Lock()
	return l.Unlock
}

// Succeeded notes on the newest grant of this consent that data were
// collected, which starts its six months anew, and stores it. Storing an older
// grant instead could bring back a token that was used up.
func (c *Client) Succeeded(ctx context.Context, g *Grant) (*Grant, error) {
	if c.cfg.Save == nil {
		return nil, errNoSave
	}
	defer c.lock(g)()
	next := *c.newest(g)
	next.LastSuccess = c.cfg.Now().UTC().Round(0)
	return &next, c.save(ctx, &next)
}
