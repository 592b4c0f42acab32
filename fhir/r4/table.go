package r4

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// The structure of R4 (4.0.1), made by gen_table.go from the definitions of
// HL7, which are CC0: facts of names, types and cardinality. A line is a type,
// "Name Base:", or a part of one, "Type.part:", with its elements in order as
// name=kind and a mark (? 0..1, * 0..*, + 1..*, none 1..1). A kind is a type, a
// part by its path, or @ for the part of that very name; value[x]=A|B is a
// choice and [x]=* a choice of every data type. Lines that start with # are the
// codes of required sets of at most 40 codes.
//
//go:embed table.txt
var tableText string

// element is one element of a type; each form of a choice is one.
type element struct {
	kind    string
	codes   []string // if not empty: the only ones there may be
	choice  string   // the name of the choice it is a form of, without [x]
	repeats bool
}

// elementType is a resource, data type or part of one.
type elementType struct {
	base     string
	elements map[string]element
	required []string // names, and choices without [x]
}

// tables is the structure of a release.
type tables map[string]elementType

// tableR4 is read once: every check and conversion needs it.
var tableR4 = sync.OnceValue(func() tables { return parseTables(tableText) })

// find looks an element up in a type and in those it builds on.
func (t tables) find(typ, name string) (element, bool) {
	for typ != "" {
		if e, ok := t[typ].elements[name]; ok {
			return e, true
		}
		typ = t[typ].base
	}
	return element{}, false
}

// isA tells whether typ is base or builds on it.
func (t tables) isA(typ, base string) bool {
	for typ != "" && typ != base {
		typ = t[typ].base
	}
	return typ == base
}

func isPrimitive(kind string) bool { return kind != "" && kind[0] >= 'a' && kind[0] <= 'z' }

// parseTables reads the embedded text; a test checks it, so there is no error
// to give. Lines with codes come first: # sorts before letters.
func parseTables(text string) tables {
	t, sets := tables{}, map[string][]string{}
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "#"); ok {
			name, codes, _ := strings.Cut(rest, " ")
			sets[name] = strings.Fields(codes)
			continue
		}
		head, rows, _ := strings.Cut(line, ": ")
		name, base, _ := strings.Cut(head, " ")
		if base == "" && strings.Contains(name, ".") {
			base = "BackboneElement"
		}
		def := elementType{base: base, elements: map[string]element{}}
		for row := range strings.FieldsSeq(rows) {
			def.read(row, name, sets)
		}
		t[name] = def
	}
	return t
}

func (d *elementType) read(row, typ string, sets map[string][]string) {
	name, kind, _ := strings.Cut(row, "=")
	e := element{}
	mark := kind[len(strings.TrimRight(kind, "?*+")):]
	if strings.HasPrefix(kind, "*") { // any type, which is no mark
		mark = kind[1:]
	}
	kind = kind[:len(kind)-len(mark)]
	e.repeats = mark == "*" || mark == "+"
	choice, isChoice := strings.CutSuffix(name, "[x]")
	if mark == "" || mark == "+" {
		d.required = append(d.required, choice)
	}
	if isChoice {
		e.choice = choice
		for _, form := range forms(kind) {
			e.kind = form
			d.elements[choice+upper(form)] = e
		}
		return
	}
	kind, set, _ := strings.Cut(kind, "#")
	e.kind, e.codes = kind, sets[set]
	if kind == "@" {
		e.kind = typ + "." + name
	}
	d.elements[name] = e
}

// forms are the types of a choice.
func forms(kinds string) []string {
	if kinds == "*" {
		return anyType
	}
	return strings.Split(kinds, "|")
}

// anyType are the types that an extension can have as its value
// (https://hl7.org/fhir/R4/datatypes.html#open).
var anyType = slices.Concat(
	strings.Fields("base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt string time unsignedInt uri url uuid"),
	strings.Fields("Address Age Annotation Attachment CodeableConcept Coding ContactPoint Count Distance Duration HumanName Identifier Money Period Quantity Range Ratio Reference SampledData Signature Timing"),
	strings.Fields("ContactDetail Contributor DataRequirement Expression ParameterDefinition RelatedArtifact TriggerDefinition UsageContext Dosage Meta"),
)
