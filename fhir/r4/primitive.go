package r4

import (
	"regexp"
	"slices"
	"strings"
)

// The forms of primitives (https://hl7.org/fhir/R4/datatypes.html), for the
// text of a string. Numbers and booleans are told apart by JSON itself.
const (
	formYear = `([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)`
	formDay  = `(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])`
	formTime = `([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?`
	formZone = `(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))`
	anyText  = `[ \r\n\t\S]+`
	anyURI   = `\S+`
)

var stringForms = compile(map[string]string{
	"canonical": anyURI,
	"code":      `\S+( \S+)*`,
	"date":      formYear + `(-(0[1-9]|1[0-2])|-` + formDay + `)?`,
	"dateTime":  formYear + `(-(0[1-9]|1[0-2])|-` + formDay + `(T` + formTime + formZone + `)?)?`,
	"id":        `[A-Za-z0-9.-]{1,64}`,
	"instant":   formYear + `-` + formDay + `T` + formTime + formZone,
	"markdown":  anyText,
	"oid":       `urn:oid:[0-2](\.(0|[1-9][0-9]*))+`,
	"string":    anyText,
	"time":      formTime,
	"uri":       anyURI,
	"url":       anyURI,
	"uuid":      `urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,
	"xhtml":     `(?s)\s*<(\w+:)?div[\s>/].*`,
})

var numberForms = compile(map[string]string{
	"decimal":     `.*`,
	"integer":     `-?(0|[1-9][0-9]*)`,
	"positiveInt": `[1-9][0-9]*`,
	"unsignedInt": `0|[1-9][0-9]*`,
})

func compile(forms map[string]string) map[string]*regexp.Regexp {
	all := map[string]*regexp.Regexp{}
	for kind, form := range forms {
		all[kind] = regexp.MustCompile(`^(?:` + form + `)$`)
	}
	return all
}

// problemOf says what is wrong with a primitive, if anything.
func problemOf(v scalar, e element) Problem {
	switch v.Kind() {
	case '"':
		return problemOfText(text(v), e)
	case '0':
		form, ok := numberForms[e.kind]
		if !ok {
			return WrongType
		}
		if !form.Match(v) {
			return BadValue
		}
	case 't', 'f':
		if e.kind != "boolean" {
			return WrongType
		}
	default:
		return WrongType
	}
	return ""
}

func problemOfText(s string, e element) Problem {
	form, ok := stringForms[e.kind]
	switch {
	case e.kind == "base64Binary":
		ok = isBase64(s)
	case !ok:
		return WrongType
	default:
		ok = form.MatchString(s)
	}
	if !ok {
		return BadValue
	}
	if len(e.codes) > 0 && !slices.Contains(e.codes, s) {
		return BadCode
	}
	return ""
}

// isBase64: groups of four and white space; the content is not decoded, as it
// can be a large file.
func isBase64(s string) bool {
	n := 0
	for _, c := range []byte(s) {
		switch {
		case strings.IndexByte(" \r\n\t", c) >= 0:
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '+', c == '/', c == '=':
			n++
		default:
			return false
		}
	}
	return n > 0 && n%4 == 0
}
