package fhir

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The names under which a BSN travels (Nictiz naming systems, FHIR and OID form).
const (
	bsnURI = "http://fhir.nl/fhir/NamingSystem/bsn"
	bsnOID = "2.16.840.1.113883.2.4.6.3"
)

// maskedValue takes the place of an identifier's value (MedMij: the value is
// absent with the reason "masked").
const maskedValue = `"_value":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}`

var (
	// A BSN inside a reference, link or system string; slashes may be escaped.
	bsnInString = regexp.MustCompile(`(?i)((?:namingsystem(?:\\?/|%2f)bsn|2\.16\.840\.1\.113883\.2\.4\.6\.3)(?:\.|\||%7c|\\?/|%2f)|\bbsn(?:\||%7c))[0-9]+`)
	// Nine digits in free text, together or in the groups people write.
	nineDigits = regexp.MustCompile(`\b(?:\d{9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3})\b`)
	// Nine digits that are said to be a BSN, as in a narrative.
	saidBSN = regexp.MustCompile(`(?i)(\b(?:bsn|burgerservicenummer)\b[^0-9*]{0,60})(\d{9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3})\b`)
)

// HasBSN tells whether raw still holds a BSN in a place made for one. Stores
// ask it once more before they write.
func HasBSN(raw []byte) bool {
	_, n := scrub(raw)
	return n > 0
}

// MaskText masks numbers in free text that could be a BSN: nine digits that
// pass the 11-test. It tells how many it masked.
func MaskText(s string) (string, int) {
	n := 0
	masked := nineDigits.ReplaceAllStringFunc(s, func(m string) string {
		if !passes11(m) {
			return m
		}
		n++
		return "*********"
	})
	return masked, n
}

// passes11 is the check every BSN satisfies: the weighted sum of its digits,
// 9 down to 2 and then -1, is a multiple of eleven.
func passes11(s string) bool {
	sum, weight := 0, 9
	for _, c := range s {
		if c < '0' || c > '9' {
			continue
		}
		if weight == 1 {
			weight = -1
		}
		sum += int(c-'0') * weight
		weight--
	}
	return sum != 0 && sum%11 == 0
}

// scrub masks every BSN in a JSON text and leaves every other byte where it
// is. Text that is not one JSON value cannot be told apart into places: there
// every number that could be a BSN is masked.
func scrub(raw []byte) ([]byte, int) {
	if !mayHoldBSN(raw) {
		return raw, 0
	}
	s := scrubber{raw: raw}
	s.dec = jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if tooDeep(raw, 1000) || s.value() != nil || len(bytes.TrimSpace(raw[s.dec.InputOffset():])) > 0 {
		return scrubText(raw)
	}
	if len(s.edits) == 0 {
		return raw, 0
	}
	return s.apply()
}

// mayHoldBSN is a quick no for most resources. An escaped letter could hide a
// name, so it counts as a maybe.
func mayHoldBSN(raw []byte) bool {
	for _, sign := range [...]string{bsnOID, "NNNLD", `\u00`} {
		if bytes.Contains(raw, []byte(sign)) {
			return true
		}
	}
	for i, c := range raw {
		if (c == 'b' || c == 'B') && (hasFold(raw[i:], "bsn") || hasFold(raw[i:], "burgerservicenummer")) {
			return true
		}
	}
	return false
}

func hasFold(raw []byte, word string) bool {
	return len(raw) >= len(word) && strings.EqualFold(string(raw[:len(word)]), word)
}

// scrubText masks in text that has no places.
func scrubText(raw []byte) ([]byte, int) {
	text, n := MaskText(maskString(string(raw)))
	if text == string(raw) {
		return raw, 0
	}
	return []byte(text), max(n, 1)
}

// maskString masks what is named a BSN within a string.
func maskString(s string) string {
	s = bsnInString.ReplaceAllString(s, "${1}masked")
	return saidBSN.ReplaceAllStringFunc(s, func(m string) string {
		parts := saidBSN.FindStringSubmatch(m)
		if parts == nil || !passes11(parts[2]) {
			return m
		}
		return parts[1] + "*********"
	})
}

type edit struct {
	start, end int
	text       string
}

// scrubber walks the tokens and collects the edits, in the order of their start.
type scrubber struct {
	raw   []byte
	dec   *jsontext.Decoder
	edits []edit
}

func (s *scrubber) value() error {
	switch s.dec.PeekKind() {
	case '{':
		return s.object()
	case '[':
		return s.array()
	case '"':
		_, err := s.str()
		return err
	}
	return s.dec.SkipValue()
}

func (s *scrubber) array() error {
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	for s.dec.PeekKind() != ']' {
		if err := s.value(); err != nil {
			return err
		}
	}
	_, err := s.dec.ReadToken()
	return err
}

