package mock

import (
	"net/http"
	"slices"
	"strings"
)

// tokenFaults change the answer of the token endpoint. What a changed answer
// promises holds: a token that was made longer works, a service that was left
// out of the scope is refused.
func tokenFaults() map[string]faultKind {
	row := func(does string, values []string, edit func(*Network, Fault, *object)) faultKind {
		return faultKind{does: does, at: "token", values: values, wrap: editing(func(n *Network, f Fault, _ *http.Request, a *answer) {
			if o, ok := readObject(a.body); ok {
				edit(n, f, &o)
				a.body = o.raw()
			}
		})}
	}
	return map[string]faultKind{
		"token-error": {
			does: "answers with an OAuth error; the code or refresh token that was offered is gone", at: "token",
			values: []string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "server_error", "temporarily_unavailable"},
			wrap:   faultTokenError,
		},
		"token-json-only": {does: "takes JSON only, as an older mock does", at: "token", wrap: instead(func(_ *Network, _ Fault, w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, http.StatusUnprocessableEntity, map[string]any{"detail": []map[string]any{{"loc": []string{"body"}, "msg": "value is not a valid dict"}}})
		})},
		"token-type": row("gives a token of another type, or of none", []string{"mac", "absent", "lower-case"}, faultTokenType),
		"expires": row("says nothing of how long the token lives, says it as a text, or says zero, less, or a thousand years",
			[]string{"absent", "string", "zero", "negative", "huge"}, faultExpires),
		"no-refresh": row("gives no refresh token", nil, func(n *Network, _ Fault, o *object) {
			n.forgetRefresh(o.text("refresh_token"))
			o.drop("refresh_token")
		}),
		"scope": row("names the services with the provider, leaves the scope out, leaves out all but the first service, or names a provider nobody asked for",
			[]string{"names", "absent", "fewer", "foreign"}, faultScope),
		"access-token": row("gives an access token of 8 KiB, of odd but allowed characters, with a line break in it, or none",
			[]string{"long", "odd", "crlf", "absent"}, faultAccessToken),
		"extra-members": row("adds members that nobody asked for", nil, func(_ *Network, _ Fault, o *object) {
			o.set("id_token", "mock")
			o.set("patient", map[string]any{"mock": []int{1, 2}})
		}),
	}
}

func faultTokenError(n *Network, f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answerOf(next, r)
		if o, ok := readObject(a.body); ok {
			n.forgetRefresh(o.text("refresh_token"))
			n.forgetAccess(o.text("access_token"))
		}
		status := http.StatusBadRequest
		switch f.Value {
		case "invalid_client":
			status = http.StatusUnauthorized
		case "server_error":
			status = http.StatusInternalServerError
		case "temporarily_unavailable":
			status = http.StatusServiceUnavailable
		}
		writeJSON(w, status, oauthError{f.Value, "fault set on purpose"})
	})
}

func faultTokenType(_ *Network, f Fault, o *object) {
	switch f.Value {
	case "mac":
		o.set("token_type", "mac")
	case "absent":
		o.drop("token_type")
	case "lower-case":
		o.set("token_type", "bearer")
	}
}

func faultExpires(_ *Network, f Fault, o *object) {
	switch f.Value {
	case "absent":
		o.drop("expires_in")
	case "string":
		o.set("expires_in", strings.Trim(string(o.get("expires_in")), `"`))
	case "zero":
		o.set("expires_in", 0)
	case "negative":
		o.set("expires_in", -900)
	case "huge":
		o.set("expires_in", int64(1000*365*24*3600))
	}
}

func faultScope(n *Network, f Fault, o *object) {
	g := n.grantOf(o.text("access_token"))
	if g == nil {
		return
	}
	var named []string
	for _, id := range g.services {
		named = append(named, g.asked.provider.Name+"~"+id)
	}
	switch f.Value {
	case "names":
		o.set("scope", strings.Join(named, " "))
	case "absent":
		o.drop("scope")
	case "foreign":
		o.set("scope", "iemand-anders~49 "+strings.Join(g.services, " "))
	case "fewer":
		n.mu.Lock()
		g.services = slices.Clone(g.services[:1])
		n.mu.Unlock()
		o.set("scope", g.services[0])
	}
}

func faultAccessToken(n *Network, f Fault, o *object) {
	was := o.text("access_token")
	var token string
	switch f.Value {
	case "long":
		token = was + strings.Repeat("x", 8<<10-len(was))
	case "odd":
		token = was + "!#$%&'*+-.^_`|~/=:;,?@()[]{}"
	case "crlf":
		token = was + "\r\nX-Mock: 1"
	case "absent":
		o.drop("access_token")
		n.forgetAccess(was)
		return
	}
	n.mu.Lock()
	n.access[token] = n.access[was]
	delete(n.access, was)
	n.mu.Unlock()
	o.set("access_token", token)
}

// grantOf is the grant behind an access token that was given out.
func (n *Network) grantOf(token string) *grant {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.access[token]
}

func (n *Network) forgetAccess(token string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.access, token)
}

func (n *Network) forgetRefresh(token string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.refresh, token)
}
