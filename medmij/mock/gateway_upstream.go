package mock

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/bundel-pgo/bundel/medmij"
)

// tokenAnswer is what a provider's token endpoint says, good or bad.
type tokenAnswer struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
	Refresh string `json:"refresh_token"`
	Scope   string `json:"scope"`
	Error   string `json:"error"`
}

var errUpstreamAnswer = errors.New("the provider's answer cannot be read")

// askTokens sends a form to a token endpoint, once.
func (g *Gateway) askTokens(ctx context.Context, endpoint, correlation string, form url.Values) (tokenAnswer, error) {
	var answer tokenAnswer
	form.Set("client_id", g.n.ClientID)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return answer, errHandle
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("X-Correlation-ID", correlation)
	req.Header.Set("MedMij-Request-ID", g.uuid())
	res, err := g.direct.RoundTrip(req)
	if err != nil {
		return answer, err
	}
	defer res.Body.Close()
	if err := json.NewDecoder(io.LimitReader(res.Body, maxForm)).Decode(&answer); err != nil {
		return answer, errUpstreamAnswer
	}
	if answer.Access == "" && answer.Error == "" {
		return answer, errUpstreamAnswer
	}
	return answer, nil
}

// forward asks a provider and passes on what came back: status and body as
// they are. Only headers that say something of the body or of waiting go along.
func (g *Gateway) forward(w http.ResponseWriter, r *http.Request, target, token string, own http.Header) error {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, target, r.Body)
	if err != nil {
		return errHandle
	}
	req.ContentLength = r.ContentLength
	if r.ContentLength == 0 {
		req.Body = nil
	}
	copyHeaders(req.Header, r.Header, "Accept", "Accept-Encoding", "Content-Type", "Prefer", "X-Correlation-Id", "Medmij-Request-Id")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := g.direct.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	copyHeaders(w.Header(), res.Header, "Content-Type", "Content-Encoding", "Content-Length", "Retry-After", "Www-Authenticate", "Medmij-Request-Id")
	maps.Copy(w.Header(), own)
	if own.Get(headerUpstreamStatus) != "" {
		w.Header().Set(headerUpstreamStatus, strconv.Itoa(res.StatusCode))
	}
	w.WriteHeader(res.StatusCode)
	if _, err := io.Copy(w, res.Body); err != nil {
		panic(http.ErrAbortHandler) // the app has to see that it was cut off
	}
	return nil
}

func copyHeaders(to, from http.Header, names ...string) {
	for _, name := range names {
		if values := from.Values(name); len(values) > 0 {
			to[name] = values
		}
	}
}

// trouble names what kept a gateway from an answer of the provider.
type trouble string

const (
	troubleWhitelist   trouble = "whitelist"
	troubleTimeout     trouble = "upstream-timeout"
	troubleTLS         trouble = "upstream-tls"
	troubleUnreachable trouble = "upstream-unreachable"
	troubleHandle      trouble = "capability"
)

func troubleOf(err error) trouble {
	var timeout net.Error
	switch {
	case errors.Is(err, errHandle):
		return troubleHandle
	case errors.Is(err, medmij.ErrNotAllowed), errors.Is(err, medmij.ErrAddress):
		return troubleWhitelist
	case errors.As(err, new(*tls.CertificateVerificationError)), errors.As(err, new(tls.RecordHeaderError)), errors.As(err, new(tls.AlertError)):
		return troubleTLS
	case errors.As(err, &timeout) && timeout.Timeout():
		return troubleTimeout
	}
	return troubleUnreachable
}

// uuid is a random UUID, version 4.
func (g *Gateway) uuid() string {
	const digits = "0123456789abcdef"
	id := []byte("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx")
	random := g.n.secret()
	for i, at := 0, 0; i < len(id); i++ {
		if id[i] == 'x' {
			id[i] = digits[random[at]&15]
			at++
		}
	}
	return string(id)
}
