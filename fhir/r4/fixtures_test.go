package r4

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// fixtures are resources of the Dutch qualification, which may not be copied;
// the tests that use them are skipped where they are absent.
const fixtures = "../../../shared/fixtures"

// fixture is one resource of the fixtures, and the file it comes from.
type fixture struct {
	file string
	fhir.Resource
}

func allFixtures(t testing.TB, v fhir.Version) []fixture {
	t.Helper()
	var all []fixture
	fsys := os.DirFS(fixtures)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".json" || releaseOf(name) != v {
			return err
		}
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		for r, err := range fhir.ReadAny(bytes.NewReader(raw), v) {
			if err != nil {
				return err
			}
			all = append(all, fixture{name, r})
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(all) == 0 {
		t.Skipf("no shared fixtures in %s", fixtures)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func releaseOf(name string) fhir.Version {
	switch {
	case strings.Contains(name, "Vaccination-Immunization"): // among the STU3 bundles
		return fhir.R4
	case strings.Contains(name, "STU3"), strings.Contains(name, "dvamock"), strings.Contains(name, "zib2017"):
		return fhir.STU3
	}
	return fhir.R4
}

func TestFixturesR4Check(t *testing.T) {
	counts := map[string]int{}
	for _, f := range allFixtures(t, fhir.R4) {
		for _, found := range Check(f.Bytes()) {
			counts[f.file+" "+found.String()]++
		}
	}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		t.Log(counts[k], k)
	}
}

func TestFixturesSTU3Convert(t *testing.T) {
	counts, notes := map[string]int{}, map[string]int{}
	types := map[string]int{}
	for _, f := range allFixtures(t, fhir.STU3) {
		types[f.Type]++
		out, ns, err := Convert(f.Resource)
		if err != nil {
			t.Errorf("%s: %v", f.file, err)
			continue
		}
		for _, n := range ns {
			notes[n.String()]++
		}
		for _, found := range Check(out) {
			counts[f.file+" "+found.String()]++
		}
	}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		t.Log(counts[k], k)
	}
	for _, k := range slices.Sorted(maps.Keys(notes)) {
		t.Log(notes[k], k)
	}
	t.Log(types)
}

// scalars counts the strings, numbers and booleans of a value by their text.
func scalars(v value, counts map[string]int) map[string]int {
	switch v := v.(type) {
	case *object:
		for _, m := range v.members {
			if m.name != "resourceType" {
				scalars(m.value, counts)
			}
		}
	case list:
		for _, item := range v {
			scalars(item, counts)
		}
	case scalar:
		counts[string(v)]++
	}
	return counts
}

func TestScalars(t *testing.T) {
	lost := map[string]int{}
	for _, f := range allFixtures(t, fhir.STU3) {
		out, _, err := Convert(f.Resource)
		if err != nil {
			t.Fatal(err)
		}
		was, _ := parse(f.Bytes())
		now, _ := parse(out)
		have := scalars(now, map[string]int{})
		for s, n := range scalars(was, map[string]int{}) {
			u := text(scalar(s))
			if to, ok := renamedExtensions[u]; ok {
				s = string(str(to))
			} else if u != "" {
				s = string(str(systemName(u)))
			}
			if have[s] < n {
				if len(s) > 80 {
					s = s[:80]
				}
				lost[f.Type+" "+s] += n - have[s]
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(lost)) {
		t.Log(lost[k], k)
	}
}
