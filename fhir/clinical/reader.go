package clinical

import (
	"strconv"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

const (
	nictiz = "http://nictiz.nl/fhir/StructureDefinition/"
	hl7    = "http://hl7.org/fhir/StructureDefinition/"
	nlCore = "http://fhir.nl/fhir/StructureDefinition/"
)

// reader reads one object of a resource. It notes what it cannot read, and
// which members were asked for.
type reader struct {
	node  fhir.Node
	path  string // with positions, for warnings
	place string // below the resource and without positions
	log   *log
}

// get walks a path of names, as [fhir.Node.Get] does.
func (r reader) get(path ...string) reader {
	for _, name := range path {
		r.node, r.path, r.place = r.node.Get(name), r.path+"."+name, r.note(name)
	}
	return r
}

// note remembers that a member was asked for, and gives its place.
func (r reader) note(name string) string {
	place := below(r.place, name)
	r.log.seen[place] = true
	return place
}

// whole notes a member with everything in it, for what package fhir reads.
func (r reader) whole(name string) {
	place := r.note(name)
	for _, item := range r.node.All(name) {
		for part := range item.Members() {
			r.log.seen[below(place, strings.TrimPrefix(part, "_"))] = true
		}
	}
}

func below(place, name string) string {
	if place == "" {
		return name
	}
	return place + "." + name
}

// each gives every value of the members, of which a release has one.
func (r reader) each(names ...string) []reader {
	var all []reader
	for _, name := range names {
		place := r.note(name)
		for i, item := range r.node.All(name) {
			if item.Exists() {
				all = append(all, reader{node: item, path: r.path + "." + name + "[" + strconv.Itoa(i) + "]", place: place, log: r.log})
			}
		}
	}
	return all
}

// choice finds the form in which a choice was written, without noting a value.
func (r reader) choice(prefix string) (typ string, value reader) {
	typ, v := r.node.Choice(prefix)
	if typ == "" {
		return "", reader{log: r.log}
	}
	return typ, reader{node: v, path: r.path + "." + prefix + typ, place: r.note(prefix + typ), log: r.log}
}

// ext gives the value of the first of the extensions of Nictiz.
func (r reader) ext(names ...string) reader {
	for _, name := range names {
		url := name
		if !strings.Contains(name, "://") {
			url = nictiz + name
		}
		if all := r.exts(url); len(all) > 0 {
			return r.inside(all[0].Value())
		}
	}
	return r.inside(fhir.Node{})
}

// exts gives every extension with the url, and notes that it was asked for.
func (r reader) exts(url string) []fhir.Node {
	r.log.asked[url] = true
	return r.node.Exts(url)
}

// inside reads the value of an extension of r.
func (r reader) inside(value fhir.Node) reader {
	return reader{node: value, path: r.path + ".extension", place: below(r.place, "extension"), log: r.log}
}

func (r reader) exists() bool { return r.node.Exists() }

func (r reader) text(path ...string) string {
	if len(path) > 0 {
		r = r.get(path...)
	}
	return strings.TrimSpace(r.node.Text())
}

func (r reader) bool(path ...string) bool { return r.get(path...).node.Bool() }

func (r reader) concept(path ...string) fhir.Coded {
	if len(path) > 0 {
		r = r.get(path...)
	}
	return r.node.Coded()
}

func (r reader) concepts(names ...string) []fhir.Coded {
	var all []fhir.Coded
	for _, item := range r.each(names...) {
		if c := item.node.Coded(); !c.IsZero() {
			all = append(all, c)
		}
	}
	return all
}

// ref reads a Reference; where STU3 has an object around it, as in
// requester.agent, the path goes into it.
func (r reader) ref(path ...string) fhir.Reference {
	if len(path) > 0 {
		r = r.get(path...)
	}
	return r.node.Reference()
}

func (r reader) refs(names ...string) []fhir.Reference {
	var all []fhir.Reference
	for _, item := range r.each(names...) {
		if ref := item.node.Reference(); !ref.IsZero() {
			all = append(all, ref)
		}
	}
	return all
}

// firstRef gives the first that points anywhere.
func firstRef(refs ...fhir.Reference) fhir.Reference {
	for _, ref := range refs {
		if !ref.IsZero() {
			return ref
		}
	}
	return fhir.Reference{}
}

// requester is who asked: STU3 requester.agent, R4 requester.
func (r reader) requester() fhir.Reference {
	return firstRef(r.ref("requester", "agent"), r.ref("requester"))
}

// date reads a date; with several names, of which a release has one, the first
// that is there.
func (r reader) date(names ...string) fhir.Date {
	for _, name := range names {
		if d := r.get(name); d.exists() {
			return d.asDate()
		}
	}
	return fhir.Date{}
}

func (r reader) asDate() fhir.Date {
	d := fhir.ParseDate(r.node.Text())
	if r.exists() && d.IsZero() {
		r.warn(KindDate)
	}
	return d
}

func (r reader) period(path ...string) fhir.Period {
	if len(path) > 0 {
		r = r.get(path...)
	}
	return fhir.Period{Start: r.date("start"), End: r.date("end")}
}

// quantity reads a Quantity. That its value is a number is checked by walk.
func (r reader) quantity(path ...string) fhir.Quantity {
	if len(path) > 0 {
		r = r.get(path...)
	}
	return r.node.Quantity()
}

// code reads a code of a required value set.
func (r reader) code(name, set string) string {
	c := r.get(name)
	text := c.text()
	if text != "" && !inSet(set, text) {
		c.warn(KindCode)
	}
	return text
}

func inSet(set, code string) bool { return strings.Contains(" "+set+" ", " "+code+" ") }

func (r reader) warn(k Kind) { r.log.warnings = append(r.log.warnings, Warning{Path: r.path, Kind: k}) }
