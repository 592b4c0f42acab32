package r4

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// errJSON is all that is said of bytes that are not one JSON object.
var errJSON = errors.New("not one JSON object")

// value is an *object, a list or a scalar.
type value any

type list []value

// scalar is a string, number, boolean or null as it was written.
type scalar = jsontext.Value

// object keeps its members in the order received.
type object struct{ members []member }

type member struct {
	name  string
	value value
}

// parse reads one JSON object; a name may stand in it once.
func parse(raw []byte) (*object, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	v, err := readValue(dec)
	if err != nil {
		return nil, errJSON // the decoder's message may hold content
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errJSON
	}
	o, ok := v.(*object)
	if !ok {
		return nil, errJSON
	}
	return o, nil
}

func readValue(dec *jsontext.Decoder) (value, error) {
	switch dec.PeekKind() {
	case '{':
		return readObject(dec)
	case '[':
		return readList(dec)
	}
	raw, err := dec.ReadValue()
	return raw.Clone(), err
}

func readObject(dec *jsontext.Decoder) (value, error) {
	o := &object{}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	for dec.PeekKind() != '}' {
		tok, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		name := tok.String()
		v, err := readValue(dec)
		if err != nil {
			return nil, err
		}
		o.members = append(o.members, member{name, v})
	}
	_, err := dec.ReadToken()
	return o, err
}

func readList(dec *jsontext.Decoder) (value, error) {
	l := list{}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	for dec.PeekKind() != ']' {
		v, err := readValue(dec)
		if err != nil {
			return nil, err
		}
		l = append(l, v)
	}
	_, err := dec.ReadToken()
	return l, err
}

// write writes a value without white space.
func write(b *bytes.Buffer, v value) {
	switch v := v.(type) {
	case *object:
		b.WriteByte('{')
		for i, m := range v.members {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(str(m.name))
			b.WriteByte(':')
			write(b, m.value)
		}
		b.WriteByte('}')
	case list:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			write(b, item)
		}
		b.WriteByte(']')
	case scalar:
		b.Write(v)
	}
}

// str makes a JSON string of text.
func str(text string) scalar {
	quoted, _ := jsontext.AppendQuote(nil, text) // bad UTF-8 is replaced
	return quoted
}

// text is the content of a string; empty for anything else.
func text(v value) string {
	raw, ok := v.(scalar)
	if !ok || raw.Kind() != '"' {
		return ""
	}
	s, _ := jsontext.AppendUnquote(nil, raw) // it was read as a string
	return string(s)
}

// isTrue tells whether v is the boolean true.
func isTrue(v value) bool {
	raw, ok := v.(scalar)
	return ok && raw.Kind() == 't'
}

// items gives the items of a list, and anything else as the only one.
func items(v value) list {
	switch v := v.(type) {
	case nil:
		return nil
	case list:
		return v
	}
	return list{v}
}

// objects gives the objects among the items of v.
func objects(v value) []*object {
	var all []*object
	for _, item := range items(v) {
		if o, ok := item.(*object); ok {
			all = append(all, o)
		}
	}
	return all
}

func (o *object) index(name string) int {
	return slices.IndexFunc(o.members, func(m member) bool { return m.name == name })
}

func (o *object) has(name string) bool { return o.index(name) >= 0 }

// get gives a member, or nil.
func (o *object) get(name string) value {
	if i := o.index(name); i >= 0 {
		return o.members[i].value
	}
	return nil
}

func (o *object) text(name string) string { return text(o.get(name)) }

// set replaces a member, or adds it at the end.
func (o *object) set(name string, v value) {
	if i := o.index(name); i >= 0 {
		o.members[i].value = v
		return
	}
	o.members = append(o.members, member{name, v})
}

// add puts items at the end of a list member.
func (o *object) add(name string, more ...value) {
	if len(more) > 0 {
		o.set(name, append(slices.Clone(items(o.get(name))), more...))
	}
}

// take removes a member and gives it.
func (o *object) take(name string) value {
	i := o.index(name)
	if i < 0 {
		return nil
	}
	v := o.members[i].value
	o.members = slices.Delete(o.members, i, i+1)
	return v
}

// takeObject removes a member that is an object and gives it; with any other it
// gives a new object.
func (o *object) takeObject(name string) *object {
	v, ok := o.get(name).(*object)
	if !ok {
		return &object{}
	}
	o.take(name)
	return v
}

// rename gives a member another name in its place, unless that name is taken.
func (o *object) rename(from, to string) bool {
	i := o.index(from)
	if i < 0 || o.has(to) {
		return false
	}
	o.members[i].name = to
	return true
}

// obj makes an object of names and values, leaving out those that are nil.
func obj(pairs ...any) *object {
	o := &object{}
	for i := 0; i < len(pairs); i += 2 {
		v := pairs[i+1]
		if s, ok := v.(string); ok {
			v = str(s)
		}
		if v != nil {
			o.members = append(o.members, member{pairs[i].(string), v})
		}
	}
	return o
}

// clone copies a value deeply.
func clone(v value) value {
	switch v := v.(type) {
	case *object:
		c := &object{members: slices.Clone(v.members)}
		for i := range c.members {
			c.members[i].value = clone(c.members[i].value)
		}
		return c
	case list:
		c := slices.Clone(v)
		for i := range c {
			c[i] = clone(c[i])
		}
		return c
	}
	return v
}

// upper writes a word with a capital, as the end of a choice's name.
func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
