package mock

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/testdata"
)

// standardServices is the data service of each standard of the test scripts.
var standardServices = map[string]string{
	"R4/Immunization-2-0": "66", "R4/MP9-3-0-0-beta": "68", "AllergyIntolerance-3-0": "54", "BgLZ-3-0": "61", "BgZ-3-0": "48",
	"GGZ-2-0": "50", "Geboortezorg-1-0": "65", "Geboortezorg-2-0": "67", "Geboortezorg-2": "67", "GenPractData-2-0": "49",
	"LaboratoryResults-2-0": "46", "Medication-9-0-7": "31", "PDFA-3-0": "51", "Questionnaires-2-0": "59", "SelfMeasurements-2-0": "52", "eAppointment-2-0": "47",
}

type scriptQuery struct{ Op, Resource, Params string }

// scriptQueries are the searches of the public test scripts, each once per
// service, for a date T.
func scriptQueries(t *testing.T, date time.Time) map[string][]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "conformance", "expected_queries.json"))
	if err != nil {
		t.Skip("no shared folder beside the checkout")
	}
	var standards map[string]map[string][]scriptQuery
	if err := json.Unmarshal(testdata.Fill(raw, date), &standards); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for name, levels := range standards {
		service := standardServices[strings.TrimPrefix(name, "STU3/")]
		for _, queries := range levels {
			for _, q := range queries {
				// One script has no type, which is a known slip (conformance.md 1.8).
				path := q.Resource + strings.NewReplacer("|", "%7C", " ", "%20").Replace(q.Params)
				if q.Op == "search" && q.Resource != "" && service != "" && !slices.Contains(found[service], path) {
					found[service] = append(found[service], path)
				}
			}
		}
	}
	return found
}

// What the scripts of the qualification ask is answered over their own records.
// Dates in those are relative to 2026-06-01. "Found" means that at least one
// patient gets something; the other queries are about what nobody has.
func TestTheQueriesOfTheTestScriptsAreAnswered(t *testing.T) {
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	queries := scriptQueries(t, at)
	cfg := Config{Date: at, Data: []fs.FS{os.DirFS(filepath.Join("..", "..", "..", "shared", "fixtures"))}}.withDefaults()
	w, err := build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	n := &Network{cfg: cfg, world: w, Personas: w.personas, random: seeded(1)}
	n.forget()
	face := n.apiFace(1)
	asked, answered, found, nothing := 0, 0, 0, map[string]int{}
	for service, paths := range queries {
		for _, path := range paths {
			asked++
			status, total := askEverybody(n, face, "/"+service+"/fhir/"+path)
			if status == http.StatusOK {
				answered++
			} else {
				t.Errorf("%s %s: status %d", service, path, status)
			}
			if total > 0 {
				found++
			} else {
				kind, _, _ := strings.Cut(path, "?")
				nothing[service+" "+kind]++
			}
		}
	}
	t.Logf("%d queries, %d answered with 200, %d of them with something for somebody; with nothing: %v", asked, answered, found, nothing)
	if asked < 250 || found < asked*85/100 {
		t.Errorf("only %d of %d queries find something", found, asked)
	}
}

var scriptVariable = regexp.MustCompile(`\$\{[a-z0-9-]+\}`)

// askEverybody asks until a patient gets something, and tells how much. Where a
// script takes the number of an episode from an earlier answer, it is one of the
// patient's.
func askEverybody(n *Network, face http.Handler, path string) (status, total int) {
	l := n.world.libraries[key{dataProvider, fhir.STU3}]
	for _, p := range n.Personas {
		episode := "none"
		if of := l.of(l.patients(p), "EpisodeOfCare"); len(of) > 0 {
			episode = of[0].ID
		}
		r := benchRequest(n, scriptVariable.ReplaceAllString(path, episode))
		r.Header.Set("Authorization", "Bearer "+p.Token)
		w := httptest.NewRecorder()
		face.ServeHTTP(w, r)
		status = w.Code
		var b struct{ Total int }
		if status != http.StatusOK || json.Unmarshal(w.Body.Bytes(), &b) != nil {
			return status, 0
		}
		if b.Total > 0 {
			return status, b.Total
		}
	}
	return status, 0
}
