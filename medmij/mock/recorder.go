package mock

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxExchanges bounds the recorder; the oldest go first.
const maxExchanges = 20_000

// Exchange is one request and what became of it. Codes, tokens, states,
// session numbers and cookies are replaced by the start of their SHA-256, so
// that equal ones can be told; bodies are not kept.
type Exchange struct {
	Number     int         `json:"number"`
	Time       time.Time   `json:"time"`
	Endpoint   string      `json:"endpoint"` // as a [Fault] names it
	Method     string      `json:"method"`
	Host       string      `json:"host"`
	URL        string      `json:"url"` // path and query, as sent
	Header     http.Header `json:"header"`
	Form       url.Values  `json:"form,omitempty"`       // of a token request
	ClientCert []string    `json:"clientCert,omitempty"` // its host names
	Status     int         `json:"status"`               // 0: no answer was given
	Location   string      `json:"location,omitempty"`   // where an answer sent the client
	Fault      string      `json:"fault,omitempty"`
	Connection int         `json:"connection"` // number of the [Connection] it came over
	Took       string      `json:"took"`
}

type recorder struct {
	mu     sync.Mutex
	number int
	all    []*Exchange

	connections []*Connection
	connects    int
}

type exchangeKey struct{}

// Requests gives what was asked so far, oldest first. With endpoints only
// theirs: "resource:49" stands for all of that service.
func (n *Network) Requests(endpoints ...string) []Exchange {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	found := []Exchange{}
	for _, e := range n.log.all {
		if len(endpoints) == 0 || slices.ContainsFunc(endpoints, func(on string) bool { return covers(on, e.Endpoint) }) {
			found = append(found, *e)
		}
	}
	return found
}

func (r *recorder) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all, r.connections = nil, nil
}

// begin records a request before it is handled: one that breaks off is seen too.
func (r *recorder) begin(req *http.Request, endpoint string, at time.Time) *Exchange {
	e := &Exchange{Time: at, Endpoint: endpoint, Method: req.Method, Host: req.Host, URL: scrubURL(req.URL), Header: scrubHeader(req.Header)}
	if req.TLS != nil && len(req.TLS.PeerCertificates) > 0 {
		e.ClientCert = req.TLS.PeerCertificates[0].DNSNames
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.number++
	e.Number, e.Connection = r.number, r.carries(req)
	if len(r.all) >= maxExchanges {
		r.all = slices.Clone(r.all[maxExchanges/10:])
	}
	r.all = append(r.all, e)
	return e
}

// note changes an exchange that others may be reading.
func (r *recorder) note(e *Exchange, change func(*Exchange)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(e)
}

// form adds the parameters of a token request, which are in its body.
func (r *recorder) form(req *http.Request, form url.Values) {
	e, ok := req.Context().Value(exchangeKey{}).(*Exchange)
	if !ok {
		return
	}
	scrubbed := scrubValues(form)
	r.note(e, func(e *Exchange) { e.Form = scrubbed })
}

// observe is the outermost layer of every listener: it names the endpoint,
// records the exchange and puts faults and the interceptor in between.
func (n *Network) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		endpoint := endpointOf(r)
		if endpoint == "admin" {
			next.ServeHTTP(w, r)
			return
		}
		begun := n.cfg.Now()
		e := n.log.begin(r, endpoint, n.Now())
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, e))
		seen := &statusWriter{ResponseWriter: w}
		defer func() {
			took := n.cfg.Now().Sub(begun).Round(time.Millisecond).String()
			location := scrubLocation(w.Header().Get("Location"))
			n.log.note(e, func(e *Exchange) { e.Status, e.Took, e.Location = seen.status, took, location })
		}()
		handler := next
		if n.cfg.Intercept != nil {
			handler = n.cfg.Intercept(endpoint, handler)
		}
		n.withFaults(endpoint, e, r, handler).ServeHTTP(seen, r)
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *statusWriter) Write(p []byte) (int, error) {
	if s.status == 0 {
		s.status = http.StatusOK
	}
	return s.ResponseWriter.Write(p)
}

// Unwrap lets a fault reach the connection.
func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

