package fhir

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The law of masking: what scrub must give, written for the eye and not for
// speed, with regular expressions on every string.

var (
	// A BSN inside a reference, link or system string; slashes may be escaped.
	bsnInString = regexp.MustCompile(`((?:[nN][aA][mM][iI][nN][gG][sS][yY][sS][tT][eE][mM](?:\\?/|%2[fF])[bB][sS][nN]|2\.16\.840\.1\.113883\.2\.4\.6\.3)(?:\.|\||%7[cC]|\\?/|%2[fF])|\b[bB][sS][nN](?:\||%7[cC]))[0-9]+`)
	// Nine digits in free text, together or in the groups people write, behind
	// a letter only when that belongs to an escape.
	nineDigits = regexp.MustCompile(`(\b|\\[A-Za-z_])((?:\d{9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3})\b)`)
	// Nine digits that are said to be a BSN, as in a narrative.
	saidBSN = regexp.MustCompile(`(\b(?:[bB][sS][nN]|[bB][uU][rR][gG][eE][rR][sS][eE][rR][vV][iI][cC][eE][nN][uU][mM][mM][eE][rR])\b[^0-9*]{0,60})((?:\d{9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3})\b)`)
)

func lawMaskText(s string) (string, int) {
	n := 0
	masked := nineDigits.ReplaceAllStringFunc(s, func(m string) string {
		parts := nineDigits.FindStringSubmatch(m)
		if parts == nil || !passes11([]byte(parts[2])) {
			return m
		}
		n++
		return parts[1] + "*********"
	})
	return masked, n
}

// scrub masks every BSN in a JSON text and leaves every other byte where it
// is. Text that is not one JSON value cannot be told apart into places: there
// every number that could be a BSN is masked.
func lawScrub(raw []byte) ([]byte, int) {
	if !lawMayHoldBSN(raw) {
		return raw, 0
	}
	s := lawScrubber{scrubber: scrubber{raw: raw}}
	s.dec = jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if tooDeep(raw, 1000) || s.value("") != nil || len(bytes.TrimSpace(raw[s.dec.InputOffset():])) > 0 {
		return lawScrubText(raw)
	}
	if len(s.edits) == 0 {
		return raw, 0
	}
	return s.apply()
}

// lawMayHoldBSN is a quick no for most resources. An escaped letter could hide a
// name, so it counts as a maybe.
func lawMayHoldBSN(raw []byte) bool {
	for _, sign := range [...]string{bsnOID, "NNNLD", `\u00`} {
		if bytes.Contains(raw, []byte(sign)) {
			return true
		}
	}
	for i, c := range raw {
		if (c == 'b' || c == 'B') && (lawHasFold(raw[i:], "bsn") || lawHasFold(raw[i:], "burgerservicenummer")) {
			return true
		}
	}
	return false
}

func lawHasFold(raw []byte, word string) bool {
	return len(raw) >= len(word) && strings.EqualFold(string(raw[:len(word)]), word)
}

// scrubText masks in text that has no places.
func lawScrubText(raw []byte) ([]byte, int) {
	text, n := lawMaskText(lawMaskString(string(raw)))
	if text == string(raw) {
		return raw, 0
	}
	return []byte(text), max(n, 1)
}

// lawMaskString masks what is named a BSN within a string.
func lawMaskString(s string) string {
	s = bsnInString.ReplaceAllString(s, "${1}masked")
	return saidBSN.ReplaceAllStringFunc(s, func(m string) string {
		parts := saidBSN.FindStringSubmatch(m)
		if parts == nil || !passes11([]byte(parts[2])) {
			return m
		}
		return parts[1] + "*********"
	})
}

// lawScrubber walks the tokens and collects the edits, in the order of their start.
// How an edit is made is left to the scrubber itself.
type lawScrubber struct {
	scrubber
	dec *jsontext.Decoder
}

func (s *lawScrubber) value(name string) error {
	switch s.dec.PeekKind() {
	case '{':
		return s.object()
	case '[':
		return s.array(name)
	case '"':
		_, err := s.str(name)
		return err
	}
	return s.dec.SkipValue()
}

func (s *lawScrubber) array(name string) error {
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	for s.dec.PeekKind() != ']' {
		if err := s.value(name); err != nil {
			return err
		}
	}
	_, err := s.dec.ReadToken()
	return err
}

func (s *lawScrubber) object() error {
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	var id bsnObject
	first := len(s.edits)
	for s.dec.PeekKind() != '}' {
		if err := s.member(&id); err != nil {
			return err
		}
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	if id.isBSN {
		s.mask(id, first)
	}
	return nil
}

// member reads one member. What makes the object a BSN identifier may come
// before or behind the value, so values are only remembered here.
func (s *lawScrubber) member(id *bsnObject) error {
	start := s.next()
	name, err := s.str("")
	if err != nil {
		return err
	}
	isNull := s.dec.PeekKind() == 'n'
	from := s.dec.InputOffset()
	if err := s.value(name); err != nil {
		return err
	}
	switch end := s.dec.InputOffset(); name {
	case "system":
		id.isBSN = id.isBSN || lawSays(s.raw[from:end], isBSNSystem)
	case "type":
		id.isBSN = id.isBSN || lawSays(s.raw[from:end], isBSNType)
	case "value":
		if !isNull {
			id.values = append(id.values, span{start, int(end)})
		}
	case "_value":
		id.hasSibling = true
	}
	return nil
}

// next is where the token to come starts: behind a comma and white space.
func (s *lawScrubber) next() int {
	at := int(s.dec.InputOffset())
	return len(s.raw) - len(bytes.TrimLeft(s.raw[at:], ", \t\r\n"))
}

// says tells whether any text in a value, which starts with its colon, is what
// is looked for.
func lawSays(raw []byte, is func(string) bool) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(bytes.TrimLeft(raw, ": \t\r\n")), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		tok, err := dec.ReadToken()
		if err != nil {
			return false
		}
		kind, length := dec.StackIndex(dec.StackDepth())
		if isName := kind == '{' && length%2 == 1; tok.Kind() == '"' && !isName && is(strings.TrimSpace(tok.String())) {
			return true
		}
	}
}

// str reads a string and masks a BSN inside it, where it stands if it can: a
// string with escaped letters is written anew.
func (s *lawScrubber) str(name string) (text string, err error) {
	raw, err := s.dec.ReadValue()
	if err != nil {
		return "", err
	}
	end := int(s.dec.InputOffset())
	unquoted, bad := jsontext.AppendUnquote(nil, raw)
	text = string(unquoted)
	masked := string(raw)
	if isBinary([]byte(name), raw) {
		return text, nil
	}
	if !bytes.Contains(raw, []byte(`\u`)) {
		masked = lawMaskString(masked)
	}
	if after, err := jsontext.AppendUnquote(nil, masked); bad == nil && (err != nil || lawMaskString(string(after)) != string(after)) {
		quoted, _ := jsontext.AppendQuote(nil, lawMaskString(text))
		masked = string(quoted)
	}
	if masked != string(raw) {
		s.edits = append(s.edits, edit{end - len(raw), end, masked})
	}
	return text, nil
}
