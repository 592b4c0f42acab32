package fhir

import "bytes"

// jsonItem is one value of a member and, of a primitive, the object with its
// id and extensions. Either may be absent.
type jsonItem struct{ value, extra []byte }

// jsonMember gathers the items of one name.
type jsonMember struct {
	name    string
	repeats bool
	items   []jsonItem
}

// jsonObject writes a JSON object whose members arrive in any order; inner are
// resources found where no name is given to them.
type jsonObject struct {
	members []jsonMember
	index   map[string]int // of members, by name
	inner   [][]byte
}

// add keeps the items of one name together, wherever they stood.
func (o *jsonObject) add(name string, e element, item jsonItem) {
	if i, ok := o.index[name]; ok {
		o.members[i].items = append(o.members[i].items, item)
		return
	}
	if o.index == nil {
		o.index = map[string]int{}
	}
	o.index[name] = len(o.members)
	o.members = append(o.members, jsonMember{name: name, repeats: e.repeats, items: []jsonItem{item}})
}

// items gives what an element with this content is: the resources in it, the
// text alone when the element is unknown, else the object.
func (o *jsonObject) items(known bool) []jsonItem {
	if len(o.inner) > 0 && len(o.members) == 0 {
		var all []jsonItem
		for _, body := range o.inner {
			all = append(all, jsonItem{value: body})
		}
		return all
	}
	if !known && len(o.inner) == 0 && len(o.members) == 1 && o.members[0].name == "#text" {
		return []jsonItem{{value: o.members[0].items[0].value}}
	}
	return []jsonItem{{value: o.bytes()}}
}

func (o *jsonObject) bytesOrNil() []byte {
	if len(o.members) == 0 && len(o.inner) == 0 {
		return nil
	}
	return o.bytes()
}

func (o *jsonObject) bytes() []byte {
	for _, body := range o.inner { // a resource beside other content keeps a name
		o.add("resource", element{}, jsonItem{value: body})
	}
	o.inner = nil
	var b bytes.Buffer
	b.WriteByte('{')
	for _, m := range o.members {
		m.write(&b, m.name, func(i jsonItem) []byte { return i.value })
		m.write(&b, "_"+m.name, func(i jsonItem) []byte { return i.extra })
	}
	b.WriteByte('}')
	return b.Bytes()
}

// write writes one half of a member, values or extras; in a list the halves
// are parallel, with null where one has nothing.
func (m jsonMember) write(b *bytes.Buffer, name string, half func(jsonItem) []byte) {
	found := false
	for _, item := range m.items {
		found = found || half(item) != nil
	}
	if !found {
		return
	}
	if b.Len() > 1 {
		b.WriteByte(',')
	}
	b.Write(quote(name))
	b.WriteByte(':')
	if !m.repeats && len(m.items) == 1 {
		b.Write(half(m.items[0]))
		return
	}
	for i, item := range m.items {
		b.WriteByte("[,"[min(i, 1)])
		if raw := half(item); raw != nil {
			b.Write(raw)
		} else {
			b.WriteString("null")
		}
	}
	b.WriteByte(']')
}
