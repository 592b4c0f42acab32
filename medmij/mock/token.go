package mock

import (
	"mime"
	"net/http"
	"net/url"
	"time"
)

// Lifetimes of the framework (medmij-protocol.md 3.2).
const (
	codeLife    = 15 * time.Minute
	accessLife  = 15 * time.Minute
	consentIdle = 6 // months without a visit after which consent lapses
)

// maxForm bounds the body of a token request, in bytes.
const maxForm = 64 << 10

// oauthError is an answer of the token endpoint.
type oauthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// token is the endpoint of a platform for codes and refresh tokens.
func (n *Network) token(w http.ResponseWriter, r *http.Request, platform int) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
	echo(w, r)
	form, fault := n.readForm(w, r)
	if fault != "" {
		refuse(w, "invalid_request", fault)
		return
	}
	n.log.form(r, form)
	for _, name := range []string{"grant_type", "code", "client_id", "redirect_uri", "refresh_token", "code_verifier"} {
		if len(form[name]) > 1 {
			refuse(w, "invalid_request", name+" is given more than once")
			return
		}
	}
	if n.cfg.Lenient && form.Get("client_id") == "" {
		form.Set("client_id", certifiedName(r))
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		n.exchange(w, r, form, platform)
	case "refresh_token":
		n.renew(w, r, form, platform)
	default:
		refuse(w, "unsupported_grant_type", "only authorization_code and refresh_token")
	}
}

// readForm gives the parameters, and what is wrong with the request as such. A
// lenient network takes them from the address too; JSON is never taken.
func (n *Network) readForm(w http.ResponseWriter, r *http.Request) (url.Values, string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // empty when it is none
	inURL := n.cfg.Lenient && r.URL.RawQuery != ""
	switch {
	case kind != "application/x-www-form-urlencoded" && (kind != "" || !inURL):
		return nil, "the body is no form"
	case !n.cfg.Lenient && r.URL.RawQuery != "":
		return nil, "parameters belong in the body"
	case !n.traced(tracing(r.Header)):
		return nil, "MedMij-Request-ID and X-Correlation-ID must be two UUIDs"
	}
	if err := r.ParseForm(); err != nil || len(r.Form) == 0 {
		return nil, "the body is no form"
	}
	return r.Form, ""
}

// tracing takes the two tracing ids from headers.
func tracing(h http.Header) map[string][]string {
	return map[string][]string{"MedMij-Request-ID": h.Values("MedMij-Request-ID"), "X-Correlation-ID": h.Values("X-Correlation-ID")}
}

// echo repeats the id of the request, as platforms do (LOG-05).
func echo(w http.ResponseWriter, r *http.Request) {
	if id := r.Header.Get("MedMij-Request-ID"); id != "" {
		w.Header().Set("MedMij-Request-ID", id)
	}
}

func refuse(w http.ResponseWriter, code, description string) {
	writeJSON(w, http.StatusBadRequest, oauthError{code, description})
}

// exchange takes a code. Whatever is wrong with the offer, the code is gone
// after it.
func (n *Network) exchange(w http.ResponseWriter, r *http.Request, form url.Values, platform int) {
	n.mu.Lock()
	g := n.codes[form.Get("code")]
	delete(n.codes, form.Get("code"))
	late := g != nil && n.now().After(g.expires)
	n.mu.Unlock()
	switch {
	case g == nil || late || g.platform != platform:
		refuse(w, "invalid_grant", "code unknown, used or expired")
	case !certifies(r, form.Get("client_id")) || form.Get("client_id") != g.client:
		writeJSON(w, http.StatusUnauthorized, oauthError{"invalid_client", "certificate, client_id and code do not belong together"})
	case form.Get("redirect_uri") != g.redirectURI:
		refuse(w, "invalid_grant", "redirect_uri is not that of the authorization request")
	case g.challenge != "" && !verifies(form.Get("code_verifier"), g.challenge):
		refuse(w, "invalid_grant", "code_verifier does not fit")
	default:
		n.issue(w, g)
	}
}

// renew takes a refresh token, which ends with it.
func (n *Network) renew(w http.ResponseWriter, r *http.Request, form url.Values, platform int) {
	offered := form.Get("refresh_token")
	n.mu.Lock()
	g := n.refresh[offered]
	fits := g != nil && certifies(r, g.client) && (form.Get("client_id") == "" || form.Get("client_id") == g.client)
	if fits {
		delete(n.refresh, offered)
	}
	lapsed := g != nil && n.now().After(g.visited.AddDate(0, consentIdle, 0))
	n.mu.Unlock()
	switch {
	case g != nil && !fits:
		writeJSON(w, http.StatusUnauthorized, oauthError{"invalid_client", "certificate, client_id and refresh token do not belong together"})
	case g == nil || lapsed || g.platform != platform:
		refuse(w, "invalid_grant", "refresh token unknown, used or lapsed")
	default:
		n.issue(w, g)
	}
}
