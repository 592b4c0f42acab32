package aggregator

import (
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

const fixtures = "../../shared/fixtures"

var fixtureFolders = []struct {
	dir string
	v   fhir.Version
}{{"STU3", fhir.STU3}, {"R4", fhir.R4}, {"bundles-dvamock", fhir.STU3}, {"cc0/STU3-zib2017", fhir.STU3}, {"cc0/R4-zib2020", fhir.R4}, {"cc0/R4-mondzorg", fhir.R4}}

// fixtureRecords reads everything as if one person had imported it at once.
func fixtureRecords(t testing.TB) []fhir.Record {
	t.Helper()
	if _, err := os.Stat(fixtures); err != nil {
		t.Skip("no shared fixtures here")
	}
	var all []fhir.Record
	seen := map[string][]string{}
	for _, folder := range fixtureFolders {
		for item, err := range fhir.Files(os.DirFS(fixtures+"/"+folder.dir), folder.v) {
			if err != nil {
				t.Fatal(err)
			}
			if item.Resource.Type == "" && item.Resource.Flaw == "" {
				continue
			}
			r := fhir.Record{Resource: item.Resource, Origin: fhir.Origin{Source: "file:" + folder.dir}, Fetched: time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)}
			key := folder.dir + r.Ref.String()
			body := string(r.Bytes())
			if slices.Contains(seen[key], body) {
				continue // the store keeps equal bytes once
			}
			seen[key] = append(seen[key], body)
			r.Number = len(seen[key])
			all = append(all, r)
		}
	}
	return all
}

func seq(records []fhir.Record) iter.Seq2[fhir.Record, error] {
	return func(yield func(fhir.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// TestEveryFixtureIsInTheOverviewOrUnread is conservation (merge.md S1) on all
// qualification data at once.
func TestEveryFixtureIsInTheOverviewOrUnread(t *testing.T) {
	records := fixtureRecords(t)
	in := Input{AsOf: time.Date(2026, 6, 1, 12, 0, 0, 0, fhir.Amsterdam())}
	o, err := Merge(seq(records), in)
	if err != nil {
		t.Fatal(err)
	}
	checkInvariants(t, records, in, o)
	bySubject, unread := map[string]int{}, map[string]int{}
	for _, i := range o.Items {
		bySubject[i.Subject]++
	}
	for _, u := range o.Unread {
		unread[u.Type+" "+u.Reason]++
	}
	t.Logf("%d records, %d items %v, %d unread %v", len(records), len(o.Items), show(bySubject), len(o.Unread), show(unread))
}

func show(m map[string]int) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, " %s=%d", k, m[k])
	}
	return b.String()
}

// checkConservation: every record is a part of an item or unread, never both;
// a record that stands for itself is in exactly one item.
func checkConservation(t interface {
	Helper()
	Errorf(string, ...any)
}, records []fhir.Record, o *Overview,
) {
	t.Helper()
	in, unread := map[string]int{}, map[string]int{}
	for _, item := range o.Items {
		for _, p := range item.Parts {
			in[p.Source+"|"+p.Service+"|"+p.Type+"|"+p.ID+"|"+p.Version]++
		}
	}
	for _, u := range o.Unread {
		unread[u.Source+"|"+u.Service+"|"+u.Type+"|"+u.ID]++
	}
	for _, r := range records {
		base := r.Origin.Source + "|" + r.Origin.Service + "|" + firstNonEmpty(r.Type, "?") + "|" + r.ID
		if r.Origin.IsSelf() && (r.Type == "Patient" || isOwnRule(r)) {
			continue // the person and their rules, not records about them
		}
		n, u := in[base+"|"+fmt.Sprint(r.Number)], unread[base]
		switch {
		case n == 0 && u == 0:
			t.Errorf("%s (version %d) is neither in the overview nor unread", base, r.Number)
		case n > 0 && u > 0:
			t.Errorf("%s is in the overview and unread", base)
		case n > 1 && supportRole(r.Type) == "":
			t.Errorf("%s is in %d items", base, n)
		}
	}
}

func isOwnRule(r fhir.Record) bool {
	c := r.Node().Get("code").Coded()
	return r.Type == "Basic" && (c.Has(Namespace+"kind", decisionKind) || c.Has(Namespace+"kind", "gate"))
}
