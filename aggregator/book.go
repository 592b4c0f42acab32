package aggregator

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// book finds entries by the ways resources point at each other
// (data-services.md 0.10).
type book struct {
	byRef   map[recordKey]*entry
	byURL   map[urlKey]*entry
	byIdent map[identKey][]*entry
}

type urlKey struct {
	origin fhir.Origin
	url    string
}

type identKey struct{ system, value string }

func newBook(entries []*entry) *book {
	b := &book{
		byRef:   make(map[recordKey]*entry, 2*len(entries)),
		byURL:   map[urlKey]*entry{},
		byIdent: make(map[identKey][]*entry, len(entries)),
	}
	for _, e := range entries {
		b.add(e)
	}
	return b
}

func (b *book) add(e *entry) {
	b.byRef[recordKey{e.Origin, e.Ref}] = e
	// A provider's services share their support resources now and then; the
	// first in order of key stands in for the others.
	anyService := recordKey{fhir.Origin{Source: e.Origin.Source, Service: "*"}, e.Ref}
	if _, taken := b.byRef[anyService]; !taken {
		b.byRef[anyService] = e
	}
	if e.FullURL != "" {
		b.byURL[urlKey{e.Origin, e.FullURL}] = e
	}
	for _, id := range e.facts().idents {
		k := identKey{id.System, id.Value}
		b.byIdent[k] = append(b.byIdent[k], e)
	}
}

// follow gives the entry a reference points at, nil when it is not here.
func (b *book) follow(from *entry, r fhir.Reference) *entry {
	if e := b.byURL[urlKey{from.Origin, r.URL}]; e != nil && r.URL != "" {
		return e
	}
	if r.Ref.ID == "" {
		return b.byIdentifier(from, r)
	}
	if e := b.byRef[recordKey{from.Origin, r.Ref}]; e != nil {
		return e
	}
	if e := b.byRef[recordKey{fhir.Origin{Source: from.Origin.Source, Service: "*"}, r.Ref}]; e != nil {
		return e
	}
	return b.byIdentifier(from, r)
}

// byIdentifier resolves a logical reference: within the same source first,
// elsewhere only when just one record carries the identifier.
func (b *book) byIdentifier(from *entry, r fhir.Reference) *entry {
	if r.Ident.IsZero() || r.Ident.System == "" {
		return nil
	}
	found := b.byIdent[identKey{r.Ident.System, r.Ident.Value}]
	for _, e := range found {
		if e.Origin == from.Origin && e != from {
			return e
		}
	}
	if len(found) == 1 && found[0] != from {
		return found[0]
	}
	return nil
}

// node gives the content a reference points at, contained or not.
func (b *book) node(from *entry, r fhir.Reference) fhir.Node {
	if id, ok := strings.CutPrefix(r.URL, "#"); ok {
		return from.node().Contained(id)
	}
	if e := b.follow(from, r); e != nil {
		return e.node()
	}
	return fhir.Node{}
}

// who gives the readable name of the person or organisation a reference
// points at; what the reference itself says when it leads nowhere.
func (b *book) who(from *entry, r fhir.Reference) string {
	n := b.node(from, r)
	if name := b.nameOf(from, n); name != "" {
		return name
	}
	return r.Display
}

func (b *book) nameOf(from *entry, n fhir.Node) string {
	switch n.Str("resourceType") {
	case "Practitioner", "Patient", "RelatedPerson":
		return n.Names("name")
	case "PractitionerRole":
		person := b.who(from, n.Get("practitioner").Reference())
		if person == "" {
			person = b.who(from, n.Get("organization").Reference())
		}
		return person
	}
	return n.Str("name") // nothing for an organisation that only has a number
}

// organisationName falls back on kind and number: an organisation without a
// name is common in converted pharmacy data.
func organisationName(n fhir.Node) string {
	if name := n.Str("name"); name != "" {
		return name
	}
	for _, id := range n.Idents("identifier") {
		switch id.System {
		case fhir.URA:
			return "URA " + id.Value
		case fhir.AGB:
			return "AGB " + id.Value
		}
	}
	return ""
}

// references gives every reference in the content, contained resources
// included, in order.
func references(n fhir.Node) []fhir.Reference {
	var all []fhir.Reference
	var walk func(fhir.Node)
	walk = func(n fhir.Node) {
		if n.IsObject() && (n.Get("reference").Text() != "" || isLogical(n)) {
			all = append(all, n.Reference())
		}
		if url := n.Str("attachment", "url"); url != "" {
			all = append(all, fhir.Reference{URL: url, Ref: fhir.Ref{Type: "Binary", ID: lastSegment(url)}})
		}
		for _, m := range n.Members() {
			walk(m)
		}
		for _, item := range n.Items() {
			walk(item)
		}
	}
	walk(n)
	return all
}

func isLogical(n fhir.Node) bool {
	return n.Get("identifier", "value").Text() != "" && !n.Get("resourceType").Exists()
}

func lastSegment(url string) string {
	url, _, _ = strings.Cut(url, "?")
	return url[strings.LastIndexByte(url, '/')+1:]
}
