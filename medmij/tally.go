package medmij

import (
	"context"
	"errors"
	"sync"

	"github.com/bundel-pgo/bundel/fhir"
)

// tally sums up the reads of one type. It is safe for concurrent use.
type tally struct {
	mu                   sync.Mutex
	result               fhir.QueryResult
	gone, denied, failed int
	code                 string
	optional             bool // what may not be read is no loss
	tried                int
}

// refuse counts what is not read at all.
func (t *tally) refuse(n int, code string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failed += n; n > 0 {
		t.code = code
	}
}

// add counts a read and tells whether it was a good one.
func (t *tally) add(err error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.result.Resources++
		t.result.Pages++
		return true
	}
	switch outcome, code := outcomeOf(err); {
	case errors.Is(err, context.Canceled):
	case outcome == fhir.NotOffered, outcome == fhir.NotGranted && t.optional:
		t.gone++
	case outcome == fhir.NotGranted:
		t.denied++
	default:
		t.failed++
		t.code = code
	}
	return false
}

// sum gives the result. A document that is not there any more is no failure:
// its description stays, and the detail says that something is missing.
func (t *tally) sum() *fhir.QueryResult {
	switch {
	case t.failed > 0:
		t.result.Outcome, t.result.Detail = fhir.Failed, t.code
	case t.denied > 0:
		t.result.Outcome, t.result.Detail = fhir.NotGranted, CodeForbidden
	case t.result.Resources == 0:
		t.result.Outcome, t.result.Detail = fhir.NotOffered, CodeNotOffered
	default:
		t.result.Outcome = fhir.OK
		if t.gone > 0 {
			t.result.Detail = CodeNotOffered
		}
	}
	return &t.result
}
