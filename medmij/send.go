package medmij

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"github.com/bundel-pgo/bundel/fhir"
)

// EntryResult is what became of one entry that was sent, in the order sent.
type EntryResult struct {
	OK       bool // status 200 or 201
	Known    bool // false: the provider did not answer for this entry
	Status   string
	Location string
	Issues   []fhir.Issue // the provider's words; shown as text, never logged
}

// Send posts a Bundle to a share service of the grant: a batch or a
// transaction, as the table says. The grant is one for sharing, made for this
// one time; it is thrown away afterwards, whatever the outcome.
//
// The results stand for the entries of the Bundle. Nothing is ever sent twice:
// when the Bundle may have arrived and there is no usable answer, the error is
// [ErrUnknownOutcome] and the person decides. Any other error means that
// nothing was accepted; an [*Error] says why.
func (c *Client) Send(ctx context.Context, g *Grant, serviceID string, bundle []byte) ([]EntryResult, error) {
	service, target, err := c.sendTarget(g, serviceID, bundle)
	if err != nil {
		return nil, fmt.Errorf("medmij: send: %w", err)
	}
	entries, err := checkBundle(bundle, service)
	if err != nil {
		return nil, fmt.Errorf("medmij: send: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Limits.PageCall)
	defer cancel()
	release, err := c.acquire(ctx, hostOf(target))
	if err != nil {
		return nil, err
	}
	defer release()
	results, sent, err := c.post(ctx, g, service, target, bundle)
	if err != nil {
		return nil, c.sendError(g, sent, err)
	}
	// An answer that is short leaves the rest unknown; one that is long is cut.
	for len(results) < entries {
		results = append(results, EntryResult{})
	}
	return results[:entries], nil
}

func (c *Client) sendTarget(g *Grant, id string, bundle []byte) (Service, string, error) {
	service, ok := ServiceByID(id)
	offer, offered := g.Offer(id)
	switch {
	case !ok || service.Direction != Share:
		return service, "", fmt.Errorf("service %q takes no data", id)
	case !offered || g.Purpose != Share || !g.Has(id):
		return service, "", ErrNotGranted
	case !g.usable(c.cfg.Now()):
		return service, "", &Error{Code: CodeExpired, Op: "send", Trace: g.CorrelationID, Err: ErrConsentEnded}
	case fhir.HasBSN(bundle):
		return service, "", errors.New("the Bundle holds a citizen service number")
	}
	return service, strings.TrimRight(offer.base(""), "/"), nil
}

// checkBundle counts the entries of a Bundle that is to be sent.
func checkBundle(bundle []byte, service Service) (int, error) {
	b := fhir.ReadBundle(bytes.NewReader(bundle), service.Version)
	n := 0
	for _, err := range b.Entries() {
		if err != nil {
			return 0, errors.New("not a Bundle")
		}
		n++
	}
	if b.Type != service.Bundle {
		return 0, fmt.Errorf("the Bundle is not a %s", service.Bundle)
	}
	return n, nil
}

// post sends the Bundle once. sent tells whether anything may have left.
func (c *Client) post(ctx context.Context, g *Grant, service Service, target string, bundle []byte) (
	results []EntryResult, sent bool, err error,
) {
	var connected atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// From here on bytes may leave; there is no later moment that is sure.
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := http.NewRequestWithContext(traced, http.MethodPost, target, bytes.NewReader(bundle))
	if err != nil {
		return nil, false, ErrAddress
	}
	id := newUUID()
	c.prepare(req, g, id, service.Version)
	req.Header.Set("Content-Type", fhirMIME(service.Version))
	req.Header.Set("Prefer", "return=representation")
	c.event(eventResource, g.CorrelationID, Event{Request: &EventRequest{
		ID: id, Method: req.Method, ClientID: c.cfg.ClientID, ServerID: req.URL.Hostname(), URI: target,
		ProviderID: bareName(g.Provider), ServiceID: serviceNumber(service.ID),
	}})
	resp, err := c.cfg.Transport.RoundTrip(req)
	c.answered(eventResourceAnswer, eventResourceError, g.CorrelationID, id, resp, err)
	if err != nil {
		return nil, connected.Load(), err
	}
	defer resp.Body.Close()
	results, err = c.readResults(ctx, resp, service)
	return results, true, err
}

func (c *Client) readResults(ctx context.Context, resp *http.Response, service Service) ([]EntryResult, error) {
	if resp.StatusCode != http.StatusOK {
		return nil, statusOf(resp, c.cfg.Now())
	}
	if _, err := c.contentType(resp.Header.Get("Content-Type"), read{version: service.Version}); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { resp.Body.Close() })()
	content, err := openBody(resp, c.cfg.Limits.Page, c.cfg.Limits, c.cfg.Now, cancel)
	if err != nil {
		return nil, err
	}
	defer content.close()
	return parseResults(content, service)
}

func parseResults(content io.Reader, service Service) ([]EntryResult, error) {
	source := &noting{from: content}
	b := fhir.ReadBundle(source, service.Version)
	var results []EntryResult
	for e, err := range b.Entries() {
		if err != nil {
			return nil, readError(source, err)
		}
		results = append(results, EntryResult{
			OK:    strings.HasPrefix(e.Status, "200") || strings.HasPrefix(e.Status, "201"),
			Known: e.Status != "", Status: e.Status, Location: e.Location, Issues: e.Issues,
		})
	}
	if b.Type != service.Bundle+"-response" {
		return nil, errBad
	}
	return results, nil
}

// sendError parts "refused" from "nobody knows": only a refusal that the
// provider itself gave, or a request that never left, is sure.
func (c *Client) sendError(g *Grant, sent bool, err error) error {
	e := &Error{Code: codeOf(err), Op: "send", Trace: g.CorrelationID, Err: err}
	var status *statusError
	refused := errors.As(err, &status) && status.status < 500 || errors.Is(err, ErrRedirect) || errors.Is(err, ErrNotAllowed)
	if sent && !refused {
		e.Err = errors.Join(ErrUnknownOutcome, err)
	}
	c.warn("send failed", e.Code, e.Trace)
	return e
}
