package testdata_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/testdata"
)

var at = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

type resource struct {
	ResourceType, ID string
	raw              []byte
	tree             map[string]any
}

func load(t *testing.T, dir string) map[string]resource {
	t.Helper()
	all, err := testdata.Resources(dir, at)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]resource{}
	for _, raw := range all {
		r := resource{raw: raw}
		if err := json.Unmarshal(raw, &r); err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		if err := json.Unmarshal(raw, &r.tree); err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		key := r.ResourceType + "/" + r.ID
		if _, twice := found[key]; twice || r.ResourceType == "" || r.ID == "" {
			t.Errorf("%s: %s is there twice or has no type or id", dir, key)
		}
		found[key] = r
	}
	return found
}

// dirs gives every folder with resources once.
func dirs() []string {
	var all []string
	for _, p := range testdata.People() {
		for _, provider := range p.Providers {
			for _, s := range provider.Services {
				if s.Dir != "" && !slices.Contains(all, s.Dir) {
					all = append(all, s.Dir)
				}
			}
		}
	}
	return all
}

func walk(v any, visit func(key, value string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			if s, ok := item.(string); ok {
				visit(k, s)
			}
			walk(item, visit)
		}
	case []any:
		for _, item := range v {
			walk(item, visit)
		}
	}
}

func TestEnoughResourcesWithUniqueIDs(t *testing.T) {
	total := 0
	for _, dir := range dirs() {
		total += len(load(t, dir))
	}
	if total < 120 {
		t.Errorf("%d resources; the demonstration needs at least 120", total)
	}
}

