package medmij

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
)

// Codes tell a person what happened (product.md 6.13 and the "user" column of
// conformance.md 4). They are the Code of an [Error] and the Detail of a query;
// [Explain] has the words for each. Another HTTP status than those here is "P-"
// and the status.
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
	CodeBusy        = "P-429"        // the provider asks to come back later
	CodeRefused     = "P-422"        // the provider did not accept what was sent
	CodeUnknown     = "P-unknown"    // nobody knows whether what was sent arrived
	CodeClock       = "P-clock"      // a certificate is not valid now: perhaps our clock is wrong
	CodeConfig      = "P-config"     // the provider refuses this app's certificate
	CodeLists       = "P-lists"      // no lists, or lists that are too old
	CodeFile        = "P-file"       // a document is not what it says it is
	CodeOther       = "P-other"      // what has no code of its own
)

// Codes that this package has words for and does not give itself: what they
// are about is seen by whoever stores, merges or shows.
const (
	CodeAbandoned = "P-abandoned" // the person did not come back from the provider
	CodeExchange  = "P-exchange"  // the login ended at the exchange of the code
	CodeNoMatch   = "P-nomatch"   // not known there as a patient
	CodeAge       = "P-age"       // younger than 16
	CodeGone      = "P-gone"      // a document is not there, or not any more
	CodeStopped   = "P-stopped"   // the person stopped the collecting
	CodeUnlisted  = "P-unlisted"  // the provider is not on the list any more
	CodeIdentity  = "identity"    // records that seem to be of another person
	CodeOffline   = "offline"     // no internet here
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
// secret or says anything about health. [CodeOf] gives the code to explain.
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

// CodeOf is the code of what the calls of this package return, to be explained
// to the person; empty for nil. An outcome that is not known comes before the
// Code of an [Error]: "try again" would be the wrong advice then.
func CodeOf(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrUnknownOutcome):
		return CodeUnknown
	}
	return cmp.Or(knownCode(err), CodeOther)
}

// statusError is an answer that is not 200.
type statusError struct{ status int }

func (e *statusError) Error() string { return fmt.Sprintf("HTTP status %d", e.status) }

// codeOf sums up an error of a request as one of the codes: what is not known
// there is trouble with the connection.
func codeOf(err error) string { return cmp.Or(knownCode(err), CodeUnavailable) }

func knownCode(err error) string {
	var own *Error
	var status *statusError
	var timeout net.Error
	switch {
	case errors.As(err, &own):
		return own.Code
	case errors.As(err, &status):
		return statusCode(status.status)
	case untrusted(err):
		return distrustCode(err)
	case errors.Is(err, ErrGateway):
		return CodeGateway
	case errors.Is(err, errIncomplete):
		return CodeIncomplete
	case errors.Is(err, errTooSlow), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return CodeTimeout
	case unreadable(err), errors.Is(err, errCut):
		return CodeBad
	case errors.Is(err, ErrConsentEnded):
		return CodeExpired
	case errors.Is(err, ErrNotGranted):
		return CodeForbidden
	}
	return ""
}

func statusCode(status int) string {
	switch {
	case status >= 500:
		return CodeUnavailable
	case status == 410:
		return CodeNotOffered
	}
	return fmt.Sprintf("P-%d", status)
}

// distrustCode tells apart what can be done about an error that is untrusted.
func distrustCode(err error) string {
	var certificate x509.CertificateInvalidError
	switch {
	case errors.Is(err, ErrStale), errors.Is(err, ErrNoLists):
		return CodeLists
	case errors.As(err, &certificate) && certificate.Reason == x509.Expired: // also "not yet valid"
		return CodeClock
	case refusedUs(err):
		return CodeConfig
	}
	return CodeTrust
}

// refusedUs tells whether the other side wants another certificate of us. The
// alerts of crypto/tls have no type that can be asked; their text is the same
// as that of the type for QUIC (RFC 8446 section 6 has the numbers).
func refusedUs(err error) bool {
	var alert *net.OpError
	if !errors.As(err, &alert) || alert.Op != "remote error" || alert.Err == nil {
		return false
	}
	for _, number := range [...]tls.AlertError{42, 43, 44, 45, 46, 48, 116} {
		if alert.Err.Error() == number.Error() {
			return true
		}
	}
	return false
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
