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
	// A BSN inside a reference, link or system string.
	bsnInString = regexp.MustCompile(`(?i)(namingsystem/bsn(?:\||%7c|/)|2\.16\.840\.1\.113883\.2\.4\.6\.3(?:\.|\||%7c|/))[0-9]+`)
	// Nine digits in free text, together or in the groups people write.
	nineDigits = regexp.MustCompile(`\b(?:\d{9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3})\b`)
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
// is. Text that is not JSON is searched as one string.
func scrub(raw []byte) ([]byte, int) {
	if !mayHoldBSN(raw) {
		return raw, 0
	}
	s := scrubber{raw: raw}
	s.dec = jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if tooDeep(raw, 1000) || s.value() != nil {
		return scrubText(raw)
	}
	if len(s.edits) == 0 {
		return raw, 0
	}
	return s.apply(), len(s.edits)
}

func mayHoldBSN(raw []byte) bool {
	lower := bytes.ToLower(raw)
	return bytes.Contains(lower, []byte("bsn")) || bytes.Contains(raw, []byte(bsnOID)) ||
		bytes.Contains(raw, []byte("NNNLD"))
}

func scrubText(raw []byte) ([]byte, int) {
	n := len(bsnInString.FindAllIndex(raw, -1))
	if n == 0 {
		return raw, 0
	}
	return bsnInString.ReplaceAll(raw, []byte("${1}masked")), n
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
		_, _, err := s.str()
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

// identifier is what scrubber remembers of an object that may be a BSN identifier.
type identifier struct {
	isBSN      bool
	hasSibling bool // "_value" is there already
	values     []edit
}

func (s *scrubber) object() error {
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	var id identifier
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

func (s *scrubber) member(id *identifier) error {
	name, start, err := s.str()
	if err != nil {
		return err
	}
	kind := s.dec.PeekKind()
	switch {
	case name == "system" && kind == '"':
		system, _, err := s.str()
		id.isBSN = id.isBSN || isBSNSystem(system)
		return err
	case name == "value" && (kind == '"' || kind == '0'):
		if _, err := s.dec.ReadValue(); err != nil {
			return err
		}
		id.values = append(id.values, edit{start: start, end: int(s.dec.InputOffset())})
		return nil
	case name == "type" && kind == '{':
		before := s.dec.InputOffset()
		err := s.object()
		// NNNLD is the HL7 identifier type of the BSN.
		id.isBSN = id.isBSN || bytes.Contains(s.raw[before:s.dec.InputOffset()], []byte(`"NNNLD"`))
		return err
	case name == "_value":
		id.hasSibling = true
	}
	return s.value()
}

// str reads a string, masks a BSN inside it and gives where it starts.
func (s *scrubber) str() (text string, start int, err error) {
	raw, err := s.dec.ReadValue()
	if err != nil {
		return "", 0, err
	}
	end := int(s.dec.InputOffset())
	start = end - len(raw)
	unquoted, err := jsontext.AppendUnquote(nil, raw)
	text = string(unquoted)
	if err == nil && bsnInString.MatchString(text) {
		quoted, _ := jsontext.AppendQuote(nil, bsnInString.ReplaceAllString(text, "${1}masked"))
		s.edits = append(s.edits, edit{start, end, string(quoted)})
	}
	return text, start, nil
}

// mask replaces the value members of a BSN identifier. Edits inside a value
// made meanwhile are covered by it.
func (s *scrubber) mask(id identifier, first int) {
	for i, e := range id.values {
		if i > 0 || id.hasSibling {
			e = s.withComma(e)
		} else {
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

func (s *scrubber) apply() []byte {
	out := make([]byte, 0, len(s.raw)+len(s.edits)*len(maskedValue))
	at := 0
	for _, e := range s.edits {
		out = append(out, s.raw[at:max(at, e.start)]...)
		out = append(out, e.text...)
		at = max(at, e.end)
	}
	return append(out, s.raw[at:]...)
}

func isBSNSystem(system string) bool {
	system = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(system), "/"))
	system = strings.Replace(system, "https://", "http://", 1)
	return system == strings.ToLower(bsnURI) || strings.TrimPrefix(system, "urn:oid:") == bsnOID
}
