package mock

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/bundel-pgo/bundel/fhir"
)

// Fault is something that goes wrong on purpose.
//
// On names the endpoint: "token", "authorize", "page:consent",
// "list:whitelist" (providers, clients, services, addressbook),
// "resource:49/AllergyIntolerance", "resource:49" for all of a service,
// "resource" for all services; empty: everything. Kind is one of [FaultKinds].
type Fault struct {
	On         string `json:"on"`
	Kind       string `json:"fault"`
	Status     int    `json:"status,omitempty"`     // of "status"
	RetryAfter string `json:"retryAfter,omitempty"` // of "status": the header, as given
	Delay      string `json:"delay,omitempty"`      // of "delay": such as "55s"
	Next       string `json:"next,omitempty"`       // of "next": "evil" or "loop"
	Times      int    `json:"times,omitempty"`      // requests it is for; 0: all
}

// FaultKind explains a fault.
type FaultKind struct{ Name, Does string }

type activeFault struct {
	Fault
	left int // -1: without end
}

// faultKind makes the handler that goes wrong. New kinds are rows of the table
// and nothing else.
type faultKind struct {
	does  string
	check func(Fault) error
	wrap  func(*Network, Fault, http.Handler) http.Handler
}

var errFault = errors.New("fault cannot be set")

func faultKinds() map[string]faultKind {
	return map[string]faultKind{
		"status":       {"answers with a status instead", checkStatus, faultStatus},
		"delay":        {"waits before it answers", checkDelay, faultDelay},
		"hang":         {"never answers", nil, faultHang},
		"reset":        {"breaks the connection without an answer", nil, faultReset},
		"truncate":     {"breaks the connection halfway the body", nil, faultTruncate},
		"html200":      {"answers 200 with a page of HTML", nil, faultHTML},
		"content-type": {"gives the right answer as text/plain", nil, faultContentType},
		"next":         {"gives a next link to a host that is not on the Whitelist (evil) or to itself (loop)", checkNext, faultNext},
	}
}

// FaultKinds lists the kinds of fault by name.
func FaultKinds() []FaultKind {
	kinds := faultKinds()
	var all []FaultKind
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		all = append(all, FaultKind{name, kinds[name].does})
	}
	return all
}

// Fault adds faults. When one cannot be set, none is.
func (n *Network) Fault(faults ...Fault) error {
	active, err := activate(faults)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults = append(n.faults, active...)
	return nil
}

// SetFaults replaces all faults; none takes all away.
func (n *Network) SetFaults(faults ...Fault) error {
	active, err := activate(faults)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults = active
	return nil
}

// Faults gives the faults that are set, with the requests they are still for
// in Times.
func (n *Network) Faults() []Fault {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := []Fault{}
	for _, f := range n.faults {
		left := f.Fault
		left.Times = max(f.left, 0)
		all = append(all, left)
	}
	return all
}

// activate checks all faults before any of them is set.
func activate(faults []Fault) ([]*activeFault, error) {
	kinds := faultKinds()
	var all []*activeFault
	for _, f := range faults {
		kind, known := kinds[f.Kind]
		if !known || f.Times < 0 {
			return nil, fmt.Errorf("%w: unknown kind or negative times", errFault)
		}
		if kind.check != nil {
			if err := kind.check(f); err != nil {
				return nil, err
			}
		}
		left := f.Times
		if left == 0 {
			left = -1
		}
		all = append(all, &activeFault{f, left})
	}
	return all, nil
}

func checkStatus(f Fault) error {
	if f.Status < 300 || f.Status > 599 {
		return fmt.Errorf("%w: status must be 300 to 599", errFault)
	}
	return nil
}

func checkDelay(f Fault) error {
	if d, err := time.ParseDuration(f.Delay); err != nil || d < 0 {
		return fmt.Errorf("%w: delay must be a duration such as 2s", errFault)
	}
	return nil
}

func checkNext(f Fault) error {
	if f.Next != "evil" && f.Next != "loop" {
		return fmt.Errorf("%w: next must be evil or loop", errFault)
	}
	return nil
}

