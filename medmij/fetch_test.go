package medmij

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/google/go-cmp/cmp"
)

func TestRSC_01_TheResourceRequest(t *testing.T) {
	s := newSetup(t, always(200, bundle("", resource("Observation", "a"))))
	g := grantFor("46", "63")
	g.RefreshToken = ""
	for _, source := range s.Fetch(t.Context(), g) {
		collect(t, source)
	}
	sent := s.net.requests()
	if len(sent) != 2 {
		t.Fatalf("%d requests, want 2", len(sent))
	}
	ids := map[string]bool{}
	for i, r := range sent {
		if r.header("Authorization") != "Bearer access-canary-1" || strings.Contains(r.URL.String(), "canary") {
			t.Error("the token is not in its header only")
		}
		if id := r.header("MedMij-Request-ID"); !uuid4.MatchString(id) || ids[id] {
			t.Error("RSC-02: the request id")
		}
		ids[r.header("MedMij-Request-ID")] = true
		if r.header("X-Correlation-ID") != g.CorrelationID {
			t.Error("RSC-03: the correlation id")
		}
		if want := []string{"3.0", "4.0"}[i]; r.header("Accept") != "application/fhir+json; fhirVersion="+want {
			t.Errorf("RSC-04: Accept is %q", r.header("Accept"))
		}
		if r.header("Cookie") != "" || r.header("Referer") != "" {
			t.Error("NET-11: a cookie or referer")
		}
	}
	if got := sent[0].URL.String(); got != apiBase+"/Observation?category=http://snomed.info/sct%7C49581000146104" {
		t.Errorf("RSC-08: %s", got)
	}
}

// RSC-07 and RSC-08: the whole query set goes out, $lastn as it is.
func TestRSC_07_EveryQueryIsAsked(t *testing.T) {
	s := newSetup(t, always(200, bundle("")))
	got := fetchOne(t, s, grantFor("48"))
	service, _ := ServiceByID("48")
	if len(got.results) != 28 || len(s.net.requests()) != 28 {
		t.Fatalf("%d results of %d requests", len(got.results), len(s.net.requests()))
	}
	asked := map[string]bool{}
	for _, r := range s.net.requests() {
		path, err := url.QueryUnescape(strings.TrimPrefix(r.URL.String(), apiBase+"/"))
		if err != nil {
			t.Fatal(err)
		}
		asked[path] = true
	}
	for _, q := range service.Queries {
		if !asked[q.Path] {
			t.Errorf("not asked: %s", q.Path)
		}
		if got.results[q.Path].Outcome != fhir.Empty {
			t.Errorf("%s: %+v", q.Path, got.results[q.Path])
		}
	}
}

func TestOnlyGrantedCollectServicesBecomeSources(t *testing.T) {
	s := newSetup(t, always(200, bundle("")))
	g := grantFor("48", "49", "53", "12345")
	g.Granted = []string{"49", "53", "12345"}
	sources := s.Fetch(t.Context(), g)
	if len(sources) != 1 || sources[0].Origin != (fhir.Origin{Source: "medmij:huisarts-delinde@medmij", Service: "49"}) ||
		sources[0].Version != fhir.STU3 {
		t.Errorf("%+v", sources)
	}
	if len(s.net.requests()) != 0 {
		t.Error("something was asked before the pages were read")
	}
}

// pagesOf serves a query in n pages and hands out the link that next makes.
func pagesOf(n int, next func(page int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		link := ""
		if page+1 < n {
			link = next(page + 1)
		}
		serveFHIR(w, 200, bundle(link, resource("Observation", fmt.Sprint("o", page))))
	}
}

