package fhir

import (
	"bytes"

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
