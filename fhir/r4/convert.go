package r4

import (
	"errors"
	"fmt"

	"github.com/bundel-pgo/bundel/fhir"
)

// Why a resource has no R4 form. The original is all there is then.
var (
	ErrFlaw   = errors.New("the resource cannot be read")
	ErrNoType = errors.New("R4 has no such type of resource")
)

// Change says what a note is about.
type Change string

// What a conversion notes. A plain new name or place gets no note, nor does a
// code that means the same.
const (
	Extended Change = "extended" // has no place in R4: it is in an extension
	Added    Change = "added"    // R4 asks for it, STU3 did not: a default or "unknown"
	Replaced Change = "replaced" // R4 says it in fewer or other words; what it was is in the result too
	Left     Change = "left"     // only in the original: neither release has it there
	General  Change = "general"  // a type, or a part of one, without rules of its own
)

// Note is a place where the R4 form says something else, or less, than the
// STU3 resource. It holds names of elements only, no content.
type Note struct {
	Path   string // in STU3, such as Observation.related
	Change Change
}

// String gives path and change.
func (n Note) String() string { return n.Path + ": " + string(n.Change) }

// Convert gives a resource in FHIR R4 JSON. A resource that is R4 already comes
// back as it is, its very bytes. Of a STU3 resource everything comes along that
// STU3 defines, by the rules of data-services.md 3.5; the notes, at most one
// per path and change, say where its reader should know of the original. The
// result is not the truth: keep r itself.
//
// It fails with [ErrFlaw] when r cannot be read and with [ErrNoType] when R4
// has no such type. Same input, same output; r is not changed; it is safe for
// concurrent use.
func Convert(r fhir.Resource) ([]byte, []Note, error) {
	if r.Flaw != "" {
		return nil, nil, fmt.Errorf("convert to R4: %w (%s)", ErrFlaw, r.Flaw)
	}
	if r.Version == fhir.R4 {
		return r.Bytes(), nil, nil
	}
	o, err := parse(r.Bytes())
	if err != nil {
		return nil, nil, fmt.Errorf("convert to R4: %w (%w)", ErrFlaw, err)
	}
	c := conversion{table: tableR4(), noted: map[Note]bool{}}
	if !c.resource(o) {
		return nil, nil, fmt.Errorf("convert to R4: %w", ErrNoType)
	}
	return marshal(o), c.notes, nil
}

type conversion struct {
	table tables
	notes []Note
	noted map[Note]bool
}

func (c *conversion) note(path string, change Change) {
	n := Note{path, change}
	if !c.noted[n] {
		c.noted[n] = true
		c.notes = append(c.notes, n)
	}
}

// resource converts a resource and those in it; false when R4 has no such type.
func (c *conversion) resource(o *object) bool {
	typ := o.text("resourceType")
	if to, ok := renamedTypes[typ]; ok {
		o.set("resourceType", str(to))
	}
	if !c.table.isA(o.text("resourceType"), "Resource") {
		return false
	}
	here := at{object: o, root: o, path: typ, c: c}
	c.inner(o, typ)
	steps, ok := ruleTable[typ]
	if !ok {
		c.note(typ, General)
	}
	c.everywhere(o, typ)
	here.do(anyResource...)
	here.do(steps...)
	c.fit(o, o.text("resourceType"), typ)
	return true
}

// inner converts the resources inside; one that cannot be converted goes.
func (c *conversion) inner(o *object, typ string) {
	if l := objects(o.get("contained")); len(l) > 0 {
		keep := list{}
		for _, in := range l {
			if c.resource(in) {
				keep = append(keep, in)
			} else {
				c.note(typ+".contained", Left)
			}
		}
		o.set("contained", keep)
	}
	switch typ {
	case "Bundle":
		c.parts(o, "entry", typ)
	case "Parameters":
		c.parts(o, "parameter", typ)
	}
}

// parts converts the resources in the entries of a Bundle and in parameters.
func (c *conversion) parts(o *object, name, path string) {
	path += "." + name
	for _, part := range objects(o.get(name)) {
		for _, in := range objects(part.get("resource")) {
			if !c.resource(in) {
				part.take("resource")
				c.note(path+".resource", Left)
			}
		}
		c.parts(part, "part", path)
	}
}
