package medmij

import (
	"net/url"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// references are what answers refer to.
type references struct {
	wanted    map[string][]string     // addresses as sent, by type; emptied by take
	seen      map[string]bool         // type and address, of all that were ever wanted
	described map[string][]attachment // by the address as sent
	read      map[string]bool         // addresses as read
}

func newReferences() references {
	return references{map[string][]string{}, map[string]bool{}, map[string][]attachment{}, map[string]bool{}}
}

func (f *references) want(kind, reference string) {
	if key := kind + " " + reference; !f.seen[key] {
		f.seen[key] = true
		f.wanted[kind] = append(f.wanted[kind], reference)
	}
}

// take gives what is wanted of a type, each reference once.
func (f *references) take(kind string) []string {
	taken := f.wanted[kind]
	if taken != nil {
		f.wanted[kind] = []string{} // the type stays known
	}
	return taken
}

// once adds an address that was not read before. One that several documents
// point at is read once.
func (f *references) once(targets []target, at *url.URL, described []attachment) []target {
	i := slices.IndexFunc(targets, func(t target) bool { return t.at.String() == at.String() })
	switch {
	case i >= 0:
		targets[i].described = append(targets[i].described, described...)
	case !f.read[at.String()]:
		f.read[at.String()] = true
		targets = append(targets, target{at, described})
	}
	return targets
}

// remember notes which resources there are, and what they refer to that the
// service reads one by one.
func (r *run) remember(resources []fhir.Resource) {
	var wanted []func(*references)
	note := func(f func(*references)) { wanted = append(wanted, f) }
	for _, res := range resources {
		if len(r.service.Follow) > 0 || len(r.inc[res.Type]) > 0 {
			r.refer(res, note)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, res := range resources {
		r.have[res.Ref] = true
		if r.isEach(res) {
			r.found[res.Type] = append(r.found[res.Type], res.ID)
		}
	}
	for _, f := range wanted {
		f(&r.refs)
	}
}

// isEach tells whether a query is to be asked for this resource: under the id
// that the provider gave it, not one of ours.
func (r *run) isEach(res fhir.Resource) bool {
	return slices.ContainsFunc(r.queries, func(q asked) bool { return q.row.Each == res.Type && q.later() }) &&
		goodID.MatchString(res.ID) && res.Node().Str("id") == res.ID
}

// refer finds the references to types of the row, wherever they stand, and
// those that a query asked to include.
func (r *run) refer(res fhir.Resource, note func(func(*references))) {
	root := res.Node()
	want := func(kind, reference string) { note(func(f *references) { f.want(kind, reference) }) }
	walk(root, func(n fhir.Node) {
		reference := n.Str("reference")
		for _, kind := range r.service.Follow {
			if kind != binaryType && strings.Contains(reference, kind+"/") {
				want(kind, reference)
			}
		}
	})
	for _, inc := range r.inc[res.Type] {
		inc.find(root, want)
	}
	if res.Type != "DocumentReference" || !slices.Contains(r.service.Follow, binaryType) {
		return
	}
	for _, content := range root.All("content") {
		a := content.Get("attachment")
		if at := a.Str("url"); at != "" && a.Str("data") == "" {
			want(binaryType, at)
			note(func(f *references) { f.described[at] = append(f.described[at], attachmentOf(a)) })
		}
	}
}

// walk visits every object of a resource. Resources are at most MaxDepth deep.
func walk(n fhir.Node, visit func(fhir.Node)) {
	if n.IsObject() {
		visit(n)
	}
	for _, m := range n.Members() {
		walk(m, visit)
	}
	for _, item := range n.Items() {
		walk(item, visit)
	}
}
