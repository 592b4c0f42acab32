package medmij

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// asked is what a client sends for the default queries of two services, one of
// each release, where every answer has a second page and one must be retried.
func askedOfTwo(t *testing.T) ([]sentRequest, *Grant) {
	t.Helper()
	var sent []sentRequest
	g := grantFor("48", "63")
	g.RefreshToken = ""
	synctest.Test(t, func(t *testing.T) {
		failed := false
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next := ""
			if r.URL.Query().Get("page") == "" {
				next = "?page=2"
			}
			if r.URL.Path == "/fhir/Immunization" && !failed {
				failed = true
				w.WriteHeader(503)
				return
			}
			w.Header().Set("Content-Type", "application/fhir+json")
			fmt.Fprint(w, bundle(next, resource("Flag", "a")))
		}))
		for _, source := range s.Fetch(t.Context(), g) {
			collect(t, source)
		}
		sent = s.net.requests()
	})
	if len(sent) != 28*2+2+1 {
		t.Fatalf("%d requests", len(sent))
	}
	return sent, g
}

func TestRSC_01_TheTokenIsInItsHeaderOnly(t *testing.T) {
	sent, _ := askedOfTwo(t)
	for _, r := range sent {
		if r.header("Authorization") != "Bearer access-canary-1" || len(r.Header.Values("Authorization")) != 1 ||
			strings.Contains(r.URL.String(), "canary") || r.body != "" {
			t.Errorf("the token is not in its header only: %s", r.URL)
		}
		if r.header("Cookie") != "" || r.header("Referer") != "" {
			t.Error("NET-11: a cookie or referer")
		}
	}
}

func TestRSC_02_EveryRequestPageAndRetryHasItsOwnID(t *testing.T) {
	sent, _ := askedOfTwo(t)
	seen := map[string]bool{}
	for _, r := range sent {
		id := r.header("MedMij-Request-ID")
		if !uuid4.MatchString(id) || seen[id] {
			t.Errorf("the id %q of %s is not new", id, r.URL)
		}
		seen[id] = true
	}
}

func TestRSC_03_RequestsCarryTheIDOfTheirChain(t *testing.T) {
	sent, g := askedOfTwo(t)
	for _, r := range sent {
		if r.header("X-Correlation-ID") != g.CorrelationID {
			t.Errorf("the chain of %s is %q", r.URL, r.header("X-Correlation-ID"))
		}
	}
}

func TestRSC_04_TheReleaseIsThatOfTheService(t *testing.T) {
	for _, service := range Services() {
		if service.Direction == Share {
			continue
		}
		s := newSetup(t, always(200, bundle("")))
		fetchOne(t, s, grantFor(service.ID))
		want := "application/fhir+json; fhirVersion=3.0"
		if service.ID == "63" || service.ID == "66" || service.ID == "68" {
			want = "application/fhir+json; fhirVersion=4.0"
		}
		for _, r := range s.net.requests() {
			if r.header("Accept") != want {
				t.Errorf("%s: Accept is %q", service.ID, r.header("Accept"))
			}
		}
	}
}

func TestRSC_08_ReservedCharactersAreEncodedAndLastnIsNot(t *testing.T) {
	sent, _ := askedOfTwo(t)
	var lines []string
	for _, r := range sent {
		lines = append(lines, r.URL.String())
		if strings.ContainsAny(r.URL.String(), "| <>\"{}^`\\") || strings.Contains(r.URL.EscapedPath(), "%24") {
			t.Errorf("not encoded: %s", r.URL)
		}
	}
	for _, want := range []string{
		apiBase + "/Observation/$lastn?code=http://loinc.org%7C85354-9",
		apiBase + "/MedicationStatement?category=urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.3%7C6&_include=MedicationStatement:medication",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("not sent: %s", want)
		}
	}
	s := newSetup(t, always(200, bundle("")))
	source, err := s.Ask(t.Context(), grantFor("31"), Ask{Service: "31", Identifiers: []string{"urn:oid:1.2|a&b=c#d e+f%g,h"}})
	if err != nil {
		t.Fatal(err)
	}
	collect(t, source[0])
	for _, r := range s.net.requests() {
		if !strings.Contains(r.URL.RawQuery, `identifier=urn:oid:1.2%7Ca%26b%3Dc%23d%20e%2Bf%25g%5C,h`) {
			t.Errorf("a value is not encoded: %s", r.URL.RawQuery)
		}
	}
}

// answered is an answer to a query, and what is to become of that query.
type answered struct {
	name    string
	status  int
	kind    string
	body    string
	outcome fhir.Outcome
	detail  string
	tries   int
}

const outcomeCanary = `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"canary","diagnostics":"canary"}]}`

