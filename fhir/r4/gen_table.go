//go:build ignore

// Gen_table writes table.txt, the elements of R4, from the definitions that
// HL7 publishes with the specification (4.0.1, in the public domain under
// CC0). They come along with a Go module:
//
//	go mod download -json github.com/gofhir/validator@v1.0.0   # its Dir, then
//	go run gen_table.go DIR/specs/r4
//
// The form of the table is explained in table.go.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxCodes is the largest set of codes that is taken along.
const maxCodes = 40

type definition struct {
	ResourceType, URL, Type, Kind, Derivation, BaseDefinition string
	Snapshot                                                  struct{ Element []element }
	Compose                                                   struct {
		Include []include
		Exclude []include
	}
	Concept []concept
}

type element struct {
	Path, Max, ContentReference string
	Min                         int
	Base                        struct{ Path string }
	Type                        []struct{ Code string }
	Binding                     struct{ Strength, ValueSet string }
}

type include struct {
	System   string
	Concept  []concept
	Filter   []any
	ValueSet []string
}

type concept struct {
	Code    string
	Concept []concept
}

type generator struct {
	sets map[string]definition // value sets and code systems, by URL
	used map[string]string     // names of the sets in use: their codes
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: go run gen_table.go FOLDER_OF_DEFINITIONS")
	}
	g := generator{sets: map[string]definition{}, used: map[string]string{}}
	for _, name := range []string{"valuesets.json", "v3-codesystems.json"} {
		for _, d := range load(name) {
			g.sets[d.URL] = d
		}
	}
	types := map[string][]string{}
	for _, name := range []string{"profiles-types.json", "profiles-resources.json"} {
		for _, d := range load(name) {
			if d.ResourceType == "StructureDefinition" && d.Derivation != "constraint" && d.Kind != "primitive-type" {
				g.read(d, types)
			}
		}
	}
	var lines []string
	for head, rows := range types {
		lines = append(lines, head+": "+strings.Join(rows, " "))
	}
	for name, codes := range g.used {
		lines = append(lines, "#"+name+" "+codes)
	}
	slices.Sort(lines)
	if err := os.WriteFile("table.txt", []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		log.Fatal(err)
	}
}

func load(name string) []definition {
	raw, err := os.ReadFile(filepath.Join(os.Args[1], name))
	if err != nil {
		log.Fatal(err)
	}
	var bundle struct {
		Entry []struct{ Resource json.RawMessage }
	}
	if err := json.Unmarshal(raw, &bundle); err != nil {
		log.Fatal(err)
	}
	var all []definition
	for _, e := range bundle.Entry {
		var kind struct{ ResourceType string }
		_ = json.Unmarshal(e.Resource, &kind)
		if !slices.Contains([]string{"StructureDefinition", "ValueSet", "CodeSystem"}, kind.ResourceType) {
			continue
		}
		var d definition
		if err := json.Unmarshal(e.Resource, &d); err != nil {
			log.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

// read adds the lines of a type: one for itself and one for each element that
// has elements of its own.
func (g generator) read(d definition, types map[string][]string) {
	base := d.BaseDefinition[strings.LastIndexByte(d.BaseDefinition, '/')+1:]
	heads := map[string]string{d.Type: strings.TrimSpace(d.Type + " " + base)}
	types[heads[d.Type]] = nil
	for _, e := range d.Snapshot.Element {
		dot := strings.LastIndexByte(e.Path, '.')
		if dot < 0 {
			continue
		}
		parent, name := e.Path[:dot], e.Path[dot+1:]
		if inherited(d.Type, e) {
			continue
		}
		kind := g.kind(e)
		switch kind {
		case "BackboneElement": // the usual base of a part: not written
			heads[e.Path], kind = e.Path, "@"
		case "Element":
			heads[e.Path], kind = e.Path+" Element", "@"
		}
		types[heads[parent]] = append(types[heads[parent]], name+"="+kind+card(e))
	}
}

// inherited: an element that the base type has as well.
func inherited(typ string, e element) bool {
	root, _, _ := strings.Cut(e.Base.Path, ".")
	return e.Base.Path != "" && e.Base.Path != e.Path && (root != typ || strings.Count(e.Path, ".") > 1) &&
		slices.Contains([]string{"Element", "BackboneElement", "Resource", "DomainResource", "Quantity"}, root)
}

// kind is the types of an element, with the set of its codes.
func (g generator) kind(e element) string {
	if ref, ok := strings.CutPrefix(e.ContentReference, "#"); ok {
		return ref
	}
	switch e.Path { // given as strings of FHIRPath
	case "Element.id":
		return "string"
	case "Resource.id":
		return "id"
	case "Extension.url":
		return "uri"
	}
	var codes []string
	for _, t := range e.Type {
		codes = append(codes, t.Code)
	}
	kind := strings.Join(codes, "|")
	if len(codes) > 20 {
		kind = "*" // any type
	}
	if kind == "code" && e.Binding.Strength == "required" {
		kind += g.set(e.Binding.ValueSet)
	}
	return kind
}

// set names the codes of a value set; empty when it is large or made by rules.
func (g generator) set(url string) string {
	url, _, _ = strings.Cut(url, "|")
	name := url[strings.LastIndexByte(url, '/')+1:]
	codes, ok := g.codes(g.sets[url])
	if !ok || len(codes) == 0 || len(codes) > maxCodes {
		return ""
	}
	g.used[name] = strings.Join(codes, " ")
	return "#" + name
}

func (g generator) codes(d definition) (codes []string, ok bool) {
	if len(d.Compose.Exclude) > 0 {
		return nil, false
	}
	for _, in := range d.Compose.Include {
		if len(in.Filter) > 0 || len(in.ValueSet) > 0 {
			return nil, false
		}
		concepts := in.Concept
		if len(concepts) == 0 {
			concepts = g.sets[in.System].Concept
		}
		if len(concepts) == 0 {
			return nil, false
		}
		codes = flatten(codes, concepts)
	}
	return codes, true
}

func flatten(codes []string, concepts []concept) []string {
	for _, c := range concepts {
		codes = append(flatten(codes, c.Concept), c.Code)
	}
	return codes
}

// card marks the cardinality: ? 0..1, * 0..*, + 1..*, none 1..1.
func card(e element) string {
	mark := map[string]string{"0 1": "?", "0 *": "*", "1 *": "+", "1 1": ""}
	if m, ok := mark[fmt.Sprint(min(e.Min, 1), " ", cmp.Or(e.Max, "*"))]; ok {
		return m
	}
	log.Fatalf("%s: %d..%s", e.Path, e.Min, e.Max)
	return ""
}