// bsnObject is what scrubber remembers of an object that may be a BSN identifier.
type bsnObject struct {
	isBSN      bool
	hasSibling bool // "_value" is there already
	values     []edit
}

func (s *scrubber) object() error {
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
func (s *scrubber) member(id *bsnObject) error {
	start := s.next()
	name, err := s.str()
	if err != nil {
		return err
	}
	isNull := s.dec.PeekKind() == 'n'
	from := s.dec.InputOffset()
	if err := s.value(); err != nil {
		return err
	}
	switch end := s.dec.InputOffset(); name {
	case "system":
		id.isBSN = id.isBSN || says(s.raw[from:end], isBSNSystem)
	case "type":
		id.isBSN = id.isBSN || says(s.raw[from:end], isBSNType)
	case "value":
		if !isNull {
			id.values = append(id.values, edit{start: start, end: int(end)})
		}
	case "_value":
		id.hasSibling = true
	}
	return nil
}

// next is where the token to come starts: behind a comma and white space.
func (s *scrubber) next() int {
	at := int(s.dec.InputOffset())
	return len(s.raw) - len(bytes.TrimLeft(s.raw[at:], ", \t\r\n"))
}

// says tells whether any text in a value, which starts with its colon, is what
// is looked for.
func says(raw []byte, is func(string) bool) bool {
	if !mayHoldBSN(raw) {
		return false
	}
	n, err := parseNode(bytes.TrimLeft(raw, ": \t\r\n"))
	return err == nil && n.says(is)
}

func (n Node) says(is func(string) bool) bool {
	if n.kind == '"' {
		return is(n.text)
	}
	for _, item := range n.items {
		if item.says(is) {
			return true
		}
	}
	return false
}

// str reads a string and masks a BSN inside it, where it stands if it can: a
// string with escaped letters is written anew.
func (s *scrubber) str() (text string, err error) {
	raw, err := s.dec.ReadValue()
	if err != nil {
		return "", err
	}
	end := int(s.dec.InputOffset())
	unquoted, bad := jsontext.AppendUnquote(nil, raw)
	text = string(unquoted)
	masked := string(raw)
	if !bytes.Contains(raw, []byte(`\u`)) {
		masked = maskString(masked)
	}
	if after, err := jsontext.AppendUnquote(nil, masked); bad == nil && (err != nil || maskString(string(after)) != string(after)) {
		quoted, _ := jsontext.AppendQuote(nil, maskString(text))
		masked = string(quoted)
	}
	if masked != string(raw) {
		s.edits = append(s.edits, edit{end - len(raw), end, masked})
	}
	return text, nil
}

// mask replaces the value members of a BSN identifier. Edits inside a value
// made meanwhile are covered by it.
func (s *scrubber) mask(id bsnObject, first int) {
	for i, e := range id.values {
		switch {
		case i > 0: // a duplicate; what it says about the commas is taken
			e.text = `"value":null`
		case id.hasSibling:
			e = s.withComma(e)
		default:
			e.text = maskedValue
		}
		s.edits = append(s.edits, e)
	}
	slices.SortFunc(s.edits[first:], func(a, b edit) int { return a.start - b.start })
}

// withComma widens a member that is taken out with the comma that parts it
// from its neighbour.
func (s *scrubber) withComma(e edit) edit {
	rest := bytes.TrimLeft(s.raw[e.end:], " \t\r\n")
	if len(rest) > 0 && rest[0] == ',' {
		e.end = len(s.raw) - len(rest) + 1
		return e
	}
	before := bytes.TrimRight(s.raw[:e.start], " \t\r\n")
	if len(before) > 0 && before[len(before)-1] == ',' {
		e.start = len(before) - 1
	}
	return e
}

// apply makes the edits, but for those inside a value that is taken out whole.
func (s *scrubber) apply() ([]byte, int) {
	out := make([]byte, 0, len(s.raw)+len(s.edits)*len(maskedValue))
	at, done := 0, 0
	for _, e := range s.edits {
		if e.start < at {
			continue
		}
		out = append(out, s.raw[at:e.start]...)
		out = append(out, e.text...)
		at = e.end
		done++
	}
	return append(out, s.raw[at:]...), done
}

func isBSNSystem(system string) bool {
	system = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(system), "/"))
	system = strings.Replace(system, "https://", "http://", 1)
	return system == strings.ToLower(bsnURI) || strings.TrimPrefix(system, "urn:oid:") == bsnOID || system == "bsn"
}

// isBSNType finds the HL7 identifier type of the BSN, or its name.
func isBSNType(text string) bool {
	text = strings.TrimSpace(text)
	return text == "NNNLD" || strings.EqualFold(text, "bsn") || strings.EqualFold(text, "burgerservicenummer")
}
