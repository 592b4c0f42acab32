package medmij

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/go-json-experiment/json/jsontext"
)

// Update puts back a resource of a collect service, such as the Task of a
// questionnaire with another status; [WithStatus] makes that. It gives what the
// provider made of it, or the resource itself when the provider does not say.
// The token is renewed first when it ended. Nothing is sent twice; errors are
// as with [Client.Send].
func (c *Client) Update(ctx context.Context, g *Grant, serviceID string, res fhir.Resource) (fhir.Resource, error) {
	service, target, err := c.updateTarget(g, serviceID, res)
	if err != nil {
		return fhir.Resource{}, fmt.Errorf("medmij: update: %w", err)
	}
	s := &session{c: c, grant: c.newest(g)}
	usable, err := s.current(ctx)
	if err != nil {
		return fhir.Resource{}, fmt.Errorf("medmij: update: %w", err)
	}
	updated := res
	f, err := c.once(ctx, usable, outgoing{
		method: http.MethodPut, target: target, logged: strings.TrimSuffix(target, res.ID) + "...", service: service, content: res.Bytes(),
	}, func(resp *http.Response, content io.Reader) error {
		kind, err := c.contentType(resp.Header.Get("Content-Type"), read{version: service.Version})
		if err != nil {
			return nil //nolint:nilerr // it was taken; the answer need not say more
		}
		raw, err := readResource(kind, content, service.Version)
		if got := fhir.Parse(raw, service.Version); err == nil && got.Ref == res.Ref && got.Flaw == "" {
			updated = got
		}
		return nil
	})
	if err != nil {
		return fhir.Resource{}, c.sendError(usable, f, err)
	}
	return updated, nil
}

func (c *Client) updateTarget(g *Grant, id string, res fhir.Resource) (Service, string, error) {
	service, ok := c.serviceByID(id)
	offer, offered := g.Offer(id)
	switch {
	case !ok || !slices.Contains(service.Updates, res.Type):
		return service, "", fmt.Errorf("service %q takes no such resource back", id)
	case !offered || g.Purpose != Collect || !g.Has(id):
		return service, "", ErrNotGranted
	case res.Flaw != "" || !goodID.MatchString(res.ID) || res.Node().Str("id") != res.ID:
		return service, "", errors.New("the resource has no id or cannot be read")
	case res.Version != service.Version:
		return service, "", errVersion
	case res.Masked > 0 || fhir.HasBSN(res.Bytes()):
		// Nobody may send the number, and without it the provider's own record
		// would change.
		return service, "", errors.New("the resource holds a citizen service number")
	}
	target, err := under(offer.base(""), res.String())
	if err != nil {
		return service, "", err
	}
	return service, target.String(), nil
}

var fhirCode = regexp.MustCompile(`^[a-z][a-z-]{0,39}$`)

// WithStatus gives the resource with another status and every other byte as it
// was: who answers a questionnaire may change nothing else of its Task
// (data-services.md 1.9). The status is a FHIR code such as "accepted". It
// fails when the resource cannot be read or has no status.
func WithStatus(res fhir.Resource, status string) (fhir.Resource, error) {
	if res.Flaw != "" || !fhirCode.MatchString(status) {
		return fhir.Resource{}, errors.New("medmij: the resource cannot be read or the status is not a code")
	}
	raw := res.Bytes()
	from, to, err := member(raw, "status")
	if err != nil {
		return fhir.Resource{}, fmt.Errorf("medmij: change the status: %w", err)
	}
	changed := bytes.Join([][]byte{raw[:from], []byte(`"` + status + `"`), raw[to:]}, nil)
	out := fhir.Parse(changed, res.Version)
	out.FullURL, out.Masked = res.FullURL, res.Masked
	return out, nil
}

// member finds where the value of a member of an object stands.
func member(raw []byte, name string) (from, to int64, err error) {
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.ReadToken(); err != nil {
		return 0, 0, errBad
	}
	for dec.PeekKind() == '"' {
		key, err := dec.ReadToken()
		if err != nil {
			return 0, 0, errBad
		}
		found := key.String() == name
		value, err := dec.ReadValue()
		if err != nil {
			return 0, 0, errBad
		}
		if found {
			return dec.InputOffset() - int64(len(value)), dec.InputOffset(), nil
		}
	}
	return 0, 0, errors.New("it has none")
}
