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
	"sync"
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
	all, err := readOnce[v]()
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(all) == 0 {
		t.Skipf("no shared fixtures in %s", fixtures)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var readOnce = map[fhir.Version]func() ([]fixture, error){
	fhir.STU3: sync.OnceValues(func() ([]fixture, error) { return readFixtures(fhir.STU3) }),
	fhir.R4:   sync.OnceValues(func() ([]fixture, error) { return readFixtures(fhir.R4) }),
}

func readFixtures(v fhir.Version) (all []fixture, err error) {
	fsys := os.DirFS(fixtures)
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
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
	return all, err
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

// defects are what the fixtures themselves have wrong, in STU3 as in R4.
var defects = map[string]string{
	"vl-QuestionnaireProvisioningTask-XXX_Vink-PHQ9-minimum.json Task.status: missing":                    "a task without the status that both releases require",
	"PDFA_DocumentReference_06c6e783-3dc1-4236-84b1-3fb1d12e7850.json DocumentReference.status: bad-code": "the mock provider's planted \"preliminary\"",
}

// known counts a finding that is a defect of the fixture.
func known(f fixture, found Finding, seen map[string]bool) bool {
	for defect := range defects {
		if strings.HasSuffix(f.file+" "+found.String(), defect) {
			seen[defect] = true
			return true
		}
	}
	return false
}

func TestFixturesOfR4AreSound(t *testing.T) {
	for _, f := range allFixtures(t, fhir.R4) {
		for _, found := range Check(f.Bytes()) {
			t.Errorf("%s %s", f.file, found)
		}
	}
}

// TestFixturesConvert prints for each type how many there are, how many were
// converted and with how many findings.
func TestFixturesConvert(t *testing.T) {
	type count struct{ all, converted, findings int }
	counts, seen, total := map[string]*count{}, map[string]bool{}, count{}
	for _, f := range allFixtures(t, fhir.STU3) {
		c := counts[f.Type]
		if c == nil {
			c = &count{}
			counts[f.Type] = c
		}
		c.all++
		total.all++
		out, notes, err := Convert(f.Resource)
		if err != nil {
			t.Errorf("%s: %v", f.file, err)
			continue
		}
		c.converted++
		for _, n := range notes {
			if n.Change == Left || n.Change == General {
				t.Errorf("%s: %s", f.file, n)
			}
		}
		for _, found := range Check(out) {
			c.findings++
			if !known(f, found, seen) {
				t.Errorf("%s: %s", f.file, found)
			}
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(counts)) {
		c := counts[typ]
		t.Logf("%-27s %4d, converted %4d, findings %d", typ, c.all, c.converted, c.findings)
	}
	if t.Logf("%d resources of %d types", total.all, len(counts)); total.all < 1000 || len(seen) != len(defects) {
		t.Errorf("%d resources, defects %v", total.all, seen)
	}
}

// TestFixturesLoseNothing expects every string, number and boolean of the
// original in the result as often, under the names of R4.
func TestFixturesLoseNothing(t *testing.T) {
	for _, f := range allFixtures(t, fhir.STU3) {
		out, _, err := Convert(f.Resource)
		if err != nil {
			t.Fatal(err)
		}
		was, now := mustParse(t, f.Bytes()), mustParse(t, out)
		prune(was)
		have := scalars(now, map[string]int{})
		for s, n := range scalars(was, map[string]int{}) {
			if name := inR4(s); max(have[name], have[s]) < n && !goesByRule(s) {
				t.Errorf("%s: %d of %d left of %s", f.file, have[name], n, name)
			}
		}
	}
}

func mustParse(t *testing.T, raw []byte) *object {
	t.Helper()
	o, err := parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// prune takes out what a conversion says once where the original does twice:
// the words of a role that are those of the reference, and of an intent.
func prune(v value) {
	for _, o := range objects(v) {
		for _, e := range objects(o.get("extension")) {
			if role, ok := e.get("valueReference").(*object); ok && e.text("url") == zib+"practitionerrole-reference" && role.text("display") == o.text("display") {
				role.take("display")
			}
		}
		if intent, ok := o.get("intent").(*object); ok {
			for _, coding := range objects(intent.get("coding")) {
				coding.take("system")
				coding.take("display")
			}
		}
		for _, m := range o.members {
			prune(m.value)
		}
	}
}

// inR4 is a string as R4 names it.
func inR4(s string) string {
	was := text(scalar(s))
	if to, ok := renamedExtensions[was]; ok {
		return string(str(to))
	}
	if was == "" {
		return s
	}
	return string(str(URL(systemName(was))))
}

// goesByRule: what says only where something stands, and stands elsewhere now.
func goesByRule(s string) bool {
	switch text(scalar(s)) {
	case zib + "practitionerrole-reference", zib + "zib-ContactInformation-TelecomType", // on the reference, on the system
		zib + "code-specification",                                                    // a coding
		zib + "observation-focusSTU3", zib + "deviceUseStatement-reasonReferenceSTU3", // elements
		zib + "eAfspraak-Appointment-PatientInstructions",
		zib + "zib-MedicationAgreement-BasedOnAgreementOrUse",
		"has-member", "derived-from":
		return true
	}
	return s == "false" // notGiven and notDone
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

// TestFixturesMutants drops each required element of the first resource of
// each type, gives each element another name and makes each list one value and
// each value a list: every change is found.
func TestFixturesMutants(t *testing.T) {
	done, mutants := map[string]bool{}, 0
	for _, f := range allFixtures(t, fhir.R4) {
		if done[f.Type] {
			continue
		}
		done[f.Type] = true
		o := mustParse(t, f.Bytes())
		for i, m := range o.members {
			e, ok := tableR4().find(f.Type, m.name)
			if !ok {
				continue
			}
			expect := func(want string, mutant *object) {
				mutants++
				found := Check(marshal(mutant))
				if !slices.ContainsFunc(found, func(got Finding) bool { return got.String() == f.Type+"."+want }) {
					t.Errorf("%s: %s: %v", f.Type, want, found)
				}
			}
			with := func(m member) *object {
				mutant := clone(o).(*object)
				mutant.members[i] = m
				return mutant
			}
			expect(m.name+"X: unknown", with(member{m.name + "X", m.value}))
			if e.repeats {
				expect(m.name+": not-a-list", with(member{m.name, items(m.value)[0]}))
			} else {
				expect(m.name+": not-one", with(member{m.name, list{m.value}}))
			}
			if slices.Contains(tableR4()[f.Type].required, m.name) {
				mutant := clone(o).(*object)
				mutant.take(m.name)
				mutant.take("_" + m.name)
				expect(m.name+": missing", mutant)
			}
		}
	}
	if t.Logf("%d mutants of %d types", mutants, len(done)); mutants < 500 {
		t.Errorf("only %d mutants", mutants)
	}
}
