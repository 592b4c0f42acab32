package web

import (
	"context"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// draftPath takes what is being typed, for when the vault closes. It does not keep
// the vault open: a page sends it also when nobody is there any more.
const draftPath = "/concept"

// stayPath is what the warning's button asks, and a page on which somebody types:
// the same, and the idle time begins anew.
const stayPath = "/leef"

// Names of what comes beside the fields of a form.
const (
	draftPage   = "~blad" // the page on which it stands
	draftAction = "~naar" // where the form goes
)

// longestDraft is how long before closing the last of it may have come, beside
// the idle time. What is older belongs to a page that was left.
const longestDraft = 2 * time.Minute

// drafts is what was being typed, sealed to a key in the vault: while that is
// closed nothing here can be read, and it is never written anywhere. There is one,
// the newest.
type drafts struct {
	mu      sync.Mutex
	key     hpke.PublicKey // nil until a page on which one types was shown
	sealed  []byte         // nil: nothing was being typed
	page    string         // address of the page; it tells nothing of the person
	at      time.Time
	waiting bool // the vault was opened again, and the person has not seen it
}

// draft is what was being typed in one form.
type draft struct {
	Action string
	Fields url.Values
}

// writable tells whether what is typed in a form is kept for the person when the
// vault closes. No form that asks for a secret is among them.
func writable(pattern string) bool {
	switch strings.TrimPrefix(pattern, "POST ") {
	case "/x/{key}", "/e/{number}", "/e/mijn/{id}/pas", "/u/{key}/doel", "/p/{number}", "/d", "/d/nieuw",
		"/d/link/nieuw", "/d/link/code", "/d/vragen/{key}", "/i/{key}/vraag/{recipient}":
		return true
	}
	return false
}

// routeOf is the pattern that answers a request for a path.
func (s *Server) routeOf(method, path string) string {
	r, err := http.NewRequest(method, path, nil)
	if err != nil || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return ""
	}
	_, pattern := s.mux.Handler(r)
	return pattern
}

// readyDrafts gets the key that seals, as long as the vault can give it. Without
// one nothing is kept, and the pages say so.
func (s *Server) readyDrafts(ctx context.Context, pattern string) {
	if s.drafts.ready() || !writable(strings.Replace(pattern, "GET ", "POST ", 1)) && pattern != "POST "+draftPath && pattern != "POST "+stayPath {
		return
	}
	private, err := s.Desk.DraftKey(ctx)
	if err != nil {
		return
	}
	defer clear(private)
	if key, err := ecdh.X25519().NewPrivateKey(private); err == nil {
		if public, err := hpke.NewDHKEMPublicKey(key.PublicKey()); err == nil {
			s.drafts.use(public)
		}
	}
}

// keepDraft seals what was typed on a page. It tells whether it was kept.
func (s *Server) keepDraft(page, action string, fields url.Values) bool {
	if !writable(s.routeOf(http.MethodPost, action)) || !s.isPage(page) {
		return false
	}
	delete(fields, draftPage)
	delete(fields, draftAction)
	plain, err := json.Marshal(draft{action, fields})
	if err != nil {
		return false
	}
	defer clear(plain)
	return s.drafts.seal(plain, page, s.Now())
}

// isPage tells whether an address is one of the pages that a person can go to.
func (s *Server) isPage(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host != "" || u.Scheme != "" || strings.ContainsAny(address, "\\\r\n") {
		return false
	}
	pattern := s.routeOf(http.MethodGet, u.Path)
	return pattern != "" && pattern != "GET /"
}

// stillTyping is what a page sends while somebody types: nothing is stored.
func stillTyping(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	v.s.keepDraft(r.PostFormValue(draftPage), r.PostFormValue(draftAction), r.PostForm)
	w.WriteHeader(http.StatusNoContent)
	return nil, nil
}

// afterOpening is where somebody goes who opens the vault: to what they were
// typing when it closed, or to the first page.
func (s *Server) afterOpening() string {
	s.drafts.mu.Lock()
	defer s.drafts.mu.Unlock()
	s.drafts.key = nil // the vault may have another one by now
	if s.drafts.sealed == nil {
		return "/"
	}
	s.drafts.waiting = true
	return s.drafts.page
}

// draftFor gives back what was being typed on a page, once; nil when nothing was.
func (s *Server) draftFor(r *http.Request) *draft {
	sealed := s.drafts.take(r)
	if sealed == nil {
		return nil
	}
	private, err := s.Desk.DraftKey(r.Context())
	if err != nil {
		return nil
	}
	defer clear(private)
	plain, err := openDraft(private, sealed)
	if err != nil {
		return nil
	}
	defer clear(plain)
	var d draft
	if json.Unmarshal(plain, &d) != nil {
		return nil
	}
	return &d
}

// draftInfo binds what is sealed to this use of the key.
func draftInfo() []byte { return []byte("bundel draft v1") }

func openDraft(private, sealed []byte) ([]byte, error) {
	key, err := ecdh.X25519().NewPrivateKey(private)
	if err != nil {
		return nil, err
	}
	opens, err := hpke.NewDHKEMPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return hpke.Open(opens, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), draftInfo(), sealed)
}

func (d *drafts) ready() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.key != nil
}

func (d *drafts) use(key hpke.PublicKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.key = key
}

func (d *drafts) seal(plain []byte, page string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.key == nil {
		return false
	}
	sealed, err := hpke.Seal(d.key, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), draftInfo(), plain)
	if err != nil {
		return false
	}
	d.sealed, d.page, d.at, d.waiting = sealed, page, now, false
	return true
}

// take gives what is sealed to the page that it belongs to, after the vault was
// opened again. From then on it is the page that has it.
func (d *drafts) take(r *http.Request) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.waiting || r.Method != http.MethodGet || r.URL.RequestURI() != d.page {
		return nil
	}
	sealed := d.sealed
	d.sealed, d.waiting = nil, false
	return sealed
}

// drop forgets what was typed: it was sent, or the page was left long ago.
func (d *drafts) drop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sealed, d.waiting = nil, false
}

// reset is for a new vault: what was sealed for the one before never opens.
func (d *drafts) reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.key, d.sealed, d.waiting = nil, nil, false
}

// close is for when the vault closes: what is too old for that moment goes.
func (d *drafts) close(now time.Time, idle time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting = false; now.Sub(d.at) > idle+longestDraft {
		d.sealed = nil
	}
}
