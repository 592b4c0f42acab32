package medmij

import (
	"errors"
	"fmt"
	"time"
)

// ErrMove says that something cannot happen to a connection as it stands.
var ErrMove = errors.New("this cannot happen to the connection now")

// The moves below are pure: they give what is to be stored next, and leave what
// they were called on as it was. The error is [ErrMove]; what was stored then
// stays as it is. Each takes the moment at which it happens.

// Begin notes a login that the person started, with the number of the list of
// providers in force. A login that was waiting is forgotten. It cannot be
// while a code is being exchanged, nor when the connection is unlisted.
func (k Known) Begin(l Login, list uint64, now time.Time) (Known, error) {
	if !k.Listed || k.attempt(now) == StateExchanging || l.Purpose != Collect || !now.Before(l.Expires) {
		return k, k.refuse("begin a login", now)
	}
	k.Login = &l
	k.Standing.Attempt, k.Standing.AttemptAt, k.Standing.ListNumber = "", time.Time{}, list
	return k, nil
}

// Return notes that the person came back with a code, which is offered for
// tokens now: the Login is used up. Only a login that waits can return.
func (k Known) Return(now time.Time) (Known, error) {
	if !k.Listed || k.attempt(now) != StateAwaiting {
		return k, k.refuse("return", now)
	}
	k.Login = nil
	k.Standing.Attempt, k.Standing.AttemptAt = StateExchanging, now
	return k, nil
}

// Break notes that a login gave no grant, with what [Client.Finish] returned,
// or nil when it lapsed. Only a login that waits or is being exchanged can
// break. A grant that works goes on working.
func (k Known) Break(cause error, now time.Time) (Known, error) {
	was := k.attempt(now)
	if k.Login == nil && k.Standing.Attempt != StateExchanging {
		return k, k.refuse("break a login", now)
	}
	code := CodeOf(cause)
	to := StateExchangeFailed
	switch {
	case was == StateExchanging || was == StateExchangeFailed:
	case cause == nil, code == CodeLogin:
		to = StateAbandoned // nothing was sent to the provider
	case code == CodeCancel:
		to = StateDenied
	}
	k.Login = nil
	k.Standing.Attempt, k.Standing.AttemptAt = to, now
	if cause != nil {
		k.Standing.LastError = lastError(cause, now)
	}
	return k, nil
}

// Consent notes the grant of the exchange that is going on, in the place of the
// one before it. Another exchange, or none, gives no grant.
func (k Known) Consent(g *Grant, now time.Time) (Known, error) {
	if k.Standing.Attempt != StateExchanging || g == nil || g.State != GrantActive || g.Purpose != Collect || g.AccessToken == "" {
		return k, k.refuse("take a grant", now)
	}
	k.Grant = g
	k.Standing.Attempt, k.Standing.AttemptAt, k.Standing.LastError = "", time.Time{}, nil
	return k, nil
}

// Renew notes what became of the grant: renewed, ended, or marked with a
// success, as [Client.Refresh] and [Client.Succeeded] give it. It is of the same
// consent and not older; what ended stays ended, and the last success does not
// go back.
func (k Known) Renew(g *Grant, now time.Time) (Known, error) {
	old := k.Grant
	if old == nil || g == nil || g.consent() != old.consent() || g.Generation < old.Generation || !follows(old, g, now) {
		return k, k.refuse("renew", now)
	}
	if g.LastSuccess.Before(old.LastSuccess) {
		kept := *g
		kept.LastSuccess = old.LastSuccess
		g = &kept
	}
	k.Grant = g
	if g.LastSuccess.After(old.LastSuccess) {
		k.Standing.LastError = nil
	}
	return k, nil
}

// follows tells whether a grant can have become another: what ended stays
// ended, without tokens, and only a renewal makes a token live longer.
func follows(old, g *Grant, now time.Time) bool {
	if g.State != GrantActive {
		return g.AccessToken == "" && g.RefreshToken == ""
	}
	if grantState(old, now) == StateConsentEnded {
		return false
	}
	return old.Renewable() || !g.Renewable() && g.Expiry.Equal(old.Expiry)
}

// Lapse gives what time alone has changed: a login that nobody returned from is
// taken out, and so are tokens that are over (3.8: tokens are deleted when
// consent ends). The state is the same before and after.
func (k Known) Lapse(now time.Time) Known {
	if attempt := k.attempt(now); k.Login != nil && attempt != StateAwaiting {
		k.Standing.Attempt, k.Standing.AttemptAt = StateAbandoned, k.Login.Expires
		k.Login = nil
	}
	if state := grantState(k.Grant, now); k.Grant != nil && !state.HasTokens() {
		ended := *k.Grant
		if state == StateConsentEnded {
			ended.State = GrantConsentEnded
		}
		ended.AccessToken, ended.RefreshToken = "", ""
		k.Grant = &ended
	}
	return k
}

// Fail notes that asking went wrong; the state stays what it is. Nothing is
// asked where there never were tokens.
func (k Known) Fail(cause error, now time.Time) (Known, error) {
	if k.Grant == nil || cause == nil {
		return k, k.refuse("fail", now)
	}
	k.Standing.LastError = lastError(cause, now)
	return k, nil
}

func (k Known) refuse(move string, now time.Time) error {
	return fmt.Errorf("medmij: %s: %w (%s)", move, ErrMove, k.State(now))
}

// lastError keeps the code and the correlation id of an error, and none of its
// text.
func lastError(err error, now time.Time) *LastError {
	last := &LastError{Code: CodeOf(err), Time: now.UTC().Round(0)}
	var own *Error
	if errors.As(err, &own) {
		last.Trace = own.Trace
	}
	return last
}