func (c answered) test(t *testing.T) {
	t.Run(c.name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				kind := c.kind
				if kind == "" {
					kind = "application/fhir+json;fhirVersion=3.0"
				}
				w.Header().Set("Content-Type", kind)
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			}))
			g := grantFor("46")
			g.RefreshToken = ""
			got := fetchOne(t, s, g)
			if r := oneQuery(t, got); r.Outcome != c.outcome || r.Detail != c.detail {
				t.Errorf("got %+v", r)
			}
			if n := len(s.net.requests()); n != c.tries {
				t.Errorf("%d requests, want %d", n, c.tries)
			}
			if strings.Contains(s.log.String(), "canary") {
				t.Error("LOG-03: something secret is in the log")
			}
		})
	})
}

func TestOutcomesOfAnswers(t *testing.T) {
	for _, c := range []answered{
		{"resources", 200, "", bundle("", resource("Observation", "a")), fhir.OK, "", 1},
		{"none", 200, "", bundle(""), fhir.Empty, "", 1},
		{"401 without a refresh token", 401, "", outcomeCanary, fhir.Failed, CodeExpired, 1},
		{"F09 429", 429, "", "", fhir.Failed, CodeBusy, 3},
		{"F10 500", 500, "", "", fhir.Failed, CodeUnavailable, 2},
		{"F11 502", 502, "", "", fhir.Failed, CodeUnavailable, 3},
		{"F11 503", 503, "", "", fhir.Failed, CodeUnavailable, 3},
		{"F11 504", 504, "", "", fhir.Failed, CodeUnavailable, 3},
		{"501", 501, "", "", fhir.Failed, CodeUnavailable, 1},
		{"NET-10 a redirect", 302, "", "", fhir.Failed, CodeTrust, 1},
		{"204", 204, "", "", fhir.Failed, "P-204", 1},
		{"a resource alone", 200, "", resource("Observation", "a"), fhir.Failed, CodeBad, 1},
		{"another kind of Bundle", 200, "", `{"resourceType":"Bundle","type":"collection"}`, fhir.Failed, CodeBad, 1},
		{"not JSON", 200, "", "<html>", fhir.Failed, CodeBad, 1},
		{"F12 nothing", 200, "", "", fhir.Failed, CodeBad, 1},
		{"D01 more behind the Bundle", 200, "", bundle("") + bundle("", resource("Flag", "lost")), fhir.Failed, CodeBad, 1},
		{"D01 UTF-16", 200, "", "\xff\xfe{\x00", fhir.Failed, CodeBad, 1},
		{"D02 an envelope without end", 200, "", strings.Repeat(`{"a":`, 20_000), fhir.Failed, CodeBad, 1},
		{"RSC-17 cut off", 200, "", bundle("", resource("Observation", "a"))[:60], fhir.Failed, CodeBad, 2},
	} {
		c.test(t)
	}
}

func TestRSC_13_WhatIsFinalIsNotTriedAgain(t *testing.T) {
	for _, c := range []answered{
		{"F06 400", 400, "", outcomeCanary, fhir.Failed, "P-400", 1},
		{"F03 403", 403, "", outcomeCanary, fhir.NotGranted, CodeForbidden, 1},
		{"F04 404", 404, "", outcomeCanary, fhir.NotOffered, CodeNotOffered, 1},
		{"405", 405, "", outcomeCanary, fhir.Failed, "P-405", 1},
		{"F07 406", 406, "", outcomeCanary, fhir.Failed, "P-406", 1},
		{"F05 410", 410, "", outcomeCanary, fhir.NotOffered, CodeNotOffered, 1},
		{"F07 415", 415, "", outcomeCanary, fhir.Failed, "P-415", 1},
		{"422", 422, "", outcomeCanary, fhir.Failed, "P-422", 1},
	} {
		c.test(t)
	}
}

func TestRSC_16_AnotherReleaseOrTypeIsRefused(t *testing.T) {
	good := bundle("", resource("Observation", "a"))
	for _, c := range []answered{
		{"F12 a page", 200, "text/html", "<html>", fhir.Failed, CodeBad, 1},
		{"a page that is a Bundle", 200, "text/html", good, fhir.Failed, CodeBad, 1},
		{"no type", 200, " ", good, fhir.Failed, CodeBad, 1},
		{"plain JSON", 200, "application/json", good, fhir.Failed, CodeBad, 1},
		{"plain XML", 200, "application/xml", "<Bundle/>", fhir.Failed, CodeBad, 1},
		{"a document", 200, "application/pdf", good, fhir.Failed, CodeBad, 1},
		{"F14 another release", 200, "application/fhir+json; fhirVersion=4.0", good, fhir.Failed, CodeBad, 1},
		{"another release in XML", 200, "application/fhir+xml; fhirVersion=4.0", "<Bundle/>", fhir.Failed, CodeBad, 1},
		{"a release that starts alike", 200, "application/fhir+json; fhirVersion=3.01", good, fhir.Failed, CodeBad, 1},
		{"a release more precise", 200, "application/fhir+json; fhirVersion=3.0.2", bundle(""), fhir.Empty, "", 1},
		{"no release", 200, "application/fhir+json", bundle(""), fhir.Empty, "", 1},
		{"a charset", 200, "Application/FHIR+JSON; charset=UTF-8", bundle(""), fhir.Empty, "", 1},
	} {
		c.test(t)
	}
}

