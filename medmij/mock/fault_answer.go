package mock

import (
	"bytes"
	"cmp"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"
)

// answer is what a handler answered, kept so that it can be changed.
type answer struct {
	header http.Header
	status int
	body   []byte
}

// keeper is a ResponseWriter that only keeps the answer.
type keeper struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *keeper) Header() http.Header         { return k.header }
func (k *keeper) Write(p []byte) (int, error) { return k.body.Write(p) }
func (k *keeper) WriteHeader(status int)      { k.status = status }

// answerOf runs a handler and keeps what it answers.
func answerOf(next http.Handler, r *http.Request) answer {
	k := &keeper{header: http.Header{}, status: http.StatusOK}
	next.ServeHTTP(k, r)
	return answer{k.header, k.status, k.body.Bytes()}
}

func (a answer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that left is no error here
}

// editing makes a kind of a change to a good answer. What is not a good one
// stays as it is: the fault is about what a client would have believed.
func editing(edit func(*Network, Fault, *http.Request, *answer)) func(*Network, Fault, http.Handler) http.Handler {
	return func(n *Network, f Fault, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := answerOf(next, r)
			if a.status == http.StatusOK {
				edit(n, f, r, &a)
			}
			a.send(w)
		})
	}
}

// instead makes a kind of an answer that has nothing to do with the request.
func instead(serve func(*Network, Fault, http.ResponseWriter, *http.Request)) func(*Network, Fault, http.Handler) http.Handler {
	return func(n *Network, f Fault, _ http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(n, f, w, r) })
	}
}

func answerFaults() map[string]faultKind {
	return map[string]faultKind{
		"status":       {does: "answers with a status instead", fields: []string{"status", "retryAfter"}, check: checkStatus, wrap: instead(faultStatus)},
		"delay":        {does: "waits before it answers", fields: []string{"delay"}, check: checkDelay, wrap: faultDelay},
		"hang":         {does: "never answers", wrap: instead(faultHang)},
		"html200":      {does: "answers 200 with a page of HTML", wrap: instead(faultHTML)},
		"empty":        {does: "answers 200 with nothing in it", wrap: editing(faultEmpty)},
		"content-type": {does: "gives the right answer as another type (text/plain when none is named)", values: []string{"", "..."}, wrap: editing(faultContentType)},
		"headers":      {does: "adds cookies and other headers that ask for something (odd), or two megabytes of them (large)", values: []string{"odd", "large"}, wrap: editing(faultHeaders)},
		"redirect": {
			does:   "sends the client elsewhere: the same host, a host that is not on the Whitelist (evil), this very address (loop), plain http",
			values: []string{"same", "evil", "loop", "http"}, fields: []string{"status"}, check: checkRedirect, wrap: instead(faultRedirect),
		},
	}
}

func checkStatus(f Fault) error {
	if f.Status < 300 || f.Status > 599 {
		return wrongFault("status must be 300 to 599")
	}
	if rest, later := strings.CutPrefix(f.RetryAfter, "+"); later {
		if d, err := time.ParseDuration(rest); err != nil || d < 0 {
			return wrongFault("retryAfter with a + is a duration such as +2s")
		}
	}
	return nil
}

func checkDelay(f Fault) error {
	if d, err := time.ParseDuration(f.Delay); err != nil || d < 0 {
		return wrongFault("delay must be a duration such as 2s")
	}
	return nil
}

func checkRedirect(f Fault) error {
	if f.Status != 0 && (f.Status < 301 || f.Status > 308) {
		return wrongFault("status of a redirect must be 301 to 308")
	}
	return nil
}

// problemOf is what a strict provider says with a status (medmij-protocol.md
// 4.3).
func problemOf(status int) problem {
	p := problem{status, models.IssueTypeException, "fault set on purpose", ""}
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		p.code = models.IssueTypeInvalid
	case http.StatusUnauthorized:
		p.code, p.bearer = models.IssueTypeSecurity, "invalid_token"
	case http.StatusForbidden:
		p.code, p.bearer = models.IssueTypeForbidden, "insufficient_scope"
	case http.StatusNotFound, http.StatusNotAcceptable, http.StatusUnsupportedMediaType:
		p.code = models.IssueTypeNotSupported
	case http.StatusGone:
		p.code = models.IssueTypeDeleted
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		p.code = models.IssueTypeTransient
	case http.StatusGatewayTimeout:
		p.code = models.IssueTypeTimeout
	}
	return p
}

