package fhir

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

var (
	// ErrNotBundle is returned for an answer that is JSON but not a Bundle.
	ErrNotBundle = errors.New("not a FHIR Bundle")
	// ErrSyntax is returned for JSON that is broken.
	ErrSyntax = errors.New("broken JSON")
)

// jsonError takes out of a decoder's error what may be content: the path to
// the place, with the names of members. A broken reader keeps its own error, and
// JSON that ends early is io.ErrUnexpectedEOF.
func jsonError(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	case !errors.As(err, &syntax):
		return err
	}
	if cause := errors.Unwrap(syntax.Err); cause != nil {
		return cause
	}
	return ErrSyntax
}

// BundleReader reads a Bundle as a stream: memory is bounded by the largest
// entry, not by the Bundle. The fields are complete when Entries has ended.
// It is for one goroutine.
type BundleReader struct {
	Type     string  // "searchset", "batch-response", ...
	Next     string  // link of the next page, as sent
	Self     string  // link of this page, as sent
	Total    int     // as sent; -1 when absent
	Outcomes []Issue // of OperationOutcome entries, which are never data

	version Version
	in      frame
	cur     entryReader
	seen    []string // the members so far
	kind    string   // resourceType of the whole
	alone   []byte   // an OperationOutcome sent instead of a Bundle
}

// Entry is one entry of a Bundle. Its Resource is empty when the entry only
// carries a response.
type Entry struct {
	Resource Resource
	Mode     string  // search.mode
	Status   string  // response.status
	Location string  // response.location
	Issues   []Issue // response.outcome
}

// Issue is one issue of an OperationOutcome. Details and Diagnostics are the
// server's words: they may be stored and shown as text, never logged.
type Issue struct {
	Severity, Code, Details, Diagnostics string
}

// ReadBundle starts reading a Bundle of the given release, in UTF-8 without a
// byte order mark.
func ReadBundle(r io.Reader, v Version) *BundleReader {
	b := &BundleReader{version: v, in: frame{r: r}, Total: -1}
	b.cur.read = b.cur.member
	b.cur.b = b
	return b
}

// errStopped tells that the caller wants no more.
var errStopped = errors.New("stopped")

// Entries gives the entries in order. OperationOutcome entries are not data:
// they are collected in Outcomes. A resource that is broken within its own
// brackets comes with its Flaw and the rest goes on. An error ends the
// sequence; what was given before it stands. A member of the Bundle twice or in
// the wrong case is one. What follows the Bundle is for End to judge.
func (b *BundleReader) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if err := b.read(yield); err != nil && !errors.Is(err, errStopped) {
			yield(Entry{}, err)
		}
	}
}

// End reads on behind the Bundle and refuses anything but space there. It is
// called when Entries has ended; a connection that was read to its end can be
// used again.
func (b *BundleReader) End() error {
	if err := b.in.end(); err != nil {
		return fmt.Errorf("read behind the Bundle: %w", err)
	}
	return nil
}

// read walks the members of the Bundle in the order they are sent; links and
// total may stand behind the entries.
func (b *BundleReader) read(yield func(Entry, error) bool) error {
	if b.in.next() != '{' {
		return b.notObject()
	}
	err := b.in.each('{', '}', func() error { return b.member(yield) })
	if err != nil {
		return fmt.Errorf("read Bundle: %w", err)
	}
	return b.finish()
}

// finish judges by the resourceType, which may come last.
func (b *BundleReader) finish() error {
	if b.kind == "OperationOutcome" {
		b.Outcomes = append(b.Outcomes, issuesOf(b.alone)...)
	}
	if b.kind != "Bundle" {
		return fmt.Errorf("%w: %s", ErrNotBundle, typeName(b.kind))
	}
	return nil
}

// typeName keeps a server's text out of an error unless it is a plain name.
func typeName(s string) string {
	for _, c := range s {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return "unknown type"
		}
	}
	if s == "" || len(s) > 40 {
		return "unknown type"
	}
	return s
}

// notObject tells another JSON value, or nothing at all, from what is no JSON.
func (b *BundleReader) notObject() error {
	if _, _, err := b.in.valid(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read Bundle: %w", err)
	}
	return fmt.Errorf("%w: no JSON object", ErrNotBundle)
}

func (b *BundleReader) member(yield func(Entry, error) bool) error {
	name, err := b.in.name()
	if err != nil {
		return err
	}
	if err := b.once(name); err != nil {
		return err
	}
	if name == "entry" {
		switch b.in.next() {
		case '[':
			return b.in.each('[', ']', func() error { return b.entry(yield) })
		case '{': // one value where a list is expected
			return b.entry(yield)
		}
	}
	return b.field(name)
}

// once refuses a name that this reader acts on when it comes again or in
// another case: readers would disagree about what the Bundle says.
func (b *BundleReader) once(name string) error {
	known := knownName(name, "resourceType", "type", "total", "link", "entry", "issue")
	if known == "" {
		return nil
	}
	if known != name || slices.Contains(b.seen, name) {
		return fmt.Errorf("%w: a member of the Bundle twice or in the wrong case", ErrSyntax)
	}
	b.seen = append(b.seen, name)
	return nil
}

// knownName gives the name among those known that name is, in whatever case.
func knownName(name string, known ...string) string {
	for _, k := range known {
		if strings.EqualFold(k, name) {
			return k
		}
	}
	return ""
}

func (b *BundleReader) field(name string) error {
	raw, err := b.in.strict()
	if err != nil {
		return err
	}
	switch name {
	case "resourceType", "type", "total", "link":
	case "issue":
		b.alone, _ = scrub([]byte(`{"issue":` + string(raw) + `}`))
		return nil
	default:
		return nil
	}
	n, err := parseNode(raw)
	if err == nil {
		b.setField(name, n)
	}
	return err
}

func (b *BundleReader) setField(name string, n Node) {
	switch name {
	case "resourceType":
		b.kind = n.Text()
	case "type":
		b.Type = n.Text()
	case "total":
		if total, err := strconv.Atoi(n.Text()); err == nil {
			b.Total = total
		}
	case "link":
		for _, link := range n.Items() {
			switch link.Str("relation") {
			case "next":
				b.Next = link.Str("url")
			case "self":
				b.Self = link.Str("url")
			}
		}
	}
}

// Issues reads the issues of an OperationOutcome; none for any other resource.
func (r Resource) Issues() []Issue {
	if r.Type != "OperationOutcome" {
		return nil
	}
	return readIssues(r.Node())
}

func issuesOf(raw []byte) []Issue {
	n, err := parseNode(raw)
	if err != nil {
		return nil
	}
	return readIssues(n)
}

func readIssues(n Node) []Issue {
	var issues []Issue
	for _, i := range n.All("issue") {
		issues = append(issues, Issue{
			Severity:    i.Str("severity"),
			Code:        i.Str("code"),
			Details:     i.Str("details", "text"),
			Diagnostics: i.Str("diagnostics"),
		})
	}
	return issues
}
