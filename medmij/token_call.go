package medmij

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

// tokenCall is one request for tokens: it adds the ids, keeps the chain log,
// bounds the answer, and offers what is in the request once.
type tokenCall struct {
	c           *Client
	uri         string // for the chain log
	correlation string
	grantType   string
	initiatedBy string
	used        atomic.Bool
	status      int
	life        time.Duration // of the tokens in the answer
}

func (t *tokenCall) client() *http.Client {
	return &http.Client{Transport: t, CheckRedirect: noRedirects}
}

// RoundTrip implements [http.RoundTripper], for the library.
func (t *tokenCall) RoundTrip(req *http.Request) (*http.Response, error) {
	// One code, one offer: whatever a library on top may think of.
	if t.used.Swap(true) {
		return nil, errors.New("a token request is sent once")
	}
	resp, err := t.send(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if err := checkTokenAnswer(resp); err != nil {
		return nil, err
	}
	raw, err := t.read(resp)
	if err != nil {
		return nil, err
	}
	t.life, raw = takeLifetime(raw)
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	return resp, nil
}

// send repeats only what surely did not leave, and never after an error of
// trust. Each try is a request with an id of its own.
func (t *tokenCall) send(req *http.Request) (*http.Response, error) {
	for try := 1; ; try++ {
		resp, err := t.try(req)
		if err == nil || try >= t.c.cfg.Limits.Tries || !errors.Is(err, ErrNotSent) || untrusted(err) {
			return resp, err
		}
		select {
		case <-time.After(time.Duration(try) * 500 * time.Millisecond):
		case <-req.Context().Done():
			return nil, err
		}
	}
}

func (t *tokenCall) try(req *http.Request) (*http.Response, error) {
	id := newUUID()
	req = req.Clone(req.Context())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, fmt.Errorf("read the request again: %w", err)
		}
		req.Body = body
	}
	identify(req, id, t.correlation)
	req.Header.Set("Accept", jsonType)
	req.Header.Set("User-Agent", t.c.cfg.UserAgent)
	t.c.event(eventToken, t.correlation, Event{Request: &EventRequest{
		ID: id, Method: req.Method, ClientID: t.c.cfg.ClientID, ServerID: req.URL.Hostname(),
		URI: t.uri, GrantType: t.grantType, InitiatedBy: t.initiatedBy,
	}})
	resp, err := t.c.cfg.Transport.RoundTrip(req)
	t.c.answered(eventTokenAnswer, eventTokenError, t.correlation, id, resp, err)
	if err == nil {
		t.status = resp.StatusCode
	}
	return resp, err
}

// read takes an answer that is not larger than allowed.
func (t *tokenCall) read(resp *http.Response) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(resp.Body, t.c.cfg.Limits.Answer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case int64(len(raw)) > t.c.cfg.Limits.Answer:
		return nil, errTooLarge
	}
	return raw, nil
}

var errNoReason = errors.New("refused without a reason that can be read")

// checkTokenAnswer keeps from the library what it would read too generously: a
// redirect, and a form or a page where JSON was asked.
func checkTokenAnswer(resp *http.Response) error {
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return ErrRedirect
	}
	// An error answer may have any type: its status says enough.
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode < 300 && (err != nil || kind != jsonType) {
		return errType
	}
	if kind == formType || kind == "text/plain" {
		// Not its status: a 401 that gives no reason ends no consent.
		return errNoReason
	}
	return nil
}

// takeLifetime keeps expires_in from the library, which refuses a whole answer
// when that is not the number it expects. Anything but an object is left to it.
func takeLifetime(raw []byte) (time.Duration, []byte) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return tokenLife, raw
	}
	life := lifetime(members["expires_in"])
	delete(members, "expires_in")
	rest, err := json.Marshal(members)
	if err != nil {
		return life, raw
	}
	return life, rest
}

// failed makes an error of ours. The library's own text can hold the
// provider's answer, so it goes no further.
func (t *tokenCall) failed(op, invalidGrant string, err error) error {
	e := &Error{Op: op, Trace: t.correlation}
	var answer *oauth2.RetrieveError
	var told *oauthProblem
	switch {
	case errors.As(err, &told):
		e.Code, e.Err = tokenAnswerCode(told.code, invalidGrant), &statusError{t.status}
	case errors.As(err, &answer):
		e.Code, e.Err = tokenAnswerCode(answer.ErrorCode, invalidGrant), &statusError{t.status}
	case t.status >= 200 && t.status < 300 && !untrusted(err) && !isTimeout(err):
		e.Code, e.Err = CodeBad, errBad
	default:
		e.Code, e.Err = codeOf(err), withoutURL(err)
	}
	t.c.warn("token request failed", e.Code, e.Trace)
	return e
}

// isTimeout tells whether it was time or the caller that ended a call.
func isTimeout(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
