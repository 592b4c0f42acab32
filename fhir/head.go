package fhir

import (
	"bytes"
	"encoding/hex"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// resource makes a Resource of raw, which was scanned and found good when sure
// is set. The bytes are copied unless keep is set or they have to be changed.
func (s *scanner) resource(raw []byte, sure, keep bool, v Version) Resource {
	r := Resource{Version: v, raw: raw}
	again := false
	if found := look(raw); found.named() || found.number {
		again = r.clean(sure, found, s.head)
	}
	if r.Masked == 0 && !keep {
		r.raw = bytes.Clone(raw)
	}
	if again {
		raw = r.raw
		sure = sure && s.scan(raw) == len(raw)
	}
	if sure {
		s.readHead(&r, raw)
	} else {
		r.Flaw = s.judge(&r)
	}
	if r.ID == "" {
		sum := r.Sum()
		r.ID = "x" + hex.EncodeToString(sum[:10])
	}
	r.readRef, r.readFlaw = r.Ref, r.Flaw
	return r
}

// clean masks what is named a BSN and counts what could be one. again is set
// when the bytes must be scanned anew: what was masked may be in the head, or
// may have made another shape.
func (r *Resource) clean(sure bool, found signs, h head) (again bool) {
	if !sure && !isOneValue(r.raw) {
		if mayHoldBSN(r.raw) {
			r.raw, r.Masked = scrubText(r.raw)
		}
		r.Suspect = countNumbers(r.raw)
		return true
	}
	s := scrubber{raw: r.raw, found: found}
	s.value(0, nil)
	r.raw, r.Masked = s.apply()
	r.Suspect = s.suspect
	if r.Masked > 0 && r.Suspect > 0 { // some may be in what was taken out
		again := scrubber{raw: r.raw, found: found}
		again.value(0, nil)
		r.Suspect = again.suspect
	}
	return s.doubtful || s.touches(h.typ) || s.touches(h.id) || s.touches(h.meta)
}

// readHead reads what was found where it stands in raw, the bytes that were
// scanned last.
func (s *scanner) readHead(r *Resource, raw []byte) {
	for _, member := range [...]struct {
		name string
		at   span
	}{{"resourceType", s.head.typ}, {"id", s.head.id}, {"meta", s.head.meta}} {
		if member.at.to > 0 {
			s.setMember(r, member.name, member.at.of(raw))
		}
	}
	if r.Type == "" {
		r.Flaw = FlawType
	}
}

// setMember reads a member of the head, which must be valid.
func (s *scanner) setMember(r *Resource, name string, raw []byte) {
	switch name {
	case "resourceType":
		r.Type = s.word(raw)
	case "id":
		r.ID = textOf(raw)
	case "meta":
		s.setMeta(r, raw)
	}
}

func (s *scanner) setMeta(r *Resource, raw []byte) {
	if raw[0] == '[' { // a list where one value is expected
		raw = firstOf(raw)
	}
	for name, value := range membersOf(raw) {
		switch string(name) {
		case "profile":
			for item := range itemsOf(value) {
				r.Profiles = append(r.Profiles, s.word(item))
			}
		case "lastUpdated":
			r.Updated = updated(textOf(firstOf(value)))
		}
	}
}

// updated reads meta.lastUpdated, which must be precise; most are instants.
func updated(text string) time.Time {
	if t, err := time.ParseInLocation(time.RFC3339Nano, text, Amsterdam()); err == nil {
		return t
	}
	if d := ParseDate(text); d.Precision() >= PrecisionMinute {
		return d.Low()
	}
	return time.Time{}
}

// word is textOf for what often comes again: it is then the same string.
func (s *scanner) word(raw []byte) string {
	if raw[0] == '"' {
		return s.nodes.name(unquoted(raw))
	}
	return textOf(raw)
}

// memberWord is the word that is the first value of a member of an object.
func (s *scanner) memberWord(raw []byte, name string) string {
	for member, value := range membersOf(firstOf(raw)) {
		if string(member) == name {
			return s.word(firstOf(value))
		}
	}
	return ""
}

// judge reads type, id and meta of a resource about which something is in
// doubt, and checks the rest for what would make two readers disagree about
// the content.
func (s *scanner) judge(r *Resource) Flaw {
	if !utf8.Valid(r.raw) {
		return FlawText
	}
	if tooDeep(r.raw, MaxDepth) {
		return FlawDepth
	}
	dec := jsontext.NewDecoder(bytes.NewReader(r.raw))
	if dec.PeekKind() != '{' {
		return FlawSyntax
	}
	flaw := s.readMembers(r, dec)
	switch {
	case flaw == "" && hasLongNumber(r.raw):
		return FlawNumber
	case flaw == "" && r.Type == "":
		return FlawType
	}
	return flaw
}

func (s *scanner) readMembers(r *Resource, dec *jsontext.Decoder) Flaw {
	if _, err := dec.ReadToken(); err != nil {
		return flawOf(err)
	}
	var wrongCase bool
	for dec.PeekKind() != '}' {
		tok, err := dec.ReadToken()
		if err != nil {
			return flawOf(err)
		}
		name := tok.String()
		wrongCase = wrongCase || reservedInWrongCase(name)
		raw, err := dec.ReadValue()
		if err != nil {
			return flawOf(err)
		}
		s.setMember(r, name, raw)
	}
	if _, err := dec.ReadToken(); err != nil {
		return flawOf(err)
	}
	if dec.InputOffset() < int64(len(r.raw)) { // something after the object
		return FlawSyntax
	}
	if wrongCase {
		return FlawCase
	}
	return ""
}

func flawOf(err error) Flaw {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return FlawDuplicate
	}
	return FlawSyntax
}

// tooDeep counts open brackets outside strings. It runs before any recursive
// reader touches the bytes.
func tooDeep(raw []byte, limit int) bool {
	depth, inString, escaped := 0, false, false
	for _, c := range raw {
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			if depth++; depth > limit {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// hasLongNumber looks for a number of more than maxNumber characters in valid
// JSON. No other value outside strings is that long.
func hasLongNumber(raw []byte) bool {
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			i = validEnd(raw, i)
		case c == '-' || isDigit(c):
			end := scalarEnd(raw, i)
			if end-i > maxNumber {
				return true
			}
			i = end
		default:
			i++
		}
	}
	return false
}
