package medmij

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/bundel-pgo/bundel/fhir"
)

// page is one answer to a query.
type page struct {
	resources  []fhir.Resource
	next, self string
	counts
}

// counts is what a query gave, to compare with the total that was announced.
type counts struct {
	total   int // -1 when not given
	matches int // what the query was for
	all     int // with what was included, and remarks of the server
}

func (c *counts) add(page counts) {
	c.total = max(c.total, page.total)
	c.matches += page.matches
	c.all += page.all
}

// short: a provider that announced more than it gave did not give everything.
// A total should count matches only; some servers count all they send.
func (c counts) short() bool { return c.all < c.total }

// disagree: it cannot be told whether everything came.
func (c counts) disagree() bool { return c.total >= 0 && c.total != c.matches && c.total != c.all }

func (s *searching) read(ctx context.Context) (page, error) {
	var got page
	version, limits := s.service.Version, s.s.c.cfg.Limits
	err := s.s.get(ctx, read{url: s.at, logged: s.pages.logged(s.at), service: s.service.ID, version: version, time: &s.time},
		func(kind string, content io.Reader) (err error) {
			got, err = readPage(kind, content, version, limits.Resources)
			return err
		})
	return got, err
}

// readPage reads an answer in JSON or XML.
func readPage(kind string, content io.Reader, v fhir.Version, most int) (page, error) {
	source := &noting{from: content}
	if kind != xmlType {
		return parsePage(source, source, v, most)
	}
	raw, err := fhir.XMLToJSON(source, v)
	if err != nil {
		return page{}, readError(source, err)
	}
	return parsePage(bytes.NewReader(raw), source, v, most)
}

// parsePage reads a searchset. OperationOutcomes are not data, wherever they
// stand.
func parsePage(content io.Reader, source *noting, v fhir.Version, most int) (page, error) {
	bundle := fhir.ReadBundle(content, v)
	var got page
	for entry, err := range bundle.Entries() {
		switch {
		case errors.Is(err, fhir.ErrNotBundle) && len(bundle.Outcomes) > 0:
			return page{}, issueError(bundle.Outcomes)
		case err != nil:
			return page{}, readError(source, err)
		case entry.Resource.Bytes() == nil:
			continue // it says something about the search only
		case len(got.resources) == most:
			return page{}, errIncomplete
		}
		got.resources = append(got.resources, entry.Resource)
		if entry.Mode == "" || entry.Mode == "match" {
			got.matches++
		}
	}
	if err := bundle.End(); err != nil {
		return page{}, readError(source, err)
	}
	if bundle.Type != "searchset" {
		return page{}, fmt.Errorf("%w: not a searchset", errBad)
	}
	// Some servers count an OperationOutcome in their total.
	got.all = len(got.resources) + len(bundle.Outcomes)
	got.total, got.next, got.self = bundle.Total, bundle.Next, bundle.Self
	return got, nil
}

// issueError is what an OperationOutcome says that came in the place of a
// Bundle: by its codes, for its words are those of the server.
func issueError(issues []fhir.Issue) error {
	codes := map[string]string{
		"forbidden": CodeForbidden, "suppressed": CodeForbidden,
		"security": CodeExpired, "login": CodeExpired, "expired": CodeExpired, "unknown": CodeExpired,
		"not-supported": CodeNotOffered, "not-found": CodeNotOffered, "deleted": CodeNotOffered,
		"throttled": CodeUnavailable, "transient": CodeUnavailable, "timeout": CodeUnavailable,
		"lock-error": CodeUnavailable, "no-store": CodeUnavailable, "exception": CodeUnavailable,
	}
	for _, issue := range issues {
		if code, ok := codes[issue.Code]; ok {
			return &Error{Code: code, Op: "search", Err: errOutcome}
		}
	}
	return &Error{Code: CodeBad, Op: "search", Err: errOutcome}
}

// noting remembers why reading stopped: what the parser makes of a cut answer
// does not tell whether the connection or the content was at fault.
type noting struct {
	from io.Reader
	err  error
}

func (n *noting) Read(p []byte) (int, error) {
	read, err := n.from.Read(p)
	if err != nil {
		n.err = err
	}
	return read, err
}

// readError gives the error of the connection when there is one. Content that
// ends too early came over a broken connection, which may be tried again;
// other content that cannot be read is bad for good. The parser's own words
// may quote the content, so they go no further.
func readError(source *noting, err error) error {
	switch {
	case source.err != nil && !errors.Is(source.err, io.EOF):
		return source.err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errCut
	case errors.Is(err, fhir.ErrNotBundle):
		return fmt.Errorf("%w: not a Bundle", errBad)
	}
	return errBad
}
