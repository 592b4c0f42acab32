package fhir

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// The law of reading: what Parse and ReadBundle must give, one step after the
// other, each with a decoder of its own.

func lawParse(raw []byte, v Version) Resource {
	r := Resource{Version: v}
	r.raw, r.Masked = lawScrub(bytes.TrimSpace(raw))
	r.Suspect = lawSuspect(r.raw)
	r.Flaw = r.lawHead()
	if r.ID == "" {
		sum := r.Sum()
		r.ID = "x" + hex.EncodeToString(sum[:10])
	}
	r.readRef, r.readFlaw = r.Ref, r.Flaw
	return r
}

// lawSuspect counts in every string of free text, or in all of what is no JSON.
func lawSuspect(raw []byte) (n int) {
	if !isOneValue(raw) {
		_, n = lawMaskText(string(raw))
		return n
	}
	dec := jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	names := make([]string, 2*maxWalk)
	for {
		tok, err := dec.ReadToken()
		if err != nil {
			return n
		}
		depth := dec.StackDepth()
		kind, length := dec.StackIndex(depth)
		switch {
		case tok.Kind() == '{' || tok.Kind() == '[':
			if names[depth] = ""; tok.Kind() == '[' {
				names[depth] = names[depth-1] // items belong to the member
			}
		case tok.Kind() == '"' && kind == '{' && length%2 == 1:
			names[depth] = tok.String()
		case tok.Kind() == '"':
			n += lawCount(names[depth], kind, tok.String())
		}
	}
}

func lawCount(name string, in jsontext.Kind, text string) int {
	member := []byte(name)
	if in != '{' && name == "" {
		member = nil // no member at all
	}
	if isBinary(member, []byte(`"`+text+`"`)) || !isFreeText(member, []byte(text)) {
		return 0
	}
	_, n := lawMaskText(text)
	return n
}

func (r *Resource) lawHead() Flaw {
	switch {
	case !utf8.Valid(r.raw):
		return FlawText
	case tooDeep(r.raw, MaxDepth):
		return FlawDepth
	}
	dec := jsontext.NewDecoder(bytes.NewReader(r.raw))
	if dec.PeekKind() != '{' {
		return FlawSyntax
	}
	flaw := r.lawMembers(dec)
	switch {
	case flaw == "" && lawLongNumber(r.raw):
		return FlawNumber
	case flaw == "" && r.Type == "":
		return FlawType
	}
	return flaw
}

func (r *Resource) lawMembers(dec *jsontext.Decoder) Flaw {
	_, err := dec.ReadToken()
	wrongCase := false
	for err == nil && dec.PeekKind() != '}' {
		var tok jsontext.Token
		if tok, err = dec.ReadToken(); err != nil {
			break
		}
		name := tok.String()
		wrongCase = wrongCase || reservedInWrongCase(name)
		var raw jsontext.Value
		if raw, err = dec.ReadValue(); err == nil {
			r.lawMember(name, lawNode(raw))
		}
	}
	if err == nil {
		_, err = dec.ReadToken()
	}
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return FlawDuplicate
	case err != nil || len(bytes.TrimSpace(r.raw[dec.InputOffset():])) > 0:
		return FlawSyntax
	case wrongCase:
		return FlawCase
	}
	return ""
}

func (r *Resource) lawMember(name string, n Node) {
	switch name {
	case "resourceType":
		r.Type = n.Text()
	case "id":
		r.ID = n.Text()
	case "meta":
		for _, p := range n.All("profile") {
			r.Profiles = append(r.Profiles, p.Text())
		}
		if d := ParseDate(n.Str("lastUpdated")); d.Precision() >= PrecisionMinute {
			r.Updated = d.Low()
		}
	}
}

func lawLongNumber(raw []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		tok, err := dec.ReadToken()
		if err != nil {
			return false
		}
		if tok.Kind() == '0' && len(tok.String()) > maxNumber {
			return true
		}
	}
}

// lawNode makes a Node token by token.
func lawNode(raw []byte) Node {
	dec := jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true))
	n, err := lawReadNode(dec)
	if err != nil {
		return Node{}
	}
	return n
}

func lawReadNode(dec *jsontext.Decoder) (Node, error) {
	tok, err := dec.ReadToken()
	if err != nil || tok.Kind() == 'n' {
		return Node{}, err
	}
	n := Node{kind: tok.Kind()}
	if n.kind != '{' && n.kind != '[' {
		n.text = tok.String()
		return n, nil
	}
	for dec.PeekKind() != '}' && dec.PeekKind() != ']' {
		if n.kind == '{' {
			name, err := dec.ReadToken()
			if err != nil {
				return Node{}, err
			}
			n.names = append(n.names, name.String())
		}
		item, err := lawReadNode(dec)
		if err != nil {
			return Node{}, err
		}
		n.items = append(n.items, item)
	}
	_, err = dec.ReadToken()
	return n, err
}

// compare tells where a reading of raw differs from the law; empty if nowhere.
func compare(raw []byte, v Version) string {
	got, want := Parse(bytes.Clone(raw), v), lawParse(bytes.Clone(raw), v)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Resource{}), cmp.Comparer(slices.Equal[[]byte])); diff != "" {
		return diff
	}
	if got.Flaw != "" {
		return ""
	}
	return cmp.Diff(lawNode(want.raw), got.Node(), cmp.AllowUnexported(Node{}), cmp.Comparer(func(a, b []Node) bool {
		return len(a) == len(b) && slices.EqualFunc(a, b, sameNode)
	}))
}

func sameNode(a, b Node) bool {
	return a.kind == b.kind && a.text == b.text && slices.Equal(a.names, b.names) && slices.EqualFunc(a.items, b.items, sameNode)
}
