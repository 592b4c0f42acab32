package medmij

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// renewed is the newest grant of a consent, and whether it was stored.
type renewed struct {
	grant *Grant
	saved bool
}

var errNoSave = errors.New("medmij: renewing a grant needs Config.Save")

// Refresh gets a new access token for a grant with a refresh token. The new
// grant is stored through Config.Save before it is returned. Callers of one
// consent share one request; whoever comes with an older grant gets the newest,
// also when another process made it and Config.Hold and Reload are set.
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
	unlock, known, err := c.lock(ctx, g)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if known.Generation > g.Generation && known.usable(c.cfg.Now()) {
		return known, c.save(ctx, known)
	}
	if !known.Renewable() {
		return known, &Error{Code: CodeExpired, Op: "renew grant", Trace: known.CorrelationID, Err: ErrConsentEnded}
	}
	return c.renew(ctx, known)
}

// renew uses up the refresh token. A request that may have arrived is never
// sent again.
func (c *Client) renew(ctx context.Context, g *Grant) (*Grant, error) {
	next, trace := *g, newUUID()
	next.Generation++
	next.CorrelationID = trace
	got, err := c.issuer.renew(ctx, g, trace)
	if err != nil {
		// Trouble is no end: only the provider can say that consent ended.
		if codeOf(err) != CodeExpired {
			return nil, err
		}
		next.State, next.AccessToken, next.RefreshToken = GrantConsentEnded, "", ""
		return &next, errors.Join(&Error{Code: CodeExpired, Op: "renew grant", Trace: trace, Err: ErrConsentEnded},
			c.save(ctx, &next))
	}
	next.AccessToken, next.CorrelationID, next.Expiry = got.access, got.correlation, c.cfg.Now().Add(got.life)
	if got.refresh != "" {
		next.RefreshToken = got.refresh
	}
	if err := c.save(ctx, &next); err != nil {
		return nil, err
	}
	return &next, nil
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
	c.remember(g, err == nil)
	if err != nil {
		return fmt.Errorf("medmij: store renewed grant: %w", err)
	}
	return nil
}

func (c *Client) remember(g *Grant, saved bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.latest[g.consent()] = renewed{grant: g, saved: saved}
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

// lock keeps changes of one consent apart, so that none overwrites another: in
// this process, and among processes when the app says how. known is the newest
// grant there is from then on.
func (c *Client) lock(ctx context.Context, g *Grant) (unlock func(), known *Grant, err error) {
	c.mu.Lock()
	l, ok := c.locks[g.consent()]
	if !ok {
		l = new(sync.Mutex)
		c.locks[g.consent()] = l
	}
	c.mu.Unlock()
	l.Lock()
	if c.cfg.Hold == nil {
		return l.Unlock, c.newest(g), nil
	}
	release, err := c.hold(ctx, g)
	if err != nil {
		l.Unlock()
		return nil, nil, err
	}
	unlock = func() {
		release()
		l.Unlock()
	}
	if known, err = c.reload(ctx, g); err != nil {
		unlock()
		return nil, nil, err
	}
	return unlock, known, nil
}

// hold waits for another process no longer than one that works takes.
func (c *Client) hold(ctx context.Context, g *Grant) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, 4*c.cfg.Limits.TokenCall)
	defer cancel()
	release, err = c.cfg.Hold(ctx, g.lockName())
	if err != nil {
		return nil, fmt.Errorf("medmij: hold a grant: %w", err)
	}
	return release, nil
}

// reload takes over what another process stored. A grant that this one could
// not store is newer than what is there, and stays.
func (c *Client) reload(ctx context.Context, g *Grant) (*Grant, error) {
	stored, err := c.cfg.Reload(ctx, g)
	if err != nil {
		return nil, fmt.Errorf("medmij: read a stored grant: %w", err)
	}
	known := c.newest(g)
	switch {
	case stored == nil || stored.Consented.After(g.Consented):
		// Deleted, or the person consented anew: nothing may bring this one back.
		return nil, &Error{Code: CodeExpired, Op: "use grant", Trace: known.CorrelationID, Err: ErrConsentEnded}
	case stored.consent() != g.consent() || stored.Generation < known.Generation:
		return known, nil
	}
	c.remember(stored, true)
	return stored, nil
}

// Succeeded notes on the newest grant of this consent that data were
// collected, which starts its six months anew, and stores it. Storing an older
// grant instead could bring back a token that was used up.
func (c *Client) Succeeded(ctx context.Context, g *Grant) (*Grant, error) {
	if c.cfg.Save == nil {
		return nil, errNoSave
	}
	unlock, known, err := c.lock(ctx, g)
	if err != nil {
		return nil, err
	}
	defer unlock()
	next := *known
	next.LastSuccess = c.cfg.Now().UTC().Round(0)
	return &next, c.save(ctx, &next)
}
