package medmij

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	xsiSpace = "http://www.w3.org/2001/XMLSchema-instance"
	maxDepth = 64 // elements in one another; the schemas know 12
)

var (
	byteOrderMark = []byte("\ufeff")
	// UTF-8 and XML 1.0 only, which is what MedMij publishes.
	declaration = regexp.MustCompile(`^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.0"|'1\.0')` +
		`(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"(?i:utf-8)"|'(?i:utf-8)'))?` +
		`(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>`)
	plainName = regexp.MustCompile(`^[\pL_][-.·_\pL\pM\pN]*$`)
)

// xmlTokens reads a list as XML. encoding/xml takes more than XML is: what an
// XML processor would refuse is refused here.
type xmlTokens struct {
	raw    []byte
	dec    *xml.Decoder
	depth  int       // elements that are open
	peeked xml.Token // the next token, when it was looked at already
	cdata  bool      // the last text was a CDATA section
	failed string    // why reading stopped for good
}

// xmlTokensOf begins after the byte order mark and the XML declaration.
func xmlTokensOf(raw []byte) *xmlTokens {
	raw = bytes.TrimPrefix(raw, byteOrderMark)
	t := &xmlTokens{}
	if len(raw) > 5 && bytes.HasPrefix(raw, []byte("<?xml")) && isXMLSpace(raw[5:6]) {
		head := declaration.Find(raw)
		if head == nil {
			t.failed = "not XML 1.0 in UTF-8"
		}
		raw = raw[len(head):]
	}
	if !onlyCharacters(raw) {
		t.failed = "characters that XML does not know"
	}
	t.raw, t.dec = raw, xml.NewDecoder(bytes.NewReader(raw))
	return t
}

// next gives the next token that says something: an element, its end, or text
// other than white space between elements. At the end it is nil. The reason is
// empty or says what is wrong; then nothing more can be read.
func (t *xmlTokens) next() (tok xml.Token, reason string) {
	if tok = t.peeked; tok != nil {
		t.peeked = nil
		return tok, ""
	}
	for {
		tok, reason = t.any()
		if text, ok := tok.(xml.CharData); reason == "" && ok && isXMLSpace(text) && !t.cdata {
			continue
		}
		return tok, reason
	}
}

// any gives the next token, be it white space, but no comments.
func (t *xmlTokens) any() (xml.Token, string) {
	for t.failed == "" {
		from := t.dec.InputOffset()
		tok, err := t.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil, ""
		}
		if err != nil {
			t.failed = "not well-formed XML"
			break
		}
		if t.failed = t.look(tok, t.raw[from:t.dec.InputOffset()]); t.failed != "" {
			break
		}
		switch tok.(type) {
		case xml.Comment, xml.ProcInst:
			continue
		}
		return tok, ""
	}
	return nil, t.failed
}

// look checks one token by how it is written.
func (t *xmlTokens) look(tok xml.Token, written []byte) (reason string) {
	switch tok := tok.(type) {
	case xml.Directive:
		return "a DOCTYPE or other directive"
	case xml.ProcInst:
		rest := written[len("<?")+len(tok.Target):]
		if strings.EqualFold(tok.Target, "xml") || !isXMLSpace(rest[:1]) && !bytes.HasPrefix(rest, []byte("?>")) {
			return "not well-formed XML"
		}
	case xml.CharData:
		t.cdata = bytes.HasPrefix(written, []byte("<![CDATA["))
		if t.depth == 0 && !isXMLSpace(written) {
			return "text outside the root"
		}
	case xml.EndElement:
		t.depth--
	case xml.StartElement:
		if t.depth++; t.depth > maxDepth {
			return "elements too deep in one another"
		}
		return attributesOf(tok, written)
	}
	return ""
}

// attributesOf checks what encoding/xml lets through: an attribute twice, no
// space between two, and prefixes that are no names.
func attributesOf(start xml.StartElement, written []byte) (reason string) {
	for i, a := range start.Attr {
		if a.Name.Space == "xmlns" && !plainName.MatchString(a.Name.Local) {
			return "not well-formed XML"
		}
		for _, b := range start.Attr[:i] {
			if a.Name == b.Name {
				return "an attribute twice"
			}
		}
	}
	var quote byte
	for i, b := range written {
		switch {
		case quote == 0 && (b == '"' || b == '\''):
			quote = b
		case quote != 0 && b == quote:
			quote = 0
			if after := written[i+1 : i+2]; !isXMLSpace(after) && after[0] != '>' && after[0] != '/' {
				return "not well-formed XML"
			}
		}
	}
	return ""
}

// leave reads on until fewer elements are open than depth.
func (t *xmlTokens) leave(depth int) (reason string) {
	t.peeked = nil
	for t.depth >= depth {
		if tok, reason := t.any(); reason != "" || tok == nil {
			return reason
		}
	}
	return ""
}

// isXMLSpace tells whether there is nothing but white space as XML has it, which
// is less than Unicode has.
func isXMLSpace(s []byte) bool { return len(bytes.Trim(s, " \t\r\n")) == 0 }

// onlyCharacters tells whether it is UTF-8 of characters that may be in XML.
func onlyCharacters(raw []byte) bool {
	for i := 0; i < len(raw); {
		if b := raw[i]; b < utf8.RuneSelf {
			if b < ' ' && b != '\t' && b != '\n' && b != '\r' {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n == 1 || r == 0xfffe || r == 0xffff {
			return false
		}
		i += n
	}
	return true
}
