package medmij

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/google/go-cmp/cmp"
)

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

// F21: a server without $lastn is asked once for everything. All of it is
// given, and the result says that it is not only the newest.
func TestAServerWithoutLastnIsAskedOnceForEverything(t *testing.T) {
	notSupported := strings.Replace(outcomeCanary, `"canary"`, `"not-supported"`, 1)
	for name, answer := range map[string]http.HandlerFunc{
		"400": always(400, ""), "404": always(404, notSupported), "405": always(405, ""), "501": always(501, ""), "an outcome with 200": always(200, notSupported),
	} {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "$lastn") {
				answer(w, r)
				return
			}
			serveFHIR(w, 200, bundle("", resource("Observation", "new"), resource("Observation", "old")))
		}))
		got := fetchOne(t, s, grantFor("48"))
		const query = "Observation/$lastn?code=http://loinc.org|85354-9"
		want := fhir.QueryResult{Query: query, Outcome: fhir.OK, Resources: 2, Pages: 1, Detail: CodeAll}
		if diff := cmp.Diff(want, got.results[query]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if n := len(s.net.requests()); n != 28+6 {
			t.Errorf("%s: %d requests", name, n)
		}
		if r := got.results["Condition"]; r.Detail != "" {
			t.Errorf("%s: another query has the warning: %+v", name, r)
		}
	}
	for status, want := range map[int]fhir.Outcome{403: fhir.NotGranted, 406: fhir.Failed} {
		s := newSetup(t, always(status, ""))
		if got := fetchOne(t, s, grantFor("48")); len(s.net.requests()) != 28 || got.results["Condition"].Outcome != want {
			t.Errorf("%d: %d requests", status, len(s.net.requests()))
		}
	}
	s := newSetup(t, always(404, ""))
	got := fetchOne(t, s, grantFor("48"))
	for query, r := range got.results {
		if r.Outcome != fhir.NotOffered || r.Detail != CodeNotOffered {
			t.Errorf("%s: %+v", query, r)
		}
	}
}
