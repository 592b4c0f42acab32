package r4

import (
	"fmt"
	"strings"
)

// Problem says in what way a place departs from the structure of R4.
type Problem string

// The problems that [Check] finds.
const (
	NotJSON   Problem = "not-json"     // not one JSON object, or a name twice in one object
	NoType    Problem = "no-such-type" // resourceType is absent or R4 has no such type
	Unknown   Problem = "unknown"      // an element that R4 does not have here
	Missing   Problem = "missing"      // a required element is absent
	WrongType Problem = "wrong-type"   // text where a number is due, an object where text is due, ...
	NotList   Problem = "not-a-list"   // one value where R4 has a list
	NotOne    Problem = "not-one"      // a list where R4 has one value
	TwoForms  Problem = "two-forms"    // two forms of one choice, such as valueString and valueCode
	BadValue  Problem = "bad-value"    // not the form of the primitive, such as a date with a month 13
	BadCode   Problem = "bad-code"     // not one of the codes that R4 requires here
	Empty     Problem = "empty"        // an object, list or extra of a primitive that holds nothing
)

// Finding is a place where a resource departs from R4. It holds no content of
// the resource but the names on the path.
type Finding struct {
	Path    string // such as Observation.component[1].valueQuantity.code
	Problem Problem
}

// String gives path and problem.
func (f Finding) String() string { return f.Path + ": " + string(f.Problem) }

// Check compares a resource in JSON with the structure of FHIR R4 (4.0.1):
// names, types, cardinality, choices, the form of primitives and short required
// sets of codes, of the resource and of all resources in it. It gives nothing
// for a resource that has that structure. See the package comment for what it
// does not look at. It is safe for concurrent use.
func Check(raw []byte) []Finding {
	o, err := parse(raw)
	if err != nil {
		return []Finding{{Problem: NotJSON}}
	}
	c := checker{table: tableR4()}
	c.resource(o, "")
	return c.findings
}

type checker struct {
	table    tables
	findings []Finding
}

func (c *checker) find(path string, p Problem) {
	c.findings = append(c.findings, Finding{path, p})
}

func (c *checker) resource(o *object, path string) {
	typ := o.text("resourceType")
	if path == "" {
		path = typ
	}
	if !c.table.isA(typ, "Resource") {
		c.find(path, NoType)
		return
	}
	c.object(o, typ, path)
}

// object checks the members of an object of a type, and what it lacks.
func (c *checker) object(o *object, typ, path string) {
	if len(o.members) == 0 {
		c.find(path, Empty)
	}
	seen := map[string]string{} // choices: the form found
	for _, m := range o.members {
		if m.name == "resourceType" && c.table.isA(typ, "Resource") {
			continue
		}
		at := path + "." + m.name
		name, extra := strings.CutPrefix(m.name, "_")
		e, ok := c.table.find(typ, name)
		if !ok || extra && !isPrimitive(e.kind) {
			c.find(at, Unknown)
			continue
		}
		if e.choice != "" {
			if form := seen[e.choice]; form != "" && form != name {
				c.find(at, TwoForms)
			}
			seen[e.choice] = name
		}
		if extra {
			e = element{kind: "Element", repeats: e.repeats}
		}
		c.member(o, m, e, at)
	}
	c.required(o, typ, path, seen)
}

func (c *checker) required(o *object, typ, path string, seen map[string]string) {
	for t := typ; t != ""; t = c.table[t].base {
		for _, name := range c.table[t].required {
			if seen[name] == "" && !o.has(name) && !o.has("_"+name) {
				c.find(path+"."+name, Missing)
			}
		}
	}
}

// member checks that a member is a list exactly where R4 has one, and its items.
func (c *checker) member(o *object, m member, e element, path string) {
	l, isList := m.value.(list)
	switch {
	case isList && !e.repeats:
		c.find(path, NotOne)
	case !isList && e.repeats:
		c.find(path, NotList)
	case isList && len(l) == 0:
		c.find(path, Empty)
	}
	if !isList {
		c.value(m.value, e, path)
		return
	}
	for i, item := range l {
		if isNull(item) && c.hasOther(o, m.name, i) {
			continue // the other half of a primitive says it
		}
		c.value(item, e, fmt.Sprintf("%s[%d]", path, i))
	}
}

func isNull(v value) bool {
	raw, ok := v.(scalar)
	return ok && raw.Kind() == 'n'
}

// hasOther tells whether the other half of a list of primitives, given and
// _given, has something at a place.
func (c *checker) hasOther(o *object, name string, i int) bool {
	other, isExtra := strings.CutPrefix(name, "_")
	if !isExtra {
		other = "_" + name
	}
	l := items(o.get(other))
	return i < len(l) && !isNull(l[i])
}

func (c *checker) value(v value, e element, path string) {
	switch v := v.(type) {
	case *object:
		switch {
		case isPrimitive(e.kind):
			c.find(path, WrongType)
		case e.kind == "Resource":
			c.resource(v, path)
		default:
			c.object(v, e.kind, path)
		}
	case scalar:
		if p := problemOf(v, e); p != "" {
			c.find(path, p)
		}
	default: // a list in a list
		c.find(path, WrongType)
	}
}
