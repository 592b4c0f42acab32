package medmij

import (
	"bytes"
	"encoding/xml"
)

// schema checks a list as its XML schema asks; Go has no validator for those.
// The rules depend on the namespace, which has the release in it.
type schema struct {
	name  string // of the root element
	limit int64  // in bytes
	root  func(namespace string, lenient bool) (body element, ok bool)
}

// element is one rule: what may stand at this place.
type element struct {
	name     string
	optional bool
	many     bool      // may repeat; with optional it may be absent too
	unique   string    // the child whose text differs among the repeated ones
	text     textCheck // for an element without others in it
	loose    textCheck // what a lenient reader takes as well
	children []element // in this order
	open     bool      // no schema is published: unknown elements are skipped
	spare    bool      // a lenient reader drops a wrong one and keeps the others
}

// textCheck gives the value of a text, or what is wrong with it.
type textCheck func(text string) (value, wrong string)

// tolerated counts what a lenient reader did not mind.
type tolerated struct {
	unknown   int // elements and attributes that were skipped
	addresses int // of another form than the schema asks
	dropped   int // services of providers
}

// read checks a whole list and gives it in the shortest form: the elements
// that have a rule, without prefixes, and their values. Filling a struct from
// that cannot see anything that was not checked.
func (s schema) read(raw []byte, lenient bool) ([]byte, tolerated, error) {
	c := checker{xmlTokens: xmlTokensOf(raw), list: s.name, lenient: lenient}
	err := c.whole(s)
	return c.out.Bytes(), c.tolerated, err
}

type checker struct {
	*xmlTokens
	tolerated
	list    string
	space   string // the namespace of the root, and so of every element
	lenient bool
	out     bytes.Buffer
}

func (c *checker) wrong(name, reason string) error {
	return &ListError{List: c.list, Element: name, Reason: reason}
}

func (c *checker) whole(s schema) error {
	tok, reason := c.next()
	if reason != "" {
		return c.wrong("", reason)
	}
	start, ok := tok.(xml.StartElement)
	if !ok || start.Name.Local != s.name {
		return c.wrong("", "another element at the root")
	}
	body, ok := s.root(start.Name.Space, c.lenient)
	if !ok {
		return c.wrong("", "another namespace")
	}
	c.space = start.Name.Space
	if _, err := c.element(stamped(s.name, body), start); err != nil {
		return err
	}
	if tok, reason := c.next(); reason != "" || tok != nil {
		return c.wrong("", "something after the end")
	}
	return nil
}

// element checks a started element up to its end. It gives the text of the
// element, or of the child that tells it from others.
func (c *checker) element(rule element, start xml.StartElement) (key string, err error) {
	if err := c.attributes(rule, start); err != nil {
		return "", err
	}
	c.out.WriteString("<" + rule.name + ">")
	if rule.text != nil {
		key, err = c.value(rule)
	} else {
		key, err = c.inside(rule)
	}
	c.out.WriteString("</" + rule.name + ">")
	return key, err
}

// attributes lets no attribute pass but hints about schemas. An xsi:type,
// which a schema allows when it names the very type, has no use and no rule.
func (c *checker) attributes(rule element, start xml.StartElement) error {
	for _, a := range start.Attr {
		switch {
		case a.Name.Space == "xmlns", a.Name.Space == "" && a.Name.Local == "xmlns":
		case a.Name.Space == xsiSpace && (a.Name.Local == "schemaLocation" || a.Name.Local == "noNamespaceSchemaLocation"):
		case rule.open:
		case c.lenient:
			c.unknown++
		default:
			return c.wrong(rule.name, "an attribute")
		}
	}
	return nil
}

// inside checks the children of an element one rule after another.
func (c *checker) inside(rule element) (key string, err error) {
	for _, child := range rule.children {
		last, err := c.repeated(rule, child)
		if err != nil {
			return "", err
		}
		if child.name == rule.unique {
			key = last
		}
	}
	// Whatever is left before the end has no place here.
	tok, err := c.child(rule)
	if err != nil {
		return "", err
	}
	if _, ended := tok.(xml.EndElement); !ended {
		return "", c.wrong(rule.name, "an element or text that does not belong here")
	}
	return key, nil
}

// child gives the next token inside an element, past what is unknown there
// when that may be skipped. A known element in the wrong place is not unknown.
func (c *checker) child(parent element) (xml.Token, error) {
	for {
		tok, reason := c.next()
		if reason != "" {
			return nil, c.wrong("", reason)
		}
		start, ok := tok.(xml.StartElement)
		if !ok || !c.lenient && !parent.open || c.knows(parent, start.Name) {
			return tok, nil
		}
		if !parent.open {
			c.unknown++
		}
		if reason := c.leave(c.depth); reason != "" {
			return nil, c.wrong("", reason)
		}
	}
}

func (c *checker) knows(parent element, name xml.Name) bool {
	for _, child := range parent.children {
		if child.name == name.Local && c.space == name.Space {
			return true
		}
	}
	return false
}

// repeated checks all elements of one rule, one after another, and gives the
// key of the last.
func (c *checker) repeated(parent, rule element) (key string, err error) {
	seen := map[string]bool{}
	for n := 0; ; n++ {
		tok, err := c.child(parent)
		if err != nil {
			return "", err
		}
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Local != rule.name || start.Name.Space != c.space || n > 0 && !rule.many {
			c.peeked = tok
			if n == 0 && !rule.optional {
				return "", c.wrong(rule.name, "missing")
			}
			return key, nil
		}
		if n >= maxEntries {
			return "", c.wrong(rule.name, "more entries than allowed")
		}
		mark, depth := c.out.Len(), c.depth
		key, err = c.element(rule, start)
		if err == nil && rule.unique != "" && seen[key] {
			err = c.wrong(rule.unique, "not unique")
		}
		if err != nil {
			if err := c.drop(rule, mark, depth, err); err != nil {
				return "", err
			}
			continue
		}
		if rule.unique != "" {
			seen[key] = true
		}
	}
}

// drop forgets the entry that is wrong, and reads on after it. The error is
// what was wrong when the entry cannot be spared.
func (c *checker) drop(rule element, mark, depth int, wrong error) error {
	if !c.lenient || !rule.spare {
		return wrong
	}
	if reason := c.leave(depth); reason != "" {
		return c.wrong("", reason)
	}
	c.out.Truncate(mark)
	c.dropped++
	return nil
}

// value reads the text of an element that has no elements in it.
func (c *checker) value(rule element) (string, error) {
	var text []byte
	for {
		tok, reason := c.any()
		if reason != "" {
			return "", c.wrong(rule.name, reason)
		}
		switch tok := tok.(type) {
		case xml.CharData:
			text = append(text, tok...)
			continue
		case xml.EndElement:
		default:
			return "", c.wrong(rule.name, "something else than text")
		}
		value, wrong := rule.text(string(text))
		if wrong != "" && c.lenient && rule.loose != nil {
			if value, wrong = rule.loose(string(text)); wrong == "" {
				c.addresses++
			}
		}
		if wrong != "" {
			return "", c.wrong(rule.name, wrong)
		}
		_ = xml.EscapeText(&c.out, []byte(value)) // a buffer takes everything
		return value, nil
	}
}
