package r4

import (
	"slices"
	"strings"
)

// fit makes the members of an object lists exactly where R4 has lists, and
// takes out what R4 does not know there. What the steps should have moved and
// did not is so found in the notes, never in silence.
func (c *conversion) fit(o *object, typ, path string) {
	members := o.members
	o.members = nil
	var over list
	for _, m := range members {
		if m.name == "resourceType" && c.table.isA(typ, "Resource") {
			o.members = append(o.members, m)
			continue
		}
		name, extra := strings.CutPrefix(m.name, "_")
		e, ok := c.table.find(typ, name)
		if !ok || extra && !isPrimitive(e.kind) {
			c.note(path+"."+name, Left)
			continue
		}
		if extra {
			e.kind = "Element"
		}
		first, rest := shape(m.value, e.repeats)
		c.inside(first, e, path+"."+name)
		if first = full(first); first == nil {
			continue
		}
		o.members = append(o.members, member{m.name, first})
		over = append(over, c.overflow(rest, e, path+"."+name)...)
	}
	if len(over) > 0 {
		o.add("extension", over...)
	}
}

// inside fits the objects of a member; resources have been fitted already.
func (c *conversion) inside(v value, e element, path string) {
	if isPrimitive(e.kind) || e.kind == "Resource" {
		return
	}
	for _, in := range objects(v) {
		c.fit(in, e.kind, path)
	}
}

// shape makes a list of a value or takes the first of a list. An empty list
// says nothing.
func shape(v value, repeats bool) (first value, rest list) {
	l, isList := v.(list)
	switch {
	case repeats && isList, !repeats && !isList:
		return v, nil
	case repeats:
		return list{v}, nil
	case len(l) == 0:
		return nil, nil
	}
	return l[0], l[1:]
}

// full takes out objects and lists that hold nothing, which R4 forbids.
func full(v value) value {
	hollow := func(v value) bool {
		o, ok := v.(*object)
		return ok && len(o.members) == 0
	}
	l, isList := v.(list)
	if isList {
		l = slices.DeleteFunc(slices.Clone(l), hollow)
		v = l
	}
	if hollow(v) || isList && len(l) == 0 {
		return nil
	}
	return v
}

// overflow keeps the values for which R4 has no room as extensions.
func (c *conversion) overflow(rest list, e element, path string) list {
	var all list
	for _, v := range rest {
		if strings.Contains(e.kind, ".") || e.kind == "Element" || e.kind == "Resource" { // no type for a value
			c.note(path, Left)
			continue
		}
		c.note(path, Extended)
		c.inside(v, e, path)
		all = append(all, obj("url", crossVersion(path), "value"+upper(e.kind), v))
	}
	return all
}
