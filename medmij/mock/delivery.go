package mock

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/bundel-pgo/bundel/fhir"
)

// sent is one entry of a delivery, as a tree and as bytes.
type sent struct {
	fullURL, method, url string
	node                 fhir.Node
	typ, id              string
	raw                  []byte
	newID                string // given to it; empty when it has one or is refused
	faults               []string
}

// delivery is a Bundle that came in, with what it is judged by.
type delivery struct {
	rules    shareRules
	library  *library
	patients []string
	entries  []*sent
}

// read checks the Bundle as a whole (the rules for a sender, conformance.md 1.5).
func (d *delivery) read(raw []byte, v fhir.Version) error {
	var b struct {
		ResourceType string `json:"resourceType"`
		Type         string `json:"type"`
		Entry        []struct {
			FullURL  string          `json:"fullUrl"`
			Resource json.RawMessage `json:"resource"`
			Request  struct {
				Method string `json:"method"`
				URL    string `json:"url"`
			} `json:"request"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return fmt.Errorf("%w: not JSON of a Bundle", errDelivery)
	}
	if b.ResourceType != "Bundle" || b.Type != d.rules.bundle {
		return fmt.Errorf("%w: this data service takes a Bundle of type %s", errDelivery, d.rules.bundle)
	}
	for _, e := range b.Entry {
		res := fhir.Parse(bytes.Clone(e.Resource), v)
		s := &sent{fullURL: e.FullURL, method: e.Request.Method, url: e.Request.URL, node: res.Node(), typ: res.Type, raw: e.Resource}
		s.id = s.node.Str("id")
		d.entries = append(d.entries, s)
	}
	return d.rules.counts(d.entries)
}

// name gives every new resource an id; the references within a transaction
// follow, as they do at a server.
func (d *delivery) name(base string, secret func() string) {
	var replaced []string
	for _, s := range d.entries {
		if s.method != http.MethodPost || len(s.faults) > 0 {
			continue
		}
		sum := sha256.Sum256([]byte(secret()))
		s.newID = fmt.Sprintf("%x", sum[:12])
		if s.fullURL != "" && d.rules.bundle == transaction {
			replaced = append(replaced, string(quoted(s.fullURL)), string(quoted(s.typ+"/"+s.newID)))
		}
	}
	follow := strings.NewReplacer(replaced...)
	for _, s := range d.entries {
		if len(replaced) > 0 {
			s.raw = []byte(follow.Replace(string(s.raw)))
		}
		if s.newID != "" {
			s.raw = withID(s.raw, s.newID)
		}
	}
}

// all gives every fault with the number of its entry.
func (d *delivery) all() []string {
	var all []string
	for i, s := range d.entries {
		for _, text := range s.faults {
			all = append(all, fmt.Sprintf("entry %d: %s", i+1, text))
		}
	}
	return all
}

// withID adds the id that the server gave; the rest stays as it came.
func withID(raw []byte, id string) []byte {
	rest := bytes.TrimPrefix(bytes.TrimSpace(raw), []byte("{"))
	return append([]byte(`{"id":"`+id+`",`), rest...)
}

// responseSet is the answer to a batch or a transaction.
type responseSet struct {
	kind    string
	entries []models.BundleEntry
}

func (s *responseSet) refuse(faults []string) {
	s.entries = append(s.entries, models.BundleEntry{Response: &models.BundleEntryResponse{
		Status: statusRefused, Outcome: outcomes(faults),
	}})
}

// add answers one entry that was taken. The sender gets the resource back when
// it asked so, and the text that somebody looks at a correction request.
func (s *responseSet) add(e *sent, status string, r request) {
	response := &models.BundleEntryResponse{
		Status: status, Location: ptr(r.base + "/" + e.typ + "/" + cmp.Or(e.newID, e.id) + "/_history/1"),
	}
	if e.typ == "Communication" {
		response.Outcome = acknowledgement(cmp.Or(r.grant.persona.ack, "Uw verzoek is ontvangen."))
	}
	entry := models.BundleEntry{Response: response}
	if wantsBack(r.Request) {
		entry.Resource = e.raw
	}
	s.entries = append(s.entries, entry)
}

func (s *responseSet) bytes() []byte {
	// Entries are raw JSON that was read before, and strings: this cannot fail.
	entries, _ := json.Marshal(s.entries)
	return fmt.Appendf(nil, `{"resourceType":"Bundle","type":%s,"entry":%s}`, quoted(s.kind), cmp.Or(string(entries), "[]"))
}

// acknowledgement is an OperationOutcome that tells no fault.
func acknowledgement(text string) []byte {
	return fmt.Appendf(nil, `{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational",`+
		`"details":{"text":%s},"diagnostics":%s}]}`, quoted(text), quoted(text))
}

// outcomes is an OperationOutcome with an issue for every fault.
func outcomes(faults []string) []byte {
	var o models.OperationOutcome
	for _, text := range faults {
		o.Issue = append(o.Issue, models.OperationOutcomeIssue{
			Severity: models.IssueSeverityError, Code: models.IssueTypeInvalid, Diagnostics: ptr(text),
		})
	}
	raw, err := json.Marshal(o)
	if err != nil {
		return []byte(`{"resourceType":"OperationOutcome"}`) // strings only: cannot happen
	}
	return raw
}
