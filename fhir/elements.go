package fhir

import (
	_ "embed"
	"strings"
	"sync"
)

// The tables of elements of both releases: one line per type, "Name Base:" and
// its elements as name=kind and a mark for the cardinality (? 0..1, * 0..*,
// + 1..*, none 1..1). Kinds are s (written as a string), b (boolean), n
// (number) or the name of a type; value[Quantity] is the Quantity form of the
// choice value[x]. They are facts of the FHIR specification, made by
//
//	npm pack @types/fhir@0.0.41 && tar xzf types-fhir-0.0.41.tgz
//	go run gen_elements.go fhir   # the folder it unpacks to
//
//go:embed elements_stu3.txt
var elementsSTU3 string

//go:embed elements_r4.txt
var elementsR4 string

// element is one element of a type.
type element struct {
	kind     string // "s", "b", "n" or a type
	choice   string // the name of the choice it is a form of, without [x]
	repeats  bool
	required bool
}

func (e element) isPrimitive() bool { return len(e.kind) == 1 }

// elementType is a resource or data type; base is empty for the roots.
type elementType struct {
	base     string
	elements map[string]element
}

// elements is the table of one release.
type elements map[string]elementType

var (
	tableSTU3 = sync.OnceValue(func() elements { return parseElements(elementsSTU3) })
	tableR4   = sync.OnceValue(func() elements { return parseElements(elementsR4) })
)

func elementsOf(v Version) elements {
	if v == STU3 {
		return tableSTU3()
	}
	return tableR4()
}

// find looks an element up in a type and in those it builds on.
func (t elements) find(typ, name string) (element, bool) {
	for typ != "" {
		e, ok := t[typ].elements[name]
		if ok {
			return e, true
		}
		typ = t[typ].base
	}
	return element{}, false
}

// parseElements reads a table; it is made by gen_elements.go and a test checks
// it, so there is no error to give.
func parseElements(text string) elements {
	table := elements{}
	for line := range strings.Lines(text) {
		head, rows, _ := strings.Cut(strings.TrimSpace(line), ":")
		name, base, _ := strings.Cut(head, " ")
		t := elementType{base: base, elements: map[string]element{}}
		for row := range strings.FieldsSeq(rows) {
			name, e := parseElement(row)
			t.elements[name] = e
		}
		table[name] = t
	}
	return table
}

func parseElement(row string) (name string, e element) {
	name, kind, _ := strings.Cut(row, "=")
	if prefix, form, ok := strings.Cut(name, "["); ok {
		e.choice = prefix
		name = prefix + strings.TrimSuffix(form, "]")
	}
	e.kind = strings.TrimRight(kind, "?*+")
	mark := kind[len(e.kind):]
	e.repeats = mark == "*" || mark == "+"
	e.required = mark == "" || mark == "+"
	return name, e
}
