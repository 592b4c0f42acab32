package mock

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
)

// The lengths a state may have (medmij-protocol.md 3.4); 22 is 128 bits in
// base64.
const (
	minState = 22
	maxState = 512
)

// loginFace serves the pages of a platform. Forms of another site are refused.
func (n *Network) loginFace(platform int) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth2/authorize", func(w http.ResponseWriter, r *http.Request) { n.authorize(w, r, platform) })
	mux.HandleFunc("GET /session/{id}", n.withSession(platform, n.show))
	steps := map[string]func(http.ResponseWriter, *http.Request, *session){
		"continue": n.toLogin, "cancel": n.cancel, "login": n.login, "login-cancel": n.stopLogin,
		"back": n.cancel, "consent": n.consent, "deny": n.cancel,
	}
	for name, step := range steps {
		mux.HandleFunc("POST /session/{id}/"+name, n.withSession(platform, step))
	}
	return http.NewCrossOriginProtection().Handler(onlyHosts(mux, n.loginHost(platform), "127.0.0.1"))
}

// authorize judges the request. What is wrong with the client or the address
// to return to is told to the person (exception 1a); anything else is told to
// the client (1b).
func (n *Network) authorize(w http.ResponseWriter, r *http.Request, platform int) {
	q := r.URL.Query()
	client, known := n.client(q.Get("client_id"))
	redirect, good := redirectOf(q["redirect_uri"], client.Hostname)
	s := &session{
		step: stepLanding, platform: platform, client: client, redirect: redirect, state: q.Get("state"),
		trace: traceOf(q), challenge: q.Get("code_challenge"),
	}
	s.id, s.cookie = n.secret(), n.secret()
	if !known || len(q["client_id"]) != 1 || !good {
		writePage(w, http.StatusBadRequest, "", errorPage, pageData{Trace: s.trace, Number: s.number(), Platform: platform})
		return
	}
	if code := n.judge(q, s); code != "" {
		s.back(w, url.Values{"error": {code}})
		return
	}
	n.mu.Lock()
	s.expires = n.now().Add(sessionLife)
	n.sessions[s.id] = s
	n.mu.Unlock()
	http.SetCookie(w, &http.Cookie{
		Name: s.cookieName(), Value: s.cookie, Path: "/session/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	})
	http.Redirect(w, r, "/session/"+s.id, http.StatusSeeOther)
}

// traceOf is the correlation id for the page that tells of a fault. Other text
// is not shown: anybody could put words there.
func traceOf(q url.Values) string {
	if id := q.Get("X-Correlation-ID"); anyUUID.MatchString(id) {
		return id
	}
	return ""
}

// redirectOf accepts an https address on the client's own host, and in this
// development form the callback on a loopback port.
func redirectOf(given []string, clientHost string) (*url.URL, bool) {
	if len(given) != 1 {
		return nil, false
	}
	u, err := url.Parse(given[0])
	if err != nil || u.Fragment != "" || u.User != nil || clientHost == "" {
		return nil, false
	}
	loopback := u.Scheme == "http" && u.Hostname() == "127.0.0.1" && u.Port() != "" && u.Path == "/oauth/callback" && u.RawQuery == ""
	return u, loopback || (u.Scheme == "https" && u.Hostname() == clientHost)
}

var (
	anyUUID   = regexp.MustCompile(`^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	uuid4     = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	birthDate = regexp.MustCompile(`^[0-9]{8}$`)
)

// traced tells whether a request has the two ids by which a chain is followed,
// each once; they are different ones. A lenient network asks for none.
func (n *Network) traced(values map[string][]string) bool {
	request, chain := values["MedMij-Request-ID"], values["X-Correlation-ID"]
	good := len(request) == 1 && len(chain) == 1 && uuid4.MatchString(request[0]) && uuid4.MatchString(chain[0])
	return n.cfg.Lenient || (good && request[0] != chain[0])
}

// judge fills in the session and gives the error code of what is wrong.
func (n *Network) judge(q url.Values, s *session) string {
	for _, name := range []string{"response_type", "scope", "state", "code_challenge", "code_challenge_method", "MedMij_geboortedatum"} {
		if len(q[name]) > 1 {
			return "invalid_request"
		}
	}
	switch {
	case q.Get("response_type") == "":
		return "invalid_request"
	case q.Get("response_type") != "code":
		return "unsupported_response_type"
	case len(s.state) < minState || len(s.state) > maxState, !n.traced(q):
		return "invalid_request"
	case s.challenge != "" && q.Get("code_challenge_method") != "S256":
		return "invalid_request"
	}
	var good bool
	if s.asked, good = n.readScope(q.Get("scope"), s.client, s.platform); !good {
		return "invalid_scope"
	}
	s.birth = q.Get("MedMij_geboortedatum")
	if s.asked.behalf != "" && !birthDate.MatchString(s.birth) {
		return "invalid_request"
	}
	return ""
}

// back sends the browser to the client.
func (s *session) back(w http.ResponseWriter, answer url.Values) {
	if s.state != "" {
		answer.Set("state", s.state)
	}
	to := *s.redirect
	to.RawQuery = answer.Encode()
	w.Header().Set("Location", to.String())
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(http.StatusSeeOther)
}

func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return r.Host
}
