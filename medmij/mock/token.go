package mock

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
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

// grant is what a person allowed: the life of a code, of its access token and
// of its refresh token are all this one thing.
type grant struct {
	client, redirectURI string
	provider            string // empty: every provider, for the fixed tokens
	services            []string
	persona             Persona
	indefinite          bool
	challenge           string // of PKCE, S256; empty: none
	expires             time.Time
	visited             time.Time // last time records were fetched
}

func (g *grant) allows(provider, service string) bool {
	return g.provider == "" || (g.provider == provider && slices.Contains(g.services, service))
}

// oauthError is an answer of the token endpoint.
type oauthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// token is the endpoint for codes and refresh tokens.
func (n *Network) token(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if r.URL.RawQuery != "" {
		refuse(w, "invalid_request", "parameters belong in the body")
		return
	}
	if err := r.ParseForm(); err != nil || len(r.PostForm) == 0 {
		refuse(w, "invalid_request", "the body is no form")
		return
	}
	n.log.form(r, r.PostForm)
	for _, name := range []string{"grant_type", "code", "client_id", "redirect_uri", "refresh_token"} {
		if len(r.PostForm[name]) > 1 {
			refuse(w, "invalid_request", name+" is given more than once")
			return
		}
	}
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		n.exchange(w, r)
	case "refresh_token":
		n.renew(w, r)
	default:
		refuse(w, "unsupported_grant_type", "only authorization_code and refresh_token")
	}
}

func refuse(w http.ResponseWriter, code, description string) {
	writeJSON(w, http.StatusBadRequest, oauthError{code, description})
}

// exchange takes a code. Whatever is wrong with the offer, the code is gone
// after it.
func (n *Network) exchange(w http.ResponseWriter, r *http.Request) {
	form := r.PostForm
	n.mu.Lock()
	g := n.codes[form.Get("code")]
	delete(n.codes, form.Get("code"))
	late := g != nil && n.now().After(g.expires)
	n.mu.Unlock()
	switch {
	case g == nil || late:
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

// certifies tells whether the client certificate is that of the client.
func certifies(r *http.Request, client string) bool {
	return client != "" && r.TLS != nil && len(r.TLS.PeerCertificates) > 0 &&
		slices.Contains(r.TLS.PeerCertificates[0].DNSNames, client)
}

// verifies checks a code challenge (PKCE, S256), which MedMij does not ask for
// and clients may send.
func verifies(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	want := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(want), []byte(challenge)) == 1
}

// renew takes a refresh token, which ends with it.
func (n *Network) renew(w http.ResponseWriter, r *http.Request) {
	offered := r.PostForm.Get("refresh_token")
	n.mu.Lock()
	g := n.refresh[offered]
	if g != nil && certifies(r, g.client) {
		delete(n.refresh, offered)
	}
	lapsed := g != nil && n.now().After(g.visited.AddDate(0, consentIdle, 0))
	n.mu.Unlock()
	switch {
	case g != nil && !certifies(r, g.client):
		writeJSON(w, http.StatusUnauthorized, oauthError{"invalid_client", "the certificate is of another client"})
	case g == nil || lapsed:
		refuse(w, "invalid_grant", "refresh token unknown, used or lapsed")
	default:
		n.issue(w, g)
	}
}

// issue makes the tokens of a grant; a refresh token only with lasting consent.
func (n *Network) issue(w http.ResponseWriter, g *grant) {
	answer := struct {
		Access  string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int    `json:"expires_in"`
		Refresh string `json:"refresh_token,omitempty"`
		Scope   string `json:"scope"`
	}{n.secret(), "Bearer", int(accessLife.Seconds()), "", strings.Join(g.services, " ")}
	n.mu.Lock()
	issued := *g
	issued.expires = n.now().Add(accessLife)
	if issued.visited.IsZero() {
		issued.visited = n.now()
	}
	n.access[answer.Access] = &issued
	if g.indefinite {
		answer.Refresh = n.secret()
		n.refresh[answer.Refresh] = &issued
	}
	n.mu.Unlock()
	writeJSON(w, http.StatusOK, answer)
}

// bearer finds the grant of a request; nil: no token that holds now. A token
// in the URL is none.
func (n *Network) bearer(r *http.Request) *grant {
	value, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || len(r.TLS.PeerCertificates) == 0 {
		return nil
	}
	for _, p := range n.Personas {
		if p.Token != "" && subtle.ConstantTimeCompare([]byte(value), []byte(p.Token)) == 1 {
			return &grant{persona: p}
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	g := n.access[value]
	if g == nil || n.now().After(g.expires) || !certifies(r, g.client) {
		return nil
	}
	g.visited = n.now()
	return g
}
