package medmij

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

func TestAReaderThatStopsLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // fails when a goroutine is left
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			pause(r, time.Second)
			serveFHIR(w, 200, bundle("?page=1", resource("Observation", "a")))
		}))
		start := time.Now()
		for range s.Fetch(t.Context(), grantFor("48"))[0].Pages {
			break
		}
		if time.Since(start) > 5*time.Second {
			t.Errorf("stopping took %v", time.Since(start))
		}
		synctest.Wait()
		before := len(s.net.requests())
		time.Sleep(time.Minute)
		if after := len(s.net.requests()); after != before {
			t.Errorf("%d more requests after the reader stopped", after-before)
		}
	})
	if n := runtime.NumGoroutine(); n > 50 {
		t.Errorf("%d goroutines", n)
	}
}

func TestACancelledSourceEndsWithAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		got := collect(t, s.Fetch(ctx, grantFor("49"))[0])
		if !errors.Is(got.err, context.Canceled) || len(got.results) != 0 {
			t.Errorf("%v, %+v", got.err, got.results)
		}
	})
}

func TestRSC_17_AnswersAreBounded(t *testing.T) {
	bomb := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/fhir+json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, `{"resourceType":"Bundle","type":"searchset","entry":[`, strings.Repeat(" ", 20<<20), `]}`)
		z.Close()
	}
	for _, c := range []struct {
		name    string
		handler func(http.ResponseWriter)
		detail  string
	}{
		{"a gzip bomb", bomb, CodeBad},
		{"too large", func(w http.ResponseWriter) {
			serveFHIR(w, 200, bundle("")[:40]+strings.Repeat(" ", 2<<20)+bundle("")[40:])
		}, CodeBad},
		{"an unknown encoding", func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "br")
			serveFHIR(w, 200, "x")
		}, CodeBad},
		{"no gzip", func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			serveFHIR(w, 200, bundle(""))
		}, CodeBad},
	} {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { c.handler(w) }),
			func(cfg *Config) {
				if c.name == "too large" {
					cfg.Limits.Page = 1 << 20
				}
			})
		if r := oneQuery(t, fetchOne(t, s, grantFor("46"))); r.Detail != c.detail || len(s.net.requests()) != 1 {
			t.Errorf("%s: %+v after %d requests", c.name, r, len(s.net.requests()))
		}
	}
}

func TestAGzippedAnswerIsRead(t *testing.T) {
	s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, bundle("", resource("Observation", "a")))
		z.Close()
	}))
	if r := oneQuery(t, fetchOne(t, s, grantFor("46"))); r.Outcome != fhir.OK {
		t.Errorf("%+v", r)
	}
}

func TestLegacyTypesAreAnOption(t *testing.T) {
	s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json+fhir")
		fmt.Fprint(w, bundle(""))
	}), func(c *Config) { c.LegacyTypes = true })
	if r := oneQuery(t, fetchOne(t, s, grantFor("46"))); r.Outcome != fhir.Empty {
		t.Errorf("%+v", r)
	}
}
