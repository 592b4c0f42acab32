package medmij

import (
	"context"
	"sync"
)

// session is the use of one grant by one Fetch: its sources share the token,
// and renew it once between them when the provider refuses it.
type session struct {
	c *Client

	mu      sync.Mutex
	grant   *Grant
	refused bool  // a provider refused a token, and it was renewed for that
	broken  error // renewing failed: nobody tries again within this session
}

// current gives a grant whose token will do, renewing it when it ended.
func (s *session) current(ctx context.Context) (*Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.grant.usable(s.c.cfg.Now()) {
		return s.grant, nil
	}
	return s.renew(ctx)
}

func (s *session) renew(ctx context.Context) (*Grant, error) {
	if s.broken == nil && !s.grant.Renewable() {
		s.broken = &Error{Code: CodeExpired, Op: "use grant", Trace: s.grant.CorrelationID, Err: ErrConsentEnded}
	}
	if s.broken != nil {
		return nil, s.broken
	}
	next, err := s.c.Refresh(ctx, s.grant)
	if next != nil {
		s.grant = next
	}
	s.broken = err
	return s.grant, err
}

// afterRefusal tells whether a request that was refused with this grant may be
// sent once more: with a newer token, of which there is one per session.
func (s *session) afterRefusal(ctx context.Context, used *Grant) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.grant.Generation > used.Generation {
		return s.grant.State == GrantActive
	}
	if s.refused || !s.grant.Renewable() {
		return false
	}
	s.refused = true
	_, err := s.renew(ctx)
	return err == nil
}

// trace is the correlation id of the chain in use.
func (s *session) trace() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grant.CorrelationID
}
