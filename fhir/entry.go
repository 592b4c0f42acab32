package fhir

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// entry reads one entry and gives it, unless it is about the search only.
func (b *BundleReader) entry(yield func(Entry, error) bool) error {
	if b.in.next() != '{' {
		_, _, err := b.in.valid() // an entry that is no object says nothing
		return err
	}
	b.cur.begin()
	if err := b.in.each('{', '}', b.cur.read); err != nil {
		return err
	}
	e := b.cur.finish()
	if e.Resource.Type == "OperationOutcome" {
		b.Outcomes = append(b.Outcomes, issuesOf(e.Resource.raw)...)
		return nil
	}
	if !yield(e, nil) {
		return errStopped
	}
	return nil
}

// entryReader gathers the members of one entry after the other.
type entryReader struct {
	b       *BundleReader
	read    func() error // member, made once
	e       Entry
	fullURL string
	flaw    Flaw // of the entry: readers would disagree about its resource
	seen    [3]string
}

func (r *entryReader) begin() { *r = entryReader{b: r.b, read: r.read} }

func (r *entryReader) finish() Entry {
	r.e.Resource.FullURL = r.fullURL
	if r.e.Resource.raw != nil && r.flaw != "" {
		r.e.Resource.Flaw = r.flaw
	}
	return r.e
}

func (r *entryReader) member() error {
	name, err := r.b.in.name()
	if err != nil {
		return err
	}
	switch known := knownName(name, "resource", "fullUrl"); known {
	case "":
	case name:
		r.once(name)
	default:
		r.flaw = FlawCase
		name = known
	}
	if name == "resource" {
		return r.resource()
	}
	return r.other(name)
}

// once finds a name that comes again.
func (r *entryReader) once(name string) {
	if i := slices.Index(r.seen[:], ""); !slices.Contains(r.seen[:], name) && i >= 0 {
		r.seen[i] = name
		return
	}
	r.flaw = FlawDuplicate
}

func (r *entryReader) resource() error {
	raw, sure, err := r.b.in.value(MaxSize)
	if err != nil || string(raw) == "null" { // null says nothing
		return err
	}
	sure = sure && raw[0] == '{'
	r.e.Resource = r.b.in.scan.resource(raw, sure, false, r.b.version)
	return nil
}

// other reads what stands around the resource, without a BSN.
func (r *entryReader) other(name string) error {
	raw, sure, err := r.b.in.valid()
	if err != nil {
		return err
	}
	switch name {
	case "search":
		if r.e.Mode = knownMode(raw); r.e.Mode != "" {
			return nil
		}
	case "fullUrl", "response":
	default:
		return nil
	}
	raw, _ = scrub(raw)
	if !sure && !jsontext.Value(raw).IsValid(jsontext.AllowDuplicateNames(true)) {
		return nil // it says nothing that can be trusted
	}
	switch name {
	case "fullUrl":
		r.fullURL = textOf(raw)
	case "search":
		r.e.Mode = r.b.in.scan.memberWord(raw, "mode")
	case "response":
		n := r.b.in.scan.nodes.read(raw)
		r.e.Status, r.e.Location = n.Str("status"), n.Str("location")
		r.e.Issues = readIssues(n.Get("outcome"))
	}
	return nil
}

// knownMode gives the mode of most entries, printed without white space; there
// is nothing to mask in it.
func knownMode(raw []byte) string {
	switch string(raw) {
	case `{"mode":"match"}`:
		return "match"
	case `{"mode":"include"}`:
		return "include"
	}
	return ""
}
