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

// grant is what a person allowed: the life of a code, of its access token and
// of its refresh token are all this one thing.
type grant struct {
	client, redirectURI string
	platform            int // 0: every provider, for the fixed tokens
	asked               asked
	services            []string // that the token is for
	persona             Persona
	indefinite          bool
	challenge           string // of PKCE, S256; empty: none
	expires             time.Time
	visited             time.Time // last time records were fetched
}

// fixed tells of the tokens that always work.
func (g *grant) fixed() bool { return g.platform == 0 }

func (g *grant) allows(provider, service string) bool {
	return g.fixed() || (g.asked.provider.Name == provider && slices.Contains(g.services, service))
}

// certifies tells whether the client certificate is that of the client.
func certifies(r *http.Request, client string) bool {
	return client != "" && slices.Contains(certified(r), client)
}

// certified gives the host names of the client certificate.
func certified(r *http.Request) []string {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return nil
	}
	return r.TLS.PeerCertificates[0].DNSNames
}

func certifiedName(r *http.Request) string {
	if names := certified(r); len(names) > 0 {
		return names[0]
	}
	return ""
}

// verifies checks a code challenge (PKCE, S256), which MedMij does not ask for
// and clients may send.
func verifies(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	want := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(want), []byte(challenge)) == 1
}

// grantedTokens is what a client gets.
type grantedTokens struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
	Refresh string `json:"refresh_token,omitempty"`
	Scope   string `json:"scope"`
}

// issue makes the tokens of a grant: only for services that the client takes
// part in by the client list of now, and a refresh token only with lasting
// consent.
func (n *Network) issue(w http.ResponseWriter, g *grant) {
	client, _ := n.client(g.client)
	services := slices.DeleteFunc(slices.Clone(g.asked.services), func(id string) bool { return !client.takesPart(id) })
	if len(services) == 0 && g.asked.sub == "" {
		refuse(w, "invalid_scope", "the client takes part in none of the data services")
		return
	}
	answer := grantedTokens{n.secret(), "Bearer", int(accessLife.Seconds()), "", g.asked.answer(services)}
	n.mu.Lock()
	issued := *g
	issued.services, issued.expires = services, n.now().Add(accessLife)
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
	if !ok || len(r.Header.Values("Authorization")) != 1 {
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
	return g
}

// visit notes that records were fetched, from which six months are counted.
func (n *Network) visit(g *grant) {
	n.mu.Lock()
	defer n.mu.Unlock()
	g.visited = n.now()
}
