package fhir

import (
	"bytes"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// These step through JSON of which the grammar is known to be right.

// validEnd gives the end of the string at i.
func validEnd(raw []byte, i int) int {
	for i = plainEnd(raw, i+1); raw[i] != '"'; i = plainEnd(raw, i+1) {
		if raw[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// scalarEnd gives the end of the number, true, false or null at i.
func scalarEnd(raw []byte, i int) int {
	for i < len(raw) && raw[i] > ' ' && raw[i] != ',' && raw[i] != ']' && raw[i] != '}' {
		i++
	}
	return i
}

// behindComma gives the next item or member behind the value that ends at i,
// or the bracket that closes the list or object.
func behindComma(raw []byte, i int) int {
	if i = skipSpace(raw, i); raw[i] == ',' {
		i = skipSpace(raw, i+1)
	}
	return i
}

// unquoted gives the text of a JSON string; without escapes it is not copied.
func unquoted(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, quoted)
	return text
}

// valueEnd gives the end of the value at i.
func valueEnd(raw []byte, i int) int {
	for depth := 0; ; {
		switch raw[i] {
		case '"':
			i = validEnd(raw, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\t', '\r': // depth is above 0
			i++
			continue
		default:
			i = scalarEnd(raw, i)
		}
		if depth == 0 {
			return i
		}
	}
}

// membersOf gives the names and values of an object, and nothing for any other value.
func membersOf(raw []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		if raw[0] != '{' {
			return
		}
		for i := skipSpace(raw, 1); raw[i] != '}'; i = behindComma(raw, i) {
			from := i
			i = validEnd(raw, i)
			name := unquoted(raw[from:i])
			from = skipSpace(raw, skipSpace(raw, i)+1)
			i = valueEnd(raw, from)
			if !yield(name, raw[from:i]) {
				return
			}
		}
	}
}

// itemsOf gives the items of a list, nothing for null, and any other value as
// the one item that it is.
func itemsOf(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		switch raw[0] {
		case 'n':
			return
		case '[':
		default:
			yield(raw)
			return
		}
		for i := skipSpace(raw, 1); raw[i] != ']'; i = behindComma(raw, i) {
			from := i
			i = valueEnd(raw, i)
			if !yield(raw[from:i]) {
				return
			}
		}
	}
}

// firstOf gives the first item that is not null, or null.
func firstOf(raw []byte) []byte {
	for item := range itemsOf(raw) {
		if item[0] != 'n' {
			return item
		}
	}
	return []byte("null")
}

// textOf is the text of a string, number or boolean, and empty for any other value.
func textOf(raw []byte) string {
	switch raw[0] {
	case '"':
		return string(unquoted(raw))
	case '{', '[', 'n':
		return ""
	}
	return string(raw)
}

func holdsDigit(raw []byte) bool {
	for _, c := range raw {
		if isDigit(c) {
			return true
		}
	}
	return false
}
