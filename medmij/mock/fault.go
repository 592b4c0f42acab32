package mock

import (
	"cmp"
	crand "crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Fault is something that goes wrong on purpose.
//
// On names the endpoint: "token", "authorize", "page:consent",
// "list:whitelist" (providers, clients, services, addressbook),
// "resource:49/AllergyIntolerance", "resource:49" for all of a service,
// "resource" for all services, "callback" for the answer that sends the
// browser back to the app, "host:api.dva.medmij.localhost" for the connections
// to a host; empty: everything the kind can be for. Kind is one of
// [FaultKinds]; which of the other fields it takes is said there, and one that
// it does not take is refused.
//
// When says which of the requests it meets go wrong: "nth=2" (the second),
// "after=3" (all but the first three), "persona=anna" (those of one person),
// "p=0.25" (by chance, the same ones in every run with the same
// [Config.Seed]). Several are separated by a comma and all have to hold.
type Fault struct {
	On         string `json:"on"`
	Kind       string `json:"fault"`
	Value      string `json:"value,omitempty"`      // which form of the kind
	Provider   string `json:"provider,omitempty"`   // of list faults: whose entry; empty: the first
	Status     int    `json:"status,omitempty"`     // of "status" and "redirect"
	RetryAfter string `json:"retryAfter,omitempty"` // of "status": the header as given; "+2s": a date so much later
	Delay      string `json:"delay,omitempty"`      // of "delay" and "dribble": such as "55s"
	Next       string `json:"next,omitempty"`       // of "next": where the link leads
	When       string `json:"when,omitempty"`       // see above; empty: always
	Times      int    `json:"times,omitempty"`      // how often it goes wrong; 0: always
}

// FaultKind explains a kind of fault. Values are what Value may be; with none,
// Value is not taken, and "..." stands for any text. For is where it goes
// wrong, as a part of On.
type FaultKind struct {
	Name   string   `json:"name"`
	Does   string   `json:"does"`
	For    string   `json:"for"`
	Values []string `json:"values,omitempty"`
}

// activeFault is a fault that is set.
type activeFault struct {
	Fault
	left int // -1: without end
	when condition
	met  int       // requests that met it, also those that went well
	dice io.Reader // random bytes
}

// faultKind is a row of the table of kinds. New kinds are rows of it and
// nothing else. A kind wraps the handler of an endpoint, or acts on
// connections, which have no handler.
type faultKind struct {
	does   string
	at     string   // the only place it is for: "list", "token", "callback", "resource", "host"; empty: any with a handler
	values []string // "..." is any text
	fields []string // the further fields it takes
	check  func(Fault) error
	wrap   func(*Network, Fault, http.Handler) http.Handler
}

var errFault = errors.New("fault cannot be set")

func wrongFault(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errFault, fmt.Sprintf(format, args...))
}

// faultKinds is the table. It is put together from tables of one place each.
func faultKinds() map[string]faultKind {
	all := map[string]faultKind{}
	for _, rows := range []map[string]faultKind{
		answerFaults(), wireFaults(), contentFaults(), listFaults(), callbackFaults(), tokenFaults(),
		bundleFaults(), dataFaults(), fileFaults(), connectionFaults(),
	} {
		maps.Copy(all, rows)
	}
	return all
}

// FaultKinds lists the kinds of fault by name.
func FaultKinds() []FaultKind {
	kinds := faultKinds()
	var all []FaultKind
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		k := kinds[name]
		all = append(all, FaultKind{name, k.does, cmp.Or(k.at, "any endpoint"), k.values})
	}
	return all
}

// Fault adds faults. When one cannot be set, none is, and the error says why.
func (n *Network) Fault(faults ...Fault) error {
	active, err := n.activate(faults)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.replaceFaults(append(slices.Clone(n.faults), active...))
	return nil
}

// SetFaults replaces all faults; none takes all away.
func (n *Network) SetFaults(faults ...Fault) error {
	active, err := n.activate(faults)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.replaceFaults(active)
	return nil
}

