package fhir

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxSize is the largest resource or page that is read, in bytes.
const MaxSize = 100 << 20

// Why XML could not be read; wrapped in what [XMLToJSON] returns.
var (
	ErrTooLarge = errors.New("larger than 100 MiB")
	ErrXML      = errors.New("not FHIR XML")
)

const (
	fhirSpace  = "http://hl7.org/fhir"
	xhtmlSpace = "http://www.w3.org/1999/xhtml"

	maxXMLDepth    = 100
	maxXMLElements = 5_000_000 // an element costs more memory than its bytes
)

// XMLToJSON turns a resource or Bundle in FHIR XML into FHIR JSON of the same
// release (https://hl7.org/fhir/R4/json.html): lists where the element
// repeats, numbers and booleans without quotes, ids and extensions of
// primitives in "_name", a narrative as one string. Elements that the release
// does not know are kept, as text or as objects, and text where none belongs
// as "#text". It refuses a DOCTYPE, another namespace, another encoding than
// UTF-8, deep nesting and more than [MaxSize] bytes; errors hold no content.
func XMLToJSON(r io.Reader, v Version) ([]byte, error) { return xmlToJSON(r, v, MaxSize) }

func xmlToJSON(r io.Reader, v Version, limit int) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("read XML: %w", err)
	}
	if len(raw) > limit {
		return nil, fmt.Errorf("read XML: %w", ErrTooLarge)
	}
	raw = bytes.TrimPrefix(raw, byteOrderMark)
	x := xmlReader{raw: raw, dec: xml.NewDecoder(bytes.NewReader(raw)), table: elementsOf(v)}
	x.dec.Entity = xml.HTMLEntity // narratives use &nbsp; without declaring it
	start, err := x.root()
	if err != nil {
		return nil, err
	}
	out, err := x.resource(start, 1)
	if err != nil {
		return nil, err
	}
	return out, x.end()
}

// xmlReader turns one element after the other into JSON; only the open path of
// the document is in memory, and what it has become so far.
type xmlReader struct {
	raw    []byte
	dec    *xml.Decoder
	table  elements
	before int64 // where the last token starts
	count  int
}

func xmlError(why string) error { return fmt.Errorf("%w: %s", ErrXML, why) }

// token gives the next token and refuses what FHIR does not allow anywhere.
func (x *xmlReader) token() (xml.Token, error) {
	x.before = x.dec.InputOffset()
	tok, err := x.dec.Token()
	switch tok := tok.(type) {
	case xml.Directive:
		return nil, xmlError("a DOCTYPE is not allowed")
	case xml.StartElement:
		if x.count++; x.count > maxXMLElements {
			return nil, xmlError("too many elements")
		}
		if tok.Name.Space != fhirSpace && tok.Name.Space != xhtmlSpace {
			return nil, xmlError("an element is not in the namespace of FHIR")
		}
	}
	if err == nil || errors.Is(err, io.EOF) {
		return tok, err
	}
	// The decoder's message may quote the document.
	line, _ := x.dec.InputPos()
	return nil, xmlError(fmt.Sprintf("bad XML at line %d", line))
}

// root skips the prolog.
func (x *xmlReader) root() (xml.StartElement, error) {
	for {
		tok, err := x.token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = xmlError("no element")
			}
			return xml.StartElement{}, err
		}
		if start, ok := tok.(xml.StartElement); ok {
			if start.Name.Space != fhirSpace {
				return start, xmlError("the root is not in the namespace of FHIR")
			}
			return start, nil
		}
	}
}

// end refuses anything but comments and space after the root.
func (x *xmlReader) end() error {
	for {
		tok, err := x.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			return xmlError("more than one root")
		case xml.CharData:
			if len(bytes.TrimSpace(tok)) > 0 {
				return xmlError("text after the root")
			}
		}
	}
}

// resource reads an element that is a resource, to its end.
func (x *xmlReader) resource(start xml.StartElement, depth int) ([]byte, error) {
	o := jsonObject{}
	o.add("resourceType", element{kind: "s"}, jsonItem{value: quote(start.Name.Local)})
	if err := x.content(&o, start, start.Name.Local, depth); err != nil {
		return nil, err
	}
	return o.bytes(), nil
}

