package medmij

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/cenkalti/backoff/v5"
)

// read is one GET at a provider.
type read struct {
	url     *url.URL
	logged  string // the address as the chain log may have it
	service string
	version fhir.Version
	binary  bool    // a document: other limits, and raw content is welcome
	time    *budget // of the query that it is part of; nil when it is alone
}

// answer handles the content of a 200. It may be called more than once when a
// read is tried again, and starts anew each time.
type answer func(kind string, content io.Reader) error

// get reads under the rules of 4.3: what may pass is tried again, a refused
// token is renewed once, everything else is an error at once.
func (s *session) get(ctx context.Context, r read, handle answer) error {
	// The library counts its own calls; a repeat with a new token is not one of
	// them, but it is a try.
	tries, repeated := 0, false
	var last error
	attempt := func() (struct{}, error) {
		for {
			used, err := s.current(ctx)
			if err != nil {
				last = err
				return struct{}{}, backoff.Permanent(err)
			}
			tries++
			last = s.c.try(ctx, used, r, handle)
			if !repeated && isStatus(last, http.StatusUnauthorized) && s.afterRefusal(ctx, used) {
				repeated = true
				continue
			}
			return struct{}{}, s.c.again(ctx, last, tries)
		}
	}
	_, err := backoff.Retry(ctx, attempt,
		backoff.WithBackOff(&backoff.ExponentialBackOff{
			InitialInterval: s.c.cfg.Limits.Backoff, Multiplier: 2, RandomizationFactor: 0.5, MaxInterval: 30 * time.Second,
		}),
		backoff.WithMaxTries(uint(s.c.cfg.Limits.Tries)))
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return last // what the library returns may be its own wish to wait
}

// again tells the library what to do after a try.
func (c *Client) again(ctx context.Context, err error, tries int) error {
	var status *busyError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil, untrusted(err):
		return backoff.Permanent(err)
	case errors.As(err, &status):
		return status.again(c.cfg.Limits, tries)
	case unreadable(err), errors.Is(err, errTooSlow), errors.As(err, new(*statusError)), errors.As(err, new(*Error)):
		return backoff.Permanent(err)
	case tries >= 2 && (codeOf(err) == CodeTimeout || errors.Is(err, errCut)):
		return backoff.Permanent(err)
	}
	return err
}

// busyError is a status that may pass.
type busyError struct {
	statusError
	after time.Duration // what the provider asked for; negative when it did not
}

func (e *busyError) Unwrap() error { return &e.statusError }

func (e *busyError) again(limits Limits, tries int) error {
	switch {
	case e.status == http.StatusInternalServerError && tries >= 2, e.after > limits.RetryAfter:
		return backoff.Permanent(e)
	case e.after >= 0:
		return backoff.RetryAfter(int(e.after / time.Second))
	}
	return e
}

func isStatus(err error, status int) bool {
	var e *statusError
	return errors.As(err, &e) && e.status == status
}

// try sends one request and handles its answer, within the time of one call.
func (c *Client) try(ctx context.Context, g *Grant, r read, handle answer) error {
	limit, size := c.cfg.Limits.PageCall, c.cfg.Limits.Page
	if r.binary {
		limit, size = c.cfg.Limits.BinaryCall, c.cfg.Limits.Binary
	}
	release, err := c.acquire(ctx, originOf(r.url))
	if err != nil {
		return err
	}
	defer release()
	ctx, done, err := r.time.spend(ctx)
	if err != nil {
		return err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	resp, err := c.send(ctx, g, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return statusOf(resp, c.cfg.Now())
	}
	kind, err := c.contentType(resp.Header.Get("Content-Type"), r)
	if err != nil {
		return err
	}
	content, err := openBody(resp, size, c.cfg.Limits, c.cfg.Now, cancel)
	if err != nil {
		return err
	}
	defer content.close()
	err = handle(kind, content)
	// Whoever cancels the request is not seen in its error: here it was the
	// clock of silence, not the caller, or an answer that would not end in time.
	if err != nil && (content.silent() || errors.Is(ctx.Err(), context.DeadlineExceeded)) {
		return errTooSlow
	}
	return err
}

// send makes the request of 4.1: the token in its header only, a new request
// id, the correlation id of the chain.
func (c *Client) send(ctx context.Context, g *Grant, r read) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url.String(), nil)
	if err != nil {
		return nil, ErrAddress
	}
	id := newUUID()
	c.prepare(req, g, id, r.version)
	c.event(eventResource, g.CorrelationID, Event{Request: &EventRequest{
		ID: id, Method: req.Method, ClientID: c.cfg.ClientID, ServerID: r.url.Hostname(), URI: r.logged,
		ProviderID: bareName(g.Provider), ServiceID: serviceNumber(r.service),
	}})
	resp, err := c.cfg.Transport.RoundTrip(req)
	c.answered(eventResourceAnswer, eventResourceError, g.CorrelationID, id, resp, err)
	return resp, err
}

func (c *Client) prepare(req *http.Request, g *Grant, id string, v fhir.Version) {
	identify(req, id, g.CorrelationID)
	req.Header.Set("Authorization", bearer+" "+g.AccessToken)
	req.Header.Set("Accept", fhirMIME(v))
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("User-Agent", c.cfg.UserAgent)
}

// statusOf makes an error of a status that is not 200.
func statusOf(resp *http.Response, now time.Time) error {
	status := statusError{resp.StatusCode}
	switch resp.StatusCode {
	case 429, 500, 502, 503, 504:
		return &busyError{status, retryAfter(resp.Header.Get("Retry-After"), now)}
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return ErrRedirect
	}
	return &status
}

// retryAfter reads seconds or a date; -1 is none.
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n >= 0 && n < 1<<30 {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(at.Sub(now), 0)
	}
	return -1
}
