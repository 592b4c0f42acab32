package fhir

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// fixtures are resources of the Dutch qualification, which may not be copied;
// the tests that use them are skipped where they are absent.
const fixtures = "../../shared/fixtures"

func fixtureFiles(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	fsys := os.DirFS(fixtures)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".json" {
			return err
		}
		raw, err := fs.ReadFile(fsys, name)
		files[name] = raw
		return err
	})
	if errors.Is(err, fs.ErrNotExist) || len(files) == 0 {
		t.Skipf("no fixtures in %s", fixtures)
	}
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func releaseOf(name string) Version {
	if strings.Contains(name, "Vaccination-Immunization") {
		return R4 // among the STU3 bundles
	}
	if strings.Contains(name, "STU3") || strings.Contains(name, "dvamock") {
		return STU3
	}
	return R4
}

// received gives the resources of a file as they stand, without this package's
// reader: the file itself, or the entries of the Bundle that it is.
func received(t *testing.T, raw []byte) [][]byte {
	t.Helper()
	n, err := parseNode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if n.Str("resourceType") != "Bundle" {
		return [][]byte{bytes.TrimSpace(raw)}
	}
	var all [][]byte
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		tok, err := dec.ReadToken()
		if err != nil {
			return all
		}
		if dec.StackDepth() == 3 && tok.Kind() == '"' && tok.String() == "resource" {
			value, err := dec.ReadValue()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(value[:min(len(value), 60)], []byte(`"OperationOutcome"`)) {
				all = append(all, value.Clone())
			}
		}
	}
}

// anyBSN finds a BSN identifier with a value, or a reference made of one.
var anyBSN = regexp.MustCompile(`(?i)(?:namingsystem/bsn|2\.16\.840\.1\.113883\.2\.4\.6\.3)(?:"\s*,\s*"value"\s*:\s*"?|[./|])[0-9]{8,9}`)

func TestFixturesAreReadWithoutLoss(t *testing.T) {
	total, masked := 0, 0
	for name, raw := range fixtureFiles(t) {
		want := received(t, raw)
		i := 0
		for r, err := range ReadAny(bytes.NewReader(raw), releaseOf(name)) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if i >= len(want) || r.Flaw != "" {
				t.Fatalf("%s: flaw %q, %d resources of %d", name, r.Flaw, i, len(want))
			}
			if r.Masked == 0 && !bytes.Equal(r.Bytes(), want[i]) {
				t.Errorf("%s: the bytes of resource %d differ", name, i)
			}
			if anyBSN.Match(r.Bytes()) || HasBSN(r.Bytes()) {
				t.Errorf("%s: a BSN is left", name)
			}
			i++
			masked += r.Masked
		}
		if total += i; i != len(want) {
			t.Errorf("%s: %d resources, want %d", name, i, len(want))
		}
	}
	t.Logf("%d resources, %d BSN values masked", total, masked)
}

// TestFixturesAnswerEveryQuestion asks what pages ask of whatever there is.
func TestFixturesAnswerEveryQuestion(t *testing.T) {
	names, dosages := 0, 0
	for name, raw := range fixtureFiles(t) {
		for r, err := range ReadAny(bytes.NewReader(raw), releaseOf(name)) {
			if err != nil {
				t.Fatal(err)
			}
			n := r.Node()
			if r.Type == "Patient" {
				if names++; n.Names("name") == "" {
					t.Errorf("%s: a patient without a name", name)
				}
			}
			checkSafe(t, Narrative(n.Str("text", "div")))
			for _, member := range [...]string{"dosageInstruction", "dosage"} {
				d := Dosages(n, member)
				if dosages += len(d.Steps); d.Text() != "" && d.Words("nl") == "" {
					t.Errorf("%s: the instruction is lost", name)
				}
			}
		}
	}
	if names == 0 || dosages == 0 {
		t.Errorf("%d names, %d dosages", names, dosages)
	}
}

// TestFixturesThroughXML writes each resource as XML and expects the same JSON
// value back.
func TestFixturesThroughXML(t *testing.T) {
	done := 0
	for name, raw := range fixtureFiles(t) {
		v := releaseOf(name)
		for r, err := range ReadAny(bytes.NewReader(raw), v) {
			if err != nil {
				t.Fatal(err)
			}
			doc, err := JSONToXML(r.Bytes())
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			out, err := XMLToJSON(bytes.NewReader(doc), v)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got, want := canonical(out), canonical(r.Bytes()); got != want {
				at := 0
				for at < min(len(got), len(want)) && got[at] == want[at] {
					at++
				}
				from := max(0, at-60)
				t.Errorf("%s:\n%s\n%s", name, got[from:min(len(got), at+60)], want[from:min(len(want), at+60)])
			}
			done++
		}
	}
	t.Logf("%d pairs", done)
	if done < 1000 {
		t.Errorf("only %d resources went through XML", done)
	}
}

func canonical(raw []byte) string {
	v := jsontext.Value(bytes.Clone(raw))
	if err := v.Format(jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false), jsontext.ReorderRawObjects(true), jsontext.PreserveRawStrings(false)); err != nil {
		return err.Error()
	}
	return v.String()
}
