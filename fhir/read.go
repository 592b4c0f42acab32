package fhir

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// ReadError tells that a file, or one line of it, could not be read. It holds
// no content.
type ReadError struct {
	Line   int // where the unreadable part starts, from 1; 0 for the whole file
	Reason string
	err    error
}

// Error gives the line and the reason.
func (e *ReadError) Error() string {
	if e.Line == 0 {
		return "cannot be read: " + e.Reason
	}
	return fmt.Sprintf("line %d cannot be read: %s", e.Line, e.Reason)
}

// Unwrap gives the cause, such as [ErrTooLarge] or an error of the reader.
func (e *ReadError) Unwrap() error { return e.err }

var byteOrderMark = []byte("\xef\xbb\xbf")

// ReadAny reads what a file may hold: one resource, a Bundle, newline-delimited
// JSON or several values one after the other, or FHIR XML; a byte order mark is
// skipped. Every resource is given once; of a Bundle those of its entries, with
// their FullURL, but not its OperationOutcomes. A resource that can be told but
// not read comes with its Flaw.
//
// What is no FHIR gives a [*ReadError]; with newline-delimited JSON the next
// line is read all the same. No resource may be larger than [MaxSize]; a JSON
// Bundle that names its type first may, because it is read as a stream.
func ReadAny(r io.Reader, v Version) iter.Seq2[Resource, error] {
	return readAny(r, v, MaxSize)
}

func readAny(r io.Reader, v Version, limit int) iter.Seq2[Resource, error] {
	return func(yield func(Resource, error) bool) {
		src := bufio.NewReaderSize(r, 64<<10)
		if head, _ := src.Peek(len(byteOrderMark)); bytes.Equal(head, byteOrderMark) {
			_, _ = src.Discard(len(byteOrderMark))
		}
		a := anyReader{src: src, version: v, limit: limit, line: 1, yield: yield}
		a.run()
	}
}

// anyReader reads chunks: the lines up to where all brackets are closed.
type anyReader struct {
	src     *bufio.Reader
	version Version
	limit   int  // of bytes of one resource
	line    int  // of the next byte of src
	lines   bool // it is newline-delimited: a line stands alone
	begun   bool // a value was read before
	stopped bool // the caller wants no more
	yield   func(Resource, error) bool
}

// run reads one value, or chunk of values, after the other.
func (a *anyReader) run() {
	for !a.stopped {
		first, err := a.skipSpace()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				a.fail(a.line, "the file could not be read", err)
			}
			return
		}
		more := false
		switch {
		case first == '<':
			a.readXML()
		case !a.begun && a.startsBundle():
			more = a.streamBundle()
		default:
			more = a.readChunk()
		}
		a.begun = true
		if !more {
			return
		}
	}
}

func (a *anyReader) give(r Resource) { a.stopped = a.stopped || !a.yield(r, nil) }

func (a *anyReader) fail(line int, reason string, err error) {
	err = jsonError(err)
	if !a.stopped {
		a.stopped = !a.yield(Resource{}, &ReadError{Line: line, Reason: reason, err: err})
	}
}

func (a *anyReader) skipSpace() (byte, error) {
	for {
		c, err := a.src.ReadByte()
		if err != nil {
			return 0, err
		}
		switch c {
		case '\n':
			a.line++
		case ' ', '\t', '\r':
		default:
			return c, a.src.UnreadByte()
		}
	}
}

func (a *anyReader) readXML() {
	raw, err := xmlToJSON(a.src, a.version, a.limit)
	if err != nil {
		a.fail(0, reasonOf(err), err)
		return
	}
	a.giveValue(raw, 0)
}

// reasonOf gives the words of our own errors and hides those of others, which
// may quote the content.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, ErrTooLarge):
		return ErrTooLarge.Error()
	case errors.Is(err, ErrXML):
		return err.Error()
	case errors.Is(err, ErrNotBundle):
		return "a Bundle of another type"
	}
	if isSyntax(err) {
		return "the JSON is broken or ends early"
	}
	return "the file could not be read"
}

// isSyntax tells broken content from a broken reader.
func isSyntax(err error) bool {
	err = jsonError(err)
	return errors.Is(err, ErrSyntax) || errors.Is(err, io.ErrUnexpectedEOF)
}

// startsBundle tells whether the value ahead names itself a Bundle before its
// entries, so that they can be read as a stream. It looks at what the buffer
// holds and no further.
func (a *anyReader) startsBundle() bool {
	head, _ := a.src.Peek(a.src.Size())
	dec := jsontext.NewDecoder(bytes.NewReader(head), jsontext.AllowDuplicateNames(true))
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '{' {
		return false
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil || name.String() == "entry" {
			return false
		}
		key := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return false
		}
		if key == "resourceType" {
			return string(value) == `"Bundle"`
		}
	}
	return false
}

// streamBundle reads a Bundle entry by entry and goes on behind it.
func (a *anyReader) streamBundle() (more bool) {
	in := &meter{r: a.src, left: a.limit}
	start := a.line
	b := ReadBundle(in, a.version)
	b.in.lines = true
	for e, err := range b.Entries() {
		if err != nil {
			a.fail(start, reasonOf(err), err)
			a.leave(in, &b.in)
			return isSyntax(err) && a.skipLine() && a.resumes()
		}
		in.left = a.limit
		if e.Resource.raw != nil {
			a.give(e.Resource)
		}
		if a.stopped {
			return false
		}
	}
	a.leave(in, &b.in)
	a.lines = a.line == start // a Bundle on one line: so will be what follows it
	return true
}

// leave puts back what was read ahead.
func (a *anyReader) leave(in *meter, f *frame) {
	rest := bytes.Clone(f.buf[f.at:])
	a.line += in.newlines - bytes.Count(rest, newline)
	a.src = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(rest), a.src), 64<<10)
}

func (a *anyReader) skipLine() bool {
	for {
		_, err := a.src.ReadSlice('\n')
		if err == nil {
			a.line++
			return true
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return false
		}
	}
}

// resumes tells whether a line starts here that looks like a value of its own:
// behind a broken value in a printed file there is none, in newline-delimited
// JSON there is.
func (a *anyReader) resumes() bool {
	head, _ := a.src.Peek(2)
	return string(head) == `{"`
}

// meter refuses more than left bytes and counts lines. Its reader sets left
// anew for every resource.
type meter struct {
	r        io.Reader
	left     int
	newlines int
}

var newline = []byte("\n")

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, ErrTooLarge
	}
	n, err := m.r.Read(p[:min(len(p), m.left)])
	m.left -= n
	m.newlines += bytes.Count(p[:n], newline)
	return n, err
}

// giveValue gives the resource or the entries of the Bundle that raw is.
func (a *anyReader) giveValue(raw []byte, line int) {
	r := Parse(raw, a.version)
	switch {
	case r.Type == "Bundle":
		for e, err := range ReadBundle(bytes.NewReader(raw), a.version).Entries() {
			if err != nil {
				a.fail(line, reasonOf(err), err)
			} else if e.Resource.raw != nil {
				a.give(e.Resource)
			}
			if a.stopped {
				return
			}
		}
	case r.Flaw == FlawSyntax:
		a.fail(line, "the JSON is broken or ends early", nil)
	case r.Flaw == FlawType:
		a.fail(line, "it is not a FHIR resource", nil)
	default:
		a.give(r)
	}
}
