package mock

import (
	"bytes"
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
	noToken       = problem{http.StatusUnauthorized, models.IssueTypeSecurity, "access token missing, unknown or expired", "invalid_token"}
	notGranted    = problem{http.StatusForbidden, models.IssueTypeForbidden, "the access token is not for this provider and data service", "insufficient_scope"}
	wrongRelease  = problem{http.StatusBadRequest, models.IssueTypeNotSupported, "this data service has another FHIR release", "invalid_request"}
	notOffered    = problem{http.StatusNotFound, models.IssueTypeNotSupported, "this resource type is not offered here", ""}
	notFound      = problem{http.StatusNotFound, models.IssueTypeNotFound, "no such resource", ""}
	noNode        = problem{http.StatusForbidden, models.IssueTypeForbidden, "the client certificate is of no node on the Whitelist", ""}
	noTrace       = problem{http.StatusBadRequest, models.IssueTypeInvalid, "MedMij-Request-ID and X-Correlation-ID must be two UUIDs", ""}
	notAcceptable = problem{http.StatusNotAcceptable, models.IssueTypeNotSupported, "only FHIR in JSON and XML is given here", ""}
	notServed     = problem{http.StatusNotFound, models.IssueTypeNotFound, "no such provider or data service here", ""}
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

// searchset is one page of an answer. It is written by hand: an answer is mostly
// resources that are JSON already.
type searchset struct {
	self, next, base string
	total            int
	entries          []searchEntry
	size             int // of the resources, in bytes
}

type searchEntry struct {
	*record
	mode models.SearchEntryMode
}

func (s *searchset) add(r *record, mode models.SearchEntryMode) {
	s.entries = append(s.entries, searchEntry{r, mode})
	s.size += len(r.packed)
}

// entryOverhead is about what an entry takes beside its resource, in bytes.
const entryOverhead = 200

func (s *searchset) write(w http.ResponseWriter, v fhir.Version) {
	var b bytes.Buffer
	b.Grow(s.size + entryOverhead*(len(s.entries)+2))
	fmt.Fprintf(&b, `{"resourceType":"Bundle","type":"searchset","total":%d,"link":[{"relation":"self","url":%s}`, s.total, quoted(s.self))
	if s.next != "" {
		fmt.Fprintf(&b, `,{"relation":"next","url":%s}`, quoted(s.next))
	}
	b.WriteByte(']')
	for i, e := range s.entries {
		b.WriteString([...]string{`,"entry":[`, `,`}[min(i, 1)])
		e.write(&b, s.base)
	}
	if len(s.entries) > 0 {
		b.WriteByte(']')
	}
	b.WriteByte('}')
	writeFHIR(w, v, http.StatusOK, b.Bytes())
}

func (e searchEntry) write(b *bytes.Buffer, base string) {
	b.WriteByte('{')
	if e.Type != "OperationOutcome" {
		b.WriteString(`"fullUrl":`)
		b.Write(quoted(base + "/" + e.Ref.String()))
		b.WriteByte(',')
	}
	b.WriteString(`"resource":`)
	b.Write(e.packed)
	b.WriteString(`,"search":{"mode":"` + e.mode.Code() + `"}}`)
}

// quoted writes a string as JSON.
func quoted(s string) []byte {
	raw, err := json.Marshal(s)
	if err != nil {
		return []byte(`""`) // cannot happen: bad UTF-8 is replaced
	}
	return raw
}
