package medmij

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

const (
	maxToken    = 8 << 10
	tokenLife   = 15 * time.Minute // when the provider does not say
	longestLife = 24 * time.Hour
	bearer      = "Bearer"
	formType    = "application/x-www-form-urlencoded"
	jsonType    = "application/json"
)

// issuer is who tokens come from: the provider itself, or a gateway on the way
// to it. Errors are [*Error]; one of renew has CodeExpired only when the
// provider said that the consent ended.
type issuer interface {
	// proof names the parameter of the callback that is worth tokens.
	proof() string
	// authorize gives the address for the person's browser, and writes into the
	// login what is only known from then on.
	authorize(ctx context.Context, l *Login, state string) (string, error)
	// redeem trades the proof of a callback that was checked for tokens. It
	// offers it once.
	redeem(ctx context.Context, l Login, handle string, callback url.Values) (tokens, error)
	// renew trades the refresh token of a grant, at most once.
	renew(ctx context.Context, g *Grant, correlation string) (tokens, error)
}

// tokens is what an issuer gave.
type tokens struct {
	access, refresh, kind string
	life                  time.Duration
	scope                 string
	correlation           string // of the chain they came in
}

// check refuses what cannot go into a header as a bearer token.
func (t tokens) check() error {
	if !strings.EqualFold(t.kind, bearer) {
		return fmt.Errorf("%w: not a bearer token", errBad)
	}
	if !goodToken(t.access) || t.refresh != "" && !goodToken(t.refresh) {
		return fmt.Errorf("%w: not a token", errBad)
	}
	return nil
}

// goodToken holds for visible ASCII of a sensible length: everything else is
// an attempt to write another header, or a mistake.
func goodToken(s string) bool {
	return s != "" && len(s) <= maxToken && strings.IndexFunc(s, func(r rune) bool { return r < '!' || r > '~' }) < 0
}

// lifetime reads an expires_in: a number of seconds, or one written as text.
// What is absent, cannot be read or is not positive counts as a quarter of an
// hour: the provider refuses the token soon enough. A token that lives longer
// than a day is not believed.
func lifetime(raw json.RawMessage) time.Duration {
	seconds, err := strconv.ParseFloat(strings.Trim(string(raw), `" `), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || !(seconds > 0) {
		return tokenLife
	}
	return time.Duration(min(seconds, longestLife.Seconds()) * float64(time.Second))
}

// provider is the issuer that speaks OAuth with the provider's own endpoints.
type provider struct{ c *Client }

func (p provider) proof() string { return "code" }

// oauth is the library's view of a connection. The client id goes into the
// body: left to itself the library would try two ways, and offer the code
// twice.
func (p provider) oauth(conn Connection, redirect, scope string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.c.cfg.ClientID,
		Endpoint: oauth2.Endpoint{
			AuthURL: conn.Authorization, TokenURL: conn.Token,
			AuthStyle: oauth2.AuthStyleInParams,
		},
		RedirectURL: redirect,
		Scopes:      []string{scope},
	}
}

func (p provider) authorize(_ context.Context, l *Login, state string) (string, error) {
	request := newUUID()
	options := []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam(headerRequestID, request),
		oauth2.SetAuthURLParam(headerCorrelationID, l.CorrelationID),
	}
	if p.c.cfg.PKCE {
		options = append(options, oauth2.S256ChallengeOption(verifierOf(l.Handle)))
	}
	p.c.authorizing(*l, request, l.Connection.Authorization)
	return p.oauth(l.Connection, l.RedirectURI, l.Scope).AuthCodeURL(state, options...), nil
}

// verifierOf is the secret of PKCE, and of a gateway's handoff. It is made of
// the handle, which comes back with the browser: nothing has to be stored that
// would let somebody else redeem the code.
func verifierOf(handle string) string {
	sum := sha256.Sum256([]byte("verifier\n" + handle))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (p provider) redeem(ctx context.Context, l Login, handle string, callback url.Values) (tokens, error) {
	var options []oauth2.AuthCodeOption
	if p.c.cfg.PKCE {
		options = append(options, oauth2.VerifierOption(verifierOf(handle)))
	}
	call := &tokenCall{
		c: p.c, uri: l.Connection.Token, correlation: l.CorrelationID,
		grantType: authorizationCode, initiatedBy: initiatedByPerson,
	}
	return p.ask(ctx, call, "exchange code", CodeLogin, func(ctx context.Context) (*oauth2.Token, error) {
		return p.oauth(l.Connection, l.RedirectURI, l.Scope).Exchange(ctx, callback.Get(p.proof()), options...)
	})
}

// renew sends one request. The library puts the old refresh token in the
// answer when the provider gives no new one.
func (p provider) renew(ctx context.Context, g *Grant, correlation string) (tokens, error) {
	call := &tokenCall{c: p.c, uri: g.Token, correlation: correlation, grantType: renewal, initiatedBy: initiatedBySystem}
	return p.ask(ctx, call, "renew grant", CodeExpired, func(ctx context.Context) (*oauth2.Token, error) {
		cfg := p.oauth(g.Connection, "", "")
		return cfg.TokenSource(ctx, &oauth2.Token{RefreshToken: g.RefreshToken}).Token()
	})
}

func (p provider) ask(
	ctx context.Context, call *tokenCall, op, invalidGrant string, do func(context.Context) (*oauth2.Token, error),
) (tokens, error) {
	ctx, cancel := context.WithTimeout(ctx, p.c.cfg.Limits.TokenCall)
	defer cancel()
	token, err := do(context.WithValue(ctx, oauth2.HTTPClient, call.client()))
	var got tokens
	if err == nil {
		scope, _ := token.Extra("scope").(string)
		got = tokens{
			access: token.AccessToken, refresh: token.RefreshToken, kind: token.TokenType,
			life: call.life, scope: scope, correlation: call.correlation,
		}
		err = got.check()
	}
	if err != nil {
		return tokens{}, call.failed(op, invalidGrant, err)
	}
	return got, nil
}

// exchange trades the proof of a callback for a grant, once.
func (c *Client) exchange(ctx context.Context, l Login, handle string, callback url.Values) (*Grant, error) {
	got, err := c.issuer.redeem(ctx, l, handle, callback)
	if err != nil {
		return nil, err
	}
	granted, err := grantedServices(l, got.scope)
	if err != nil {
		return nil, &Error{Code: CodeBad, Op: "exchange code", Trace: got.correlation, Err: err}
	}
	now := c.cfg.Now()
	return &Grant{
		Connection: l.Connection, Purpose: l.Purpose, State: GrantActive, Granted: granted,
		AccessToken: got.access, RefreshToken: got.refresh,
		Expiry: now.Add(got.life), CorrelationID: got.correlation, Consented: now.UTC().Round(0),
	}, nil
}

// tokenAnswerCode maps the error of a token answer (RFC 6749 5.2). An
// invalid_grant means that the code or the refresh token ended, which is
// another message to the person.
func tokenAnswerCode(oauthError, invalidGrant string) string {
	switch oauthError {
	case "invalid_grant":
		return invalidGrant
	case "invalid_client", "invalid_request", "unauthorized_client", "unsupported_grant_type", "invalid_scope":
		return CodeClient
	}
	return CodeUnavailable
}

// withoutURL takes the address off an error of net/http; the rest says enough.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// noRedirects is how every client of this package treats a redirect.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
