package mock

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
)

// sessionLife is how long a person may take to log in.
const sessionLife = time.Hour

// session is one visit of a person to the pages. Its cookie binds it to the
// browser it began in.
type session struct {
	id, cookie string
	step       string // landing, login, consent
	client     Client
	provider   Provider
	share      bool
	services   []string
	persona    Persona
	redirect   *url.URL
	state      string
	challenge  string
	trace      string
	expires    time.Time
}

// loginFace serves the pages. Forms of another site are refused.
func (n *Network) loginFace() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth2/authorize", n.authorize)
	mux.HandleFunc("GET /session/{id}", n.withSession(n.show))
	steps := map[string]func(http.ResponseWriter, *http.Request, *session){
		"continue": n.toLogin, "cancel": n.cancel, "login": n.login, "login-cancel": n.cancel, "consent": n.consent, "deny": n.cancel,
	}
	for name, step := range steps {
		mux.HandleFunc("POST /session/{id}/"+name, n.withSession(step))
	}
	return http.NewCrossOriginProtection().Handler(onlyHosts(mux, hostLogin, "127.0.0.1"))
}

// authorize judges the request. What is wrong with the client or the address
// to return to is told to the person (exception 1a); anything else is told to
// the client (1b).
func (n *Network) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	trace := q.Get("X-Correlation-ID")
	client, known := n.client(q.Get("client_id"))
	redirect, good := redirectOf(q["redirect_uri"], client.Hostname)
	if !known || len(q["client_id"]) != 1 || !good {
		writePage(w, http.StatusBadRequest, "", errorPage, pageData{Trace: trace})
		return
	}
	s := &session{step: "landing", client: client, redirect: redirect, state: q.Get("state"), trace: trace, challenge: q.Get("code_challenge")}
	if code := n.judge(q, s); code != "" {
		s.back(w, url.Values{"error": {code}})
		return
	}
	s.id, s.cookie = n.secret(), n.secret()
	n.mu.Lock()
	s.expires = n.now().Add(sessionLife)
	n.sessions[s.id] = s
	n.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Value: s.cookie, Path: "/session/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/session/"+s.id, http.StatusSeeOther)
}

func (s *session) cookieName() string { return "mock-" + s.id[:8] }

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

// judge fills in the session and gives the error code of what is wrong.
func (n *Network) judge(q url.Values, s *session) string {
	for _, name := range []string{"response_type", "scope", "state"} {
		if len(q[name]) > 1 {
			return "invalid_request"
		}
	}
	switch {
	case q.Get("response_type") == "":
		return "invalid_request"
	case q.Get("response_type") != "code":
		return "unsupported_response_type"
	case len(s.state) < 22 || len(s.state) > 512: // 22: 128 bits in base64
		return "invalid_request"
	case s.challenge != "" && q.Get("code_challenge_method") != "S256":
		return "invalid_request"
	case !n.readScope(q.Get("scope"), s):
		return "invalid_scope"
	}
	return ""
}

// readScope understands "name" (collect all), "name~53" (share one) and
// "name~48 name~49" (collect these, the older form).
func (n *Network) readScope(scope string, s *session) bool {
	for i, item := range strings.Fields(scope) {
		name, id, one := strings.Cut(item, "~")
		p, known := n.world.provider(name)
		if !known || (i > 0 && name != s.provider.Name) || (!one && i > 0) {
			return false
		}
		s.provider = p
		switch {
		case !one:
			s.services = n.collectServices(p, s.client)
		case slices.Contains(p.Services, id) && takesPart(s.client, id):
			s.services = append(s.services, id)
			s.share = serviceOf(id).Direction == medmij.Share
		default:
			return false
		}
	}
	return len(s.services) == 1 || (len(s.services) > 0 && !s.share)
}

// collectServices are those that a scope without a number stands for.
func (n *Network) collectServices(p Provider, c Client) []string {
	var ids []string
	for _, id := range p.Services {
		if serviceOf(id).Direction == medmij.Collect && takesPart(c, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// takesPart tells whether the client list has the service for the client.
func takesPart(c Client, service string) bool {
	return c.Services == nil || slices.Contains(c.Services, service)
}

// withSession finds the session of a page and refuses another browser's.
func (n *Network) withSession(step func(http.ResponseWriter, *http.Request, *session)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		s := n.sessions[r.PathValue("id")]
		late := s != nil && n.now().After(s.expires)
		n.mu.Unlock()
		if s == nil || late {
			writePage(w, http.StatusNotFound, "", errorPage, pageData{})
			return
		}
		c, err := r.Cookie(s.cookieName())
		if err != nil || subtle.ConstantTimeCompare([]byte(c.Value), []byte(s.cookie)) != 1 {
			writePage(w, http.StatusForbidden, "", errorPage, pageData{Trace: s.trace})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		step(w, r, s)
	}
}

// show gives the page of the step the person is at, so going back or reloading
// does no harm.
func (n *Network) show(w http.ResponseWriter, _ *http.Request, s *session) {
	n.mu.Lock()
	step := s.step
	n.mu.Unlock()
	writePage(w, http.StatusOK, s.redirect.Scheme+"://"+s.redirect.Host, pageOf(step), n.pageData(s))
}

// move goes from one step to the next; false: the person is elsewhere, such as
// after pressing a button twice.
func (n *Network) move(s *session, from, to string, then ...func()) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s.step != from {
		return false
	}
	s.step = to
	for _, f := range then {
		f()
	}
	return true
}

// again shows the page anew by a GET, so that reloading sends no form twice.
func (n *Network) again(w http.ResponseWriter, r *http.Request, s *session) {
	http.Redirect(w, r, "/session/"+s.id, http.StatusSeeOther)
}

// toLogin is the button of the first page.
func (n *Network) toLogin(w http.ResponseWriter, r *http.Request, s *session) {
	n.move(s, "landing", "login")
	n.again(w, r, s)
}

// login takes a persona, or any other name: somebody the provider has nothing
// of. Then comes the availability test.
func (n *Network) login(w http.ResponseWriter, r *http.Request, s *session) {
	p, known := n.world.persona(r.PostFormValue("persona"))
	if !known && strings.TrimSpace(r.PostFormValue("name")) == "" {
		n.again(w, r, s)
		return
	}
	if !n.move(s, "login", "consent", func() { s.persona = p }) {
		n.again(w, r, s)
		return
	}
	if !known || !n.world.available(s.provider.Name, p) {
		n.cancel(w, r, s)
		return
	}
	n.again(w, r, s)
}

// cancel ends the session. The client cannot tell a person who refused from a
// provider that has nothing: the framework wants it so.
func (n *Network) cancel(w http.ResponseWriter, _ *http.Request, s *session) {
	n.end(s)
	s.back(w, url.Values{"error": {"access_denied"}})
}

// end makes the pages of a visit unusable.
func (n *Network) end(s *session) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.sessions, s.id)
}

// consent ends the visit with a code. The box for lasting consent does nothing
// when sharing: that is confirmed each time.
func (n *Network) consent(w http.ResponseWriter, r *http.Request, s *session) {
	if !n.move(s, "consent", "done") {
		n.again(w, r, s)
		return
	}
	n.end(s)
	code := n.secret()
	n.mu.Lock()
	n.codes[code] = &grant{
		client: s.client.Hostname, redirectURI: s.redirect.String(), provider: s.provider.Name, services: s.services,
		persona: s.persona, challenge: s.challenge, expires: n.now().Add(codeLife),
		indefinite: !s.share && r.PostFormValue("indefinite") == "on",
	}
	n.mu.Unlock()
	s.back(w, url.Values{"code": {code}})
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
