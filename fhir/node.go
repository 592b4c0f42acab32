package fhir

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Node is a place in the content of a resource. The zero Node is "absent";
// every question can be asked of it and gets an empty answer. Numbers keep the
// text they were written with.
type Node struct {
	kind  jsontext.Kind
	text  string   // of a string, number or boolean
	names []string // of an object, parallel to items
	items []Node   // of an object or array
}

// parseNode reads the value that raw starts with.
func parseNode(raw []byte) (Node, error) {
	var s scanner
	var b nodeBuilder
	if raw = raw[skipSpace(raw, 0):]; s.first(raw) == len(raw) {
		return b.read(raw), nil
	}
	// It may be right all the same, or its first value may be.
	dec := jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true))
	value, err := dec.ReadValue()
	if err != nil {
		return Node{}, err
	}
	return b.read(value), nil
}

// nodeBuilder makes nodes of JSON values, which must be valid. The members of
// what is open are on two stacks, so that each list is made once, and so is
// most often each name.
type nodeBuilder struct {
	raw   []byte
	names []string
	items []Node
	known [64]string
}

func (b *nodeBuilder) read(raw []byte) Node {
	b.raw = raw
	n, _ := b.value(0)
	return n
}

// name gives the text of a name, as the same string when it comes again.
func (b *nodeBuilder) name(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	place := len(raw) + 5*int(raw[0]) + 3*int(raw[len(raw)-1]) + int(raw[len(raw)/2])
	known := &b.known[place%len(b.known)]
	if *known != string(raw) {
		*known = string(raw)
	}
	return *known
}

func (b *nodeBuilder) value(i int) (n Node, end int) {
	n.kind = jsontext.Value(b.raw[i:]).Kind()
	switch n.kind {
	case '{':
		return b.object(i)
	case '[':
		return b.array(i)
	case '"':
		end = validEnd(b.raw, i)
		n.text = string(unquoted(b.raw[i:end]))
		return n, end
	}
	end = scalarEnd(b.raw, i)
	if n.kind == 'n' {
		return Node{}, end // null says nothing
	}
	n.text = string(b.raw[i:end])
	return n, end
}

func (b *nodeBuilder) object(i int) (n Node, end int) {
	n.kind = '{'
	names, items := len(b.names), len(b.items)
	for i = skipSpace(b.raw, i+1); b.raw[i] != '}'; i = behindComma(b.raw, i) {
		from := i
		i = validEnd(b.raw, i)
		b.names = append(b.names, b.name(unquoted(b.raw[from:i])))
		i = b.item(skipSpace(b.raw, skipSpace(b.raw, i)+1))
	}
	n.names, n.items = slices.Clone(b.names[names:]), slices.Clone(b.items[items:])
	b.names, b.items = b.names[:names], b.items[:items]
	return n, i + 1
}

func (b *nodeBuilder) array(i int) (n Node, end int) {
	n.kind = '['
	items := len(b.items)
	for i = skipSpace(b.raw, i+1); b.raw[i] != ']'; i = behindComma(b.raw, i) {
		i = b.item(i) // absent ones too: given and _given are parallel
	}
	n.items = slices.Clone(b.items[items:])
	b.items = b.items[:items]
	return n, i + 1
}

func (b *nodeBuilder) item(i int) (end int) {
	n, end := b.value(i)
	b.items = append(b.items, n)
	return end
}

// Exists tells whether there is anything here.
func (n Node) Exists() bool { return n.kind != 0 }

// IsObject tells whether this place holds named members.
func (n Node) IsObject() bool { return n.kind == '{' }

// IsNumber tells whether this place holds a JSON number.
func (n Node) IsNumber() bool { return n.kind == '0' }

// Text is the text of a string, number or boolean; empty for anything else.
func (n Node) Text() string { return n.text }

// Bool tells whether this place holds true, as a boolean or as text.
func (n Node) Bool() bool { return n.kind == 't' || n.text == "true" }

// member gives the member as it stands, a list as a list.
func (n Node) member(name string) Node {
	for i, m := range n.names {
		if m == name {
			return n.items[i]
		}
	}
	return Node{}
}

// Get walks a path of names. Where it meets a list it takes the first item.
func (n Node) Get(path ...string) Node {
	for _, name := range path {
		n = n.first().member(name)
	}
	return n.first()
}

func (n Node) first() Node {
	if n.kind != '[' {
		return n
	}
	for _, item := range n.items {
		if item.Exists() {
			return item
		}
	}
	return Node{}
}

// All gives every value of the member, whether it was sent as one value or as
// a list: most differences between STU3 and R4 are just that.
func (n Node) All(name string) []Node {
	m := n.first().member(name)
	switch m.kind {
	case 0:
		return nil
	case '[':
		return m.items
	}
	return []Node{m}
}

// Str is the text at the end of a path.
func (n Node) Str(path ...string) string { return n.Get(path...).Text() }

// Choice finds the one member whose name is prefix and a type, such as
// "valueQuantity" for "value", and gives that type with it.
func (n Node) Choice(prefix string) (typ string, value Node) {
	for i, name := range n.names {
		rest, ok := strings.CutPrefix(name, prefix)
		if ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			return rest, n.items[i].first()
		}
	}
	return "", Node{}
}

// Members gives the members of an object in the order received.
func (n Node) Members() iter.Seq2[string, Node] {
	return func(yield func(string, Node) bool) {
		for i, name := range n.names {
			if !yield(name, n.items[i]) {
				return
			}
		}
	}
}

// Items gives the items of a list, and nothing for anything else.
func (n Node) Items() []Node {
	if n.kind == '[' {
		return n.items
	}
	return nil
}

// Ext is the first extension or modifierExtension with the url.
func (n Node) Ext(url string) Node {
	for _, e := range n.Exts(url) {
		return e
	}
	return Node{}
}

// Exts gives every extension and modifierExtension with the url.
func (n Node) Exts(url string) []Node {
	var found []Node
	for _, list := range [...]string{"extension", "modifierExtension"} {
		for _, e := range n.All(list) {
			if e.Str("url") == url {
				found = append(found, e)
			}
		}
	}
	return found
}

// Value is the value[x] of an extension.
func (n Node) Value() Node {
	_, v := n.Choice("value")
	return v
}

// Sibling is the "_name" member that carries the extensions of a primitive.
func (n Node) Sibling(name string) Node { return n.Get("_" + name) }

// Contained finds a contained resource by its id, without the "#".
func (n Node) Contained(id string) Node {
	for _, c := range n.All("contained") {
		if c.Str("id") == id {
			return c
		}
	}
	return Node{}
}

// Format keeps content out of messages and logs.
func (n Node) Format(s fmt.State, _ rune) { fmt.Fprint(s, "[node]") }
