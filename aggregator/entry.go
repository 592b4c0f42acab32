package aggregator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// entry is one resource as the engines see it: the version that speaks, parsed
// once, with the versions it replaced.
type entry struct {
	fhir.Record
	root  fhir.Node // see node
	lean  bool      // root is not kept
	older []fhir.Record
	clash bool // another version of the same snapshot says something else

	said     clinical.Reading // nil when no subject reads it
	warnings []clinical.Warning
	isRead   bool

	name      string   // see key
	found     *facts   // see facts
	canonical *content // what it says, for comparing; see content
	payloads  map[string]*payload
	copied    bool        // it says that it is a copy of somebody else's record
	mistake   bool        // it was entered in error
	about     []StableRef // what an answer of the person is about

	// Of one run of Merge.
	doubted bool     // its source may be about somebody else; lines of it may only stand beside others
	hash    Hash     // of what it says and what it points at
	reused  bool     // its source uses its identifier for other records too
	echo    []string // keys of an own measurement and what came back of it
}

// node is the content of the resource.
func (e *entry) node() fhir.Node {
	if e.lean {
		return e.Shown().Node()
	}
	return e.root
}

// slim lets go of the parsed content once everything is read that a merge looks
// at: results and medicines are many, and their content is by far the most that
// a garbage collector would have to look through. What is contained in one is
// looked up at every merge.
func (e *entry) slim() {
	switch e.Type {
	case "Observation", "MedicationRequest", "MedicationDispense", "MedicationStatement":
		if !e.root.Get("contained").Exists() {
			e.root, e.lean = fhir.Node{}, true
		}
	}
}

// read gives what the entry says, as package clinical reads it; nil when it is
// of no subject. It is read once.
func (e *entry) read() (clinical.Reading, []clinical.Warning) {
	if !e.isRead {
		e.said, e.warnings = clinical.ReadNode(e.Resource, e.node())
		e.isRead = true
	}
	return e.said, e.warnings
}

// key names the entry among all entries. Number tells apart the versions of a
// clash.
func (e *entry) key() string { return e.name }

func (e *entry) setKey() {
	k := e.Origin.Source + "|" + e.Origin.Service + "|" + e.Type + "|" + e.ID
	if e.clash {
		k += "|" + strconv.Itoa(e.Number)
	}
	e.name = k
}

// provider is the care provider behind it; its data services share it.
func (e *entry) provider() string { return e.Origin.Source }

func (e *entry) part(role string) Part { return partOf(e.Record, role, "") }

func partOf(r fhir.Record, role, hidden string) Part {
	p := Part{
		Source: r.Origin.Source, Service: r.Origin.Service,
		Type: r.Type, ID: r.ID, Role: role,
		Version: strconv.Itoa(r.Number), Hidden: hidden,
	}
	if !r.Gone.IsZero() {
		p.Gone = r.Gone.In(fhir.Amsterdam()).Format(time.DateOnly)
	}
	return p
}

func compareEntries(a, b *entry) int { return strings.Compare(a.name, b.name) }

type recordKey struct {
	origin fhir.Origin
	ref    fhir.Ref
}

// speaking picks the version that speaks (merge.md 1.5). Versions of one
// snapshot that cannot be put in order all speak: a collision, to be shown.
func speaking(all []fhir.Record) []*entry {
	compare := versionOrder(all)
	slices.SortFunc(all, func(a, b fhir.Record) int { return cmp.Or(compare(a, b), cmp.Compare(a.Number, b.Number)) })
	newest := all[len(all)-1]
	var live []*entry
	var older []fhir.Record
	for _, r := range all {
		if r.Number == newest.Number || (compare(r, newest) == 0 && !r.Deleted && !newest.Deleted) {
			live = append(live, newEntry(r))
		} else {
			older = append(older, r)
		}
	}
	// The store knows of the last version it took in when a source last gave it.
	last := slices.MaxFunc(all, func(a, b fhir.Record) int { return cmp.Compare(a.Number, b.Number) })
	for _, e := range live {
		e.LastSeen, e.Gone, e.Query = last.LastSeen, last.Gone, last.Query
		e.clash = len(live) > 1
		e.setKey()
	}
	live[len(live)-1].older = older
	return live
}

func newEntry(r fhir.Record) *entry {
	e := &entry{Record: r, root: r.Shown().Node()}
	e.copied, e.mistake = isCopy(e.node()), saysMistake(e.node())
	return e
}

// versionOrder is the order of the versions of one resource: by lastUpdated,
// but where one of them has none to go by, all by when they were fetched. An
// order that changes its ground from pair to pair would be none.
func versionOrder(all []fhir.Record) func(a, b fhir.Record) int {
	for _, r := range all {
		if !hasUpdated(r) {
			return func(a, b fhir.Record) int { return a.Fetched.Compare(b.Fetched) }
		}
	}
	return func(a, b fhir.Record) int { return cmp.Or(a.Updated.Compare(b.Updated), a.Fetched.Compare(b.Fetched)) }
}

// hasUpdated: a lastUpdated in the future of its fetch counts as absent.
func hasUpdated(r fhir.Record) bool {
	return !r.Updated.IsZero() && !r.Updated.After(r.Fetched)
}
