package medmij

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// benchProvider answers over TLS after a latency, the same page to every
// query; three of them each.
type benchProvider struct {
	latency time.Duration
	once    time.Duration // what one answer of all takes more
	broken  bool
	page    string // the entries of a page

	mu   sync.Mutex
	slow bool
}

func (p *benchProvider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(p.latency + p.extra())
	if p.broken {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	next := ""
	if page := r.URL.Query().Get("page"); page != "3" {
		next = `"link":[{"relation":"next","url":"?code=` + r.URL.Query().Get("code") + `&page=` + map[string]string{"": "2", "2": "3"}[page] + `"}],`
	}
	w.Header().Set("Content-Type", "application/fhir+json; fhirVersion=3.0")
	fmt.Fprint(w, `{"resourceType":"Bundle","type":"searchset",`, next, `"entry":[`, p.page, `]}`)
}

func (p *benchProvider) extra() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.slow {
		return 0
	}
	p.slow = false
	return p.once
}

// benchEntries are resources of the size that real ones have.
func benchEntries(n int) string {
	one := `{"fullUrl":"https://api.example.nl/Observation/%[1]d","resource":{"resourceType":"Observation","id":"o%[1]d","status":"final",` +
		`"code":{"coding":[{"system":"http://loinc.org","code":"718-7","display":"Hemoglobine"}]},"subject":{"reference":"Patient/1","display":"A"},` +
		`"valueQuantity":{"value":8.%[1]d,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},"comment":"` + strings.Repeat("Een toelichting. ", 60) + `"}}`
	entries := make([]string, n)
	for i := range entries {
		entries[i] = fmt.Sprintf(one, i)
	}
	return strings.Join(entries, ",")
}

// benchNetwork starts providers and gives a client and a grant for each.
func benchNetwork(b *testing.B, providers ...*benchProvider) (*Client, []*Grant) {
	b.Helper()
	ca := newAuthority(b)
	var hosts []string
	var grants []*Grant
	for i, p := range providers {
		host := fmt.Sprintf("api%d.medmij.localhost", i)
		port, _ := tlsServer(b, ca.issue(b, host, farAway()), p)
		g := grantAt(host, "900")
		g.Services[0].Roles[0].Base = "https://" + host + ":" + port + "/fhir"
		hosts, grants = append(hosts, host), append(grants, g)
	}
	c, err := New(Config{
		ClientID: "pgo.example.nl", RedirectURI: "https://pgo.example.nl/oauth/callback",
		Transport: direct(b, TLS{Roots: ca.pool}, true, hosts...), Services: []Service{tenQueries()},
	})
	if err != nil {
		b.Fatal(err)
	}
	return c, grants
}

// benchFetch collects from all at once and gives how long each took, and the
// queries that failed or were denied.
func benchFetch(b *testing.B, c *Client, grants ...*Grant) (took []time.Duration, bad []int) {
	b.Helper()
	took, bad = make([]time.Duration, len(grants)), make([]int, len(grants))
	start := time.Now()
	var wg sync.WaitGroup
	for i, g := range grants {
		wg.Go(func() {
			for page, err := range c.Fetch(b.Context(), g)[0].Pages {
				if err != nil {
					b.Error(err)
				}
				if r := page.Result; r != nil && r.Outcome != fhir.OK {
					bad[i]++
				}
			}
			took[i] = time.Since(start)
		})
	}
	wg.Wait()
	return took, bad
}

// median of some ratios.
func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// BenchmarkFetchThreeProviders is target E of benchmarks.md: ten queries of
// three pages at three providers, of which one is slow (an answer takes 5 s)
// and one refuses everything. Reported are medians: the good provider over its
// critical path, thirty requests four at a time (at most 1.3), and over the
// time that it takes alone, measured just before; the slow one over its own
// path.
func BenchmarkFetchThreeProviders(b *testing.B) {
	for _, latency := range []time.Duration{50 * time.Millisecond, 300 * time.Millisecond} {
		b.Run(latency.String(), func(b *testing.B) {
			entries := benchEntries(10)
			slow := &benchProvider{latency: latency, once: 5 * time.Second, page: entries}
			c, grants := benchNetwork(b, &benchProvider{latency: latency, page: entries}, slow, &benchProvider{latency: latency, broken: true})
			path := 8 * latency
			slowPath := max(path, 5*time.Second+3*latency)
			var overPath, overAlone, slowOver []float64
			for b.Loop() {
				alone, _ := benchFetch(b, c, grants[0])
				slow.mu.Lock()
				slow.slow = true
				slow.mu.Unlock()
				together, bad := benchFetch(b, c, grants...)
				if bad[0] != 0 || bad[1] != 0 || bad[2] != 10 {
					b.Fatalf("queries that failed: %v", bad)
				}
				overPath = append(overPath, float64(together[0])/float64(path))
				overAlone = append(overAlone, float64(together[0])/float64(alone[0]))
				slowOver = append(slowOver, float64(together[1])/float64(slowPath))
			}
			b.ReportMetric(median(overPath), "x-critical-path")
			b.ReportMetric(median(overAlone), "x-alone")
			b.ReportMetric(median(slowOver), "slow-x-critical-path")
		})
	}
}

// BenchmarkFetchTenProviders collects 1,020 resources from each of ten
// providers at once. Reported is the median over the slowest of them alone (at
// most 1.5), measured just before.
func BenchmarkFetchTenProviders(b *testing.B) {
	var providers []*benchProvider
	entries := benchEntries(34)
	for i := range 10 {
		providers = append(providers, &benchProvider{latency: 50*time.Millisecond + time.Duration(i)*5*time.Millisecond, page: entries})
	}
	c, grants := benchNetwork(b, providers...)
	var ratios []float64
	for b.Loop() {
		slowest, _ := benchFetch(b, c, grants[9])
		together, bad := benchFetch(b, c, grants...)
		if slices.Max(bad) > 0 {
			b.Fatalf("queries that failed: %v", bad)
		}
		ratios = append(ratios, float64(slices.Max(together))/float64(slowest[0]))
	}
	b.ReportMetric(median(ratios), "x-slowest-alone")
}
