package medmij

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// mgo is the dialect of the ministry's gateway (medmij-protocol.md 6.2). It
// hands tokens over in the query of the callback and takes a refresh token in
// a query; a client can only take care to keep neither. It carries reads only,
// so nothing can be shared through it, and it does not tell a consent that
// ended from other trouble at a provider.
type mgo struct{ g *Gateway }

// The headers of this dialect.
const (
	mgoTarget   = "X-MGO-DVA-TARGET"
	mgoToken    = "X-MGO-ACCESS-TOKEN"
	mgoProvider = "X-MGO-HEALTHCARE-PROVIDER-ID"
	mgoService  = "X-MGO-DATASERVICE-ID"
	mgoMedia    = "X-MGO-MEDIA-RESOURCE-URL"
	mgoForward  = "X-MGO-PROXY-FORWARD-URL"
)

// mgoLogin is how long the gateway knows a login.
const mgoLogin = 15 * time.Minute

// A target of this dialect has what its headers need beside the handle.
func mgoTargetOf(handle, service, provider string) string {
	return handle + "~" + service + "~" + bareName(provider)
}

func (m mgo) outgoing(req *http.Request, p place) (*http.Request, error) {
	if req.Method != http.MethodGet {
		return nil, fmt.Errorf("sending through this gateway: %w", ErrNotSupported)
	}
	handle, rest, _ := strings.Cut(p.target, "~")
	service, provider, _ := strings.Cut(rest, "~")
	out := req.Clone(req.Context())
	out.Host = ""
	out.Header.Del("Authorization")
	out.Header.Set(mgoTarget, handle)
	out.Header.Set(mgoService, service)
	out.Header.Set(mgoProvider, provider)
	out.Header.Set(mgoToken, strings.TrimPrefix(req.Header.Get("Authorization"), bearer+" "))
	u := *m.g.base
	u.RawPath, u.RawQuery = u.EscapedPath()+"/fhir/"+p.rest, p.query
	if p.part == partMedia {
		out.Header.Set(mgoMedia, req.URL.Query().Get("url"))
		u.RawPath, u.RawQuery = m.g.base.EscapedPath()+"/gateway", ""
	}
	u.Path, _ = url.PathUnescape(u.RawPath)
	out.URL = &u
	return out, nil
}

// upstream takes off the address that the gateway asked what was asked of the
// gateway. What it put in between, or left out, is then part of the base.
func (mgo) upstream(resp *http.Response, p place) (string, bool) {
	forwarded := resp.Header.Get(mgoForward)
	if forwarded == "" {
		return "", resp.StatusCode < 300
	}
	address, _, _ := strings.Cut(forwarded, "?")
	base, ok := strings.CutSuffix(address, "/"+p.rest)
	if !ok {
		return "", true
	}
	return base, true
}

// problem reads the several shapes that errors have here.
func (mgo) problem(resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusForbidden:
		return ErrNotAllowed
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return refusedRequest(resp.StatusCode)
	case http.StatusBadGateway:
		return errUpstream
	case http.StatusGatewayTimeout:
		return errUpstreamTimeout
	}
	return gatewayFailure(resp.StatusCode)
}

func (m mgo) issuer(c *Client) issuer { return mgoIssuer{m.g, c} }

type mgoIssuer struct {
	g *Gateway
	c *Client
}

func (mgoIssuer) proof() string { return "access_code" }

