package fhir

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// countText counts what could be a BSN in a JSON string of free text.
func (s *scrubber) countText(quoted, name []byte) {
	if text := unquoted(quoted); isFreeText(name, text) {
		s.suspect += countNumbers(text)
	}
}

// maskFreeText masks what countText counts, where it stands if it can.
func (s *scrubber) maskFreeText(at span, name []byte) {
	quoted := at.of(s.raw)
	before := s.suspect
	s.countText(quoted, name)
	want := s.suspect - before
	if want == 0 {
		return
	}
	masked, n := maskNumbers(quoted)
	if n != want || bytes.Contains(quoted, []byte(`\u`)) {
		text, _ := maskNumbers(unquoted(quoted))
		masked, _ = jsontext.AppendQuote(nil, text)
	}
	s.edits = append(s.edits, edit{at.from, at.to, string(masked)})
}

// noText are the members that hold a code, an address, an identifier or a
// version: nine digits there are what they say.
var noText = [...]string{
	"code", "contentType", "content", "data", "fullUrl", "hash", "id", "implicitRules", "lastUpdated", "linkId",
	"profile", "reference", "resourceType", "blob", "system", "uri", "url", "value", "valueBase64Binary", "valueCanonical",
	"valueCode", "valueId", "valueOid", "valueUri", "valueUrl", "valueUuid", "version", "versionId",
}

// isFreeText tells of the text of a member whether a person may have written
// into it. Names of members and addresses are none.
func isFreeText(name, text []byte) bool {
	if name == nil || slices.Contains(noText[:], string(name)) {
		return false
	}
	for _, scheme := range [...]string{"http://", "https://", "urn:"} {
		if bytes.HasPrefix(text, []byte(scheme)) {
			return false
		}
	}
	return true
}

// minBinary is the length from which base64 is told from words.
const minBinary = 64

// isBinary tells whether the string of a member is the base64 of a file: those
// bytes stay as they are, whatever digits they happen to hold.
func isBinary(name, quoted []byte) bool {
	switch string(name) {
	case "data", "content", "blob", "valueBase64Binary":
	default:
		return false
	}
	body := quoted[1 : len(quoted)-1]
	if len(body) < minBinary {
		return false
	}
	for i := 0; i < len(body); i++ {
		if body[i] == '\\' { // base64 in lines, or with escaped slashes
			if i++; bytes.IndexByte([]byte("nr/"), body[i]) < 0 {
				return false
			}
			continue
		}
		if !base64Bytes[body[i]] {
			return false
		}
	}
	return true
}

// base64Bytes are the bytes that base64 is written with.
var base64Bytes = func() (table [256]bool) {
	for c := range table {
		table[c] = isWord(byte(c)) && c != '_' || c == '+' || c == '/' || c == '='
	}
	return table
}()

// MaskFreeText gives the bytes of a resource as an output may show them: in
// free text every number that could be a BSN ([Resource.Suspect]) is masked. It
// tells how many. Codes, identifiers, addresses and the bytes of documents
// stay as they are, and so do all other bytes. What is not JSON is masked whole.
// Source: medmij-protocol.md 5.5.
func MaskFreeText(raw []byte) ([]byte, int) {
	found := look(raw)
	if !found.number {
		return raw, 0
	}
	if !isOneValue(raw) {
		return maskNumbers(raw)
	}
	s := scrubber{raw: raw, found: found, freeText: true}
	s.value(skipSpace(raw, 0), nil)
	masked, _ := s.apply()
	return masked, s.suspect
}

// Shown is the resource as pages, exports and messages may have it: with every
// number in free text masked that could be a BSN. It is the same resource when
// there is none; what is stored is never changed.
func (r Resource) Shown() Resource {
	if r.Suspect == 0 {
		return r
	}
	raw, _ := MaskFreeText(r.Bytes())
	shown := Parse(raw, r.Version)
	shown.Ref, shown.FullURL, shown.Masked = r.Ref, r.FullURL, r.Masked
	return shown
}
