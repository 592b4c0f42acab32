package fhir

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// frame reads what stands around the resources of a Bundle. It parts values by
// their brackets alone, so that one that is broken inside does not break what
// is around it. Its memory is bounded by the largest value.
type frame struct {
	r    io.Reader
	buf  []byte // buf[at:] is still to be read
	at   int
	err  error // of r
	scan scanner

	// lines is set when lines stand alone: a string that is not closed within
	// its line is broken, so that the next line can be read.
	lines bool
}

// frameSize is the memory of a frame as long as no value is larger.
const frameSize = 64 << 10

// more reads more bytes behind those that are there and tells whether it got any.
func (f *frame) more() bool {
	if f.err != nil {
		return false
	}
	f.makeRoom()
	for range 100 { // a reader may give nothing at times, not for ever
		n, err := f.r.Read(f.buf[len(f.buf):cap(f.buf)])
		f.buf, f.err = f.buf[:len(f.buf)+n], err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	f.err = io.ErrNoProgress
	return false
}

// makeRoom drops what was read, and grows when that gives too little.
func (f *frame) makeRoom() {
	if f.at > 0 {
		f.buf = f.buf[:copy(f.buf, f.buf[f.at:])]
		f.at = 0
	}
	if len(f.buf) > cap(f.buf)/2 || f.buf == nil {
		grown := make([]byte, len(f.buf), max(frameSize, 2*cap(f.buf)))
		copy(grown, f.buf)
		f.buf = grown
	}
}

// next gives the next byte that is no white space, without reading it; 0 at
// the end.
func (f *frame) next() byte {
	for {
		f.at = skipSpace(f.buf, f.at)
		if f.at < len(f.buf) {
			return f.buf[f.at]
		}
		if !f.more() {
			return 0
		}
	}
}

// failed tells why there was nothing more, or not what was asked for.
func (f *frame) failed() error {
	switch {
	case f.at < len(f.buf):
		return ErrSyntax
	case f.err == nil || errors.Is(f.err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return f.err
}

// end refuses anything but white space.
func (f *frame) end() error {
	f.next()
	if f.at == len(f.buf) && errors.Is(f.err, io.EOF) {
		return nil
	}
	return f.failed()
}

// take reads one byte, which must be c.
func (f *frame) take(c byte) error {
	if f.next() != c || f.at == len(f.buf) {
		return f.failed()
	}
	f.at++
	return nil
}

// each calls read for every item between the brackets open and shut.
func (f *frame) each(open, shut byte, read func() error) error {
	if err := f.take(open); err != nil {
		return err
	}
	if f.next() == shut {
		return f.take(shut)
	}
	for {
		if err := read(); err != nil {
			return err
		}
		if f.next() == shut {
			return f.take(shut)
		}
		if err := f.take(','); err != nil {
			return err
		}
	}
}

// name reads the name of a member and the colon behind it.
func (f *frame) name() (string, error) {
	if f.next() != '"' {
		return "", f.failed()
	}
	if end := nameEnd(f.buf, f.at); end != no {
		name := nameOf(f.buf[f.at+1 : end])
		f.at = end + 1
		return name, f.take(':')
	}
	raw, err := f.strict()
	if err != nil {
		return "", err
	}
	name := nameOf(unquoted(raw))
	return name, f.take(':')
}

// frameNames are the names that a frame knows, so that they need no memory.
var frameNames = [...]string{
	"entry", "fullUrl", "id", "issue", "link", "meta", "resource", "resourceType", "response", "search", "total", "type",
}

func nameOf(raw []byte) string {
	for _, name := range frameNames {
		if name == string(raw) {
			return name
		}
	}
	return string(raw)
}

// valid reads the next value and refuses it when its grammar is wrong. The
// bytes are good until the next read. sure is set when nothing is in doubt.
func (f *frame) valid() (raw []byte, sure bool, err error) {
	raw, sure, err = f.value(maxWalk)
	if err == nil && !sure && !jsontext.Value(raw).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		err = ErrSyntax
	}
	return raw, sure, err
}

// strict is valid for what belongs to the Bundle itself: about that nothing may
// be in doubt, or nothing of the Bundle can be trusted. Only a long number is
// no reason to refuse it.
func (f *frame) strict() ([]byte, error) {
	raw, sure, err := f.value(MaxDepth)
	if err == nil && !sure && !jsontext.Value(raw).IsValid() {
		err = ErrSyntax
	}
	return raw, err
}

// value reads the next value, whatever may be wrong inside its brackets, but
// for those that are nested deeper than most; sure is set when nothing is. The
// bytes are good until the next read.
func (f *frame) value(most int) (raw []byte, sure bool, err error) {
	f.next()
	// Most values are in memory and good: one look is enough for them.
	if end := f.scan.first(f.buf[f.at:]); end != no && f.at+end < len(f.buf) {
		raw = f.buf[f.at : f.at+end]
		f.at += end
		return raw, true, nil
	}
	if raw, err = f.part(most); err != nil {
		return nil, false, err
	}
	return raw, f.scan.first(raw) == len(raw), nil
}

// part parts the next value from what follows.
func (f *frame) part(most int) ([]byte, error) {
	p := parting{lines: f.lines, most: most}
	for n := 0; ; {
		n = p.read(f.buf[f.at:], n)
		switch {
		case p.broken:
			return nil, ErrSyntax
		case p.done:
			f.at += n
			return f.buf[f.at-n : f.at], nil
		case !f.more():
			f.at = len(f.buf)
			return nil, f.failed()
		}
	}
}

// parting finds the end of a value by its brackets and quotes. It can go on
// where the bytes ended. What is broken so that it may hold its neighbours too,
// because a quote or a bracket is missing, it does not part.
type parting struct {
	lines             bool   // no string goes on behind its line
	most              int    // brackets may be open
	open              []byte // the brackets that would shut what is open
	last              byte   // the sign before this one
	inString, escaped bool
	done              bool
	broken            bool
}

// read goes on at i and gives how far it came, which is the end of the value
// when it is done.
func (p *parting) read(raw []byte, i int) int {
	for i < len(raw) && !p.done && !p.broken {
		switch {
		case p.escaped:
			p.escaped = false
			i++
		case p.inString:
			i = p.inside(raw, i)
		default:
			i = p.outside(raw[i], i)
		}
	}
	return i
}

func (p *parting) inside(raw []byte, i int) int {
	if i = plainEnd(raw, i); i == len(raw) {
		return i
	}
	switch raw[i] {
	case '"':
		p.inString = false
		p.done = len(p.open) == 0
	case '\\':
		p.escaped = true
	case '\n':
		p.broken = p.lines || len(p.open) == 0
	}
	return i + 1
}

// outside reads what is between strings: signs, and the letters of numbers and
// literals, also of those that JSON does not know. Other letters there were
// meant to be in a string.
func (p *parting) outside(c byte, i int) int {
	top := len(p.open) == 0
	switch {
	case isSpace(c) && !top:
		return i + 1
	case top && (isSpace(c) || c == ',' || c == ':' || c == '}' || c == ']'):
		p.done, p.broken = i > 0, i == 0
		return i
	case c == '"':
		p.inString = true
		p.broken = top && i > 0
	case c == '{' || c == '[':
		p.broken = top && i > 0 || !top && p.open[len(p.open)-1] == '}' && p.last != ':' || len(p.open) == p.most
		p.open = append(p.open, c+2) // the bracket that shuts it, in ASCII
	case c == '}' || c == ']':
		p.shut(c)
	case c != ',' && c != ':':
		p.broken = bytes.IndexByte([]byte("0123456789+-.eEtrufalsnNIiy"), c) < 0
	}
	p.last = c
	return i + 1
}

func (p *parting) shut(c byte) {
	last := len(p.open) - 1
	p.broken = p.open[last] != c
	p.open = p.open[:last]
	p.done = last == 0
}
