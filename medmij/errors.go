package medmij

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
)

// Codes tell a person what happened (product.md 6.13; the last five are
// additions). They are the Code of an [Error] and the Detail of a query.
const (
	CodeCancel      = "P-cancel"     // stopped, refused, or no data there: the framework hides which
	CodeExpired     = "P-401"        // consent or token ended: log in again
	CodeForbidden   = "P-403"        // no access to this part
	CodeNotOffered  = "P-404"        // this part, or this document, is not there
	CodeUnavailable = "P-503"        // the provider is down or busy
	CodeTimeout     = "P-timeout"    // the provider does not answer
	CodeBad         = "P-bad"        // the answer could not be read
	CodeLogin       = "P-login"      // this login ended, was used, or is of another browser: start again
	CodeClient      = "P-client"     // the provider does not accept this app's request
	CodeTrust       = "P-trust"      // certificate, Whitelist or address is not to be trusted
	CodeIncomplete  = "P-incomplete" // stopped before the end
	CodeGateway     = "P-gateway"    // the gateway itself failed; of the provider nothing is known
)

// What a caller may branch on.
var (
	ErrNotAllowed     = errors.New("host is not on the MedMij Whitelist")
	ErrAddress        = errors.New("address is not allowed")
	ErrRedirect       = errors.New("redirect refused")
	ErrConsentEnded   = errors.New("consent ended")
	ErrNotGranted     = errors.New("service is not granted")
	ErrUnknownOutcome = errors.New("not known whether it arrived")
	ErrNoLists        = errors.New("no MedMij lists loaded")
	ErrStale          = errors.New("MedMij lists are too old")
	ErrNotSupported   = errors.New("not supported")
	ErrNotSent        = errors.New("nothing was sent") // a connection could not be made
	ErrGateway        = errors.New("the gateway failed")

	errLogin      = errors.New("login is not valid any more")
	errTooLarge   = errors.New("answer is larger than allowed")
	errTooSlow    = errors.New("answer comes too slowly")
	errVersion    = errors.New("answer is of another FHIR release")
	errType       = errors.New("answer has another content type")
	errBad        = errors.New("answer cannot be read")
	errCut        = errors.New("answer ends too early")
	errIncomplete = errors.New("stopped at a limit")
)

// Error is what went wrong between this app and a provider. Nothing in it is
// secret or says anything about health.
type Error struct {
	Code  string // one of the codes, or "P-" and a HTTP status
	Op    string // what was attempted
	Trace string // correlation id, which the provider knows too; may be empty
	Err   error
}

// Error names what was attempted, the code and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s: %s", e.Op, e.Code)
	}
	return fmt.Sprintf("%s: %s: %v", e.Op, e.Code, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// statusError is an answer that is not 200.
type statusError struct{ status int }

func (e *statusError) Error() string { return fmt.Sprintf("HTTP status %d", e.status) }

// codeOf sums up an error as one of the codes.
func codeOf(err error) string {
	var own *Error
	var status *statusError
	var timeout net.Error
	switch {
	case errors.As(err, &own):
		return own.Code
	case errors.As(err, &status):
		return statusCode(status.status)
	case untrusted(err):
		return CodeTrust
	case errors.Is(err, ErrGateway):
		return CodeGateway
	case errors.Is(err, errIncomplete):
		return CodeIncomplete
	case errors.Is(err, errTooSlow), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return CodeTimeout
	case unreadable(err), errors.Is(err, errCut):
		return CodeBad
	}
	return CodeUnavailable
}

func statusCode(status int) string {
	switch {
	case status == 429 || status >= 500:
		return CodeUnavailable
	case status == 410:
		return CodeNotOffered
	}
	return fmt.Sprintf("P-%d", status)
}

// untrusted errors are about security: never tried again.
func untrusted(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert *net.OpError // how crypto/tls reports what one side told the other
	return errors.Is(err, ErrNotAllowed) || errors.Is(err, ErrAddress) || errors.Is(err, ErrRedirect) ||
		errors.Is(err, ErrStale) || errors.Is(err, ErrNoLists) ||
		errors.As(err, &certificate) || errors.As(err, &record) ||
		errors.As(err, &alert) && (alert.Op == "remote error" || alert.Op == "local error")
}