// authorize gives the gateway an address to come back to that has our state in
// it: the gateway's own is not bound to a browser and works more than once.
func (m mgoIssuer) authorize(ctx context.Context, l *Login, state string) (string, error) {
	authorization, err := m.g.handle(l.Connection.Authorization)
	if err != nil {
		return "", beginFailed(l, err)
	}
	token, err := m.g.handle(l.Connection.Token)
	if err != nil {
		return "", beginFailed(l, err)
	}
	if l.Purpose == Share {
		return "", fmt.Errorf("medmij: begin login: sending through this gateway: %w", ErrNotSupported)
	}
	var answer struct {
		URL string `json:"url_to_request"`
	}
	err = m.g.ask(ctx, m.c.cfg.Transport.RoundTrip, m.g.base.String()+"/getstate", map[string]string{
		"authorization_server_url": authorization, "token_endpoint_url": token, "medmij_scope": l.Scope,
		"client_target_url": l.RedirectURI + "?" + url.Values{"state": {state}}.Encode(),
	}, &answer)
	if err != nil {
		return "", beginFailed(l, err)
	}
	// It writes the scope as it is, so an "&" in a name would end it.
	page := strings.Replace(answer.URL, "scope="+l.Scope+"&", "scope="+url.QueryEscape(l.Scope)+"&", 1)
	u, err := m.g.checkPage(page)
	if err != nil {
		return "", beginFailed(l, err)
	}
	q := u.Query()
	l.CorrelationID = cmp.Or(correlationOf(q.Get(headerCorrelationID)), l.CorrelationID)
	l.Expires = earlier(l.Expires, l.Created.Add(mgoLogin))
	m.c.authorizing(*l, correlationOf(q.Get(headerRequestID)), plainAddress(&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}))
	return page, nil
}

// redeem reads the tokens from the callback itself. Values come unencoded, so
// a plus arrives as a space; what is missing arrives as "None".
func (m mgoIssuer) redeem(_ context.Context, l Login, _ string, callback url.Values) (tokens, error) {
	value := func(name string) string {
		if v := callback.Get(name); v != "None" && v != "null" {
			return v
		}
		return ""
	}
	got := tokens{
		access:  strings.ReplaceAll(value("access_code"), " ", "+"),
		refresh: strings.ReplaceAll(value("refresh_code"), " ", "+"),
		kind:    cmp.Or(value("token_type"), bearer), scope: value("scope"),
		life: lifetime(json.RawMessage(value("expires_in"))), correlation: l.CorrelationID,
	}
	failed := &Error{Code: CodeBad, Op: "finish login", Trace: l.CorrelationID, Err: errBad}
	for _, name := range [...]string{"access_code", "refresh_code", "token_type", "expires_in", "scope", "correlation_id"} {
		if len(callback[name]) > 1 {
			return tokens{}, failed
		}
	}
	if trace := value("correlation_id"); trace != "" && !strings.EqualFold(trace, l.CorrelationID) {
		return tokens{}, &Error{Code: CodeLogin, Op: "finish login", Trace: l.CorrelationID, Err: errLogin}
	}
	if got.check() != nil {
		return tokens{}, failed
	}
	return got, nil
}

func (m mgoIssuer) renew(ctx context.Context, g *Grant, correlation string) (tokens, error) {
	address := m.g.base.String() + "/auth/refresh"
	call := &tokenCall{c: m.c, uri: address, correlation: correlation, grantType: renewal, initiatedBy: initiatedBySystem}
	handle, err := m.g.handle(g.Token)
	if err != nil {
		return tokens{}, call.failed("renew grant", CodeExpired, err)
	}
	query := url.Values{"token_endpoint_url": {handle}, "refresh_token": {g.RefreshToken}, "correlation_id": {correlation}}
	var answer struct {
		Access  string          `json:"access_token"`
		Type    string          `json:"token_type"`
		Expires json.RawMessage `json:"expires_in"`
		Refresh string          `json:"refresh_token"`
		Scope   string          `json:"scope"`
	}
	err = m.g.ask(ctx, call.send, address+"?"+query.Encode(), nil, &answer)
	got := tokens{
		access: answer.Access, refresh: answer.Refresh, kind: cmp.Or(answer.Type, bearer),
		life: lifetime(answer.Expires), scope: answer.Scope, correlation: correlation,
	}
	if err == nil {
		err = got.check()
	}
	if err != nil {
		return tokens{}, call.failed("renew grant", CodeExpired, err)
	}
	return got, nil
}

// correlationOf accepts what looks like a UUID: it goes into headers and logs.
func correlationOf(s string) string {
	if len(s) != 36 || strings.Trim(strings.ToLower(s), "0123456789abcdef-") != "" {
		return ""
	}
	return s
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
