package mock

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// sessionLife is how long a person may take to log in.
const sessionLife = time.Hour

// The steps of a visit, each a page.
const (
	stepLanding   = "landing"
	stepLogin     = "login"
	stepCancelled = "cancelled"
	stepConsent   = "consent"
	stepDone      = "done"
)

// session is one visit of a person to the pages. Its cookie binds it to the
// browser it began in.
type session struct {
	id, cookie string
	step       string
	platform   int
	client     Client
	asked      asked
	persona    Persona // whose records it is about
	actor      Persona // who logged in, when that is somebody else
	birth      string  // of the represented person, YYYYMMDD
	redirect   *url.URL
	state      string
	challenge  string
	trace      string
	expires    time.Time
}

func (s *session) cookieName() string { return "mock-" + s.number() }

// number is what a person can tell a helpdesk; it opens nothing.
func (s *session) number() string { return s.id[:8] }

// withSession finds the session of a page and refuses another browser's, and
// one of the other platform.
func (n *Network) withSession(platform int, step func(http.ResponseWriter, *http.Request, *session)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		s := n.sessions[r.PathValue("id")]
		late := s != nil && n.now().After(s.expires)
		n.mu.Unlock()
		if s == nil || late || s.platform != platform {
			writePage(w, http.StatusNotFound, "", errorPage, pageData{Platform: platform})
			return
		}
		c, err := r.Cookie(s.cookieName())
		if err != nil || subtle.ConstantTimeCompare([]byte(c.Value), []byte(s.cookie)) != 1 {
			writePage(w, http.StatusForbidden, "", errorPage, pageData{Trace: s.trace, Number: s.number(), Platform: platform})
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
	n.move(s, stepLanding, stepLogin)
	n.again(w, r, s)
}

// stopLogin shows a page that says the login was stopped, as providers do.
func (n *Network) stopLogin(w http.ResponseWriter, r *http.Request, s *session) {
	n.move(s, stepLogin, stepCancelled)
	n.again(w, r, s)
}

// login takes a persona, or any other name: somebody the provider has nothing
// of. A representative becomes the person that is represented. Then comes the
// availability test, unless the provider leaves that for later.
func (n *Network) login(w http.ResponseWriter, r *http.Request, s *session) {
	p, known := n.world.persona(r.PostFormValue("persona"))
	if name := strings.TrimSpace(r.PostFormValue("name")); !known && name != "" {
		p.Name = name
	} else if !known {
		n.again(w, r, s)
		return
	}
	actor, asChild := Persona{}, s.asked.behalf == forChild
	if s.asked.behalf != "" {
		other, may := n.world.represented(p, s.birth, asChild)
		if !may {
			n.end(s)
			s.back(w, url.Values{"error": {"invalid_scope"}})
			return
		}
		p, actor = other, p
	}
	if !n.move(s, stepLogin, stepConsent, func() { s.persona, s.actor = p, actor }) {
		n.again(w, r, s)
		return
	}
	if !s.asked.provider.LateCheck && !n.mayHave(s.asked.provider.Name, p, asChild) {
		n.cancel(w, r, s)
		return
	}
	n.again(w, r, s)
}

// mayHave is the availability test: old enough, and there is something.
func (n *Network) mayHave(provider string, p Persona, asChild bool) bool {
	return oldEnough(p, asChild, n.today()) && n.world.available(provider, p)
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
	if !n.move(s, stepConsent, stepDone) {
		n.again(w, r, s)
		return
	}
	n.end(s)
	code := n.secret()
	n.mu.Lock()
	n.codes[code] = &grant{
		client: s.client.Hostname, redirectURI: s.redirect.String(), platform: s.platform, asked: s.asked,
		persona: s.persona, challenge: s.challenge, expires: n.now().Add(codeLife),
		indefinite: !s.asked.share && r.PostFormValue("indefinite") == "on",
	}
	n.mu.Unlock()
	s.back(w, url.Values{"code": {code}})
}
