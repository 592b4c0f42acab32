package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"sync"
	"time"
)

const (
	startPath    = "/start"
	callbackPath = "/oauth/callback"

	longestSession = 12 * time.Hour
	longestLogin   = 30 * time.Minute
	longestStart   = time.Minute

	longestWarning = 60 // seconds before the vault closes; half the time when that is shorter
)

// sessions are the browsers that may see the pages. They live in memory only
// and end with the vault.
type sessions struct {
	name string // of the cookie; another one in every instance, because cookies ignore ports

	mu    sync.Mutex
	known map[[32]byte]session // by the hash of the handle: memory holds no handle
	late  map[[32]byte]session // those that ended with the vault by itself: they may still give what was typed
	start map[[32]byte]startToken
}

// session is one browser: which one, and since when.
type session struct {
	agent [32]byte
	born  time.Time
}

// startToken is a token of a start page.
type startToken struct {
	born time.Time
	used bool
}

// newSessions makes a jar of its own for this instance.
func newSessions() *sessions {
	id := make([]byte, 4)
	rand.Read(id)
	return &sessions{
		name:  "bundel_" + hex.EncodeToString(id),
		known: map[[32]byte]session{}, start: map[[32]byte]startToken{},
	}
}

// handle is a random text of 256 bits.
func handle() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// begin gives the browser behind r a session.
func (s *sessions) begin(w http.ResponseWriter, r *http.Request, now time.Time) {
	h := handle()
	s.mu.Lock()
	s.known[sha256.Sum256([]byte(h))] = session{agent: sha256.Sum256([]byte(r.UserAgent())), born: now}
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: s.name, Value: h, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// valid tells whether r comes from a browser with a session.
func (s *sessions) valid(r *http.Request, now time.Time) bool {
	c, err := r.Cookie(s.name)
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.known[sha256.Sum256([]byte(c.Value))]
	return ok && found.agent == sha256.Sum256([]byte(r.UserAgent())) && now.Sub(found.born) < longestSession
}

// close ends every session because the vault closes. What a browser was about to
// send may still come: see wasHere.
func (s *sessions) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) > 0 {
		s.late = s.known
	}
	s.known = map[[32]byte]session{}
	clear(s.start)
}

// wasHere tells whether r comes from a browser whose session ended with the vault,
// or from one that still has a session.
func (s *sessions) wasHere(r *http.Request, now time.Time) bool {
	if s.valid(r, now) {
		return true
	}
	c, err := r.Cookie(s.name)
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.late[sha256.Sum256([]byte(c.Value))]
	return ok && found.agent == sha256.Sum256([]byte(r.UserAgent()))
}

// end ends every session, and nothing comes after it.
func (s *sessions) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.known)
	clear(s.late)
	clear(s.start)
}

// drop takes the session cookie away.
func (s *sessions) drop(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: s.name, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// loginName is the name of the cookie for a login at a provider.
func (s *sessions) loginName() string { return s.name + "_login" }

// beginLogin gives the browser the cookie that ties a provider's answer to it.
// A Strict cookie is not sent on the way back from a provider, so this one is
// Lax, and holds nothing but its own random text.
func (s *sessions) beginLogin(w http.ResponseWriter, binding string) {
	http.SetCookie(w, &http.Cookie{
		Name: s.loginName(), Value: binding, Path: callbackPath,
		MaxAge: int(longestLogin.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// endLogin gives the text of the login cookie and takes the cookie away.
func (s *sessions) endLogin(w http.ResponseWriter, r *http.Request) (binding string, ok bool) {
	c, err := r.Cookie(s.loginName())
	if err != nil || c.Value == "" {
		return "", false
	}
	http.SetCookie(w, &http.Cookie{Name: s.loginName(), Path: callbackPath, MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return c.Value, true
}

// newStart makes a token that opens one session within a minute.
func (s *sessions) newStart(now time.Time) (token string) {
	token = rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start[sha256.Sum256([]byte(token))] = startToken{born: now}
	return token
}

// What came of a start token.
const (
	startUnknown = iota
	startFine
	startUsed
)

// useStart uses a token. One that comes a second time means that somebody else
// has it: every session ends.
func (s *sessions) useStart(token string, now time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sha256.Sum256([]byte(token))
	t, ok := s.start[key]
	switch {
	case !ok:
		return startUnknown
	case t.used:
		clear(s.known)
		clear(s.late)
		return startUsed
	case now.Sub(t.born) > longestStart:
		return startUnknown
	}
	s.start[key] = startToken{born: t.born, used: true}
	return startFine
}
