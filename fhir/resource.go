package fhir

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"strings"
	"time"
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
	FlawNumber    Flaw = "long-number"    // a number of more than 64 characters
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
	Suspect  int // how many numbers in free text could be a BSN; see [MaskFreeText]
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
	var s scanner
	raw = bytes.TrimSpace(raw)
	return s.resource(raw, s.scan(raw) == len(raw), true, v)
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
	if r.Flaw != "" || len(r.raw) == 0 {
		return Node{}
	}
	var b nodeBuilder
	return b.read(r.raw)
}
