package medmij

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

const (
	maxToken      = 8 << 10
	tokenLife     = 15 * time.Minute // when the provider does not say
	longestLife   = 24 * time.Hour
	bearer        = "Bearer"
	formType      = "application/x-www-form-urlencoded"
	jsonType      = "application/json"
	tokenTooOften = "a token request is sent once"
)

// oauth is the library's view of a login. The client id goes into the body:
// left to itself the library would try two ways, and offer the code twice.
func (c *Client) oauth(l Login) *oauth2.Config {
	return &oauth2.Config{
		ClientID: c.cfg.ClientID,
		Endpoint: oauth2.Endpoint{
			AuthURL: l.Connection.Authorization, TokenURL: l.Connection.Token,
			AuthStyle: oauth2.AuthStyleInParams,
		},
		RedirectURL: l.RedirectURI,
		Scopes:      []string{l.Scope},
	}
}

// tokenCall is the transport of one token request: it adds the ids, keeps the
// chain log, bounds the answer, and sends no second request.
type tokenCall struct {
	c           *Client
	conn        Connection
	correlation string
	grantType   string
	initiatedBy string
	used        atomic.Bool
	status      int
}

func (t *tokenCall) client() *http.Client {
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

// RoundTrip implements [http.RoundTripper].
func (t *tokenCall) RoundTrip(req *http.Request) (*http.Response, error) {
	// One code, one offer: whatever a library on top may think of.
	if t.used.Swap(true) {
		return nil, errors.New(tokenTooOften)
	}
	id := newUUID()
	req = req.Clone(req.Context())
	identify(req, id, t.correlation)
	req.Header.Set("Accept", jsonType)
	req.Header.Set("User-Agent", t.c.cfg.UserAgent)
	t.c.event(eventToken, t.correlation, Event{Request: &EventRequest{
		ID: id, Method: req.Method, ClientID: t.c.cfg.ClientID, ServerID: req.URL.Hostname(),
		URI: t.conn.Token, GrantType: t.grantType, InitiatedBy: t.initiatedBy,
	}})
	resp, err := t.c.cfg.Transport.RoundTrip(req)
	t.c.answered(eventTokenAnswer, eventTokenError, t.correlation, id, resp, err)
	if err != nil {
		return nil, err
	}
	t.status = resp.StatusCode
	if err := checkTokenAnswer(resp); err != nil {
		resp.Body.Close()
		return nil, err
	}
	limited := io.LimitReader(resp.Body, t.c.cfg.Limits.Answer)
	resp.Body = struct {
		io.Reader
		io.Closer
	}{limited, resp.Body}
	return resp, nil
}

// checkTokenAnswer keeps from the library what it would read too generously: a
// redirect, and a form or a page where JSON was asked.
func checkTokenAnswer(resp *http.Response) error {
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return ErrRedirect
	}
	// An error answer may have any type: its status says enough.
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode < 300 && (err != nil || kind != jsonType) {
		return errType
	}
	if kind == formType || kind == "text/plain" {
		return &statusError{resp.StatusCode}
	}
	return nil
}

// exchange trades the code for tokens, once.
func (c *Client) exchange(ctx context.Context, l Login, code string) (*Grant, error) {
	call := &tokenCall{
		c: c, conn: l.Connection, correlation: l.CorrelationID,
		grantType: authorizationCode, initiatedBy: initiatedByPerson,
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Limits.TokenCall)
	defer cancel()
	token, err := c.oauth(l).Exchange(context.WithValue(ctx, oauth2.HTTPClient, call.client()), code)
	if err == nil {
		err = checkToken(token)
	}
	if err != nil {
		return nil, c.tokenError("exchange code", CodeLogin, call, err)
	}
	now := c.cfg.Now()
	return &Grant{
		Connection: l.Connection, Purpose: l.Purpose, State: GrantActive,
		Granted:     grantedServices(l, token),
		AccessToken: token.AccessToken, RefreshToken: token.RefreshToken,
		Expiry: now.Add(lifeOf(token)), CorrelationID: l.CorrelationID, Consented: now.UTC().Round(0),
	}, nil
}

// tokenError makes an error of ours. The library's own text can hold the
// provider's answer, so it goes no further.
// An invalid_grant means that the code or the refresh token ended, which is
// another message to the person.
func (c *Client) tokenError(op, invalidGrant string, call *tokenCall, err error) error {
	e := &Error{Op: op, Trace: call.correlation}
	var answer *oauth2.RetrieveError
	switch {
	case errors.As(err, &answer):
		e.Code, e.Err = tokenAnswerCode(answer, invalidGrant), &statusError{call.status}
	case call.status >= 200 && call.status < 300 && !untrusted(err) && !isTimeout(err):
		e.Code, e.Err = CodeBad, errBad
	default:
		e.Code, e.Err = codeOf(err), withoutURL(err)
	}
	c.warn("token request failed", e.Code, e.Trace)
	return e
}

func isTimeout(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

func tokenAnswerCode(answer *oauth2.RetrieveError, invalidGrant string) string {
	switch answer.ErrorCode {
	case "invalid_grant":
		return invalidGrant
	case "invalid_client", "invalid_request", "unauthorized_client", "unsupported_grant_type", "invalid_scope":
		return CodeClient
	}
	return CodeUnavailable
}

// checkToken refuses what cannot go into a header as a bearer token.
func checkToken(token *oauth2.Token) error {
	if !strings.EqualFold(token.TokenType, bearer) {
		return fmt.Errorf("%w: not a bearer token", errBad)
	}
	if !goodToken(token.AccessToken) || token.RefreshToken != "" && !goodToken(token.RefreshToken) {
		return fmt.Errorf("%w: not a token", errBad)
	}
	return nil
}

// goodToken holds for visible ASCII of a sensible length: everything else is
// an attempt to write another header, or a mistake.
func goodToken(s string) bool {
	return s != "" && len(s) <= maxToken && strings.IndexFunc(s, func(r rune) bool { return r < '!' || r > '~' }) < 0
}

// lifeOf does not believe a token that never ends, nor one that ended before
// it came: the provider refuses it soon enough.
func lifeOf(token *oauth2.Token) time.Duration {
	if token.ExpiresIn <= 0 {
		return tokenLife
	}
	return min(time.Duration(token.ExpiresIn)*time.Second, longestLife)
}

// withoutURL takes the address off an error of net/http; the rest says enough.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
