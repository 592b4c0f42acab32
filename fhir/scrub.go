package fhir

import (
	"bytes"
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

// maskedDepth is how deep maskedValue is nested itself.
const maskedDepth = 3

// maxWalk is how deep JSON may be nested in which places are told apart.
const maxWalk = 1000

// maxName is longer than any name of a system or type of the BSN.
const maxName = 128

// HasBSN tells whether raw still holds a BSN in a place made for one. Stores
// ask it once more before they write.
func HasBSN(raw []byte) bool {
	_, n := scrub(raw)
	return n > 0
}

// scrub masks every BSN in a JSON text and leaves every other byte where it
// is. Text that is not one JSON value cannot be told apart into places: there
// every number that could be a BSN is masked.
func scrub(raw []byte) ([]byte, int) {
	if !mayHoldBSN(raw) {
		return raw, 0
	}
	if !isOneValue(raw) {
		return scrubText(raw)
	}
	s := scrubber{raw: raw, found: look(raw)}
	s.value(skipSpace(raw, 0), nil)
	return s.apply()
}

// isOneValue tells whether raw is one JSON value and nothing more, whatever
// else may be wrong with it, and not nested too deep to walk through.
func isOneValue(raw []byte) bool {
	return !tooDeep(raw, maxWalk) && jsontext.Value(raw).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// scrubText masks in text that has no places.
func scrubText(raw []byte) ([]byte, int) {
	said := maskSaid(raw)
	text, n := maskNumbers(said)
	if n == 0 && !bytes.Equal(said, raw) {
		n = 1
	}
	return text, n
}

type edit struct {
	start, end int
	text       string
}

// scrubber walks through one JSON value, which must be valid, and collects the
// edits in the order of their start. It counts the numbers in free text that
// could be a BSN, and masks those alone when freeText is set.
type scrubber struct {
	raw      []byte
	found    signs // in all of raw
	edits    []edit
	suspect  int
	freeText bool
	depth    int
	doubtful bool // an edit may have made what a scan would not accept
}

// said is what the strings of a value say of the object it belongs to.
type said struct{ system, typ bool }

func (s said) or(other said) said { return said{s.system || other.system, s.typ || other.typ} }

// value walks through the value at i, of the member with this name, and gives
// its end.
func (s *scrubber) value(i int, name []byte) (end int, what said) {
	switch s.raw[i] {
	case '{':
		return s.object(i)
	case '[':
		return s.array(i, name)
	case '"':
		end = validEnd(s.raw, i)
		return end, s.text(span{i, end}, name)
	}
	return scalarEnd(s.raw, i), said{}
}

func (s *scrubber) array(i int, name []byte) (end int, what said) {
	s.depth++
	for i = skipSpace(s.raw, i+1); s.raw[i] != ']'; i = behindComma(s.raw, i) {
		var item said
		i, item = s.value(i, name)
		what = what.or(item)
	}
	s.depth--
	return i + 1, what
}

// bsnObject is what scrubber remembers of an object that may be a BSN identifier.
type bsnObject struct {
	isBSN      bool
	hasSibling bool // "_value" is there already
	values     []span
}

func (s *scrubber) object(i int) (end int, what said) {
	var id bsnObject
	first := len(s.edits)
	s.depth++
	for i = skipSpace(s.raw, i+1); s.raw[i] != '}'; i = behindComma(s.raw, i) {
		var item said
		i, item = s.member(i, &id)
		what = what.or(item)
	}
	s.depth--
	if id.isBSN {
		s.mask(id, first)
		s.doubtful = s.doubtful || len(id.values) > 1 || s.depth+1+maskedDepth > MaxDepth
	}
	return i + 1, what
}

// member walks through one member. What makes the object a BSN identifier may
// come before or behind the value, so values are only remembered here.
func (s *scrubber) member(start int, id *bsnObject) (end int, what said) {
	nameTo := validEnd(s.raw, start)
	if holdsDigit(s.raw[start:nameTo]) {
		edits := len(s.edits)
		s.text(span{start, nameTo}, nil)
		s.doubtful = s.doubtful || len(s.edits) > edits // two names may be alike now
	}
	name := unquoted(s.raw[start:nameTo])
	from := skipSpace(s.raw, skipSpace(s.raw, nameTo)+1)
	end, what = s.memberValue(from, name)
	switch string(name) {
	case "system":
		id.isBSN = id.isBSN || what.system
	case "type":
		id.isBSN = id.isBSN || what.typ
	case "value":
		if s.raw[from] != 'n' {
			id.values = append(id.values, span{start, end})
		}
	case "_value":
		id.hasSibling = true
	}
	return end, what
}

// memberValue walks through the value of a member. At the top most members have
// no sign of a BSN, and one look saves the walk; deeper down it would be a look
// at each level.
func (s *scrubber) memberValue(i int, name []byte) (end int, what said) {
	if s.depth == 1 {
		end = valueEnd(s.raw, i)
		if found := s.found.in(s.raw[i:end]); !found.named() && !found.number {
			return end, said{}
		}
	}
	return s.value(i, name)
}

// text masks a BSN inside the string at a place, which belongs to the member
// with this name, or is a name itself when that is nil.
func (s *scrubber) text(at span, name []byte) said {
	quoted := at.of(s.raw)
	found := s.found.in(quoted)
	switch {
	case !found.named() && !found.number || isBinary(name, quoted):
	case s.freeText:
		s.maskFreeText(at, name)
	case found.named():
		return s.maskString(at, name)
	default:
		s.countText(quoted, name)
	}
	return said{}
}

func (s *scrubber) maskString(at span, name []byte) said {
	quoted := at.of(s.raw)
	masked := maskQuoted(quoted)
	if !bytes.Equal(masked, quoted) {
		s.edits = append(s.edits, edit{at.from, at.to, string(masked)})
	}
	s.countText(masked, name)
	text := bytes.TrimSpace(unquoted(quoted))
	if len(text) > maxName {
		return said{}
	}
	return said{system: isBSNSystem(string(text)), typ: isBSNType(string(text))}
}

// maskQuoted masks inside a JSON string, where it stands if it can: a string
// with escaped letters is written anew.
func maskQuoted(quoted []byte) []byte {
	masked := quoted
	if !bytes.Contains(quoted, []byte(`\u`)) {
		masked = maskSaid(quoted)
	}
	if bytes.IndexByte(quoted, '\\') < 0 {
		return masked
	}
	text, bad := jsontext.AppendUnquote(nil, quoted)
	after, err := jsontext.AppendUnquote(nil, masked)
	if bad == nil && (err != nil || !bytes.Equal(maskSaid(after), after)) {
		masked, _ = jsontext.AppendQuote(nil, maskSaid(text))
	}
	return masked
}

// mask replaces the value members of a BSN identifier. Edits inside a value
// made meanwhile are covered by it.
func (s *scrubber) mask(id bsnObject, first int) {
	for i, value := range id.values {
		e := edit{start: value.from, end: value.to}
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

// touches tells whether an edit is in a part of raw.
func (s *scrubber) touches(part span) bool {
	for _, e := range s.edits {
		if e.start < part.to && part.from < e.end {
			return true
		}
	}
	return false
}

// apply makes the edits, but for those inside a value that is taken out whole.
// Without edits it gives the bytes themselves.
func (s *scrubber) apply() ([]byte, int) {
	if len(s.edits) == 0 {
		return s.raw, 0
	}
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
	system = strings.ToLower(strings.TrimSuffix(system, "/"))
	system = strings.Replace(system, "https://", "http://", 1)
	return system == strings.ToLower(bsnURI) || strings.TrimPrefix(system, "urn:oid:") == bsnOID || system == "bsn"
}

// isBSNType finds the HL7 identifier type of the BSN, or its name.
func isBSNType(text string) bool {
	return text == "NNNLD" || strings.EqualFold(text, "bsn") || strings.EqualFold(text, "burgerservicenummer")
}
