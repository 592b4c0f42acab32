package fhir

import "strings"

// Ident is a business identifier, normalised as merge.md 1.2 asks: equal
// identifiers have equal Idents.
type Ident struct {
	System, Value string
	Use, Type     string // as delivered; Type is the code
}

// IsZero tells whether there is no usable value.
func (i Ident) IsZero() bool { return i.Value == "" }

// Key is system and value as one string.
func (i Ident) Key() string { return i.System + "|" + i.Value }

// Ident reads this place as an Identifier. A value that itself is an urn is
// the whole identity.
func (n Node) Ident() Ident {
	i := Ident{
		System: identSystem(n.Str("system")),
		Value:  strings.TrimSpace(n.Str("value")),
		Use:    n.Str("use"),
		Type:   n.Get("type").Coded().Code(""),
	}
	if i.System == "urn:ietf:rfc:3986" {
		i.Value = strings.ToLower(i.Value)
	}
	return i
}

// Idents reads every value of the member as an Identifier, leaving out those
// without a value.
func (n Node) Idents(name string) []Ident {
	var all []Ident
	for _, item := range n.All(name) {
		if i := item.Ident(); !i.IsZero() {
			all = append(all, i)
		}
	}
	return all
}

// identSystem normalises the system of an identifier: scheme and host are
// compared without case, the rest is not.
func identSystem(s string) string {
	s = System(s)
	if s == "urn:oid:" {
		return ""
	}
	if strings.HasPrefix(strings.ToLower(s), "urn:uuid:") {
		return strings.ToLower(s)
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	host, path, found := strings.Cut(rest, "/")
	s = strings.ToLower(scheme) + "://" + strings.ToLower(host)
	if found {
		s += "/" + path
	}
	return s
}

// Reference points at another resource: literally (URL, and Ref when it is of
// the form Type/id), by identifier, or only in words.
type Reference struct {
	URL     string
	Ref     Ref
	Ident   Ident
	Display string
}

// practitionerRole is the extension that STU3 profiles use to point at the
// role of a person (data-services.md 2.0); it is the reference to follow.
const practitionerRole = "http://nictiz.nl/fhir/StructureDefinition/practitionerrole-reference"

// Reference reads this place as a Reference.
func (n Node) Reference() Reference {
	n = n.first()
	r := Reference{
		URL:     n.Str("reference"),
		Ident:   n.Get("identifier").Ident(),
		Display: n.Str("display"),
	}
	if role := n.Ext(practitionerRole).Get("valueReference"); role.Exists() {
		r.URL = role.Str("reference")
		if r.Display == "" {
			r.Display = role.Str("display")
		}
	}
	r.Ref = refOf(r.URL)
	return r
}

// References reads every value of the member as a Reference.
func (n Node) References(name string) []Reference {
	var all []Reference
	for _, item := range n.All(name) {
		if r := item.Reference(); !r.IsZero() {
			all = append(all, r)
		}
	}
	return all
}

// IsZero tells whether it points nowhere and says nothing.
func (r Reference) IsZero() bool { return r.URL == "" && r.Ident.IsZero() && r.Display == "" }

// refOf takes Type and id from the end of a relative or absolute reference,
// leaving out a version. An urn or a "#id" has no Ref.
func refOf(url string) Ref {
	if url == "" || url[0] == '#' || strings.HasPrefix(url, "urn:") {
		return Ref{}
	}
	url, _, _ = strings.Cut(url, "/_history/")
	parts := strings.Split(url, "/")
	if len(parts) < 2 {
		return Ref{}
	}
	typ, id := parts[len(parts)-2], parts[len(parts)-1]
	if typ == "" || typ[0] < 'A' || typ[0] > 'Z' || id == "" {
		return Ref{}
	}
	return Ref{Type: typ, ID: id}
}
