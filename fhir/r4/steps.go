package r4

import (
	"slices"
	"strings"
)

// at is where a step works: an object of a resource, under its path in STU3.
type at struct {
	*object
	root *object // the resource
	path string
	c    *conversion
}

// step changes one thing; most do nothing when their element is absent.
type step func(at)

func (a at) do(steps ...step) {
	for _, s := range steps {
		s(a)
	}
}

func (a at) note(name string, change Change) { a.c.note(a.path+"."+name, change) }

// rename moves an element, with the extensions of a primitive. When the new
// place is taken, both are kept: lists together, anything else as an extension.
func rename(from, to, kind string) step {
	return func(a at) {
		if !a.has(from) && !a.has("_"+from) {
			return
		}
		if !a.has(to) && !a.has("_"+to) {
			a.rename(from, to)
			a.rename("_"+from, "_"+to)
			return
		}
		if e, _ := a.c.table.find(a.text("resourceType"), to); e.repeats {
			a.add(to, items(a.take(from))...)
			return
		}
		a.do(extend(from, kind))
	}
}

// in works on each object of a member.
func in(name string, steps ...step) step {
	return func(a at) {
		for _, o := range objects(a.get(name)) {
			at{o, a.root, a.path + "." + name, a.c}.do(steps...)
		}
	}
}

// parts gives the objects of a member whose place a step changes. What is no
// object there is no FHIR and stays behind.
func (a at) parts(name string) []*object {
	all := objects(a.get(name))
	if len(all) < len(items(a.get(name))) {
		a.note(name, Left)
	}
	return all
}

// takeParts gives the parts of a member that goes.
func (a at) takeParts(name string) []*object {
	all := a.parts(name)
	a.take(name)
	return all
}

// codes changes codes that have another name in R4. What it was stays as an
// extension of the code where the new one says less: those end in "!".
func codes(name string, to map[string]string) step {
	return func(a at) {
		was := a.text(name)
		code, ok := to[was]
		if !ok {
			return
		}
		code, inexact := strings.CutSuffix(code, "!")
		if !inexact {
			a.set(name, str(code))
			return
		}
		a.replace(name, code)
	}
}

// replace puts another code in the place of one, which stays as an extension.
func (a at) replace(name, code string) {
	was := a.get(name)
	a.set(name, str(code))
	if was == nil {
		return
	}
	a.note(name, Replaced)
	extra, ok := a.get("_" + name).(*object)
	if !ok {
		extra = &object{}
	}
	extra.add("extension", obj("url", crossVersion(a.path+"."+name), "valueCode", was))
	a.set("_"+name, extra)
}

// concept makes a CodeableConcept of a code, and takes what the care information
// model (zib) says, which STU3 carries as an extension, into it.
func concept(name, system string) step {
	return func(a at) {
		code := a.get(name)
		if code != nil && text(code) == "" || code == nil && !a.has("_"+name) {
			return
		}
		out := &object{}
		if code != nil {
			out.add("coding", obj("system", system, "code", code))
		}
		for _, o := range objects(a.take("_" + name)) {
			zibs, rest := splitExtensions(o, codeSpecification)
			for _, e := range zibs {
				for _, zib := range objects(e.get("valueCodeableConcept")) {
					out.add("coding", items(zib.take("coding"))...)
					if words := zib.take("text"); words != nil && !out.has("text") {
						out.set("text", words)
					}
					at{zib, a.root, a.path + "." + name, a.c}.leave()
				}
			}
			out.add("extension", rest...)
		}
		a.put(name, name, out)
	}
}

// put sets a member in the place of another, or at the end.
func (a at) put(old, name string, v value) {
	if i := a.index(old); i >= 0 {
		a.members[i] = member{name, v}
		return
	}
	a.set(name, v)
}

// splitExtensions gives the extensions with a url, and the others.
func splitExtensions(o *object, url string) (found []*object, rest list) {
	for _, item := range items(o.get("extension")) {
		if e, ok := item.(*object); ok && e.text("url") == url {
			found = append(found, e)
			continue
		}
		rest = append(rest, item)
	}
	return found, rest
}

// setExtensions replaces the extensions, by none if need be.
func (a at) setExtensions(l list) {
	if len(l) == 0 {
		a.take("extension")
		return
	}
	a.set("extension", l)
}

