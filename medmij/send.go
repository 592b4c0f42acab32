package medmij

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// Send posts a Bundle to a share service of the grant: a batch or a
// transaction, as the table says (medmij-protocol.md 4.6). The Bundle is
// checked first: what MedMij asks of every sender, and no citizen service
// number.
//
// The grant is one for sharing, made for this one time. Once anything of the
// Bundle may have left, it is spent, and sending with it again is
// [ErrConsentEnded]: every time of sharing has a consent of its own. Only a
// fixed token is not counted.
//
// The results stand for the entries of the Bundle, in their order. When the
// provider said something about the whole, one more follows them, with Issues
// only. Of a transaction everything was taken or nothing: an answer that says
// both is not known for the entries it calls good.
//
// Nothing is ever sent twice: when the Bundle may have arrived and there is no
// usable answer, the error is [ErrUnknownOutcome] and the person decides. Any
// other error means that nothing was accepted; an [*Error] says why.
func (c *Client) Send(ctx context.Context, g *Grant, serviceID string, bundle []byte) ([]EntryResult, error) {
	service, target, err := c.sendTarget(g, serviceID, bundle)
	if err != nil {
		return nil, fmt.Errorf("medmij: send: %w", err)
	}
	entries, err := checkBundle(bundle, service)
	if err != nil {
		return nil, fmt.Errorf("medmij: send: %w", err)
	}
	if !c.useUp(g) {
		return nil, fmt.Errorf("medmij: send: %w", &Error{Code: CodeExpired, Op: "send", Trace: g.CorrelationID, Err: ErrConsentEnded})
	}
	var results []EntryResult
	f, err := c.once(ctx, g, outgoing{method: http.MethodPost, target: target, logged: target, service: service, content: bundle},
		func(resp *http.Response, content io.Reader) error {
			results, err = readResults(resp.StatusCode, content, service, entries)
			return err
		})
	if f == fateStayed {
		c.giveBack(g)
	}
	if err != nil {
		return nil, c.sendError(g, f, err)
	}
	return results, nil
}

func (c *Client) sendTarget(g *Grant, id string, bundle []byte) (Service, string, error) {
	service, ok := c.serviceByID(id)
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

// useUp takes the one time that a consent to share is good for; false when it
// was taken before. A token that was handed over is for testing: it has no
// consent to spend.
func (c *Client) useUp(g *Grant) bool {
	if g.Consented.IsZero() {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := hashOf(g.AccessToken)
	if c.used[key] {
		return false
	}
	c.used[key] = true
	return true
}

func (c *Client) giveBack(g *Grant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.used, hashOf(g.AccessToken))
}

// sendError parts "refused" from "nobody knows".
func (c *Client) sendError(g *Grant, f fate, err error) error {
	e := &Error{Code: codeOf(err), Op: "send", Trace: g.CorrelationID, Err: err}
	if f == fateUnknown {
		e.Err = errors.Join(ErrUnknownOutcome, err)
	}
	c.warn("send failed", e.Code, e.Trace)
	return e
}
