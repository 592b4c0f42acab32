package fhir_test

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// TestTwinsGiveEqualReadings writes each resource of the qualification as XML
// and reads it back: a server that sends XML must give the same record as its
// twin that sends JSON.
func TestTwinsGiveEqualReadings(t *testing.T) {
	fixtures := os.DirFS("../../shared/fixtures")
	if _, err := fs.Stat(fixtures, "."); err != nil {
		t.Skip("no shared fixtures here")
	}
	done := 0
	err := fs.WalkDir(fixtures, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".json" {
			return err
		}
		raw, err := fs.ReadFile(fixtures, name)
		if err != nil {
			return err
		}
		v := fhir.R4
		if (strings.Contains(name, "STU3") || strings.Contains(name, "dvamock")) && !strings.Contains(name, "Vaccination-Immunization") {
			v = fhir.STU3
		}
		for r, err := range fhir.ReadAny(bytes.NewReader(raw), v) {
			if err != nil {
				return err
			}
			done += compareTwin(t, name, r)
		}
		return nil
	})
	if err != nil || done < 1000 {
		t.Errorf("%d twins, %v", done, err)
	}
	t.Logf("%d twins give equal readings", done)
}

// compareTwin gives 1 when the resource could be written as XML.
func compareTwin(t *testing.T, name string, r fhir.Resource) int {
	doc, ok := fhir.ToXML(r.Node())
	if !ok {
		return 0
	}
	raw, err := fhir.XMLToJSON(strings.NewReader(doc), r.Version)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return 0
	}
	twin := fhir.Parse(raw, r.Version)
	if strings.HasPrefix(r.ID, "x") {
		twin.Ref = r.Ref // a made-up id comes from the bytes
	}
	a, first := clinical.Read(r)
	b, second := clinical.Read(twin)
	if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(first, second) {
		t.Errorf("%s: the XML of a %s gives another reading, %v, %v", name, r.Type, first, second)
	}
	return 1
}