func TestRSC_09_PagesAreFollowedToTheEnd(t *testing.T) {
	for name, next := range map[string]func(int) string{
		"absolute":      func(p int) string { return fmt.Sprintf("%s/Observation?page=%d", apiBase, p) },
		"with the port": func(p int) string { return fmt.Sprintf("https://%s:443/fhir/Observation?page=%d", apiHost, p) },
		"relative":      func(p int) string { return fmt.Sprintf("?page=%d", p) },
		"from the root": func(p int) string { return fmt.Sprintf("/pages?page=%d", p) },
	} {
		s := newSetup(t, pagesOf(5, next))
		got := fetchOne(t, s, grantFor("46"))
		want := fhir.QueryResult{Query: oneQuery(t, got).Query, Outcome: fhir.OK, Resources: 5, Pages: 5}
		if diff := cmp.Diff(want, oneQuery(t, got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if strings.Join(got.ids, " ") != "Observation/o0 Observation/o1 Observation/o2 Observation/o3 Observation/o4" {
			t.Errorf("%s: %v", name, got.ids)
		}
		ids := map[string]bool{}
		for _, r := range s.net.requests() {
			ids[r.header("MedMij-Request-ID")] = true
		}
		if len(ids) != 5 {
			t.Errorf("%s: RSC-02: pages share a request id", name)
		}
	}
}

func TestRSC_09_LoopsAndEndlessPagesStop(t *testing.T) {
	t.Run("loop", func(t *testing.T) {
		s := newSetup(t, pagesOf(1000, func(int) string { return "?page=1" }))
		got := fetchOne(t, s, grantFor("46"))
		if r := oneQuery(t, got); r.Outcome != fhir.Failed || r.Detail != CodeIncomplete || r.Resources != 2 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("endless", func(t *testing.T) {
		s := newSetup(t, pagesOf(1000, func(p int) string { return fmt.Sprint("?page=", p) }))
		got := fetchOne(t, s, grantFor("46"))
		if r := oneQuery(t, got); r.Detail != CodeIncomplete || r.Pages != 200 || len(got.ids) != 200 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("too many resources", func(t *testing.T) {
		s := newSetup(t, pagesOf(1000, func(p int) string { return fmt.Sprint("?page=", p) }),
			func(c *Config) { c.Limits.Resources = 10 })
		got := fetchOne(t, s, grantFor("46"))
		if r := oneQuery(t, got); r.Detail != CodeIncomplete || len(got.ids) != 10 {
			t.Errorf("%+v, %d given", r, len(got.ids))
		}
	})
	t.Run("too slow", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			inner := pagesOf(1000, func(p int) string { return fmt.Sprint("?page=", p) })
			s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				pause(r, 55*time.Second)
				inner(w, r)
			}))
			got := fetchOne(t, s, grantFor("46"))
			if r := oneQuery(t, got); r.Outcome != fhir.Failed || r.Detail != CodeTimeout || r.Pages != 10 {
				t.Errorf("%+v", r)
			}
		})
	})
}

// The first defect of the peers: the token goes wherever a "next" link points.
func TestRSC_10_TheTokenNeverFollowsANextLinkToAnotherHost(t *testing.T) {
	for name, next := range map[string]string{
		"another host":             "https://evil.example.nl/fhir?page=1",
		"another host, listed":     "https://" + loginHost + "/fhir?page=1",
		"another port":             "https://" + apiHost + ":8443/fhir?page=1",
		"plain http":               "http://" + apiHost + "/fhir?page=1",
		"no scheme":                "//evil.example.nl/fhir?page=1",
		"a user":                   "https://" + apiHost + "@evil.example.nl/?page=1",
		"a user at the right host": "https://x@" + apiHost + "/fhir?page=1",
		"a host that starts alike": "https://" + apiHost + ".evil.example.nl/?page=1",
		"a file":                   "file:///etc/passwd",
		"nonsense":                 "https://%zz",
	} {
		s := newSetup(t, pagesOf(2, func(int) string { return next }))
		s.net.hosts["evil.example.nl"] = true // even if somebody put it on the Whitelist
		got := fetchOne(t, s, grantFor("46"))
		if n := len(s.net.requests()); n != 1 {
			t.Errorf("%s: %d requests", name, n)
		}
		if r := oneQuery(t, got); r.Outcome != fhir.Failed || r.Detail != CodeTrust || len(got.ids) != 1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// The second defect: success is reported although the second page failed.
func TestDAT_04_AFailingPageMakesTheQueryFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := pagesOf(3, func(p int) string { return fmt.Sprint("?page=", p) })
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("page") == "1" {
				w.WriteHeader(500)
				return
			}
			inner(w, r)
		}))
		got := fetchOne(t, s, grantFor("46"))
		want := fhir.QueryResult{Query: oneQuery(t, got).Query, Outcome: fhir.Failed, Resources: 1, Pages: 1, Detail: CodeUnavailable}
		if diff := cmp.Diff(want, oneQuery(t, got)); diff != "" {
			t.Error(diff)
		}
		if len(got.ids) != 1 {
			t.Errorf("the first page is lost: %v", got.ids)
		}
	})
}

