package medmij

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// tenQueries is a service of ten queries, for the tests of the schedule.
func tenQueries() Service {
	s := Service{ID: "900", Version: fhir.STU3, Direction: Collect}
	for i := range 10 {
		s.Queries = append(s.Queries, Query{Path: fmt.Sprintf("Observation?code=%d", i)})
	}
	return s
}

// threePages answers each query in three pages of some resources.
func threePages(size int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		page, _ := strconv.Atoi(q.Get("page"))
		next := ""
		if page < 2 {
			next = fmt.Sprintf("?code=%s&page=%d", q.Get("code"), page+1)
		}
		var resources []string
		for i := range size {
			resources = append(resources, resource("Observation", fmt.Sprintf("o%s-%d-%d", q.Get("code"), page, i)))
		}
		serveFHIR(w, 200, bundle(next, resources...))
	}
}

// late takes its time before each answer.
func late(by time.Duration, inner http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		pause(r, by)
		inner(w, r)
	}
}

// grantAt is a grant for one service at a host of its own.
func grantAt(host, service string) *Grant {
	g := grantFor(service)
	g.Provider = host + "@medmij"
	g.Services[0].Roles[0].Base = "https://" + host + "/fhir"
	g.RefreshToken = ""
	return g
}

// gather collects from several grants at once and tells how long each took.
func gather(t *testing.T, s *setup, grants ...*Grant) (all []collected, took []time.Duration) {
	t.Helper()
	all, took = make([]collected, len(grants)), make([]time.Duration, len(grants))
	start := time.Now()
	var wg sync.WaitGroup
	for i, g := range grants {
		wg.Go(func() {
			all[i] = collect(t, s.Fetch(t.Context(), g)[0])
			took[i] = time.Since(start)
		})
	}
	wg.Wait()
	return all, took
}

func ours(c *Config) { c.Services = []Service{tenQueries()} }

// Ten queries of three pages are thirty requests: eight rounds of four, not
// three rounds of whole queries, which would be nine. The clock of this test
// moves only when everybody waits, so the schedule is proved to the second.
func TestPagesAreScheduledNotQueries(t *testing.T) {
	for _, latency := range []time.Duration{50 * time.Millisecond, 300 * time.Millisecond, 55 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := newSetup(t, late(latency, threePages(3)), ours)
			all, took := gather(t, s, grantAt(apiHost, "900"))
			if want := 8 * latency; took[0] != want {
				t.Errorf("%v: took %v, want %v", latency, took[0], want)
			}
			if len(all[0].ids) != 90 || len(all[0].results) != 10 {
				t.Errorf("%v: %d resources of %d queries", latency, len(all[0].ids), len(all[0].results))
			}
		})
	}
}

// Three providers at once, one of them slow and one broken: the good one takes
// what it takes alone, and the broken one is named.
func TestASlowAndABrokenProviderDoNotHoldUpTheOthers(t *testing.T) {
	for _, latency := range []time.Duration{50 * time.Millisecond, 300 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			good, slow, broken := "goed.example.nl", "traag.example.nl", "stuk.example.nl"
			s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Host {
				case good:
					late(latency, threePages(3))(w, r)
				case slow:
					late(5*time.Second, threePages(3))(w, r)
				default:
					late(latency, always(500, ""))(w, r)
				}
			}), ours)
			for _, host := range []string{good, slow, broken} {
				s.net.hosts[host] = true
			}
			all, took := gather(t, s, grantAt(good, "900"), grantAt(slow, "900"), grantAt(broken, "900"))
			if took[0] != 8*latency || took[1] != 8*5*time.Second {
				t.Errorf("%v: the good one took %v, the slow one %v", latency, took[0], took[1])
			}
			if len(all[0].ids) != 90 || len(all[1].ids) != 90 || len(all[2].ids) != 0 {
				t.Errorf("%v: %d, %d and %d resources", latency, len(all[0].ids), len(all[1].ids), len(all[2].ids))
			}
			for query, r := range all[2].results {
				if r.Outcome != fhir.Failed || r.Detail != CodeUnavailable {
					t.Errorf("%v: %s: %+v", latency, query, r)
				}
			}
			// Each query is tried twice, with a wait of 0.5 to 1.5 s in between.
			if took[2] > 5*time.Second || len(all[2].results) != 10 {
				t.Errorf("%v: the broken one took %v", latency, took[2])
			}
		})
	}
}

// Providers behind one host share its four requests.
func TestProvidersAtOneHostShareItsRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, late(time.Second, threePages(1)), ours)
		first, second := grantAt(apiHost, "900"), grantAt(apiHost, "900")
		second.Provider = "apotheek-dezon@medmij"
		second.Services[0].Roles[0].Base = "https://" + apiHost + ":443/fhir" // the same one
		_, took := gather(t, s, first, second)
		if took[0] > 15*time.Second || took[1] > 15*time.Second || max(took[0], took[1]) != 15*time.Second {
			t.Errorf("sixty requests took %v", took)
		}
	})
}

// A reader that is slow, because it stores what it gets, does not make the
// client hold all the pages of all the queries.
func TestASlowReaderIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, late(time.Millisecond, threePages(1)), ours)
		n := 0
		for _, err := range s.Fetch(t.Context(), grantAt(apiHost, "900"))[0].Pages {
			if err != nil {
				t.Fatal(err)
			}
			n++
			time.Sleep(time.Second)
			synctest.Wait()
			if ahead := len(s.net.requests()) - n; ahead > 8 {
				t.Fatalf("%d pages were asked for and not taken", ahead)
			}
		}
		if n != 30 {
			t.Errorf("%d pages", n)
		}
	})
}

// The time of a query is the time that it is busy: with many queries at a slow
// provider each waits for the others.
func TestWaitingForOthersIsNotTheTimeOfAQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, late(30*time.Second, threePages(1)), ours, func(c *Config) { c.Limits.Query = 2 * time.Minute })
		all, took := gather(t, s, grantAt(apiHost, "900"))
		if took[0] != 4*time.Minute {
			t.Errorf("took %v", took[0])
		}
		for query, r := range all[0].results {
			if r.Outcome != fhir.OK {
				t.Errorf("%s: %+v", query, r)
			}
		}
	})
}

// A collection that is stopped keeps what it gave, and what is left can be
// asked later.
func TestAStoppedCollectionIsCompletedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t, late(time.Second, threePages(1)), ours)
		g := grantAt(apiHost, "900")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(7500*time.Millisecond, cancel)
		first := collect(t, s.Fetch(ctx, g)[0])
		if first.err == nil || len(first.ids) != 28 {
			t.Fatalf("%d resources, %v", len(first.ids), first.err)
		}
		asks := s.Retry(receiptOf("900", first))
		sources, err := s.Ask(t.Context(), g, asks...)
		if err != nil {
			t.Fatal(err)
		}
		second := collect(t, sources[0])
		if len(first.results)+len(asks) != 10 || len(second.ids) != 3*len(asks) || len(second.results) != 10 {
			t.Errorf("%d results, then %d asks, %d resources and %d results", len(first.results), len(asks), len(second.ids), len(second.results))
		}
	})
}
