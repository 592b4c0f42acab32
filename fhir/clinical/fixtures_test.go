package clinical_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// fixtures are resources of the Dutch qualification, which may not be copied;
// the tests that use them are skipped where they are absent.
const fixtures = "../../../shared/fixtures"

// fixtureResources gives every resource with the file it is in, those of a
// Bundle one by one.
func fixtureResources(t testing.TB) map[string][]fhir.Resource {
	t.Helper()
	all := map[string][]fhir.Resource{}
	fsys := os.DirFS(fixtures)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".json" {
			return err
		}
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		for r, err := range fhir.ReadAny(bytes.NewReader(raw), releaseOf(name)) {
			if err != nil {
				return err
			}
			all[name] = append(all[name], r)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no shared fixtures in %s", fixtures)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func releaseOf(name string) fhir.Version {
	if strings.Contains(name, "Vaccination-Immunization") {
		return fhir.R4 // among the STU3 bundles
	}
	if strings.Contains(name, "STU3") || strings.Contains(name, "dvamock") {
		return fhir.STU3
	}
	return fhir.R4
}

// row is one line of the figures.
type row struct {
	resources, full, warned, none int
	kinds                         map[clinical.Kind]int
	unread, beside                map[string]int
}

// TestFixtureFigures reads every resource of the qualification. Each gives a
// reading or the reason why there is none, and at most 2 % of the readings
// have something that was not understood.
func TestFixtureFigures(t *testing.T) {
	rows := map[string]*row{}
	var total row
	beside := map[string]int{}
	for name, resources := range fixtureResources(t) {
		for _, r := range resources {
			key := r.Version.String() + " " + r.Type
			if rows[key] == nil {
				rows[key] = &row{kinds: map[clinical.Kind]int{}, unread: map[string]int{}, beside: map[string]int{}}
			}
			tally(t, name, r, rows[key], &total)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		x := rows[key]
		for url, n := range x.beside {
			beside[url] += n
		}
		t.Logf("%-32s %5d read, %5d full, %3d with warnings %v, %3d not understood; no field for %v",
			key, x.resources, x.full, x.warned, words(x.kinds), x.none, words(x.unread))
	}
	t.Logf("extensions without a field: %v", words(beside))
	t.Logf("all: %d resources, %d full, %d with warnings, %d not understood", total.resources, total.full, total.warned, total.none)
	if read := total.full + total.warned; total.warned*100 > read*2 {
		t.Errorf("%d of %d readings have warnings", total.warned, read)
	}
}

func tally(t *testing.T, name string, r fhir.Resource, x, total *row) {
	value, warnings := clinical.Read(r)
	x.resources++
	total.resources++
	switch {
	case value == nil && len(warnings) == 0:
		t.Errorf("%s: a %s was dropped", name, r.Type)
	case value == nil:
		x.none++
		total.none++
	case len(warnings) == 0:
		x.full++
		total.full++
	default:
		x.warned++
		total.warned++
	}
	seen := map[clinical.Kind]bool{}
	for _, w := range warnings {
		if !seen[w.Kind] {
			x.kinds[w.Kind]++
			seen[w.Kind] = true
		}
		if value != nil && testing.Verbose() {
			t.Logf("%s: %s %s", path.Base(name), w.Kind, w.Path)
		}
	}
	if value != nil {
		for _, url := range value.Common().Beside {
			x.beside[path.Base(url)]++
		}
		for _, element := range value.Common().Unread {
			x.unread[element]++
			t.Errorf("%s: no field for %s.%s", name, r.Type, element)
		}
	}
}

func words[K cmp.Ordered](m map[K]int) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, " %v=%d", k, m[k])
	}
	return strings.TrimSpace(b.String())
}