func TestRSC_12_RetryAfterIsHonoured(t *testing.T) {
	for _, c := range []struct {
		name, after string
		tries       int
		low, high   time.Duration
	}{
		{"seconds", "7", 3, 14 * time.Second, 15 * time.Second},
		{"too long", "3600", 1, 0, time.Second},
		{"just as long as allowed", "60", 3, 120 * time.Second, 121 * time.Second},
		{"a moment too long", "61", 1, 0, time.Second},
		{"nonsense", "soon", 3, time.Second, 10 * time.Second},
		{"negative", "-5", 3, time.Second, 10 * time.Second},
		{"a fraction", "1.5", 3, time.Second, 10 * time.Second},
		{"beyond all numbers", "99999999999999999999", 3, time.Second, 10 * time.Second},
		{"at once", "0", 3, 0, time.Second},
		{"a date that was", "Sat, 01 Jan 1999 00:00:00 GMT", 3, 0, time.Second},
		{"a date too far", "Sat, 01 Jan 2000 01:00:00 GMT", 1, 0, time.Second},
		{"a date", "Sat, 01 Jan 2000 00:00:20 GMT", 3, 20 * time.Second, 21 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) { // a bubble starts at 2000-01-01
			s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", c.after)
				w.WriteHeader(503)
			}))
			start := time.Now()
			fetchOne(t, s, grantFor("46"))
			if took := time.Since(start); took < c.low || took > c.high || len(s.net.requests()) != c.tries {
				t.Errorf("%s: %d requests in %v", c.name, len(s.net.requests()), took)
			}
		})
	}
}

func TestNET_12_ASilentProviderIsGivenUpInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		start := time.Now()
		got := fetchOne(t, s, grantFor("46"))
		if r := oneQuery(t, got); r.Detail != CodeTimeout || len(s.net.requests()) != 2 || time.Since(start) > 140*time.Second {
			t.Errorf("%+v after %v and %d requests", r, time.Since(start), len(s.net.requests()))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			pause(r, 55*time.Second)
			serveFHIR(w, 200, bundle(""))
		}))
		if r := oneQuery(t, fetchOne(t, s, grantFor("46"))); r.Outcome != fhir.Empty {
			t.Errorf("55 seconds: %+v", r)
		}
	})
}

func TestRSC_11_OneRefreshAndOneRepeat(t *testing.T) {
	t.Run("the token ended", func(t *testing.T) {
		refresh, calls := rotating()
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/token":
				refresh.ServeHTTP(w, r)
			case r.Header.Get("Authorization") == "Bearer access-canary-1":
				w.WriteHeader(401)
			default:
				serveFHIR(w, 200, bundle(""))
			}
		}))
		got := fetchOne(t, s, grantFor("49"))
		for q, r := range got.results {
			if r.Outcome != fhir.Empty {
				t.Errorf("%s: %+v", q, r)
			}
		}
		if calls.Load() != 1 || len(got.results) != 7 {
			t.Errorf("%d refreshes, %d results", calls.Load(), len(got.results))
		}
		sent := s.net.requests()
		if last := sent[len(sent)-1]; last.header("X-Correlation-ID") != s.saved[0].CorrelationID {
			t.Error("REF-02: the requests after it are of another chain")
		}
	})
	t.Run("401 for ever", func(t *testing.T) {
		refresh, calls := rotating()
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				refresh.ServeHTTP(w, r)
				return
			}
			w.WriteHeader(401)
		}))
		got := fetchOne(t, s, grantFor("46"))
		if r := oneQuery(t, got); r.Detail != CodeExpired || calls.Load() != 1 || len(s.net.requests()) != 3 {
			t.Errorf("%+v, %d requests, %d refreshes", r, len(s.net.requests()), calls.Load())
		}
	})
	t.Run("the time is over", func(t *testing.T) {
		refresh, calls := rotating()
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				refresh.ServeHTTP(w, r)
				return
			}
			serveFHIR(w, 200, bundle(""))
		}))
		g := grantFor("49")
		g.Expiry = time.Now().Add(-time.Hour)
		if got := fetchOne(t, s, g); len(got.results) != 7 || calls.Load() != 1 {
			t.Errorf("%d results, %d refreshes", len(got.results), calls.Load())
		}
		for _, r := range s.net.requests() {
			if r.header("Authorization") == "Bearer access-canary-1" {
				t.Error("an ended token was sent")
			}
		}
	})
	t.Run("no refresh token", func(t *testing.T) {
		s := newSetup(t, always(200, bundle("")))
		g := grantFor("49")
		g.RefreshToken, g.Expiry = "", time.Now().Add(-time.Hour)
		got := fetchOne(t, s, g)
		if len(got.results) != 7 || len(s.net.requests()) != 0 {
			t.Errorf("%d results, %d requests", len(got.results), len(s.net.requests()))
		}
		for _, r := range got.results {
			if r.Outcome != fhir.Failed || r.Detail != CodeExpired {
				t.Errorf("%+v", r)
			}
		}
	})
}
