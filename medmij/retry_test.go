package medmij

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// receiptOf is the receipt of what was collected.
func receiptOf(service string, got collected) fhir.Receipt {
	r := fhir.Receipt{Origin: fhir.Origin{Source: "medmij:huisarts-delinde@medmij", Service: service}}
	for _, q := range got.results {
		q.Trace = "the chain of that time" // taken out by collect
		r.Queries = append(r.Queries, q)
	}
	if got.err != nil {
		r.Detail = "the source ended early"
	}
	return r
}

// flaky fails for what a request path ends with, as long as it is broken.
func flaky(broken *atomic.Bool, ends ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, end := range ends {
			if broken.Load() && strings.HasSuffix(r.URL.Path, end) {
				w.WriteHeader(503)
				return
			}
		}
		parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/fhir/"), "/")
		switch {
		case parts[0] == "DocumentReference":
			serveFHIR(w, 200, bundle("", document("d1", `{"url":"Binary/b1"}`), document("d2", `{"url":"Binary/b2"}`)))
		case parts[0] == "Binary":
			serveFHIR(w, 200, `{"resourceType":"Binary","id":"`+parts[1]+`","content":"eA=="}`)
		default:
			serveFHIR(w, 200, bundle("", resource(parts[0], "a")))
		}
	}
}

func TestRetryAsksWhatFailedAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		broken.Store(true)
		s := newSetup(t, flaky(&broken, "/Encounter", "/EpisodeOfCare"))
		g := grantFor("49")
		first := fetchOne(t, s, g)
		receipt := receiptOf("49", first)
		if receipt.Outcome() != fhir.Partial {
			t.Fatalf("the first time: %v", receipt.Outcome())
		}
		broken.Store(false)
		before := len(s.net.requests())
		asks := s.Retry(receipt)
		sources, err := s.Ask(t.Context(), g, asks...)
		if err != nil || len(asks) != 2 || len(sources) != 1 {
			t.Fatalf("%d asks, %d sources, %v", len(asks), len(sources), err)
		}
		again := collect(t, sources[0])
		var sent []string
		for _, r := range s.net.requests()[before:] {
			sent = append(sent, r.URL.Path)
		}
		slices.Sort(sent)
		if !slices.Equal(sent, []string{"/fhir/Encounter", "/fhir/EpisodeOfCare"}) {
			t.Errorf("asked again: %v", sent)
		}
		// The receipt of the second time is whole.
		second := receiptOf("49", again)
		if second.Outcome() != fhir.Complete || len(second.Queries) != 7 {
			t.Errorf("%v: %+v", second.Outcome(), second.Queries)
		}
		if asks := s.Retry(second); len(asks) != 0 {
			t.Errorf("a whole receipt gives %+v", asks)
		}
	})
}

func TestRetryAfterTheSourceEndedEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/Patient") {
				pause(r, time.Hour)
			}
			serveFHIR(w, 200, bundle(""))
		}), func(c *Config) { c.Limits.PerHost = 10 })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		got := collect(t, s.Fetch(ctx, grantFor("49"))[0])
		if got.err == nil || len(got.results) != 1 {
			t.Fatalf("%v, %+v", got.err, got.results)
		}
		asks := s.Retry(receiptOf("49", got))
		if len(asks) != 6 || len(asks[0].Done) != 1 {
			t.Errorf("%+v", asks)
		}
	})
}

func TestRetryOfDocumentsAsksForTheirDescriptionsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		broken.Store(true)
		s := newSetup(t, flaky(&broken, "/b2"))
		g := grantFor("51")
		first := fetchOne(t, s, g)
		if r := first.results["Binary"]; r.Outcome != fhir.Failed || r.Resources != 1 || !slices.Contains(first.ids, "Binary/b1") {
			t.Fatalf("%+v, %v", r, first.ids)
		}
		broken.Store(false)
		sources, err := s.Ask(t.Context(), g, s.Retry(receiptOf("51", first))...)
		if err != nil {
			t.Fatal(err)
		}
		if again := receiptOf("51", collect(t, sources[0])); again.Outcome() != fhir.Complete {
			t.Errorf("%+v", again)
		}
	})
}

func TestRetryOfPartsThatWereAsked(t *testing.T) {
	s := newSetup(t, always(200, ""))
	asked := []Ask{{Service: "47"}, {Service: "52", Codes: []string{"a|b"}}, {Service: "52", Query: "Observation?category=vital-signs"}}
	failed := fhir.QueryResult{Query: "Observation?code=a|b", Outcome: fhir.Failed}
	fine := fhir.QueryResult{Query: "Observation?category=vital-signs", Outcome: fhir.Empty}
	receipt := fhir.Receipt{Origin: fhir.Origin{Service: "52"}, Queries: []fhir.QueryResult{failed, fine}}
	asks := s.Retry(receipt, asked...)
	if len(asks) != 1 || asks[0].Codes[0] != "a|b" || len(asks[0].Done) != 1 || asks[0].Done[0] != fine {
		t.Errorf("%+v", asks)
	}
	reads := fhir.Receipt{Origin: fhir.Origin{Service: "52"}, Queries: []fhir.QueryResult{{Query: "Binary", Outcome: fhir.Failed}}}
	if asks := s.Retry(reads, asked...); len(asks) != 2 || asks[0].Service != "52" || asks[1].Service != "52" {
		t.Errorf("what failed reads led to: %+v", asks)
	}
	if asks := s.Retry(receipt, Ask{Service: "47"}); len(asks) != 0 {
		t.Errorf("nothing of it was asked: %+v", asks)
	}
	for name, service := range map[string]string{"unknown": "12345", "to send with": "53", "a file": ""} {
		if asks := s.Retry(fhir.Receipt{Origin: fhir.Origin{Service: service}, Queries: []fhir.QueryResult{failed}}); asks != nil {
			t.Errorf("%s: %+v", name, asks)
		}
	}
}

// What a provider does not offer or does not allow stays so.
func TestRetryLeavesWhatIsFinal(t *testing.T) {
	service, _ := ServiceByID("54")
	for _, outcome := range []fhir.Outcome{fhir.OK, fhir.Empty, fhir.NotOffered, fhir.NotGranted} {
		receipt := fhir.Receipt{Origin: fhir.Origin{Service: "54"}, Queries: []fhir.QueryResult{{Query: service.Queries[0].Path, Outcome: outcome}}}
		if asks := newSetup(t, always(200, "")).Retry(receipt); len(asks) != 0 {
			t.Errorf("%s: %+v", outcome, asks)
		}
	}
}
