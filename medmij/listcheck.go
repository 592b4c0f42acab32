package medmij

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// schema checks a list as its XML schema asks; Go has no validator for those.
// The rules depend on the namespace, which has the release in it.
type schema struct {
	name string // of the root element
	root func(namespace string) (body element, ok bool)
}

// element is one rule: what may stand at this place.
type element struct {
	name     string
	optional bool
	many     bool                // may repeat; with optional it may be absent too
	unique   string              // the child whose text differs among the repeated ones
	text     func(string) string // checks the text and gives what is wrong with it
	children []element           // in this order
}

// check reads the whole list against the schema.
func (s schema) check(raw []byte) error {
	c := checker{dec: xml.NewDecoder(bytes.NewReader(raw)), list: s.name}
	tok, err := c.next()
	if err != nil {
		return err
	}
	start, ok := tok.(xml.StartElement)
	if !ok || start.Name.Local != s.name {
		return c.wrong("", "another element at the root")
	}
	body, ok := s.root(start.Name.Space)
	if !ok {
		return c.wrong("", "another namespace")
	}
	c.space = start.Name.Space
	if _, err := c.element(stamped(s.name, body), start); err != nil {
		return err
	}
	if tok, err := c.next(); err != nil || tok != nil {
		return c.wrong("", "something after the end")
	}
	return nil
}

type checker struct {
	list   string
	dec    *xml.Decoder
	space  string    // the namespace of the root, and so of every element
	peeked xml.Token // the next token, when it was looked at already
}

func (c *checker) wrong(name, reason string) error {
	return &ListError{List: c.list, Element: name, Reason: reason}
}

// next gives the next token that says something: an element, its end, or text
// that is not white space. It gives nil at the end.
func (c *checker) next() (xml.Token, error) {
	if tok := c.peeked; tok != nil {
		c.peeked = nil
		return tok, nil
	}
	for {
		tok, err := c.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, c.wrong("", "not well-formed XML")
		}
		switch t := tok.(type) {
		case xml.Directive:
			return nil, c.wrong("", "a DOCTYPE or other directive")
		case xml.Comment, xml.ProcInst:
			continue
		case xml.CharData:
			if len(bytes.TrimSpace(t)) == 0 {
				continue
			}
		}
		return tok, nil
	}
}

// element checks what is inside a started element up to its end, and gives
// the texts of its children by name.
func (c *checker) element(rule element, start xml.StartElement) (map[string]string, error) {
	for _, a := range start.Attr {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" &&
			a.Name.Space != "http://www.w3.org/2001/XMLSchema-instance" {
			return nil, c.wrong(rule.name, "an attribute")
		}
	}
	if rule.text != nil {
		s, err := c.text(rule)
		return map[string]string{"": s}, err
	}
	texts := map[string]string{}
	for _, child := range rule.children {
		if err := c.repeated(child, texts); err != nil {
			return nil, err
		}
	}
	// Whatever is left before the end has no place here.
	tok, err := c.next()
	if err != nil {
		return nil, err
	}
	if _, ended := tok.(xml.EndElement); !ended {
		return nil, c.wrong(rule.name, "an element or text that does not belong here")
	}
	return texts, nil
}

// repeated checks all elements of one rule, one after another, and puts the
// text of a text element in texts.
func (c *checker) repeated(rule element, texts map[string]string) error {
	seen := map[string]bool{}
	for n := 0; ; n++ {
		tok, err := c.next()
		if err != nil {
			return err
		}
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Local != rule.name || (n > 0 && !rule.many) {
			c.peeked = tok
			if n == 0 && !rule.optional {
				return c.wrong(rule.name, "missing")
			}
			return nil
		}
		// A prefix of another namespace would make it another element.
		if start.Name.Space != c.space {
			return c.wrong(rule.name, "another namespace")
		}
		if n >= maxEntries {
			return c.wrong(rule.name, "more entries than allowed")
		}
		// Depth is bounded by the rules: an element that has no rule ends here.
		inner, err := c.element(rule, start)
		if err != nil {
			return err
		}
		texts[rule.name] = inner[""]
		if key, keyed := inner[rule.unique]; keyed && rule.many {
			if seen[key] {
				return c.wrong(rule.unique, "not unique")
			}
			seen[key] = true
		}
	}
}

// text reads the text of an element that has no elements in it.
func (c *checker) text(rule element) (string, error) {
	var text strings.Builder
	for {
		tok, err := c.dec.Token()
		if err != nil {
			return "", c.wrong(rule.name, "not well-formed XML")
		}
		switch t := tok.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.Comment:
		case xml.EndElement:
			if reason := rule.text(text.String()); reason != "" {
				return "", c.wrong(rule.name, reason)
			}
			return text.String(), nil
		default:
			return "", c.wrong(rule.name, "something else than text")
		}
	}
}
