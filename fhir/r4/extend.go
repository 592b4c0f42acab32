package r4

import "strings"

const (
	dataAbsent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
	zib        = "http://nictiz.nl/fhir/StructureDefinition/"

	// Extensions of the Dutch profiles, under their names for R4:
	// codeSpecification carries the code of the care information model beside
	// a code of FHIR.
	codeSpecification = zib + "ext-CodeSpecification"
	episodeContext    = zib + "ext-Context-EpisodeOfCare"
	practitionerRole  = zib + "practitionerrole-reference"
	timePeriod        = zib + "ext-TimeInterval.Period"
	timeDuration      = zib + "ext-TimeInterval.Duration"
	stopTypeExt       = zib + "ext-StopType"
)

// crossVersion is HL7's name for an extension that holds a STU3 element
// (https://hl7.org/fhir/R4/versions.html#extensions).
func crossVersion(path string) string {
	return "http://hl7.org/fhir/3.0/StructureDefinition/extension-" + path
}

// extend puts an element that R4 does not have into an extension of the object
// it was in. The kind is its type, or for a part of a type the kinds of its
// elements: "type=code target=Reference".
func extend(name, kind string) step {
	return func(a at) {
		if a.has(name) || a.has("_"+name) {
			v, extra := a.take(name), a.take("_"+name)
			a.extend(name, kind, v, extra)
		}
	}
}

func (a at) extend(name, kind string, v, extra value) {
	a.note(name, Extended)
	a.add("extension", a.extensions(crossVersion(a.path+"."+name), name, kind, v, extra)...)
}

// extensions gives an extension for each value, and each extra of a primitive.
func (a at) extensions(url, name, kind string, v, extra value) list {
	values, extras := items(v), items(extra)
	var all list
	for i := range max(len(values), len(extras)) {
		one, more := nth(values, i), nth(extras, i)
		if part, ok := one.(*object); ok && strings.Contains(kind, "=") {
			all = append(all, a.nested(url, name, kind, part))
			continue
		}
		all = append(all, obj("url", url, "value"+upper(kind), one, "_value"+upper(kind), more))
	}
	return all
}

// nested makes an extension of extensions, one for each element of a part.
func (a at) nested(url, name, kinds string, part *object) *object {
	inner := append(list{}, items(part.take("extension"))...)
	for row := range strings.FieldsSeq(kinds) {
		child, kind, _ := strings.Cut(row, "=")
		v, extra := part.take(child), part.take("_"+child)
		inner = append(inner, a.extensions(child, child, kind, v, extra)...)
	}
	out := obj("id", part.take("id"), "extension", inner, "url", url)
	if len(inner) == 0 {
		out.take("extension")
	}
	for _, m := range part.members { // no element of STU3
		a.note(name+"."+m.name, Left)
	}
	return out
}

// nth is an item, or nil where there is none or null.
func nth(l list, i int) value {
	if i >= len(l) || isNull(l[i]) {
		return nil
	}
	return l[i]
}
