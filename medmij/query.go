package medmij

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// page is one answer to a query.
type page struct {
	resources []fhir.Resource
	entries   int // all that counts towards a total
	total     int // -1 when not given
	next      string
}

// query runs one query to its end: every page, and a result on the last one.
func (r *run) query(ctx context.Context, q Query) {
	parent := ctx
	ctx, cancel := context.WithTimeout(ctx, r.s.c.cfg.Limits.Query)
	defer cancel()
	pages := paging{limit: r.s.c.cfg.Limits.Pages, origin: r.offer.base(q.Role), places: r.s.c.places}
	result := fhir.QueryResult{Query: q.Path}
	total, entries := -1, 0
	at, err := pages.first(q.At(r.s.c.cfg.Now()))
	for err == nil {
		var got page
		got, err = r.page(ctx, at, &pages)
		if err != nil {
			break
		}
		result.Pages++
		result.Resources += len(got.resources)
		total, entries = max(total, got.total), entries+got.entries
		// What goes over the limit is not given at all: a page is stored whole.
		if err = r.count(len(got.resources)); err != nil {
			break
		}
		r.remember(got.resources)
		if got.next == "" {
			result.Outcome, result.Detail = outcomeAtEnd(result.Resources, entries, total)
			r.give(parent, fhir.Page{Query: q.Path, Resources: got.resources, Result: &result})
			return
		}
		if !r.give(parent, fhir.Page{Query: q.Path, Resources: got.resources}) {
			return
		}
		at, err = pages.next(at, got.next)
	}
	if parent.Err() != nil {
		return // the whole source ends, and says so itself
	}
	result.Outcome, result.Detail = outcomeOf(err)
	if result.Outcome == fhir.Failed {
		r.s.c.warn("query failed", result.Detail, r.s.trace())
	}
	r.give(parent, fhir.Page{Query: q.Path, Result: &result})
}

// outcomeAtEnd of a query whose pages all came. A provider that announced more
// than it gave did not give everything.
func outcomeAtEnd(resources, entries, total int) (fhir.Outcome, string) {
	switch {
	case entries < total:
		return fhir.Failed, CodeIncomplete
	case resources == 0:
		return fhir.Empty, ""
	}
	return fhir.OK, ""
}

// outcomeOf says what became of a query that ended early.
func outcomeOf(err error) (fhir.Outcome, string) {
	code := codeOf(err)
	switch code {
	case CodeForbidden:
		return fhir.NotGranted, code
	case CodeNotOffered:
		return fhir.NotOffered, code
	}
	return fhir.Failed, code
}

// page reads one page. A server that lacks the operation $lastn is asked once
// for everything instead.
func (r *run) page(ctx context.Context, at *url.URL, pages *paging) (page, error) {
	got, err := r.readPage(ctx, at, pages.logged(at))
	if (isStatus(err, 404) || isStatus(err, 400)) && strings.HasSuffix(at.Path, "/$lastn") && pages.seen == 1 {
		plain := *at
		plain.Path, plain.RawPath = strings.TrimSuffix(at.Path, "/$lastn"), ""
		*at = plain
		got, err = r.readPage(ctx, at, pages.logged(at))
	}
	return got, err
}

func (r *run) readPage(ctx context.Context, at *url.URL, logged string) (page, error) {
	var got page
	err := r.s.get(ctx, read{url: at, logged: logged, service: r.service.ID, version: r.service.Version},
		func(_ string, content io.Reader) (err error) {
			got, err = parsePage(content, r.service.Version, r.s.c.cfg.Limits.Resources)
			return err
		})
	return got, err
}

// parsePage reads a searchset. OperationOutcomes are not data, wherever they
// stand.
func parsePage(content io.Reader, v fhir.Version, most int) (page, error) {
	source := &noting{from: content}
	bundle := fhir.ReadBundle(source, v)
	var got page
	for entry, err := range bundle.Entries() {
		if err != nil {
			return page{}, readError(source, err)
		}
		// An entry without a resource says something about the search only.
		if entry.Resource.Bytes() == nil || entry.Mode == "outcome" {
			continue
		}
		if len(got.resources) == most {
			return page{}, errIncomplete
		}
		got.resources = append(got.resources, entry.Resource)
	}
	if bundle.Type != "searchset" {
		return page{}, fmt.Errorf("%w: not a searchset", errBad)
	}
	// Some servers count an OperationOutcome in their total.
	got.entries = len(got.resources) + len(bundle.Outcomes)
	got.total, got.next = bundle.Total, bundle.Next
	return got, nil
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