// lift makes an element of an extension of the STU3 profiles that R4 has as an
// element. When there are more than it has room for, all stay as they are.
func lift(url, value, to string) step {
	return func(a at) {
		found, rest := splitExtensions(a.object, url)
		e, _ := a.c.table.find(a.text("resourceType"), to)
		if len(found) == 0 || len(found) > 1 && !e.repeats || a.has(to) {
			return
		}
		var all list
		for _, x := range found {
			if !x.has(value) {
				return
			}
			all = append(all, x.get(value))
		}
		a.setExtensions(rest)
		a.set(to, all) // the fit makes one value of it where R4 has one
	}
}

// note makes an annotation of a remark.
func note(name string) step {
	return func(a at) {
		v, extra := a.get(name), a.take("_"+name)
		if v == nil && extra == nil {
			return
		}
		remark := obj("text", v, "_text", extra)
		if a.has("note") {
			a.take(name)
			a.add("note", remark)
			return
		}
		a.put(name, "note", list{remark})
	}
}

// pull puts a member of an object in the place of that object: a requester's
// agent becomes the requester. What else the object says becomes extensions.
func pull(name, child string, rest ...string) step {
	return func(a at) {
		var all list
		for _, o := range a.parts(name) {
			if !o.has(child) && o.has("reference") { // as R4 has it
				all = append(all, o)
				continue
			}
			inner := at{o, a.root, a.path + "." + name, a.c}
			out := o.takeObject(child)
			for i := 0; i < len(rest); i += 2 {
				inner.do(extend(rest[i], rest[i+1]))
			}
			out.add("extension", items(o.take("extension"))...)
			inner.leave()
			all = append(all, out)
		}
		if len(all) > 0 {
			a.set(name, all) // the fit makes one value of it where R4 has one
		}
	}
}

// leave notes what a part held that no rule has taken out of it.
func (a at) leave() {
	for _, m := range a.members {
		a.note(m.name, Left)
	}
}

// need adds what R4 requires and STU3 did not.
func need(name string, v value) step {
	return func(a at) {
		if !a.has(name) && !a.has("_"+name) {
			a.set(name, clone(v))
			a.note(name, Added)
		}
	}
}

// unknown says that a required element was not given.
func unknown() *object {
	return obj("extension", list{obj("url", dataAbsent, "valueCode", "unknown")})
}

// notDone makes a status of a flag that says the thing did not happen. False
// says nothing.
func notDone(flag, status string) step {
	return func(a at) {
		v, extra := a.take(flag), a.take("_"+flag)
		if isTrue(v) && a.text("status") != "entered-in-error" {
			a.replace("status", status)
			v = nil
		}
		if raw, ok := v.(scalar); ok && raw.Kind() == 'f' {
			v = nil
		}
		if v != nil || extra != nil {
			a.extend(flag, "boolean", v, extra)
		}
	}
}

// canonical makes the name of a definition of a reference to it.
func canonical(from, to string) step {
	return func(a at) {
		all := a.parts(from)
		named := func(o *object) bool { return text(o.get("reference")) != "" && !o.has("identifier") }
		if len(all) == 0 || from != to && a.has(to) || slices.ContainsFunc(all, func(o *object) bool { return !named(o) }) {
			a.do(extend(from, "Reference"))
			return
		}
		var urls, extras list
		said := false
		for _, o := range all {
			urls = append(urls, o.take("reference"))
			if display := o.take("display"); display != nil {
				o.add("extension", obj("url", "http://hl7.org/fhir/StructureDefinition/display", "valueString", display))
			}
			said = said || len(o.members) > 0
			extras = append(extras, o)
		}
		a.put(from, to, urls)
		if said {
			a.set("_"+to, noEmpty(extras))
		}
	}
}

// noEmpty puts null where an object holds nothing.
func noEmpty(l list) list {
	for i, v := range l {
		if o, ok := v.(*object); ok && len(o.members) == 0 {
			l[i] = scalar("null")
		}
	}
	return l
}

// needCode says of a required code that it was not given.
func needCode(name string) step {
	return func(a at) {
		if !a.has(name) && !a.has("_"+name) {
			a.set("_"+name, unknown())
			a.note(name, Added)
		}
	}
}
