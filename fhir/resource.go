package fhir

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Version is a FHIR release. It follows from the data service or from what the
// person says of an imported file, never from the content.
type Version uint8

// The two releases in use in MedMij.
const (
	STU3 Version = 3
	R4   Version = 4
)

// String gives "STU3" or "R4".
func (v Version) String() string {
	switch v {
	case STU3:
		return "STU3"
	case R4:
		return "R4"
	}
	return fmt.Sprintf("Version(%d)", uint8(v))
}

// ParseVersion reads "stu3" or "r4" in any case.
func ParseVersion(s string) (Version, error) {
	switch strings.ToLower(s) {
	case "stu3", "3", "3.0":
		return STU3, nil
	case "r4", "4", "4.0":
		return R4, nil
	}
	return 0, fmt.Errorf("FHIR version must be stu3 or r4")
}

// Ref names a resource within one source: its type and its logical id.
type Ref struct{ Type, ID string }

// String gives "Type/ID".
func (r Ref) String() string { return r.Type + "/" + r.ID }

// Flaw says why a resource could be kept but not read. The zero value means it
// can be read.
type Flaw string

// The flaws that [Parse] finds.
const (
	FlawSyntax    Flaw = "bad-json"       // not one JSON object
	FlawDuplicate Flaw = "duplicate-name" // a name twice in one object: readers would disagree
	FlawCase      Flaw = "wrong-case"     // a reserved name in the wrong case: readers would disagree
	FlawDepth     Flaw = "too-deep"       // nested deeper than MaxDepth
	FlawType      Flaw = "no-type"        // no resourceType
	FlawText      Flaw = "bad-utf8"       // not valid UTF-8
)

// MaxDepth is how deep a resource may be nested.
const MaxDepth = 64

// Resource is one FHIR resource. Its bytes are those received, with a BSN masked.
type Resource struct {
	Ref
	Version  Version
	FullURL  string    // of the Bundle entry it came in, if any
	Profiles []string  // meta.profile, as delivered
	Updated  time.Time // meta.lastUpdated; zero when absent
	Flaw     Flaw
	Masked   int // how many BSN values were masked
	raw      []byte
	readRef  Ref // as Parse read them in raw
	readFlaw Flaw
}

// Parse makes a Resource of raw. It never fails: what cannot be read gets a
// Flaw and keeps its bytes. Parse masks every BSN and does not keep raw itself
// where it had to change it; the caller must not modify raw afterwards.
//
// A resource without an id gets "x" and the first 20 hex digits of the SHA-256
// of its bytes, so that it can be kept and found again.
func Parse(raw []byte, v Version) Resource {
	r := Resource{Version: v}
	r.raw, r.Masked = scrub(bytes.TrimSpace(raw))
	return r.read()
}

// Restore is Parse for the bytes of a resource that Parse made, which a store
// kept under a seal: it does not look for a BSN in them once more. Masked is 0.
func Restore(raw []byte, v Version) Resource {
	return Resource{Version: v, raw: raw}.read()
}

// read reads the head and gives an id where there is none.
func (r Resource) read() Resource {
	r.Flaw = r.readHead()
	if r.ID == "" {
		sum := r.Sum()
		r.ID = "x" + hex.EncodeToString(sum[:10])
	}
	r.readRef, r.readFlaw = r.Ref, r.Flaw
	return r
}

// Untouched tells whether Ref and Flaw are still what Parse read in the bytes,
// so that parsing the bytes again gives the same. It costs next to nothing: the
// bytes themselves cannot have changed.
func (r Resource) Untouched() bool { return r.Ref == r.readRef && r.Flaw == r.readFlaw }

// Bytes are the bytes of the resource. They must not be modified.
func (r Resource) Bytes() []byte { return r.raw }

// Sum is the SHA-256 of the bytes.
func (r Resource) Sum() [sha256.Size]byte { return sha256.Sum256(r.raw) }

// LogValue keeps health data out of logs.
func (r Resource) LogValue() slog.Value { return slog.StringValue("[resource]") }

// Node is the root of the content. A resource with a Flaw has an empty Node.
func (r Resource) Node() Node {
	if r.Flaw != "" {
		return Node{}
	}
	n, err := parseNode(r.raw)
	if err != nil {
		return Node{}
	}
	return n
}

// readHead reads type, id and meta, and checks the rest for what would make
// two readers disagree about the content.
func (r *Resource) readHead() Flaw {
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
	flaw := r.readMembers(dec)
	if flaw == "" && r.Type == "" {
		flaw = FlawType
	}
	return flaw
}

func (r *Resource) readMembers(dec *jsontext.Decoder) Flaw {
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
		if err := r.readMember(dec, name); err != nil {
			return flawOf(err)
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return flawOf(err)
	}
	if dec.PeekKind() != 0 { // something after the object
		return FlawSyntax
	}
	if wrongCase {
		return FlawCase
	}
	return ""
}

func (r *Resource) readMember(dec *jsontext.Decoder, name string) error {
	switch name {
	case "resourceType", "id", "meta":
	default:
		return dec.SkipValue()
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	n, err := parseNode(raw)
	if err != nil {
		return err
	}
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
	return nil
}

func reservedInWrongCase(name string) bool {
	for _, reserved := range [...]string{"resourceType", "id", "meta", "contained"} {
		if name != reserved && strings.EqualFold(name, reserved) {
			return true
		}
	}
	return false
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