// The third defect: ids are changed on the way.
func TestDAT_03_ResourcesArriveAsTheyWereSent(t *testing.T) {
	raw := `{"resourceType":"Observation","id":"A.b-C_d.001", "value": 5.0,"x":"é\u00e9"}`
	s := newSetup(t, always(200, `{"resourceType":"Bundle","type":"searchset","entry":[{"fullUrl":"`+apiBase+`/Observation/other","resource":`+raw+`}]}`))
	for page, err := range s.Fetch(t.Context(), grantFor("46"))[0].Pages {
		if err != nil || len(page.Resources) != 1 {
			t.Fatal(err)
		}
		if r := page.Resources[0]; string(r.Bytes()) != raw || r.ID != "A.b-C_d.001" {
			t.Errorf("got %s", r.Bytes())
		}
	}
}

func TestOutcomesOfAnswers(t *testing.T) {
	outcome := `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"canary"}]}`
	for _, c := range []struct {
		name    string
		status  int
		kind    string
		body    string
		outcome fhir.Outcome
		detail  string
		tries   int
	}{
		{"resources", 200, "", bundle("", resource("Observation", "a")), fhir.OK, "", 1},
		{"none", 200, "", bundle(""), fhir.Empty, "", 1},
		{"DAT-08 only an OperationOutcome", 200, "", bundle("", outcome), fhir.Empty, "", 1},
		{"fewer than announced", 200, "", strings.Replace(bundle("", resource("Observation", "a")), `"type"`, `"total":3,"type"`, 1), fhir.Failed, CodeIncomplete, 1},
		{"RSC-13 400", 400, "", outcome, fhir.Failed, "P-400", 1},
		{"401 without a refresh token", 401, "", outcome, fhir.Failed, CodeExpired, 1},
		{"403", 403, "", outcome, fhir.NotGranted, CodeForbidden, 1},
		{"404", 404, "", outcome, fhir.NotOffered, CodeNotOffered, 1},
		{"406", 406, "", outcome, fhir.Failed, "P-406", 1},
		{"410", 410, "", outcome, fhir.NotOffered, CodeNotOffered, 1},
		{"RSC-12 429", 429, "", "", fhir.Failed, CodeBusy, 3},
		{"500", 500, "", "", fhir.Failed, CodeUnavailable, 2},
		{"502", 502, "", "", fhir.Failed, CodeUnavailable, 3},
		{"503", 503, "", "", fhir.Failed, CodeUnavailable, 3},
		{"NET-10 a redirect", 302, "", "", fhir.Failed, CodeTrust, 1},
		{"204", 204, "", "", fhir.Failed, "P-204", 1},
		{"an OperationOutcome with 200", 200, "", outcome, fhir.Failed, CodeBad, 1},
		{"a resource alone", 200, "", resource("Observation", "a"), fhir.Failed, CodeBad, 1},
		{"another kind of Bundle", 200, "", `{"resourceType":"Bundle","type":"collection"}`, fhir.Failed, CodeBad, 1},
		{"not JSON", 200, "", "<html>", fhir.Failed, CodeBad, 1},
		{"RSC-17 cut off", 200, "", bundle("", resource("Observation", "a"))[:60], fhir.Failed, CodeBad, 2},
		{"RSC-16 a page", 200, "text/html", "<html>", fhir.Failed, CodeBad, 1},
		{"RSC-16 no type", 200, " ", bundle(""), fhir.Failed, CodeBad, 1},
		{"RSC-16 plain JSON", 200, "application/json", bundle(""), fhir.Failed, CodeBad, 1},
		{"RSC-16 another release", 200, "application/fhir+json; fhirVersion=4.0", bundle(""), fhir.Failed, CodeBad, 1},
		{"a release more precise", 200, "application/fhir+json; fhirVersion=3.0.2", bundle(""), fhir.Empty, "", 1},
		{"no release", 200, "application/fhir+json", bundle(""), fhir.Empty, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if c.kind == "" {
						c.kind = "application/fhir+json;fhirVersion=3.0"
					}
					w.Header().Set("Content-Type", c.kind)
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
}

func TestRSC_14_OneFailureEndsNoOtherQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/EpisodeOfCare"):
				w.WriteHeader(500)
			case strings.HasSuffix(r.URL.Path, "/Encounter"):
				panic("reset")
			default:
				serveFHIR(w, 200, bundle("", resource(strings.TrimPrefix(r.URL.Path, "/fhir/"), "a")))
			}
		}))
		got := fetchOne(t, s, grantFor("49"))
		failed := 0
		for _, r := range got.results {
			if r.Outcome == fhir.Failed {
				failed++
			}
		}
		if len(got.results) != 7 || failed != 2 || len(got.ids) != 5 || got.err != nil {
			t.Errorf("%d results, %d failed, %d resources, %v", len(got.results), failed, len(got.ids), got.err)
		}
	})
}