// withFaults puts the faults that are due around a handler, the first one set
// outermost.
func (n *Network) withFaults(endpoint string, e *Exchange, next http.Handler) http.Handler {
	due := n.due(endpoint)
	if len(due) == 0 {
		return next
	}
	kinds, names := faultKinds(), []string(nil)
	for _, f := range slices.Backward(due) {
		next = kinds[f.Kind].wrap(n, f, next)
		names = append(names, f.Kind)
	}
	slices.Reverse(names)
	n.log.note(e, func(e *Exchange) { e.Fault = strings.Join(names, ",") })
	return next
}

// due takes the faults that this request meets and counts them down.
func (n *Network) due(endpoint string) []Fault {
	n.mu.Lock()
	defer n.mu.Unlock()
	var due []Fault
	for _, f := range n.faults {
		if !covers(f.On, endpoint) {
			continue
		}
		if f.left > 0 {
			f.left--
		}
		due = append(due, f.Fault)
	}
	n.faults = slices.DeleteFunc(n.faults, func(f *activeFault) bool { return f.left == 0 })
	return due
}

func faultStatus(_ *Network, f Fault, _ http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		if endpointOf(r) == "token" {
			writeJSON(w, f.Status, oauthError{"server_error", "fault set on purpose"})
			return
		}
		problem{f.Status, models.IssueTypeException, "fault set on purpose", ""}.write(w, fhir.STU3)
	})
}

func faultDelay(_ *Network, f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait, err := time.ParseDuration(f.Delay)
		if err != nil {
			wait = 0 // checked when it was set
		}
		select {
		case <-time.After(wait):
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	})
}

func faultHang(*Network, Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// faultReset closes without lingering, which sends RST and not FIN: clients see
// another error than at an orderly end.
func faultReset(*Network, Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer conn.Close()
		raw := conn
		if t, ok := conn.(*tls.Conn); ok {
			raw = t.NetConn()
		}
		if t, ok := raw.(*net.TCPConn); ok {
			_ = t.SetLinger(0) // makes closing a reset; without it the fault is a plain end
			_ = t.Close()
		}
	})
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
func answerOf(next http.Handler, r *http.Request) (http.Header, int, []byte) {
	k := &keeper{header: http.Header{}, status: http.StatusOK}
	next.ServeHTTP(k, r)
	return k.header, k.status, k.body.Bytes()
}

func sendAnswer(w http.ResponseWriter, h http.Header, status int, body []byte) {
	maps.Copy(w.Header(), h)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that left is no error here
}

// faultTruncate promises the whole length, so that a client can notice.
func faultTruncate(_ *Network, _ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, status, body := answerOf(next, r)
		h.Set("Content-Length", strconv.Itoa(len(body)))
		sendAnswer(w, h, status, body[:len(body)/2])
		_ = http.NewResponseController(w).Flush() // what came of it shows at the client
		panic(http.ErrAbortHandler)
	})
}

func faultHTML(*Network, Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!DOCTYPE html><title>Onderhoud</title><p>Wij zijn zo terug.</p>"))
	})
}

func faultContentType(_ *Network, _ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, status, body := answerOf(next, r)
		h.Set("Content-Type", "text/plain")
		sendAnswer(w, h, status, body)
	})
}

// faultNext changes only the link; the entries stay right.
func faultNext(n *Network, f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, status, body := answerOf(next, r)
		to := "https://" + net.JoinHostPort(hostEvil, n.ports.api) + r.URL.RequestURI()
		if f.Next == "loop" {
			to = "https://" + r.Host + r.URL.RequestURI()
		}
		var b models.Bundle
		if json.Unmarshal(body, &b) == nil && b.Type == models.BundleTypeSearchset {
			b.Link = append(slices.DeleteFunc(b.Link, func(l models.BundleLink) bool { return l.Relation == "next" }), models.BundleLink{Relation: "next", Url: to})
			if raw, err := json.Marshal(b); err == nil {
				body = bytes.TrimSpace(raw)
			}
		}
		sendAnswer(w, h, status, body)
	})
}
