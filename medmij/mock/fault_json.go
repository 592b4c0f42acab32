package mock

import (
	"bytes"
	"encoding/json"
	"slices"
)

// object is a JSON object whose members keep their order and their bytes, so
// that a change leaves everything else as it was.
type object []member

type member struct {
	name  string
	value json.RawMessage
}

// readObject gives nothing for what is no object.
func readObject(raw []byte) (object, bool) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	var o object
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, false
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return nil, false
		}
		text, _ := name.(string) // the decoder gives no other names
		o = append(o, member{text, value})
	}
	return o, true
}

// raw writes the object.
func (o object) raw() json.RawMessage {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, encoded(m.name)...)
		b = append(append(b, ':'), m.value...)
	}
	return append(b, '}')
}

// MarshalJSON implements [json.Marshaler].
func (o object) MarshalJSON() ([]byte, error) { return o.raw(), nil }

func (o object) get(name string) json.RawMessage {
	for _, m := range o {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// text gives a string; empty for anything else.
func (o object) text(name string) string {
	var s string
	if json.Unmarshal(o.get(name), &s) != nil {
		return ""
	}
	return s
}

// list gives the items of an array; none for anything else.
func (o object) list(name string) []json.RawMessage {
	var items []json.RawMessage
	if json.Unmarshal(o.get(name), &items) != nil {
		return nil
	}
	return items
}

// set gives a member another value, or adds it at the end.
func (o *object) set(name string, value any) {
	raw := encoded(value)
	for i := range *o {
		if (*o)[i].name == name {
			(*o)[i].value = raw
			return
		}
	}
	*o = append(*o, member{name, raw})
}

func (o *object) drop(names ...string) {
	*o = slices.DeleteFunc(*o, func(m member) bool { return slices.Contains(names, m.name) })
}

// push adds an item to an array.
func (o *object) push(name string, item any) { o.set(name, append(o.list(name), encoded(item))) }

// inside changes the object at a member, which is made when it is not there.
func (o *object) inside(name string, change func(*object)) {
	inner, _ := readObject(o.get(name))
	change(&inner)
	o.set(name, inner.raw())
}

// encoded writes values that can always be written: those of this package.
func encoded(value any) json.RawMessage {
	switch v := value.(type) {
	case json.RawMessage:
		return v // as it is, also when it is no JSON
	case object:
		return v.raw()
	case []object:
		all := make([][]byte, len(v))
		for i, o := range v {
			all[i] = o.raw()
		}
		return slices.Concat([]byte{'['}, bytes.Join(all, []byte{','}), []byte{']'})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(value) != nil {
		return json.RawMessage("null")
	}
	return bytes.TrimSpace(b.Bytes())
}
