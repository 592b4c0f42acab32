package medmij

import (
	"io"
	"net/http"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// EntryResult is what became of one entry that was sent, in the order sent.
type EntryResult struct {
	OK       bool // status 200 or 201
	Known    bool // false: the provider did not answer for this entry
	Status   string
	Location string
	Issues   []fhir.Issue // the provider's words; shown as text, never logged
}

// readResults reads the answer to a Bundle. It is not read as a stream: an
// entry that holds nothing but an OperationOutcome is one all the same, and
// the results must stay beside what was sent.
func readResults(status int, content io.Reader, service Service, entries int) ([]EntryResult, error) {
	if status != http.StatusOK && status != http.StatusCreated {
		return nil, errBad // taken perhaps, and it does not say what
	}
	source := &noting{from: content}
	raw, err := io.ReadAll(source)
	if err != nil {
		return nil, readError(source, err)
	}
	answer := fhir.Parse(raw, service.Version)
	root := answer.Node()
	if answer.Flaw != "" || answer.Type != "Bundle" || root.Str("type") != service.Bundle+"-response" {
		return nil, errBad
	}
	var results []EntryResult
	var remarks []fhir.Issue
	for _, entry := range root.All("entry") {
		result := resultOf(entry)
		if !result.Known && len(result.Issues) > 0 {
			remarks = append(remarks, result.Issues...)
			continue
		}
		results = append(results, result)
	}
	// An answer that is short leaves the rest unknown; one that is long is cut.
	for len(results) < entries {
		results = append(results, EntryResult{})
	}
	results = results[:entries]
	if service.Bundle == "transaction" {
		allOrNothing(results)
	}
	if len(remarks) > 0 {
		results = append(results, EntryResult{Issues: remarks})
	}
	return results, nil
}

func resultOf(entry fhir.Node) EntryResult {
	response, status := entry.Get("response"), entry.Str("response", "status")
	code, _, _ := strings.Cut(status, " ")
	result := EntryResult{
		OK: code == "200" || code == "201", Known: status != "", Status: status, Location: response.Str("location"),
		Issues: issuesOf(response.Get("outcome")),
	}
	if entry.Str("resource", "resourceType") == "OperationOutcome" {
		result.Issues = append(result.Issues, issuesOf(entry.Get("resource"))...)
	}
	return result
}

func issuesOf(outcome fhir.Node) []fhir.Issue {
	var issues []fhir.Issue
	for _, i := range outcome.All("issue") {
		issues = append(issues, fhir.Issue{
			Severity: i.Str("severity"), Code: i.Str("code"),
			Details: i.Str("details", "text"), Diagnostics: i.Str("diagnostics"),
		})
	}
	return issues
}

// allOrNothing: when one entry of a transaction was not taken, or nobody says
// so, the others cannot have been.
func allOrNothing(results []EntryResult) {
	for _, r := range results {
		if !r.OK {
			for i := range results {
				if results[i].OK {
					results[i].OK, results[i].Known = false, false
				}
			}
			return
		}
	}
}
