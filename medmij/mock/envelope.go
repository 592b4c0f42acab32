package mock

import (
	"encoding/json"
	"fmt"
	"net/http"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/bundel-pgo/bundel/fhir"
)

// Only envelopes (Bundle, OperationOutcome) are written through structs:
// resources go out as they are in the data.

func mimeType(v fhir.Version) string {
	return fmt.Sprintf("application/fhir+json; fhirVersion=%d.0", v)
}

func ptr[T any](v T) *T { return &v }

// problem is an answer that is an OperationOutcome.
type problem struct {
	status int
	code   models.IssueType
	text   string
	bearer string // error of a WWW-Authenticate header; empty: no header
}

var (
	noToken      = problem{http.StatusUnauthorized, models.IssueTypeSecurity, "access token missing, unknown or expired", "invalid_token"}
	notGranted   = problem{http.StatusForbidden, models.IssueTypeForbidden, "the access token is not for this provider and data service", "insufficient_scope"}
	wrongRelease = problem{http.StatusBadRequest, models.IssueTypeNotSupported, "this data service has another FHIR release", "invalid_request"}
	notOffered   = problem{http.StatusNotFound, models.IssueTypeNotSupported, "this resource type is not offered here", ""}
	notFound     = problem{http.StatusNotFound, models.IssueTypeNotFound, "no such resource", ""}
	notServed    = problem{http.StatusNotFound, models.IssueTypeNotFound, "no such provider or data service here", ""}
)

// outcome is an OperationOutcome with one error. Its text is for developers and
// tells nothing of a person.
func outcome(code models.IssueType, text string) []byte {
	raw, err := json.Marshal(models.OperationOutcome{Issue: []models.OperationOutcomeIssue{{
		Severity: models.IssueSeverityError, Code: code, Diagnostics: ptr(text),
	}}})
	if err != nil {
		return []byte(`{"resourceType":"OperationOutcome"}`) // strings only: cannot happen
	}
	return raw
}

func (p problem) write(w http.ResponseWriter, v fhir.Version) {
	if p.bearer != "" {
		w.Header().Set("WWW-Authenticate", `Bearer error="`+p.bearer+`"`)
	}
	writeFHIR(w, v, p.status, outcome(p.code, p.text))
}

func writeFHIR(w http.ResponseWriter, v fhir.Version, status int, raw []byte) {
	w.Header().Set("Content-Type", mimeType(v))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // a client that left is no error here
}

// searchset is one page of an answer.
type searchset struct {
	self, next string
	total      int
	entries    []models.BundleEntry
}

func (s *searchset) add(base string, r *record, mode models.SearchEntryMode) {
	e := models.BundleEntry{Resource: r.raw, Search: &models.BundleEntrySearch{Mode: ptr(mode)}}
	if r.Type != "OperationOutcome" {
		e.FullUrl = ptr(base + "/" + r.Ref.String())
	}
	s.entries = append(s.entries, e)
}

func (s *searchset) write(w http.ResponseWriter, v fhir.Version) {
	b := models.Bundle{
		Type: models.BundleTypeSearchset, Total: &s.total, Entry: s.entries,
		Link: []models.BundleLink{{Relation: "self", Url: s.self}},
	}
	if s.next != "" {
		b.Link = append(b.Link, models.BundleLink{Relation: "next", Url: s.next})
	}
	raw, err := json.Marshal(b)
	if err != nil {
		problem{http.StatusInternalServerError, models.IssueTypeException, "the answer cannot be written", ""}.write(w, v)
		return
	}
	writeFHIR(w, v, http.StatusOK, raw)
}
