package clinical_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// TestTwinsGiveEqualReadings writes each resource of the qualification as XML
// and reads it back: a server that sends XML must give the same record as its
// twin that sends JSON.
func TestTwinsGiveEqualReadings(t *testing.T) {
	done := 0
	for name, resources := range fixtureResources(t) {
		for _, r := range resources {
			doc, err := fhir.JSONToXML(r.Bytes())
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			raw, err := fhir.XMLToJSON(bytes.NewReader(doc), r.Version)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			compareTwin(t, name, r, fhir.Parse(raw, r.Version))
			done++
		}
	}
	t.Logf("%d twins compared", done)
}

func compareTwin(t *testing.T, name string, r, twin fhir.Resource) {
	t.Helper()
	if r.Node().Str("id") == "" {
		twin.Ref = r.Ref // a made-up id comes from the bytes
	}
	a, first := clinical.Read(r)
	b, second := clinical.Read(twin)
	if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(first, second) {
		t.Errorf("%s: the XML of a %s gives another reading, %v, %v", name, r.Type, first, second)
	}
}
