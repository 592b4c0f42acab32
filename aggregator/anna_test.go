package aggregator

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/testdata"
)

var moment0 = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// annaRecords gives every resource of anna under each service that shows its
// folder, as a provider with several services would.
func annaRecords(t testing.TB) []fhir.Record {
	t.Helper()
	var all []fhir.Record
	for _, p := range testdata.People()[0].Providers {
		for _, s := range p.Services {
			if s.Dir == "" {
				continue
			}
			v, err := fhir.ParseVersion(s.FHIR)
			if err != nil {
				t.Fatal(err)
			}
			resources, err := testdata.Resources(s.Dir, moment0)
			if err != nil {
				t.Fatal(err)
			}
			for _, raw := range resources {
				r := fhir.Parse(raw, v)
				if !offered(s.ID, r.Type) {
					continue
				}
				all = append(all, fhir.Record{
					Resource: r, Number: 1, Fetched: moment0.Add(-time.Hour),
					Origin: fhir.Origin{Source: "medmij:" + p.Name + "@medmij", Service: s.ID},
				})
			}
		}
	}
	return all
}

// offered keeps each service to what it gives in the field.
func offered(service, typ string) bool {
	shared := []string{"Patient", "Practitioner", "PractitionerRole", "Organization", "Location"}
	switch service {
	case "46":
		return slices.Contains(append(shared, "Observation", "Specimen"), typ)
	case "51":
		return slices.Contains(append(shared, "DocumentReference", "DocumentManifest", "Binary"), typ)
	case "48":
		return !slices.Contains([]string{"DocumentReference", "DocumentManifest", "Binary"}, typ)
	}
	return true
}

func mergeAnna(t testing.TB) (*Overview, []fhir.Record) {
	t.Helper()
	records := annaRecords(t)
	o, err := Merge(seq(records), Input{AsOf: moment0})
	if err != nil {
		t.Fatal(err)
	}
	return o, records
}

// TestDesignedOverlapsComeOutAsDesigned is the main promise of the package on
// the test person.
func TestDesignedOverlapsComeOutAsDesigned(t *testing.T) {
	o, records := mergeAnna(t)
	checkConservation(t, records, o)
	expectations, err := testdata.Expectations("anna")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range expectations {
		t.Run(x.ID, func(t *testing.T) { checkExpectation(t, o, x) })
	}
}

func checkExpectation(t *testing.T, o *Overview, x testdata.Expectation) {
	if x.Outcome == "unread" {
		for _, p := range x.Rows[0].Parts {
			if !slices.ContainsFunc(o.Unread, func(u Unread) bool { return u.ID == p.ID && u.Type == p.Type }) {
				t.Errorf("%s/%s is not in unread", p.Type, p.ID)
			}
		}
		return
	}
	var items []Item
	for _, row := range x.Rows {
		items = append(items, checkRow(t, o, x, row))
	}
	found := map[string]bool{}
	for _, item := range items {
		if item.Group != items[0].Group || (x.Outcome == "grouped" && item.Group == "") {
			t.Errorf("%q is in group %q, not beside %q", item.Title, item.Group, items[0].Title)
		}
		for _, c := range item.Conflicts {
			found[c.Code] = true
			if !slices.Contains(append(x.Conflicts, x.MayConflict...), c.Code) {
				t.Errorf("unexpected conflict %s on %q", c.Code, item.Title)
			}
		}
	}
	for _, code := range x.Conflicts {
		if !found[code] {
			t.Errorf("no conflict %s", code)
		}
	}
}

func checkRow(t *testing.T, o *Overview, x testdata.Expectation, row testdata.Row) Item {
	t.Helper()
	var at Item
	for i, p := range row.Parts {
		item, ok := itemOf(o, p)
		if !ok {
			t.Fatalf("%s/%s of %s is in no item", p.Type, p.ID, p.Provider)
		}
		if i > 0 && item.ID != at.ID {
			t.Errorf("%s is on %q, not on %q", p.ID, item.Title, at.Title)
		}
		at = item
	}
	if at.Subject != x.Subject || string(at.Section) != row.Section {
		t.Errorf("%q is %s/%s, want %s/%s", at.Title, at.Subject, at.Section, x.Subject, row.Section)
	}
	if !strings.HasPrefix(at.Title, row.Title) {
		t.Errorf("title %q, want %q", at.Title, row.Title)
	}
	return at
}

func itemOf(o *Overview, want testdata.Part) (Item, bool) {
	for _, item := range o.Items {
		for _, p := range item.Parts {
			if p.Source == "medmij:"+want.Provider+"@medmij" && p.Service == want.Service && p.Type == want.Type && p.ID == want.ID {
				return item, true
			}
		}
	}
	return Item{}, false
}