func faultStatus(n *Network, f Fault, w http.ResponseWriter, r *http.Request) {
	after := f.RetryAfter
	if rest, later := strings.CutPrefix(after, "+"); later {
		d, _ := time.ParseDuration(rest) // checked when it was set
		after = n.Now().Add(d).UTC().Format(http.TimeFormat)
	}
	if after != "" {
		w.Header().Set("Retry-After", after)
	}
	if endpointOf(r) == "token" {
		writeJSON(w, f.Status, oauthError{"server_error", "fault set on purpose"})
		return
	}
	problemOf(f.Status).write(w, serviceOf(serviceIn(r)).Version)
}

// serviceIn is the number of the data service that an address is for.
func serviceIn(r *http.Request) string {
	if m := fhirPath.FindStringSubmatch(r.URL.Path); m != nil {
		return m[1]
	}
	return ""
}

func faultDelay(_ *Network, f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait, _ := time.ParseDuration(f.Delay) // checked when it was set
		rest(r, wait)
		next.ServeHTTP(w, r)
	})
}

// rest waits, and ends the request when its client left or the network ends.
func rest(r *http.Request, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

// faultHang reads the body first: net/http sees a client leave only then.
func faultHang(_ *Network, _ Fault, _ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxDelivery))
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

func faultHTML(_ *Network, _ Fault, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte("<!DOCTYPE html><title>Onderhoud</title><p>Wij zijn zo terug.</p>"))
}

func faultEmpty(_ *Network, _ Fault, _ *http.Request, a *answer) { a.body = nil }

func faultContentType(_ *Network, f Fault, _ *http.Request, a *answer) {
	a.header.Set("Content-Type", cmp.Or(f.Value, "text/plain"))
}

func faultHeaders(_ *Network, f Fault, _ *http.Request, a *answer) {
	if f.Value == "large" {
		a.header.Set("X-Large", strings.Repeat("a", 2<<20))
		return
	}
	a.header.Set("Set-Cookie", "mock=1; Path=/")
	a.header.Set("Strict-Transport-Security", "max-age=31536000")
	a.header.Set("Refresh", "0; url=https://"+hostEvil+"/")
	a.header.Set("Link", "<https://"+hostEvil+"/>; rel=next")
	a.header.Set("Content-Disposition", `attachment; filename="../../mock"`)
	a.header.Set("X-Unknown", "mock")
}

// faultRedirect asks to repeat the same request elsewhere (307) unless another
// status is set: that would take a body, and a token, along.
func faultRedirect(n *Network, f Fault, w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxDelivery))
	to := url.URL{Scheme: "https", Host: r.Host, Path: r.URL.Path, RawQuery: r.URL.RawQuery}
	switch f.Value {
	case "same":
		to.RawQuery = joinQuery(to.RawQuery, "moved=1")
	case "evil":
		to.Host = net.JoinHostPort(hostEvil, n.ports.api)
	case "http":
		to.Scheme = "http"
	}
	w.Header().Set("Location", to.String())
	w.Header().Set("Content-Length", strconv.Itoa(0))
	w.WriteHeader(cmp.Or(f.Status, http.StatusTemporaryRedirect))
}

func joinQuery(parts ...string) string {
	return strings.TrimPrefix(strings.Join(parts, "&"), "&")
}

// personaOf finds who is asking, for conditions; empty when nobody can tell.
// It changes nothing, and leaves the body for the handler.
func (n *Network) personaOf(r *http.Request) string {
	switch endpoint := endpointOf(r); {
	case strings.HasPrefix(endpoint, "resource"):
		return n.bearerPersona(r)
	case strings.HasPrefix(endpoint, "page"):
		return n.sessionPersona(r)
	case endpoint == "token":
		return n.grantPersona(r)
	}
	return ""
}

func (n *Network) bearerPersona(r *http.Request) string {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	for _, p := range n.Personas {
		if p.Token != "" && p.Token == token {
			return p.ID
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if g := n.access[token]; g != nil {
		return g.persona.ID
	}
	return ""
}

func (n *Network) sessionPersona(r *http.Request) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/session/"), "/")
	n.mu.Lock()
	defer n.mu.Unlock()
	if s := n.sessions[id]; s != nil {
		return s.persona.ID
	}
	return ""
}

func (n *Network) grantPersona(r *http.Request) string {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxForm))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(raw), r.Body), r.Body}
	form, formErr := url.ParseQuery(string(raw))
	if err != nil || formErr != nil {
		return ""
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, g := range []*grant{n.codes[form.Get("code")], n.refresh[form.Get("refresh_token")]} {
		if g != nil {
			return g.persona.ID
		}
	}
	return ""
}
