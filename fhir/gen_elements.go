//go:build ignore

// Gen_elements writes elements_stu3.txt and elements_r4.txt from the type
// definitions of the npm package @types/fhir (see elements.go for the command
// and the form of the tables). Only facts are taken: names, types, cardinality.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var (
	header = regexp.MustCompile(`^export interface (\w+)(?:<.*>)?(?: extends (\w+))?`)
	member = regexp.MustCompile(`^\s+(?:readonly )?(\w+)(\??): (.+);$`)
)

// choices are the FHIR types that can end the name of a choice, with the kind
// the definitions give them; an empty kind means a type of that very name.
var choices = map[string]string{
	"Base64Binary": "s", "Boolean": "b", "Canonical": "s", "Code": "s", "Date": "s", "DateTime": "s",
	"Decimal": "n", "Id": "s", "Instant": "s", "Integer": "n", "Markdown": "s", "Oid": "s", "PositiveInt": "n",
	"String": "s", "Time": "s", "UnsignedInt": "n", "Uri": "s", "Url": "s", "Uuid": "s",
	"Address": "", "Age": "", "Annotation": "", "Attachment": "", "CodeableConcept": "", "Coding": "",
	"ContactDetail": "", "ContactPoint": "", "Contributor": "", "Count": "", "DataRequirement": "", "Distance": "",
	"Dosage": "", "Duration": "", "Expression": "", "HumanName": "", "Identifier": "", "Meta": "", "Money": "",
	"ParameterDefinition": "", "Period": "", "Quantity": "", "Range": "", "Ratio": "", "Reference": "",
	"RelatedArtifact": "", "SampledData": "", "Signature": "", "Timing": "", "TriggerDefinition": "", "UsageContext": "",
}

type element struct{ name, kind, card string }

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: go run gen_elements.go FOLDER_OF_TYPES_FHIR")
	}
	for in, out := range map[string]string{"r3.d.ts": "elements_stu3.txt", "r4.d.ts": "elements_r4.txt"} {
		if err := generate(filepath.Join(os.Args[1], in), out); err != nil {
			log.Fatal(err)
		}
	}
}

func generate(in, out string) error {
	f, err := os.Open(in)
	if err != nil {
		return err
	}
	defer f.Close()
	var lines []string
	var head string
	var elements []element
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		line := scan.Text()
		if m := header.FindStringSubmatch(line); m != nil {
			head, elements = strings.TrimSpace(m[1]+" "+m[2]), nil
			continue
		}
		if line == "}" && head != "" {
			lines = append(lines, head+": "+write(elements))
			head = ""
			continue
		}
		if m := member.FindStringSubmatch(line); m != nil && head != "" && !strings.HasPrefix(m[1], "_") && m[1] != "resourceType" {
			elements = append(elements, read(m[1], m[2], m[3]))
		}
	}
	if err := scan.Err(); err != nil {
		return err
	}
	slices.Sort(lines)
	return os.WriteFile(out, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// read turns a TypeScript member into a row: kind b, n, s or a type name, and
// the cardinality as a mark: ? 0..1, * 0..*, + 1..*, none 1..1.
func read(name, optional, typ string) element {
	typ = strings.TrimSuffix(typ, " | undefined")
	inner, isArray := strings.CutPrefix(typ, "Array<")
	list := isArray || strings.HasSuffix(typ, "[]")
	typ, _, _ = strings.Cut(strings.TrimSuffix(inner, "[]"), "<")
	e := element{name: name, kind: typ, card: optional}
	switch {
	case list && optional != "":
		e.card = "*"
	case list:
		e.card = "+"
	}
	switch {
	case typ == "BundleContentType":
		e.kind = "FhirResource"
	case typ == "boolean":
		e.kind = "b"
	case typ == "number":
		e.kind = "n"
	case typ == "string" || strings.Contains(typ, "'"):
		e.kind = "s"
	}
	return e
}

func write(elements []element) string {
	groups := map[string]int{}
	for _, e := range elements {
		if prefix, ok := choice(e); ok {
			groups[prefix]++
		}
	}
	var rows []string
	for _, e := range elements {
		name := e.name
		if prefix, ok := choice(e); ok && groups[prefix] > 1 {
			name = fmt.Sprintf("%s[%s]", prefix, strings.TrimPrefix(e.name, prefix))
		}
		rows = append(rows, name+"="+e.kind+e.card)
	}
	return strings.Join(rows, " ")
}

// choice finds the prefix of an element that may be one of a choice: its name
// ends in its own type. Repeating elements never are, nor is the pair
// instantiatesCanonical and instantiatesUri, two elements that may both be there.
func choice(e element) (prefix string, ok bool) {
	if e.card == "*" || e.card == "+" || strings.HasPrefix(e.name, "instantiates") {
		return "", false
	}
	for suffix, kind := range choices {
		rest, found := strings.CutSuffix(e.name, suffix)
		if kind == "" {
			kind = suffix
		}
		if found && rest != "" && kind == e.kind && (!ok || len(rest) < len(prefix)) {
			prefix, ok = rest, true
		}
	}
	return prefix, ok
}
