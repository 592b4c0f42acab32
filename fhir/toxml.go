package fhir

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
)

// JSONToXML writes a resource or Bundle in FHIR JSON as FHIR XML, the reverse
// of [XMLToJSON] (https://hl7.org/fhir/R4/xml.html). The elements that every
// resource begins with come first; the others keep the order of the JSON, since
// JSON has none to lose. A narrative that is no well-formed XML keeps its text
// and loses its markup. It refuses what [MaxDepth] and [MaxSize] refuse, and
// names that are no XML names; errors hold no content.
func JSONToXML(raw []byte) ([]byte, error) {
	if len(raw) > MaxSize {
		return nil, ErrTooLarge
	}
	if tooDeep(raw, maxXMLDepth) {
		return nil, xmlError("nested too deep")
	}
	n, err := parseNode(bytes.TrimSpace(raw))
	if err != nil || n.Str("resourceType") == "" {
		return nil, xmlError("no resource in JSON")
	}
	w := xmlWriter{}
	w.b.WriteString(xml.Header)
	w.resource(n, ` xmlns="`+fhirSpace+`"`)
	if w.badName {
		return nil, xmlError("a name cannot be written in XML")
	}
	return w.b.Bytes(), nil
}

var xmlName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)

type xmlWriter struct {
	b       bytes.Buffer
	badName bool
}

func (w *xmlWriter) open(name, attributes string) {
	w.badName = w.badName || !xmlName.MatchString(name)
	w.b.WriteString("<" + name + attributes + ">")
}

func (w *xmlWriter) resource(n Node, attributes string) {
	typ := n.Str("resourceType")
	w.open(typ, attributes)
	w.members(n, "")
	w.b.WriteString("</" + typ + ">")
}

// firstMembers gives the names that come first in every resource and element
// (the bases Resource, DomainResource and Element), in their order.
func firstMembers() []string {
	return []string{"id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension"}
}

// members writes an object without its attributes: name is the element it is
// in, empty for a resource, whose id is an element.
func (w *xmlWriter) members(n Node, name string) {
	done := map[string]bool{"resourceType": true, "#text": true, "fhir_comments": true}
	if name != "" {
		done["id"] = true
	}
	done["url"] = isExtension(name)
	write := func(member string) {
		if done[member] {
			return
		}
		done[member] = true
		values, extras := listed(n.member(member)), listed(n.member("_"+member))
		for i := range max(len(values), len(extras)) {
			w.element(member, itemAt(values, i), itemAt(extras, i))
		}
	}
	for _, member := range firstMembers() {
		write(member)
	}
	for member := range n.Members() {
		write(strings.TrimPrefix(member, "_"))
	}
	_ = xml.EscapeText(&w.b, []byte(n.Str("#text"))) // a Buffer takes everything
}

// element writes one value of a member; extra is what "_name" has beside it.
func (w *xmlWriter) element(name string, value, extra Node) {
	switch {
	case name == "div" && value.kind == '"':
		w.narrative(value.Text())
	case value.IsObject() && value.Get("resourceType").Exists():
		w.open(name, "")
		w.resource(value, "")
		w.b.WriteString("</" + name + ">")
	case value.IsObject():
		attributes := attribute("id", value)
		if isExtension(name) {
			attributes += attribute("url", value)
		}
		w.open(name, attributes)
		w.members(value, name)
		w.b.WriteString("</" + name + ">")
	case value.Exists() || extra.Exists():
		attributes := attribute("id", extra)
		if value.Exists() {
			attributes += ` value="` + escaped(value.Text()) + `"`
		}
		w.open(name, attributes)
		w.members(extra, name)
		w.b.WriteString("</" + name + ">")
	}
}

// narrative writes the XHTML of a resource as it is, when it can be read.
func (w *xmlWriter) narrative(div string) {
	if wellFormed(div) {
		w.b.WriteString(div)
		return
	}
	w.b.WriteString(`<div xmlns="` + xhtmlSpace + `">` + escaped(Narrative(div)) + `</div>`)
}

// wellFormed tells whether the text is one XHTML element that needs nothing of
// what is around it.
func wellFormed(div string) bool {
	dec := xml.NewDecoder(strings.NewReader(div))
	depth, roots := 0, 0
	for {
		tok, err := dec.Token()
		if err != nil {
			return errors.Is(err, io.EOF) && roots == 1
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			if depth++; tok.Name.Space != xhtmlSpace {
				return false
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(tok)) > 0 {
				return false
			}
		case xml.Directive, xml.ProcInst:
			return false
		}
	}
}

// isExtension tells of the elements whose url is an attribute.
func isExtension(name string) bool { return name == "extension" || name == "modifierExtension" }

func attribute(name string, n Node) string {
	if text := n.Str(name); text != "" {
		return " " + name + `="` + escaped(text) + `"`
	}
	return ""
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// listed gives a member as a list, with its empty places.
func listed(n Node) []Node {
	if n.kind == '[' {
		return n.items
	}
	if n.Exists() {
		return []Node{n}
	}
	return nil
}

func itemAt(list []Node, i int) Node {
	if i < len(list) {
		return list[i]
	}
	return Node{}
}
