package medmij

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// outgoing is one POST or PUT.
type outgoing struct {
	method  string
	target  string
	logged  string // the address as the chain log may have it
	service Service
	content []byte
}

// fate is what became of something that was sent.
type fate int

const (
	fateStayed  fate = iota // nothing of it left
	fateRefused             // the provider said that it took nothing
	fateTaken               // the provider took it
	fateUnknown             // it may have arrived, and nobody knows what came of it
)

// once sends it one time, whatever happens (DEL-05), and hands the answer of
// a provider that took it to handle.
func (c *Client) once(ctx context.Context, g *Grant, o outgoing, handle func(*http.Response, io.Reader) error) (fate, error) {
	at, err := url.Parse(o.target)
	if err != nil {
		return fateStayed, ErrAddress
	}
	release, err := c.acquire(ctx, originOf(at))
	if err != nil {
		return fateStayed, err
	}
	defer release()
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Limits.PageCall)
	defer cancel()
	resp, err := c.transmit(ctx, g, o)
	switch {
	case errors.Is(err, ErrNotSent), errors.Is(err, ErrNotAllowed), errors.Is(err, ErrAddress), errors.Is(err, ErrStale), errors.Is(err, ErrNoLists):
		return fateStayed, err
	case err != nil:
		return fateUnknown, err
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fateOf(resp.StatusCode), statusOf(resp, c.cfg.Now())
	}
	content, err := openBody(resp, c.cfg.Limits.Page, c.cfg.Limits, c.cfg.Now, func() { resp.Body.Close() })
	if err != nil {
		return fateUnknown, err
	}
	defer content.close()
	if err := handle(resp, content); err != nil {
		return fateUnknown, err
	}
	return fateTaken, nil
}

// fateOf a status that is no success. A refusal is one that the provider
// itself gave: 4xx, or a redirect that asks for the same request elsewhere.
// The other redirects may come after it was taken.
func fateOf(status int) fate {
	if status/100 == 4 || status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect {
		return fateRefused
	}
	return fateUnknown
}

func (c *Client) transmit(ctx context.Context, g *Grant, o outgoing) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, o.method, o.target, bytes.NewReader(o.content))
	if err != nil {
		return nil, ErrAddress
	}
	id := newUUID()
	c.prepare(req, g, id, o.service.Version)
	req.Header.Set("Content-Type", fhirMIME(o.service.Version))
	req.Header.Set("Prefer", "return=representation")
	c.event(eventResource, g.CorrelationID, Event{Request: &EventRequest{
		ID: id, Method: req.Method, ClientID: c.cfg.ClientID, ServerID: req.URL.Hostname(), URI: o.logged,
		ProviderID: bareName(g.Provider), ServiceID: serviceNumber(o.service.ID),
	}})
	resp, err := c.cfg.Transport.RoundTrip(req)
	c.answered(eventResourceAnswer, eventResourceError, g.CorrelationID, id, resp, err)
	return resp, err
}
