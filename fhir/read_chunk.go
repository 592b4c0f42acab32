package fhir

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// readChunk reads one or more whole values. The first one tells what the file
// is: closed within its line, the file is newline-delimited JSON.
func (a *anyReader) readChunk() (more bool) {
	start := a.line
	chunk, closed, err := a.chunk()
	if err != nil && !errors.Is(err, io.EOF) {
		reason := "the file could not be read"
		if errors.Is(err, ErrTooLarge) {
			reason = ErrTooLarge.Error()
		}
		a.fail(start, reason, err)
		return false
	}
	if !closed && !a.lines {
		if a.brokenLine(chunk, start) {
			return true
		}
	}
	if closed && bytes.HasPrefix(chunk, []byte("{")) && !bytes.Contains(bytes.TrimSpace(chunk), newline) {
		a.lines = true
	}
	good := a.values(chunk, start)
	return err == nil && (good || a.lines || a.resumes())
}

// brokenLine handles a first line that is cut off while more lines follow that
// are values of their own: the file is newline-delimited after all. It gives
// those lines back to be read.
func (a *anyReader) brokenLine(chunk []byte, start int) bool {
	first, rest, found := bytes.Cut(chunk, newline)
	if !found || !bytes.HasPrefix(rest, []byte(`{"`)) {
		return false
	}
	a.values(first, start)
	a.lines = true
	a.line = start + 1
	a.src = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(rest), a.src), 64<<10)
	return true
}

// chunk reads lines until every bracket is closed, or one line when lines
// stand alone. closed is false when the file ended, or a string did not.
func (a *anyReader) chunk() (chunk []byte, closed bool, err error) {
	var depth nesting
	for {
		part, err := a.src.ReadSlice('\n')
		if len(chunk)+len(part) > a.limit {
			return nil, false, ErrTooLarge
		}
		chunk = append(chunk, part...)
		depth.read(part)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue // a long line arrives in parts
		}
		if err == nil {
			a.line++
		}
		if err != nil || a.lines || depth.open <= 0 || depth.inString {
			return chunk, depth.open == 0 && !depth.inString, err
		}
	}
}

// nesting counts the brackets that are open outside strings.
type nesting struct {
	open              int
	inString, escaped bool
}

func (n *nesting) read(part []byte) {
	for _, c := range part {
		switch {
		case n.escaped:
			n.escaped = false
		case n.inString:
			n.escaped, n.inString = c == '\\', c != '"'
		case c == '"':
			n.inString = true
		case c == '{' || c == '[':
			n.open++
		case c == '}' || c == ']':
			n.open--
		}
	}
}

// values gives every value of a chunk; most have one.
func (a *anyReader) values(chunk []byte, line int) (good bool) {
	dec := jsontext.NewDecoder(bytes.NewReader(chunk), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for !a.stopped {
		raw, err := dec.ReadValue()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			a.fail(line, reasonOf(err), err)
			return false
		}
		// The decoder uses its memory again; a resource keeps its own.
		a.giveValue(bytes.Clone(raw), line)
	}
	return true
}
