package aggregator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// entry is one resource as the engines see it: the version that speaks, parsed
// once, with the versions it replaced.
type entry struct {
	fhir.Record
	node  fhir.Node
	older []fhir.Record
	clash bool // another version of the same snapshot says something else

	said     clinical.Reading // nil when no subject reads it
	warnings []clinical.Warning
	isRead   bool

	canonical *content // what it says, for comparing; see content
	hash      Hash     // of that and of what it points at, as of this run
}

// read gives what the entry says, as package clinical reads it; nil when it is
// of no subject. It is read once.
func (e *entry) read() (clinical.Reading, []clinical.Warning) {
	if !e.isRead {
		e.said, e.warnings = clinical.ReadNode(e.Resource, e.node)
		e.isRead = true
	}
	return e.said, e.warnings
}

// key names the entry among all entries. Number tells apart the versions of a
// clash.
func (e *entry) key() string {
	k := e.Origin.Source + "|" + e.Origin.Service + "|" + e.Type + "|" + e.ID
	if e.clash {
		k += "|" + strconv.Itoa(e.Number)
	}
	return k
}

// provider is the care provider behind it; its data services share it.
func (e *entry) provider() string { return e.Origin.Source }

func (e *entry) part(role string) Part { return partOf(e.Record, role, "") }

func partOf(r fhir.Record, role, hidden string) Part {
	return Part{
		Source: r.Origin.Source, Service: r.Origin.Service,
		Type: r.Type, ID: r.ID, Role: role,
		Version: strconv.Itoa(r.Number), Hidden: hidden,
	}
}

func compareEntries(a, b *entry) int { return strings.Compare(a.key(), b.key()) }

type recordKey struct {
	origin fhir.Origin
	ref    fhir.Ref
}

// speaking picks the version that speaks (merge.md 1.5). Versions of one
// snapshot that cannot be put in order all speak: a collision, to be shown.
func speaking(all []fhir.Record) []*entry {
	slices.SortFunc(all, compareVersions)
	newest := all[len(all)-1]
	var live []*entry
	var older []fhir.Record
	for _, r := range all {
		if r.Number == newest.Number || sameMoment(r, newest) {
			live = append(live, &entry{Record: r, node: r.Shown().Node()})
		} else {
			older = append(older, r)
		}
	}
	for _, e := range live {
		e.clash = len(live) > 1
	}
	live[len(live)-1].older = older
	return live
}

func compareVersions(a, b fhir.Record) int {
	if hasUpdated(a) && hasUpdated(b) {
		if c := a.Updated.Compare(b.Updated); c != 0 {
			return c
		}
	}
	if c := a.Fetched.Compare(b.Fetched); c != 0 {
		return c
	}
	return cmp.Compare(a.Number, b.Number)
}

// hasUpdated: a lastUpdated in the future of its fetch counts as absent.
func hasUpdated(r fhir.Record) bool {
	return !r.Updated.IsZero() && !r.Updated.After(r.Fetched)
}

func sameMoment(a, b fhir.Record) bool {
	if a.Deleted || b.Deleted || !a.Fetched.Equal(b.Fetched) {
		return false
	}
	return !hasUpdated(a) || !hasUpdated(b) || a.Updated.Equal(b.Updated)
}