// replaceFaults is for callers that hold mu. What a list says changes with its
// faults, so it gets a new number, and connections follow at once.
func (n *Network) replaceFaults(active []*activeFault) {
	if changesLists(n.faults) || changesLists(active) {
		n.edition++
	}
	n.faults = active
	n.switchConnections()
}

func changesLists(faults []*activeFault) bool {
	return slices.ContainsFunc(faults, func(f *activeFault) bool { return strings.HasPrefix(f.On, "list") })
}

// Faults gives the faults that are set, with how often they will still go
// wrong in Times.
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
func (n *Network) activate(faults []Fault) ([]*activeFault, error) {
	kinds := faultKinds()
	var all []*activeFault
	for i, f := range faults {
		kind, known := kinds[f.Kind]
		if !known {
			return nil, wrongFault("there is no kind with this name")
		}
		if f.On == "" {
			f.On = kind.at
		}
		if err := n.checkFault(f, kind); err != nil {
			return nil, err
		}
		when, err := n.readWhen(f, kind)
		if err != nil {
			return nil, err
		}
		left := f.Times
		if left == 0 {
			left = -1
		}
		all = append(all, &activeFault{Fault: f, left: left, when: when, dice: n.dice(i)})
	}
	return all, nil
}

// dice gives each fault chances of its own, so that they do not depend on what
// else is asked meanwhile.
func (n *Network) dice(i int) io.Reader {
	if n.cfg.Seed == 0 {
		return crand.Reader
	}
	return seeded(n.cfg.Seed + uint64(i) + 1) // + 1: other numbers than those of the tokens
}

// due takes the faults of handlers that a request meets, in the order in which
// they were set, and counts them down.
func (n *Network) due(endpoint string, persona func() string) []Fault {
	n.mu.Lock()
	if n.reissue {
		n.edition, n.reissue = n.edition+1, false
	}
	candidates := slices.DeleteFunc(slices.Clone(n.faults), func(f *activeFault) bool { return !covers(f.On, endpoint) })
	n.mu.Unlock()
	if len(candidates) == 0 {
		return nil
	}
	who := ""
	if slices.ContainsFunc(candidates, func(f *activeFault) bool { return f.when.persona != "" }) {
		who = persona()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.take(func(f *activeFault) bool { return slices.Contains(candidates, f) }, who, len(candidates))
}

// take is for callers that hold mu. It counts the faults that a request meets
// and gives those that are due, the first ones up to a number.
func (n *Network) take(meets func(*activeFault) bool, persona string, most int) []Fault {
	var due []Fault
	for _, f := range n.faults {
		if len(due) == most || !meets(f) || f.when.persona != "" && f.when.persona != persona {
			continue
		}
		f.met++
		if !f.when.holds(f.met, f.dice) {
			continue
		}
		if f.left > 0 {
			f.left--
		}
		due = append(due, f.Fault)
	}
	rest := slices.DeleteFunc(slices.Clone(n.faults), func(f *activeFault) bool { return f.left == 0 })
	if len(rest) < len(n.faults) && changesLists(n.faults) && !changesLists(rest) {
		n.reissue = true // what this request gets is of the old edition
	}
	n.faults = rest
	return due
}

// withFaults puts the faults that are due around a handler, the first one set
// outermost.
func (n *Network) withFaults(endpoint string, e *Exchange, r *http.Request, next http.Handler) http.Handler {
	next = n.withCallbackFaults(endpoint, e, next)
	due := n.due(endpoint, func() string { return n.personaOf(r) })
	if len(due) == 0 {
		return next
	}
	kinds := faultKinds()
	for _, f := range slices.Backward(due) {
		next = kinds[f.Kind].wrap(n, f, next)
	}
	n.log.note(e, func(e *Exchange) { e.Fault = namesOf(due) })
	return next
}

func namesOf(faults []Fault) string {
	var names []string
	for _, f := range faults {
		names = append(names, f.Kind)
	}
	return strings.Join(names, ",")
}
