package medmij

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"time"
)

// Finish ends a login with what the browser brought back: the handle of its
// cookie and the query of the redirect address. A Login is good for one
// Finish: the caller takes it out of its store, durably, before the call, and
// never puts it back, whatever the outcome. Within one Client a second one is
// refused in any case. The code is offered once at most: only a connection
// that could not be made is tried again.
//
// Every error is an [*Error]: CodeLogin when nothing was sent because the
// callback is not one of this login; CodeCancel, CodeClient or CodeUnavailable
// for what the provider answered; otherwise what went wrong at the exchange.
func (c *Client) Finish(ctx context.Context, l Login, handle string, callback url.Values) (*Grant, error) {
	err := c.checkCallback(l, handle, callback)
	if codeOf(err) != CodeLogin && !c.spend(l) {
		err = &Error{Code: CodeLogin, Op: "finish login", Trace: l.CorrelationID, Err: errLogin}
	}
	if err != nil {
		description := codeOf(err)
		c.event(eventAuthorizationError, l.CorrelationID, Event{Error: &EventError{
			Code: oauthError(callback), Description: description,
		}})
		c.warn("login failed", description, l.CorrelationID)
		return nil, err
	}
	c.event(eventAuthorizationAnswer, l.CorrelationID, Event{})
	return c.exchange(ctx, l, handle, callback)
}

// spend marks a login as used, before anything is sent; false when it was used
// already.
func (c *Client) spend(l Login) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.cfg.Now()
	maps.DeleteFunc(c.spent, func(_ string, expires time.Time) bool { return now.After(expires) })
	if _, used := c.spent[l.StateHash]; used {
		return false
	}
	c.spent[l.StateHash] = l.Expires
	return true
}

// checkCallback does the checks of 3.6 in their order.
func (c *Client) checkCallback(l Login, handle string, callback url.Values) error {
	fail := func(code string, err error) error {
		return &Error{Code: code, Op: "finish login", Trace: l.CorrelationID, Err: err}
	}
	proof := c.issuer.proof()
	for _, name := range [...]string{proof, "state", "error", "iss"} {
		if len(callback[name]) > 1 {
			return fail(CodeLogin, errLogin)
		}
	}
	refused := callback.Get("error")
	// Only who began may finish: nothing else is looked at before that is sure.
	switch {
	case !l.Matches(callback.Get("state")), !sameSecret(handle, l.HandleHash):
		return fail(CodeLogin, errLogin)
	case !c.cfg.Now().Before(l.Expires), c.cfg.Now().Before(l.Created.Add(-time.Minute)):
		return fail(CodeLogin, errLogin)
	case (callback.Get(proof) == "") == (refused == ""):
		return fail(CodeLogin, errLogin)
	case callback.Get("iss") != "" && hostOf(callback.Get("iss")) != hostOf(l.Connection.Authorization):
		return fail(CodeLogin, errLogin)
	case refused != "":
		return fail(callbackCode(refused), errors.New("the provider gave no code"))
	}
	return nil
}

// callbackCode maps the error of an authorization answer (3.5). What is not
// known counts as trouble at the provider.
func callbackCode(oauthError string) string {
	switch oauthError {
	case "access_denied":
		return CodeCancel
	case "invalid_request", "invalid_scope", "unauthorized_client", "unsupported_response_type":
		return CodeClient
	}
	return CodeUnavailable
}

// oauthError is the error of the callback if it is a known one: anything else
// is the provider's text and stays out of the log.
func oauthError(callback url.Values) string {
	switch e := callback.Get("error"); e {
	case "access_denied", "invalid_request", "invalid_scope", "unauthorized_client",
		"unsupported_response_type", "server_error", oauthUnavailable:
		return e
	}
	return oauthOther
}
