package fhir

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

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
	dec     *jsontext.Decoder
	kind    string // resourceType of the whole
	alone   []byte // an OperationOutcome sent instead of a Bundle
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

// ReadBundle starts reading a Bundle of the given release.
func ReadBundle(r io.Reader, v Version) *BundleReader {
	dec := jsontext.NewDecoder(r, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return &BundleReader{version: v, dec: dec, Total: -1}
}

// Entries gives the entries in order. OperationOutcome entries are not data:
// they are collected in Outcomes. An error ends the sequence; what was given
// before it stands.
func (b *BundleReader) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if stopped, err := b.read(yield); err != nil && !stopped {
			yield(Entry{}, err)
		}
	}
}

// End reads on behind the Bundle and refuses anything but space there. It is
// called when Entries has ended; a connection that was read to its end can be
// used again.
func (b *BundleReader) End() error {
	if _, err := b.dec.ReadToken(); err == nil {
		return fmt.Errorf("read Bundle: %w: more behind it", ErrSyntax)
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("read Bundle: %w", jsonError(err))
	}
	return nil
}

// read walks the members of the Bundle in the order they are sent; links and
// total may stand behind the entries.
func (b *BundleReader) read(yield func(Entry, error) bool) (stopped bool, err error) {
	if b.dec.PeekKind() != '{' {
		return false, notJSON(b.dec)
	}
	if _, err := b.dec.ReadToken(); err != nil {
		return false, fmt.Errorf("read Bundle: %w", jsonError(err))
	}
	for b.dec.PeekKind() == '"' {
		name, err := b.dec.ReadToken()
		if err != nil {
			return false, fmt.Errorf("read Bundle: %w", jsonError(err))
		}
		key := name.String()
		kind := b.dec.PeekKind()
		switch {
		case key == "entry" && kind == '[':
			stopped, err = b.readEntries(yield)
		case key == "entry" && kind == '{': // one value where a list is expected
			stopped, err = b.yieldEntry(yield)
		default:
			err = b.readField(key)
		}
		if stopped || err != nil {
			return stopped, err
		}
	}
	return false, b.finish()
}

// finish judges by the resourceType, which may come last.
func (b *BundleReader) finish() error {
	if _, err := b.dec.ReadToken(); err != nil {
		return fmt.Errorf("read Bundle: %w", jsonError(err))
	}
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

func notJSON(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read Bundle: %w", jsonError(err))
	}
	return fmt.Errorf("%w: no JSON object", ErrNotBundle)
}

func (b *BundleReader) readField(key string) error {
	raw, err := b.dec.ReadValue()
	if err != nil {
		return fmt.Errorf("read Bundle: %w", jsonError(err))
	}
	switch key {
	case "resourceType", "type", "total", "link":
	case "issue":
		b.alone, _ = scrub([]byte(`{"issue":` + string(raw) + `}`))
		return nil
	default:
		return nil
	}
	n, err := parseNode(raw)
	if err != nil {
		return fmt.Errorf("read Bundle: %w", jsonError(err))
	}
	b.setField(key, n)
	return nil
}

func (b *BundleReader) setField(key string, n Node) {
	switch key {
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

func (b *BundleReader) readEntries(yield func(Entry, error) bool) (stopped bool, err error) {
	if _, err := b.dec.ReadToken(); err != nil {
		return false, fmt.Errorf("read Bundle: %w", jsonError(err))
	}
	for b.dec.PeekKind() != ']' {
		if stopped, err := b.yieldEntry(yield); stopped || err != nil {
			return stopped, err
		}
	}
	if _, err := b.dec.ReadToken(); err != nil {
		return false, fmt.Errorf("read Bundle: %w", jsonError(err))
	}
	return false, nil
}

func (b *BundleReader) yieldEntry(yield func(Entry, error) bool) (stopped bool, err error) {
	e, isOutcome, err := b.readEntry()
	if err != nil {
		return false, fmt.Errorf("read Bundle entry: %w", jsonError(err))
	}
	return !isOutcome && !yield(e, nil), nil
}

func (b *BundleReader) readEntry() (e Entry, isOutcome bool, err error) {
	if b.dec.PeekKind() != '{' {
		return e, true, b.dec.SkipValue() // an entry that is no object says nothing
	}
	if _, err := b.dec.ReadToken(); err != nil {
		return e, false, err
	}
	fullURL, seen := "", false
	for b.dec.PeekKind() != '}' {
		name, err := b.dec.ReadToken()
		if err != nil {
			return e, false, err
		}
		key := name.String()
		raw, err := b.dec.ReadValue()
		if err != nil {
			return e, false, err
		}
		switch key {
		case "resource":
			if raw.Kind() == 'n' {
				continue // null says nothing
			}
			e.Resource = Parse(raw.Clone(), b.version)
			if seen { // readers would disagree about which of them counts
				e.Resource.Flaw = FlawDuplicate
			}
			seen = true
		case "fullUrl", "search", "response":
			fullURL = e.readMember(key, raw, fullURL)
		}
	}
	e.Resource.FullURL = fullURL
	if e.Resource.Type == "OperationOutcome" {
		b.Outcomes = append(b.Outcomes, issuesOf(e.Resource.raw)...)
		isOutcome = true
	}
	_, err = b.dec.ReadToken()
	return e, isOutcome, err
}

// readMember reads what stands around the resource, without a BSN.
func (e *Entry) readMember(key string, raw []byte, fullURL string) string {
	raw, _ = scrub(raw)
	n, err := parseNode(raw)
	if err != nil {
		return fullURL
	}
	switch key {
	case "fullUrl":
		return n.Text()
	case "search":
		e.Mode = n.Str("mode")
	case "response":
		e.Status, e.Location = n.Str("status"), n.Str("location")
		e.Issues = readIssues(n.Get("outcome"))
	}
	return fullURL
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
