package medmij

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/google/go-cmp/cmp"
)

func TestEveryServiceIsInTheTable(t *testing.T) {
	want := strings.Fields("31 35 46 47 48 49 50 51 52 53 54 55 57 58 59 60 61 63 65 66 67 68 " +
		"900000101 900000102 900000103 900000104 900000105 900000106 900000107 900000108 900000109 900000110 900000111 " +
		"9000002 900000401 900000402 900000403 900000404 900000405 900000406 900000407 900000409 900000410 900000411 900000412 900000413")
	var got []string
	for _, s := range Services() {
		got = append(got, s.ID)
		switch {
		case s.Name == "" || s.English == "" || s.Version != fhir.STU3 && s.Version != fhir.R4:
			t.Errorf("%s lacks a name or release", s.ID)
		case s.Direction == Collect && (len(s.Queries) == 0 || s.Bundle != ""):
			t.Errorf("%s has nothing to ask", s.ID)
		case s.Direction == Share && (len(s.Queries) > 0 || s.Bundle == ""):
			t.Errorf("%s cannot be sent", s.ID)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if s, ok := ServiceByID("63"); !ok || s.Version != fhir.R4 {
		t.Error("63 is R4")
	}
	if _, ok := ServiceByID("30"); ok {
		t.Error("30 is not in the table")
	}
}

// The person is in the token only; a request that names a patient fails
// qualification.
func TestRSC_05_NoQueryNamesThePerson(t *testing.T) {
	for _, s := range Services() {
		seen := map[string]bool{}
		for _, q := range s.Queries {
			for _, forbidden := range []string{"patient=", "subject=", "owner=", "identifier="} {
				if strings.Contains(q.Path, forbidden) {
					t.Errorf("%s: %s", s.ID, q.Path)
				}
			}
			if seen[q.Path] {
				t.Errorf("%s: %s is there twice", s.ID, q.Path)
			}
			seen[q.Path] = true
		}
	}
}

// RSC-07: the published test scripts ask each query of the table.
func TestRSC_07_TheTableIsWhatTheScriptsAsk(t *testing.T) {
	var scripts map[string]map[string][]struct{ Op, Resource, Params string }
	if err := json.Unmarshal(shared(t, "conformance", "expected_queries.json"), &scripts); err != nil {
		t.Fatal(err)
	}
	dates := regexp.MustCompile(`\$\{[^}]*\}`)
	ours := regexp.MustCompile(`\{[^}]*\}`)
	for id, script := range map[string]string{
		"31": "STU3/Medication-9-0-7", "35": "STU3/Medication-9-0-7", "46": "STU3/LaboratoryResults-2-0",
		"47": "STU3/eAppointment-2-0", "48": "STU3/BgZ-3-0", "49": "STU3/GenPractData-2-0", "50": "STU3/GGZ-2-0",
		"51": "STU3/PDFA-3-0", "52": "STU3/SelfMeasurements-2-0", "54": "STU3/AllergyIntolerance-3-0",
		"59": "STU3/Questionnaires-2-0", "61": "STU3/BgLZ-3-0", "65": "STU3/Geboortezorg-1-0",
		"66": "R4/Immunization-2-0", "67": "STU3/Geboortezorg-2", "68": "R4/MP9-3-0-0-beta",
	} {
		asked := map[string]bool{}
		for _, scripts := range scripts[script] {
			for _, q := range scripts {
				if q.Op == "search" {
					asked[dates.ReplaceAllString(q.Resource+q.Params, "DATE")] = true
				}
			}
		}
		s, _ := ServiceByID(id)
		for _, q := range s.Queries {
			path := ours.ReplaceAllString(q.Path, "DATE")
			if !asked[path] {
				t.Errorf("%s: no script asks %s", id, q.Path)
			}
		}
		// Where the script has no filters of its own, it asks nothing else.
		if slices.Contains([]string{"48", "49", "50", "61"}, id) {
			searches := 0
			for _, q := range scripts[script]["Cert"] {
				if q.Op == "search" {
					searches++
				}
			}
			if searches != len(s.Queries) {
				t.Errorf("%s: the script asks %d queries, the table has %d", id, searches, len(s.Queries))
			}
		}
	}
}

func TestDatesOfAQuery(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ name, path, now, want string }{
		{"today", "A?d=ge{today}", "2026-06-01T12:00:00+02:00", "A?d=ge2026-06-01"},
		{"today in Amsterdam, yesterday in UTC", "A?d=ge{today}", "2026-05-31T22:30:00Z", "A?d=ge2026-06-01"},
		{"months back", "A?d=ge{today-14m}", "2026-06-01T12:00:00Z", "A?d=ge2025-04-01"},
		{"a month without a 31st", "A?d=ge{today-14m}", "2026-04-30T12:00:00Z", "A?d=ge2025-02-28"},
		{"days back", "A?d=ge{today-150d}", "2026-06-01T12:00:00Z", "A?d=ge2026-01-02"},
		{"two dates", "A?d=ge{today-1d}&d=le{today}", "2026-06-01T12:00:00Z", "A?d=ge2026-05-31&d=le2026-06-01"},
		{"none", "Condition", "2026-06-01T12:00:00Z", "Condition"},
	} {
		if got := (Query{Path: c.path}).At(at(c.now)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
