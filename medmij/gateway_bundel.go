package medmij

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// bundel1 is the dialect of our own gateways (medmij-protocol.md 6.3): tokens
// are never in an address, and who redeems a login proves to be who began it.
//
// It adds to the proposal: the request for a login has a "state", which the
// gateway sends back with the browser; an answer that came from the provider
// has X-Gateway-Upstream-Base, the provider's base address of the target,
// beside X-Gateway-Upstream-Status; and problems of the types /oauth, with the
// OAuth error of the provider in "error", and /handoff.
type bundel1 struct{ g *Gateway }

// The headers of this dialect.
const (
	headerUpstreamStatus = "X-Gateway-Upstream-Status"
	headerUpstreamBase   = "X-Gateway-Upstream-Base"
)

// outgoing changes nothing: the addresses are the gateway's own.
func (bundel1) outgoing(req *http.Request, _ place) (*http.Request, error) { return req, nil }

func (bundel1) upstream(resp *http.Response, _ place) (string, bool) {
	return resp.Header.Get(headerUpstreamBase), resp.Header.Get(headerUpstreamStatus) != ""
}

// gatewayProblem is an answer of the gateway itself (RFC 9457).
type gatewayProblem struct {
	Type  string `json:"type"`
	OAuth string `json:"error"` // of type /oauth
}

// oauthProblem is what a provider's token endpoint said.
type oauthProblem struct {
	code   string // an OAuth error; empty when the login is not known to the gateway
	status int
}

func (e *oauthProblem) Error() string { return "the provider gave no tokens" }

func (bundel1) problem(resp *http.Response) error {
	var p gatewayProblem
	if kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";"); kind == "application/problem+json" {
		_ = readJSON(resp.Body, mostProblem, &p) // what cannot be read has no type
	}
	switch p.Type[strings.LastIndexByte(p.Type, '/')+1:] {
	case "whitelist":
		return ErrNotAllowed
	case "upstream-tls":
		return errUpstreamTLS
	case "upstream-timeout":
		return errUpstreamTimeout
	case "upstream-unreachable":
		return errUpstream
	case "capability", "request":
		return refusedRequest(resp.StatusCode)
	case "oauth":
		return &oauthProblem{p.OAuth, resp.StatusCode}
	case "handoff":
		return &oauthProblem{"invalid_grant", resp.StatusCode}
	}
	return gatewayFailure(resp.StatusCode)
}

func (b bundel1) issuer(c *Client) issuer { return bundelIssuer{b.g, c} }

type bundelIssuer struct {
	g *Gateway
	c *Client
}

func (bundelIssuer) proof() string { return "handoff_code" }

func (b bundelIssuer) authorize(ctx context.Context, l *Login, state string) (string, error) {
	handle, err := b.g.handle(l.Connection.Authorization)
	if err != nil {
		return "", beginFailed(l, err)
	}
	challenge := sha256.Sum256([]byte(verifierOf(l.Handle)))
	var answer struct {
		URL         string          `json:"authorization_url"`
		Expires     json.RawMessage `json:"expires_in"`
		Correlation string          `json:"correlation_id"`
	}
	err = b.g.ask(ctx, b.c.cfg.Transport.RoundTrip, b.g.base.String()+"/authorizations", map[string]any{
		"connection": handle, "scope_kind": string(l.Purpose), "service_ids": l.Services, "state": state,
		"handoff_challenge": base64.RawURLEncoding.EncodeToString(challenge[:]), "return_url": l.RedirectURI,
	}, &answer)
	if err != nil {
		return "", beginFailed(l, err)
	}
	u, err := b.g.checkPage(answer.URL)
	if err != nil {
		return "", beginFailed(l, err)
	}
	l.CorrelationID = cmp.Or(correlationOf(answer.Correlation), l.CorrelationID)
	if life, err := time.ParseDuration(unquote(answer.Expires) + "s"); err == nil && life > 0 {
		l.Expires = earlier(l.Expires, l.Created.Add(life))
	}
	b.c.authorizing(*l, correlationOf(u.Query().Get(headerRequestID)), (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
	return answer.URL, nil
}

func (b bundelIssuer) redeem(ctx context.Context, l Login, handle string, callback url.Values) (tokens, error) {
	call := &tokenCall{c: b.c, correlation: l.CorrelationID, grantType: authorizationCode, initiatedBy: initiatedByPerson}
	if trace := callback.Get("correlation_id"); trace != "" && !strings.EqualFold(trace, l.CorrelationID) {
		return tokens{}, &Error{Code: CodeLogin, Op: "finish login", Trace: l.CorrelationID, Err: errLogin}
	}
	return b.ask(ctx, call, "exchange code", CodeLogin, map[string]string{
		"grant": "handoff", "handoff_code": callback.Get(b.proof()), "handoff_verifier": verifierOf(handle),
	})
}

func (b bundelIssuer) renew(ctx context.Context, g *Grant, correlation string) (tokens, error) {
	call := &tokenCall{c: b.c, correlation: correlation, grantType: renewal, initiatedBy: initiatedBySystem}
	handle, err := b.g.handle(g.Token)
	if err != nil {
		return tokens{}, call.failed("renew grant", CodeExpired, err)
	}
	return b.ask(ctx, call, "renew grant", CodeExpired, map[string]string{
		"grant": "refresh", "refresh_token": g.RefreshToken, "connection": handle,
	})
}

func (b bundelIssuer) ask(ctx context.Context, call *tokenCall, op, invalidGrant string, body map[string]string) (tokens, error) {
	call.uri = b.g.base.String() + "/tokens"
	var answer struct {
		Access      string          `json:"access_token"`
		Expires     json.RawMessage `json:"expires_in"`
		Refresh     string          `json:"refresh_token"`
		Granted     *[]string       `json:"granted_services"`
		Correlation string          `json:"correlation_id"`
	}
	err := b.g.ask(ctx, call.send, call.uri, body, &answer)
	got := tokens{
		access: answer.Access, refresh: answer.Refresh, kind: bearer, life: lifetime(answer.Expires),
		correlation: cmp.Or(correlationOf(answer.Correlation), call.correlation),
	}
	if answer.Granted != nil {
		got.scope = strings.Join(append(*answer.Granted, noService), " ")
	}
	if err == nil {
		err = got.check()
	}
	if err != nil {
		return tokens{}, call.failed(op, invalidGrant, err)
	}
	return got, nil
}

// noService makes of a list of services a scope that is not empty: an empty
// one would stand for all that was asked, where an empty list grants nothing.
const noService = "-"