func TestEveryFileBelongsToAService(t *testing.T) {
	err := fs.WalkDir(testdata.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Base(name) == "expect.json" {
			return err
		}
		if path.Ext(name) != ".json" || !slices.Contains(dirs(), path.Dir(name)) {
			t.Errorf("%s is in no folder of a service", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReferencesResolveWithinTheProvider(t *testing.T) {
	for _, dir := range dirs() {
		found := load(t, dir)
		for key, r := range found {
			walk(r.tree, func(name, value string) {
				if name != "reference" || strings.HasPrefix(value, "#") {
					return
				}
				if _, ok := found[value]; !ok {
					t.Errorf("%s: %s refers to %s, which is not there", dir, key, value)
				}
			})
		}
	}
}

func TestAttachmentsResolveAndArePDF(t *testing.T) {
	found := load(t, "anna/hospital")
	seen := 0
	for key, r := range found {
		if r.ResourceType != "DocumentReference" {
			continue
		}
		walk(r.tree, func(name, value string) {
			if name != "url" || !strings.HasPrefix(value, "Binary/") {
				return
			}
			var bin struct{ Content []byte }
			if err := json.Unmarshal(found[value].raw, &bin); err != nil || !strings.HasPrefix(string(bin.Content), "%PDF-1.4") {
				t.Errorf("%s: %s is no PDF: %v", key, value, err)
			}
			seen++
		})
	}
	if seen != 4 {
		t.Errorf("%d attachments, want 4", seen)
	}
}

func TestNoPlaceholderIsLeft(t *testing.T) {
	for _, dir := range dirs() {
		for key, r := range load(t, dir) {
			if strings.Contains(string(r.raw), "${") {
				t.Errorf("%s: %s has a placeholder that Fill does not know", dir, key)
			}
		}
	}
}

var ownOID = regexp.MustCompile(`^urn:oid:2\.16\.840\.1\.113883\.2\.4\.3\.11\.999\.7\.`)

func TestIdentifiersAreOursAndTheOnlyBSNIsThePlantedOne(t *testing.T) {
	public := []string{
		"http://fhir.nl/fhir/NamingSystem/bsn", "http://fhir.nl/fhir/NamingSystem/agb-z", "http://fhir.nl/fhir/NamingSystem/ura",
		"http://fhir.nl/fhir/NamingSystem/uzi-nr-pers", "http://fhir.nl/fhir/NamingSystem/uzovi", "urn:ietf:rfc:3986",
	}
	var bsn []string
	for _, dir := range dirs() {
		for key, r := range load(t, dir) {
			list, ok := r.tree["identifier"].([]any)
			if !ok {
				list = []any{r.tree["identifier"]}
			}
			for _, item := range list {
				id, _ := item.(map[string]any)
				system, _ := id["system"].(string)
				if id != nil && !ownOID.MatchString(system) && !slices.Contains(public, system) {
					t.Errorf("%s: %s has an identifier of somebody else's system %q", dir, key, system)
				}
				if value, ok := id["value"].(string); ok && strings.HasSuffix(system, "/bsn") {
					bsn = append(bsn, value)
				}
			}
		}
	}
	if !slices.Equal(bsn, []string{"999990482"}) {
		t.Errorf("BSN values %v, want the planted one only", bsn)
	}
}

func TestDecimalsKeepTheirDigits(t *testing.T) {
	for dir, key := range map[string]string{"anna/hospital": "Observation/nz-lab-2077-k", "anna/gp": "Observation/delinde-k-015"} {
		if r := load(t, dir)[key]; !regexp.MustCompile(`"value":\s*5\.10\b`).Match(r.raw) {
			t.Errorf("%s: %s lost the last digit of 5.10", dir, key)
		}
	}
}

func TestExpectationsNameResourcesThatAreThere(t *testing.T) {
	expected, err := testdata.Expectations("anna")
	if err != nil {
		t.Fatal(err)
	}
	dir := map[string]string{}
	for _, provider := range testdata.People()[0].Providers {
		for _, s := range provider.Services {
			dir[provider.Name+" "+s.ID] = s.Dir
		}
	}
	outcomes := []string{"merged", "grouped", "single", "unread"}
	seen := map[string]bool{}
	for _, e := range expected {
		if seen[e.ID] || e.What == "" || e.Subject == "" || !slices.Contains(outcomes, e.Outcome) || len(e.Rows) == 0 {
			t.Errorf("expectation %q is incomplete or there twice", e.ID)
		}
		seen[e.ID] = true
		for _, row := range e.Rows {
			if row.Section == "" && e.Outcome != "unread" {
				t.Errorf("expectation %q has a row without a section", e.ID)
			}
			for _, p := range row.Parts {
				if _, ok := load(t, dir[p.Provider+" "+p.Service])[p.Type+"/"+p.ID]; !ok {
					t.Errorf("expectation %q names %s of %s %s, which is not there", e.ID, p.Type+"/"+p.ID, p.Provider, p.Service)
				}
			}
		}
	}
	if len(expected) < 25 {
		t.Errorf("%d expectations, want at least 25", len(expected))
	}
}

func TestExpectationsAreInTheReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	expected, _ := testdata.Expectations("anna")
	for _, e := range expected {
		if !strings.Contains(string(readme), "`"+e.ID+"`") {
			t.Errorf("README.md does not speak of %s", e.ID)
		}
	}
}

func TestExpectationsOfNobody(t *testing.T) {
	if _, err := testdata.Expectations("bram"); err == nil {
		t.Error("no error for a person without expectations")
	}
	if _, err := testdata.Resources("nobody", at); err == nil {
		t.Error("no error for a folder that is not there")
	}
}

func TestFill(t *testing.T) {
	for in, want := range map[string]string{
		"${DATE, T, D, -30}":                "2026-05-02",
		"${DATE,T,d,+1}T10:00:00+02:00":     "2026-06-02T10:00:00+02:00",
		"${DATE, T, D, + 5}":                "2026-06-06",
		"${DATE, T, M, -1}":                 "2026-05-01",
		"${DATE, T, Y, 2}":                  "2028-06-01",
		"${DATETIME, T, D, 0}":              "2026-06-01T12:00:00Z",
		"${CURRENTDATE}":                    "2026-06-01",
		"${CURRENTDATE, M, -14}":            "2025-04-01",
		"${CURRENTDATETIME}":                "2026-06-01T12:00:00Z",
		"${UUID} and ${DATE, X, D, 1}":      "${UUID} and ${DATE, X, D, 1}",
		"${DATE, T, D, 999999999999999999}": "${DATE, T, D, 999999999999999999}",
	} {
		if got := string(testdata.Fill([]byte(in), at)); got != want {
			t.Errorf("Fill(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestFillStaysInAShortMonth(t *testing.T) {
	last := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	if got := string(testdata.Fill([]byte("${DATE, T, M, 1}"), last)); got != "2026-02-28" {
		t.Errorf("one month after 31 January is %s", got)
	}
}

func FuzzFill(f *testing.F) {
	f.Add([]byte(`{"a":"${DATE, T, D, -1}","b":"${CURRENTDATE}"}`))
	f.Add([]byte(`${DATE, T, D, 99999999999999999999}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		// Dates hold no placeholders, so a second time changes nothing.
		once := testdata.Fill(in, at)
		if twice := testdata.Fill(once, at); string(twice) != string(once) {
			t.Errorf("Fill is not stable on %q", in)
		}
	})
}

func ExampleFill() {
	t := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	fmt.Printf("%s\n", testdata.Fill([]byte(`{"date":"${DATE, T, D, -30}"}`), t))
	// Output: {"date":"2026-05-02"}
}