var listNames = map[string]string{
	"/MedMij_Whitelist.xml": "whitelist", "/MedMij_Zorgaanbiederslijst.xml": "providers",
	"/MedMij_OAuthclientlist.xml": "clients", "/MedMij_Gegevensdienstnamenlijst.xml": "services", "/addressbook.json": "addressbook",
	"/MedMij_Zorgaanbiederskoppellijst.xml": "identifiers",
}

var fhirPath = regexp.MustCompile(`^/[^/]+/([^/]+)/fhir(?:/([^/?]*))?`)

// endpointOf names what a request is for; the names are those of [Fault].
func endpointOf(r *http.Request) string {
	path := r.URL.Path
	switch {
	case hostOf(r) == hostEvil:
		return "evil"
	case strings.HasPrefix(path, "/admin/"):
		return "admin"
	case listNames[path] != "":
		return "list:" + listNames[path]
	case path == "/oauth2/authorize":
		return "authorize"
	case path == "/oauth2/token":
		return "token"
	case strings.HasPrefix(path, "/session/"):
		parts := strings.Split(path, "/")
		if len(parts) > 3 {
			return "page:" + parts[3]
		}
		return "page"
	}
	if m := fhirPath.FindStringSubmatch(path); m != nil {
		return strings.TrimSuffix("resource:"+m[1]+"/"+m[2], "/")
	}
	return "other"
}

// covers tells whether the name of an endpoint stands for another: itself,
// everything below it, and all when empty.
func covers(on, endpoint string) bool {
	rest, ok := strings.CutPrefix(endpoint, on)
	return ok && (on == "" || rest == "" || rest[0] == '/' || rest[0] == ':')
}

// Names whose values give access or point to a person.
var secretNames = map[string]bool{
	"code": true, "state": true, "refresh_token": true, "access_token": true, "code_verifier": true, "_page": true,
	"code_challenge": true, "client_secret": true, "name": true, "MedMij_geboortedatum": true,
}

// hashed is short enough not to give the secret away, and long enough to tell
// two apart.
func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return "sha256:" + hex.EncodeToString(sum[:4])
}

func scrubValues(values url.Values) url.Values {
	clean := url.Values{}
	for name, all := range values {
		for _, value := range all {
			if secretNames[name] && !strings.Contains(value, "|") { // code=system|value is a search
				value = hashed(value)
			}
			clean.Add(name, value)
		}
	}
	return clean
}

// scrubQuery keeps the query as it was sent, for judging its encoding, and
// replaces only the secrets.
func scrubQuery(raw string) string {
	parts := strings.Split(raw, "&")
	for i, part := range parts {
		name, value, _ := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(value)
		if err != nil {
			plain = value
		}
		if secretNames[name] && !strings.Contains(plain, "|") {
			parts[i] = name + "=" + hashed(plain)
		}
	}
	return strings.Join(parts, "&")
}

var sessionPath = regexp.MustCompile(`^/session/([^/]+)`)

// scrubURL keeps an address as it was sent but for its secrets.
func scrubURL(u *url.URL) string {
	path := u.EscapedPath()
	if m := sessionPath.FindStringSubmatch(path); m != nil {
		path = strings.Replace(path, m[1], hashed(m[1]), 1)
	}
	if u.RawQuery == "" {
		return path
	}
	return path + "?" + scrubQuery(u.RawQuery)
}

// scrubLocation does so for where a browser is sent: codes travel there.
func scrubLocation(location string) string {
	u, err := url.Parse(location)
	if err != nil || location == "" {
		return ""
	}
	clean := scrubURL(u)
	if u.Host != "" {
		clean = u.Scheme + "://" + u.Host + clean
	}
	return clean
}

// scrubHeader keeps all headers and hides the values that give access.
func scrubHeader(h http.Header) http.Header {
	clean := h.Clone()
	for _, name := range []string{"Authorization", "Cookie", "Proxy-Authorization", "Referer"} {
		for i, value := range clean[name] {
			scheme, secret, ok := strings.Cut(value, " ")
			if !ok {
				scheme, secret = "", value
			}
			clean[name][i] = strings.TrimSpace(scheme + " " + hashed(secret))
		}
	}
	return clean
}
