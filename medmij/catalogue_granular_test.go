package medmij

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// rowOfSpec is a row of the catalogue that has a number, or a range of them.
var rowOfSpec = regexp.MustCompile(`^\| ([0-9]+)(?: -([0-9]+))? \|.*\| (STU3|R4) \|.*\| (verzamelen|\*?\*?delen)`)

// TestEveryRowOfTheSpecIsInTheTable reads the catalogue of data-services.md 1
// and expects each number in the table, in the release and direction it has
// there. Ranges may have holes that 1.15 leaves.
func TestEveryRowOfTheSpecIsInTheTable(t *testing.T) {
	holes := []string{"900000408"}
	spec := string(shared(t, "spec", "data-services.md"))
	_, section, _ := strings.Cut(spec, "## 1. Catalogue")
	section, _, _ = strings.Cut(section, "### 1.1 ")
	rows := 0
	for line := range strings.Lines(section) {
		m := rowOfSpec.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, id := range idsInRow(t, m[1], m[2]) {
			if slices.Contains(holes, id) {
				continue
			}
			rows++
			s, ok := ServiceByID(id)
			share := strings.HasSuffix(m[4], "delen")
			if !ok || s.Version.String() != m[3] || (s.Direction == Share) != share {
				t.Errorf("%s: %+v", id, s)
			}
		}
	}
	if rows < 40 {
		t.Errorf("only %d rows were found", rows)
	}
}

// idsInRow gives the numbers of a row, which may be a range such as
// "900000101 -111".
func idsInRow(t *testing.T, from, to string) []string {
	if to == "" {
		return []string{from}
	}
	last := from[:len(from)-len(to)] + to
	a, err := strconv.Atoi(from)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for id := from; id <= last; id = strconv.Itoa(a) {
		ids = append(ids, id)
		a++
	}
	return ids
}

// TestGranularServicesAskOneThing: one query each, of known profiles, no service
// twice.
func TestGranularServicesAskOneThing(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range granular() {
		if len(s.Queries) != 1 || len(s.Queries[0].Profiles) == 0 || seen[s.ID] || len(s.ID) < 7 {
			t.Errorf("%+v", s)
		}
		seen[s.ID] = true
		if !fhir.Version.HasType(s.Version, s.Queries[0].Type()) {
			t.Errorf("%s asks %s, which %v does not have", s.ID, s.Queries[0].Type(), s.Version)
		}
	}
	if s, ok := ServiceByID("900000411"); !ok || s.Queries[0].Path != "Observation?code=http://snomed.info/sct|422834003" {
		t.Errorf("%+v", s)
	}
}
