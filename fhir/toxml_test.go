package fhir

import (
	"encoding/xml"
	"strings"
)

// toXML writes FHIR JSON as FHIR XML, the reverse of XMLToJSON, for tests. It
// refuses narratives, whose text may need more than a test should do.
func toXML(n Node) (string, bool) {
	w := xmlWriter{}
	w.resource(n, ` xmlns="http://hl7.org/fhir"`)
	return w.b.String(), !w.refused
}

type xmlWriter struct {
	b       strings.Builder
	refused bool
}

func (w *xmlWriter) resource(n Node, attr string) {
	typ := n.Str("resourceType")
	w.b.WriteString("<" + typ + attr + ">")
	w.members(n)
	w.b.WriteString("</" + typ + ">")
}

func (w *xmlWriter) members(n Node) {
	done := map[string]bool{}
	for name := range n.Members() {
		name = strings.TrimPrefix(name, "_")
		if name == "resourceType" || done[name] {
			continue
		}
		done[name] = true
		values, extras := listed(n.member(name)), listed(n.member("_"+name))
		for i := range max(len(values), len(extras)) {
			w.element(n, name, at(values, i), at(extras, i))
		}
	}
}

func (w *xmlWriter) element(parent Node, name string, value, extra Node) {
	switch {
	case name == "div":
		w.b.WriteString(value.Text())
		w.refused = w.refused || !strings.HasPrefix(value.Text(), "<div")
	case value.IsObject() && value.Get("resourceType").Exists():
		w.b.WriteString("<" + name + ">")
		w.resource(value, "")
		w.b.WriteString("</" + name + ">")
	case value.IsObject():
		w.b.WriteString("<" + name + attribute("id", value) + attribute("url", urlOf(name, value)) + ">")
		w.members(without(value, name))
		w.b.WriteString("</" + name + ">")
	default:
		w.b.WriteString("<" + name)
		if value.Exists() {
			w.b.WriteString(` value="` + escaped(value.Text()) + `"`)
		}
		w.b.WriteString(attribute("id", extra) + ">")
		w.members(without(extra, name))
		w.b.WriteString("</" + name + ">")
	}
}

// urlOf gives an object whose url is an attribute: extensions only.
func urlOf(name string, n Node) Node {
	if name == "extension" || name == "modifierExtension" {
		return n
	}
	return Node{}
}

// without leaves out the members that are attributes in XML.
func without(n Node, name string) Node {
	out := Node{kind: n.kind}
	for member, item := range n.Members() {
		if member == "id" || (member == "url" && urlOf(name, n).Exists()) {
			continue
		}
		out.names, out.items = append(out.names, member), append(out.items, item)
	}
	return out
}

func attribute(name string, n Node) string {
	if text := n.Str(name); text != "" {
		return " " + name + `="` + escaped(text) + `"`
	}
	return ""
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func listed(n Node) []Node {
	if n.kind == '[' {
		return n.items
	}
	if n.Exists() {
		return []Node{n}
	}
	return nil
}

func at(list []Node, i int) Node {
	if i < len(list) {
		return list[i]
	}
	return Node{}
}