// content reads attributes and children into o, to the end of the element.
func (x *xmlReader) content(o *jsonObject, start xml.StartElement, typ string, depth int) error {
	if depth > maxXMLDepth {
		return xmlError("nested too deep")
	}
	for _, a := range start.Attr {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			o.add(a.Name.Local, element{kind: "s"}, jsonItem{value: quote(a.Value)})
		}
	}
	for {
		tok, err := x.token()
		if errors.Is(err, io.EOF) {
			return xmlError("it ends early")
		}
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.EndElement:
			return nil
		case xml.CharData:
			if text := strings.TrimSpace(string(tok)); text != "" {
				o.add("#text", element{kind: "s"}, jsonItem{value: quote(text)})
			}
		case xml.StartElement:
			if err := x.child(o, tok, typ, depth+1); err != nil {
				return err
			}
		}
	}
}

// child adds one element to o, as what the tables say of it.
func (x *xmlReader) child(o *jsonObject, start xml.StartElement, typ string, depth int) error {
	name := start.Name.Local
	if start.Name.Space == xhtmlSpace {
		div, err := x.xhtml(start)
		o.add(name, element{kind: "s"}, jsonItem{value: div})
		return err
	}
	e, known := x.table.find(typ, name)
	if name[0] >= 'A' && name[0] <= 'Z' && !known { // only resources are written so
		body, err := x.resource(start, depth)
		o.inner = append(o.inner, body)
		return err
	}
	item, err := x.item(start, e, known, depth)
	for _, i := range item {
		o.add(name, e, i)
	}
	return err
}

// item reads one element that is no resource. It gives more than one when an
// element that holds a resource holds several.
func (x *xmlReader) item(start xml.StartElement, e element, known bool, depth int) ([]jsonItem, error) {
	value, rest, hasValue := cutValue(start)
	if e.isPrimitive() || (!known && hasValue) {
		o := jsonObject{}
		if err := x.content(&o, rest, "Element", depth); err != nil {
			return nil, err
		}
		item := jsonItem{extra: o.bytesOrNil()}
		if hasValue {
			item.value = primitive(value, e.kind)
		}
		return []jsonItem{item}, nil
	}
	o := jsonObject{}
	if err := x.content(&o, start, e.kind, depth); err != nil {
		return nil, err
	}
	return o.items(known), nil
}

// cutValue takes the value attribute of a primitive from its others.
func cutValue(start xml.StartElement) (value string, rest xml.StartElement, ok bool) {
	rest = xml.StartElement{Name: start.Name}
	for _, a := range start.Attr {
		if a.Name.Space == "" && a.Name.Local == "value" {
			value, ok = a.Value, true
		} else {
			rest.Attr = append(rest.Attr, a)
		}
	}
	return value, rest, ok
}

// xhtml gives an element of a narrative as it is written, as a JSON string.
func (x *xmlReader) xhtml(start xml.StartElement) ([]byte, error) {
	from := x.before
	tagEnd := x.dec.InputOffset()
	for depth := 1; depth > 0; {
		tok, err := x.token()
		if errors.Is(err, io.EOF) {
			err = xmlError("it ends early")
		}
		if err != nil {
			return nil, err
		}
		switch tok.(type) {
		case xml.StartElement:
			if depth++; depth > maxXMLDepth {
				return nil, xmlError("nested too deep")
			}
		case xml.EndElement:
			depth--
		}
	}
	div := string(x.raw[from:x.dec.InputOffset()])
	if tag := string(x.raw[from:tagEnd]); !strings.Contains(tag, xhtmlSpace) {
		div = declareXHTML(div, start.Name.Local)
	}
	return quote(div), nil
}

// declareXHTML names the namespace in the first tag when it was named further
// up in the document, because the narrative stands alone in JSON.
func declareXHTML(div, local string) string {
	at := strings.Index(div, local)
	prefix := strings.TrimSuffix(div[1:at], ":")
	attr := " xmlns"
	if prefix != "" {
		attr += ":" + prefix
	}
	at += len(local)
	return div[:at] + attr + `="` + xhtmlSpace + `"` + div[at:]
}

// primitive writes a value as its kind asks; text that is no such value stays
// a string, so that nothing is lost.
func primitive(value, kind string) []byte {
	raw := jsontext.Value(value)
	switch {
	case kind == "b" && (value == "true" || value == "false"),
		kind == "n" && raw.Kind() == '0' && strings.TrimSpace(value) == value && raw.IsValid():
		return raw
	}
	return quote(value)
}

func quote(s string) []byte {
	// The only error is bad UTF-8, which the XML decoder refuses before.
	quoted, _ := jsontext.AppendQuote(nil, s)
	return quoted
}
