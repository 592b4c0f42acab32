package r4_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/r4"
)

// TestFixturesMeanTheSame merges a folder of the shared fixtures as it is and
// converted, and expects one overview: the words of every item, its section and
// its moment.
func TestFixturesMeanTheSame(t *testing.T) {
	folders, err := fs.Glob(os.DirFS("../../../shared/fixtures"), "STU3/*")
	if err != nil || len(folders) == 0 {
		t.Skip("no shared fixtures")
	}
	for _, folder := range folders {
		t.Run(path.Base(folder), func(t *testing.T) {
			records := read(t, folder)
			var converted []fhir.Record
			for _, r := range records {
				out, _, err := r4.Convert(r.Resource)
				if err != nil {
					t.Fatal(err)
				}
				now := fhir.Parse(out, fhir.R4)
				now.ID, now.FullURL = r.ID, r.FullURL // of those without an id, the id is a hash
				r.Resource = now
				converted = append(converted, r)
			}
			if diff := cmp.Diff(overview(t, records), overview(t, converted)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// unread are subjects of which the overview reads an element in one release
// only; their details are left out of the comparison.
var unread = map[string]string{
	"appointment":   "patientInstruction, not the extension that STU3 has for it",
	"directive":     "Consent.period, not provision.period; performer, not consentingParty",
	"questionnaire": "Task.requester, not requester.agent",
	"vaccination":   "ImmunizationRecommendation.date, not recommendation.date",
}

func read(t *testing.T, folder string) []fhir.Record {
	t.Helper()
	var all []fhir.Record
	seen := map[fhir.Ref]bool{} // as a vault has one newest version of each
	fsys := os.DirFS("../../../shared/fixtures")
	names, err := fs.Glob(fsys, folder+"/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range fhir.ReadAny(bytes.NewReader(raw), fhir.STU3) {
			if err != nil {
				t.Fatal(err)
			}
			if seen[r.Ref] {
				continue
			}
			seen[r.Ref] = true
			all = append(all, fhir.Record{
				Resource: r, Origin: fhir.Origin{Source: "file:x"}, Number: 1, Fetched: time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC),
			})
		}
	}
	return all
}

// overview is the items as lines, without what names a type or an id.
func overview(t *testing.T, records []fhir.Record) []string {
	t.Helper()
	all := func(yield func(fhir.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
	o, err := aggregator.Merge(all, aggregator.Input{AsOf: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{fmt.Sprint(o.Person, len(o.Unread))}
	for _, i := range o.Items {
		if _, ok := unread[i.Subject]; ok {
			i.Detail, i.When, i.Author = "", "", ""
		}
		lines = append(lines, strings.Join([]string{i.Subject, string(i.Section), i.Title, i.Detail, i.When, i.Author, fmt.Sprint(len(i.Parts), len(i.Conflicts))}, " | "))
	}
	slices.Sort(lines)
	return lines
}
