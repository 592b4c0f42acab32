package medmij

import (
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Event is a line of the chain log (ketenlog, medmij-protocol.md 5.1): which
// request went to whom, and what came back. It has no tokens, codes, state or
// content; addresses keep the values of the table of services only. It still
// names providers and moments, so it belongs in the vault.
type Event struct {
	Event    EventHead      `json:"event"`
	Request  *EventRequest  `json:"request,omitempty"`
	Response *EventResponse `json:"response,omitempty"`
	Error    *EventError    `json:"error,omitempty"`
}

// EventHead says what happened, where and when. TraceID is the
// X-Correlation-ID; SessionID is random per user session.
type EventHead struct {
	Type      string    `json:"type"`
	Location  string    `json:"location"`
	Datetime  time.Time `json:"datetime"`
	SessionID string    `json:"session_id"`
	TraceID   string    `json:"trace_id"`
}

// EventRequest describes a request. ID is its MedMij-Request-ID.
type EventRequest struct {
	ID          string `json:"id"`
	Method      string `json:"method,omitempty"`
	ClientID    string `json:"client_id,omitempty"`
	ServerID    string `json:"server_id,omitempty"`
	URI         string `json:"uri,omitempty"`
	GrantType   string `json:"grant_type,omitempty"`
	InitiatedBy string `json:"initiated_by,omitempty"`
	ProviderID  string `json:"provider_id,omitempty"`
	ServiceID   int    `json:"service_id,omitempty"`
}

// EventResponse describes an answer. ID is that of its request.
type EventResponse struct {
	ID     string `json:"id"`
	Status int    `json:"status"`
}

// EventError says why there is no good answer. Code is an OAuth error,
// "temporarily_unavailable" or "other"; Description is one of our codes.
type EventError struct {
	Code        string `json:"code"`
	Description string `json:"description,omitempty"`
	RequestID   string `json:"request_id,omitempty"`
	Status      int    `json:"status,omitempty"`
}

// The event types of a DVP.
const (
	eventAuthorization       = "send_authorization_request"
	eventAuthorizationAnswer = "receive_authorization_response"
	eventAuthorizationError  = "receive_authorization_error_response"
	eventToken               = "send_token_request"
	eventTokenAnswer         = "receive_token_response"
	eventTokenError          = "receive_token_error_response"
	eventResource            = "send_resource_request"
	eventResourceAnswer      = "receive_resource_response"
	eventResourceError       = "receive_resource_error_response"
)

// Values of the fields of events.
const (
	initiatedByPerson          = "person"
	initiatedBySystem          = "system"
	oauthUnavailable           = "temporarily_unavailable"
	oauthOther                 = "other"
	authorizationCode, renewal = "authorization_code", "refresh_token"
)

func (c *Client) event(kind, trace string, e Event) {
	e.Event = EventHead{
		Type: kind, Location: c.cfg.ClientID, Datetime: c.cfg.Now(),
		SessionID: c.session, TraceID: trace,
	}
	c.cfg.Chain(e)
}

// answered records what came back on a request: an answer or none.
func (c *Client) answered(good, bad, trace, id string, resp *http.Response, err error) {
	switch {
	case err != nil:
		// The text of a network error may hold addresses; our code says enough.
		code := oauthUnavailable
		if untrusted(err) {
			code = oauthOther
		}
		c.event(bad, trace, Event{Error: &EventError{Code: code, Description: codeOf(err), RequestID: id}})
	case resp.StatusCode >= 300:
		c.event(bad, trace, Event{
			Response: &EventResponse{ID: id, Status: resp.StatusCode},
			Error:    &EventError{Code: oauthOther, Description: statusCode(resp.StatusCode), RequestID: id, Status: resp.StatusCode},
		})
	default:
		c.event(good, trace, Event{Response: &EventResponse{ID: id, Status: resp.StatusCode}})
	}
}

// plainAddress keeps an address without what a server or person may have put
// in it: the query keeps its keys.
func plainAddress(u *url.URL) string {
	var keys []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if key, _, _ := strings.Cut(pair, "="); key != "" {
			keys = append(keys, key+"=")
		}
	}
	plain := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath, RawQuery: strings.Join(keys, "&")}
	return plain.String()
}

func serviceNumber(id string) int {
	n, _ := strconv.Atoi(id)
	return n
}

// warn logs a failure without saying whose it is.
func (c *Client) warn(what, code, trace string) {
	c.cfg.Log.Warn(what, slog.String("code", code), slog.String("trace", trace))
}