func TestRSC_12_RetryAfterIsHonoured(t *testing.T) {
	for _, c := range []struct {
		name, after string
		tries       int
		low, high   time.Duration
	}{
		{"seconds", "7", 3, 14 * time.Second, 15 * time.Second},
		{"too long", "3600", 1, 0, time.Second},
		{"nonsense", "soon", 3, time.Second, 10 * time.Second},
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

func TestNET_13_AtMostFourRequestsAtOnceToAHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(time.Second)
			serveFHIR(w, 200, bundle(""))
		}))
		done := make(chan struct{})
		sources := s.Fetch(t.Context(), grantFor("48", "49"))
		for _, source := range sources {
			go func() {
				for range source.Pages {
				}
				done <- struct{}{}
			}()
		}
		for range sources {
			<-done
		}
		if most.Load() != 4 {
			t.Errorf("%d at once, want 4", most.Load())
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

func TestAServerWithoutLastnIsAskedOnceForEverything(t *testing.T) {
	for _, status := range []int{400, 404} {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "$lastn") {
				w.WriteHeader(status)
				return
			}
			serveFHIR(w, 200, bundle("", resource("Observation", "a")))
		}))
		got := fetchOne(t, s, grantFor("48"))
		r := got.results["Observation/$lastn?code=http://loinc.org|85354-9"]
		if r.Outcome != fhir.OK || r.Resources != 1 {
			t.Errorf("%d: %+v", status, r)
		}
		if n := len(s.net.requests()); n != 28+6 {
			t.Errorf("%d: %d requests", status, n)
		}
	}
}

func FuzzNextLink(f *testing.F) {
	for _, seed := range []string{"?page=2", "https://evil.example.nl/", "//x", "https://" + apiHost + "/a", "http:" + apiHost, "\x00", "a/../../b"} {
		f.Add(seed)
	}
	base, err := url.Parse(apiBase)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, link string) {
		p := paging{origin: apiBase, limit: 3}
		at, err := p.first("Observation")
		if err != nil {
			t.Fatal(err)
		}
		next, err := p.next(at, link)
		if err != nil {
			return
		}
		if !sameOrigin(base, next) || next.String() == at.String() {
			t.Fatalf("%q leads to %s", link, next)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, next.String(), nil)
		if err == nil && req.URL.Host != base.Host && req.URL.Host != apiHost+":443" && !strings.EqualFold(req.URL.Host, apiHost) && !strings.EqualFold(req.URL.Host, apiHost+":443") {
			t.Fatalf("%q is sent to %s", link, req.URL.Host)
		}
	})
}
